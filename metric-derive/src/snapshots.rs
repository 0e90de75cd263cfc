//! The code that the derives write, kept where people can read it: `ui-tests/expand`.
//!
//! To accept a change: `BLESS=1 cargo test -p metric-derive`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use similar::TextDiff;

use crate::{collector, derive, state};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui-tests/expand")
}

/// The inputs: all files that are not themselves expansions.
fn inputs() -> Vec<PathBuf> {
    let entries = fs::read_dir(directory()).expect("ui-tests/expand");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut inputs: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !path.to_string_lossy().ends_with(".expanded.rs"))
        .collect();
    inputs.sort();
    inputs
}

/// The expansion of all derives in the file, as rustfmt would write it.
fn expanded(input: &Path) -> String {
    let source = fs::read_to_string(input).expect("the input");
    let file = syn::parse_file(&source).expect("Rust");
    let mut code = proc_macro2::TokenStream::new();
    for item in file.items {
        match item {
            syn::Item::Struct(item) => code.extend(derive(quote::quote!(#item), collector::derive)),
            syn::Item::Enum(item) => code.extend(derive(quote::quote!(#item), state::derive)),
            _ => {}
        }
    }
    prettyplease::unparse(&syn::parse2(code).expect("the expansion is Rust"))
}

#[test]
fn the_code_is_what_was_accepted() {
    let bless = env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut changed = String::new();
    for input in inputs() {
        let accepted = input.with_extension("expanded.rs");
        let before = fs::read_to_string(&accepted).unwrap_or_default();
        let now = expanded(&input);
        if before == now {
            continue;
        }
        if bless {
            fs::write(&accepted, now).expect("written");
            continue;
        }
        let diff = TextDiff::from_lines(&before, &now);
        let name = accepted.display().to_string();
        changed += &diff.unified_diff().header(&name, "now").to_string();
    }
    assert!(
        changed.is_empty(),
        "the expansion has changed; if that is meant, `BLESS=1 cargo test -p metric-derive`\n\n{changed}"
    );
    assert!(
        !inputs().is_empty(),
        "no inputs in {}",
        directory().display()
    );
}
