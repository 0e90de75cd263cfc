//! What can be an attribute of a metric: [`MetricAttribute`], seen without allocating.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;

use opentelemetry::{Key, KeyValue, StringValue, Value};

/// An attribute's value, borrowed from the snapshot that holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
#[non_exhaustive]
pub enum AttributeValue<'a> {
    /// A truth.
    Bool(bool),
    /// An integer.
    I64(i64),
    /// An unsigned integer. OpenTelemetry's attributes know signed 64-bit integers only: what is
    /// larger than [`i64::MAX`] is written as text.
    U64(u64),
    /// A floating-point number.
    F64(f64),
    /// A text.
    Str(&'a str),
}

impl AttributeValue<'_> {
    /// The value as OpenTelemetry holds it. Allocates for a text.
    pub fn to_value(self) -> Value {
        match self {
            AttributeValue::Bool(value) => Value::Bool(value),
            AttributeValue::I64(value) => Value::I64(value),
            AttributeValue::U64(value) => match i64::try_from(value) {
                Ok(value) => Value::I64(value),
                Err(_) => Value::String(value.to_string().into()),
            },
            AttributeValue::F64(value) => Value::F64(value),
            AttributeValue::Str(value) => Value::String(counted(value)),
        }
    }

    /// Whether `value` is what [`to_value`](Self::to_value) would give, found without allocating.
    pub(crate) fn is(self, value: &Value) -> bool {
        match (self, value) {
            (AttributeValue::Bool(a), Value::Bool(b)) => a == *b,
            (AttributeValue::I64(a), Value::I64(b)) => a == *b,
            (AttributeValue::U64(a), Value::I64(b)) => i64::try_from(a) == Ok(*b),
            (AttributeValue::U64(a), Value::String(b)) => {
                i64::try_from(a).is_err() && b.as_str().parse() == Ok(a)
            }
            // By bits, so that a NaN equals itself and its series is not built anew each time.
            (AttributeValue::F64(a), Value::F64(b)) => a.to_bits() == b.to_bits(),
            (AttributeValue::Str(a), Value::String(b)) => a == b.as_str(),
            _ => false,
        }
    }
}

/// The text in a form that is cloned without allocating: the SDK clones all attributes of every
/// point at every collection.
fn counted(text: &str) -> StringValue {
    StringValue::from(Arc::<str>::from(text))
}

/// The attribute in a form that is cloned without allocating.
pub(crate) fn cheap_to_clone(attribute: KeyValue) -> KeyValue {
    // A text that is static or counted already is at the same place in a clone.
    let same = |a: &str, b: &str| std::ptr::eq(a.as_ptr(), b.as_ptr());
    let clone = attribute.clone();
    let key = match attribute.key {
        key if same(key.as_str(), clone.key.as_str()) => key,
        key => Key::from(Arc::<str>::from(key.as_str())),
    };
    let value = match (attribute.value, clone.value) {
        (Value::String(text), Value::String(clone)) if !same(text.as_str(), clone.as_str()) => {
            Value::String(counted(text.as_str()))
        }
        (value, _) => value,
    };
    KeyValue::new(key, value)
}

/// One attribute of the snapshot that is being observed; without a value there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attribute<'a> {
    /// The attribute's key.
    pub key: &'static str,
    /// The attribute's value now.
    pub value: Option<AttributeValue<'a>>,
}

impl<'a> Attribute<'a> {
    /// The attribute `key` of `value`.
    #[inline]
    pub fn new<A: MetricAttribute + ?Sized>(key: &'static str, value: &'a A) -> Self {
        Attribute {
            key,
            value: value.attribute(),
        }
    }

    /// The attribute `key` with a constant value.
    #[inline]
    pub const fn constant(key: &'static str, value: AttributeValue<'static>) -> Self {
        Attribute {
            key,
            value: Some(value),
        }
    }

    pub(crate) fn is(&self, other: &KeyValue) -> bool {
        self.key == other.key.as_str() && self.value.is_some_and(|value| value.is(&other.value))
    }

    /// Hashes the attribute, so that equal ones have equal hashes.
    pub(crate) fn hash_into(&self, hasher: &mut impl Hasher) {
        self.key.hash(hasher);
        match self.value {
            None => {}
            Some(AttributeValue::Bool(value)) => value.hash(hasher),
            Some(AttributeValue::I64(value)) => value.hash(hasher),
            Some(AttributeValue::U64(value)) => value.hash(hasher),
            Some(AttributeValue::F64(value)) => value.to_bits().hash(hasher),
            Some(AttributeValue::Str(value)) => value.hash(hasher),
        }
    }

    pub(crate) fn to_key_value(self) -> Option<KeyValue> {
        let value = self.value?;
        Some(KeyValue::new(
            Key::from_static_str(self.key),
            value.to_value(),
        ))
    }
}

/// A value that an `attribute` or `info` field can have, and the key of a map of collectors.
///
/// Implemented for texts, `bool`, integers, floats, `Option`, references, [`Box`], [`Rc`], [`Arc`]
/// and [`Cow`] of those, and for enums by `#[derive(MetricState)]`. A newtype passes on to what it
/// wraps:
///
/// ```
/// use metric_core::{AttributeValue, MetricAttribute};
///
/// struct Vin(String);
///
/// impl MetricAttribute for Vin {
///     fn attribute(&self) -> Option<AttributeValue<'_>> {
///         self.0.attribute()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "MC064: `{Self}` cannot be an attribute",
    label = "not a text, a number, a truth or a state",
    note = "keep a `String` or a number beside it, or implement `MetricAttribute` for `{Self}`"
)]
pub trait MetricAttribute {
    /// The value as an attribute, or `None` if there is none now.
    fn attribute(&self) -> Option<AttributeValue<'_>>;
}

macro_rules! attributes {
    ($($type:ty => |$value:ident| $attribute:expr;)*) => {$(
        impl MetricAttribute for $type {
            #[inline]
            fn attribute(&self) -> Option<AttributeValue<'_>> {
                let $value = self;
                Some($attribute)
            }
        }
    )*};
}

attributes! {
    str => |text| AttributeValue::Str(text);
    String => |text| AttributeValue::Str(text);
    bool => |truth| AttributeValue::Bool(*truth);
    f32 => |number| AttributeValue::F64(f64::from(*number));
    f64 => |number| AttributeValue::F64(*number);
}

macro_rules! integers {
    ($($variant:ident($wide:ty): $($integer:ty),*;)*) => {$($(
        impl MetricAttribute for $integer {
            #[inline]
            fn attribute(&self) -> Option<AttributeValue<'_>> {
                Some(AttributeValue::$variant(*self as $wide))
            }
        }

        impl MetricAttribute for NonZero<$integer> {
            #[inline]
            fn attribute(&self) -> Option<AttributeValue<'_>> {
                Some(AttributeValue::$variant(self.get() as $wide))
            }
        }
    )*)*};
}

integers! {
    I64(i64): i8, i16, i32, i64, isize;
    U64(u64): u8, u16, u32, u64, usize;
}

impl<A: MetricAttribute> MetricAttribute for Option<A> {
    #[inline]
    fn attribute(&self) -> Option<AttributeValue<'_>> {
        self.as_ref().and_then(A::attribute)
    }
}

macro_rules! pointers {
    ($($pointer:ty),* $(,)?) => {$(
        impl<A: MetricAttribute + ?Sized> MetricAttribute for $pointer {
            #[inline]
            fn attribute(&self) -> Option<AttributeValue<'_>> {
                (**self).attribute()
            }
        }
    )*};
}

pointers!(&A, &mut A, Box<A>, Rc<A>, Arc<A>);

impl<A: MetricAttribute + ToOwned + ?Sized> MetricAttribute for Cow<'_, A> {
    #[inline]
    fn attribute(&self) -> Option<AttributeValue<'_>> {
        (**self).attribute()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_equals_the_value_it_becomes() {
        let text = String::from("front left");
        for value in [
            text.attribute(),
            true.attribute(),
            (-4_i8).attribute(),
            u64::MAX.attribute(),
            7_usize.attribute(),
            f64::NAN.attribute(),
            Cow::Borrowed("x").attribute(),
        ] {
            let value = value.expect("present");
            assert!(value.is(&value.to_value()), "{value:?}");
        }
    }

    #[test]
    fn cheap_to_clone_is_what_it_was_before_and_at_one_place() {
        let texts = [
            KeyValue::new("key", "static"),
            KeyValue::new(String::from("key"), String::from("owned")),
            KeyValue::new("key", Arc::<str>::from("counted")),
            KeyValue::new("key", 5),
            KeyValue::new("", String::new()),
        ];
        for text in texts {
            let cheap = cheap_to_clone(text.clone());
            assert_eq!(cheap, text);
            let clone = cheap.clone();
            assert!(std::ptr::eq(clone.key.as_str(), cheap.key.as_str()));
            if let (Value::String(a), Value::String(b)) = (clone.value, cheap.value) {
                assert!(std::ptr::eq(a.as_str(), b.as_str()));
            }
        }
    }

    #[test]
    fn an_integer_beyond_i64_becomes_text_instead_of_another_number() {
        let value = AttributeValue::U64(u64::MAX).to_value();
        assert_eq!(value, Value::String("18446744073709551615".into()));
    }

    #[test]
    fn values_of_different_kinds_differ() {
        assert!(!AttributeValue::Str("1").is(&Value::I64(1)));
        assert!(!AttributeValue::I64(1).is(&Value::Bool(true)));
        assert!(!AttributeValue::U64(u64::MAX).is(&Value::I64(-1)));
    }
}
