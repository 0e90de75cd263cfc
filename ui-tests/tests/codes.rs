//! Every error code has a case that shows it, and a chapter of the documentation that explains it.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::{announced, files, read};

/// What explains the codes, in a chapter each: `## MC030: …`.
const ERRORS: &str = "../metric-core/docs/errors.md";

#[test]
fn every_code_has_a_case() {
    let cases = files(Path::new("fail"), "rs");
    let mut shown: BTreeSet<String> = cases.iter().flat_map(|case| announced(case)).collect();
    // The compiler has codes of its own: `E0631`.
    shown.retain(|code| code.starts_with("MC"));
    assert_eq!(shown, in_sources());
}

#[test]
fn every_case_shows_the_codes_that_it_announces() {
    for case in files(Path::new("fail"), "rs") {
        let words = read(&case.with_extension("stderr"));
        for code in announced(&case) {
            assert!(words.contains(&code), "{} lacks {code}", case.display());
        }
    }
}

#[test]
fn every_code_is_explained() {
    let errors = read(Path::new(ERRORS));
    let chapters = errors.lines().filter_map(|line| line.strip_prefix("## "));
    let codes = chapters.filter_map(|line| Some(line.split_once(':')?.0.to_owned()));
    assert_eq!(codes.collect::<BTreeSet<_>>(), in_sources());
}

/// All codes of the core (`MC060`) and of the derive (`= Code(30)`).
fn in_sources() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for crate_ in ["metric-core", "metric-derive"] {
        for file in files(&Path::new("..").join(crate_).join("src"), "rs") {
            let text = read(&file);
            let numbers = numbers_after("MC", &text).filter(|number| number.len() == 3);
            codes.extend(numbers.chain(numbers_after("= Code(", &text)).map(code));
        }
    }
    codes
}

fn numbers_after<'t>(before: &'static str, text: &'t str) -> impl Iterator<Item = &'t str> {
    let numbers = text.split(before).skip(1).map(|after| {
        let end = after.find(|c: char| !c.is_ascii_digit());
        &after[..end.unwrap_or(after.len())]
    });
    numbers.filter(|number| !number.is_empty())
}

fn code(number: &str) -> String {
    format!("MC{number:0>3}")
}
