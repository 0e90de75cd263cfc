//! The states of the climate.

use crate::model::lenient::states;

states! {
    /// Whether the cabin of the parked car is kept from getting hot.
    pub enum CabinOverheatProtection {
        /// By air conditioning.
        On = "CabinOverheatProtectionOn",
        /// No.
        Off = "CabinOverheatProtectionOff",
        /// By the fan alone.
        FanOnly = "CabinOverheatProtectionFanOnly",
    }

    /// Whether the climate stays on when the driver leaves.
    pub enum ClimateKeeperMode {
        /// It does not.
        Off,
        /// It does.
        Keep = "on",
        /// For a dog, with a note on the display.
        Dog,
        /// For camping.
        Camp = "party",
        /// The car does not know.
        Unknown,
    }

    /// The temperature at which the overheat protection begins.
    pub enum CopActivationTemperature {
        /// 30 °C, 90 °F.
        Low = "CopActivationTempLow",
        /// 35 °C, 95 °F.
        Medium = "CopActivationTempMedium",
        /// 40 °C, 100 °F.
        High = "CopActivationTempHigh",
        /// The car does not tell.
        Unspecified = "CopActivationTempUnspecified",
    }

    /// How the windows are defrosted.
    pub enum DefrostMode {
        /// They are not.
        Off = "0",
        /// As usual.
        Normal = "1",
        /// With all that the car has.
        Max = "2",
    }

    /// Whether the climate rules itself.
    pub enum HvacAutoRequest {
        /// It does.
        On = "HvacAutoRequestOn",
        /// Somebody has set it otherwise.
        Override = "HvacAutoRequestOverride",
    }
}
