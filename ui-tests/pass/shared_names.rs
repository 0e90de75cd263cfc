//! Names that are alike and still differ.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

/// The prefix of one group is the name of another.
#[derive(MetricCollector)]
#[metric(prefix = "")]
pub struct Car {
    /// Not `motor.torque`.
    #[metric(name = "motor_torque")]
    pub a: f64,
    /// Nor this.
    #[metric(name = "motor-torque")]
    pub b: f64,
    /// Nor this.
    #[metric(name = "motor/torque")]
    pub c: f64,
    /// `motor.torque`
    #[metric(flatten)]
    pub front: Motor,
    /// `rear.motor.torque`
    #[metric(flatten(prefix = "rear"))]
    pub rear: Motor,
    /// An attribute that is also the key of a list, but not of the same metrics.
    #[metric(flatten(prefix = "left", key = "place"))]
    pub left: Vec<Motor>,
    /// The same key.
    #[metric(flatten(prefix = "right", key = "place"))]
    pub right: Vec<Motor>,
}

/// A motor.
#[derive(MetricCollector)]
#[metric(attributes(kind = "induction"))]
pub struct Motor {
    /// The torque.
    #[metric(unit = "N.m")]
    pub torque: f64,
}

/// A unit beside a duration, and a prefix alone.
#[derive(MetricCollector)]
#[metric(prefix = "a.b-c/d_e", separator = "_")]
pub struct Times {
    /// It may be said.
    #[metric(unit = "s", counter)]
    pub up: std::time::Duration,
    /// The name may begin with a digit behind a prefix.
    #[metric(name = "12v")]
    pub volts: f64,
}

fn main() {}
