//! The code of `#[derive(MetricCollector)]`.
//!
//! All of it refers to things by absolute paths, so that nothing in the user's module can get in
//! its way. A field's type stands in it with its own span, so that a trait that the type does not
//! implement is reported there, and once, because the compiler reports the same thing at the same
//! place only once.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ExprPath, GenericParam, Lifetime};

use crate::bounds::Bounds;
use crate::check::INFO;
use crate::model::{AttributeField, Collector, Field, GroupField, Head, Kind, MetricField};
use crate::options::Constant;

/// The implementation for a struct without mistakes.
pub(crate) fn collector(collector: &Collector<'_>) -> TokenStream {
    let head = &collector.head;
    let mc = &head.krate;
    let schema = schema(collector);
    let observe = observe(collector);
    let implementation = implement(
        head,
        &quote!(MetricCollector),
        &Bounds::of_collector(collector),
        &quote! {
            const SCHEMA: &'static #mc::Schema = #schema;

            fn observe<__O: #mc::Observer + ?::core::marker::Sized>(&self, __observer: &mut __O) {
                #observe
            }
        },
    );
    let checks = early_checks(collector);
    quote!(#implementation #checks)
}

/// The implementation for a struct with mistakes: valid and empty, so that they are the only
/// errors.
pub(crate) fn empty_collector(head: &Head<'_>) -> TokenStream {
    let mc = &head.krate;
    let name = head.name();
    implement(
        head,
        &quote!(MetricCollector),
        &Bounds::new(head.generics),
        &quote! {
            const SCHEMA: &'static #mc::Schema = &#mc::Schema::new(#name, "", 0);

            fn observe<__O: #mc::Observer + ?::core::marker::Sized>(&self, _: &mut __O) {}
        },
    )
}

/// The implementation of one of metric-core's traits.
pub(crate) fn implement(
    head: &Head<'_>,
    of: &TokenStream,
    bounds: &Bounds<'_>,
    body: &TokenStream,
) -> TokenStream {
    let Head {
        ident,
        generics,
        krate: mc,
        deprecated,
        ..
    } = head;
    let (parameters, arguments, _) = generics.split_for_impl();
    let allow = deprecated.then(|| quote!(#[allow(deprecated)]));
    quote! {
        #allow
        #[automatically_derived]
        impl #parameters #mc::#of for #ident #arguments #bounds {
            #body
        }
    }
}

/// The schema, as a reference.
fn schema(collector: &Collector<'_>) -> TokenStream {
    let mc = &collector.head.krate;
    let name = collector.head.name();
    let at = collector.head.ident.span();
    let (file, line) = (quote_spanned!(at=> ::core::file!()), line(at));
    let mut schema = quote!(&#mc::Schema::new(#name, #file, #line));

    if has_attributes(collector) {
        let constants = collector.constants.iter().map(|Constant { key, value, .. }| {
            quote!(#mc::AttributeSchema::constant(#key, #mc::AttributeValue::#value))
        });
        let fields = collector
            .attributes
            .iter()
            .map(|AttributeField { key, .. }| quote!(#mc::AttributeSchema::new(#key)));
        schema.extend(quote!(.with_attributes(&[#(#constants,)* #(#fields,)*])));
    }

    let metrics = collector
        .metrics
        .iter()
        .map(|metric| metric_schema(collector, metric));
    let metrics: Vec<TokenStream> = metrics.chain(info_schema(collector)).collect();
    if !metrics.is_empty() {
        schema.extend(quote!(.with_metrics(&[#(#metrics),*])));
    }

    if !collector.groups.is_empty() {
        let groups = collector
            .groups
            .iter()
            .map(|group| group_schema(collector, group));
        schema.extend(quote!(.with_groups(&[#(#groups),*])));
    }
    schema
}

fn metric_schema(collector: &Collector<'_>, metric: &MetricField<'_>) -> TokenStream {
    let mc = &collector.head.krate;
    let MetricField {
        field,
        kind,
        part,
        unit,
        description,
        with,
        ..
    } = metric;
    let Field {
        ty,
        name: field_name,
        at,
        ..
    } = field;
    let constructor = match kind {
        Kind::Gauge => quote!(gauge),
        Kind::Counter => quote!(counter),
        Kind::UpDownCounter => quote!(up_down_counter),
    };
    let (shape, implied) = match with {
        None => {
            let [of, shape, unit, _] = value_words(*kind);
            (
                quote!(<#ty as #mc::#of>::#shape),
                quote!(<#ty as #mc::#of>::#unit),
            )
        }
        Some(path) => {
            let with = function(mc, metric, path);
            (quote!(#with.shape), quote!(#with.unit))
        }
    };
    let unit = match unit {
        None => implied,
        Some(unit) => {
            // A unit that contradicts the type is shown where it is given.
            let at = unit.span();
            let call = located(quote!(#mc::__private::unit), at);
            quote_spanned!(at=> #call(#implied, #unit))
        }
    };
    let name = collector.naming.full(part);
    let description = (!description.is_empty()).then(|| quote!(.with_description(#description)));
    let line = line(*at);
    quote! {
        #mc::Metric::#constructor(#name, #shape)
            .with_unit(#unit)
            #description
            .with_field(#field_name, #line)
    }
}

/// The trait of a value of this kind, and what it calls the shape, the unit and the look at it. All
/// of a field's code uses one trait, so that a type that does not implement it is reported once.
fn value_words(kind: Kind) -> [Ident; 4] {
    let words = match kind {
        Kind::Gauge => ["MetricValue", "SHAPE", "UNIT", "measure"],
        Kind::Counter => [
            "CounterValue",
            "COUNTER_SHAPE",
            "COUNTER_UNIT",
            "measure_counter",
        ],
        Kind::UpDownCounter => [
            "UpDownCounterValue",
            "UP_DOWN_COUNTER_SHAPE",
            "UP_DOWN_COUNTER_UNIT",
            "measure_up_down_counter",
        ],
    };
    words.map(|word| Ident::new(word, Span::call_site()))
}

fn info_schema(collector: &Collector<'_>) -> Option<TokenStream> {
    let mc = &collector.head.krate;
    let first = &collector.info.first()?.field;
    let keys = collector.info.iter().map(|info| &info.key);
    let name = collector.naming.full(INFO);
    let description = match collector.head.doc.as_str() {
        "" => format!("Information about {}.", collector.head.name()),
        doc => doc.to_owned(),
    };
    let (field_name, line) = (&first.name, line(first.at));
    Some(quote! {
        #mc::Metric::info(#name, &[#(#keys),*])
            .with_description(#description)
            .with_field(#field_name, #line)
    })
}

fn group_schema(collector: &Collector<'_>, group: &GroupField<'_>) -> TokenStream {
    let mc = &collector.head.krate;
    let GroupField { field, prefix, key } = group;
    let Field { ty, name, at, .. } = field;
    let of = match key {
        Some(_) => item_of(ty, &quote!(#mc::KeyedCollectors), "Collector"),
        None => ty.to_token_stream(),
    };
    let schema = item_of(&of, &quote!(#mc::MetricCollector), "SCHEMA");
    let prefix = prefix.as_ref().map(|prefix| {
        let prefix = format!("{}{}", prefix.value(), collector.naming.separator);
        quote!(.with_prefix(#prefix))
    });
    let key = key.as_ref().map(|key| quote!(.with_key(#key)));
    let line = line(*at);
    quote! {
        #mc::Group::new(#name, #line, #schema) #prefix #key
    }
}

/// The line of the field. The macro finds it by the span of its call, which is why all of it has
/// the span of the field.
fn line(at: Span) -> TokenStream {
    quote_spanned!(at=> ::core::line!())
}

fn has_attributes(collector: &Collector<'_>) -> bool {
    !collector.constants.is_empty() || !collector.attributes.is_empty()
}

/// The body of `observe`.
fn observe(collector: &Collector<'_>) -> TokenStream {
    let mc = &collector.head.krate;
    let attributes = has_attributes(collector).then(|| {
        let constants = collector.constants.iter().map(|Constant { key, value, .. }| {
            quote!(#mc::Attribute::constant(#key, #mc::AttributeValue::#value))
        });
        let fields = collector
            .attributes
            .iter()
            .map(|field| attribute(mc, field));
        quote!(#mc::Observer::attributes(__observer, &[#(#constants,)* #(#fields,)*]);)
    });
    let metrics = collector.metrics.iter().enumerate().map(|(index, metric)| {
        let Field { member, ty, .. } = &metric.field;
        let measured = match &metric.with {
            None => {
                let [of, .., measure] = value_words(metric.kind);
                quote!(<#ty as #mc::#of>::#measure(&self.#member))
            }
            Some(path) => {
                let with = function(mc, metric, path);
                quote!(#with.measure(&self.#member))
            }
        };
        let index = Literal::usize_unsuffixed(index);
        quote!(#mc::Observer::metric(__observer, #index, #measured);)
    });
    let info = (!collector.info.is_empty()).then(|| {
        let index = Literal::usize_unsuffixed(collector.metrics.len());
        let fields = collector.info.iter().map(|field| attribute(mc, field));
        quote!(#mc::Observer::info(__observer, #index, &[#(#fields),*]);)
    });
    let groups = collector.groups.iter().enumerate().map(|(index, group)| {
        let Field { member, ty, .. } = &group.field;
        let offset = if index == 0 {
            let own = collector.metrics.len() + usize::from(!collector.info.is_empty());
            Literal::usize_unsuffixed(own).into_token_stream()
        } else {
            let index = Literal::usize_unsuffixed(index);
            quote!(const { <Self as #mc::MetricCollector>::SCHEMA.group_offset(#index) })
        };
        match &group.key {
            None => quote! {
                #mc::Observer::enter(__observer, #offset, #mc::__private::Option::None);
                <#ty as #mc::MetricCollector>::observe(&self.#member, __observer);
                #mc::Observer::exit(__observer);
            },
            Some(key) => {
                let of = quote!(#mc::KeyedCollectors);
                let observe = item_of(ty, &of, "observe_each");
                quote!(#observe(&self.#member, __observer, #offset, #key);)
            }
        }
    });
    // With parameters, what is checked is known only where the parameters are.
    let checks = is_generic(&collector.head).then(|| {
        let checks = checks(collector, &quote!(<Self as #mc::MetricCollector>::SCHEMA));
        quote!(#(#checks)*)
    });
    quote!(#checks #attributes #(#metrics)* #info #(#groups)*)
}

/// What is known of a `with` function. It stands at the function's path, and is the same wherever
/// it is needed, so that what is wrong with the function is reported there, and once.
fn function(mc: &TokenStream, metric: &MetricField<'_>, path: &ExprPath) -> TokenStream {
    let ty = metric.field.ty;
    let of = match metric.kind {
        Kind::Gauge => quote!(with_gauge),
        Kind::Counter => quote!(with_counter),
        Kind::UpDownCounter => quote!(with_up_down_counter),
    };
    let at = path.span();
    let constructor = located(quote!(#mc::__private::#of), at);
    quote_spanned!(Span::call_site().located_at(at)=> #constructor::<#ty, _, _>(&#path))
}

/// `<ty as of>::item`. It begins and ends where the type does, so that a trait that the type does
/// not implement is reported at the type, and once.
fn item_of(ty: &impl ToTokens, of: &TokenStream, item: &str) -> TokenStream {
    let tokens = ty.to_token_stream().into_iter();
    let end = tokens.last().map_or(ty.span(), |token| token.span());
    let begin = quote_spanned!(ty.span()=> <);
    let item = Ident::new(item, end);
    quote_spanned!(end=> #begin #ty as #of>::#item)
}

/// The tokens as if they stood at another place; what they refer to stays the same.
fn located(tokens: TokenStream, at: Span) -> TokenStream {
    let locate = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            let mut located_group = Group::new(group.delimiter(), located(group.stream(), at));
            located_group.set_span(group.span());
            token = TokenTree::Group(located_group);
        }
        token.set_span(token.span().located_at(at));
        token
    };
    tokens.into_iter().map(locate).collect()
}

fn attribute(mc: &TokenStream, attribute: &AttributeField<'_>) -> TokenStream {
    let AttributeField { field, key, .. } = attribute;
    let Field { member, ty, .. } = field;
    quote! {
        #mc::Attribute { key: #key, value: <#ty as #mc::MetricAttribute>::attribute(&self.#member) }
    }
}

/// Whether the item has parameters that its schema can depend on.
fn is_generic(head: &Head<'_>) -> bool {
    let mut parameters = head.generics.params.iter();
    parameters.any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
}

/// The checks that need the types of the fields, as soon as the struct is compiled.
fn early_checks(collector: &Collector<'_>) -> TokenStream {
    let Head {
        ident,
        generics,
        krate: mc,
        deprecated,
        ..
    } = &collector.head;
    if is_generic(&collector.head) {
        return TokenStream::new();
    }
    let lifetimes = generics
        .lifetimes()
        .map(|_| Lifetime::new("'static", Span::call_site()));
    let arguments = (!generics.params.is_empty()).then(|| quote!(<#(#lifetimes),*>));
    let allow = deprecated.then(|| quote!(#[allow(deprecated)]));
    let checks = checks(
        collector,
        &quote!(<#ident #arguments as #mc::MetricCollector>::SCHEMA),
    );
    quote!(#(#allow #checks)*)
}

/// What `const` evaluation checks, as items or statements. What fails is shown where the tokens of
/// the check stand.
fn checks(collector: &Collector<'_>, schema: &TokenStream) -> Vec<TokenStream> {
    let private = {
        let mc = &collector.head.krate;
        quote!(#mc::__private)
    };
    let generic = is_generic(&collector.head);
    // Trees may be so large that the compiler asks whether the checks come to an end.
    let allow = quote!(#[allow(long_running_const_eval)]);
    let evaluate = |check: TokenStream| match generic {
        true => quote!(#allow let () = const { #check };),
        false => quote!(#allow const _: () = { #check };),
    };
    let constants = collector.constants.iter().map(|of| (&of.key, &of.at));
    let fields = collector.attributes.iter().map(|of| (&of.key, &of.key_at));
    // Only the types tell whether one of the metrics has states, and so this attribute already.
    let state = constants.chain(fields).find(|(key, _)| *key == "state");
    let state = state.map(|(_, at)| {
        let check = located(quote!(#private::check_own_keys(#schema)), at.span());
        evaluate(check)
    });

    let mut before = quote!(#private::GroupChecks::new(#schema));
    let mut groups = TokenStream::new();
    for (index, group) in collector.groups.iter().enumerate() {
        let index = Literal::usize_unsuffixed(index);
        let at = group.field.at;
        if generic {
            // A constant within cannot know of the parameters, so they are gathered on the way.
            let check = located(quote!(__groups.check(#index);), at);
            groups.extend(quote!(#check let __groups = __groups.and(#index);));
        } else {
            let name = format_ident!("__GROUPS_{index}");
            let check = located(quote!(#name.check(#index);), at);
            groups.extend(quote! {
                const #name: #private::GroupChecks<'static> = #before;
                const _: () = #check
            });
            before = quote!(#name.and(#index));
        }
    }
    let groups = (!groups.is_empty()).then(|| match generic {
        true => evaluate(quote!(let __groups = #before; #groups)),
        false => evaluate(groups),
    });
    state.into_iter().chain(groups).collect()
}
