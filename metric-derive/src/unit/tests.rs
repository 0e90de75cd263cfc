use super::{MAX_LEN, check, hint, table, verify};

fn help(unit: &str) -> String {
    match check(unit) {
        Ok(()) => panic!("`{unit}` passes"),
        Err(error) => error.help.unwrap_or_default(),
    }
}

fn message(unit: &str) -> String {
    match check(unit) {
        Ok(()) => panic!("`{unit}` passes"),
        Err(error) => error.message,
    }
}

/// What a hint wants written. A hint names the new unit first.
fn suggestion(help: &str) -> Option<&str> {
    let rest = help
        .strip_prefix("write `")
        .or_else(|| help.strip_prefix("did you mean `"))?;
    // The unit itself may hold a backtick, in braces.
    Some(rest.rsplit_once('`')?.0)
}

fn all_pass(units: &str) {
    for unit in units.split_whitespace() {
        assert!(check(unit).is_ok(), "{:?}", check(unit));
    }
}

#[test]
fn the_units_of_the_semantic_conventions_pass() {
    all_pass(
        "1 s ms ns By By/s KiBy bit Hz % Cel W J V A m m/s rad {request} {connection} {packet}
         {thread} {cpu} {error} {fault} {operation} {revolution}/min {request}/s",
    );
}

#[test]
fn the_units_of_a_vehicle_pass() {
    all_pass(
        "[mi_i] [mi_i]/h km/h kW.h W.h/km kW.h/[mi_i] bar kPa [psi] kW Cel [degF] deg min h
         A.h mA.h L/(100.km) m/s2 g/km N.m",
    );
}

#[test]
fn what_ucum_means_by_a_code_is_left_alone() {
    all_pass("C F K T G dB mB Gal Mbit a Pa rad");
}

#[test]
fn the_grammar_is_the_one_of_ucum() {
    all_pass(
        "/s /min m-2 m+2 s-1 10*3 10^3 10*-6/L 10* 100 10.L/min 1{x} By{payload} m2{a.b/(c} /(m.s)
         ((m)) kg.m/s2 kg/(m.s2) mm[Hg] m[H2O] B[10.nV] dB dB[SPL] [m/s2/Hz^(1/2)]
         [in_i'H2O] ' '' dam cd TiBy mg% %[slope] U/L",
    );
    for (unit, why) in [
        ("m//s", "something is missing before `/`"),
        ("//s", "something is missing before `/`"),
        ("(/s)", "something is missing before `/`"),
        ("m/", "something is missing at the end"),
        ("/", "something is missing at the end"),
        (".", "something is missing before `.`"),
        ("()", "something is missing before `)`"),
        ("(m", "a `(` is never closed"),
        ("m)", "no `(` belongs to the `)`"),
        ("(m)s", "`.` or `/` is missing after `)`"),
        ("m(s)", "`.` or `/` is missing after `)`"),
        ("(m/s)2", "`.` or `/` is missing after `)`"),
        ("{}", "the braces name nothing"),
        ("{a", "a `{` is never closed"),
        ("{a}{b}", "`.` or `/` is missing after `}`"),
        ("{a}m", "`.` or `/` is missing after `}`"),
        ("{a{b}}", "braces do not nest"),
        ("-1", "a number has no sign"),
        ("{two words}", "a unit has no spaces"),
        ("m\t", "a unit has no '\\t'"),
        ("µs", "OpenTelemetry allows only ASCII, not `µ`"),
    ] {
        let text = message(unit);
        assert!(text.ends_with(why), "{unit}: {text}");
    }
}

#[test]
fn prefixes_go_with_metric_codes_only() {
    for unit in [
        "kmin", "k[mi_i]", "m%", "kdeg", "kkm", "k", "Mi", "k1", "k10*",
    ] {
        assert!(check(unit).is_err(), "{unit}");
    }
}

#[test]
fn the_vocabulary_is_sound() {
    let mut codes: Vec<_> = table::metric().chain(table::plain()).collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all, "a code is listed twice");
    for code in codes {
        // The bare bel is the one code this checker refuses.
        assert!(verify(code).is_ok() || code == "B", "{code}");
    }
}

#[test]
fn everyday_spellings_are_corrected() {
    for (unit, better) in [
        ("°C", "Cel"),
        ("degC", "Cel"),
        ("deg C", "Cel"),
        ("celsius", "Cel"),
        ("degrees celsius", "Cel"),
        ("°F", "[degF]"),
        ("degF", "[degF]"),
        ("\u{b5}s", "us"),
        ("\u{3bc}s", "us"),
        ("µV/µs", "uV/us"),
        ("µsec", "us"),
        ("kΩ", "kOhm"),
        ("percent", "%"),
        ("pct", "%"),
        ("mph", "[mi_i]/h"),
        ("mi", "[mi_i]"),
        ("miles", "[mi_i]"),
        ("miles per hour", "[mi_i]/h"),
        ("ft", "[ft_i]"),
        ("ft2", "[ft_i]2"),
        ("feet", "[ft_i]"),
        ("in", "[in_i]"),
        ("inch", "[in_i]"),
        ("lb", "[lb_av]"),
        ("lbs", "[lb_av]"),
        ("gal", "[gal_us]"),
        ("knots", "[kn_i]"),
        ("psi", "[psi]"),
        ("ppm", "[ppm]"),
        ("[mi]", "[mi_i]"),
        ("mmHg", "mm[Hg]"),
        ("kWh", "kW.h"),
        ("KWH", "kW.h"),
        ("mWh", "mW.h"),
        ("Wh", "W.h"),
        ("Ah", "A.h"),
        ("mAh", "mA.h"),
        ("kilowatt hours", "kW.h"),
        ("kW h", "kW.h"),
        ("kW·h", "kW.h"),
        ("kW*h", "kW.h"),
        ("Nm", "N.m"),
        ("kWh/mi", "kW.h/[mi_i]"),
        ("mi/kWh", "[mi_i]/(kW.h)"),
        ("L/100km", "L/(100.km)"),
        ("W/m²K", "W/(m2.K)"),
        ("kmh", "km/h"),
        ("kph", "km/h"),
        ("km/hr", "km/h"),
        ("km / h", "km/h"),
        ("m/s²", "m/s2"),
        ("m/s^2", "m/s2"),
        ("m/s**2", "m/s2"),
        ("m s⁻¹", "m.s-1"),
        ("sec", "s"),
        ("secs", "s"),
        ("seconds", "s"),
        ("msec", "ms"),
        ("milliseconds", "ms"),
        ("ms.", "ms"),
        ("minutes", "min"),
        ("hr", "h"),
        ("hours", "h"),
        ("days", "d"),
        ("byte", "By"),
        ("bytes", "By"),
        ("bytes{payload}", "By{payload}"),
        ("megabytes", "MBy"),
        ("bytes_per_second", "By/s"),
        ("B", "By"),
        ("kB", "kBy"),
        ("KB", "kBy"),
        ("MB/s", "MBy/s"),
        ("GB", "GBy"),
        ("TB", "TBy"),
        ("KiB", "KiBy"),
        ("MiB", "MiBy"),
        ("GiB", "GiBy"),
        ("TiB", "TiBy"),
        ("bits", "bit"),
        ("Mbps", "Mbit/s"),
        ("MBps", "MBy/s"),
        ("rpm", "{revolution}/min"),
        ("volts", "V"),
        ("amps", "A"),
        ("watts", "W"),
        ("hertz", "Hz"),
        ("hz", "Hz"),
        ("HZ", "Hz"),
        ("khz", "kHz"),
        ("MHZ", "MHz"),
        ("db", "dB"),
        ("kpa", "kPa"),
        ("Kg", "kg"),
        ("ratio", "1"),
        ("none", "1"),
        ("dimensionless", "1"),
        ("degrees", "deg"),
        ("°", "deg"),
        ("USD", "{USD}"),
        ("$", "{USD}"),
        ("{http request}", "{http_request}"),
    ] {
        assert_eq!(help(unit), format!("write `{better}`"), "{unit}");
    }
}

#[test]
fn words_become_annotations_and_slips_become_questions() {
    for (unit, better) in [
        ("count", "{count}"),
        ("requests", "{request}"),
        ("status", "{status}"),
        ("class", "{class}"),
        ("http requests", "{http_request}"),
        ("requests/sec", "{request}/s"),
        ("p99", "{p99}"),
        ("hits", "{hit}"),
        ("ABC", "{ABC}"),
    ] {
        assert_eq!(suggestion(&help(unit)), Some(better), "{unit}");
    }
    assert_eq!(help("celcius"), "did you mean `Cel`?");
    assert_eq!(help("[ppn]"), "did you mean `[ppm]`?");
    assert_eq!(help("MBy/secnd"), "did you mean `MBy/s`?");
}

#[test]
fn a_message_names_what_is_wrong() {
    assert_eq!(message("degC"), "`degC` is not a UCUM unit");
    assert_eq!(message("km/hr"), "`hr` in `km/hr` is not a UCUM unit");
    assert_eq!(message("p99"), "`p99` is not a UCUM unit");
    assert_eq!(message("mph"), "`mph` is the milliphot in UCUM");
    assert_eq!(
        message("MB/s"),
        "`MB` is not a unit of bytes: in UCUM `B` is the bel (and `dB` the decibel)"
    );
    assert_eq!(message(""), "the unit is empty");
    assert!(help("").contains("leave `unit` out"));
    assert_eq!(
        message(&"m".repeat(64)),
        "the unit has 64 characters, and OpenTelemetry allows 63"
    );
    assert!(check(&format!("{{{}}}", "m".repeat(MAX_LEN - 2))).is_ok());
    // Nothing of the input reaches a terminal raw.
    assert!(!message("m\u{1b}[31m").contains('\u{1b}'));
    assert!(!message("m\u{202e}s").contains('\u{202e}'));
}

#[test]
fn every_row_of_the_hints_leads_to_a_valid_unit() {
    for code in hint::targets() {
        assert!(check(code).is_ok() || code == "B", "{code}");
    }
}

/// xorshift: the same inputs on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }
}

/// Whatever is written, the answer is no panic, and a suggestion that passes.
fn holds(unit: &str) {
    let Err(error) = check(unit) else { return };
    assert!(!error.message.is_empty());
    let help = error.help.unwrap_or_default();
    let long_or_unknown = help.starts_with("write a code");
    if let Some(better) = suggestion(&help).filter(|_| !long_or_unknown) {
        assert!(check(better).is_ok(), "`{unit}` leads to `{better}`");
        assert_ne!(better, unit);
    }
}

#[test]
fn nothing_made_of_units_panics_or_gets_a_bad_suggestion() {
    let mut words: Vec<&str> = table::metric().chain(table::plain()).collect();
    words.extend(table::prefixes());
    words.extend(hint::words());
    let marks = [
        ".", "/", "(", ")", "{", "}", "[", "]", "+", "-", "0", "1", "2", "9", "*", "^", "**", "10",
        "%", "'", "_", " ", "\t", "\n", "\0", "\"", "\\", "`", " per ", "µ", "μ", "°", "²", "⁻¹",
        "Ω", "·", "×", "÷", "é", "ß", "İ", "\u{301}", "\u{202e}", "日本", "🚗", "\u{212a}", "ſ",
        "{x}", "[x]", "B", "ps", "s",
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..20_000 {
        let mut unit = String::new();
        for _ in 0..=random.below(6) {
            let choices = [words.as_slice(), &marks][random.below(2)];
            unit.push_str(choices[random.below(choices.len())]);
        }
        holds(&unit);
    }
}

#[test]
fn nothing_made_of_unicode_panics_or_gets_a_bad_suggestion() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for _ in 0..40_000 {
        let mut unit = String::new();
        for _ in 0..=random.below(12) {
            let range = [0x80, 0x250, 0x2200, 0x11_0000][random.below(4)];
            let code = u32::try_from(random.below(range)).unwrap_or(0);
            unit.extend(char::from_u32(code));
        }
        holds(&unit);
    }
}
