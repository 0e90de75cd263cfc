//! What survives a loss of power.

use std::fs::{DirBuilder, File};
use std::io;
use std::path::Path;

/// Makes the directory and those above it, as far as they do not exist: each survives a loss of power.
pub(crate) fn create_directory(path: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    for above in missing.into_iter().filter_map(Path::parent) {
        match sync_directory(above) {
            // One may be allowed to make something in it, but not to open it.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            result => result?,
        }
    }
    Ok(())
}

/// Makes what was written to a new file survive a loss of power. `path` is where it is.
pub(crate) fn sync_file(file: &File, path: &Path) -> io::Result<()> {
    file.sync_all()?;
    #[cfg(all(test, unix))]
    synced::note(path);
    #[cfg(not(all(test, unix)))]
    let _ = path;
    Ok(())
}

/// Makes what was created, renamed and removed in a directory survive a loss of power.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    // Other systems do not open directories.
    #[cfg(unix)]
    {
        // The parent of a relative path may have no name.
        let here = path.as_os_str().is_empty();
        let path = if here { Path::new(".") } else { path };
        File::open(path)?.sync_all()?;
        #[cfg(test)]
        synced::note(path);
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// What this thread has synced, for tests: nothing else shows it but a loss of power.
#[cfg(all(test, unix))]
pub(crate) mod synced {
    use std::cell::RefCell;
    use std::fs;
    use std::path::{Path, PathBuf};

    /// A file or directory as it was when it was synced.
    pub(crate) struct Synced {
        pub(crate) path: PathBuf,
        /// A file's text; of a directory, the names of what is in it.
        pub(crate) content: String,
    }

    thread_local! {
        static SYNCED: RefCell<Vec<Synced>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn note(path: &Path) {
        let content = match fs::read_dir(path) {
            Ok(entries) => {
                let names = entries.flatten().map(|entry| entry.file_name());
                let mut names: Vec<_> = names.map(|n| n.to_string_lossy().into_owned()).collect();
                names.sort_unstable();
                names.join(" ")
            }
            Err(_) => fs::read_to_string(path).unwrap_or_default(),
        };
        let path = path.to_path_buf();
        SYNCED.with_borrow_mut(|all| all.push(Synced { path, content }));
    }

    /// All since the last time.
    pub(crate) fn take() -> Vec<Synced> {
        SYNCED.take()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_new_directory_is_on_the_disk_with_those_above_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let above = directory.path();
        synced::take();
        create_directory(&above.join("a/b")).expect("made");
        let mut synced: Vec<_> = synced::take()
            .into_iter()
            .map(|s| (s.path, s.content))
            .collect();
        synced.sort_unstable();
        let expected = [(above.to_path_buf(), "a"), (above.join("a"), "b")];
        assert_eq!(
            synced,
            expected.map(|(path, names)| (path, names.to_owned()))
        );
        create_directory(&above.join("a/b")).expect("there");
        assert!(synced::take().is_empty(), "nothing was made");
    }
}
