//! One process at a time saves, and what it has saved is on the disk.

use super::*;

fn taken(store: &TokenStore, name: &str) -> Lock {
    match store.try_lock(name).expect("a lock") {
        Ok(lock) => lock,
        Err(_) => panic!("it is taken"),
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_too_long_for_another_process_is_told_which_one_hangs() {
    let (directory, store) = store();
    let lock = taken(&store, "A@example.com");
    let other = TokenStore::open(&directory.path().join("state")).expect("a store");
    let limit = Duration::from_secs(60);
    let start = tokio::time::Instant::now();
    let Err(error) = other.lock("a@example.com", limit).await else {
        panic!("two have it");
    };
    assert!(start.elapsed() >= limit && start.elapsed() < 2 * limit);
    let me = format!("(id {})", std::process::id());
    for said in [me.as_str(), "a@example.com", "60 s", "end it"] {
        assert!(error.to_string().contains(said), "{said} in {error}");
    }
    // Another account is another lock.
    other.lock("b@example.com", limit).await.expect("had");
    drop(lock);
    other.lock("a@example.com", limit).await.expect("had");
}

#[test]
fn a_save_waits_for_the_one_who_renews() {
    let (_directory, store) = store();
    let lock = taken(&store, "a");
    let other = store.clone();
    let (saved, has_saved) = std::sync::mpsc::channel();
    std::thread::spawn(move || saved.send(other.save(&account("a"))));
    // It can only be shown that it waits by waiting; it never saves while the lock is held.
    has_saved
        .recv_timeout(Duration::from_millis(200))
        .expect_err("saved without the lock");
    let mut renewed = account("a");
    renewed.tokens.access_token = "renewed".into();
    lock.save(&renewed).expect("saved");
    drop(lock);
    has_saved.recv().expect("an end").expect("saved");
    let last = store.load("a").expect("loaded").tokens.access_token;
    assert_eq!(last.expose_secret(), "access-secret", "the login came last");
    let Err(error) = taken(&store, "a").save(&account("b")) else {
        panic!("another account's lock");
    };
    assert!(error.to_string().contains("that of a"), "{error}");
}

#[test]
fn what_is_saved_is_not_given_up_however_long_another_process_hangs() {
    let (_directory, store) = store();
    let lock = taken(&store, "a");
    let other = store.clone();
    let (saved, has_saved) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let lock = other.wait_for_lock("a", Duration::from_millis(20));
        saved.send(lock.and_then(|lock| lock.save(&account("a"))))
    });
    // Many times longer than it waits without a word.
    has_saved
        .recv_timeout(Duration::from_millis(400))
        .expect_err("given up");
    drop(lock);
    has_saved.recv().expect("an end").expect("saved");
    store.load("a").expect("loaded");
}

#[cfg(target_os = "linux")]
#[test]
fn where_there_are_no_locks_accounts_are_kept_all_the_same() {
    use crate::private::{NO_LOCKS, REFUSAL};

    let (_directory, store) = store();
    for code in NO_LOCKS {
        REFUSAL.set(Some(code));
        store.check("a").expect("it can be kept");
        store.save(&account("a")).expect("saved");
        store.load("a").expect("loaded");
    }
    // A failure is none of that: EIO.
    REFUSAL.set(Some(5));
    let (checked, saved) = (store.check("a"), store.save(&account("a")));
    REFUSAL.set(None);
    checked.expect_err("not known whether another has it");
    saved.expect_err("not known whether another has it");
}

#[test]
fn what_is_older_than_what_is_stored_is_not_kept() {
    let (directory, on_disk) = store();
    for store in [on_disk, TokenStore::in_memory()] {
        let (mut stored, mut other) = (account("a"), account("a"));
        stored.tokens.access_token = "stored".into();
        let access = |store: &TokenStore| store.load("a").expect("loaded").tokens.access_token;
        assert!(store.save_unless_older(&stored).expect("nothing was there"));
        other.tokens.obtained_at -= Duration::from_secs(1);
        assert!(!store.save_unless_older(&other).expect("compared"));
        assert_eq!(access(&store).expose_secret(), "stored");
        other.tokens.obtained_at += Duration::from_secs(2);
        assert!(store.save_unless_older(&other).expect("saved"));
        assert_eq!(access(&store).expose_secret(), "access-secret");
    }
    let accounts = directory.path().join("state/accounts");
    let (_directory, store) = (directory, TokenStore::open(accounts.parent().expect("one")));
    let store = store.expect("a store");
    fs::write(accounts.join("a.json"), "{").expect("written");
    assert!(store.save_unless_older(&account("a")).expect("saved"));
    // What would be lost is another's.
    fs::rename(accounts.join("a.json"), accounts.join("b.json")).expect("renamed");
    let error = store.save_unless_older(&account("b")).expect_err("a's");
    assert_eq!(error.lack, Lack::OtherAccount);
}

#[cfg(unix)]
#[test]
fn an_account_is_on_the_disk_before_it_takes_the_place_of_the_one_before() {
    use crate::private::synced;

    synced::take();
    let (directory, store) = store();
    let state = directory.path().join("state");
    let accounts = state.join("accounts");
    // The new directories, too.
    let mut made: Vec<_> = synced::take().into_iter().map(|s| s.path).collect();
    made.sort_unstable();
    assert_eq!(made, [directory.path(), &state]);
    for access in ["first-secret", "second-secret"] {
        let mut account = account("a");
        account.tokens.access_token = access.into();
        store.save(&account).expect("saved");
        let [file, names] = synced::take().try_into().ok().expect("a file, a directory");
        let name = file.path.file_name().and_then(|name| name.to_str());
        let temporary = name.and_then(name::file_of_temporary);
        assert_eq!(temporary, Some("a.json"), "not in its place yet");
        let whole = fs::read_to_string(accounts.join("a.json")).expect("read");
        assert!(whole.contains(access));
        assert_eq!(file.content, whole, "all of it");
        assert_eq!(names.path, accounts);
        assert_eq!(names.content, ".a.json.lock a.json", "in its place");
    }
}

#[test]
fn what_a_crash_left_is_removed_but_not_what_another_process_is_writing() {
    let (directory, store) = store();
    let accounts = directory.path().join("state/accounts");
    store.save(&account("a")).expect("saved");
    let left = |name: &str| {
        let path = accounts.join(format!(".{name}.json.0123456789abcdef"));
        fs::write(&path, "{").expect("written");
        path
    };
    let (crashed, of_unknown) = (left("a"), left("gone"));
    let probe = accounts.join(".probe-0123456789abcdef");
    fs::write(&probe, "").expect("written");
    let lock = taken(&store, "b");
    let being_written = left("b");
    TokenStore::open(&directory.path().join("state")).expect("opened");
    for path in [&crashed, &of_unknown, &probe] {
        assert!(!path.exists(), "{}", path.display());
    }
    assert!(being_written.exists());
    drop(lock);
    // A save removes what its own account has.
    let crashed = left("a");
    store.save(&account("a")).expect("saved");
    assert!(!crashed.exists() && being_written.exists());
    assert_eq!(store.accounts().expect("listed"), ["a"]);
}
