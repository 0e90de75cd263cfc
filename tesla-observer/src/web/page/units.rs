//! Units as the viewer likes them. Values are kept as Tesla sends them and converted to be shown.

use crate::history::Report;

/// What the viewer likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Units {
    pub(super) distance: Distance,
    pub(super) temperature: Temperature,
    pub(super) pressure: Pressure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distance {
    Miles,
    Kilometres,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Temperature {
    Celsius,
    Fahrenheit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressure {
    Bar,
    Psi,
}

const KM_PER_MILE: f64 = 1.609_344;
const PSI_PER_BAR: f64 = 14.503_773_773;

impl Units {
    /// As the display of a car has them, if it says.
    pub(super) fn of_the_car(report: Option<&Report>) -> Self {
        let state = |metric: &str| report.and_then(|report| report.state(metric));
        Self {
            distance: match state("guisettings_gui_distance_units") {
                Some("km_hr") => Distance::Kilometres,
                _ => Distance::Miles,
            },
            temperature: match state("guisettings_gui_temperature_units") {
                Some("f") => Temperature::Fahrenheit,
                _ => Temperature::Celsius,
            },
            pressure: match state("guisettings_gui_tirepressure_units") {
                Some("psi") => Pressure::Psi,
                _ => Pressure::Bar,
            },
        }
    }

    /// What a value in a UCUM unit is, and in which unit, as it is shown.
    pub(super) fn shown(self, value: f64, ucum: &str) -> (f64, &'static str) {
        use Distance::{Kilometres, Miles};
        match (ucum, self.distance) {
            ("[mi_i]", Miles) => return (value, "mi"),
            ("[mi_i]", Kilometres) => return (value * KM_PER_MILE, "km"),
            ("[mi_i]/h", Miles) => return (value, "mph"),
            ("[mi_i]/h", Kilometres) => return (value * KM_PER_MILE, "km/h"),
            _ => {}
        }
        match (ucum, self.temperature, self.pressure) {
            ("Cel", Temperature::Celsius, _) => (value, "°C"),
            ("Cel", Temperature::Fahrenheit, _) => (value * 1.8 + 32.0, "°F"),
            ("bar", _, Pressure::Bar) => (value, "bar"),
            ("bar", _, Pressure::Psi) => (value * PSI_PER_BAR, "psi"),
            ("%", ..) => (value, "%"),
            ("kW", ..) => (value, "kW"),
            ("kW.h", ..) => (value, "kWh"),
            ("A", ..) => (value, "A"),
            ("V", ..) => (value, "V"),
            ("deg", ..) => (value, "°"),
            ("s", ..) => (value, "s"),
            ("min", ..) => (value, "min"),
            ("h", ..) => (value, "h"),
            ("ms", ..) => (value, "ms"),
            _ => (value, ""),
        }
    }

    /// The same as text.
    pub(super) fn text(self, value: f64, ucum: &str) -> String {
        let (value, unit) = self.shown(value, ucum);
        let decimals = match unit {
            "%" | "mph" | "km/h" | "psi" | "V" | "A" | "min" | "°" => 0,
            "bar" => 2,
            _ => 1,
        };
        let space = if unit.is_empty() { "" } else { " " };
        format!("{}{space}{unit}", number(value, decimals))
    }

    /// How much energy a distance took.
    pub(super) fn efficiency(self, kwh: f64, miles: f64) -> Option<String> {
        let (distance, unit) = self.shown(miles, "[mi_i]");
        (distance > 0.0).then(|| format!("{} Wh/{unit}", number(kwh * 1000.0 / distance, 0)))
    }
}

/// A number with at most so many decimals, and no `-0`.
pub(super) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    };
    match text.as_str() {
        "-0" => "0".to_owned(),
        _ => text,
    }
}

/// A duration as `3 d 4 h`, `2:05 h` or `41 s`.
pub(super) fn lasting(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (1.., ..) => format!("{days} d {} h", hours % 24),
        (0, 1.., _) => format!("{hours}:{:02} h", minutes % 60),
        (0, 0, 1..) => format!("{minutes} min"),
        (0, 0, 0) => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HERE: Units = Units {
        distance: Distance::Kilometres,
        temperature: Temperature::Fahrenheit,
        pressure: Pressure::Psi,
    };
    const AS_SENT: Units = Units {
        distance: Distance::Miles,
        temperature: Temperature::Celsius,
        pressure: Pressure::Bar,
    };

    #[test]
    fn values_are_shown_in_the_viewers_units() {
        for (value, ucum, here, as_sent) in [
            (100.0, "[mi_i]", "160.9 km", "100 mi"),
            (62.0, "[mi_i]/h", "100 km/h", "62 mph"),
            (21.5, "Cel", "70.7 °F", "21.5 °C"),
            (-40.0, "Cel", "-40 °F", "-40 °C"),
            (2.9, "bar", "42 psi", "2.9 bar"),
            (71.0, "%", "71 %", "71 %"),
            (-0.01, "kW", "0 kW", "0 kW"),
            (11.5, "kW.h", "11.5 kWh", "11.5 kWh"),
            (3.0, "{phase}", "3", "3"),
        ] {
            assert_eq!(HERE.text(value, ucum), here, "{value} {ucum}");
            assert_eq!(AS_SENT.text(value, ucum), as_sent, "{value} {ucum}");
        }
        assert_eq!(AS_SENT.efficiency(2.5, 10.0).as_deref(), Some("250 Wh/mi"));
        assert_eq!(HERE.efficiency(2.5, 10.0).as_deref(), Some("155 Wh/km"));
        assert_eq!(HERE.efficiency(2.5, 0.0), None);
    }

    #[test]
    fn durations_are_short_texts() {
        let texts = [0.4, 41.0, 119.0, 7_500.0, 100_000.0, -3.0].map(lasting);
        assert_eq!(texts, ["0 s", "41 s", "1 min", "2:05 h", "1 d 3 h", "0 s"]);
    }

    proptest! {
        #[test]
        fn units_change_the_number_and_not_what_it_says(value in -1e6_f64..1e6) {
            for (ucum, back) in [
                ("[mi_i]", 1.0 / KM_PER_MILE),
                ("[mi_i]/h", 1.0 / KM_PER_MILE),
                ("bar", 1.0 / PSI_PER_BAR),
            ] {
                let (here, _) = HERE.shown(value, ucum);
                prop_assert!((here * back - value).abs() < 1e-6 * value.abs().max(1.0));
                prop_assert_eq!(AS_SENT.shown(value, ucum).0, value);
            }
            let (fahrenheit, _) = HERE.shown(value, "Cel");
            prop_assert!(((fahrenheit - 32.0) / 1.8 - value).abs() < 1e-6 * value.abs().max(1.0));
        }
    }
}
