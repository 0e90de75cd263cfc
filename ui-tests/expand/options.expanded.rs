#[allow(deprecated)]
#[automatically_derived]
impl my_library::metric_core::MetricCollector for Pump {
    const SCHEMA: &'static my_library::metric_core::Schema = &my_library::metric_core::Schema::new(
            "Pump",
            ::core::file!(),
            ::core::line!(),
        )
        .with_attributes(
            &[
                my_library::metric_core::AttributeSchema::constant(
                    "site",
                    my_library::metric_core::AttributeValue::Str("north"),
                ),
                my_library::metric_core::AttributeSchema::constant(
                    "service.version",
                    my_library::metric_core::AttributeValue::I64(2i64),
                ),
                my_library::metric_core::AttributeSchema::constant(
                    "max flow",
                    my_library::metric_core::AttributeValue::F64(-1.5f64),
                ),
                my_library::metric_core::AttributeSchema::constant(
                    "tested",
                    my_library::metric_core::AttributeValue::Bool(true),
                ),
                my_library::metric_core::AttributeSchema::new("type"),
                my_library::metric_core::AttributeSchema::new("pump.id"),
            ],
        )
        .with_metrics(
            &[
                my_library::metric_core::Metric::gauge(
                        "pump/flow",
                        <f64 as my_library::metric_core::MetricValue>::SHAPE,
                    )
                    .with_unit(
                        my_library::metric_core::__private::unit(
                            <f64 as my_library::metric_core::MetricValue>::UNIT,
                            "m3/h",
                        ),
                    )
                    .with_description("What goes through.")
                    .with_field("flow_rate", ::core::line!()),
                my_library::metric_core::Metric::counter(
                        "pump/turns",
                        <u64 as my_library::metric_core::CounterValue>::COUNTER_SHAPE,
                    )
                    .with_unit(
                        <u64 as my_library::metric_core::CounterValue>::COUNTER_UNIT,
                    )
                    .with_description("Turns since the start.")
                    .with_field("turns", ::core::line!()),
                my_library::metric_core::Metric::up_down_counter(
                        "pump/queued",
                        <i64 as my_library::metric_core::UpDownCounterValue>::UP_DOWN_COUNTER_SHAPE,
                    )
                    .with_unit(
                        <i64 as my_library::metric_core::UpDownCounterValue>::UP_DOWN_COUNTER_UNIT,
                    )
                    .with_field("queued", ::core::line!()),
                my_library::metric_core::Metric::gauge(
                        "pump/label",
                        my_library::metric_core::__private::with_gauge::<
                            String,
                            _,
                            _,
                        >(&String::len)
                            .shape,
                    )
                    .with_unit(
                        my_library::metric_core::__private::unit(
                            my_library::metric_core::__private::with_gauge::<
                                String,
                                _,
                                _,
                            >(&String::len)
                                .unit,
                            "{char}",
                        ),
                    )
                    .with_description("Letters of the label.")
                    .with_field("label", ::core::line!()),
                my_library::metric_core::Metric::counter(
                        "pump/wear",
                        my_library::metric_core::__private::with_counter::<
                            Option<Wear>,
                            _,
                            _,
                        >(&Self::wear)
                            .shape,
                    )
                    .with_unit(
                        my_library::metric_core::__private::with_counter::<
                            Option<Wear>,
                            _,
                            _,
                        >(&Self::wear)
                            .unit,
                    )
                    .with_field("wear", ::core::line!()),
                my_library::metric_core::Metric::info(
                        "pump/info",
                        &["firmware", "vendor.name"],
                    )
                    .with_description("Information about Pump.")
                    .with_field("firmware", ::core::line!()),
            ],
        );
    fn observe<__O: my_library::metric_core::Observer + ?::core::marker::Sized>(
        &self,
        __observer: &mut __O,
    ) {
        my_library::metric_core::Observer::attributes(
            __observer,
            &[
                my_library::metric_core::Attribute::constant(
                    "site",
                    my_library::metric_core::AttributeValue::Str("north"),
                ),
                my_library::metric_core::Attribute::constant(
                    "service.version",
                    my_library::metric_core::AttributeValue::I64(2i64),
                ),
                my_library::metric_core::Attribute::constant(
                    "max flow",
                    my_library::metric_core::AttributeValue::F64(-1.5f64),
                ),
                my_library::metric_core::Attribute::constant(
                    "tested",
                    my_library::metric_core::AttributeValue::Bool(true),
                ),
                my_library::metric_core::Attribute {
                    key: "type",
                    value: <&'static str as my_library::metric_core::MetricAttribute>::attribute(
                        &self.r#type,
                    ),
                },
                my_library::metric_core::Attribute {
                    key: "pump.id",
                    value: <u32 as my_library::metric_core::MetricAttribute>::attribute(
                        &self.id,
                    ),
                },
            ],
        );
        my_library::metric_core::Observer::metric(
            __observer,
            0,
            <f64 as my_library::metric_core::MetricValue>::measure(&self.flow_rate),
        );
        my_library::metric_core::Observer::metric(
            __observer,
            1,
            <u64 as my_library::metric_core::CounterValue>::measure_counter(&self.turns),
        );
        my_library::metric_core::Observer::metric(
            __observer,
            2,
            <i64 as my_library::metric_core::UpDownCounterValue>::measure_up_down_counter(
                &self.queued,
            ),
        );
        my_library::metric_core::Observer::metric(
            __observer,
            3,
            my_library::metric_core::__private::with_gauge::<String, _, _>(&String::len)
                .measure(&self.label),
        );
        my_library::metric_core::Observer::metric(
            __observer,
            4,
            my_library::metric_core::__private::with_counter::<
                Option<Wear>,
                _,
                _,
            >(&Self::wear)
                .measure(&self.wear),
        );
        my_library::metric_core::Observer::info(
            __observer,
            5,
            &[
                my_library::metric_core::Attribute {
                    key: "firmware",
                    value: <String as my_library::metric_core::MetricAttribute>::attribute(
                        &self.firmware,
                    ),
                },
                my_library::metric_core::Attribute {
                    key: "vendor.name",
                    value: <Option<
                        String,
                    > as my_library::metric_core::MetricAttribute>::attribute(
                        &self.vendor,
                    ),
                },
            ],
        );
    }
}
