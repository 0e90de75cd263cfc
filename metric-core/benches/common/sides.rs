//! The two sides: a fleet of vehicles reported by a family, and the same fleet by hand.

use std::sync::Arc;

use metric_core::{DropReason, Dropped, Family, Member};
use opentelemetry::metrics::Meter;
use opentelemetry::{KeyValue, StringValue};

use crate::by_hand::{self, ByHandMember};
use crate::vehicle::Vehicle;

/// A fleet whose instruments are on a meter.
pub(crate) trait Fleet {
    /// Sets the member `index`.
    fn set(&self, index: usize, vehicle: Vehicle);

    fn len(&self) -> usize;

    /// Asserts that nothing was dropped that should have been reported.
    fn check(&self) {}

    /// Sets all members anew.
    fn set_all(&self, seed: u64) {
        for index in 0..self.len() {
            self.set(index, Vehicle::sample(seed + index as u64));
        }
    }
}

pub(crate) struct ByFamily {
    pub(crate) family: Family<Vehicle>,
    pub(crate) members: Vec<Member<Vehicle>>,
}

impl ByFamily {
    pub(crate) fn new(members: usize, meter: &Meter) -> Self {
        let family = Family::with_capacity(members);
        family.register(meter).expect("a fresh meter");
        let members = (0..members).map(|index| family.member(attributes(index)));
        let members = members.collect();
        ByFamily { family, members }
    }
}

impl Fleet for ByFamily {
    fn set(&self, index: usize, vehicle: Vehicle) {
        self.members[index].set(vehicle);
    }

    fn len(&self) -> usize {
        self.members.len()
    }

    fn check(&self) {
        // The view is not the family's own, so it believes in the SDK's usual limit.
        let over_limit = |dropped: &Dropped| dropped.reason == DropReason::OverLimit;
        assert!(
            self.family.dropped().iter().all(over_limit),
            "{:?}",
            self.family
        );
    }
}

pub(crate) struct ByHand {
    members: Vec<Arc<ByHandMember>>,
}

impl ByHand {
    /// As fast as we know: the texts of the attributes are counted, since the SDK clones them for
    /// every point.
    pub(crate) fn new(members: usize, meter: &Meter) -> Self {
        Self::with(members, meter, counted_attributes)
    }

    /// As it is usually written: the texts of the attributes are `String`s.
    pub(crate) fn as_usual(members: usize, meter: &Meter) -> Self {
        Self::with(members, meter, attributes)
    }

    fn with(members: usize, meter: &Meter, attributes: fn(usize) -> Vec<KeyValue>) -> Self {
        let members = (0..members).map(|index| ByHandMember::new(attributes(index)));
        let members: Vec<_> = members.collect();
        by_hand::register(meter, members.clone());
        ByHand { members }
    }
}

impl Fleet for ByHand {
    fn set(&self, index: usize, vehicle: Vehicle) {
        self.members[index].set(vehicle);
    }

    fn len(&self) -> usize {
        self.members.len()
    }
}

/// Sorted by key, which is what the SDK finds fastest.
pub(crate) fn attributes(index: usize) -> Vec<KeyValue> {
    let [id, vin] = texts(index);
    vec![KeyValue::new("vehicle_id", id), KeyValue::new("vin", vin)]
}

fn counted_attributes(index: usize) -> Vec<KeyValue> {
    let [id, vin] = texts(index).map(|text| StringValue::from(Arc::<str>::from(text)));
    vec![KeyValue::new("vehicle_id", id), KeyValue::new("vin", vin)]
}

fn texts(index: usize) -> [String; 2] {
    [format!("vehicle {index}"), format!("5YJ3E1EA7KF{index:06}")]
}
