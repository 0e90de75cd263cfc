//! The key that VINs are hashed with.
//!
//! A VIN has little in it that cannot be guessed: whoever has only its hash could try them all. With
//! a key that nobody else has, that is of no use.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;
use sha2::{Digest as _, Sha256};

use crate::private;

const LENGTH: usize = 32;

/// How many bytes of a hash are told: by chance, of a million cars no two have the same eight.
const TOLD: usize = 8;

/// The key's file, in the state directory.
const FILE: &str = "vin-key";

/// The key that VINs are hashed with. Never shown.
#[derive(Clone)]
pub struct VinKey(Arc<Zeroizing<[u8; LENGTH]>>);

/// Why there is no key.
#[derive(Debug)]
pub struct KeyError {
    path: PathBuf,
    problem: String,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "keeping the key of --vin hash in {}: {}; choose a state directory that is yours and \
             writable, or --vin off",
            self.path.display(),
            self.problem
        )
    }
}

impl Error for KeyError {}

impl fmt::Debug for VinKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VinKey(hidden)")
    }
}

impl VinKey {
    /// A key that ends with the process, and its hashes' meaning with it.
    ///
    /// # Errors
    ///
    /// If this machine has no random numbers.
    pub fn for_this_process() -> Result<Self, KeyError> {
        Self::random().map_err(|problem| KeyError {
            path: PathBuf::from("memory"),
            problem,
        })
    }

    /// The key in this directory, for its owner alone to read; made, with the directory, if there is
    /// none.
    ///
    /// # Errors
    ///
    /// If it cannot be kept: another key at each start would give each car another hash.
    pub fn kept_in(directory: &Path) -> Result<Self, KeyError> {
        let path = directory.join(FILE);
        let kept = match read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(directory, &path),
            read => read.map_err(|error| error.to_string()),
        };
        kept.map_err(|problem| KeyError { path, problem })
    }

    fn random() -> Result<Self, String> {
        let mut key = Zeroizing::new([0; LENGTH]);
        getrandom::fill(&mut *key).map_err(|error| error.to_string())?;
        Ok(Self(Arc::new(key)))
    }

    /// What is told instead of the VIN: 16 hexadecimal digits, the same for the same VIN and key.
    pub fn hash(&self, vin: &str) -> String {
        // A hash over a secret beginning can be continued by strangers, but not one that is cut.
        let hash = Sha256::new()
            .chain_update(**self.0)
            .chain_update(vin.trim().to_ascii_uppercase())
            .finalize();
        let digits = hash.iter().take(TOLD);
        digits.fold(String::with_capacity(2 * TOLD), |mut text, byte| {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

fn read(path: &Path) -> io::Result<VinKey> {
    let mut file = File::open(path)?;
    close_to_others(&file)?;
    let mut key = Zeroizing::new([0; LENGTH]);
    let whole = file
        .read_exact(&mut *key)
        .and_then(|()| file.read(&mut [0]));
    match whole {
        Ok(0) => Ok(VinKey(Arc::new(key))),
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
        _ => Err(io::Error::other(format!(
            "it does not have {LENGTH} bytes and so is no key (delete it for a new one: each car \
             will then have another hash)"
        ))),
    }
}

/// Makes a key that is on the disk, as a whole, before it is used. Of several processes that do so at
/// once one succeeds, and the others take its key.
fn make(directory: &Path, path: &Path) -> Result<VinKey, String> {
    let key = VinKey::random()?;
    let mut number = [0; 8];
    getrandom::fill(&mut number).map_err(|error| error.to_string())?;
    let new = directory.join(format!(".{FILE}-{:016x}", u64::from_ne_bytes(number)));
    let made = private::create_directory(directory)
        .and_then(|()| write(&new, &key))
        .and_then(|()| fs::hard_link(&new, path))
        .and_then(|()| private::sync_directory(directory));
    // Also if it could not be written to its end.
    let _ = fs::remove_file(&new);
    match made {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read(path).map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    }
}

fn write(path: &Path, key: &VinKey) -> io::Result<()> {
    let mut file = private::create_file(path)?;
    file.write_all(&**key.0)?;
    file.sync_all()
}

/// Whoever could read the key could find the VINs.
#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(0o600))
        .map_err(|error| {
            io::Error::other(format!(
                "others can read it, and that cannot be changed ({error})"
            ))
        })?;
    tracing::warn!(
        "others could read the key of --vin hash; closed to them now. Whoever has it can find the \
         VINs of the hashes: delete it for a new one"
    );
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIN: &str = "5YJSA1H2ZFF900003";

    #[test]
    fn a_kept_key_gives_the_same_hash_again_and_another_key_another_one() {
        let directory = tempfile::tempdir().expect("a directory");
        let state = directory.path().join("a/b");
        let first = VinKey::kept_in(&state).expect("it is made").hash(VIN);
        let again = VinKey::kept_in(&state).expect("it is there");
        assert_eq!(again.hash(VIN), first);
        assert_eq!(again.hash(" 5yjsa1h2zff900003"), first);
        assert_ne!(again.hash("5YJSA1H2ZFF900004"), first);
        assert_eq!(first.len(), 16);
        assert!(
            first.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{first}"
        );
        let other = VinKey::for_this_process().expect("random numbers");
        assert_ne!(other.hash(VIN), first);
        // Nothing else is left behind.
        assert_eq!(fs::read_dir(&state).expect("it is there").count(), 1);
    }

    #[test]
    fn the_hash_is_that_of_the_key_and_the_vin() {
        // `(head -c 32 /dev/zero; printf 5YJSA1H2ZFF900003) | sha256sum`
        let key = VinKey(Arc::new(Zeroizing::new([0; LENGTH])));
        assert_eq!(key.hash(VIN), "4e1ee6af51634ea5");
    }

    #[test]
    fn of_many_at_once_all_have_the_same_key() {
        let directory = tempfile::tempdir().expect("a directory");
        let hashes: Vec<String> = std::thread::scope(|scope| {
            let start = || VinKey::kept_in(directory.path()).map(|key| key.hash(VIN));
            let all: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            all.into_iter()
                .map(|one| one.join().expect("no panic").expect("a key"))
                .collect()
        });
        assert!(hashes.windows(2).all(|two| two[0] == two[1]), "{hashes:?}");
    }

    #[test]
    fn what_is_no_key_is_refused_and_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join(FILE);
        for content in [vec![], vec![7; LENGTH - 1], vec![7; LENGTH + 1]] {
            fs::write(&path, &content).expect("it is written");
            let error = VinKey::kept_in(directory.path()).expect_err("no key");
            assert!(error.to_string().contains("32 bytes"), "{error}");
            assert_eq!(fs::read(&path).expect("it is there"), content);
        }
        let error = VinKey::kept_in(&path).expect_err("no directory");
        assert!(error.to_string().contains("--vin off"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().expect("a directory");
        let state = directory.path().join("state");
        let path = state.join(FILE);
        let mode = |path: &Path| {
            let file = fs::metadata(path).expect("it is there");
            file.permissions().mode() & 0o777
        };
        let first = VinKey::kept_in(&state).expect("it is made").hash(VIN);
        assert_eq!((mode(&state), mode(&path)), (0o700, 0o600));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("it is ours");
        assert_eq!(
            VinKey::kept_in(&state).expect("it is there").hash(VIN),
            first
        );
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn it_is_never_shown() {
        let key = VinKey(Arc::new(Zeroizing::new([0xab; LENGTH])));
        assert_eq!(format!("{key:?}"), "VinKey(hidden)");
    }
}
