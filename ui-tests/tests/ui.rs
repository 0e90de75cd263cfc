//! What the derives refuse, and with which words (`fail/`); what they must take (`pass/`).
//!
//! A fail case is a file `fail/<topic>/<what is wrong>.rs`, whose first line announces the code of
//! its error, and beside it a `.stderr` with the compiler's words. After a change of a message:
//! `TRYBUILD=overwrite cargo test -p metric-ui-tests --test ui`, and read the difference.

mod common;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{announced, files, read};
use trybuild::TestCases;

/// The compiler whose words the `.stderr` files are. Another one says most things a little
/// differently, so with it only the announced codes are compared.
const TOOLCHAIN: &str = "rustc 1.95.";

/// The topic whose mistakes are seen only when code is generated: `const` evaluations that depend
/// on type parameters, which `cargo check` does not reach. All others are just checked, at once
/// and so much faster.
const BUILT: &str = "instantiated";

#[test]
fn mistakes() {
    if is_pinned_toolchain() {
        checked(Path::new("fail"));
    } else {
        other_toolchain("checked_in_child");
    }
}

#[test]
fn right_and_late_mistakes() {
    if is_pinned_toolchain() {
        built(Path::new("fail"));
    } else {
        other_toolchain("built_in_child");
    }
}

fn checked(fail: &Path) {
    let cases = TestCases::new();
    for case in files(fail, "rs") {
        if !case.starts_with(fail.join(BUILT)) {
            cases.compile_fail(case);
        }
    }
}

fn built(fail: &Path) {
    let cases = TestCases::new();
    // With a case that passes, trybuild builds all of them instead of checking them.
    cases.pass("pass/*.rs");
    cases.compile_fail(fail.join(BUILT).join("*.rs"));
}

fn is_pinned_toolchain() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    output.is_ok_and(|output| output.stdout.starts_with(TOOLCHAIN.as_bytes()))
}

/// Runs `test` on a copy of the cases that has no `.stderr` files. It fails if a case compiles
/// that should not, and has trybuild write down what the compiler says; then the codes are
/// compared.
fn other_toolchain(test: &str) {
    println!("not {TOOLCHAIN}*: only the codes of the errors are compared, not their words");
    let copy = copy_of_cases(test);
    let child = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", test, "--ignored"])
        .env("TRYBUILD", "overwrite")
        .env("UI_TESTS_CASES", &copy)
        .status();
    assert!(child.is_ok_and(|status| status.success()), "see above");

    for stderr in files(&copy, "stderr") {
        let words = read(&stderr);
        for code in announced(&stderr.with_extension("rs")) {
            assert!(words.contains(&code), "{stderr:?} lacks {code}:\n{words}");
        }
    }
}

#[test]
#[ignore = "run by `mistakes` with another toolchain"]
fn checked_in_child() {
    if let Some(copy) = env::var_os("UI_TESTS_CASES") {
        checked(Path::new(&copy));
    }
}

#[test]
#[ignore = "run by `right_and_late_mistakes` with another toolchain"]
fn built_in_child() {
    if let Some(copy) = env::var_os("UI_TESTS_CASES") {
        built(Path::new(&copy));
    }
}

fn copy_of_cases(test: &str) -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&copy);
    for case in files(Path::new("fail"), "rs") {
        let to = copy.join(&case);
        fs::create_dir_all(to.parent().expect("a topic")).expect("a directory");
        fs::copy(case, to).expect("a copy");
    }
    copy.join("fail")
}
