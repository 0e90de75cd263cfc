//! What an owner wants to be told.

use metric_core::catalog::Alert;

use super::WHEELS;

pub(super) fn alerts() -> [Alert; 5] {
    [
        Alert::new("TyrePressureLow", tyres())
            .lasting("2m")
            .with_summary("{{ $labels.vehicle_id }}: the {{ $labels.wheel }} tyre has too little pressure")
            .with_description("The car warns of it. Check the tyre before the next drive."),
        Alert::new("ChargeInterrupted", CHARGE_INTERRUPTED)
            .lasting("5m")
            .with_summary("{{ $labels.vehicle_id }} has stopped charging at {{ $value }} %, below its limit")
            .with_description(
                "It was charging within the last hour, and is still plugged in. Look for a fault of the \
                 charger, a schedule, or a lack of power.",
            ),
        Alert::new("UnlockedForLong", UNLOCKED)
            .lasting("15m")
            .with_summary("{{ $labels.vehicle_id }} is unlocked, and nobody is in it")
            .with_description("Lock it."),
        Alert::new("TokenExpires", "observer.token.expires_in < 3600")
            .lasting("10m")
            .with_severity("critical")
            .with_summary("The token of the account ends in {{ $value | humanizeDuration }}")
            .with_description(
                "It should have been renewed long before. `tesla-observer doctor` says what keeps it; \
                 `tesla-observer login` gets a new one.",
            ),
        Alert::new("BackendLagging", "max by (destination) (observer.export.waiting.age) > 300")
            .lasting("5m")
            .with_summary("{{ $labels.destination }} is {{ $value | humanizeDuration }} behind")
            .with_description(
                "What waits is kept, and is sent when it can be. `tesla-observer doctor` says whether the \
                 destination can be reached.",
            ),
    ]
}

/// `or` drops what has the same attributes: each wheel gets one of its own.
fn tyres() -> String {
    let wheels = WHEELS.map(|(short, long)| {
        format!("label_replace(vehiclestate_tpms_soft_warning_{short}, \"wheel\", \"{long}\", \"\", \"\")")
    });
    format!("({}) == 1", wheels.join(" or "))
}

/// Only what was charging a while ago can have been interrupted, and only below the limit.
const CHARGE_INTERRUPTED: &str = "\
chargestate_battery_level < chargestate_charge_limit_soc \
and on (vehicle_id, vin) (max_over_time(chargestate_charging_state{state=\"charging\"}[1h]) == 1) \
and on (vehicle_id, vin) (chargestate_charging_state{state=~\"stopped|no_power\"} == 1)";

/// Also while it sleeps, when nothing of it is reported.
const UNLOCKED: &str = "\
last_over_time(vehiclestate_locked[6h]) == 0 \
and on (vehicle_id, vin) (last_over_time(vehiclestate_is_user_present[6h]) == 0)";
