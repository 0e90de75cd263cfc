#[automatically_derived]
impl ::metric_core::MetricCollector for ChargeState {
    const SCHEMA: &'static ::metric_core::Schema = &::metric_core::Schema::new(
            "ChargeState",
            ::core::file!(),
            ::core::line!(),
        )
        .with_metrics(
            &[
                ::metric_core::Metric::gauge(
                        "chargestate_battery_level",
                        <Option<i64> as ::metric_core::MetricValue>::SHAPE,
                    )
                    .with_unit(
                        ::metric_core::__private::unit(
                            <Option<i64> as ::metric_core::MetricValue>::UNIT,
                            "%",
                        ),
                    )
                    .with_description("State of charge shown to the driver.")
                    .with_field("battery_level", ::core::line!()),
                ::metric_core::Metric::gauge(
                        "chargestate_charge_energy_added",
                        <Option<f64> as ::metric_core::MetricValue>::SHAPE,
                    )
                    .with_unit(
                        ::metric_core::__private::unit(
                            <Option<f64> as ::metric_core::MetricValue>::UNIT,
                            "kW.h",
                        ),
                    )
                    .with_description("Energy added in this charging session.")
                    .with_field("charge_energy_added", ::core::line!()),
                ::metric_core::Metric::gauge(
                        "chargestate_charging_state",
                        <Option<ChargingState> as ::metric_core::MetricValue>::SHAPE,
                    )
                    .with_unit(
                        <Option<ChargingState> as ::metric_core::MetricValue>::UNIT,
                    )
                    .with_description("What the charger is doing.")
                    .with_field("charging_state", ::core::line!()),
            ],
        );
    fn observe<__O: ::metric_core::Observer + ?::core::marker::Sized>(
        &self,
        __observer: &mut __O,
    ) {
        ::metric_core::Observer::metric(
            __observer,
            0,
            <Option<i64> as ::metric_core::MetricValue>::measure(&self.battery_level),
        );
        ::metric_core::Observer::metric(
            __observer,
            1,
            <Option<
                f64,
            > as ::metric_core::MetricValue>::measure(&self.charge_energy_added),
        );
        ::metric_core::Observer::metric(
            __observer,
            2,
            <Option<
                ChargingState,
            > as ::metric_core::MetricValue>::measure(&self.charging_state),
        );
    }
}
