#[automatically_derived]
impl ::metric_core::MetricCollector for Vehicle {
    const SCHEMA: &'static ::metric_core::Schema = &::metric_core::Schema::new(
            "Vehicle",
            ::core::file!(),
            ::core::line!(),
        )
        .with_metrics(
            &[
                ::metric_core::Metric::gauge(
                        "vehicle.online",
                        <bool as ::metric_core::MetricValue>::SHAPE,
                    )
                    .with_unit(<bool as ::metric_core::MetricValue>::UNIT)
                    .with_field("online", ::core::line!()),
            ],
        )
        .with_groups(
            &[
                ::metric_core::Group::new(
                    "charge",
                    ::core::line!(),
                    <ChargeState as ::metric_core::MetricCollector>::SCHEMA,
                ),
                ::metric_core::Group::new(
                        "climate",
                        ::core::line!(),
                        <Option<Climate> as ::metric_core::MetricCollector>::SCHEMA,
                    )
                    .with_prefix("cabin."),
                ::metric_core::Group::new(
                        "wheels",
                        ::core::line!(),
                        <<[Wheel; 4] as ::metric_core::KeyedCollectors>::Collector as ::metric_core::MetricCollector>::SCHEMA,
                    )
                    .with_key("wheel"),
                ::metric_core::Group::new(
                        "doors",
                        ::core::line!(),
                        <<HashMap<
                            String,
                            Door,
                        > as ::metric_core::KeyedCollectors>::Collector as ::metric_core::MetricCollector>::SCHEMA,
                    )
                    .with_prefix("door.")
                    .with_key("position"),
            ],
        );
    fn observe<__O: ::metric_core::Observer + ?::core::marker::Sized>(
        &self,
        __observer: &mut __O,
    ) {
        ::metric_core::Observer::metric(
            __observer,
            0,
            <bool as ::metric_core::MetricValue>::measure(&self.online),
        );
        ::metric_core::Observer::enter(
            __observer,
            1,
            ::metric_core::__private::Option::None,
        );
        <ChargeState as ::metric_core::MetricCollector>::observe(
            &self.charge,
            __observer,
        );
        ::metric_core::Observer::exit(__observer);
        ::metric_core::Observer::enter(
            __observer,
            const { <Self as ::metric_core::MetricCollector>::SCHEMA.group_offset(1) },
            ::metric_core::__private::Option::None,
        );
        <Option<
            Climate,
        > as ::metric_core::MetricCollector>::observe(&self.climate, __observer);
        ::metric_core::Observer::exit(__observer);
        <[Wheel; 4] as ::metric_core::KeyedCollectors>::observe_each(
            &self.wheels,
            __observer,
            const { <Self as ::metric_core::MetricCollector>::SCHEMA.group_offset(2) },
            "wheel",
        );
        <HashMap<
            String,
            Door,
        > as ::metric_core::KeyedCollectors>::observe_each(
            &self.doors,
            __observer,
            const { <Self as ::metric_core::MetricCollector>::SCHEMA.group_offset(3) },
            "position",
        );
    }
}
#[allow(long_running_const_eval)]
const _: () = {
    const __GROUPS_0: ::metric_core::__private::GroupChecks<'static> = ::metric_core::__private::GroupChecks::new(
        <Vehicle as ::metric_core::MetricCollector>::SCHEMA,
    );
    const _: () = __GROUPS_0.check(0);
    const __GROUPS_1: ::metric_core::__private::GroupChecks<'static> = __GROUPS_0.and(0);
    const _: () = __GROUPS_1.check(1);
    const __GROUPS_2: ::metric_core::__private::GroupChecks<'static> = __GROUPS_1.and(1);
    const _: () = __GROUPS_2.check(2);
    const __GROUPS_3: ::metric_core::__private::GroupChecks<'static> = __GROUPS_2.and(2);
    const _: () = __GROUPS_3.check(3);
};
