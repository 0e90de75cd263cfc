//! What could not be read, and why.

use std::fmt;

/// A field that an answer had and that could not be read. The rest of the answer is not touched by it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unread {
    /// Where it is, as a path: `charge_state.battery_level`. Of a key that is not known, control
    /// characters are escaped and only the beginning is kept.
    pub field: String,
    /// Why it could not be read.
    pub reason: UnreadReason,
}

/// Why a field could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UnreadReason {
    /// Its JSON type, or its text, is not what the field can have.
    WrongType,
    /// A number that the field's type cannot hold.
    OutOfRange,
    /// A state that is not known (yet).
    UnknownState,
    /// A field that is not known (yet).
    UnknownField,
}

impl UnreadReason {
    /// The reason as an attribute's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongType => "wrong_type",
            Self::OutOfRange => "out_of_range",
            Self::UnknownState => "unknown_state",
            Self::UnknownField => "unknown_field",
        }
    }
}

impl fmt::Display for UnreadReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongType => "it has a type or a text that this field cannot have",
            Self::OutOfRange => "its number is too large for this field",
            Self::UnknownState => "its state is not known to this version",
            Self::UnknownField => "the field is not known to this version",
        })
    }
}
