//! MC074: a tree of 4,096 metrics

use metric_core::MetricCollector;

macro_rules! eight_of {
    ($name:ident, $part:ty) => {
        #[derive(MetricCollector)]
        struct $name {
            #[metric(flatten(prefix = "a"))]
            a: $part,
            #[metric(flatten(prefix = "b"))]
            b: $part,
            #[metric(flatten(prefix = "c"))]
            c: $part,
            #[metric(flatten(prefix = "d"))]
            d: $part,
            #[metric(flatten(prefix = "e"))]
            e: $part,
            #[metric(flatten(prefix = "f"))]
            f: $part,
            #[metric(flatten(prefix = "g"))]
            g: $part,
            #[metric(flatten(prefix = "h"))]
            h: $part,
        }
    };
}

#[derive(MetricCollector)]
struct One {
    #[metric]
    value: f64,
}

eight_of!(Eight, One);
eight_of!(SixtyFour, Eight);
eight_of!(FiveHundredTwelve, SixtyFour);
eight_of!(FourThousandNinetySix, FiveHundredTwelve);

fn main() {}
