//! The guide: every option of the derive, every error code, how it works inside, and how it
//! compares. Its code blocks are compiled and run with the tests.

#[cfg(feature = "derive")]
#[doc = include_str!("../docs/options.md")]
pub mod options {}

#[cfg(all(feature = "catalog", feature = "derive"))]
#[doc = include_str!("../docs/catalog.md")]
pub mod catalog {}

#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

#[doc = include_str!("../docs/internals.md")]
pub mod internals {}

#[doc = include_str!("../docs/comparison.md")]
pub mod comparison {}
