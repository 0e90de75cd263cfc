//! Where accounts are kept: one file each, for their owner's eyes only.

mod directory;
mod lock;
mod name;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use self::directory::Directory;
use self::lock::{Attempt, LockFile};
use self::name::{file_of_name, name_of_file, normal};
use super::account::Account;
use super::words::quote;

/// Where accounts are kept.
///
/// In a directory: `accounts/<name>.json`, mode 0600 in a directory of mode 0700, replaced as a
/// whole. Whoever changes an account's tokens holds its lock (`accounts/.<name>.json.lock`), so that
/// of several processes one at a time does. Clones are the same store.
#[derive(Clone)]
pub struct TokenStore(Arc<Place>);

enum Place {
    Directory(Directory),
    Memory(Mutex<BTreeMap<String, Account>>),
}

/// Why an account could not be kept or had.
#[derive(Debug)]
pub struct TokenError {
    pub(super) lack: Lack,
    doing: String,
    detail: String,
}

/// What an account is that could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// There is no file of its name.
    Gone,
    /// The file of its name is another account's.
    OtherAccount,
    /// It may be there: something else is wrong.
    Trouble,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.detail)
    }
}

impl Error for TokenError {}

impl fmt::Debug for TokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Place::Directory(directory) => {
                f.debug_tuple("TokenStore").field(&directory.path).finish()
            }
            Place::Memory(_) => f.write_str("TokenStore(memory)"),
        }
    }
}

/// How long [`TokenStore::save`] waits for another process that renews the account's tokens before it
/// says so.
const PATIENCE: Duration = Duration::from_secs(90);
const NONE: &str = "no such account is stored; log in with `tesla-observer login`";
/// How often a lock is tried again.
const AGAIN: Duration = Duration::from_millis(20);

impl TokenStore {
    /// The store in this directory, which is made if it does not exist. Accounts that others could
    /// read are closed to them, and what a crash left of a save is removed.
    ///
    /// # Errors
    ///
    /// If the directory cannot be made, closed to others, or written to; if it belongs to another
    /// user, is a link to elsewhere, or lies where everybody may exchange it.
    pub fn open(directory: &Path) -> Result<Self, TokenError> {
        let directory = Directory::open(directory).map_err(|problem| {
            TokenError::trouble(
                format!("opening the token directory {}", directory.display()),
                format!(
                    "{problem}; choose another state directory, or make this one yours and writable"
                ),
            )
        })?;
        Ok(Self(Arc::new(Place::Directory(directory))))
    }

    /// As [`TokenStore::open`]; `None`, and nothing is made, if no account was ever kept there.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::open`].
    pub fn open_if_it_exists(directory: &Path) -> Result<Option<Self>, TokenError> {
        match Directory::exists(directory) {
            true => Self::open(directory).map(Some),
            false => Ok(None),
        }
    }

    /// A store that ends with the process.
    pub fn in_memory() -> Self {
        Self(Arc::new(Place::Memory(Mutex::default())))
    }

    /// The names of all accounts, in lower case and sorted.
    ///
    /// # Errors
    ///
    /// If the directory cannot be read.
    pub fn accounts(&self) -> Result<Vec<String>, TokenError> {
        let directory = match &*self.0 {
            Place::Memory(accounts) => return Ok(locked(accounts).keys().cloned().collect()),
            Place::Directory(directory) => directory,
        };
        let files = directory.files().map_err(|error| {
            TokenError::trouble(
                format!("listing the accounts in {}", directory.path.display()),
                error.to_string(),
            )
        })?;
        let mut names: Vec<String> = files.iter().filter_map(|file| name_of_file(file)).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// The account of this name.
    ///
    /// # Errors
    ///
    /// If there is none, or its file cannot be read, is damaged, is another account's, belongs to another
    /// user, or cannot be closed to others.
    pub fn load(&self, name: &str) -> Result<Account, TokenError> {
        let doing = || format!("reading the tokens of {name}");
        let failed = |detail: String| TokenError::trouble(doing(), detail);
        let missing = || TokenError {
            lack: Lack::Gone,
            doing: doing(),
            detail: NONE.to_owned(),
        };
        let directory = match &*self.0 {
            Place::Memory(accounts) => {
                // What nobody has stored here is not gone: it ends with the process.
                return locked(accounts)
                    .get(&normal(name))
                    .cloned()
                    .ok_or_else(|| failed(NONE.to_owned()));
            }
            Place::Directory(directory) => directory,
        };
        let file = file_of_name(name).ok_or_else(missing)?;
        let text = directory.read(&file).map_err(failed)?;
        let text = text.ok_or_else(missing)?;
        let path = directory.path.join(&file);
        let account = Account::from_json(&text).map_err(|error| {
            failed(format!(
                "{} is damaged ({error}); delete it and log in again with `tesla-observer login`",
                path.display()
            ))
        })?;
        // Its renewed tokens would go to the file of its own name, and this one keep what is used up.
        if normal(&account.name) == normal(name) {
            return Ok(account);
        }
        let rename = match file_of_name(&account.name) {
            Some(own) => format!("rename it to {own}, or "),
            None => String::new(),
        };
        Err(TokenError {
            lack: Lack::OtherAccount,
            doing: doing(),
            detail: format!(
                "{} is the file of another account, {}: {rename}delete it and log in again with `tesla-observer login`",
                path.display(),
                quote(&account.name)
            ),
        })
    }

    /// Keeps the account, in place of one of the same name. When this returns, it is on the disk.
    ///
    /// Waits as long as another process renews the account's tokens, however long that is: they would be
    /// lost. Blocks the thread.
    ///
    /// # Errors
    ///
    /// If it cannot be written. What was there before is then still there.
    pub fn save(&self, account: &Account) -> Result<(), TokenError> {
        self.wait_for_lock(&account.name, PATIENCE)?.save(account)
    }

    /// As [`TokenStore::save`], unless the account that is stored has later tokens: whether it was kept.
    /// One that is damaged has none.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::save`], and if its file is another account's.
    pub fn save_unless_older(&self, account: &Account) -> Result<bool, TokenError> {
        let lock = self.wait_for_lock(&account.name, PATIENCE)?;
        match self.load(&account.name) {
            Ok(stored) if account.tokens.are_older_than(&stored.tokens) => return Ok(false),
            Err(error) if error.lack == Lack::OtherAccount => return Err(error),
            _ => {}
        }
        lock.save(account)?;
        Ok(true)
    }

    /// That an account of this name could be kept, as far as that can be known before there is one.
    ///
    /// # Errors
    ///
    /// If its name is none for a file, or it cannot be locked.
    pub fn check(&self, name: &str) -> Result<(), TokenError> {
        // That another process renews its tokens just now is no obstacle.
        self.try_lock(name).map(drop)
    }

    /// The lock of the account of this name. After a while it is said which process has it.
    fn wait_for_lock(&self, name: &str, patience: Duration) -> Result<Lock, TokenError> {
        let start = Instant::now();
        let mut said = false;
        loop {
            match self.try_lock(name)? {
                Ok(lock) => return Ok(lock),
                Err(taken) if !said && start.elapsed() >= patience => {
                    said = true;
                    tracing::warn!("{}; waiting for it", taken.error(patience));
                }
                Err(_) => std::thread::sleep(AGAIN),
            }
        }
    }

    /// The lock of the account of this name, waited for as long as `limit`.
    ///
    /// # Errors
    ///
    /// If it cannot be had.
    pub(super) async fn lock(&self, name: &str, limit: Duration) -> Result<Lock, TokenError> {
        let start = tokio::time::Instant::now();
        loop {
            let (store, name) = (self.clone(), name.to_owned());
            let attempt = tokio::task::spawn_blocking(move || store.try_lock(&name)).await;
            match attempt.map_err(|_| TokenError::ended_early())?? {
                Ok(lock) => return Ok(lock),
                Err(taken) if start.elapsed() >= limit => return Err(taken.error(limit)),
                Err(_) => tokio::time::sleep(AGAIN).await,
            }
        }
    }

    fn try_lock(&self, name: &str) -> Result<Result<Lock, Taken>, TokenError> {
        let file = match &*self.0 {
            // Whoever has the store has the process to itself.
            Place::Memory(_) => LockFile::none(),
            Place::Directory(directory) => {
                let failed = |detail: String| {
                    TokenError::trouble(format!("locking the tokens of {name}"), detail)
                };
                let file = file_of_name(name)
                    .ok_or_else(|| failed("its name is empty or too long for a file".to_owned()))?;
                let attempt = directory.lock(&file).map_err(failed)?;
                match attempt {
                    Attempt::Locked(file) => file,
                    Attempt::Taken(by) => {
                        let name = name.to_owned();
                        return Ok(Err(Taken { name, by }));
                    }
                }
            }
        };
        Ok(Ok(Lock {
            store: self.clone(),
            name: normal(name),
            _file: file,
        }))
    }
}

/// Another process has an account's lock.
struct Taken {
    name: String,
    by: Option<u32>,
}

impl Taken {
    fn error(self, after: Duration) -> TokenError {
        let process = match self.by {
            Some(id) => format!("another process (id {id})"),
            None => "another process".to_owned(),
        };
        TokenError::trouble(
            format!("locking the tokens of {}", self.name),
            format!(
                "{process} has been changing them for more than {} s: it hangs; end it",
                after.as_secs()
            ),
        )
    }
}

impl TokenError {
    fn trouble(doing: String, detail: String) -> Self {
        Self {
            lack: Lack::Trouble,
            doing,
            detail,
        }
    }

    fn ended_early() -> Self {
        Self::trouble(
            "using the token directory".to_owned(),
            "the task ended early".to_owned(),
        )
    }
}

/// The right to change one account's tokens: no other process has it until the last clone is dropped.
#[derive(Clone)]
pub(super) struct Lock {
    store: TokenStore,
    name: String,
    _file: LockFile,
}

impl Lock {
    /// As [`TokenStore::save`], at once.
    pub(super) fn save(&self, account: &Account) -> Result<(), TokenError> {
        let failed = |detail: String| {
            TokenError::trouble(format!("storing the tokens of {}", account.name), detail)
        };
        if normal(&account.name) != self.name {
            return Err(failed(format!("the lock is that of {}", self.name)));
        }
        let directory = match &*self.store.0 {
            Place::Memory(accounts) => {
                locked(accounts).insert(self.name.clone(), account.clone());
                return Ok(());
            }
            Place::Directory(directory) => directory,
        };
        let file = file_of_name(&self.name)
            .ok_or_else(|| failed("its name is empty or too long for a file".to_owned()))?;
        let json = account
            .to_json()
            .map_err(|error| failed(error.to_string()))?;
        directory.replace(&file, &json).map_err(failed)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
