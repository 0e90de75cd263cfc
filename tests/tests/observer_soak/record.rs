//! What a receiver got, as numbers that take little memory.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metric_tests::receiver::{Received, Refusal};
use metric_tests::samples::{Number, Sample, samples};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;

/// What a receiver got. Clones are handles to the same.
#[derive(Clone, Default)]
pub(crate) struct Record(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    /// A number for each sample that was taken: of its series, its time and its value.
    taken: Vec<u64>,
    /// The same of those that were rejected in a success.
    rejected: Vec<u64>,
    /// Of requests that were dealt with since the last look.
    fresh: Vec<u64>,
    /// Of requests whose answer must have reached the observer.
    answered: HashSet<u64>,
    /// Requests that came again although they had been answered.
    again: u64,
    /// Requests that were refused, to come again.
    refused: u64,
    /// Reports of cars, each with one sample of this.
    reports: Vec<u64>,
    /// Those with a car's data, by its VIN: each has one sample of its odometer.
    readings: BTreeMap<String, HashSet<u64>>,
    /// The observer's own metrics: the last value and the largest.
    own: BTreeMap<Own, (f64, f64)>,
}

/// A series of the observer's own metrics: its name and its attributes.
pub(crate) type Own = (String, BTreeMap<String, String>);

/// How a receiver's samples compare to those of the one that was well.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) taken: usize,
    pub(crate) rejected: usize,
    pub(crate) lost: usize,
    /// What the one that was well never got.
    pub(crate) surplus: usize,
    /// What came more than once.
    pub(crate) repeated: usize,
}

impl Record {
    /// Of all that this receiver gets from now on.
    pub(crate) fn of(received: &Received) -> Self {
        let record = Record::default();
        let own = record.clone();
        received.hand_to(move |request, refusal| own.lock().add(&request, refusal));
        record
    }

    /// What came since the last look was answered, if `surely`, and the answer got through.
    pub(crate) fn look(&self, surely: bool) {
        let mut kept = self.lock();
        let fresh = std::mem::take(&mut kept.fresh);
        if surely {
            kept.answered.extend(fresh);
        }
    }

    /// How many requests came again although they had been answered.
    pub(crate) fn again(&self) -> u64 {
        self.lock().again
    }

    /// How many requests were refused, to come again.
    pub(crate) fn refused(&self) -> u64 {
        self.lock().refused
    }

    /// How many different reports of cars came.
    pub(crate) fn reports(&self) -> usize {
        let mut reports = self.lock().reports.clone();
        reports.sort_unstable();
        reports.dedup();
        reports.len()
    }

    /// How many different reports with a car's data came.
    pub(crate) fn readings(&self, vin: &str) -> u64 {
        self.lock().readings.get(vin).map_or(0, HashSet::len) as u64
    }

    /// The observer's own metrics: the last value and the largest of each series.
    pub(crate) fn own(&self) -> BTreeMap<Own, (f64, f64)> {
        self.lock().own.clone()
    }

    /// Beside the one that was well.
    pub(crate) fn beside(&self, well: &Record) -> Compared {
        let truth: HashSet<u64> = well.lock().taken.iter().copied().collect();
        let kept = self.lock();
        let all = || kept.taken.iter().chain(&kept.rejected);
        let found: HashSet<u64> = all().copied().collect();
        Compared {
            taken: kept.taken.len(),
            rejected: kept.rejected.len(),
            lost: truth.difference(&found).count(),
            surplus: found.difference(&truth).count(),
            repeated: all().count() - found.len(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, request: &ExportMetricsServiceRequest, refusal: Option<Refusal>) {
        let samples = samples(std::slice::from_ref(request));
        let numbers: Vec<u64> = samples.iter().map(number).collect();
        match refusal {
            None => {
                for (sample, number) in samples.iter().zip(&numbers) {
                    self.keep(sample, *number);
                }
                self.taken.extend(&numbers);
            }
            Some(Refusal::Partial) => self.rejected.extend(&numbers),
            // It comes again.
            Some(_) => {
                self.refused += 1;
                return;
            }
        }
        let whole = numbers
            .iter()
            .fold(0, |sum: u64, own| sum.wrapping_add(*own));
        self.again += u64::from(self.answered.contains(&whole));
        self.fresh.push(whole);
    }

    fn keep(&mut self, sample: &Sample, number: u64) {
        if !sample.is_of_a_car() {
            let key = (sample.name.clone(), sample.attributes.clone());
            let value = sample.value.float();
            let own = self.own.entry(key).or_insert((value, value));
            *own = (value, own.1.max(value));
        } else if sample.name == "vehicle_state_online" {
            self.reports.push(number);
        } else if sample.name == "vehiclestate_odometer" {
            let vin = sample.attribute("vin").to_owned();
            self.readings.entry(vin).or_default().insert(number);
        }
    }
}

/// The same for the same series, time and value.
fn number(sample: &Sample) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&sample.name, &sample.attributes, sample.time).hash(&mut hasher);
    match sample.value {
        Number::Int(value) => value.hash(&mut hasher),
        Number::Float(value) => value.to_bits().hash(&mut hasher),
    }
    hasher.finish()
}
