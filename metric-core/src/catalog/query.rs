//! From queries with a catalogue's names to the PromQL of a backend.
//!
//! This reads no grammar: it finds the names of metrics and attributes, and leaves all else, which may be
//! Grafana's (`$__rate_interval`), as it is.

use super::names::{Named, Names};
use super::naming::{escaped, is_plain};
use super::{CatalogMetric, Naming, Problem};

/// What stands in a query without being a metric or having an argument list behind it.
const WORDS: &[&str] = &[
    "and",
    "or",
    "unless",
    "bool",
    "offset",
    "inf",
    "nan",
    "atan2",
    "sum",
    "min",
    "max",
    "avg",
    "group",
    "stddev",
    "stdvar",
    "count",
    "count_values",
    "bottomk",
    "topk",
    "quantile",
];

/// What has a list of attributes behind it.
const LISTS: &[&str] = &[
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
];

/// Attributes that are not the metrics' own: of histograms' series, of Prometheus, and of the resource.
const GIVEN: &[&str] = &["le", "__name__", "job", "instance", "service_name"];

impl<'a> Names<'a> {
    /// The query in a backend's words. Each metric is also filtered by those of `variables` that are among
    /// its attributes.
    pub(super) fn translate(
        &self,
        place: &str,
        query: &str,
        variables: &[String],
    ) -> Result<Translated<'a>, Problem> {
        let mut reader = Reader {
            names: self,
            place,
            variables,
            rest: query,
            made: String::new(),
            asked: Vec::new(),
        };
        while !reader.rest.is_empty() {
            reader.step()?;
        }
        Ok(Translated {
            query: reader.made,
            asked: reader.asked,
        })
    }
}

/// A query in a backend's words.
pub(super) struct Translated<'a> {
    pub(super) query: String,
    /// The metrics that it asks for, each once, with the naming of each.
    pub(super) asked: Vec<(&'a CatalogMetric, Naming)>,
}

impl Translated<'_> {
    /// How its series are called, with the attributes' keys as the backend has them: `{{error.type}}`.
    pub(super) fn legend(&self, legend: &str) -> String {
        let mut made = String::new();
        let mut rest = legend;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((key, after)) = after.split_once("}}") else {
                break;
            };
            made.push_str(before);
            let own = self.asked.iter().find_map(|(metric, naming)| {
                let mut keys = metric.attributes().iter().map(|attribute| attribute.key());
                let own = keys.find(|own| *own == key || escaped(own) == key)?;
                Some(naming.attribute(own))
            });
            made.push_str(&format!("{{{{{}}}}}", own.as_deref().unwrap_or(key)));
            rest = after;
        }
        made + rest
    }
}

struct Reader<'a, 'b> {
    names: &'b Names<'a>,
    place: &'b str,
    variables: &'b [String],
    rest: &'b str,
    made: String,
    asked: Vec<(&'a CatalogMetric, Naming)>,
}

impl<'a> Reader<'a, '_> {
    fn step(&mut self) -> Result<(), Problem> {
        match self.rest.as_bytes()[0] {
            b'"' | b'\'' | b'`' => self.text(),
            b'[' => self.until(']', "a range"),
            b'{' => self.until('}', "a selector"),
            b'$' => {
                self.take(1);
                match self.rest.starts_with('{') {
                    true => self.until('}', "a variable"),
                    false => {
                        self.word();
                        Ok(())
                    }
                }
            }
            // A number or a duration, with all that belongs to it.
            b'0'..=b'9' | b'.' => {
                let end = self.end(|c| c.is_ascii_alphanumeric() || c == '.');
                self.take(end);
                Ok(())
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b':' => self.name(),
            _ => {
                let width = self.rest.chars().next().map_or(1, char::len_utf8);
                self.take(width);
                Ok(())
            }
        }
    }

    /// Takes that many bytes as they are.
    fn take(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at(bytes);
        self.made.push_str(taken);
        self.rest = rest;
    }

    fn end(&self, belongs: impl Fn(char) -> bool) -> usize {
        self.rest
            .find(|c: char| !belongs(c))
            .unwrap_or(self.rest.len())
    }

    fn word(&mut self) {
        let end = self.end(|c| c.is_ascii_alphanumeric() || c == '_');
        self.take(end);
    }

    fn until(&mut self, close: char, what: &str) -> Result<(), Problem> {
        match self.rest.find(close) {
            Some(end) => {
                self.take(end + close.len_utf8());
                Ok(())
            }
            None => Err(self.problem(format!("{what} has no `{close}`"))),
        }
    }

    /// A text in quotes.
    fn text(&mut self) -> Result<(), Problem> {
        let quote = self.rest.as_bytes()[0];
        let mut escaped = false;
        let end = self.rest.bytes().skip(1).position(|byte| {
            let ends = byte == quote && !escaped;
            escaped = byte == b'\\' && !escaped && quote != b'`';
            ends
        });
        match end {
            Some(end) => {
                self.take(end + 2);
                Ok(())
            }
            None => Err(self.problem("a text has no closing quote".to_owned())),
        }
    }

    fn name(&mut self) -> Result<(), Problem> {
        let end = self.end(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.'));
        let (name, rest) = self.rest.split_at(end);
        let called = rest.trim_start().starts_with('(');
        if let Some(named) = self.names.get(name) {
            self.rest = rest;
            return self.metric(named);
        }
        if LISTS.contains(&name.to_ascii_lowercase().as_str()) {
            self.take(end);
            return match called {
                true => self.list(),
                false => Ok(()),
            };
        }
        if called || WORDS.contains(&name.to_ascii_lowercase().as_str()) {
            self.take(end);
            return Ok(());
        }
        Err(Problem::UnknownMetric {
            place: self.place.to_owned(),
            name: name.to_owned(),
            similar: self.names.similar(name),
        })
    }

    /// A metric, and what it is filtered by.
    fn metric(&mut self, named: Named<'a>) -> Result<(), Problem> {
        let Named {
            metric,
            naming,
            suffix,
        } = named;
        if !self
            .asked
            .iter()
            .any(|(asked, _)| std::ptr::eq(*asked, metric))
        {
            self.asked.push((metric, naming));
        }
        let name = format!("{}{suffix}", naming.metric(metric));
        let mut filters: Vec<String> = Vec::new();
        match is_plain(&name) {
            true => self.made.push_str(&name),
            false => filters.push(format!("__name__=\"{name}\"")),
        }
        let space = self.end(char::is_whitespace);
        if self.rest[space..].starts_with('{') {
            self.rest = &self.rest[space + 1..];
            while !self.rest.trim_start().starts_with('}') {
                filters.push(self.matcher(metric, naming)?);
            }
            self.rest = &self.rest.trim_start()[1..];
        }
        for key in self.variables {
            if metric.attribute(key).is_some() {
                let variable = escaped(key);
                filters.push(format!("{}=~\"${variable}\"", spelled(naming, key)));
            }
        }
        if !filters.is_empty() {
            self.made.push_str(&format!("{{{}}}", filters.join(", ")));
        }
        Ok(())
    }

    /// One of the filters of a selector, with the comma behind it.
    fn matcher(&mut self, metric: &CatalogMetric, naming: Naming) -> Result<String, Problem> {
        self.rest = self
            .rest
            .trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let end = self.end(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        let (key, rest) = self.rest.split_at(end);
        let operator = rest.trim_start();
        let length = operator
            .find(|c| !matches!(c, '=' | '!' | '~'))
            .unwrap_or(0);
        if key.is_empty() || length == 0 {
            let near: String = self.rest.chars().take(20).collect();
            return Err(self.problem(format!(
                "a selector of `{}` cannot be read at `{near}`: write {{attribute=\"value\"}}",
                metric.name()
            )));
        }
        let known: Vec<&str> = metric
            .attributes()
            .iter()
            .map(|known| known.key())
            .collect();
        let key = self.key(key, &known)?;
        let (operator, rest) = operator.split_at(length);
        self.rest = rest.trim_start();
        if !self.rest.starts_with(['"', '\'', '`']) {
            return Err(self.problem(format!(
                "`{key}` is compared with something else than a text"
            )));
        }
        let made = std::mem::take(&mut self.made);
        let read = self.text();
        let value = std::mem::replace(&mut self.made, made);
        read?;
        self.rest = self.rest.trim_start().trim_start_matches(',');
        Ok(format!("{}{operator}{value}", spelled(naming, &key)))
    }

    /// `(a, b)` behind `by` and the like.
    fn list(&mut self) -> Result<(), Problem> {
        let Some(end) = self.rest.find(')') else {
            return Err(self.problem("a list of attributes has no `)`".to_owned()));
        };
        let (list, rest) = self.rest.split_at(end + 1);
        let inner = list
            .trim_start()
            .trim_start_matches('(')
            .trim_end_matches(')');
        let known = self.names.attributes();
        let mut keys = Vec::new();
        for key in inner
            .split(',')
            .map(str::trim)
            .filter(|key| !key.is_empty())
        {
            let key = self.key(key, &known)?;
            // A list is about several metrics: theirs is one naming.
            let naming = self.names.naming_with(&key).unwrap_or_default();
            keys.push(spelled(naming, &key));
        }
        self.made.push_str(&format!(" ({})", keys.join(", ")));
        self.rest = rest;
        Ok(())
    }

    /// The attribute's own key, which may be written as PromQL spells it.
    fn key(&self, written: &str, known: &[&str]) -> Result<String, Problem> {
        let own = known
            .iter()
            .find(|key| **key == written || escaped(key) == written);
        match own {
            Some(key) => Ok((*key).to_owned()),
            None if GIVEN.contains(&written) => Ok(written.to_owned()),
            None => Err(Problem::UnknownAttribute {
                place: self.place.to_owned(),
                key: written.to_owned(),
                known: known.iter().map(|key| format!("`{key}`")).collect(),
            }),
        }
    }

    fn problem(&self, problem: String) -> Problem {
        Problem::Query {
            place: self.place.to_owned(),
            problem,
        }
    }
}

/// The attribute's key in a query; in quotes where PromQL cannot spell it.
fn spelled(naming: Naming, key: &str) -> String {
    let name = naming.attribute(key);
    match is_plain(&name) {
        true => name,
        false => format!("\"{name}\""),
    }
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
