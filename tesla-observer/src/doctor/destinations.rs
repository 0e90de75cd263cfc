//! Whether each destination takes what is sent: an empty request, as a real one would be sent.

use super::{Finding, PATIENCE};
use crate::config::Config;
use crate::telemetry::probe;

pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    let probes = probe::all(&config.telemetry, PATIENCE).await;
    if probes.is_empty() {
        let says = match config.telemetry.has_destination() {
            true => "nothing is sent: Prometheus fetches it here",
            false => "none: all stays on this machine",
        };
        return vec![Finding::ok("destinations", says)];
    }
    let finding = |probed: probe::Probed| {
        let check = format!("destination {}", probed.destination);
        match probed.problem {
            None => Finding::ok(check, format!("{} takes requests", probed.endpoint)),
            Some((problem, remedy)) => {
                Finding::failed(check, format!("{}: {problem}", probed.endpoint)).mended_by(remedy)
            }
        }
    };
    probes.into_iter().map(finding).collect()
}
