//! The month of the soak is what its seed says, and has something of everything.

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::time::Duration;

use metric_tests::proxy::Path;
use metric_tests::soak::plan::{Plan, What};

const DAY: Duration = Duration::from_secs(86_400);
const MONTH: Duration = Duration::from_secs(30 * 86_400);

fn month(seed: u64) -> Plan {
    let vins = ["5YJ3E1EA0KF000001", "5YJ3E1EA0KF000002"].map(str::to_owned);
    Plan::new(seed, MONTH, &vins)
}

#[test]
fn a_month_is_the_same_for_the_same_seed_and_another_for_another() {
    assert_eq!(month(7), month(7));
    assert_ne!(month(7), month(8));
}

#[test]
fn troubles_of_one_side_never_overlap_and_the_last_day_has_none() {
    for seed in 0..50 {
        let plan = month(seed);
        assert!(plan.troubles.len() > 50, "{seed}: {}", plan.troubles.len());
        let sides: BTreeSet<String> = plan.troubles.iter().map(|own| side(&own.what)).collect();
        for name in &sides {
            let own = plan.troubles.iter().filter(|own| side(&own.what) == *name);
            let own: Vec<_> = own.collect();
            for pair in own.windows(2) {
                assert!(pair[0].at + pair[0].lasts < pair[1].at, "{seed}: {pair:?}");
            }
        }
        for last in [MONTH - DAY, MONTH - DAY / 2, MONTH] {
            let now = plan.at(last);
            assert!(now.answers.rules.is_empty() && now.receiver.is_none());
            assert_eq!((now.api_path, now.otlp_path), (Path::Pass, Path::Pass));
        }
        assert!(plan.kills().iter().all(|kill| *kill < MONTH - DAY));
    }
}

fn side(what: &What) -> String {
    format!("{:?}", discriminant(what))
}

#[test]
fn every_kind_of_trouble_happens_in_a_few_months() {
    let plans: Vec<Plan> = (0..5).map(month).collect();
    let all = || plans.iter().flat_map(|plan| &plan.troubles);
    let faults: BTreeSet<String> = all()
        .filter_map(|own| match &own.what {
            What::Answers(rule) => Some(format!("{:?}", rule.fault)),
            _ => None,
        })
        .collect();
    assert_eq!(faults.len(), 26, "{faults:?}");
    let paths = |wanted: fn(&What) -> Option<&Path>| -> usize {
        let kinds: BTreeSet<String> = all()
            .filter_map(|own| wanted(&own.what))
            .map(|path| format!("{path:?}"))
            .collect();
        kinds.len()
    };
    let api = paths(|what| match what {
        What::ApiPath(path) => Some(path),
        _ => None,
    });
    let otlp = paths(|what| match what {
        What::OtlpPath(path) => Some(path),
        _ => None,
    });
    assert_eq!((api, otlp), (8, 8));
    assert!(plans.iter().any(|plan| !plan.kills().is_empty()));
}

#[test]
fn between_two_changes_nothing_changes_and_trouble_leaves_room_for_good_hours() {
    for seed in 0..5 {
        let plan = month(seed);
        let changes = plan.changes();
        let (mut clear, second) = (Duration::ZERO, Duration::from_secs(1));
        for pair in changes.windows(2) {
            let now = plan.at(pair[0]);
            assert_eq!(now, plan.at(pair[1] - second), "{seed}: {pair:?}");
            let well = now.answers.rules.is_empty()
                && now.receiver.is_none()
                && (&now.api_path, &now.otlp_path) == (&Path::Pass, &Path::Pass);
            if well {
                clear += pair[1] - pair[0];
            }
        }
        let share = clear.as_secs_f64() / MONTH.as_secs_f64();
        assert!((0.3..0.8).contains(&share), "{seed}: {share}");
    }
}
