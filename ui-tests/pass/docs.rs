//! Documentation in all its forms.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

/// The first paragraph
/// goes over two lines.
///
/// The second does not count.
#[derive(MetricCollector)]
pub struct Docs {
    /// The first paragraph
    /// goes over `two` lines with "quotes" and \ backslashes.
    ///
    /// The second does not count.
    #[metric]
    pub lines: u64,
    /**
     * A block
     * of lines.
     *
     * More.
     */
    #[metric]
    pub block: u64,
    #[doc = "By attribute."]
    #[doc = ""]
    #[metric]
    pub attribute: u64,
    #[doc = include_str!("every_option.rs")]
    #[metric]
    pub included: u64,
    #[doc = concat!("Made of ", "two.")]
    #[metric]
    pub concatenated: u64,
    /// Replaced.
    #[metric(description = "Not the doc comment.")]
    pub replaced: u64,
    #[doc(hidden)]
    #[metric]
    pub hidden: u64,
    #[cfg_attr(all(), doc = "Behind a condition.")]
    #[metric]
    pub conditional: u64,
}

fn main() {
    let of = |index| Docs::SCHEMA.metric(index).unwrap().description();
    assert_eq!(
        of(0),
        "The first paragraph goes over `two` lines with \"quotes\" and \\ backslashes."
    );
    assert_eq!(of(1), "A block of lines.");
    assert_eq!(of(2), "By attribute.");
    assert_eq!(of(5), "Not the doc comment.");
    assert_eq!(of(6), "");
    assert_eq!(of(7), "Behind a condition.");
}
