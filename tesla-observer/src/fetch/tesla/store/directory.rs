//! The directory of the accounts' files.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use secrecy::zeroize::Zeroizing;

use crate::private::{self, Owner, PROBE};

use super::super::step::{Step, reached};
use super::lock::{Attempt, LockFile};
use super::name::{file_of_temporary, lock_of_file, name_of_file, temporary_of_file};

/// What is in them, to those who are told that others could read it.
const CONTENT: &str = "the tokens";
/// No account's file is larger: what is has another content.
const LARGEST: u64 = 1024 * 1024;

/// The directory of the accounts' files, which is nobody else's.
pub(super) struct Directory {
    pub(super) path: PathBuf,
    me: Owner,
    /// Whether it was said that this file system has no locks.
    said: AtomicBool,
}

impl Directory {
    /// Whether there is one in `state`, or something else that keeps it from being seen.
    pub(super) fn exists(state: &Path) -> bool {
        path_in(state).try_exists().unwrap_or(true)
    }

    /// That in `state`, made if it does not exist.
    ///
    /// # Errors
    ///
    /// Why it cannot be used, and what to do if that is not all the same.
    pub(super) fn open(state: &Path) -> Result<Self, String> {
        let path = path_in(state);
        let cannot_write = |error: io::Error| format!("cannot write in it: {error}");
        // Only `accounts` is closed to others: the directory above may be anybody's to read.
        private::create_directory(&path).map_err(|error| error.to_string())?;
        let me = private::me_in(&path).map_err(cannot_write)?;
        private::check_above(state, me)?;
        private::close_to_others(&path, 0o700, me, CONTENT)?;
        let said = AtomicBool::new(false);
        let directory = Self { path, me, said };
        directory.tidy().map_err(|error| error.to_string())?;
        Ok(directory)
    }

    /// An account's file; `None` if it has none.
    pub(super) fn read(&self, file: &str) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
        let path = self.path.join(file);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            _ => private::close_to_others(&path, 0o600, self.me, CONTENT)?,
        }
        let text = read_whole(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Some(text))
    }

    /// Puts this text in the place of an account's file. Only for whoever has its lock.
    pub(super) fn replace(&self, file: &str, text: &[u8]) -> Result<(), String> {
        let path = self.path.join(file);
        let new = self.path.join(temporary_of_file(file, unique()?));
        self.remove_temporaries_of(file);
        write_whole(text, &new, &path, &self.path).map_err(|error| {
            // What is left of a failed attempt is of no use; the next one removes it otherwise.
            let _ = fs::remove_file(&new);
            format!(
                "{}: {error}; free some space or correct the permissions",
                path.display()
            )
        })
    }

    /// Tries to get the lock of the account with this file.
    pub(super) fn lock(&self, file: &str) -> Result<Attempt, String> {
        let path = self.path.join(lock_of_file(file));
        let attempt = LockFile::attempt(&path).map_err(|error| {
            format!(
                "{}: {error}; correct the permissions, or free some space",
                path.display()
            )
        })?;
        let is_without = matches!(&attempt, Attempt::Locked(file) if file.is_none());
        if is_without && !self.said.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                path = %self.path.display(),
                "this file system has no locks: let no other process use the same account"
            );
        }
        Ok(attempt)
    }

    /// The names of all files.
    pub(super) fn files(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name()));
        let names: Vec<_> = names.collect::<io::Result<_>>()?;
        // What is no UTF-8 is none of these files.
        Ok(names
            .into_iter()
            .filter_map(|name| name.into_string().ok())
            .collect())
    }

    /// Closes what others can read, and removes what crashes have left.
    fn tidy(&self) -> io::Result<()> {
        for file in self.files()? {
            let path = self.path.join(&file);
            if file.starts_with(PROBE) {
                let _ = fs::remove_file(&path);
            } else if let Some(account) = file_of_temporary(&file) {
                // Whoever writes it has the lock. What nobody writes is worth nothing: either its
                // account's file is newer, or the token that made it is good still.
                if let Ok(Attempt::Locked(_lock)) = self.lock(account) {
                    let _ = fs::remove_file(&path);
                }
            } else if name_of_file(&file).is_some()
                // Refused when it is loaded: one bad account is not the end of the others.
                && let Err(problem) = private::close_to_others(&path, 0o600, self.me, CONTENT)
            {
                tracing::warn!("{problem}");
            }
        }
        Ok(())
    }

    /// Removes what crashes have left of the account with this file. Only for whoever has its lock.
    fn remove_temporaries_of(&self, file: &str) {
        let left = self.files().unwrap_or_default();
        for temporary in left.iter().filter(|t| file_of_temporary(t) == Some(file)) {
            let _ = fs::remove_file(self.path.join(temporary));
        }
    }
}

fn path_in(state: &Path) -> PathBuf {
    state.join("accounts")
}

/// The file's bytes, in one buffer that nobody else gets to see.
fn read_whole(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len().min(LARGEST);
    // Longer than the file, so that reading its end moves nothing.
    let mut text = Zeroizing::new(Vec::with_capacity(
        usize::try_from(length).unwrap_or(0) + 64,
    ));
    file.take(LARGEST).read_to_end(&mut text)?;
    Ok(text)
}

fn write_whole(text: &[u8], new: &Path, path: &Path, directory: &Path) -> io::Result<()> {
    let mut file = private::create_file(new)?;
    file.write_all(text)?;
    reached(Step::Written);
    private::sync_file(&file, new)?;
    drop(file);
    reached(Step::Synced);
    fs::rename(new, path)?;
    reached(Step::Renamed);
    private::sync_directory(directory)?;
    reached(Step::DirectorySynced);
    Ok(())
}

fn unique() -> Result<u64, String> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random numbers: {error}"))?;
    Ok(u64::from_ne_bytes(bytes))
}
