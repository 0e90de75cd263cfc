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
        fs::read_dir(state.join("accounts"))
            .expect("listed")
            .count(),
        1,
        "no leftovers"
    );

    let accounts = state.join("accounts");
    for path in [&state, &accounts, &file] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("opened to others");
    }
    TokenStore::open(&state)
        .expect("opened")
        .load("a@example.com")
        .expect("loaded");
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
    let names: Vec<_> = fs::read_dir(&accounts).expect("listed").flatten().collect();
    assert_eq!(names.len(), 2, "the attempt is gone: {names:?}");
}

#[test]
fn no_secret_is_in_debug() {
    let store = TokenStore::in_memory();
    store.save(&account("a@example.com")).expect("saved");
    let shown = format!("{:?} {store:?}", account("a@example.com"));
    assert!(
        !shown.contains("secret") || !shown.contains("-secret"),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn any_name_is_one_safe_file(name in "\\PC{1,40}") {
        if let Some(file) = file_of_name(&name) {
            prop_assert!(!file.contains(['/', '\\', ':', '\0']) && !file.starts_with('.'));
            let stem = file.strip_suffix(SUFFIX).expect("the suffix");
            prop_assert_eq!(name_of_file(stem), Some(normal(&name)));
        }
    }

    #[test]
    fn no_file_panics(text in prop::collection::vec(any::<u8>(), 0..200), name in ".{0,30}") {
        let _ = Account::from_json(&text);
        let _ = name_of_file(&name);
    }
}
