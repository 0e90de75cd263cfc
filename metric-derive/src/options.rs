//! The options as they are given, each in its [`Slot`].

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, ExprPath, LitStr, Path, Token};

use crate::error::{Code, Errors};
use crate::known::Place;
use crate::parse::{self, Item, Value};
use crate::slot::Slot;
use crate::value;

/// What stands on a struct.
#[derive(Default)]
pub(crate) struct StructOptions {
    pub(crate) prefix: Slot<LitStr>,
    pub(crate) separator: Slot<LitStr>,
    pub(crate) attributes: Slot<Vec<Constant>>,
    pub(crate) krate: Slot<Path>,
}

/// A constant attribute.
pub(crate) struct Constant {
    /// The key.
    pub(crate) key: String,
    /// The key where it is written.
    pub(crate) at: TokenStream,
    /// The variant of `AttributeValue` and its content.
    pub(crate) value: TokenStream,
}

/// What stands on a field.
#[derive(Default)]
pub(crate) struct FieldOptions {
    pub(crate) name: Slot<LitStr>,
    pub(crate) unit: Slot<LitStr>,
    pub(crate) description: Slot<LitStr>,
    pub(crate) gauge: Slot<()>,
    pub(crate) counter: Slot<()>,
    pub(crate) up_down_counter: Slot<()>,
    pub(crate) with: Slot<ExprPath>,
    pub(crate) attribute: Slot<Option<LitStr>>,
    pub(crate) info: Slot<Option<LitStr>>,
    pub(crate) flatten: Slot<FlattenOptions>,
}

/// What stands in `flatten(…)`.
#[derive(Default)]
pub(crate) struct FlattenOptions {
    pub(crate) prefix: Slot<LitStr>,
    pub(crate) key: Slot<LitStr>,
}

/// What stands on an enum.
#[derive(Default)]
pub(crate) struct EnumOptions {
    pub(crate) krate: Slot<Path>,
}

/// What stands on a variant.
#[derive(Default)]
pub(crate) struct VariantOptions {
    pub(crate) name: Slot<LitStr>,
}

impl StructOptions {
    /// Reads the options of a struct.
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = StructOptions::default();
        parse::attributes(attributes, errors, |Item { key, value }, errors| match key
            .unraw()
            .to_string()
            .as_str()
        {
            "prefix" => {
                let prefix = value::text(&key, value, errors);
                options.prefix.set(key, prefix, errors);
            }
            "separator" => {
                let separator = value::text(&key, value, errors);
                options.separator.set(key, separator, errors);
            }
            "attributes" => {
                let example = "attributes(key = \"value\")";
                let list = value::list(&key, value, example, errors);
                let constants = list.map(|list| constants(list, errors));
                options.attributes.set(key, constants, errors);
            }
            "crate" => {
                let path = value::path(&key, value, errors);
                options.krate.set(key, path, errors);
            }
            _ => Place::STRUCT.unknown(&key, errors),
        });
        options
    }
}

impl FieldOptions {
    /// Reads the options of a field.
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = FieldOptions::default();
        parse::attributes(attributes, errors, |Item { key, value }, errors| match key
            .unraw()
            .to_string()
            .as_str()
        {
            "name" => {
                let name = value::text(&key, value, errors);
                options.name.set(key, name, errors);
            }
            "unit" => {
                let unit = value::text(&key, value, errors);
                options.unit.set(key, unit, errors);
            }
            "description" => {
                let description = value::text(&key, value, errors);
                options.description.set(key, description, errors);
            }
            "gauge" => {
                let flag = value::flag(&key, value, errors);
                options.gauge.set(key, flag, errors);
            }
            "counter" => {
                let flag = value::flag(&key, value, errors);
                options.counter.set(key, flag, errors);
            }
            "up_down_counter" => {
                let flag = value::flag(&key, value, errors);
                options.up_down_counter.set(key, flag, errors);
            }
            "with" => {
                let function = value::function(&key, value, errors);
                options.with.set(key, function, errors);
            }
            "attribute" => {
                let name = value::optional_text(&key, value, errors);
                options.attribute.set(key, name, errors);
            }
            "info" => {
                let name = value::optional_text(&key, value, errors);
                options.info.set(key, name, errors);
            }
            "flatten" => {
                let flatten = FlattenOptions::read(&key, value, errors);
                options.flatten.set(key, flatten, errors);
            }
            _ => Place::FIELD.unknown(&key, errors),
        });
        options
    }
}

impl FlattenOptions {
    fn read(key: &Ident, value: Value, errors: &mut Errors) -> Option<Self> {
        let mut options = FlattenOptions::default();
        if matches!(value, Value::None) {
            return Some(options);
        }
        let example = "flatten(prefix = \"…\")` or `flatten(key = \"…\")";
        let list = value::list(key, value, example, errors)?;
        parse::items(list, errors, &mut |Item { key, value }, errors| match key
            .unraw()
            .to_string()
            .as_str()
        {
            "prefix" => {
                let prefix = value::text(&key, value, errors);
                options.prefix.set(key, prefix, errors);
            }
            "key" => {
                let name = value::text(&key, value, errors);
                options.key.set(key, name, errors);
            }
            _ => Place::FLATTEN.unknown(&key, errors),
        });
        Some(options)
    }
}

impl EnumOptions {
    /// Reads the options of an enum.
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = EnumOptions::default();
        parse::attributes(attributes, errors, |Item { key, value }, errors| match key
            .unraw()
            .to_string()
            .as_str()
        {
            "crate" => {
                let path = value::path(&key, value, errors);
                options.krate.set(key, path, errors);
            }
            _ => Place::ENUM.unknown(&key, errors),
        });
        options
    }
}

impl VariantOptions {
    /// Reads the options of a variant.
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = VariantOptions::default();
        parse::attributes(attributes, errors, |Item { key, value }, errors| match key
            .unraw()
            .to_string()
            .as_str()
        {
            "name" => {
                let name = value::text(&key, value, errors);
                options.name.set(key, name, errors);
            }
            _ => Place::VARIANT.unknown(&key, errors),
        });
        options
    }
}

/// Reads `key = value, a.b = value, "any text" = value`.
fn constants(list: TokenStream, errors: &mut Errors) -> Vec<Constant> {
    let mut constants = Vec::new();
    parse::separated(list, errors, &mut |input, errors| {
        let Some((key, at)) = attribute_key(input) else {
            errors.push(
                Code::NOT_AN_OPTION,
                &parse::not_an_element(input),
                "an attribute begins with its key",
                "write `key = \"value\"`, `dotted.key = \"value\"` or `\"any key\" = \"value\"`",
            );
            return;
        };
        let value = parse::value(&key, input, errors);
        if matches!(value, Value::None | Value::List(_)) {
            errors.push(
                Code::MISSING_VALUE,
                &at,
                format_args!("the attribute `{key}` has no value"),
                format_args!("write `{at} = \"…\"`"),
            );
            return;
        }
        if let Some(value) = value::constant(&key, &value, errors) {
            constants.push(Constant { key, at, value });
        }
    });
    constants
}

fn attribute_key(input: ParseStream<'_>) -> Option<(String, TokenStream)> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse().ok()?;
        return Some((text.value(), text.into_token_stream()));
    }
    let part = input.call(Ident::parse_any).ok()?;
    let mut key = part.unraw().to_string();
    let mut at = part.into_token_stream();
    while let Ok(dot) = input.parse::<Token![.]>() {
        let part = input.call(Ident::parse_any).ok()?;
        key = format!("{key}.{}", part.unraw());
        dot.to_tokens(&mut at);
        part.to_tokens(&mut at);
    }
    Some((key, at))
}
