use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use crate::pages::{all, root};

/// Without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// Links that only `cargo doc` knows: to types, and between its pages.
fn is_rustdocs(page: &str, link: &str) -> bool {
    page.starts_with("metric-core/docs/")
        && (link.contains("::")
            || !link.contains('/') && !link.ends_with(".md") && !link.starts_with('#'))
}

#[test]
fn every_link_leads_to_a_file_and_to_a_heading_that_exist() {
    let pages = all();
    let anchors: HashMap<PathBuf, &Vec<String>> = pages
        .iter()
        .map(|page| (page.path.clone(), &page.anchors))
        .collect();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for page in &pages {
        for link in &page.links {
            let outside = ["https://", "http://", "mailto:"];
            if outside.iter().any(|start| link.starts_with(start))
                || is_rustdocs(&page.name(), link)
            {
                continue;
            }
            checked += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.path.clone(),
                file => plain(&page.path.parent().expect("a folder").join(file)),
            };
            let has = || {
                anchors
                    .get(&target)
                    .is_none_or(|known| known.iter().any(|own| own == anchor))
            };
            if !target.exists() || !anchor.is_empty() && !has() {
                wrong.push(format!("{}: {link}", page.name()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "links that lead nowhere:\n{}",
        wrong.join("\n")
    );
    assert!(checked > 40, "{checked}");
}

/// The book has no files but its own: a link out of it would be dead there.
#[test]
fn no_page_of_the_book_links_out_of_it() {
    let docs = root().join("docs");
    for page in all().iter().filter(|page| page.path.starts_with(&docs)) {
        let outside = page.links.iter().find(|link| link.starts_with(".."));
        assert_eq!(outside, None, "{}: write the path instead", page.name());
    }
}
