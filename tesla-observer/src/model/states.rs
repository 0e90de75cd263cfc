//! The states that a Tesla names, one file per sub-state.
//!
//! Spellings are those of answers of the API and of Tesla's protobuf definitions
//! (<https://github.com/teslamotors/vehicle-command>, `vehicle.proto`).

mod charge;
mod climate;
mod closures;
mod drive;
mod gui;
mod powershare;
mod vehicle;

pub use charge::{
    ChargeLimitReason, ChargePortColor, ChargePortLatch, ChargingState, ConnChargeCable,
    FastChargerType, ScheduleDays, ScheduledChargingMode,
};
pub use climate::{
    CabinOverheatProtection, ClimateKeeperMode, CopActivationTemperature, DefrostMode,
    HvacAutoRequest,
};
pub use closures::{CenterDisplayState, SunRoofState, TonneauState};
pub use drive::{NativeType, ShiftState};
pub use gui::{ChargeRateUnits, DistanceUnits, RangeDisplay, TemperatureUnits, TirePressureUnits};
pub use powershare::{OutletState, PowershareStatus, PowershareStopReason, PowershareType};
pub use vehicle::{
    AutoparkState, AutoparkStyle, DashcamState, MediaPlaybackStatus, SoftwareUpdateStatus,
};
