use std::fs;
use std::process::Command;

use metric_tests::servers::installed;

use crate::pages::{all, root};

#[test]
fn every_page_is_in_the_book_and_the_book_can_be_made() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).expect("it is there");
    let docs = root().join("docs");
    let pages = all()
        .into_iter()
        .filter(|page| page.path.starts_with(&docs));
    let names: Vec<String> = pages
        .map(|page| {
            page.path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name != "SUMMARY.md")
        .collect();
    for name in &names {
        assert!(
            summary.contains(&format!("({name})")),
            "{name} is not in docs/SUMMARY.md"
        );
    }
    let Some(mdbook) = installed("mdbook") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let made = Command::new(mdbook)
        .arg("build")
        .arg("--dest-dir")
        .arg(folder.path())
        .arg(&docs)
        .output()
        .expect("mdbook starts");
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(made.status.success(), "{said}");
    assert!(
        !said.contains("[WARN]") && !said.contains("[ERROR]"),
        "{said}"
    );
    for name in names {
        let html = folder.path().join(name.replace(".md", ".html"));
        let text = fs::read_to_string(&html).unwrap_or_else(|_| panic!("{}", html.display()));
        assert!(!text.contains("{{#"), "{name} includes what is not there");
    }
}
