//! Registration: the instruments of a family on a meter, and what would go wrong silently.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use opentelemetry::metrics::Meter;

use super::Shared;
use super::collection::Plan;
use super::registration::{Registration, is_collecting};
use crate::{Entry, Kind, MetricCollector, NumberType, Schema};

/// Why a family cannot be registered on a meter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegisterError {
    /// The meter belongs to no SDK and would ignore the instruments.
    NoopMeter,
    /// The meter's SDK keeps none of the instruments.
    Ignored,
    /// A collection is under way on this thread: code that it runs (a `with` function, a visitor)
    /// registers.
    InCollection,
    /// This family is on this meter already.
    AlreadyRegistered,
    /// Another family on this meter has a metric of this name.
    NameTaken {
        /// The name.
        name: String,
        /// The collector that has it.
        by: &'static str,
    },
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegisterError::NoopMeter => f.write_str(
                "the meter belongs to no SDK, so nothing would be exported: build an \
                 `SdkMeterProvider` first (and `global::set_meter_provider` it, if the meter comes \
                 from `global::meter`), then ask it for the meter",
            ),
            RegisterError::Ignored => f.write_str(
                "the meter's provider keeps none of the instruments, so nothing would be \
                 exported: give it a reader or an exporter before it is built, or check the views \
                 that drop instruments",
            ),
            RegisterError::InCollection => f.write_str(
                "a collection is under way on this thread, and an SDK that is asked for an \
                 instrument meanwhile may wait for itself: register at the start of the program, \
                 and not in code that a collection runs",
            ),
            RegisterError::AlreadyRegistered => f.write_str(
                "this family is registered on this meter already: register it once; further \
                 instances are its members (`Family::member`), a further reader needs a provider \
                 and so a meter of its own",
            ),
            RegisterError::NameTaken { name, by } => write!(
                f,
                "the metric `{name}` is on this meter already, for the collector `{by}`, and would \
                 be a second stream of that name: use one family for all instances of a type, \
                 another `prefix`, or a meter of another name",
            ),
        }
    }
}

impl std::error::Error for RegisterError {}

/// A family that was registered on a meter.
struct Registered {
    /// The meter's address. Another one can have it only if this meter has gone while its
    /// instruments are kept by another meter of its provider; then it may be refused wrongly.
    meter: usize,
    family: Weak<dyn Any + Send + Sync>,
    registration: Weak<dyn Any + Send + Sync>,
    schema: &'static Schema,
}

impl Registered {
    /// Whether the instruments are there and have something to report.
    fn lives(&self) -> bool {
        self.family.strong_count() > 0 && self.registration.strong_count() > 0
    }
}

/// All registrations of the process: names can only be seen to clash across families from here.
static REGISTERED: Mutex<Vec<Registered>> = Mutex::new(Vec::new());

pub(crate) fn register<T>(family: &Arc<Shared<T>>, meter: &Meter) -> Result<(), RegisterError>
where
    T: MetricCollector + Send + Sync + 'static,
{
    if is_collecting() {
        return Err(RegisterError::InCollection);
    }
    let registration = Arc::new(Registration::new(family));
    claim(family, &registration, meter)?;

    // The limit depends on whether the view is there, which shows when the SDK makes an
    // instrument; no callback needs it before the last one stands.
    ASKED.set(false);
    for (index, entry) in T::SCHEMA.entries().enumerate() {
        instrument(meter, entry, index, &registration);
    }
    let raised = ASKED.get();
    let plans = Plan::of(T::SCHEMA, |points| family.limit(points, raised));
    match registration.ready(plans) {
        0 => Err(RegisterError::Ignored),
        _ => Ok(()),
    }
}

thread_local! {
    /// Whether the SDK has asked a family's view since this thread began to register.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Notes that the SDK asks the view of the family that this thread registers.
#[cfg(feature = "sdk")]
pub(crate) fn view_is_asked() {
    ASKED.set(true);
}

/// Enters the family's names for the meter, if they are free there.
fn claim<T>(
    family: &Arc<Shared<T>>,
    registration: &Arc<Registration<T>>,
    meter: &Meter,
) -> Result<(), RegisterError>
where
    T: MetricCollector + Send + Sync + 'static,
{
    let meter = address(meter).ok_or(RegisterError::NoopMeter)?;
    let family: Weak<Shared<T>> = Arc::downgrade(family);
    let registration: Weak<Registration<T>> = Arc::downgrade(registration);
    let mut registered = REGISTERED.lock().unwrap_or_else(PoisonError::into_inner);
    registered.retain(Registered::lives);
    for other in registered.iter().filter(|other| other.meter == meter) {
        if std::ptr::addr_eq(other.family.as_ptr(), family.as_ptr()) {
            return Err(RegisterError::AlreadyRegistered);
        }
        if let Some(name) = common_name(T::SCHEMA, other.schema) {
            let by = other.schema.type_name();
            return Err(RegisterError::NameTaken { name, by });
        }
    }
    registered.push(Registered {
        meter,
        family,
        registration,
        schema: T::SCHEMA,
    });
    Ok(())
}

/// The address of what makes the meter's instruments; `None` if that has no state, as the API's
/// no-op meter, and so can keep none.
fn address(meter: &Meter) -> Option<usize> {
    let provider = meter.u64_observable_gauge("unused").instrument_provider;
    let address = std::ptr::from_ref(provider).cast::<()>().addr();
    (std::mem::size_of_val(provider) > 0).then_some(address)
}

/// A name that two schemas share; the SDK tells names apart without regard to case.
fn common_name(a: &'static Schema, b: &'static Schema) -> Option<String> {
    let lower = |entry: Entry| entry.name.to_ascii_lowercase();
    let names: std::collections::HashSet<String> = a.entries().map(lower).collect();
    b.entries().map(lower).find(|name| names.contains(name))
}

fn instrument<T>(meter: &Meter, entry: Entry, index: usize, registration: &Arc<Registration<T>>)
where
    T: MetricCollector + Send + Sync + 'static,
{
    let metric = entry.metric;
    let name = entry.name.as_str().to_owned();
    // One builder type per kind and number type, with nothing in common but their methods.
    macro_rules! build {
        ($instrument:ident) => {{
            let registration = Arc::clone(registration);
            let mut builder = meter.$instrument(name);
            if !metric.unit().is_empty() {
                builder = builder.with_unit(metric.unit());
            }
            if !metric.description().is_empty() {
                builder = builder.with_description(metric.description());
            }
            // The SDK keeps the callback; the instrument itself is an empty handle.
            builder
                .with_callback(move |instrument| registration.report(index, instrument))
                .build();
        }};
    }
    match (metric.kind(), metric.number_type()) {
        (Kind::Gauge, NumberType::U64) => build!(u64_observable_gauge),
        (Kind::Gauge, NumberType::I64) => build!(i64_observable_gauge),
        (Kind::Gauge, NumberType::F64) => build!(f64_observable_gauge),
        (Kind::Counter, NumberType::F64) => build!(f64_observable_counter),
        // The schema's check has refused signed counters.
        (Kind::Counter, _) => build!(u64_observable_counter),
        (Kind::UpDownCounter, NumberType::F64) => build!(f64_observable_up_down_counter),
        (Kind::UpDownCounter, _) => build!(i64_observable_up_down_counter),
    }
}
