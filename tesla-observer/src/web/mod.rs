//! The page, and the API behind it.

mod api;
mod events;
mod guard;
mod health;
mod page;
mod server;
mod settings;
mod site;
#[cfg(test)]
mod tests;

pub(crate) use api::time;
pub use health::{Export, Health, HealthSource, Token, Turns};
pub use server::{Scrape, Server, StartError};
pub use settings::Settings;
pub use site::Site;
