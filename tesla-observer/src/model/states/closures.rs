//! The states of what opens, and of the display.

use crate::model::lenient::states;

states! {
    /// What the centre display shows; a number in answers.
    pub enum CenterDisplayState {
        /// Nothing.
        Off = "0",
        /// It is dimmed.
        Dim = "1",
        /// It is on while the car stands; also in camp mode.
        Accessory = "2",
        /// It is on, with the charging screen if the car charges.
        On = "3",
        /// It is on for driving.
        Driving = "4",
        /// The large charging screen.
        Charging = "5",
        /// The lock screen.
        Lock = "6",
        /// Sentry mode.
        Sentry = "7",
        /// Dog mode.
        Dog = "8",
        /// A film or a game.
        Entertainment = "9",
    }

    /// What the sun roof does.
    pub enum SunRoofState {
        /// It is closed.
        Closed,
        /// It is open.
        Open,
        /// It is tilted.
        Vent,
        /// It moves.
        Moving,
        /// It learns its ends.
        Calibrating,
        /// The car does not know; usual without a sun roof.
        Unknown,
    }

    /// What the cover of the bed does. So far only in Tesla's protobuf definitions, as a name or a
    /// number (`ClosureState_E` of `vcsec.proto`).
    pub enum TonneauState {
        /// It is closed.
        Closed = "CLOSURESTATE_CLOSED" | "0",
        /// It is open.
        Open = "CLOSURESTATE_OPEN" | "1",
        /// It is neither open nor closed.
        Ajar = "CLOSURESTATE_AJAR" | "2",
        /// The car does not know.
        Unknown = "CLOSURESTATE_UNKNOWN" | "3",
        /// It could not be unlatched.
        FailedUnlatch = "CLOSURESTATE_FAILED_UNLATCH" | "4",
        /// It opens.
        Opening = "CLOSURESTATE_OPENING" | "5",
        /// It closes.
        Closing = "CLOSURESTATE_CLOSING" | "6",
    }
}
