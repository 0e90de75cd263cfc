//! What a struct says, in the words of metric-core: the form between parsing and code.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, ExprPath, Fields, Generics, Ident, Index, LitStr, Member, Path,
    Type,
};

use crate::error::{Code, Errors};
use crate::options::{Constant, FieldOptions, FlattenOptions, StructOptions};
use crate::slot::Slot;
use crate::{check, doc, name, parse};

/// The item that the derive stands on.
pub(crate) struct Head<'a> {
    /// Its name.
    pub(crate) ident: &'a Ident,
    /// The first paragraph of its doc comment.
    pub(crate) doc: String,
    /// Its parameters.
    pub(crate) generics: &'a Generics,
    /// The path of metric-core.
    pub(crate) krate: TokenStream,
    /// Whether it or a part of it is deprecated, so that the code that names it would warn.
    pub(crate) deprecated: bool,
}

/// A struct that derives `MetricCollector`.
pub(crate) struct Collector<'a> {
    pub(crate) head: Head<'a>,
    pub(crate) naming: Naming,
    pub(crate) constants: Vec<Constant>,
    pub(crate) attributes: Vec<AttributeField<'a>>,
    pub(crate) metrics: Vec<MetricField<'a>>,
    /// The fields that are attributes of the information metric.
    pub(crate) info: Vec<AttributeField<'a>>,
    pub(crate) groups: Vec<GroupField<'a>>,
}

/// How the struct's names begin.
pub(crate) struct Naming {
    pub(crate) prefix: String,
    /// Where the prefix comes from: the option, or the struct's name.
    pub(crate) prefix_at: TokenStream,
    pub(crate) separator: String,
    /// The option, if it is given.
    pub(crate) separator_at: Option<LitStr>,
}

/// A field, whatever it is observed as.
#[derive(Clone)]
pub(crate) struct Field<'a> {
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
    /// The member as text.
    pub(crate) name: String,
    /// Where the field is: its name, or its type if it has none.
    pub(crate) at: Span,
}

/// A field whose value is an attribute.
pub(crate) struct AttributeField<'a> {
    pub(crate) field: Field<'a>,
    pub(crate) key: String,
    pub(crate) key_at: TokenStream,
}

/// A field that is a metric.
pub(crate) struct MetricField<'a> {
    pub(crate) field: Field<'a>,
    pub(crate) kind: Kind,
    /// The field's part of the name.
    pub(crate) part: String,
    pub(crate) part_at: TokenStream,
    pub(crate) unit: Option<LitStr>,
    pub(crate) description: String,
    pub(crate) with: Option<ExprPath>,
}

/// The kind of a metric.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Gauge,
    Counter,
    UpDownCounter,
}

/// A field that is a collector, or many of them.
pub(crate) struct GroupField<'a> {
    pub(crate) field: Field<'a>,
    pub(crate) prefix: Option<LitStr>,
    pub(crate) key: Option<LitStr>,
}

impl<'a> Head<'a> {
    /// The head of `input`, which finds metric-core at the path that its `crate` option gives.
    pub(crate) fn new(input: &'a DeriveInput, krate: &Slot<Path>) -> Self {
        Head {
            ident: &input.ident,
            doc: doc::first_paragraph(&input.attrs),
            generics: &input.generics,
            krate: match krate.value() {
                Some(path) => path.to_token_stream(),
                None => quote!(::metric_core),
            },
            deprecated: is_deprecated(input),
        }
    }

    /// The name of the item, as it is known to people.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

fn is_deprecated(input: &DeriveInput) -> bool {
    let has = |attributes: &[Attribute]| {
        attributes
            .iter()
            .any(|attribute| attribute.path().is_ident("deprecated"))
    };
    has(&input.attrs)
        || match &input.data {
            Data::Struct(data) => data.fields.iter().any(|field| has(&field.attrs)),
            Data::Enum(data) => data.variants.iter().any(|variant| has(&variant.attrs)),
            Data::Union(_) => false,
        }
}

impl Naming {
    fn new(ident: &Ident, options: &StructOptions) -> Self {
        let (prefix, prefix_at) = match options.prefix.value() {
            Some(prefix) => (prefix.value(), prefix.to_token_stream()),
            None => (
                name::snake_case(&ident.unraw().to_string()),
                ident.to_token_stream(),
            ),
        };
        let separator_at = options.separator.value().cloned();
        Naming {
            prefix,
            prefix_at,
            separator: separator_at
                .as_ref()
                .map_or_else(|| ".".to_owned(), LitStr::value),
            separator_at,
        }
    }

    /// The full name of the metric whose part of it is `part`.
    pub(crate) fn full(&self, part: &str) -> String {
        if self.prefix.is_empty() {
            return part.to_owned();
        }
        format!("{}{}{part}", self.prefix, self.separator)
    }
}

impl<'a> Collector<'a> {
    /// Reads a struct. Every mistake goes to `errors`; what is returned has something in the place
    /// of what was wrong.
    pub(crate) fn new(
        input: &'a DeriveInput,
        options: StructOptions,
        fields: &'a Fields,
        errors: &mut Errors,
    ) -> Self {
        let mut collector = Collector {
            head: Head::new(input, &options.krate),
            naming: Naming::new(&input.ident, &options),
            constants: options.attributes.into_value().unwrap_or_default(),
            attributes: Vec::new(),
            metrics: Vec::new(),
            info: Vec::new(),
            groups: Vec::new(),
        };
        for (index, field) in fields.iter().enumerate() {
            if parse::is_marked(&field.attrs) {
                let options = FieldOptions::read(&field.attrs, errors);
                check::contradictions(&options, errors);
                let description = doc::first_paragraph(&field.attrs);
                collector.add(Field::new(index, field), &options, description, errors);
            }
        }
        collector
    }

    fn add(
        &mut self,
        field: Field<'a>,
        options: &FieldOptions,
        description: String,
        errors: &mut Errors,
    ) {
        if let Some(key) = options.flatten.key() {
            check::not_itself(&self.head, &field, key, errors);
            self.groups
                .push(GroupField::new(field, options.flatten.value()));
        } else if options.attribute.key().is_some() {
            self.attributes
                .push(AttributeField::new(field, &options.attribute, errors));
        } else if options.info.key().is_some() {
            self.info
                .push(AttributeField::new(field, &options.info, errors));
        } else {
            self.metrics
                .push(MetricField::new(field, options, description, errors));
        }
    }
}

impl<'a> Field<'a> {
    fn new(index: usize, field: &'a syn::Field) -> Self {
        match &field.ident {
            Some(ident) => Field {
                name: ident.unraw().to_string(),
                at: ident.span(),
                member: Member::Named(ident.clone()),
                ty: &field.ty,
            },
            None => Field {
                name: index.to_string(),
                at: field.ty.span(),
                member: Member::Unnamed(Index::from(index)),
                ty: &field.ty,
            },
        }
    }

    /// The field's own name, where it is; for a field that has none, an error that says which
    /// `option` gives it one.
    fn own_name(&self, option: &str, is_given: bool, errors: &mut Errors) -> (String, TokenStream) {
        if let Member::Named(ident) = &self.member {
            return (self.name.clone(), ident.to_token_stream());
        }
        if !is_given {
            errors.push(
                Code::TUPLE_FIELD,
                self.ty,
                "a field of a tuple struct has no name to be known by",
                format_args!("write `#[metric({option} = \"…\")]`"),
            );
        }
        // Unlike any other name, so that no error follows from it.
        let stand_in = format_ident!("unnamed_{}", self.name, span = self.at);
        (stand_in.to_string(), stand_in.into_token_stream())
    }
}

impl<'a> AttributeField<'a> {
    fn new(field: Field<'a>, option: &Slot<Option<LitStr>>, errors: &mut Errors) -> Self {
        let (key, key_at) = match option.value() {
            Some(Some(key)) => (key.value(), key.to_token_stream()),
            wrong => {
                let option = option.key().map_or_else(String::new, Ident::to_string);
                field.own_name(&option, wrong.is_none(), errors)
            }
        };
        AttributeField { field, key, key_at }
    }
}

impl<'a> MetricField<'a> {
    fn new(
        field: Field<'a>,
        options: &FieldOptions,
        description: String,
        errors: &mut Errors,
    ) -> Self {
        let (part, part_at) = match options.name.value() {
            Some(name) => (name.value(), name.to_token_stream()),
            None => field.own_name("name", options.name.key().is_some(), errors),
        };
        MetricField {
            field,
            kind: if options.counter.key().is_some() {
                Kind::Counter
            } else if options.up_down_counter.key().is_some() {
                Kind::UpDownCounter
            } else {
                Kind::Gauge
            },
            part,
            part_at,
            unit: options.unit.value().cloned(),
            description: options
                .description
                .value()
                .map_or(description, LitStr::value),
            with: options.with.value().cloned(),
        }
    }
}

impl<'a> GroupField<'a> {
    fn new(field: Field<'a>, options: Option<&FlattenOptions>) -> Self {
        GroupField {
            field,
            prefix: options.and_then(|options| options.prefix.value().cloned()),
            key: options.and_then(|options| options.key.value().cloned()),
        }
    }
}
