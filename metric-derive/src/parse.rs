//! The grammar of `#[metric(…)]`: a list of `key`, `key = value` and `key(…)`.
//!
//! What is not an item of that list is reported and passed over, so that one mistake does not
//! hide the next.

use std::fmt::Display;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Meta, Token, token};

use crate::error::{Code, Errors};

/// One option as it is written.
pub(crate) struct Item {
    /// The option's key.
    pub(crate) key: Ident,
    /// What stands behind it.
    pub(crate) value: Value,
}

/// What stands behind an option's key.
pub(crate) enum Value {
    /// Nothing.
    None,
    /// `= expression`
    Expr(Expr),
    /// `(…)`
    List(TokenStream),
    /// Something that was reported already.
    Wrong,
}

/// Whether one of the attributes is `#[metric]`.
pub(crate) fn is_marked(attributes: &[Attribute]) -> bool {
    attributes.iter().any(is_metric)
}

fn is_metric(attribute: &Attribute) -> bool {
    attribute.path().is_ident("metric")
}

/// Calls `each` with the options of all `#[metric(…)]`.
pub(crate) fn attributes(
    attributes: &[Attribute],
    errors: &mut Errors,
    mut each: impl FnMut(Item, &mut Errors),
) {
    for attribute in attributes.iter().filter(|attribute| is_metric(attribute)) {
        match &attribute.meta {
            Meta::Path(_) => {}
            Meta::List(list) => items(list.tokens.clone(), errors, &mut each),
            Meta::NameValue(pair) => errors.push(
                Code::NOT_AN_OPTION,
                &pair.value,
                "`#[metric]` itself has no value",
                "write options in parentheses: `#[metric(name = \"…\")]`",
            ),
        }
    }
}

/// Calls `each` with the options of one list.
pub(crate) fn items(
    tokens: TokenStream,
    errors: &mut Errors,
    each: &mut dyn FnMut(Item, &mut Errors),
) {
    separated(tokens, errors, &mut |input, errors| {
        if let Some(item) = item(input, errors) {
            each(item, errors);
        }
    });
}

/// Calls `element` at the beginning of each element of a list that is separated by commas. What
/// it leaves before the next comma is reported.
pub(crate) fn separated(
    tokens: TokenStream,
    errors: &mut Errors,
    element: &mut dyn FnMut(ParseStream<'_>, &mut Errors),
) {
    let list = |input: ParseStream<'_>| {
        while !input.is_empty() {
            element(input, errors);
            let left = rest(input);
            if !left.is_empty() {
                errors.push(
                    Code::NOT_AN_OPTION,
                    &left,
                    "a comma or the end of the list is expected here",
                    "separate options with commas: `#[metric(name = \"…\", unit = \"…\")]`",
                );
            }
            let _: Option<Token![,]> = input.parse()?;
        }
        Ok(())
    };
    // Each round takes all tokens up to a comma, and the comma: nothing is left to fail at.
    let _: syn::Result<()> = list.parse2(tokens);
}

/// The next item; `None` if there is none before the next comma.
fn item(input: ParseStream<'_>, errors: &mut Errors) -> Option<Item> {
    let Ok(key) = input.call(Ident::parse_any) else {
        let tokens = not_an_element(input);
        let help = match tokens.to_string() {
            text if text.starts_with('"') => format!("write `key = value`: `name = {text}`?"),
            _ => "write `key` or `key = value`, separated by commas".to_owned(),
        };
        errors.push(
            Code::NOT_AN_OPTION,
            &tokens,
            "an option begins with its key",
            help,
        );
        return None;
    };
    let value = value(&key, input, errors);
    Some(Item { key, value })
}

/// What stands behind a key.
pub(crate) fn value(key: &dyn Display, input: ParseStream<'_>, errors: &mut Errors) -> Value {
    if input.peek(token::Paren) {
        return match input.parse() {
            Ok(TokenTree::Group(group)) => Value::List(group.stream()),
            _ => Value::Wrong,
        };
    }
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        return colon(key, input, errors);
    }
    let Ok(equals) = input.parse::<Token![=]>() else {
        return Value::None;
    };
    if input.is_empty() || input.peek(Token![,]) {
        errors.push(
            Code::MISSING_VALUE,
            &equals,
            format_args!("`{key} =` has no value"),
            format_args!("write the value behind `=`, or leave `{key}` out"),
        );
        return Value::Wrong;
    }
    if input.peek(Token![|]) || input.peek(Token![move]) {
        return Value::Expr(Expr::Verbatim(closure(input)));
    }
    let ahead = input.fork();
    match ahead.parse() {
        Ok(value) => {
            input.advance_to(&ahead);
            Value::Expr(value)
        }
        Err(_) => Value::Expr(Expr::Verbatim(rest(input))),
    }
}

/// Reports `key: value`.
fn colon(key: &dyn Display, input: ParseStream<'_>, errors: &mut Errors) -> Value {
    let colon = input.parse::<Token![:]>();
    let value = rest(input);
    if let Ok(colon) = colon {
        errors.push(
            Code::NOT_AN_OPTION,
            &colon,
            "an option has its value behind `=`",
            format_args!("write `{key} = {value}`"),
        );
    }
    Value::Wrong
}

/// Takes what cannot be an element of a list; where there is nothing, the comma that ends it.
pub(crate) fn not_an_element(input: ParseStream<'_>) -> TokenStream {
    let here = input.span();
    let tokens = rest(input);
    if tokens.is_empty() {
        return quote_spanned!(here=> ,);
    }
    tokens
}

/// Takes a closure, which is never right, but whose parameters may have commas between them.
fn closure(input: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut bars = 0;
    while bars < 2 {
        bars += usize::from(input.peek(Token![|]));
        match input.parse::<TokenTree>() {
            Ok(token) => tokens.extend([token]),
            Err(_) => break,
        }
    }
    tokens.extend(rest(input));
    tokens
}

/// Takes all tokens up to the next comma.
fn rest(input: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        match input.parse::<TokenTree>() {
            Ok(token) => tokens.extend([token]),
            Err(_) => break,
        }
    }
    tokens
}
