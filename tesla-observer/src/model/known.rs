//! What is known of an answer: all that is read, and what is not read on purpose.

use std::sync::LazyLock;

use super::EvMetrics;
use super::lenient::{Known, Part};

/// All that is known of an answer.
pub(super) fn known() -> &'static Known {
    static KNOWN: LazyLock<Known> = LazyLock::new(|| {
        let mut known = Known::default();
        EvMetrics::make_known(&mut known);
        known.skip(NOT_READ);
        known
    });
    &KNOWN
}

/// Fields that are known and not read.
const NOT_READ: &[&str] = &[
    // Who the vehicle is and who may use it: attributes of the metrics, or none of their business.
    "access_type",
    "api_version",
    "backseat_token",
    "backseat_token_updated_at",
    "ble_autopair_enrolled",
    "calendar_enabled",
    "color",
    "command_signing",
    "display_name",
    "granular_access",
    "id",
    "id_s",
    "in_service",
    "mobile_access_disabled",
    "option_codes",
    "release_notes_supported",
    "state",
    "tokens",
    "user_id",
    "vehicle_id",
    "vehicle_name",
    "vin",
    // The same once more, in another coding.
    "cached_data",
    "vehicle_data_combo",
    // Lists, and the coordinates of homes in them.
    "charge_schedule_data",
    "preconditioning_schedule_data",
    // Coordinates of homes and work places.
    "charge_state.home_location",
    "charge_state.work_location",
    // A name that people give: the attribute `vehicle_id` has it.
    "vehicle_state.vehicle_name",
    // Neither a measurement nor an identification: a mask that changes with each version, and the
    // text of an error whose values nobody lists.
    "vehicle_state.feature_bitmask",
    "vehicle_state.last_autopark_error",
];
