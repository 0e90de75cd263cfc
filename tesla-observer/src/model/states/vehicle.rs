//! The states of the car as a whole, its software and its media.

use crate::model::lenient::states;

states! {
    /// Whether the car can park itself.
    pub enum AutoparkState {
        /// It cannot.
        Unavailable,
        /// It waits.
        Standby,
        /// It could begin now.
        Ready,
        /// It is switched off.
        Disabled,
    }

    /// How the driver agrees while the car parks itself.
    pub enum AutoparkStyle {
        /// By one touch.
        Standard,
        /// By a touch that lasts.
        DeadMan,
    }

    /// What the dashcam does.
    pub enum DashcamState {
        /// It could record.
        Available,
        /// It records.
        Recording,
        /// It cannot record: there is nothing to write to.
        Unavailable,
    }

    /// What the media player does.
    pub enum MediaPlaybackStatus {
        /// It plays.
        Playing,
        /// It is paused.
        Paused,
        /// It is stopped.
        Stopped,
    }

    /// What a software update does. Absent if there is none.
    pub enum SoftwareUpdateStatus {
        /// It can be installed.
        Available,
        /// It will be installed at a time.
        Scheduled,
        /// It is downloaded.
        Downloading,
        /// It waits for a wireless network.
        DownloadingWifiWait,
        /// It is installed now.
        Installing,
        /// The car does not know.
        Unknown,
    }
}
