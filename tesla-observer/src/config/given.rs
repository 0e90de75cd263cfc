//! What was given: by flags, by variables, by default.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::setting::{SETTINGS, Setting, setting};

/// What is wrong with one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The flag or the variable at fault.
    pub at: String,
    /// What is wrong with it, and what to write instead. Has no secret.
    pub problem: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.problem)
    }
}

impl std::error::Error for ConfigError {}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A flag, with its dashes.
    Flag(String),
    /// A variable.
    Variable(String),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(name) => f.write_str(name),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A setting's value as text: overwritten when it is dropped, as it may be a secret.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) text: Zeroizing<String>,
    pub(super) source: Source,
}

/// All that was given.
pub struct Given {
    flags: BTreeMap<&'static str, String>,
    /// `None` for one that is not UTF-8. Overwritten when they are dropped: secrets are among them.
    variables: BTreeMap<String, Option<Zeroizing<String>>>,
}

impl Given {
    /// Flags by the name of their setting, and the environment.
    pub fn new(
        flags: BTreeMap<&'static str, String>,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        let variables = variables
            .into_iter()
            .filter_map(|(name, value)| {
                let value = value.into_string().ok().map(Zeroizing::new);
                Some((name.into_string().ok()?, value))
            })
            .collect();
        Self { flags, variables }
    }

    /// A variable, if it is set and not empty; OpenTelemetry's specification takes both for the same.
    pub(super) fn variable(&self, name: &str, errors: &mut Vec<ConfigError>) -> Option<Value> {
        match self.variables.get(name)? {
            Some(text) if text.trim().is_empty() => None,
            Some(text) => Some(Value {
                text: text.clone(),
                source: Source::Variable(name.to_owned()),
            }),
            None => {
                errors.push(ConfigError {
                    at: name.to_owned(),
                    problem: "is not UTF-8".to_owned(),
                });
                None
            }
        }
    }

    /// What was said of a setting that is no secret.
    pub(super) fn said(&self, name: &str, errors: &mut Vec<ConfigError>) -> Option<Value> {
        let setting = setting(name)?;
        debug_assert!(!setting.secret, "{name} is a secret");
        self.flag(setting).or_else(|| {
            setting
                .variables
                .iter()
                .find_map(|variable| self.variable(variable, errors))
        })
    }

    /// What was said of a setting, or else its default.
    pub(super) fn value(&self, name: &str, errors: &mut Vec<ConfigError>) -> Option<Value> {
        self.said(name, errors).or_else(|| {
            Some(Value {
                text: setting(name)?.default?.to_owned().into(),
                source: Source::Default,
            })
        })
    }

    fn flag(&self, setting: &Setting) -> Option<Value> {
        Some(Value {
            text: self.flags.get(setting.name)?.clone().into(),
            source: Source::Flag(flag_of(setting)),
        })
    }

    /// A secret: from the file that its flag names, from its variable, or from the file that its
    /// variable with `_FILE` names.
    pub(super) fn secret(
        &self,
        name: &str,
        errors: &mut Vec<ConfigError>,
    ) -> Option<(SecretString, Source)> {
        let setting = setting(name)?;
        if let Some(file) = self.flag(setting) {
            return read_secret(&file, errors);
        }
        setting
            .variables
            .iter()
            .find_map(|variable| self.secret_variable(variable, errors))
    }

    /// A secret from this variable, or from the file that it names with `_FILE` at its end.
    pub(super) fn secret_variable(
        &self,
        variable: &str,
        errors: &mut Vec<ConfigError>,
    ) -> Option<(SecretString, Source)> {
        if let Some(value) = self.variable(variable, errors) {
            return Some((value.text.trim().into(), value.source));
        }
        let file = self.variable(&format!("{variable}_FILE"), errors)?;
        read_secret(&file, errors)
    }

    /// Variables that look as if they were meant for this program, but are not known to it.
    pub(super) fn misspelt(&self) -> Vec<ConfigError> {
        const OURS: [&str; 6] = [
            "GREPTIME_",
            "OTEL_EXPORTER_OTLP_",
            "POLLING_",
            "SCRAPE_",
            "SIMULATOR_",
            "TESLA_",
        ];
        let known = |name: &str| {
            let name = name.strip_suffix("_FILE").unwrap_or(name);
            // The variables for one signal have its name within.
            let common =
                ["METRICS_", "TRACES_", "LOGS_"].map(|signal| name.replacen(signal, "", 1));
            let mut variables = SETTINGS.iter().flat_map(|setting| setting.variables);
            variables
                .any(|variable| *variable == name || common.iter().any(|common| common == variable))
        };
        self.variables
            .keys()
            .filter(|name| OURS.iter().any(|start| name.starts_with(start)))
            .filter(|name| !known(name))
            .map(|name| ConfigError {
                at: name.clone(),
                problem: "is not a variable of this program, and has no effect".to_owned(),
            })
            .collect()
    }
}

/// The flag of a setting.
pub(super) fn flag_of(setting: &Setting) -> String {
    match setting.secret {
        true => format!("--{}-file", setting.name),
        false => format!("--{}", setting.name),
    }
}

fn read_secret(file: &Value, errors: &mut Vec<ConfigError>) -> Option<(SecretString, Source)> {
    // As large as the file from the beginning: nothing is left behind of it while it is read.
    match fs::read_to_string(file.text.as_str()).map(Zeroizing::new) {
        Ok(text) if text.trim().is_empty() => {
            errors.push(file.wrong(format!("the file {:?} is empty", *file.text)));
            None
        }
        Ok(text) => Some((text.trim().into(), file.source.clone())),
        Err(error) => {
            errors.push(file.wrong(format!("the file {:?} cannot be read: {error}", *file.text)));
            None
        }
    }
}

impl Value {
    /// An error at this value's place.
    pub(super) fn wrong(&self, problem: impl Into<String>) -> ConfigError {
        ConfigError {
            at: self.source.to_string(),
            problem: problem.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn what_may_be_a_secret_is_overwritten_when_it_is_dropped() {
        fn is_overwritten(_: &impl ZeroizeOnDrop) {}
        let variables = [("TOKEN".into(), "a-token".into())];
        let given = Given::new(BTreeMap::new(), variables);
        let kept = given.variables["TOKEN"].as_ref();
        is_overwritten(kept.expect("it is UTF-8"));
        let read = given.variable("TOKEN", &mut Vec::new());
        is_overwritten(&read.expect("it is set").text);
        let secret = given.secret("token", &mut Vec::new());
        is_overwritten(&secret.expect("it is set").0);
    }
}
