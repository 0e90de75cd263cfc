#[automatically_derived]
impl<'a, T, W: ?Sized, const N: usize> ::metric_core::MetricCollector
for Axle<'a, T, W, N>
where
    T: Sensor + 'a,
    &'a T: ::metric_core::MetricValue,
    T::Count: ::metric_core::CounterValue,
    Brake<T>: ::metric_core::MetricCollector,
    [Wheel<T>; N]: ::metric_core::KeyedCollectors,
{
    const SCHEMA: &'static ::metric_core::Schema = &::metric_core::Schema::new(
            "Axle",
            ::core::file!(),
            ::core::line!(),
        )
        .with_attributes(&[::metric_core::AttributeSchema::new("side")])
        .with_metrics(
            &[
                ::metric_core::Metric::gauge(
                        "axle.load",
                        <&'a T as ::metric_core::MetricValue>::SHAPE,
                    )
                    .with_unit(
                        ::metric_core::__private::unit(
                            <&'a T as ::metric_core::MetricValue>::UNIT,
                            "kg",
                        ),
                    )
                    .with_field("0", ::core::line!()),
                ::metric_core::Metric::counter(
                        "axle.position",
                        <T::Count as ::metric_core::CounterValue>::COUNTER_SHAPE,
                    )
                    .with_unit(<T::Count as ::metric_core::CounterValue>::COUNTER_UNIT)
                    .with_field("1", ::core::line!()),
            ],
        )
        .with_groups(
            &[
                ::metric_core::Group::new(
                    "3",
                    ::core::line!(),
                    <Brake<T> as ::metric_core::MetricCollector>::SCHEMA,
                ),
                ::metric_core::Group::new(
                        "4",
                        ::core::line!(),
                        <<[Wheel<
                            T,
                        >; N] as ::metric_core::KeyedCollectors>::Collector as ::metric_core::MetricCollector>::SCHEMA,
                    )
                    .with_key("wheel"),
            ],
        );
    fn observe<__O: ::metric_core::Observer + ?::core::marker::Sized>(
        &self,
        __observer: &mut __O,
    ) {
        #[allow(long_running_const_eval)]
        let () = const {
            let __groups = ::metric_core::__private::GroupChecks::new(
                <Self as ::metric_core::MetricCollector>::SCHEMA,
            );
            __groups.check(0);
            let __groups = __groups.and(0);
            __groups.check(1);
            let __groups = __groups.and(1);
        };
        ::metric_core::Observer::attributes(
            __observer,
            &[
                ::metric_core::Attribute {
                    key: "side",
                    value: <&'a str as ::metric_core::MetricAttribute>::attribute(
                        &self.2,
                    ),
                },
            ],
        );
        ::metric_core::Observer::metric(
            __observer,
            0,
            <&'a T as ::metric_core::MetricValue>::measure(&self.0),
        );
        ::metric_core::Observer::metric(
            __observer,
            1,
            <T::Count as ::metric_core::CounterValue>::measure_counter(&self.1),
        );
        ::metric_core::Observer::enter(
            __observer,
            2,
            ::metric_core::__private::Option::None,
        );
        <Brake<T> as ::metric_core::MetricCollector>::observe(&self.3, __observer);
        ::metric_core::Observer::exit(__observer);
        <[Wheel<
            T,
        >; N] as ::metric_core::KeyedCollectors>::observe_each(
            &self.4,
            __observer,
            const { <Self as ::metric_core::MetricCollector>::SCHEMA.group_offset(1) },
            "wheel",
        );
    }
}
