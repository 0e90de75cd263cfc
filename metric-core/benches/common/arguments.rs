//! How much to measure, from the arguments that `cargo bench` and `cargo test` give.

/// How much to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// `cargo bench`: about a minute and a half.
    Full,
    /// `cargo bench -- --quick`: about 20 seconds.
    Quick,
    /// `cargo test --benches`: everything once, only to see that it runs.
    Smoke,
}

impl Effort {
    /// `None` if there is nothing to do.
    pub(crate) fn from_arguments() -> Option<Self> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
        if has("--list") {
            // Asked by test runners; a bench has no tests to name.
            None
        } else if has("--test") || !has("--bench") {
            Some(Effort::Smoke)
        } else if has("--quick") {
            Some(Effort::Quick)
        } else {
            Some(Effort::Full)
        }
    }
}
