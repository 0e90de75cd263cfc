//! What can be wrong with a catalogue.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::Naming;

/// What is wrong with a catalogue or with what was to be made of it: all that was found.
#[derive(Debug)]
pub struct CatalogError {
    problems: Vec<Problem>,
}

/// One thing that is wrong. It displays as what is wrong and what to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// Two metrics have the same name once a backend has translated them.
    NamesCollide {
        /// The metrics' names. They can be the same.
        metrics: [String; 2],
        /// What the backend calls both.
        translated: String,
        /// How it names metrics.
        naming: Naming,
    },
    /// Two attributes of a metric have the same key once a backend has translated them.
    AttributesCollide {
        /// The metric.
        metric: String,
        /// The attributes' keys.
        attributes: [String; 2],
        /// What the backend calls both.
        translated: String,
    },
    /// A query asks for what is not in the catalogue.
    UnknownMetric {
        /// The panel or the alert.
        place: String,
        /// What it asks for.
        name: String,
        /// What may have been meant.
        similar: Option<String>,
    },
    /// A query selects by an attribute that the metric does not have.
    UnknownAttribute {
        /// The panel or the alert.
        place: String,
        /// The attribute.
        key: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A query cannot be read.
    Query {
        /// The panel or the alert.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// A committed file is not what is made from the schema now.
    Stale {
        /// The file.
        path: PathBuf,
        /// The first line that differs, from 1.
        line: usize,
        /// What is there.
        found: String,
        /// What should be there.
        made: String,
    },
    /// A file cannot be read or written.
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

impl CatalogError {
    /// Nothing, if there are no problems.
    pub(super) fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Self { problems }),
        }
    }

    /// All that is wrong.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl From<Problem> for CatalogError {
    fn from(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut problems = self.problems.iter();
        if let Some(first) = problems.next() {
            write!(f, "{first}")?;
        }
        problems.try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

impl std::error::Error for CatalogError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NamesCollide {
                metrics: [one, other],
                translated,
                naming,
            } => {
                if one == other {
                    return write!(
                        f,
                        "the metric `{one}` is in the catalogue twice: give one of them another name, or a prefix"
                    );
                }
                write!(
                    f,
                    "the metrics `{one}` and `{other}` are both called `{translated}` by a backend that names them {}: rename one of them",
                    naming.described()
                )
            }
            Self::AttributesCollide {
                metric,
                attributes: [one, other],
                translated,
            } => write!(
                f,
                "the attributes `{one}` and `{other}` of the metric `{metric}` are both called `{translated}` by backends that speak PromQL: rename one of them"
            ),
            Self::UnknownMetric {
                place,
                name,
                similar,
            } => {
                write!(f, "{place}: there is no metric `{name}`")?;
                match similar {
                    Some(similar) => write!(f, ": did you mean `{similar}`?"),
                    None => f.write_str(": add its schema to the catalogue, or correct the name"),
                }
            }
            Self::UnknownAttribute { place, key, known } => write!(
                f,
                "{place}: there is no attribute `{key}`: there are {}; if members of the family have it, say so in the source",
                known.join(", ")
            ),
            Self::Query { place, problem } => write!(f, "{place}: {problem}"),
            Self::Stale {
                path,
                line,
                found,
                made,
            } => write!(
                f,
                "{} no longer fits the schema: line {line} is `{}`, but should be `{}`: write the file anew",
                path.display(),
                shortened(found),
                shortened(made)
            ),
            Self::File { doing, path, error } => {
                write!(f, "{doing} {}: {error}", path.display())
            }
        }
    }
}

impl Naming {
    fn described(self) -> &'static str {
        match self {
            Self::AsSent => "as they are sent, without regard to case",
            Self::WithoutSuffixes => "with `_` for what PromQL cannot spell",
            Self::WithSuffixes | Self::WithUnescapedSuffixes => "with suffixes for kinds and units",
        }
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// Whether the file at `path` is `made`.
pub(super) fn compare(path: &Path, made: &str) -> Result<(), CatalogError> {
    let found = std::fs::read_to_string(path).map_err(|error| Problem::File {
        doing: "reading",
        path: path.to_owned(),
        error,
    })?;
    // Git may have checked it out with other line ends.
    if found.lines().eq(made.lines()) {
        return Ok(());
    }
    let line = found
        .lines()
        .zip(made.lines())
        .take_while(|(found, made)| found == made)
        .count();
    let at = |text: &str| text.lines().nth(line).unwrap_or("").to_owned();
    Err(Problem::Stale {
        path: path.to_owned(),
        line: line + 1,
        found: at(&found),
        made: at(made),
    }
    .into())
}
