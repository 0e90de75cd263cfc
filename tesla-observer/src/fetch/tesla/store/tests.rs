mod saving;

use std::fs;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::super::account::Tokens;
use super::super::region::Region;
use super::super::settings::Api;
use super::*;

fn account(name: &str) -> Account {
    let obtained_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    Account {
        name: name.to_owned(),
        api: Api::Fleet {
            client_id: "an-app".to_owned(),
            client_secret: Some("very-secret".into()),
            redirect_uri: Some("https://app.example/callback".to_owned()),
        },
        region: Some(Region::Europe),
        api_host: None,
        auth_host: Some(reqwest::Url::parse("http://127.0.0.1:4/").expect("a URL")),
        tokens: Tokens {
            access_token: "access-secret".into(),
            refresh_token: Some("refresh-secret".into()),
            previous_refresh_token: Some("previous-secret".into()),
            obtained_at,
            expires_at: obtained_at + Duration::from_secs(28_800),
        },
    }
}

fn store() -> (tempfile::TempDir, TokenStore) {
    let directory = tempfile::tempdir().expect("a directory");
    let store = TokenStore::open(&directory.path().join("state")).expect("a store");
    (directory, store)
}

fn files(directory: &tempfile::TempDir) -> Vec<String> {
    let accounts = fs::read_dir(directory.path().join("state/accounts")).expect("there");
    let mut files: Vec<String> = accounts
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    files.sort_unstable();
    files
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).expect("exists").permissions().mode() & 0o777
}

#[test]
fn what_is_saved_is_loaded_and_replaced_whole() {
    let (_directory, on_disk) = store();
    for store in [on_disk, TokenStore::in_memory()] {
        let mut first = account("Elon@Example.com");
        store.save(&first).expect("saved");
        store.save(&account("b@example.com")).expect("saved");
        first.tokens.access_token = "newer-secret".into();
        store.save(&first).expect("saved again");
        assert_eq!(
            store.accounts().expect("listed"),
            ["b@example.com", "elon@example.com"]
        );
        let loaded = store.load("elon@example.COM").expect("loaded");
        assert_eq!(loaded.name, "Elon@Example.com");
        assert_eq!(loaded.tokens.access_token.expose_secret(), "newer-secret");
        let refresh = loaded.tokens.refresh_token.as_ref().expect("kept");
        assert_eq!(refresh.expose_secret(), "refresh-secret");
        let previous = loaded.tokens.previous_refresh_token.as_ref().expect("kept");
        assert_eq!(previous.expose_secret(), "previous-secret");
        assert_eq!(loaded.tokens.expires_at, first.tokens.expires_at);
        assert_eq!(loaded.region, Some(Region::Europe));
        assert_eq!(loaded.auth_host, first.auth_host);
        assert_eq!(loaded.api.client_id(), "an-app");
    }
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let (directory, store) = store();
    store.save(&account("a@example.com")).expect("saved");
    let state = directory.path().join("state");
    let file = state.join("accounts/a@example.com.json");
    assert_eq!(
        (mode(&state), mode(&state.join("accounts")), mode(&file)),
        (0o700, 0o700, 0o600)
    );
    assert_eq!(
        files(&directory),
        [".a@example.com.json.lock", "a@example.com.json"],
        "no leftovers"
    );
    let lock = state.join("accounts/.a@example.com.json.lock");
    assert_eq!(mode(&lock), 0o600);

    let accounts = state.join("accounts");
    for path in [&state, &accounts, &file] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("opened to others");
    }
    // At the start, before anything is read.
    TokenStore::open(&state).expect("opened");
    assert_eq!(
        (mode(&accounts), mode(&file)),
        (0o700, 0o600),
        "closed again"
    );
    assert_eq!(
        mode(&state),
        0o755,
        "what is not the store's own is left as it is"
    );
}

#[test]
fn a_directory_that_cannot_be_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    fs::write(&file, "").expect("written");
    let error = TokenStore::open(&file)
        .expect_err("a file is no directory")
        .to_string();
    assert!(error.contains(&file.display().to_string()), "{error}");
    assert!(error.contains("choose another"), "{error}");
}

#[test]
fn a_damaged_file_is_named_and_costs_only_its_account() {
    let (directory, store) = store();
    store.save(&account("good@example.com")).expect("saved");
    store.save(&account("bad@example.com")).expect("saved");
    let bad = directory.path().join("state/accounts/bad@example.com.json");
    let text = fs::read_to_string(&bad).expect("read");
    let wrong_version = text.replace("\"version\": 1", "\"version\": 9");
    for damaged in [
        "",
        "null",
        &text[..text.len() / 2],
        &wrong_version,
        &text.replace("\"fleet\"", "7"),
    ] {
        fs::write(&bad, damaged).expect("written");
        let error = store.load("bad@example.com").expect_err("damaged");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("bad@example.com.json"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
    assert_eq!(store.accounts().expect("listed").len(), 2);
    store.load("good@example.com").expect("not touched by it");
    let error = store.load("nobody").expect_err("not there").to_string();
    assert!(error.contains("tesla-observer login"), "{error}");
}

#[test]
fn a_file_that_was_renamed_is_not_taken_for_another_account() {
    let (directory, store) = store();
    store.save(&account("Elon@example.com")).expect("saved");
    let accounts = directory.path().join("state/accounts");
    let (file, renamed) = (
        accounts.join("elon@example.com.json"),
        accounts.join("me.json"),
    );
    fs::rename(&file, &renamed).expect("renamed");
    let error = store.load("me").expect_err("elon's");
    assert_eq!(error.lack, Lack::OtherAccount);
    let error = error.to_string();
    for said in [
        "me.json",
        "Elon@example.com",
        "rename it to elon@example.com.json",
        "tesla-observer login",
    ] {
        assert!(error.contains(said), "{said} in {error}");
    }
    fs::rename(&renamed, &file).expect("as it says");
    store.load("elon@example.com").expect("loaded");
}

#[test]
fn a_write_that_fails_leaves_the_old_account() {
    let (directory, store) = store();
    store.save(&account("a@example.com")).expect("saved");
    let accounts = directory.path().join("state/accounts");
    // A directory that is not empty cannot be replaced by a file, whoever tries.
    fs::create_dir_all(accounts.join("b.json/x")).expect("made");
    let error = store
        .save(&account("b"))
        .expect_err("not saved")
        .to_string();
    assert!(error.contains("b.json"), "{error}");
    store.load("a@example.com").expect("still there");
    let left = [".a@example.com.json.lock", ".b.json.lock"];
    let left = [left, ["a@example.com.json", "b.json"]].concat();
    assert_eq!(files(&directory), left, "the attempt is gone");
}

#[test]
fn no_secret_is_in_debug() {
    let store = TokenStore::in_memory();
    store.save(&account("a@example.com")).expect("saved");
    let shown = format!("{:?} {store:?}", account("a@example.com"));
    assert!(!shown.contains("-secret"), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_file_that_opened_since_the_start_is_closed_when_it_is_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let (directory, store) = store();
    store.save(&account("a")).expect("saved");
    let file = directory.path().join("state/accounts/a.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("opened to others");
    store.load("a").expect("loaded");
    assert_eq!(mode(&file), 0o600);
}

#[cfg(unix)]
#[test]
fn tokens_that_are_elsewhere_are_not_used() {
    use std::os::unix::fs::symlink;

    let (directory, store) = store();
    store.save(&account("a")).expect("saved");
    let accounts = directory.path().join("state/accounts");
    symlink(accounts.join("a.json"), accounts.join("b.json")).expect("linked");
    let error = store.load("b").expect_err("a link").to_string();
    assert!(error.contains("b.json is a link to elsewhere"), "{error}");
    // The directory, too; that of the settings may be a link, to what is checked then.
    let other = directory.path().join("other");
    fs::create_dir(&other).expect("made");
    symlink(&accounts, other.join("accounts")).expect("linked");
    let error = TokenStore::open(&other).expect_err("a link").to_string();
    assert!(error.contains("accounts is a link to elsewhere"), "{error}");
    let link = directory.path().join("link");
    symlink(directory.path().join("state"), &link).expect("linked");
    let names = TokenStore::open(&link).expect("opened").accounts();
    assert_eq!(names.expect("listed"), ["a", "b"]);
}

#[cfg(unix)]
#[test]
fn a_place_that_everybody_may_exchange_is_refused_at_the_start() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().expect("a directory");
    let above = directory.path().join("everybodys");
    fs::create_dir(&above).expect("made");
    fs::set_permissions(&above, fs::Permissions::from_mode(0o777)).expect("opened");
    let error = TokenStore::open(&above.join("state"))
        .expect_err("anybody may put another directory in its place")
        .to_string();
    assert!(error.contains("chmod o-w"), "{error}");
}

proptest! {
    #[test]
    fn no_file_panics(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Account::from_json(&text);
    }
}
