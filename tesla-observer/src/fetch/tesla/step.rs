//! The steps of a renewal, at each of which a process may be killed: tests do it.

/// What has just been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is time to renew.
    Due,
    /// The account's lock is held.
    Locked,
    /// The service has given new tokens.
    Answered,
    /// They are in a temporary file.
    Written,
    /// That is on the disk.
    Synced,
    /// It has taken the place of the account's file.
    Renamed,
    /// That is on the disk, too.
    DirectorySynced,
    /// The new token is about to be used.
    Stored,
}

/// In a test that says so, this is where the process ends.
#[cfg(all(test, unix))]
pub(super) fn reached(step: Step) {
    super::tokens::kills::at(step);
}

#[cfg(not(all(test, unix)))]
pub(super) fn reached(_step: Step) {}
