//! The page, and the API behind it.

mod api;
mod health;
mod page;
mod settings;
mod site;

pub use health::{Export, Health, HealthSource, Token, Turns};
pub use settings::Settings;
pub use site::Site;
