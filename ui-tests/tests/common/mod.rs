//! The cases as files.

use std::fs;
use std::path::{Path, PathBuf};

/// All files below `directory` whose name ends with `.extension`, in order.
pub(crate) fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The codes that the first line of a case announces: `//! MC010, MC020: what is wrong`.
pub(crate) fn announced(case: &Path) -> Vec<String> {
    let text = read(case);
    let line = text.lines().next().unwrap_or_default();
    let codes = line
        .strip_prefix("//! ")
        .and_then(|line| line.split_once(':'));
    let (codes, _) = codes.unwrap_or_else(|| panic!("{}: no `//! MC…: …`", case.display()));
    codes.split(", ").map(str::to_owned).collect()
}
