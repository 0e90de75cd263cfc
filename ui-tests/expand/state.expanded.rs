#[automatically_derived]
impl<E> ::metric_core::MetricState for ChargingState<E> {
    const STATES: &'static [&'static ::core::primitive::str] = &[
        "disconnected",
        "no power",
        "type",
        "failed",
        "charging",
    ];
    #[inline]
    fn state_index(&self) -> ::core::primitive::usize {
        match self {
            Self::Disconnected { .. } => 0,
            Self::NoPower { .. } => 1,
            Self::r#Type { .. } => 2,
            Self::Failed { .. } => 3,
            Self::Charging { .. } => 4,
        }
    }
}
#[automatically_derived]
impl<E> ::metric_core::MetricValue for ChargingState<E> {
    const SHAPE: ::metric_core::Shape = ::metric_core::Shape::States(
        <Self as ::metric_core::MetricState>::STATES,
    );
    #[inline]
    fn measure(&self) -> ::metric_core::Measurement {
        ::metric_core::Measurement::State(
            <Self as ::metric_core::MetricState>::state_index(self),
        )
    }
}
#[automatically_derived]
impl<E> ::metric_core::MetricAttribute for ChargingState<E> {
    #[inline]
    fn attribute(
        &self,
    ) -> ::metric_core::__private::Option<::metric_core::AttributeValue<'_>> {
        ::metric_core::__private::Option::Some(
            ::metric_core::AttributeValue::Str(
                <Self as ::metric_core::MetricState>::STATES[<Self as ::metric_core::MetricState>::state_index(
                    self,
                )],
            ),
        )
    }
}
