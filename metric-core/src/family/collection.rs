//! One collection: every member is looked at once, into a column per metric, and the callbacks
//! report their columns.

use std::collections::HashSet;
use std::sync::Arc;

use opentelemetry::metrics::AsyncInstrument;

use super::dropped::{DropReason, Drops};
use super::sets::{Place, SetId, Sets};
use super::slots::{Slot, Slots};
use crate::number::{Number, Representation};
use crate::panics::caught;
use crate::schema::STATE;
use crate::{
    Attribute, AttributeValue, Kind, Measurement, MetricCollector, Observer, Schema, Shape,
};

/// What a collection needs to know of a metric.
#[derive(Debug)]
pub(crate) struct Plan {
    representation: Representation,
    states: &'static [&'static str],
    /// How many series the SDK lets through.
    limit: usize,
    /// Whether the SDK keeps the place of a series that has gone until the collection ends, as it
    /// does for gauges.
    keeps_places: bool,
}

impl Plan {
    /// The plans of all metrics. `limit` is that of a metric whose members report one point each.
    pub(crate) fn of(schema: &'static Schema, limit: impl Fn(usize) -> usize) -> Box<[Plan]> {
        let plan = |index| {
            let metric = schema.metric(index)?;
            let states = match metric.shape() {
                Shape::States(states) => states,
                _ => &[],
            };
            Some(Plan {
                representation: Representation::of(metric),
                states,
                limit: limit(states.len().max(1)),
                keeps_places: matches!(metric.kind(), Kind::Gauge),
            })
        };
        (0..schema.len()).filter_map(plan).collect()
    }
}

/// A value and where its attributes are.
#[derive(Clone, Copy, Debug)]
struct Point {
    set: SetId,
    bits: u64,
}

/// The state of one reader's collections.
#[derive(Debug)]
pub(crate) struct Collection {
    plans: Arc<[Plan]>,
    columns: Box<[Vec<Point>]>,
    /// The columns of the collection before.
    previous: Box<[Vec<Point>]>,
    sets: Sets,
    /// Reused to find series again.
    seen: HashSet<u64>,
    /// The groups around the one that is being visited.
    frames: Vec<Frame>,
    /// A metric was reported twice with the same attributes.
    repeated: bool,
}

/// A group that is being visited: the index of its first metric, and its attributes.
#[derive(Clone, Copy, Debug)]
struct Frame {
    offset: usize,
    set: SetId,
}

impl Collection {
    pub(crate) fn new(plans: Arc<[Plan]>) -> Self {
        Collection {
            columns: plans.iter().map(|_| Vec::new()).collect(),
            previous: plans.iter().map(|_| Vec::new()).collect(),
            seen: HashSet::new(),
            plans,
            sets: Sets::default(),
            frames: Vec::new(),
            repeated: false,
        }
    }

    /// Looks at every member once.
    pub(crate) fn visit<T: MetricCollector>(&mut self, slots: &Slots<T>, drops: &Drops) {
        std::mem::swap(&mut self.columns, &mut self.previous);
        for column in &mut self.columns {
            column.clear();
        }
        self.sets.begin();
        for (index, slot) in slots.iter().enumerate() {
            // The outer one for what a user's `Drop` throws: the last owner of a snapshot that is
            // replaced in this moment may be this thread.
            if caught(|| self.visit_slot(index, slot, drops)).is_none() {
                drops.count_member(DropReason::Panicked);
            }
        }
        if self.sets.end() || self.repeated {
            self.leave_out_duplicates(drops);
        }
        self.repeated = false;
        self.check_limits(drops);
    }

    fn visit_slot<T: MetricCollector>(&mut self, index: usize, slot: &Slot<T>, drops: &Drops) {
        let snapshot = slot.snapshot.load();
        let Some(snapshot) = snapshot.as_deref() else {
            self.sets.leave_empty(index);
            return;
        };
        let member = snapshot.member;
        let attributes = || slot.attributes_of(member);
        let Some(set) = self.sets.enter_slot(index, member, attributes) else {
            return;
        };
        self.frames.clear();
        let mut visit = Visit {
            collection: self,
            drops,
            frame: Frame { offset: 0, set },
        };
        if caught(|| snapshot.value.observe(&mut visit)).is_none() {
            drops.count_member(DropReason::Panicked);
        }
        self.sets.exit_slot();
    }

    /// Keeps the first point of each series. The SDK would keep the last one without a word.
    fn leave_out_duplicates(&mut self, drops: &Drops) {
        let Collection {
            columns,
            sets,
            seen,
            ..
        } = self;
        for (index, column) in columns.iter_mut().enumerate() {
            seen.clear();
            let before = column.len();
            column.retain(|point| seen.insert(sets.get(point.set).series));
            if column.len() < before {
                drops.count(index, DropReason::Duplicate, before - column.len());
            }
        }
    }

    /// Counts what the SDK will put into its overflow series.
    fn check_limits(&mut self, drops: &Drops) {
        let Collection {
            plans,
            columns,
            previous,
            sets,
            seen,
            ..
        } = self;
        for (index, (column, previous)) in columns.iter().zip(previous).enumerate() {
            let plan = &plans[index];
            let held = if plan.keeps_places { previous.len() } else { 0 };
            // By far the most are far below, and need no look at each point.
            if column.len() + held.min(plan.limit) <= plan.limit {
                continue;
            }
            seen.clear();
            seen.extend(places(sets, column));
            let now = seen.len();
            let gone = places(sets, &previous[..held]).filter(|series| !seen.contains(series));
            let taken = now + gone.take(plan.limit).count();
            let excess = taken.saturating_sub(plan.limit).min(now);
            if excess > 0 {
                drops.count(index, DropReason::OverLimit, excess);
            }
        }
    }

    /// Reports the column of the metric `index`.
    pub(crate) fn report<N: FromBits>(&self, index: usize, instrument: &dyn AsyncInstrument<N>) {
        for point in &self.columns[index] {
            let attributes = &self.sets.get(point.set).attributes;
            instrument.observe(N::from_bits(point.bits), attributes);
        }
    }
}

/// The series of the points that take a place in the SDK: one without attributes takes none.
fn places<'a>(sets: &'a Sets, column: &'a [Point]) -> impl Iterator<Item = u64> {
    let sets = column.iter().map(|point| sets.get(point.set));
    sets.filter(|set| !set.is_bare).map(|set| set.series)
}

/// The number types of instruments, as columns store them.
pub(crate) trait FromBits {
    fn from_bits(bits: u64) -> Self;
}

impl FromBits for u64 {
    #[inline]
    fn from_bits(bits: u64) -> Self {
        bits
    }
}

impl FromBits for i64 {
    #[inline]
    fn from_bits(bits: u64) -> Self {
        bits.cast_signed()
    }
}

impl FromBits for f64 {
    #[inline]
    fn from_bits(bits: u64) -> Self {
        f64::from_bits(bits)
    }
}

/// The observer that fills the columns from one member.
struct Visit<'a> {
    collection: &'a mut Collection,
    drops: &'a Drops,
    /// The group that is being visited.
    frame: Frame,
}

impl Visit<'_> {
    fn resolve(&mut self, place: Place, own: &[Attribute<'_>]) -> SetId {
        let drops = self.drops;
        let conflict = || drops.count_member(DropReason::AttributeConflict);
        let sets = &mut self.collection.sets;
        sets.resolve(self.frame.set, place, own, conflict)
    }

    #[inline]
    fn push(&mut self, index: usize, set: SetId, number: Number) {
        let bits = number.to_bits();
        let column = &mut self.collection.columns[index];
        self.collection.repeated |= column.last().is_some_and(|last| last.set == set);
        column.push(Point { set, bits });
    }

    /// A point per state, 1 for the present one.
    fn states(&mut self, index: usize, present: usize) {
        let states = self.collection.plans[index].states;
        if present >= states.len() {
            self.drops.count(index, DropReason::OutOfRange, 1);
            return;
        }
        for (state, name) in states.iter().enumerate() {
            let own = Attribute::constant(STATE, AttributeValue::Str(name));
            let set = self.resolve(Place::Metric(index), &[own]);
            self.push(index, set, Number::U64(u64::from(state == present)));
        }
    }
}

impl Observer for Visit<'_> {
    fn attributes(&mut self, attributes: &[Attribute<'_>]) {
        self.frame.set = self.resolve(Place::Group(self.frame.offset), attributes);
    }

    #[inline]
    fn metric(&mut self, index: usize, measurement: Measurement) {
        let index = self.frame.offset + index;
        let Some(plan) = self.collection.plans.get(index) else {
            // A hand-written visitor reports more than its schema has.
            self.drops.count(index, DropReason::OutOfRange, 1);
            return;
        };
        if let Measurement::State(present) = measurement {
            return self.states(index, present);
        }
        match plan.representation.number(measurement) {
            Ok(Some(number)) => self.push(index, self.frame.set, number),
            Ok(None) => {}
            Err(reason) => self.drops.count(index, reason, 1),
        }
    }

    fn info(&mut self, index: usize, attributes: &[Attribute<'_>]) {
        let index = self.frame.offset + index;
        if attributes.iter().all(|attribute| attribute.value.is_none()) {
            return;
        }
        let Some(plan) = self.collection.plans.get(index) else {
            self.drops.count(index, DropReason::OutOfRange, 1);
            return;
        };
        match plan.representation.number(Measurement::U64(1)) {
            Ok(Some(one)) => {
                let set = self.resolve(Place::Metric(index), attributes);
                self.push(index, set, one);
            }
            Ok(None) => {}
            Err(reason) => self.drops.count(index, reason, 1),
        }
    }

    fn enter(&mut self, offset: usize, key: Option<Attribute<'_>>) {
        let offset = self.frame.offset + offset;
        let set = match key {
            Some(key) => self.resolve(Place::Key(offset), &[key]),
            None => self.frame.set,
        };
        self.collection.frames.push(self.frame);
        self.frame = Frame { offset, set };
    }

    fn exit(&mut self) {
        // A hand-written visitor that leaves more often than it enters stays in its outermost group.
        if let Some(frame) = self.collection.frames.pop() {
            self.frame = frame;
        }
    }
}
