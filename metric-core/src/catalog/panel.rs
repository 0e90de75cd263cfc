//! One panel of a dashboard.

/// How a panel shows what its queries return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Visual {
    /// Lines over time.
    TimeSeries,
    /// The last values, large.
    Stat,
    /// The last values on a scale.
    Gauge,
    /// A bar of colours over time for each series: [`Panel::states`] and truths.
    StateTimeline,
    /// A row for each set of attributes, a column for each query.
    Table,
}

/// One panel: a title, queries, and how they are shown.
///
/// Queries are PromQL with the catalogue's names: metrics as OpenTelemetry names them, or with `_` in place of
/// what PromQL cannot spell. In a dashboard, each metric is also filtered by the dashboard's variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) visual: Visual,
    pub(super) queries: Vec<(String, String)>,
    pub(super) of: Option<Of>,
    pub(super) unit: Option<String>,
    pub(super) size: (u8, u8),
    pub(super) bounds: (Option<f64>, Option<f64>),
    pub(super) base: String,
    pub(super) steps: Vec<(f64, String)>,
    pub(super) texts: Vec<(f64, String)>,
}

/// A metric whose query is made of all that the catalogue knows of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Of {
    States(String),
    Info(String),
}

impl Panel {
    /// A panel without queries. It is 12 of 24 columns wide, and 8 rows high.
    pub fn new(title: impl Into<String>, visual: Visual) -> Self {
        Self {
            title: title.into(),
            description: String::new(),
            visual,
            queries: Vec::new(),
            of: None,
            unit: None,
            size: (12, 8),
            bounds: (None, None),
            base: "green".to_owned(),
            steps: Vec::new(),
            texts: Vec::new(),
        }
    }

    /// What the state metric `metric` tells: over time, the present state of each member by its name.
    pub fn states(title: impl Into<String>, metric: impl Into<String>) -> Self {
        let mut panel = Self::new(title, Visual::StateTimeline);
        panel.of = Some(Of::States(metric.into()));
        panel
    }

    /// What the information metric `metric` tells: a row for each member, a column for each attribute.
    pub fn info(title: impl Into<String>, metric: impl Into<String>) -> Self {
        let mut panel = Self::new(title, Visual::Table);
        panel.of = Some(Of::Info(metric.into()));
        panel
    }

    /// With one more query, and how its series are called: `{{vin}}` is an attribute's value. Empty:
    /// by what tells them apart. In a table, it is the column's title.
    #[must_use]
    pub fn with_query(mut self, query: impl Into<String>, legend: impl Into<String>) -> Self {
        self.queries.push((query.into(), legend.into()));
        self
    }

    /// With what it tells. Without it: the descriptions of the metrics that it asks for.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// With a unit (UCUM) for the values. Without it they have that of the metrics, if it is one.
    #[must_use]
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// With another size: of 24 columns, and in rows.
    #[must_use]
    pub fn with_size(mut self, columns: u8, rows: u8) -> Self {
        self.size = (columns.clamp(1, 24), rows.max(2));
        self
    }

    /// With ends of the scale.
    #[must_use]
    pub fn with_bounds(mut self, min: impl Into<Option<f64>>, max: impl Into<Option<f64>>) -> Self {
        self.bounds = (min.into(), max.into());
        self
    }

    /// With a colour of Grafana's (`red`) for values from `from` on, up to the next step. A second one at the
    /// same value takes the place of the first.
    #[must_use]
    pub fn with_step(mut self, from: f64, color: impl Into<String>) -> Self {
        self.steps.retain(|(own, _)| own.total_cmp(&from).is_ne());
        self.steps.push((from, color.into()));
        self.steps
            .sort_by(|(one, _), (other, _)| one.total_cmp(other));
        self
    }

    /// With another colour than green for what is below the first step.
    #[must_use]
    pub fn with_base(mut self, color: impl Into<String>) -> Self {
        self.base = color.into();
        self
    }

    /// With a text in place of a value.
    #[must_use]
    pub fn with_text(mut self, value: f64, text: impl Into<String>) -> Self {
        self.texts.push((value, text.into()));
        self
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }
}
