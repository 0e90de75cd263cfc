//! Families: all live instances of one collector type, and the instruments that report them.

mod collection;
mod dropped;
mod register;
mod registration;
mod sets;
mod slots;
#[cfg(feature = "sdk")]
mod view;

use std::fmt;
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

pub use self::dropped::{DropReason, Dropped};
pub use self::register::RegisterError;

use self::dropped::Drops;
use self::slots::{Identity, Slots, Snapshot};
use crate::MetricCollector;

/// How many series of an instrument the SDK lets through unless a view raises it.
const SDK_LIMIT: usize = 2000;

/// All live instances of one collector type, and the instruments that report them.
///
/// There is one instrument per metric, however many [`Member`]s come and go. Cloning a family
/// gives another handle to the same one.
///
/// ```
/// use metric_core::opentelemetry::KeyValue;
/// use metric_core::opentelemetry::metrics::MeterProvider;
/// use metric_core::{Family, MetricCollector};
/// use opentelemetry_sdk::metrics::SdkMeterProvider;
///
/// #[derive(Clone, Debug, Default, MetricCollector)]
/// struct Queue {
///     /// How many jobs wait.
///     #[metric(unit = "{job}")]
///     depth: Option<u64>,
/// }
///
/// let provider = SdkMeterProvider::builder()
///     .with_periodic_exporter(opentelemetry_stdout::MetricExporter::default())
///     .build();
/// let family = Family::<Queue>::new();
/// family.register(&provider.meter("jobs"))?;
///
/// let mails = family.member([KeyValue::new("queue", "mails")]);
/// mails.set(Queue { depth: Some(3) }); // reported from now on
/// mails.update(|queue| queue.depth = Some(4));
/// mails.clear(); // reported no more until the next `set`
/// drop(mails); // its series end
/// # Ok::<(), metric_core::RegisterError>(())
/// ```
pub struct Family<T> {
    shared: Arc<Shared<T>>,
}

/// What a family, its members and its registrations share.
pub(crate) struct Shared<T> {
    slots: Slots<T>,
    drops: Arc<Drops>,
    capacity: usize,
}

impl<T> Shared<T> {
    /// How many series of a metric with so many points per member the SDK lets through.
    /// `raised`: the family's view is in force.
    fn limit(&self, points: usize, raised: bool) -> usize {
        if raised {
            self.view_limit(points)
        } else {
            SDK_LIMIT
        }
    }

    /// The limit that the family's view sets. Twice the capacity: when members are replaced, the
    /// SDK still holds the places of those who left until a collection has ended.
    fn view_limit(&self, points: usize) -> usize {
        let limit = self.capacity.saturating_mul(2).saturating_mul(points);
        // The SDK adds to it, and refuses 0.
        limit.clamp(1, u32::MAX as usize)
    }
}

// The bounds stand on the functions: on the block, the compiler would only say that `Family::new`
// does not exist, instead of what is missing.
impl<T> Family<T> {
    /// A family of as many members as the SDK's default cardinality limit allows: 2,000 series
    /// per metric. Larger ones: [`with_capacity`](Self::with_capacity).
    pub fn new() -> Self
    where
        T: MetricCollector + Send + Sync + 'static,
    {
        const { T::SCHEMA.check() };
        Self::of_capacity(SDK_LIMIT)
    }

    /// A family for `capacity` series per metric (or per state of a state metric): its members,
    /// times the entries of a `flatten(key = …)` where there is one.
    ///
    /// More than 2,000 series of any metric, all states counted, need a view on the provider, which
    /// `Family::view` (feature `sdk`) makes. For fewer it is worth it, too: the SDK then sets aside
    /// memory for what is declared, and collects faster.
    ///
    /// ```
    /// # #[cfg(feature = "sdk")] {
    /// use metric_core::opentelemetry::metrics::MeterProvider;
    /// use metric_core::{Family, MetricCollector};
    /// use opentelemetry_sdk::metrics::SdkMeterProvider;
    ///
    /// #[derive(MetricCollector)]
    /// struct Session {
    ///     #[metric(unit = "s")]
    ///     age: f64,
    /// }
    ///
    /// let family = Family::<Session>::with_capacity(100_000);
    /// let provider = SdkMeterProvider::builder()
    ///     .with_periodic_exporter(opentelemetry_stdout::MetricExporter::default())
    ///     .with_view(family.view())
    ///     .build();
    /// family.register(&provider.meter("sessions")).expect("a fresh meter");
    /// # }
    /// ```
    ///
    /// Add it before any other view that matches these instruments: of several, the SDK takes the
    /// limit of the first. In a view of your own that sets the limit, call the family's, too: that
    /// is how the family knows that the limit is raised.
    ///
    /// What passes the limit is counted ([`DropReason::OverLimit`]) and, once, logged.
    pub fn with_capacity(capacity: usize) -> Self
    where
        T: MetricCollector + Send + Sync + 'static,
    {
        // Also for schemas that were written by hand: a compile error rather than a metric that
        // the SDK refuses without a word. Here as in `new`, and not in what both call, so that the
        // compiler points at the user's call.
        const { T::SCHEMA.check() };
        Self::of_capacity(capacity)
    }

    fn of_capacity(capacity: usize) -> Self
    where
        T: MetricCollector,
    {
        Family {
            shared: Arc::new(Shared {
                slots: Slots::new(),
                drops: Arc::new(Drops::new(T::SCHEMA)),
                capacity,
            }),
        }
    }

    /// Registers the instruments on `meter`: one per metric, whose callbacks report all members.
    ///
    /// A family can be registered on several meters, one per provider: each reader should have a
    /// provider of its own, since with two readers on one provider the SDK exports a value that
    /// has gone once more to one of them.
    ///
    /// # Errors
    ///
    /// If the SDK would ignore the instruments or keep two streams of one name. Nothing is
    /// registered then.
    pub fn register(&self, meter: &Meter) -> Result<(), RegisterError>
    where
        T: MetricCollector + Send + Sync + 'static,
    {
        register::register(&self.shared, meter)
    }

    /// Adds a live instance, which reports nothing until its first [`set`](Member::set).
    ///
    /// Its series carry `attributes`, of which the last counts if a key is given twice. Members
    /// should differ in them: of two that report the same series, one is left out and counted
    /// ([`DropReason::Duplicate`]).
    ///
    /// Keep the member for as long as it is to be reported: `family.member([…]).set(…)` drops it at
    /// once.
    pub fn member(&self, attributes: impl IntoIterator<Item = KeyValue>) -> Member<T> {
        let member = Member {
            identity: Arc::new(Identity::new(attributes)),
            slot: self.shared.slots.take(),
            family: Arc::clone(&self.shared),
        };
        member.slot().assign(&member.identity);
        member
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.shared.slots.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of series per metric that the family was made for.
    pub fn capacity(&self) -> usize {
        self.shared.capacity
    }

    /// What made no point since the family was made, and why. Empty if all is well.
    ///
    /// Values are counted at every collection in which they were not reported.
    pub fn dropped(&self) -> Vec<Dropped> {
        self.shared.drops.list()
    }
}

impl<T: MetricCollector + Send + Sync + 'static> Default for Family<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Family<T> {
    fn clone(&self) -> Self {
        Family {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T> fmt::Debug for Family<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family")
            .field("collector", &std::any::type_name::<T>())
            .field("members", &self.len())
            .field("capacity", &self.capacity())
            .field("dropped", &self.dropped())
            .finish()
    }
}

/// A live instance of a [`Family`]: its attributes and its latest snapshot.
///
/// All metrics of a member in one collection come from one snapshot. Setting takes no lock and
/// never waits for a collection. When the member is dropped, its series end.
#[must_use = "a member that is dropped reports nothing"]
pub struct Member<T> {
    family: Arc<Shared<T>>,
    identity: Arc<Identity>,
    slot: usize,
}

impl<T> Member<T> {
    /// Reports `value` from the next collection on, until another one is set.
    pub fn set(&self, value: T) {
        self.slot().snapshot.store(Some(self.snapshot(value)));
    }

    /// Changes the latest snapshot, or `T::default()` if there is none.
    ///
    /// Works on a copy, so that no collection sees it half changed. If another thread sets the
    /// member meanwhile, `change` runs again on what that one has set: no change is lost. As it may
    /// run more than once, it cannot give away what it captures: clone it.
    pub fn update(&self, mut change: impl FnMut(&mut T))
    where
        T: Clone + Default,
    {
        self.slot().snapshot.rcu(|latest| {
            let mut value = match latest {
                Some(latest) => latest.value.clone(),
                None => T::default(),
            };
            change(&mut value);
            Some(self.snapshot(value))
        });
    }

    /// Reports nothing until the next [`set`](Self::set).
    pub fn clear(&self) {
        self.slot().snapshot.store(None);
    }

    /// The latest snapshot, `None` before the first `set` and after `clear`.
    pub fn latest(&self) -> Option<Latest<T>> {
        self.slot().snapshot.load_full().map(Latest)
    }

    /// The attributes, sorted by key.
    pub fn attributes(&self) -> &[KeyValue] {
        &self.identity.attributes
    }

    /// Gives the member other attributes. The series with the former ones end, and as after
    /// [`clear`](Self::clear) nothing is reported until the next [`set`](Self::set).
    pub fn set_attributes(&mut self, attributes: impl IntoIterator<Item = KeyValue>) {
        self.clear();
        self.identity = Arc::new(Identity::new(attributes));
        self.slot().assign(&self.identity);
    }

    fn slot(&self) -> &slots::Slot<T> {
        self.family.slots.get(self.slot)
    }

    fn snapshot(&self, value: T) -> Arc<Snapshot<T>> {
        Arc::new(Snapshot {
            member: self.identity.id,
            value,
        })
    }
}

impl<T> Drop for Member<T> {
    fn drop(&mut self) {
        self.family.slots.release(self.slot);
    }
}

impl<T> fmt::Debug for Member<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("collector", &std::any::type_name::<T>())
            .field("attributes", &self.attributes())
            .field("reports", &self.slot().snapshot.load().is_some())
            .finish()
    }
}

/// A member's latest snapshot. Dereferences to the collector.
pub struct Latest<T>(Arc<Snapshot<T>>);

impl<T> Clone for Latest<T> {
    fn clone(&self) -> Self {
        Latest(Arc::clone(&self.0))
    }
}

impl<T> std::ops::Deref for Latest<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Latest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
