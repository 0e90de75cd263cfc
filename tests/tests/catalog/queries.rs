use metric_core::catalog::Naming;
use proptest::prelude::*;

use super::catalog;

/// Pieces of which queries are made, right ones and wrong ones.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("pump.pressure"),
        Just("pump_strokes"),
        Just("control.duration_bucket"),
        Just("{pump=\"a\"}"),
        Just("{"),
        Just("}"),
        Just("{side=~\"l.*\","),
        Just("sum by (pump) ("),
        Just("by"),
        Just("rate("),
        Just(")"),
        Just("[$__rate_interval]"),
        Just("["),
        Just("\""),
        Just("'\\'"),
        Just("`"),
        Just("${x}"),
        Just("$"),
        Just(" > 1.5e3 "),
        Just(" or "),
        Just("é"),
        Just(","),
        Just("="),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_translated_or_refused_with_a_reason(text in prop_oneof![pieces(), any::<String>()]) {
        for naming in Naming::ALL {
            match catalog(naming).query(&text) {
                Ok(translated) => prop_assert_eq!(text.is_empty(), translated.is_empty()),
                Err(error) => prop_assert!(error.to_string().starts_with("the query: "), "{error}"),
            }
        }
    }

    #[test]
    fn what_is_in_quotes_stays_as_it_is(value in "[^\"\\\\]{0,20}") {
        let query = format!("pump.pressure{{pump=\"{value}\"}} > 1");
        let translated = catalog(Naming::WithSuffixes).query(&query).expect("a query");
        prop_assert_eq!(translated, format!("pump_pressure_bar{{pump=\"{value}\"}} > 1"));
    }
}
