//! All that `with` can name.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

/// A car.
#[derive(MetricCollector)]
pub struct Car<T: AsRef<[u8]>> {
    /// A function of std.
    #[metric(with = Vec::len)]
    pub log: Vec<String>,
    /// One whose result has another unit than the field.
    #[metric(with = std::time::Duration::as_millis, unit = "ms")]
    pub latency: std::time::Duration,
    /// A method.
    #[metric(with = Car::<T>::celsius, unit = "Cel")]
    pub kelvin: f64,
    /// A method of the struct itself.
    #[metric(with = Self::len)]
    pub bytes: T,
    /// A qualified path with a trait.
    #[metric(with = <String as Length>::of, name = "letters")]
    pub text: String,
    /// Into an option.
    #[metric(with = positive)]
    pub maybe: i64,
    /// A constant that holds a function.
    #[metric(with = LENGTH)]
    pub constant: String,
    /// A qualified path, and a slice.
    #[metric(with = <[u8]>::is_empty)]
    pub slice: [u8],
}

const LENGTH: fn(&String) -> usize = String::len;

trait Length {
    fn of(&self) -> usize;
}

impl Length for String {
    fn of(&self) -> usize {
        self.len()
    }
}

impl<T: AsRef<[u8]>> Car<T> {
    fn celsius(kelvin: &f64) -> f64 {
        kelvin - 273.15
    }

    fn len(bytes: &T) -> usize {
        bytes.as_ref().len()
    }
}

fn positive(value: &i64) -> Option<u64> {
    u64::try_from(*value).ok()
}

fn main() {}
