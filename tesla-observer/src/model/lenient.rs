//! Lenient reading: each field by itself, so that what is wrong with one costs that one only.
//!
//! [`document`] cuts an answer into the raw texts of its known fields, [`value`] makes a value of
//! one raw text, and [`sub_state!`](crate::model::lenient::sub_state) gives a struct of metrics its
//! reader.

mod document;
mod sub_state;
mod text;
mod unread;
mod value;

pub(crate) use document::{Document, Known};
pub(crate) use sub_state::{Part, SubState, sub_state};
pub use text::PrivateText;
pub use unread::{Unread, UnreadReason};
pub(crate) use value::{Json, Value, same_word, states, word};
