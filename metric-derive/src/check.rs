//! Whether what is given goes together.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{GenericArgument, LitStr, PathArguments, Type};

use crate::error::{Code, Errors};
use crate::model::{AttributeField, Collector, Field, Head, MetricField, Naming};
use crate::name::{self, ALLOWED, MAX_NAME};
use crate::options::FieldOptions;
use crate::unit;

/// The information metric's part of the name.
pub(crate) const INFO: &str = "info";

/// Checks which options of a field exclude each other.
pub(crate) fn contradictions(options: &FieldOptions, errors: &mut Errors) {
    // All options are named, so that none that is added can be forgotten here.
    let FieldOptions {
        name,
        unit,
        description,
        gauge,
        counter,
        up_down_counter,
        with,
        attribute,
        info,
        flatten,
    } = options;

    let kinds = [gauge.key(), counter.key(), up_down_counter.key()];
    let mut kinds = kinds.into_iter().flatten();
    if let Some(first) = kinds.next() {
        for second in kinds {
            errors.push(
                Code::TWO_KINDS,
                second,
                format_args!("`{first}` and `{second}` exclude each other"),
                "a metric is of one kind: keep one of the two",
            );
        }
    }

    let roles = [flatten.key(), attribute.key(), info.key()];
    let mut roles = roles.into_iter().flatten();
    let Some(role) = roles.next() else {
        return;
    };
    for second in roles {
        errors.push(
            Code::TWO_ROLES,
            second,
            format_args!("`{role}` and `{second}` exclude each other"),
            "a field is one thing: keep one of the two",
        );
    }
    let of_metrics = [
        name.key(),
        unit.key(),
        description.key(),
        gauge.key(),
        counter.key(),
        up_down_counter.key(),
        with.key(),
    ];
    for option in of_metrics.into_iter().flatten() {
        errors.push(
            Code::CONTRADICTION,
            option,
            format_args!("`{option}` has no meaning beside `{role}`"),
            instead(role, option),
        );
    }
}

/// What to write instead of an option that is only for metrics.
fn instead(role: &Ident, option: &Ident) -> String {
    if role == "flatten" {
        return if option == "name" {
            "the metrics keep their own names; to put one in front, write `flatten(prefix = \"…\")`"
                .to_owned()
        } else {
            format!(
                "leave `{option}` out: the fields of the flattened struct have their own options"
            )
        };
    }
    if option == "name" {
        return format!("write the attribute's key as `{role} = \"…\"`");
    }
    format!("leave `{option}` out, or leave `{role}` out if the field is a metric")
}

/// Checks that a flattened field is not the struct itself, whose metrics would have no end.
pub(crate) fn not_itself(head: &Head<'_>, field: &Field<'_>, key: &Ident, errors: &mut Errors) {
    if innermost(field.ty).is_some_and(|ident| ident == head.ident || ident == "Self") {
        errors.push(
            Code::RECURSIVE,
            key,
            format_args!(
                "`{}` cannot be flattened into itself: its metrics would have no end",
                head.name()
            ),
            "leave the field unobserved, or observe a number of it with `with = path`",
        );
    }
}

/// The type that is inside `Option`, `Box`, `Vec` and their like: the last argument, again and
/// again.
fn innermost(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Group(group) => innermost(&group.elem),
        Type::Paren(paren) => innermost(&paren.elem),
        Type::Reference(reference) => innermost(&reference.elem),
        Type::Array(array) => innermost(&array.elem),
        Type::Slice(slice) => innermost(&slice.elem),
        Type::Path(path) => {
            let segment = path.path.segments.last()?;
            let outer = ["Option", "Box", "Rc", "Arc", "Vec", "HashMap", "BTreeMap"];
            if !outer.iter().any(|outer| segment.ident == outer) {
                return path
                    .path
                    .segments
                    .first()
                    .filter(|_| path.path.segments.len() == 1)
                    .map(|segment| &segment.ident);
            }
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                return None;
            };
            let mut types = arguments
                .args
                .iter()
                .rev()
                .filter_map(|argument| match argument {
                    GenericArgument::Type(ty) => Some(ty),
                    _ => None,
                });
            types.next().and_then(innermost)
        }
        _ => None,
    }
}

/// Checks everything that is known once all fields are read.
pub(crate) fn collector(collector: &Collector<'_>, errors: &mut Errors) {
    if collector.metrics.is_empty() && collector.info.is_empty() && collector.groups.is_empty() {
        errors.push(
            Code::NOTHING_OBSERVED,
            collector.head.ident,
            format_args!("`{}` has no metric", collector.head.name()),
            "put `#[metric]` on the fields to observe",
        );
    }
    naming(&collector.naming, errors);
    names(collector, errors);
    keys(collector, errors);
    for metric in &collector.metrics {
        if let Some(unit) = &metric.unit {
            check_unit(unit, errors);
        }
    }
    for group in &collector.groups {
        if let Some(prefix) = &group.prefix {
            check_prefix(&prefix.value(), prefix, &collector.naming.separator, errors);
        }
    }
}

fn naming(naming: &Naming, errors: &mut Errors) {
    if let Some(separator) = &naming.separator_at
        && (naming.separator.is_empty() || !naming.separator.chars().all(name::is_separator))
    {
        errors.push(
            Code::BAD_SEPARATOR,
            separator,
            match naming.separator.escape_debug().to_string() {
                empty if empty.is_empty() => "the separator is empty".to_owned(),
                other => {
                    format!("the separator `{other}` cannot stand between the parts of a name")
                }
            },
            "write one or more of `.`, `_`, `-` and `/`; names without a prefix: `prefix = \"\"`",
        );
    }
    if !naming.prefix.is_empty() {
        check_prefix(&naming.prefix, &naming.prefix_at, &naming.separator, errors);
    }
}

fn check_prefix(prefix: &str, at: &dyn ToTokens, separator: &str, errors: &mut Errors) {
    if let Some(fault) = name::fault("prefix", prefix, true) {
        let help = allowed("prefix", prefix);
        errors.push(Code::BAD_PREFIX, at, fault, help);
    } else if let Some(shorter) = prefix.strip_suffix(separator)
        && !separator.is_empty()
    {
        errors.push(
            Code::BAD_PREFIX,
            at,
            format_args!("the prefix `{prefix}` ends with the separator, which would stand twice"),
            format_args!("leave it out: `prefix = \"{shorter}\"`"),
        );
    }
}

/// What a name may consist of, and the option with a name that is near.
fn allowed(option: &str, part: &str) -> String {
    match name::repaired(part) {
        Some(repaired) => format!("{ALLOWED}: `{option} = \"{repaired}\"`"),
        None => format!("{ALLOWED}: `{option} = \"…\"`"),
    }
}

/// Checks the names of the struct's own metrics.
fn names(collector: &Collector<'_>, errors: &mut Errors) {
    let naming = &collector.naming;
    let mut seen: HashMap<String, &MetricField<'_>> = HashMap::new();
    for metric in &collector.metrics {
        let MetricField { part, part_at, .. } = metric;
        let full = naming.full(part);
        if let Some(fault) = name::fault("name", part, naming.prefix.is_empty()) {
            errors.push(Code::BAD_NAME, part_at, fault, allowed("name", part));
        } else if full.len() > MAX_NAME {
            long_name(&full, part_at, errors);
        }
        match seen.get(&full.to_ascii_lowercase()) {
            Some(first) => errors.push(
                Code::SAME_NAME,
                part_at,
                format_args!(
                    "the fields `{}` and `{}` are both named `{full}`",
                    first.field.name, metric.field.name
                ),
                if first.part == *part {
                    "give one of them another `name`"
                } else {
                    "give one of them another `name`; upper and lower case are the same to OpenTelemetry"
                },
            ),
            None => {
                seen.insert(full.to_ascii_lowercase(), metric);
            }
        }
    }
    let info = naming.full(INFO);
    if !collector.info.is_empty() && info.len() > MAX_NAME {
        long_name(&info, &naming.prefix_at, errors);
    }
    let same = seen.get(&info.to_ascii_lowercase());
    if let Some(metric) = same.filter(|_| !collector.info.is_empty()) {
        errors.push(
            Code::SAME_NAME,
            &metric.part_at,
            format_args!(
                "the field `{}` has the name of the information metric, `{info}`",
                metric.field.name
            ),
            "give it another `name`",
        );
    }
}

fn long_name(full: &str, at: &dyn ToTokens, errors: &mut Errors) {
    errors.push(
        Code::LONG_NAME,
        at,
        format_args!("the name `{full}` has {} characters", full.len()),
        format_args!("OpenTelemetry allows {MAX_NAME}: write a shorter `name` or `prefix`"),
    );
}

/// Checks the keys of all attributes that the struct gives.
fn keys(collector: &Collector<'_>, errors: &mut Errors) {
    let mut keys = Keys {
        seen: HashMap::new(),
        errors,
    };
    for constant in &collector.constants {
        keys.add(&constant.key, &constant.at, "the struct's `attributes`");
    }
    let mut add_field = |attribute: &AttributeField<'_>| {
        let of = format!("the field `{}`", attribute.field.name);
        keys.add(&attribute.key, &attribute.key_at, &of);
    };
    collector.attributes.iter().for_each(&mut add_field);
    // What tells the members of a group apart is on those only, and not beside the info's keys.
    let of_all = keys.seen.clone();
    let mut add_field = |attribute: &AttributeField<'_>| {
        let of = format!("the field `{}`", attribute.field.name);
        keys.add(&attribute.key, &attribute.key_at, &of);
    };
    collector.info.iter().for_each(&mut add_field);
    for group in &collector.groups {
        if let Some(key) = &group.key {
            keys.seen.clone_from(&of_all);
            keys.add(&key.value(), &key.to_token_stream(), &group.field.name);
        }
    }
}

/// The keys so far, and what gives them.
struct Keys<'e> {
    seen: HashMap<String, String>,
    errors: &'e mut Errors,
}

impl Keys<'_> {
    fn add(&mut self, key: &str, at: &TokenStream, of: &str) {
        let shown = key.escape_debug();
        let fault = if key.is_empty() {
            Some("the attribute key is empty".to_owned())
        } else if key.contains(char::is_control) {
            Some(format!(
                "the attribute key `{shown}` has a control character"
            ))
        } else if key.trim() != key {
            Some(format!(
                "the attribute key `{shown}` begins or ends with a space"
            ))
        } else {
            None
        };
        if let Some(fault) = fault {
            let help =
                "a key is a word, or words with dots between them: `vehicle_id`, `service.name`";
            self.errors.push(Code::BAD_KEY, at, fault, help);
            return;
        }
        match self.seen.get(key) {
            Some(first) => self.errors.push(
                Code::SAME_KEY,
                at,
                format_args!("the attribute `{key}` is given twice: {first} has it already"),
                "give one of the two another key",
            ),
            None => {
                self.seen.insert(key.to_owned(), of.to_owned());
            }
        }
    }
}

fn check_unit(unit: &LitStr, errors: &mut Errors) {
    if let Err(error) = unit::check(&unit.value()) {
        let help = error
            .help
            .unwrap_or_else(|| "write a unit of UCUM (https://ucum.org)".to_owned());
        errors.push(Code::BAD_UNIT, unit, error.message, help);
    }
}
