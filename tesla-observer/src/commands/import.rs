//! `import`: takes over the tokens of a TeslaPy cache.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use secrecy::zeroize::Zeroizing;

use super::{Failure, other, print};
use crate::config::Config;
use crate::fetch::tesla::{TokenStore, read_cache};

/// A cache has a few kilobytes; whatever is larger is another file.
const MOST: u64 = 16 * 1024 * 1024;

pub(super) fn import(config: &Config, cache: &Path) -> Result<(), Failure> {
    let doing = |problem: String| other(format!("importing {}: {problem}", cache.display()));
    let mut text = Zeroizing::new(String::new());
    let read = File::open(cache).and_then(|file| {
        // At once, since growing would leave tokens behind in memory.
        let length = file.metadata()?.len().min(MOST);
        text.reserve_exact(usize::try_from(length).unwrap_or_default());
        // Whatever says that it is small, no more is read than a cache can have.
        file.take(MOST + 1).read_to_string(&mut text)
    });
    let length = read.map_err(|error| doing(error.to_string()))?;
    if u64::try_from(length).is_ok_and(|length| length > MOST) {
        return Err(doing("it is too large for a TeslaPy cache".to_owned()));
    }
    let imported = read_cache(&text).map_err(|error| doing(error.to_string()))?;
    let store = TokenStore::open(&config.account.state_dir).map_err(other)?;
    let wanted = |name: &str| {
        let user = config.account.user.as_deref();
        user.is_none_or(|user| user.eq_ignore_ascii_case(name))
    };
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for account in imported
        .accounts
        .iter()
        .filter(|account| wanted(&account.name))
    {
        match store.save_unless_older(account).map_err(other)? {
            true => taken.push(account.name.as_str()),
            false => left.push(account.name.as_str()),
        }
    }
    for (name, reason) in &imported.skipped {
        tracing::warn!("not taken over: {name}: {reason}");
    }
    if !left.is_empty() {
        // The cache is as it was when it was taken over first: its refresh tokens are used up.
        print(&format!(
            "Left as it is: {}: the tokens that are stored were given later. To take over older ones \
             all the same, end the observer, delete the account's file in {}, and import again.",
            left.join(", "),
            config.account.state_dir.join("accounts").display()
        ))?;
    }
    if taken.is_empty() && left.is_empty() {
        return Err(doing("it has no account to take over".to_owned()));
    }
    if taken.is_empty() {
        return Ok(());
    }
    print(&format!(
        "Took over {}. The tokens are in {}, for you alone to read.\n\
         Do not use TeslaPy with this cache any more: a refresh token works only once.",
        taken.join(", "),
        config.account.state_dir.display()
    ))
}
