//! Values with their names and units, and texts that anybody may have written.

use maud::{Markup, html};

use super::units::Units;
use crate::history::Report;
use crate::terminal::clean;

/// No name is shown longer.
const LONGEST: usize = 60;

/// A text that somebody typed, as it can be shown: one line, without control characters, not too long.
pub(super) fn name(text: &str) -> String {
    let shown = clean(text, LONGEST);
    match shown.trim().is_empty() {
        true => "(no name)".to_owned(),
        false => shown,
    }
}

/// What a car reported, with the viewer's units.
pub(super) struct Look<'a> {
    pub(super) report: &'a Report,
    pub(super) units: Units,
}

impl Look<'_> {
    /// A value, as it was reported and as it is shown; nothing if there is none.
    pub(super) fn value(&self, metric: &str) -> Option<Markup> {
        let found = self
            .report
            .values
            .iter()
            .find(|own| own.metric.name == metric)?;
        let text = self.units.text(found.value, &found.metric.unit);
        Some(raw(metric, found.value, &text))
    }

    /// A name and a value, in a list of definitions.
    pub(super) fn row(&self, label: &str, metric: &str) -> Markup {
        self.row_with(label, self.value(metric))
    }

    /// The same with something that was made of values.
    pub(super) fn row_with(&self, label: &str, value: Option<Markup>) -> Markup {
        html! {
            @if let Some(value) = value {
                div { dt { (label) } dd { (value) } }
            }
        }
    }

    /// Yes or no.
    pub(super) fn is(&self, metric: &str) -> Option<bool> {
        self.report.value(metric).map(|value| value == 1.0)
    }

    /// Yes or no, in words.
    pub(super) fn either(&self, metric: &str, yes: &str, no: &str) -> Option<Markup> {
        let value = self.report.value(metric)?;
        Some(raw(metric, value, if value == 1.0 { yes } else { no }))
    }

    /// The first of these metrics that there is.
    pub(super) fn first<'m>(&self, metrics: [&'m str; 2]) -> Option<&'m str> {
        metrics
            .into_iter()
            .find(|metric| self.report.value(metric).is_some())
    }
}

fn raw(metric: &str, value: f64, text: &str) -> Markup {
    html! { data.value data-metric=(metric) value=(value) { (text) } }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_name_does_more_than_stand_there() {
        assert_eq!(name("Ju"), "Ju");
        assert_eq!(
            name("<script>alert(1)</script>"),
            "<script>alert(1)</script>"
        );
        let markup = html! { (name("<b>\"x\"</b>")) }.into_string();
        assert_eq!(markup, "&lt;b&gt;&quot;x&quot;&lt;/b&gt;");
        assert_eq!(name("a\u{202e}b"), "a\u{fffd}b");
        assert_eq!(name("  "), "(no name)");
        assert!(name(&"x".repeat(10_000)).chars().count() <= LONGEST);
        assert!(!name("a\nb\u{7}\u{1b}[31m").chars().any(char::is_control));
    }

    proptest! {
        #[test]
        fn every_name_is_one_short_line(text in any::<String>()) {
            let shown = name(&text);
            prop_assert!(shown.chars().count() <= LONGEST);
            prop_assert!(!shown.chars().any(char::is_control));
            prop_assert!(!shown.is_empty());
        }
    }
}
