//! Inside `macro_rules!`, with every part from a fragment.

#![deny(warnings, missing_docs)]

use metric_core::{MetricCollector, MetricState};

macro_rules! collector {
    ($(#[$outer:meta])* $vis:vis struct $name:ident {
        $($(#[$inner:meta])* $field:ident: $ty:ty [$text:literal, $unit:literal, $with:path]),* $(,)?
    } $prefix:literal $number:literal) => {
        $(#[$outer])*
        #[derive(MetricCollector)]
        #[metric(prefix = $prefix, attributes(number = $number))]
        $vis struct $name {
            $(
                $(#[$inner])*
                #[metric(name = $text, unit = $unit, with = $with)]
                $vis $field: $ty,
            )*
            /// A field of the macro's own.
            #[metric]
            $vis own: u64,
        }
    };
}

collector! {
    /// From fragments.
    pub struct Car {
        /// The speed.
        speed: f64 ["velocity", "km/h", twice],
        /// The distance.
        distance: Option<f64> ["way", "km", self::maybe],
    }
    "car" -5
}

fn twice(value: &f64) -> f64 {
    value * 2.0
}

fn maybe(value: &Option<f64>) -> Option<f64> {
    *value
}

macro_rules! with_types {
    ($($name:ident: $ty:ty = $kind:ident),*) => {
        /// Types and kinds from fragments.
        #[derive(MetricCollector)]
        pub struct Types<'a> {
            $(
                /// A field.
                #[metric($kind)]
                pub $name: $ty,
            )*
            /// A lifetime.
            #[metric(attribute)]
            pub text: &'a str,
        }
    };
}

with_types!(a: u64 = counter, b: Option<i64> = up_down_counter, c: &'a f64 = gauge);

macro_rules! states {
    ($name:ident: $($variant:ident = $text:expr),*) => {
        /// States from fragments.
        #[derive(MetricState)]
        pub enum $name {
            $(
                /// A variant.
                #[metric(name = $text)]
                $variant,
            )*
        }
    };
}

states!(Light: Red = "stop", Green = "go");

fn main() {
    let car = Car {
        speed: 1.0,
        distance: None,
        own: 3,
    };
    assert_eq!(
        metric_core::testing::observe(&car).value("car.velocity"),
        Some(2.0.into())
    );
    assert_eq!(Light::STATES, ["stop", "go"]);
    let _ = (Light::Red, Light::Green);
}
