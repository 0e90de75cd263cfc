//! Tesla, through its Owner API or its Fleet API.
//!
//! [`Login`] gets an account its tokens, [`TokenStore`] keeps them, [`Tesla`] asks with them.
//! [`read_cache`] takes accounts over from TeslaPy. What Tesla's answers mean is in [`classify`].

mod account;
mod api;
mod ask;
mod auth;
mod body;
mod callback;
mod error;
mod exchange;
mod fields;
mod http;
mod large;
mod list;
mod prices;
#[doc(hidden)]
pub mod readers;
mod region;
mod secret;
mod settings;
mod step;
mod store;
mod teslapy;
mod tokens;
mod wait;
mod words;

pub use account::{Account, Tokens};
pub use api::Tesla;
pub use auth::{Login, LoginError};
pub use callback::{Callback, PasteError, parse_callback};
pub use error::{Answered, Remedy, Verdict, With, classify};
pub use prices::request_class;
pub use region::Region;
pub(crate) use region::{check_host, is_loopback, scopes_of};
pub use settings::{Api, Settings};
pub use store::{TokenError, TokenStore};
pub use teslapy::{ImportError, Imported, read_cache};
pub use wait::Wait;
