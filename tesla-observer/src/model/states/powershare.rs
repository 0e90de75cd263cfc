//! The states of what the car feeds. So far only in Tesla's protobuf definitions, as names or
//! numbers.

use crate::model::lenient::states;

states! {
    /// Which of the car's outlets have power.
    pub enum OutletState {
        /// None.
        Off = "OutletStateOff" | "0",
        /// Those of the cabin and of the bed.
        CabinAndBed = "OutletStateCabinAndBed" | "1",
        /// Those of the cabin.
        Cabin = "OutletStateCabin" | "2",
    }

    /// What Powershare does.
    pub enum PowershareStatus {
        /// Nothing is connected that is known to take power.
        Inactive = "PowershareStatusInactive" | "0",
        /// It starts.
        Init = "PowershareStatusInit" | "1",
        /// The car feeds.
        Active = "PowershareStatusActive" | "2",
        /// It has stopped: see the reason.
        Stopped = "PowershareStatusStopped" | "3",
        /// It speaks with what it will feed.
        Handshaking = "PowershareStatusHandshaking" | "4",
        /// The car feeds and will connect anew.
        ActiveReconnectingSoon = "PowershareStatusActiveReconnectingSoon" | "5",
    }

    /// What Powershare feeds.
    pub enum PowershareType {
        /// Nothing.
        None = "PowershareTypeNone" | "0",
        /// A load at an outlet.
        Load = "PowershareTypeLoad" | "1",
        /// A home.
        Home = "PowershareTypeHome" | "2",
    }

    /// Why Powershare has stopped.
    pub enum PowershareStopReason {
        /// It has not.
        None = "PowershareStopReasonNone" | "0",
        /// The battery is at the limit.
        SocTooLow = "PowershareStopReasonSOCTooLow" | "1",
        /// It will try again.
        Retry = "PowershareStopReasonRetry" | "2",
        /// A fault.
        Fault = "PowershareStopReasonFault" | "3",
        /// Its driver's wish.
        User = "PowershareStopReasonUser" | "4",
        /// It connects anew.
        Reconnecting = "PowershareStopReasonReconnecting" | "5",
        /// What it should feed is not trusted.
        Authentication = "PowershareStopReasonAuthentication" | "6",
    }
}
