//! Where accounts are kept: one file each, for their owner's eyes only.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::zeroize::Zeroizing;

use super::account::Account;

/// Where accounts are kept.
///
/// In a directory: `accounts/<name>.json`, mode 0600 in a directory of mode 0700, replaced as a
/// whole. Clones are the same store.
#[derive(Clone)]
pub struct TokenStore(Arc<Place>);

enum Place {
    Directory(PathBuf),
    Memory(Mutex<BTreeMap<String, Account>>),
}

/// Why an account could not be kept or had.
#[derive(Debug)]
pub struct TokenError {
    doing: String,
    detail: String,
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
            Place::Directory(directory) => f.debug_tuple("TokenStore").field(directory).finish(),
            Place::Memory(_) => f.write_str("TokenStore(memory)"),
        }
    }
}

/// A name's longest file name, so that it fits every file system with its suffixes.
const LONGEST_NAME: usize = 200;
const SUFFIX: &str = ".json";

impl TokenStore {
    /// The store in this directory, which is made if it does not exist. Accounts that others could
    /// read are closed to them.
    ///
    /// # Errors
    ///
    /// If the directory cannot be made, closed to others, or written to.
    pub fn open(directory: &Path) -> Result<Self, TokenError> {
        let accounts = directory.join("accounts");
        let failed = |detail: String| TokenError {
            doing: format!("opening the token directory {}", directory.display()),
            detail: format!(
                "{detail}; choose another state directory, or make this one yours and writable"
            ),
        };
        // Only `accounts` is closed to others: the directory above may be anybody's.
        make_private(&accounts)
            .and_then(|()| close_to_others(&accounts, 0o700))
            .map_err(|error| failed(error.to_string()))?;
        let probe = accounts.join(format!(".probe-{}", unique().map_err(&failed)?));
        let probed = create_private(&probe).and_then(|_| fs::remove_file(&probe));
        probed.map_err(|error| failed(format!("cannot write in it: {error}")))?;
        Ok(Self(Arc::new(Place::Directory(accounts))))
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
        let failed = |error: io::Error| TokenError {
            doing: format!("listing the accounts in {}", directory.display()),
            detail: error.to_string(),
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(directory).map_err(failed)? {
            let file = entry.map_err(failed)?.file_name();
            let name = file.to_str().and_then(|file| file.strip_suffix(SUFFIX));
            names.extend(name.and_then(name_of_file));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The account of this name.
    ///
    /// # Errors
    ///
    /// If there is none, or its file cannot be read, is damaged, or cannot be closed to others.
    pub fn load(&self, name: &str) -> Result<Account, TokenError> {
        let failed = |detail: String| TokenError {
            doing: format!("reading the tokens of {name}"),
            detail,
        };
        let missing =
            || failed("no such account is stored; log in with `tesla-observer login`".to_owned());
        let directory = match &*self.0 {
            Place::Memory(accounts) => {
                return locked(accounts)
                    .get(&normal(name))
                    .cloned()
                    .ok_or_else(missing);
            }
            Place::Directory(directory) => directory,
        };
        let path = directory.join(file_of_name(name).ok_or_else(missing)?);
        let text = match fs::read(&path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
            Err(error) => return Err(failed(format!("{}: {error}", path.display()))),
        };
        close_to_others(&path, 0o600).map_err(|error| {
            failed(format!("{} can be read by others and that cannot be changed ({error}); make the file yours, mode 0600", path.display()))
        })?;
        Account::from_json(&text).map_err(|error| {
            failed(format!(
                "{} is damaged ({error}); delete it and log in again with `tesla-observer login`",
                path.display()
            ))
        })
    }

    /// Keeps the account, in place of one of the same name. When this returns, it is on the disk.
    ///
    /// # Errors
    ///
    /// If it cannot be written. What was there before is then still there.
    pub fn save(&self, account: &Account) -> Result<(), TokenError> {
        let directory = match &*self.0 {
            Place::Memory(accounts) => {
                locked(accounts).insert(normal(&account.name), account.clone());
                return Ok(());
            }
            Place::Directory(directory) => directory,
        };
        let failed = |detail: String| TokenError {
            doing: format!("storing the tokens of {}", account.name),
            detail,
        };
        let file = file_of_name(&account.name)
            .ok_or_else(|| failed("its name is empty or too long for a file".to_owned()))?;
        let json = account
            .to_json()
            .map_err(|error| failed(error.to_string()))?;
        let path = directory.join(&file);
        let new = directory.join(format!(".{file}.{}", unique().map_err(&failed)?));
        write_whole(&json, &new, &path, directory).map_err(|error| {
            // What is left of a failed attempt is of no use; that it stays would be no worse.
            let _ = fs::remove_file(&new);
            failed(format!(
                "{}: {error}; free some space or correct the permissions",
                path.display()
            ))
        })
    }
}

fn write_whole(text: &[u8], new: &Path, path: &Path, directory: &Path) -> io::Result<()> {
    let mut file = create_private(new)?;
    file.write_all(text)?;
    file.sync_all()?;
    drop(file);
    fs::rename(new, path)?;
    // The rename itself must be on the disk, too. Other systems do not open directories.
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = directory;
    Ok(())
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the directory and those above it, as far as they do not exist.
fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Takes away what the mode gives to others.
#[cfg(unix)]
fn close_to_others(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o077 == 0 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), "others could read the tokens here; closed to them now");
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn close_to_others(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

fn unique() -> Result<String, String> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random numbers: {error}"))?;
    Ok(format!("{:016x}", u64::from_ne_bytes(bytes)))
}

/// Mail addresses are the same in any case.
fn normal(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The name as a file's: what could mean something to a file system is written as `%XX`.
fn file_of_name(name: &str) -> Option<String> {
    let mut file = String::new();
    for (index, byte) in normal(name).bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'@' | b'-' | b'_' | b'+' => file.push(char::from(byte)),
            b'.' if index > 0 => file.push('.'),
            _ => file.push_str(&format!("%{byte:02x}")),
        }
    }
    let fits = !file.is_empty() && file.len() <= LONGEST_NAME;
    fits.then(|| file + SUFFIX)
}

/// The name that has this file; `None` for files that are not an account's.
fn name_of_file(file: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = file.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'%' {
            let hex = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(first);
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (file_of_name(&name)?.strip_suffix(SUFFIX)? == file).then_some(name)
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
