//! Where vehicles are read: [`VehicleFetcher`], which every maker's service implements, and
//! [`tesla`], the first that does.
//!
//! Nothing here knows where observations go.

mod error;
mod pace;
mod request;
pub mod tesla;

use std::future::Future;
use std::time::SystemTime;

use metric_core::{MetricCollector, MetricState};

use crate::model::{Glance, Unread, Watched};

pub use error::{FetchError, Next, Problem};
pub use pace::Pace;
pub use request::{OnRequest, RequestDone};

/// A service that knows an account's vehicles.
///
/// Each method is one question to the service. None may wake a vehicle. An implementation refreshes
/// its tokens by itself, sets a timeout on everything it waits for, and says in [`FetchError::next`]
/// what is best done after an error; when to ask again is decided elsewhere.
pub trait VehicleFetcher: Send + Sync + 'static {
    /// What a vehicle of this maker reports.
    type Metrics: MetricCollector + Glance + Watched + Clone + Default + Send + Sync + 'static;

    /// All vehicles of the account, with the availability that the list gives for each.
    fn vehicles(&self) -> impl Future<Output = Result<Vec<Listed>, FetchError>> + Send;

    /// Whether the vehicle can be asked now. Must not wake it nor keep it awake.
    fn availability(
        &self,
        vehicle: &Vehicle,
    ) -> impl Future<Output = Result<Availability, FetchError>> + Send;

    /// From when and until when the present access token is good; `None` where there is no such.
    fn token_validity(&self) -> Option<TokenValidity> {
        None
    }

    /// How much slower than usual questions should come so that the account's budget lasts.
    fn pace(&self) -> Pace {
        Pace::USUAL
    }

    /// What the vehicle reports now. Only called when it was online the last time; fails with
    /// [`Problem::Unavailable`] if it has fallen asleep in between, and does not wake it then.
    fn snapshot(
        &self,
        vehicle: &Vehicle,
    ) -> impl Future<Output = Result<Snapshot<Self::Metrics>, FetchError>> + Send;
}

/// From when and until when an access token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenValidity {
    /// When it was issued.
    pub issued: SystemTime,
    /// When it expires.
    pub expires: SystemTime,
}

/// A vehicle of the account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vehicle {
    /// The vehicle identification number: the only identity that never changes.
    pub vin: String,
    /// What its owner calls it, if it has a name.
    pub display_name: Option<String>,
    /// How the service addresses it; Tesla's `id_s`, or the VIN.
    pub id: String,
}

impl Vehicle {
    /// The display name, or the VIN where there is none: the attribute `vehicle_id`.
    pub fn vehicle_id(&self) -> &str {
        match self.display_name.as_deref().map(str::trim) {
            Some(name) if !name.is_empty() => name,
            _ => &self.vin,
        }
    }
}

/// A vehicle as the account's list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Which it is.
    pub vehicle: Vehicle,
    /// Whether it could be asked when the list was made, if the list says so.
    pub availability: Option<Availability>,
}

/// Whether a vehicle can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, MetricState)]
pub enum Availability {
    /// It is awake and connected.
    Online,
    /// It sleeps. It would have to be woken, which nothing here does.
    Asleep,
    /// It has no connection.
    Offline,
    /// A workshop has it.
    InService,
    /// The service itself does not know, or says something new.
    Unknown,
}

impl Availability {
    /// The availability as an attribute's value, and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Asleep => "asleep",
            Self::Offline => "offline",
            Self::InService => "in_service",
            Self::Unknown => "unknown",
        }
    }
}

/// What one question about a vehicle brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot<M> {
    /// What the vehicle reports.
    pub metrics: M,
    /// What of the answer could not be read, field by field.
    pub unread: Vec<Unread>,
}
