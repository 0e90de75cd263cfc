//! The schema: a collector's description as `const` data.

mod check;
mod group;
mod metric;
mod name;

pub use group::{AttributeSchema, Group};
pub use metric::{Kind, Metric};
pub use name::Name;

#[doc(hidden)]
pub use check::{GroupChecks, check_own_keys};
pub(crate) use check::{equal, fail};
pub(crate) use metric::STATE;

/// What a [`MetricCollector`](crate::MetricCollector) can observe: a tree of groups and metrics,
/// known without a value and usable in `const` context.
///
/// ```
/// use metric_core::{MetricCollector, Schema};
///
/// #[derive(MetricCollector)]
/// struct Battery {
///     /// State of charge.
///     #[metric(unit = "%")]
///     level: f64,
/// }
///
/// const SCHEMA: &Schema = Battery::SCHEMA;
/// const _: () = assert!(SCHEMA.len() == 1);
///
/// for entry in SCHEMA.entries() {
///     assert_eq!(entry.name.as_str(), "battery.level");
///     assert_eq!(entry.metric.unit(), "%");
///     assert_eq!(entry.metric.description(), "State of charge.");
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Schema {
    type_name: &'static str,
    file: &'static str,
    line: u32,
    attributes: &'static [AttributeSchema],
    metrics: &'static [Metric],
    groups: &'static [Group],
}

impl Schema {
    /// The schema of the type `type_name`, which is at `line` of `file` (`file!()`, `line!()`).
    pub const fn new(type_name: &'static str, file: &'static str, line: u32) -> Self {
        Schema {
            type_name,
            file,
            line,
            attributes: &[],
            metrics: &[],
            groups: &[],
        }
    }

    /// With these attributes on every metric, those of the groups included.
    #[must_use]
    pub const fn with_attributes(mut self, attributes: &'static [AttributeSchema]) -> Self {
        self.attributes = attributes;
        self
    }

    /// With these metrics of its own. Their indices are their places in the slice.
    #[must_use]
    pub const fn with_metrics(mut self, metrics: &'static [Metric]) -> Self {
        self.metrics = metrics;
        self
    }

    /// With these flattened groups.
    #[must_use]
    pub const fn with_groups(mut self, groups: &'static [Group]) -> Self {
        self.groups = groups;
        self
    }

    /// The collector's type.
    pub const fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// The source file of the collector's type.
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// The line in [`file`](Self::file).
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The attributes that all metrics carry, those of the groups included.
    pub const fn attributes(&self) -> &'static [AttributeSchema] {
        self.attributes
    }

    /// The metrics of the struct itself, without those of its groups.
    pub const fn metrics(&self) -> &'static [Metric] {
        self.metrics
    }

    /// The flattened groups.
    pub const fn groups(&self) -> &'static [Group] {
        self.groups
    }

    /// How many metrics there are, those of all groups included.
    // A schema without metrics is useless, and the derive refuses it: no `is_empty`.
    #[allow(clippy::len_without_is_empty)]
    pub const fn len(&self) -> usize {
        self.group_offset(self.groups.len())
    }

    /// The index of the first metric of the group `group`: own metrics come first, then those of
    /// each group in turn.
    pub const fn group_offset(&self, group: usize) -> usize {
        let mut offset = self.metrics.len();
        let mut i = 0;
        while i < group && i < self.groups.len() {
            offset += self.groups[i].schema.len();
            i += 1;
        }
        offset
    }

    /// The group that has the metric `index`, which is no own one.
    const fn group_of(&self, index: usize) -> Option<usize> {
        let mut end = self.metrics.len();
        let mut group = 0;
        while group < self.groups.len() {
            end += self.groups[group].schema.len();
            if index < end {
                return Some(group);
            }
            group += 1;
        }
        None
    }

    /// Checks the schema: names and units are what OpenTelemetry allows, no name occurs twice
    /// (without regard to case) and no metric has two attributes of one key, anywhere in the tree.
    ///
    /// The derive has its own checks, and a [`Family`](crate::Family) checks again when it is
    /// made. For a schema written by hand, `const _: () = MyType::SCHEMA.check();` finds mistakes
    /// as early as `cargo check` does.
    ///
    /// # Panics
    ///
    /// If the schema is not valid, with the name of what is wrong; in `const` context, that is a
    /// compile error.
    #[track_caller]
    pub const fn check(&self) {
        check::check(self);
    }

    /// The metric `index` (below [`len`](Self::len)) of the whole tree.
    pub const fn metric(&self, index: usize) -> Option<&'static Metric> {
        if index < self.metrics.len() {
            return Some(&self.metrics[index]);
        }
        match self.group_of(index) {
            Some(group) => {
                let within = index - self.group_offset(group);
                self.groups[group].schema.metric(within)
            }
            None => None,
        }
    }

    /// The full name of the metric `index` of the whole tree, prefixes of the groups included.
    pub const fn name(&self, index: usize) -> Option<Name> {
        let mut name = Name::new();
        let (mut schema, mut index) = (self, index);
        loop {
            if index < schema.metrics.len() {
                return Some(name.with(schema.metrics[index].name));
            }
            let Some(group) = schema.group_of(index) else {
                return None;
            };
            index -= schema.group_offset(group);
            name = name.with(schema.groups[group].prefix);
            schema = schema.groups[group].schema;
        }
    }

    /// All metrics of the whole tree, in the order of their indices.
    pub fn entries(&'static self) -> impl Iterator<Item = Entry> {
        (0..self.len()).filter_map(|index| self.entry(index))
    }

    fn entry(&'static self, index: usize) -> Option<Entry> {
        let name = self.name(index)?;
        let (mut schema, mut rest) = (self, index);
        let mut attributes = Vec::new();
        loop {
            attributes.extend_from_slice(schema.attributes);
            if let Some(metric) = schema.metrics.get(rest) {
                let of_its_own = metric.own_attribute_keys();
                attributes.extend(of_its_own.iter().copied().map(AttributeSchema::new));
                return Some(Entry {
                    name,
                    metric,
                    attributes,
                    schema,
                });
            }
            let group = schema.group_of(rest)?;
            rest -= schema.group_offset(group);
            attributes.extend(schema.groups[group].key.map(AttributeSchema::new));
            schema = schema.groups[group].schema;
        }
    }
}

/// A metric in its place in the tree: [`Schema::entries`].
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Entry {
    /// The full name, prefixes of the groups included.
    pub name: Name,
    /// The metric.
    pub metric: &'static Metric,
    /// All attributes that the schema knows: of the groups around it, and the metric's own.
    pub attributes: Vec<AttributeSchema>,
    /// The collector that has the metric; tells the source file.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub schema: &'static Schema,
}
