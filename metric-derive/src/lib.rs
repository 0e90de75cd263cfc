//! The derive macros of [metric-core](https://docs.rs/metric-core), which re-exports and explains
//! them. Depend on that crate, not on this one.
//!
//! How an item becomes code: `parse` and `value` read the grammar of `#[metric(…)]`, `options`
//! puts it into slots, `model` says it in metric-core's words, `check` finds what does not go
//! together, and `expand` writes the code. Mistakes do not stop that: they gather in `error`, and
//! are all reported in one compile.

mod bounds;
mod check;
mod collector;
mod doc;
mod error;
mod expand;
mod known;
mod model;
mod name;
mod options;
mod parse;
mod slot;
#[cfg(test)]
mod snapshots;
mod state;
#[cfg(test)]
mod tests;
mod unit;
mod value;

use proc_macro::TokenStream;
use syn::DeriveInput;

use crate::error::{Code, Errors};

/// Makes a struct a collector of metrics: its fields with `#[metric]` are what is observed.
///
/// On the struct, `#[metric(…)]` takes:
///
/// | option | meaning |
/// |---|---|
/// | `prefix = "…"` | the first part of every name; default: the struct's name in snake_case; `""` for none |
/// | `separator = "…"` | what stands between prefix and field: one or more of `.` (default), `_`, `-`, `/` |
/// | `attributes(key = "value", …)` | constant attributes of every metric; keys may be `dotted.words` or `"any text"`, values texts, `true`, `false` and numbers |
/// | `crate = "path"` | where metric_core is, for a crate that re-exports it |
///
/// On a field:
///
/// | option | meaning |
/// |---|---|
/// | none: `#[metric]` | the field is a metric; a field without the attribute is not observed |
/// | `name = "…"` | replaces the field's part of the name |
/// | `unit = "…"` | the unit, in UCUM: `s`, `By`, `km/h`, `%`, `{item}` |
/// | `description = "…"` | default: the first paragraph of the field's documentation |
/// | `gauge`, `counter`, `up_down_counter` | the kind; default: `gauge` |
/// | `with = path` | a function from a reference to the field to a number, or an `Option` of one |
/// | `attribute`, `attribute = "key"` | no metric: the value is an attribute of all the struct's metrics |
/// | `info`, `info = "key"` | no metric: the value is an attribute of the one metric `<prefix>.info`, whose value is 1 |
/// | `flatten` | the field is a collector itself, whose metrics stand beside these |
/// | `flatten(prefix = "…")` | with a text in front of their names |
/// | `flatten(key = "…")` | the field is many collectors: `Vec`, array, `HashMap`, `BTreeMap`; index or key become this attribute |
///
/// Fields of a tuple struct have no name of their own, and need `name`, or a key.
///
/// Each type that is observed must implement what its field asks for (`MetricValue`,
/// `CounterValue`, `UpDownCounterValue`, `MetricAttribute`, `MetricCollector`, `KeyedCollectors`);
/// where that depends on a type parameter, the implementation asks for it in its `where` clause.
#[proc_macro_derive(MetricCollector, attributes(metric))]
pub fn metric_collector(input: TokenStream) -> TokenStream {
    derive(input.into(), collector::derive).into()
}

/// Makes the variants of an enum the states of a metric, and of an attribute.
///
/// A state is named as its variant is, in snake_case; `#[metric(name = "…")]` on the variant names
/// it otherwise. What a variant carries is not looked at. On the enum, `#[metric(crate = "path")]`
/// tells where metric_core is.
#[proc_macro_derive(MetricState, attributes(metric))]
pub fn metric_state(input: TokenStream) -> TokenStream {
    derive(input.into(), state::derive).into()
}

fn derive(
    input: proc_macro2::TokenStream,
    expand: fn(&DeriveInput) -> proc_macro2::TokenStream,
) -> proc_macro2::TokenStream {
    match syn::parse2(input) {
        Ok(input) => expand(&input),
        Err(error) => {
            let mut errors = Errors::new();
            errors.push_syntax(
                Code::UNREADABLE,
                &error,
                "please report it; until then, move what is unusual out of the item",
            );
            errors.finish().unwrap_or_default()
        }
    }
}
