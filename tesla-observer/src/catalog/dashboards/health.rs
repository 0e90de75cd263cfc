use metric_core::catalog::{Dashboard, Panel, Row, Visual};

use super::{lines, truths};

pub(super) fn dashboard() -> Dashboard {
    Dashboard::new("tesla-observer", "Observer")
        .with_description("How the observer itself is: what it asks, what it sends, what waits.")
        .with_tag("tesla-observer")
        .with_row(
            Row::new("Now")
                .with_panel(stat("Token ends in", "observer.token.expires_in").with_base("red").with_step(3600.0, "green"))
                .with_panel(stat("Oldest that waits", &format!("max({})", age())).with_unit("s").with_step(300.0, "red"))
                .with_panel(stat("Memory", "process.memory.usage"))
                .with_panel(stat("Running for", "process.uptime")),
        )
        .with_row(
            Row::new("Observing")
                .with_panel(rate("Cycles", "outcome", "observer.cycles", "{{outcome}}"))
                .with_panel(quantiles("Duration of a cycle", "observer.cycle.duration"))
                .with_panel(rate("Requests to Tesla", "class", "observer.requests", "{{class}}"))
                .with_panel(quantiles("Duration of a request", "http.client.request.duration"))
                .with_panel(
                    lines("Vehicles")
                        .with_query("sum by (availability) (observer.vehicles)", "{{availability}}")
                        .with_unit("")
                        .with_bounds(0.0, None),
                )
                .with_panel(
                    lines("How much slower than usual, for the budget's sake")
                        .with_query("observer.budget.pace", "times"),
                ),
        )
        .with_row(
            Row::new("Sending")
                .with_panel(rate("Taken", "destination, signal", "observer.exports", "{{destination}}: {{signal}}"))
                .with_panel(
                    lines("Failed, and lost")
                        .with_query(or_none("observer.export.failures"), "{{destination}}: failed")
                        .with_query(or_none("observer.export.dropped"), "{{destination}}: lost")
                        .with_unit("")
                        .with_bounds(0.0, None)
                        .with_description(
                            "Attempts in the last 5 minutes that failed, and requests that a destination will \
                             never get.",
                        ),
                )
                .with_panel(
                    lines("Waiting")
                        .with_query("sum by (destination) (observer.export.waiting.size)", "{{destination}}")
                        .with_unit("By"),
                )
                .with_panel(
                    lines("Age of the oldest that waits")
                        .with_query(age(), "{{destination}}")
                        .with_unit("s"),
                ),
        )
        .with_row(
            Row::new("History")
                .with_panel(truths_of("Is written", "observer.history.kept"))
                .with_panel(lines("Size").with_query("observer.history.size", "file")),
        )
}

fn stat(title: &str, query: &str) -> Panel {
    Panel::new(title, Visual::Stat)
        .with_query(query, "")
        .with_size(6, 4)
}

fn rate(title: &str, by: &str, metric: &str, legend: &str) -> Panel {
    lines(title)
        .with_query(
            format!("60 * sum by ({by}) (rate({metric}[$__rate_interval]))"),
            legend,
        )
        .with_unit("/min")
        .with_bounds(0.0, None)
}

fn quantiles(title: &str, metric: &str) -> Panel {
    let panel = lines(title).with_unit("s").with_bounds(0.0, None);
    [("0.5", "median"), ("0.95", "95 %")]
        .into_iter()
        .fold(panel, |panel, (quantile, called)| {
            panel.with_query(
                format!("histogram_quantile({quantile}, sum by (le) (rate({metric}_bucket[$__rate_interval])))"),
                called,
            )
        })
}

/// A counter that does not exist before something happens: until then none.
fn or_none(counter: &str) -> String {
    format!(
        "sum by (destination) (increase({counter}[5m])) or sum by (destination) (0 * observer.export.waiting)"
    )
}

fn truths_of(title: &str, metric: &str) -> Panel {
    truths(title, []).with_query(metric, "history")
}

/// How long the oldest has waited; if none does, none.
fn age() -> String {
    "max by (destination) (observer.export.waiting.age) or max by (destination) (0 * observer.export.waiting)"
        .to_owned()
}
