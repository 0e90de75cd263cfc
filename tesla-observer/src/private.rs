//! Files and directories that nobody else may read or replace: tokens, keys, what was spent, and what
//! waits to be sent.

mod lock;
mod sync;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

pub(crate) use self::lock::{Locking, try_lock};
#[cfg(all(test, target_os = "linux"))]
pub(crate) use self::lock::{NO_LOCKS, REFUSAL};
#[cfg(all(test, unix))]
pub(crate) use self::sync::synced;
pub(crate) use self::sync::{create_directory, sync_directory, sync_file};

/// What the files are called that only show whether one can be written, and as whom.
pub(crate) const PROBE: &str = ".probe-";

/// The user that this process makes files as; there is nothing of that kind outside Unix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner(#[cfg(unix)] u32);

/// Whoever made this file.
#[cfg(unix)]
pub(crate) fn owner_of(file: &File) -> io::Result<Owner> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(Owner(file.metadata()?.uid()))
}

#[cfg(not(unix))]
pub(crate) fn owner_of(_file: &File) -> io::Result<Owner> {
    Ok(Owner())
}

/// A new file for its owner's eyes only.
pub(crate) fn create_file(path: &Path) -> io::Result<File> {
    private_options().create_new(true).open(path)
}

/// The file, made for its owner's eyes only if it does not exist.
pub(crate) fn open_or_create_file(path: &Path) -> io::Result<File> {
    private_options().read(true).create(true).open(path)
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The user that this process makes files as, from one that it makes in this directory and removes.
pub(crate) fn me_in(directory: &Path) -> io::Result<Owner> {
    let mut number = [0; 8];
    getrandom::fill(&mut number).map_err(io::Error::other)?;
    let probe = format!("{PROBE}{:016x}", u64::from_ne_bytes(number));
    let probe = directory.join(probe);
    let me = create_file(&probe).and_then(|file| owner_of(&file));
    match fs::remove_file(&probe) {
        // Another process that starts now has tidied up already.
        Err(error) if me.is_ok() && error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => me,
    }
}

/// That what is in the directory cannot be moved away by others and replaced: neither it nor one above
/// it is open to everybody's changes, unless as `/tmp` is, where only an owner can take away. The
/// directory itself is closed, if it is one's own.
///
/// # Errors
///
/// Which directory is, and what to do.
#[cfg(unix)]
pub(crate) fn check_above(directory: &Path, me: Owner) -> Result<(), String> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    const STICKY: u32 = 0o1000;
    const EVERYBODY_WRITES: u32 = 0o002;
    let real = directory
        .canonicalize()
        .map_err(|error| error.to_string())?;
    for above in real.ancestors() {
        let shown = above.display();
        let found = fs::metadata(above).map_err(|error| format!("{shown}: {error}"))?;
        let mode = found.permissions().mode() & 0o7777;
        if mode & EVERYBODY_WRITES == 0 || mode & STICKY != 0 {
            continue;
        }
        if above == real && me == Owner(found.uid()) {
            let closed = fs::Permissions::from_mode(mode & !EVERYBODY_WRITES);
            fs::set_permissions(above, closed).map_err(|error| format!("{shown}: {error}"))?;
            tracing::warn!(path = %shown, "everybody could exchange what is here; not any more now");
            continue;
        }
        return Err(format!(
            "everybody may put other files in place of those in {shown} (mode {mode:04o}): its owner can keep them from it with `chmod +t {shown}`, or take that right away with `chmod o-w {shown}`; in a container, mount a volume that belongs to the user there (no emptyDir)"
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn check_above(_directory: &Path, _me: Owner) -> Result<(), String> {
    Ok(())
}

/// That it is what it seems (no link to elsewhere), and its owner's alone: what others may do with it
/// is taken away, and that is said. `content` is what is in it: "the tokens".
///
/// # Errors
///
/// What is wrong and cannot be mended here, and what to do.
#[cfg(unix)]
pub(crate) fn close_to_others(
    path: &Path,
    mode: u32,
    me: Owner,
    content: &str,
) -> Result<(), String> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    let shown = path.display();
    let found = fs::symlink_metadata(path).map_err(|error| format!("{shown}: {error}"))?;
    if found.is_symlink() {
        return Err(format!(
            "{shown} is a link to elsewhere, where nobody looks after {content}: put what it leads to in its place"
        ));
    }
    if me != Owner(found.uid()) {
        return Err(format!(
            "{shown} belongs to another user (id {}), who can read it and put another in its place: run as that user, or make it yours with `chown`",
            found.uid()
        ));
    }
    if found.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| {
        format!(
            "{shown} is open to others, and that cannot be changed ({error}): make it yours, mode {mode:04o}"
        )
    })?;
    tracing::warn!(path = %shown, "others could read {content} here; closed to them now");
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn close_to_others(
    _path: &Path,
    _mode: u32,
    _me: Owner,
    _content: &str,
) -> Result<(), String> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("one's own");
    }

    #[test]
    fn a_place_in_which_everybody_may_exchange_things_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let (above, below) = (directory.path().join("a"), directory.path().join("a/b"));
        fs::create_dir_all(&below).expect("made");
        let Owner(me) = owner_of(&create_file(&below.join("file")).expect("made")).expect("known");
        let (me, other) = (Owner(me), Owner(me + 1));
        for (mode, good) in [(0o755, true), (0o1777, true), (0o775, true), (0o757, false)] {
            for (path, who) in [(&above, me), (&above, other), (&below, other)] {
                set_mode(path, mode);
                let checked = check_above(&below, who);
                assert_eq!(checked.is_ok(), good, "{mode:o} {checked:?}");
                if let Err(error) = checked {
                    let path = path.canonicalize().expect("there");
                    for command in ["chmod o-w", "chmod +t"] {
                        let command = format!("`{command} {}`", path.display());
                        assert!(error.contains(&command), "{error}");
                    }
                }
                assert_eq!(mode_of(path), mode, "not touched");
                set_mode(path, 0o700);
            }
        }
        set_mode(&below, 0o777);
        check_above(&below, me).expect("closed");
        assert_eq!(mode_of(&below), 0o775, "what is one's own is closed");
        // What counts is where it really is.
        set_mode(&above, 0o777);
        let link = directory.path().join("link");
        symlink(&below, &link).expect("linked");
        check_above(&link, me).expect_err("below a directory of everybody's");
    }

    #[test]
    fn what_belongs_to_another_or_is_elsewhere_is_refused_and_left_as_it_is() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("file");
        let Owner(me) = owner_of(&create_file(&file).expect("made")).expect("known");
        set_mode(&file, 0o644);
        let error = close_to_others(&file, 0o600, Owner(me + 1), "it").expect_err("another's");
        assert!(error.contains(&format!("(id {me})")), "{error}");
        let link = directory.path().join("link");
        symlink(&file, &link).expect("linked");
        let error = close_to_others(&link, 0o600, Owner(me), "it").expect_err("a link");
        assert!(error.contains("a link to elsewhere"), "{error}");
        assert_eq!(mode_of(&file), 0o644);
        close_to_others(&file, 0o600, Owner(me), "it").expect("closed");
        assert_eq!(mode_of(&file), 0o600);
    }
}
