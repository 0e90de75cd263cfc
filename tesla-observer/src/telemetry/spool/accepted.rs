//! The file that says what of a log has been dealt with: 8 bytes with the number up to which
//! everything has been, 8 bytes with that up to which all behind the next one has been, too (0 for
//! none), and the CRC-32 of both. All numbers are little-endian.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::private;

use super::files;

/// Its name.
pub(super) const ACCEPTED: &str = "accepted";

const LENGTH: usize = 20;

/// What has been dealt with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Accepted {
    /// All up to this number.
    pub(super) all: u64,
    /// All up to this number but the oldest that waits.
    pub(super) ahead: Option<u64>,
}

/// The file.
#[derive(Debug)]
pub(super) struct AcceptedFile(File);

impl AcceptedFile {
    /// Opens it, and takes its place on the disk: what is accepted later is written even if there is
    /// no room left by then.
    pub(super) fn open(directory: &Path) -> io::Result<(Self, Accepted)> {
        let mut file = private::open_or_create_file(&directory.join(ACCEPTED))?;
        let mut bytes = Vec::new();
        (&mut file)
            .take(LENGTH as u64 + 1)
            .read_to_end(&mut bytes)?;
        // What is no number is as good as none: the records have it, too.
        let accepted = Accepted::read(&bytes).unwrap_or_default();
        let mut file = AcceptedFile(file);
        file.write(accepted)?;
        // What is longer is damaged, and would be again at the next start.
        file.0.set_len(LENGTH as u64)?;
        Ok((file, accepted))
    }

    pub(super) fn write(&mut self, accepted: Accepted) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(&accepted.to_bytes())
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        files::sync(&self.0)
    }
}

impl Accepted {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (all, rest) = bytes.split_first_chunk::<8>()?;
        let (ahead, crc) = rest.split_first_chunk::<8>()?;
        if crc != crc32fast::hash(&bytes[..16]).to_le_bytes() {
            return None;
        }
        let ahead = u64::from_le_bytes(*ahead);
        Some(Accepted {
            all: u64::from_le_bytes(*all),
            ahead: (ahead > 0).then_some(ahead),
        })
    }

    fn to_bytes(self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[..8].copy_from_slice(&self.all.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.ahead.unwrap_or(0).to_le_bytes());
        let crc = crc32fast::hash(&bytes[..16]);
        bytes[16..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }
}
