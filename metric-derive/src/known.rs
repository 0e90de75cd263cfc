//! Which options exist where, and what is said of one that does not.

use proc_macro2::Ident;

use crate::error::{Code, Errors};

/// A place where options stand.
pub(crate) struct Place {
    /// What the place is called in a message.
    name: &'static str,
    /// The options that it has.
    pub(crate) options: &'static [&'static str],
}

impl Place {
    /// On a struct that derives `MetricCollector`.
    pub(crate) const STRUCT: Place = Place {
        name: "a struct",
        options: &["prefix", "separator", "attributes", "crate"],
    };
    /// On a field of it.
    pub(crate) const FIELD: Place = Place {
        name: "a field",
        options: &[
            "name",
            "unit",
            "description",
            "gauge",
            "counter",
            "up_down_counter",
            "with",
            "attribute",
            "info",
            "flatten",
        ],
    };
    /// In `flatten(…)`.
    pub(crate) const FLATTEN: Place = Place {
        name: "`flatten`",
        options: &["prefix", "key"],
    };
    /// On an enum that derives `MetricState`.
    pub(crate) const ENUM: Place = Place {
        name: "an enum",
        options: &["crate"],
    };
    /// On a variant of it.
    pub(crate) const VARIANT: Place = Place {
        name: "a variant",
        options: &["name"],
    };

    /// The other places, those of the same item first.
    fn others(&self) -> [&'static Place; 5] {
        let of_struct = [&Place::STRUCT, &Place::FIELD, &Place::FLATTEN];
        let of_enum = [&Place::ENUM, &Place::VARIANT];
        let ([a, b, c], [d, e]) = (of_struct, of_enum);
        match self.name {
            "an enum" | "a variant" => [d, e, a, b, c],
            _ => [a, b, c, d, e],
        }
    }

    /// Reports that `key` is not an option here.
    pub(crate) fn unknown(&self, key: &Ident, errors: &mut Errors) {
        let word = key.to_string();
        let word = word.trim_start_matches("r#");
        if let Some((_, help)) = FOREIGN.iter().find(|(foreign, _)| *foreign == word) {
            let wrong = format_args!("there is no option `{word}`");
            return errors.push(Code::UNKNOWN_OPTION, key, wrong, help);
        }
        let elsewhere = self
            .others()
            .into_iter()
            .find(|place| place.options.contains(&word));
        match (elsewhere, self.nearest(word)) {
            (Some(place), _) => errors.push(
                Code::MISPLACED_OPTION,
                key,
                format_args!(
                    "`{word}` is an option of {}, not of {}",
                    place.name, self.name
                ),
                self.instead(word),
            ),
            (None, Some(near)) => errors.push(
                Code::UNKNOWN_OPTION,
                key,
                format_args!("there is no option `{word}`"),
                format_args!("did you mean `{near}`?"),
            ),
            (None, None) => errors.push(
                Code::UNKNOWN_OPTION,
                key,
                format_args!("there is no option `{word}`"),
                format_args!("{} has {}", self.name, self.list()),
            ),
        }
    }

    /// All options in one sentence.
    fn list(&self) -> String {
        let quoted: Vec<String> = self
            .options
            .iter()
            .map(|word| format!("`{word}`"))
            .collect();
        match quoted.split_last() {
            Some((last, before)) if !before.is_empty() => {
                format!("the options {} and {last}", before.join(", "))
            }
            _ => format!("the option {}", quoted.concat()),
        }
    }

    /// The option that is spelt almost like `word`.
    fn nearest(&self, word: &str) -> Option<&'static str> {
        let likeness = |option: &&&'static str| strsim::jaro_winkler(word, option);
        self.options
            .iter()
            .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
            .filter(|option| likeness(option) > 0.8)
            .copied()
    }

    /// What to do with an option of another place.
    fn instead(&self, word: &str) -> &'static str {
        match (self.name, word) {
            ("a field", "prefix") => {
                "put it on the struct, or in front of a flattened field: `flatten(prefix = \"…\")`"
            }
            ("a field", "key") => "write `flatten(key = \"…\")`",
            ("a field", "attributes") => {
                "put constant attributes on the struct; a field that is one has `attribute`"
            }
            ("a field", _) => "put it on the struct",
            ("a struct", "attribute") => {
                "write `attributes(key = \"value\")`, or put it on a field"
            }
            ("a struct", "name") => "write `prefix`, or put it on a field",
            ("a struct", _) => "put it on a field",
            ("an enum", "name") => "put it on a variant",
            ("a variant", "crate") => "put it on the enum",
            ("`flatten`", "name") => "write `flatten(prefix = \"…\")`",
            _ => "leave it out",
        }
    }
}

/// Words of other crates and languages, and what they are called here.
const FOREIGN: &[(&str, &str)] = &[
    ("rename", "write `name = \"…\"`"),
    (
        "rename_all",
        "names are in snake_case; another one is `name = \"…\"` on the field",
    ),
    ("namespace", "write `prefix = \"…\"` on the struct"),
    ("scope", "write `prefix = \"…\"` on the struct"),
    ("desc", DESCRIPTION),
    ("help", DESCRIPTION),
    ("doc", DESCRIPTION),
    ("about", DESCRIPTION),
    ("updown", "write `up_down_counter`"),
    ("up_down", "write `up_down_counter`"),
    ("updowncounter", "write `up_down_counter`"),
    ("kind", KIND),
    ("type", KIND),
    ("histogram", HISTOGRAM),
    ("summary", HISTOGRAM),
    ("skip", SKIP),
    ("ignore", SKIP),
    (
        "default",
        "a value that is absent is an `Option`: without one no point is reported",
    ),
    ("label", LABEL),
    ("labels", LABEL),
    ("tag", LABEL),
    ("tags", LABEL),
    ("attr", LABEL),
    ("attrs", LABEL),
];

const DESCRIPTION: &str =
    "write `description = \"…\"`, or a doc comment, whose first paragraph is the description";
const KIND: &str =
    "write the kind by itself: `gauge` (the default), `counter` or `up_down_counter`";
const HISTOGRAM: &str = "a struct is observed as it is now, which a distribution is not: record into an OpenTelemetry histogram where the event happens";
const SKIP: &str = "a field without `#[metric]` is not observed: leave the attribute out";
const LABEL: &str = "write `attributes(key = \"value\")` on the struct, or `attribute` on the field that holds the value";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_option_has_a_neighbour() {
        for (word, near) in [
            ("nmae", Some("name")),
            ("uint", Some("unit")),
            ("units", Some("unit")),
            ("descripton", Some("description")),
            ("guage", Some("gauge")),
            ("cuonter", Some("counter")),
            ("upDownCounter", Some("up_down_counter")),
            ("flaten", Some("flatten")),
            ("colour", None),
        ] {
            assert_eq!(Place::FIELD.nearest(word), near, "{word}");
        }
        assert_eq!(Place::STRUCT.nearest("seperator"), Some("separator"));
        assert_eq!(Place::STRUCT.nearest("prefx"), Some("prefix"));
    }
}
