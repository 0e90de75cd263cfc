use std::fs;

use metric_core::catalog::{Format, Naming, Problem};

use super::catalog;

#[test]
fn a_committed_file_that_no_longer_fits_the_schema_fails_with_the_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let catalog = catalog(Naming::WithSuffixes);
    for (name, format) in [
        ("metrics.md", Format::Markdown),
        ("metrics.json", Format::Json),
        ("conventions.yaml", Format::Weaver),
        ("dashboard.json", Format::Grafana),
        ("rules.yml", Format::Rules),
    ] {
        let path = folder.path().join("new").join(name);
        catalog
            .write_file(&path, format)
            .expect("it can be written");
        catalog.check_file(&path, format).expect("it fits");
        let text = fs::read_to_string(&path).expect("it is there");
        fs::write(&path, text.replace('\n', "\r\n")).expect("it can be written");
        catalog
            .check_file(&path, format)
            .expect("line ends do not matter");
        fs::write(&path, text.replacen("bar", "Pa", 1)).expect("it can be written");
        let error = catalog
            .check_file(&path, format)
            .expect_err("it does not fit");
        let [
            Problem::Stale {
                line, found, made, ..
            },
        ] = error.problems()
        else {
            panic!("{error}");
        };
        let at = text
            .lines()
            .position(|line| line.contains("bar"))
            .expect("it is there");
        assert_eq!(*line, at + 1);
        assert!(found.contains("Pa") && made.contains("bar"), "{error}");
        assert!(
            error
                .to_string()
                .contains(&format!("{name} no longer fits the schema: line {line}"))
        );
    }
}

#[test]
fn a_file_that_is_cut_off_or_missing_does_not_fit() {
    let folder = tempfile::tempdir().expect("a folder");
    let catalog = catalog(Naming::WithSuffixes);
    let path = folder.path().join("metrics.md");
    let missing = catalog
        .check_file(&path, Format::Markdown)
        .expect_err("it is missing");
    assert!(
        missing.to_string().contains("metrics.md: No such file"),
        "{missing}"
    );
    catalog
        .write_file(&path, Format::Markdown)
        .expect("it can be written");
    let text = fs::read_to_string(&path).expect("it is there");
    let cut: String = text
        .lines()
        .take(4)
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&path, cut).expect("it can be written");
    assert!(catalog.check_file(&path, Format::Markdown).is_err());
    fs::write(&path, format!("{text}more\n")).expect("it can be written");
    assert!(catalog.check_file(&path, Format::Markdown).is_err());
}
