// Every option once, except `flatten`.

#[derive(MetricCollector)]
#[metric(prefix = "pump", separator = "/")]
#[metric(attributes(site = "north", service.version = 2, "max flow" = -1.5, tested = true))]
#[metric(crate = "my_library::metric_core")]
struct Pump {
    #[metric(name = "flow", unit = "m3/h", description = "What goes through.", gauge)]
    flow_rate: f64,
    /// Turns since the start.
    #[metric(counter)]
    turns: u64,
    #[metric(up_down_counter)]
    queued: i64,
    /// Letters of the label.
    ///
    /// Not a part of the description.
    #[metric(unit = "{char}", with = String::len)]
    label: String,
    #[metric(counter, with = Self::wear)]
    wear: Option<Wear>,
    #[metric(attribute)]
    r#type: &'static str,
    #[metric(attribute = "pump.id")]
    id: u32,
    #[metric(info)]
    firmware: String,
    #[metric(info = "vendor.name")]
    vendor: Option<String>,
    #[deprecated]
    old: u8,
}
