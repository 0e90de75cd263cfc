//! For tests of your own: what a collector reports, without an SDK.
//!
//! ```
//! use metric_core::{MetricCollector, testing};
//!
//! #[derive(MetricCollector)]
//! struct Tyres {
//!     #[metric(flatten(key = "wheel"))]
//!     wheels: [Tyre; 2],
//! }
//!
//! #[derive(MetricCollector)]
//! struct Tyre {
//!     #[metric(unit = "bar")]
//!     pressure: Option<f64>,
//! }
//!
//! let tyres = Tyres { wheels: [Tyre { pressure: Some(2.9) }, Tyre { pressure: None }] };
//!
//! let points = testing::observe(&tyres);
//! assert_eq!(points.value_with("tyre.pressure", &[("wheel", "0")]), Some(2.9.into()));
//! assert_eq!(points.value_with("tyre.pressure", &[("wheel", "1")]), None);
//! assert_eq!(points.to_string(), "tyre.pressure{wheel=0} 2.9 bar\n");
//! ```

use std::fmt;

use opentelemetry::KeyValue;

use crate::number::Representation;
use crate::schema::STATE;
use crate::{
    Attribute, AttributeValue, DropReason, Measurement, Metric, MetricCollector, Number, Observer,
    Schema, Shape,
};

/// Observes a value and returns its points, as a family would report them.
pub fn observe<T: MetricCollector>(collector: &T) -> Points {
    let mut visit = Visit {
        schema: T::SCHEMA,
        groups: vec![(0, Vec::new())],
        points: Points::default(),
    };
    collector.observe(&mut visit);
    visit.points
}

/// The points of one observation, in the order in which they were reported.
#[derive(Clone, Debug, Default)]
pub struct Points {
    points: Vec<Point>,
    dropped: Vec<(String, DropReason)>,
}

/// One point.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Point {
    /// The metric's full name.
    pub name: String,
    /// The attributes, sorted by key.
    pub attributes: Vec<KeyValue>,
    /// The value.
    pub value: Number,
    /// The metric: its unit, kind and description.
    pub metric: &'static Metric,
}

impl Points {
    /// The value of the metric `name`, `None` if it has no point.
    ///
    /// # Panics
    ///
    /// If there are several points of that name: [`value_with`](Self::value_with) chooses one.
    pub fn value(&self, name: &str) -> Option<Number> {
        self.value_with(name, &[])
    }

    /// The value of the point of the metric `name` that has (among others) these attributes,
    /// `None` if there is none.
    ///
    /// # Panics
    ///
    /// If several points fit.
    pub fn value_with(&self, name: &str, attributes: &[(&str, &str)]) -> Option<Number> {
        let mut fitting = self
            .points
            .iter()
            .filter(|point| point.name == name && point.has(attributes));
        let point = fitting.next()?;
        let others = fitting.count();
        assert!(
            others == 0,
            "{} points of `{name}` have the attributes {attributes:?}:\n{self}",
            others + 1,
        );
        Some(point.value)
    }

    /// Adds a point, unless there is one of the same series.
    fn add(&mut self, point: Point) {
        let same = |other: &Point| other.name == point.name && other.attributes == point.attributes;
        if self.points.iter().any(same) {
            self.dropped.push((point.name, DropReason::Duplicate));
        } else {
            self.points.push(point);
        }
    }

    /// All points.
    pub fn iter(&self) -> impl Iterator<Item = &Point> {
        self.points.iter()
    }

    /// The values that made no point though they were there, and why.
    pub fn dropped(&self) -> &[(String, DropReason)] {
        &self.dropped
    }
}

impl Point {
    fn has(&self, attributes: &[(&str, &str)]) -> bool {
        attributes.iter().all(|(key, value)| {
            self.attributes
                .iter()
                .any(|own| own.key.as_str() == *key && own.value.as_str() == *value)
        })
    }
}

/// A line per point: `name{key=value,…} value unit`.
impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for point in &self.points {
            f.write_str(&point.name)?;
            for (index, attribute) in point.attributes.iter().enumerate() {
                let before = if index == 0 { '{' } else { ',' };
                write!(f, "{before}{}={}", attribute.key, attribute.value)?;
            }
            let after = if point.attributes.is_empty() { "" } else { "}" };
            write!(f, "{after} {}", point.value)?;
            match point.metric.unit() {
                "" => writeln!(f)?,
                unit => writeln!(f, " {unit}")?,
            }
        }
        Ok(())
    }
}

struct Visit {
    schema: &'static Schema,
    /// The groups around what is visited: the index of the first metric, and the attributes.
    groups: Vec<(usize, Vec<KeyValue>)>,
    points: Points,
}

impl Visit {
    fn offset(&self) -> usize {
        self.groups.last().map_or(0, |(offset, _)| *offset)
    }

    fn attributes_with(&self, own: &[Attribute<'_>]) -> Vec<KeyValue> {
        let mut attributes = self
            .groups
            .last()
            .map_or(Vec::new(), |group| group.1.clone());
        let own = own.iter().filter_map(|own| own.to_key_value());
        attributes.extend(own);
        attributes.sort_by(|a, b| a.key.cmp(&b.key));
        attributes
    }

    fn push(&mut self, index: usize, measurement: Measurement, own: &[Attribute<'_>]) {
        let Some(metric) = self.schema.metric(index) else {
            panic!("`observe` reports the metric {index}, which its schema does not have");
        };
        let name = self
            .schema
            .name(index)
            .map_or_else(String::new, |name| name.as_str().to_owned());
        match Representation::of(metric).number(measurement) {
            Ok(None) => {}
            Err(reason) => self.points.dropped.push((name, reason)),
            Ok(Some(value)) => {
                let point = Point {
                    name,
                    attributes: self.attributes_with(own),
                    value,
                    metric,
                };
                self.points.add(point);
            }
        }
    }
}

impl Observer for Visit {
    fn attributes(&mut self, attributes: &[Attribute<'_>]) {
        let attributes = self.attributes_with(attributes);
        if let Some(group) = self.groups.last_mut() {
            group.1 = attributes;
        }
    }

    fn metric(&mut self, index: usize, measurement: Measurement) {
        let index = self.offset() + index;
        let states = match self.schema.metric(index).map(Metric::shape) {
            Some(Shape::States(states)) => states,
            _ => &[],
        };
        match measurement {
            Measurement::State(present) if present < states.len() => {
                for (state, name) in states.iter().enumerate() {
                    let own = Attribute::constant(STATE, AttributeValue::Str(name));
                    let value = Measurement::U64(u64::from(state == present));
                    self.push(index, value, &[own]);
                }
            }
            measurement => self.push(index, measurement, &[]),
        }
    }

    fn info(&mut self, index: usize, attributes: &[Attribute<'_>]) {
        if attributes.iter().any(|attribute| attribute.value.is_some()) {
            self.push(self.offset() + index, Measurement::U64(1), attributes);
        }
    }

    fn enter(&mut self, offset: usize, key: Option<Attribute<'_>>) {
        let offset = self.offset() + offset;
        let attributes = self.attributes_with(key.as_slice());
        self.groups.push((offset, attributes));
    }

    fn exit(&mut self) {
        self.groups.pop();
    }
}
