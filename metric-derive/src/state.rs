//! `#[derive(MetricState)]`: the states of an enum.

use std::collections::HashMap;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, LitStr, Token, Variant};

use crate::bounds::Bounds;
use crate::error::{Code, Errors};
use crate::expand::implement;
use crate::model::Head;
use crate::name::snake_case;
use crate::options::{EnumOptions, VariantOptions};
use crate::parse;

/// One variant.
struct State<'a> {
    variant: &'a Variant,
    name: String,
    /// Where the name comes from: the option, or the variant.
    at: TokenStream,
}

/// The implementations for an enum, or its errors.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::new();
    let options = EnumOptions::read(&input.attrs, &mut errors);
    let head = Head::new(input, &options.krate);
    let states = match &input.data {
        Data::Enum(data) => states(&head, &data.variants, &mut errors),
        Data::Struct(data) => {
            not_an_enum(&head, "a struct", &data.struct_token, &mut errors);
            Vec::new()
        }
        Data::Union(data) => {
            not_an_enum(&head, "a union", &data.union_token, &mut errors);
            Vec::new()
        }
    };
    match errors.finish() {
        None => {
            let index = index_of_variant(&states);
            implementations(&head, &states, &index)
        }
        Some(errors) => {
            // Valid, so that the mistakes are the only errors.
            let implementations = implementations(&head, &states, &quote!(0));
            quote!(#errors #implementations)
        }
    }
}

fn not_an_enum(head: &Head<'_>, what: &str, at: &dyn ToTokens, errors: &mut Errors) {
    errors.push(
        Code::NOT_AN_ENUM,
        at,
        format_args!(
            "`{}` is {what}, and only an enum can derive `MetricState`",
            head.name()
        ),
        "put `#[derive(MetricState)]` on an enum; a struct of metrics derives `MetricCollector`",
    );
}

fn states<'a>(
    head: &Head<'_>,
    variants: &'a Punctuated<Variant, Token![,]>,
    errors: &mut Errors,
) -> Vec<State<'a>> {
    if variants.is_empty() {
        errors.push(
            Code::NO_STATES,
            head.ident,
            format_args!("`{}` has no variants, and so no states", head.name()),
            "give it a variant for each state",
        );
    }
    let states: Vec<State<'a>> = variants
        .iter()
        .map(|variant| State::new(variant, errors))
        .collect();
    let mut seen: HashMap<String, &State<'_>> = HashMap::new();
    for state in &states {
        match seen.get(&state.name.to_lowercase()) {
            Some(first) => errors.push(
                Code::SAME_STATE,
                &state.at,
                format_args!(
                    "the variants `{}` and `{}` are both named `{}`",
                    first.variant.ident, state.variant.ident, state.name
                ),
                "give one of them another name: `#[metric(name = \"…\")]`",
            ),
            None => {
                seen.insert(state.name.to_lowercase(), state);
            }
        }
    }
    states
}

impl<'a> State<'a> {
    fn new(variant: &'a Variant, errors: &mut Errors) -> Self {
        let options = VariantOptions::read(&variant.attrs, errors);
        for field in &variant.fields {
            if parse::is_marked(&field.attrs) {
                errors.push(
                    Code::MISPLACED_OPTION,
                    &field.ty,
                    "what a variant carries is not observed",
                    "leave `#[metric]` out: the variant itself is the state",
                );
            }
        }
        let name = options.name.value();
        if let Some(name) = name.filter(|name| name.value().trim().is_empty()) {
            errors.push(
                Code::BAD_STATE,
                name,
                "the name of the state is empty",
                "write a text, or leave `name` out for the variant's name in snake_case",
            );
        }
        State {
            variant,
            name: name.map_or_else(
                || snake_case(&variant.ident.unraw().to_string()),
                LitStr::value,
            ),
            at: name.map_or_else(
                || variant.ident.to_token_stream(),
                ToTokens::to_token_stream,
            ),
        }
    }
}

/// The expression that finds the index of the present variant.
fn index_of_variant(states: &[State<'_>]) -> TokenStream {
    let arms = states
        .iter()
        .enumerate()
        .map(|(index, State { variant, .. })| {
            let (ident, index) = (&variant.ident, Literal::usize_unsuffixed(index));
            quote!(Self::#ident { .. } => #index)
        });
    quote!(match self { #(#arms),* })
}

fn implementations(head: &Head<'_>, states: &[State<'_>], index: &TokenStream) -> TokenStream {
    let mc = &head.krate;
    let names = states.iter().map(|state| &state.name);
    let bounds = Bounds::new(head.generics);
    let state = implement(
        head,
        &quote!(MetricState),
        &bounds,
        &quote! {
            const STATES: &'static [&'static ::core::primitive::str] = &[#(#names),*];

            #[inline]
            fn state_index(&self) -> ::core::primitive::usize {
                #index
            }
        },
    );
    let value = implement(
        head,
        &quote!(MetricValue),
        &bounds,
        &quote! {
            const SHAPE: #mc::Shape = #mc::Shape::States(<Self as #mc::MetricState>::STATES);

            #[inline]
            fn measure(&self) -> #mc::Measurement {
                #mc::Measurement::State(<Self as #mc::MetricState>::state_index(self))
            }
        },
    );
    let attribute = implement(
        head,
        &quote!(MetricAttribute),
        &bounds,
        &quote! {
            #[inline]
            fn attribute(&self) -> #mc::__private::Option<#mc::AttributeValue<'_>> {
                #mc::__private::Option::Some(#mc::AttributeValue::Str(
                    <Self as #mc::MetricState>::STATES[<Self as #mc::MetricState>::state_index(self)],
                ))
            }
        },
    );
    quote!(#state #value #attribute)
}
