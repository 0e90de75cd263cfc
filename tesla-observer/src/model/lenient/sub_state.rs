//! A struct of metrics and its reader, from one declaration.

use super::{Document, Known};

/// A struct that is read from an object of an answer.
pub(crate) trait SubState {
    /// The path of the object that it is.
    const OBJECT: &'static str;

    /// For each field, the paths at which it is looked for; the first value is taken. Other objects
    /// than its own must be those of other sub-states.
    const FIELDS: &'static [&'static [&'static str]];

    /// Takes its fields out of the answer.
    fn take(document: &mut Document<'_>) -> Self;

    /// Makes its object and fields known, and those of its parts.
    fn make_known(known: &mut Known);
}

/// A field that is itself read field by field: a [`SubState`], or an `Option` of one that is `None`
/// if the answer does not have its object.
pub(crate) trait Part: Sized {
    fn take(document: &mut Document<'_>) -> Self;
    fn make_known(known: &mut Known);
}

impl<S: SubState> Part for S {
    fn take(document: &mut Document<'_>) -> Self {
        <S as SubState>::take(document)
    }

    fn make_known(known: &mut Known) {
        <S as SubState>::make_known(known);
    }
}

impl<S: SubState> Part for Option<S> {
    fn take(document: &mut Document<'_>) -> Self {
        let present = document.has(S::OBJECT);
        present.then(|| <S as SubState>::take(document))
    }

    fn make_known(known: &mut Known) {
        <S as SubState>::make_known(known);
    }
}

/// Declares a struct of metrics that is read from an object of an answer (`at "charge_state"`).
///
/// A field is looked for in that object under its own name, then at the paths after its `=`. Those in
/// `with` are [`Part`]s and flattened.
macro_rules! sub_state {
    (
        $(#[$meta:meta])*
        pub struct $name:ident at $object:literal {
            $(
                $(#[$field_meta:meta])*
                pub $field:ident: $type:ty $(= $($place:literal)|+)?,
            )*
        }
        $(with {
            $( $(#[$part_meta:meta])* pub $part:ident: $part_type:ty, )+
        })?
    ) => {
        #[derive(Clone, Debug, Default, PartialEq, metric_core::MetricCollector)]
        $(#[$meta])*
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $type, )*
            $($( $(#[$part_meta])* #[metric(flatten)] pub $part: $part_type, )+)?
        }

        impl $crate::model::lenient::SubState for $name {
            const OBJECT: &'static str = $object;

            const FIELDS: &'static [&'static [&'static str]] = &[$(
                &[concat!($object, ".", stringify!($field)) $($(, $place)+)?],
            )*];

            fn take(document: &mut $crate::model::lenient::Document<'_>) -> Self {
                let mut fields = Self::FIELDS.iter();
                Self {
                    // In the order of `FIELDS`: expressions of a struct are evaluated as written.
                    $( $field: document.value(fields.next().copied().unwrap_or_default()), )*
                    $($( $part: <$part_type as $crate::model::lenient::Part>::take(document), )+)?
                }
            }

            fn make_known(known: &mut $crate::model::lenient::Known) {
                known.add(Self::OBJECT, Self::FIELDS);
                $($( <$part_type as $crate::model::lenient::Part>::make_known(known); )+)?
            }
        }
    };
}

pub(crate) use sub_state;
