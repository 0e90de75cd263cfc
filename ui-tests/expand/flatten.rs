// `flatten` in all its forms.

#[derive(MetricCollector)]
struct Vehicle {
    #[metric]
    online: bool,
    #[metric(flatten)]
    charge: ChargeState,
    #[metric(flatten(prefix = "cabin"))]
    climate: Option<Climate>,
    #[metric(flatten(key = "wheel"))]
    wheels: [Wheel; 4],
    #[metric(flatten(prefix = "door", key = "position"))]
    doors: HashMap<String, Door>,
}
