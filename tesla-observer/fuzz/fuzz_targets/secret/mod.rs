//! Secrets to look for in what is shown. They depend on the input: the fuzzer learns what is compared
//! and would write a fixed one into the input itself.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A word of 16 hexadecimal digits.
pub fn word(input: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
