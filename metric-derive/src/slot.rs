//! The place of one option: finds that it is given twice, and remembers where it stands.

use proc_macro2::Ident;

use crate::error::{Code, Errors};

/// An option that may be given once.
pub(crate) struct Slot<T> {
    key: Option<Ident>,
    value: Option<T>,
}

// By hand: a derive would ask for `T: Default`.
impl<T> Default for Slot<T> {
    fn default() -> Self {
        Slot {
            key: None,
            value: None,
        }
    }
}

impl<T> Slot<T> {
    /// Fills the slot; a second time is an error.
    ///
    /// Without a value the option counts as given all the same: what is wrong with its value is
    /// reported already, and that it is missing must not be reported too.
    pub(crate) fn set(&mut self, key: Ident, value: Option<T>, errors: &mut Errors) {
        if self.key.is_some() {
            errors.push(
                Code::REPEATED_OPTION,
                &key,
                format_args!("`{key}` is given twice"),
                "keep one of the two",
            );
            return;
        }
        self.key = Some(key);
        self.value = value;
    }

    /// The option's key where the user wrote it, if it is given.
    pub(crate) fn key(&self) -> Option<&Ident> {
        self.key.as_ref()
    }

    /// The value, if it is given and right.
    pub(crate) fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value, if it is given and right.
    pub(crate) fn into_value(self) -> Option<T> {
        self.value
    }
}
