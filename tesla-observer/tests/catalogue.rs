//! `docs/metrics.md` is made from the schemas, and cannot part from them.

use std::path::Path;

use tesla_observer::commands::catalogue_markdown;

const INTRODUCTION: &str = "\
# The metrics of tesla-observer

All that is exported: the vehicles', each with the attributes `vehicle_id` and `vin`, then the observer's
own. Kinds, units (UCUM) and descriptions are those of the exported metrics. A metric with the attribute
`state` has a point for each of its states: 1 for the present one, 0 for the others.

Made from the schemas: `BLESS=1 cargo test -p tesla-observer --test catalogue` writes this file anew.

";

#[test]
fn the_catalogue_in_the_documentation_is_what_is_exported() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metrics.md");
    let made = format!("{INTRODUCTION}{}", catalogue_markdown());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("docs can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == made,
        "docs/metrics.md is not what is exported: BLESS=1 cargo test -p tesla-observer --test catalogue"
    );
}
