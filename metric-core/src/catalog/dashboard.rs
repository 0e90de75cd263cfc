//! A dashboard: rows of panels.

use super::Panel;

/// A dashboard for Grafana. [`Catalog::dashboard`](super::Catalog::dashboard) makes it into JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    pub(super) uid: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
    pub(super) variables: Vec<String>,
    pub(super) from: String,
    pub(super) rows: Vec<Row>,
}

/// Panels under a title.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub(super) title: String,
    pub(super) panels: Vec<Panel>,
}

impl Dashboard {
    /// An empty dashboard. Grafana knows it by its `uid` (at most 40 letters, digits, `-` and `_`), which is
    /// also in its address.
    pub fn new(uid: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            uid: uid.into(),
            title: title.into(),
            description: String::new(),
            tags: Vec::new(),
            variables: Vec::new(),
            from: "now-6h".to_owned(),
            rows: Vec::new(),
        }
    }

    /// With what it is for.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// With a tag, by which Grafana lists dashboards.
    #[must_use]
    pub fn with_tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// With a variable for an attribute: whoever looks at it chooses values, and all queries of metrics that
    /// have the attribute are filtered by it.
    #[must_use]
    pub fn with_variable(mut self, attribute: impl Into<String>) -> Self {
        self.variables.push(attribute.into());
        self
    }

    /// Showing the time from `from` on (`now-7d`). Without it: `now-6h`.
    #[must_use]
    pub fn since(mut self, from: impl Into<String>) -> Self {
        self.from = from.into();
        self
    }

    /// With one more row.
    #[must_use]
    pub fn with_row(mut self, row: Row) -> Self {
        self.rows.push(row);
        self
    }

    /// The `uid`.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }
}

impl Row {
    /// A row without panels.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            panels: Vec::new(),
        }
    }

    /// With one more panel.
    #[must_use]
    pub fn with_panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }
}
