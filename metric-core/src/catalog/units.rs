//! What Prometheus and Grafana call UCUM's units.

use std::borrow::Cow;

/// Units by UCUM code: what Prometheus' translation of OTLP writes behind a name, and Grafana's id.
const UNITS: &[(&str, &str, &str)] = &[
    ("d", "days", "d"),
    ("h", "hours", "h"),
    ("min", "minutes", "m"),
    ("s", "seconds", "s"),
    ("ms", "milliseconds", "ms"),
    ("us", "microseconds", "µs"),
    ("ns", "nanoseconds", "ns"),
    ("By", "bytes", "bytes"),
    ("KiBy", "kibibytes", "kbytes"),
    ("MiBy", "mebibytes", "mbytes"),
    ("GiBy", "gibibytes", "gbytes"),
    ("TiBy", "tibibytes", "tbytes"),
    ("KBy", "kilobytes", "deckbytes"),
    ("MBy", "megabytes", "decmbytes"),
    ("GBy", "gigabytes", "decgbytes"),
    ("TBy", "terabytes", "dectbytes"),
    ("bit", "", "bits"),
    ("m", "meters", "lengthm"),
    ("km", "", "lengthkm"),
    ("[mi_i]", "", "lengthmi"),
    ("[ft_i]", "", "lengthft"),
    ("V", "volts", "volt"),
    ("A", "amperes", "amp"),
    ("J", "joules", "joule"),
    ("W", "watts", "watt"),
    ("kW", "", "kwatt"),
    ("W.h", "", "watth"),
    ("kW.h", "", "kwatth"),
    ("g", "grams", "massg"),
    ("kg", "", "masskg"),
    ("Cel", "celsius", "celsius"),
    ("[degF]", "", "fahrenheit"),
    ("K", "", "kelvin"),
    ("Hz", "hertz", "hertz"),
    ("bar", "", "pressurebar"),
    ("[psi]", "", "pressurepsi"),
    ("hPa", "", "pressurehpa"),
    ("kPa", "", "pressurekpa"),
    ("deg", "", "degree"),
    ("[mi_i]/h", "", "velocitymph"),
    ("km/h", "", "velocitykmh"),
    ("m/s", "", "velocityms"),
    ("By/s", "", "binBps"),
    ("bit/s", "", "bps"),
    ("1", "", "none"),
    ("%", "percent", "percent"),
];

/// What follows a `/`, as Prometheus' translation has it.
const PER: &[(&str, &str)] = &[
    ("s", "second"),
    ("m", "minute"),
    ("min", "min"),
    ("h", "hour"),
    ("d", "day"),
    ("w", "week"),
    ("mo", "month"),
    ("y", "year"),
];

/// The suffixes of a unit: of what stands before its `/`, and of what stands behind it.
pub(super) fn suffixes(unit: &str) -> (String, String) {
    suffixes_with(unit, cleaned)
}

/// The same, but what has no word stays as it is.
pub(super) fn unescaped_suffixes(unit: &str) -> (String, String) {
    suffixes_with(unit, |part| match cleaned(part).is_empty() {
        true => String::new(),
        false => part.trim().to_owned(),
    })
}

fn suffixes_with(unit: &str, otherwise: impl Fn(&str) -> String) -> (String, String) {
    let (main, per) = unit.split_once('/').unwrap_or((unit, ""));
    let known = |part: &str| UNITS.iter().find(|(code, ..)| *code == part);
    let main = match known(main.trim()) {
        Some((_, suffix, _)) if !suffix.is_empty() => (*suffix).to_owned(),
        _ => otherwise(main),
    };
    let per = match PER.iter().find(|(code, _)| *code == per.trim()) {
        Some((_, name)) => (*name).to_owned(),
        None => otherwise(per),
    };
    (main, per)
}

/// The unit's letters and digits, with one `_` in place of what is between them; what is in curly braces,
/// or is no unit, is nothing.
fn cleaned(unit: &str) -> String {
    if unit.contains(['{', '}']) || unit.trim() == "1" {
        return String::new();
    }
    let parts = unit.split(|character: char| !character.is_ascii_alphanumeric());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("_")
}

/// Grafana's id of a unit.
pub(super) fn grafana(unit: &str) -> Cow<'static, str> {
    match UNITS.iter().find(|(code, ..)| *code == unit) {
        Some((.., id)) => (*id).into(),
        None if unit.is_empty() => "short".into(),
        None => match shown(unit) {
            // `{car}`: what is counted stands in the title.
            shown if shown.is_empty() => "short".into(),
            shown => format!("suffix: {shown}").into(),
        },
    }
}

/// A unit for people: without annotations.
pub(super) fn shown(unit: &str) -> String {
    let mut text = String::new();
    let mut depth = 0_u32;
    for character in unit.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => text.push(character),
            _ => {}
        }
    }
    match text.as_str() {
        "" | "1" => String::new(),
        "[mi_i]" => "mi".to_owned(),
        "[mi_i]/h" => "mph".to_owned(),
        "Cel" => "°C".to_owned(),
        "kW.h" => "kWh".to_owned(),
        "W.h" => "Wh".to_owned(),
        "deg" => "°".to_owned(),
        "By" => "B".to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_has_a_suffix_and_a_unit_of_grafana() {
        for (unit, suffix, id) in [
            ("%", ("percent", ""), "percent"),
            ("[mi_i]", ("mi_i", ""), "lengthmi"),
            ("[mi_i]/h", ("mi_i", "hour"), "velocitymph"),
            ("kW.h", ("kW_h", ""), "kwatth"),
            ("By/s", ("bytes", "second"), "binBps"),
            ("{car}", ("", ""), "short"),
            ("{request}/s", ("", "second"), "suffix: /s"),
            ("1", ("", ""), "none"),
            ("", ("", ""), "short"),
            ("mol", ("mol", ""), "suffix: mol"),
        ] {
            let (main, per) = suffixes(unit);
            assert_eq!((main.as_str(), per.as_str()), suffix, "{unit}");
            assert_eq!(grafana(unit), id, "{unit}");
        }
    }
}
