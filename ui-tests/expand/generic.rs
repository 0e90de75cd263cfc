// A tuple struct with parameters of all kinds.

#[derive(MetricCollector)]
struct Axle<'a, T, W: ?Sized = u8, const N: usize = 2>(
    #[metric(name = "load", unit = "kg")] &'a T,
    #[metric(name = "position", counter)] T::Count,
    #[metric(attribute = "side")] &'a str,
    #[metric(flatten)] Brake<T>,
    #[metric(flatten(key = "wheel"))] [Wheel<T>; N],
    PhantomData<W>,
)
where
    T: Sensor + 'a;
