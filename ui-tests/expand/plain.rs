// Plain numbers: what most structs are.

/// What the battery and the charger report.
#[derive(MetricCollector)]
#[metric(prefix = "chargestate", separator = "_")]
struct ChargeState {
    /// State of charge shown to the driver.
    #[metric(unit = "%")]
    battery_level: Option<i64>,
    /// Energy added in this charging session.
    #[metric(unit = "kW.h")]
    charge_energy_added: Option<f64>,
    /// What the charger is doing.
    #[metric]
    charging_state: Option<ChargingState>,
    charge_port_color: Option<String>,
}
