//! What the parameters of a generic item must be, for its implementation to hold.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Generics, Type, TypeParam, WhereClause};

use crate::model::{Collector, Kind};

/// The `where` clause of an implementation: what the item itself asks for, and what the fields
/// that are observed need.
///
/// What is asked for is the field's whole type (`Option<T>: MetricValue`), and not its parameters
/// (`T: MetricValue`): so `Celsius<T>` or a flattened `Inner<T>` may ask of `T` whatever they
/// like. As a struct that flattens itself is refused, no such clause can go round in a circle.
pub(crate) struct Bounds<'a> {
    parameters: Vec<&'a TypeParam>,
    clause: Option<&'a WhereClause>,
    /// The predicates, each once, in the order of the fields.
    predicates: Vec<(String, TokenStream)>,
}

impl<'a> Bounds<'a> {
    /// What the item itself asks for.
    pub(crate) fn new(generics: &'a Generics) -> Self {
        Bounds {
            parameters: generics.type_params().collect(),
            clause: generics.where_clause.as_ref(),
            predicates: Vec::new(),
        }
    }

    /// And what the observed fields of a collector need.
    pub(crate) fn of_collector(collector: &Collector<'a>) -> Self {
        let mc = &collector.head.krate;
        let mut bounds = Bounds::new(collector.head.generics);
        for attribute in collector.attributes.iter().chain(&collector.info) {
            bounds.add(attribute.field.ty, &quote!(#mc::MetricAttribute));
        }
        for metric in &collector.metrics {
            // A `with` function takes the field as it is.
            if metric.with.is_none() {
                let value = match metric.kind {
                    Kind::Gauge => quote!(#mc::MetricValue),
                    Kind::Counter => quote!(#mc::CounterValue),
                    Kind::UpDownCounter => quote!(#mc::UpDownCounterValue),
                };
                bounds.add(metric.field.ty, &value);
            }
        }
        for group in &collector.groups {
            bounds.add(
                group.field.ty,
                &match group.key {
                    Some(_) => quote!(#mc::KeyedCollectors),
                    None => quote!(#mc::MetricCollector),
                },
            );
        }
        bounds
    }

    /// Asks that `ty` implements `required`, if that depends on a parameter.
    fn add(&mut self, ty: &Type, required: &TokenStream) {
        if self.parameters.is_empty() || !self.mentioned(ty.to_token_stream()) {
            return;
        }
        let predicate = quote!(#ty: #required);
        let text = predicate.to_string();
        if self.predicates.iter().all(|(other, _)| *other != text) {
            self.predicates.push((text, predicate));
        }
    }

    /// Whether a type parameter is among the tokens.
    fn mentioned(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => self.is_parameter(&ident),
            TokenTree::Group(group) => self.mentioned(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }

    fn is_parameter(&self, ident: &Ident) -> bool {
        self.parameters
            .iter()
            .any(|parameter| parameter.ident == *ident)
    }
}

impl ToTokens for Bounds<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let own = self.clause.map(|clause| clause.predicates.iter());
        let own: Vec<_> = own.into_iter().flatten().collect();
        let added = self.predicates.iter().map(|(_, predicate)| predicate);
        if own.len() + added.len() > 0 {
            tokens.extend(quote!(where #(#own,)* #(#added),*));
        }
    }
}
