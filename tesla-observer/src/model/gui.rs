//! What the display is set to: `gui_settings`.

use super::lenient::sub_state;
use super::states::{
    ChargeRateUnits, DistanceUnits, RangeDisplay, TemperatureUnits, TirePressureUnits,
};

sub_state! {
    /// What the display is set to. None of it changes the units of the other metrics.
    #[metric(prefix = "guisettings", separator = "_")]
    pub struct GuiSettings at "gui_settings" {
        /// Whether the display shows 24 hours instead of twice 12.
        #[metric]
        pub gui_24_hour_time: Option<bool>,
        /// How the display shows the rate of charging.
        #[metric]
        pub gui_charge_rate_units: Option<ChargeRateUnits>,
        /// How the display shows distances.
        #[metric]
        pub gui_distance_units: Option<DistanceUnits>,
        /// Which range the display shows.
        #[metric]
        pub gui_range_display: Option<RangeDisplay>,
        /// How the display shows temperatures.
        #[metric]
        pub gui_temperature_units: Option<TemperatureUnits>,
        /// How the display shows the pressure of tyres.
        #[metric]
        pub gui_tirepressure_units: Option<TirePressureUnits>,
        /// Whether the display shows range instead of percent.
        #[metric]
        pub show_range_units: Option<bool>,
        /// When the car reported these settings, since the Unix epoch.
        #[metric(unit = "ms")]
        pub timestamp: Option<i64>,
    }
}
