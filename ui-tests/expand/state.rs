// The states of an enum.

#[derive(MetricState)]
enum ChargingState<E> {
    Disconnected,
    #[metric(name = "no power")]
    NoPower,
    r#Type,
    Failed(E),
    Charging { amperes: u8 },
}
