//! The states of driving.

use crate::model::lenient::states;

states! {
    /// The selected gear.
    pub enum ShiftState {
        /// Park.
        P,
        /// Reverse.
        R,
        /// Neutral.
        N,
        /// Drive.
        D,
    }

    /// The coordinate system of the native position.
    pub enum NativeType {
        /// WGS 84, as everywhere.
        Wgs,
        /// GCJ-02, as in China.
        Gcj,
    }
}
