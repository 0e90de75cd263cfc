//! What the display is set to. None of it changes the units of an answer.

use crate::model::lenient::states;

states! {
    /// How the display shows the rate of charging.
    pub enum ChargeRateUnits {
        /// Miles of range per hour.
        MiHr,
        /// Kilometres of range per hour.
        KmHr,
        /// Kilowatts.
        #[metric(name = "kw")]
        KW,
    }

    /// How the display shows distances.
    pub enum DistanceUnits {
        /// Miles.
        MiHr = "mi",
        /// Kilometres.
        KmHr = "km",
    }

    /// Which range the display shows.
    pub enum RangeDisplay {
        /// By the official consumption.
        Rated,
        /// By an ideal consumption.
        Ideal,
    }

    /// How the display shows temperatures.
    pub enum TemperatureUnits {
        /// Degrees Celsius.
        C,
        /// Degrees Fahrenheit.
        F,
    }

    /// How the display shows the pressure of tyres.
    pub enum TirePressureUnits {
        /// Pounds per square inch.
        Psi,
        /// Bar.
        Bar,
    }
}
