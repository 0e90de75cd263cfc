//! A Tesla that is not there: its auth and its API over real HTTP, with cars that drive, charge and
//! sleep. Nothing else in the observer knows that it is one.
//!
//! ```
//! use tesla_observer::simulator::{Settings, Simulator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let simulator = Simulator::start(Settings { speed: 60.0, ..Settings::default() }).await?;
//! println!("serves Tesla's auth and API at {}", simulator.url());
//! for vin in simulator.vins() {
//!     println!("  {vin}");
//! }
//! // A command that serves until Ctrl-C would wait here: `tokio::signal::ctrl_c().await?;`
//! simulator.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! The cars are a function of the seed and of the simulated time: nothing runs between two requests,
//! so a thousand of them cost no more than one. All names, numbers and places are invented.

mod alter;
mod api;
mod auth;
mod auth_http;
mod body;
mod car;
mod charge;
mod clock;
mod control;
mod drive;
mod driver;
mod faults;
mod fleet;
mod line;
mod moment;
mod oversize;
mod random;
mod rate;
mod requests;
mod route;
mod script;
mod server;
mod settings;
mod weather;

pub use auth::{ApproveError, Tokens};
pub use car::{Outing, Sleep};
pub use clock::Clock;
pub use faults::{Fault, Faults, Rule, When};
pub use requests::{RequestCount, Requests, Route};
pub use server::Simulator;
pub use settings::{FleetClient, Habits, RefreshPolicy, Settings};
