//! What is withheld: where the cars are, and which they are.
//!
//! Both are decided before anything is stored or sent. Positions are taken out where an answer is
//! read ([`ReadOptions`](crate::model::ReadOptions)); VINs are replaced where a vehicle's observation
//! begins ([`Names`]), and nothing behind that point knows them but the client that asks for it.

mod key;
mod mails;
mod names;
mod sent;
mod words;

pub use key::{KeyError, VinKey};
pub(crate) use mails::without_mails;
pub use names::{Called, Names, Vins};
pub(crate) use sent::without_secret;
pub(crate) use words::{resembles_a_vin, without_vins};

/// How exactly it is told where a car is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Location {
    /// As the car tells it.
    #[default]
    Exact,
    /// Latitude and longitude with two decimals, about 1 km; nothing that would narrow them down.
    Rounded,
    /// Not at all.
    Off,
}
