//! What a vehicle does, as far as the schedule knows.

use metric_core::MetricState;
use tokio::time::Instant;

/// What a vehicle does, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, MetricState)]
pub enum Activity {
    /// Nothing is known of it yet.
    Start,
    /// It sleeps.
    Asleep,
    /// It has no connection.
    Offline,
    /// It is awake and does nothing.
    Idle,
    /// It is online and is left alone, so that it can fall asleep.
    Suspended,
    /// It is being driven, or was when it was last heard.
    Driving,
    /// It charges.
    Charging,
    /// New software is being installed.
    Updating,
    /// A workshop has it.
    InService,
    /// The service does not know it any more. It is asked again when the account's list has it.
    Removed,
}

impl Activity {
    /// The activity as an attribute's value, and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Asleep => "asleep",
            Self::Offline => "offline",
            Self::Idle => "idle",
            Self::Suspended => "suspended",
            Self::Driving => "driving",
            Self::Charging => "charging",
            Self::Updating => "updating",
            Self::InService => "in_service",
            Self::Removed => "removed",
        }
    }
}

/// The schedule's state: an activity, and what it must remember in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    Start,
    Asleep {
        since: Instant,
    },
    Offline {
        since: Instant,
    },
    Idle {
        since: Instant,
        /// It came online by itself, and nothing has been done with it yet.
        woke: bool,
        /// Nobody is about: it only charged by itself at night, say.
        alone: bool,
    },
    Suspended {
        /// When it is asked for data once more.
        probe: Instant,
        /// It has come online, but does so often for nothing.
        doubted: bool,
    },
    Driving {
        /// Since when it has no connection, and how often that was found.
        lost: Option<(Instant, u32)>,
    },
    Charging {
        kw: Option<f64>,
        /// It had woken up for it by itself.
        alone: bool,
    },
    Updating,
    InService,
    Removed,
}

impl State {
    pub(super) fn activity(&self) -> Activity {
        match self {
            Self::Start => Activity::Start,
            Self::Asleep { .. } => Activity::Asleep,
            Self::Offline { .. } => Activity::Offline,
            Self::Idle { .. } => Activity::Idle,
            Self::Suspended { .. } => Activity::Suspended,
            Self::Driving { .. } => Activity::Driving,
            Self::Charging { .. } => Activity::Charging,
            Self::Updating => Activity::Updating,
            Self::InService => Activity::InService,
            Self::Removed => Activity::Removed,
        }
    }

    /// It was known to be awake, and is read.
    pub(super) fn is_awake(&self) -> bool {
        matches!(
            self,
            Self::Idle { .. } | Self::Driving { .. } | Self::Charging { .. } | Self::Updating
        )
    }
}
