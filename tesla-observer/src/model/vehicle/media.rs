//! What is played: `vehicle_state.media_info` and `vehicle_state.media_state`.

use crate::model::lenient::{PrivateText, sub_state};
use crate::model::states::MediaPlaybackStatus;

sub_state! {
    /// What is played, and how loud.
    #[metric(prefix = "vehiclestate_media_info", separator = "_")]
    pub struct MediaInfo at "vehicle_state.media_info" {
        /// Volume, in steps of the display.
        #[metric]
        pub audio_volume: Option<f64>,
        /// By how much one touch changes the volume.
        #[metric]
        pub audio_volume_increment: Option<f64>,
        /// Highest volume.
        #[metric]
        pub audio_volume_max: Option<f64>,
        /// What the player does.
        #[metric]
        pub media_playback_status: Option<MediaPlaybackStatus>,
        /// Length of what is played.
        #[metric(unit = "ms")]
        pub now_playing_duration: Option<f64>,
        /// How far it has been played.
        #[metric(unit = "ms")]
        pub now_playing_elapsed: Option<f64>,
    } with {
        /// What is played and from where, if private texts are read.
        pub now_playing: NowPlaying,
    }
}

sub_state! {
    /// What is played and from where: private.
    #[metric(prefix = "vehiclestate_media_info_now_playing", separator = "_")]
    pub struct NowPlaying at "vehicle_state.media_info" {
        /// The connected telephone's name.
        #[metric(info)]
        pub a2dp_source_name: Option<PrivateText>,
        /// Album.
        #[metric(info = "album")]
        pub now_playing_album: Option<PrivateText>,
        /// Artist.
        #[metric(info = "artist")]
        pub now_playing_artist: Option<PrivateText>,
        /// Source: a service, a telephone, the radio.
        #[metric(info = "source")]
        pub now_playing_source: Option<PrivateText>,
        /// Station.
        #[metric(info = "station")]
        pub now_playing_station: Option<PrivateText>,
        /// Title.
        #[metric(info = "title")]
        pub now_playing_title: Option<PrivateText>,
    }
}

sub_state! {
    /// Whether the media can be controlled from afar.
    #[metric(prefix = "vehiclestate_media_state", separator = "_")]
    pub struct MediaState at "vehicle_state.media_state" {
        /// Whether the media can be controlled from afar.
        #[metric]
        pub remote_control_enabled: Option<bool>,
    }
}
