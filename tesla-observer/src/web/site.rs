//! What the page and the API show.

use crate::history::{Latest, Readers};

use super::health::HealthSource;

/// What the page and the API show: the state of their routers.
#[derive(Clone, Debug)]
pub struct Site {
    /// What each vehicle reported last.
    pub latest: Latest,
    /// The history, if one is kept.
    pub history: Option<Readers>,
    /// How the observer is.
    pub health: HealthSource,
}
