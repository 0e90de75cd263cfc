//! `#[derive(MetricCollector)]`, from the item to its code.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput};

use crate::error::{Code, Errors};
use crate::model::{Collector, Head};
use crate::options::StructOptions;
use crate::{check, expand};

/// The implementation for a struct, or its errors.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::new();
    let options = StructOptions::read(&input.attrs, &mut errors);
    let head = Head::new(input, &options.krate);
    let collector = match &input.data {
        Data::Struct(data) => {
            let collector = Collector::new(input, options, &data.fields, &mut errors);
            check::collector(&collector, &mut errors);
            Some(collector)
        }
        Data::Enum(data) => {
            let help = "an enum whose variants are states derives `MetricState`; put the fields of its variants into structs";
            not_a_struct(&head, "an enum", help, &data.enum_token, &mut errors);
            None
        }
        Data::Union(data) => {
            let help = "which of its fields is valid is not known: write a struct";
            not_a_struct(&head, "a union", help, &data.union_token, &mut errors);
            None
        }
    };
    match (errors.finish(), collector) {
        (None, Some(collector)) => expand::collector(&collector),
        (errors, _) => {
            let implementation = expand::empty_collector(&head);
            quote!(#errors #implementation)
        }
    }
}

fn not_a_struct(head: &Head<'_>, what: &str, help: &str, at: &dyn ToTokens, errors: &mut Errors) {
    errors.push(
        Code::NOT_A_STRUCT,
        at,
        format_args!(
            "`{}` is {what}, and only a struct can derive `MetricCollector`",
            head.name()
        ),
        help,
    );
}
