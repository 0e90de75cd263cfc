//! GreptimeDB cannot be had here, but its parser of PromQL can, and what its planner takes is documented.

use std::fs;

use promql_parser::parser::{self, Expr};
use serde_json::Value;

use crate::files::{deploy, queries};

/// Functions that GreptimeDB's documentation lists as supported, among those that are used.
const SUPPORTED: [&str; 12] = [
    "avg_over_time",
    "ceil",
    "changes",
    "delta",
    "histogram_quantile",
    "increase",
    "label_replace",
    "last_over_time",
    "max_over_time",
    "rate",
    "time",
    "sum_over_time",
];

/// What GreptimeDB has no plan for.
fn unsupported(expr: &Expr) -> Option<String> {
    let all = |inner: &[&Expr]| inner.iter().find_map(|inner| unsupported(inner));
    match expr {
        Expr::Subquery(_) => Some("a subquery".to_owned()),
        Expr::Call(call) => {
            if !SUPPORTED.contains(&call.func.name) {
                return Some(format!("the function {}", call.func.name));
            }
            let arguments: Vec<&Expr> = call.args.args.iter().map(AsRef::as_ref).collect();
            all(&arguments)
        }
        Expr::Aggregate(aggregate) => all(&[&aggregate.expr]),
        Expr::Unary(unary) => all(&[&unary.expr]),
        Expr::Binary(binary) => all(&[&binary.lhs, &binary.rhs]),
        Expr::Paren(paren) => all(&[&paren.expr]),
        Expr::VectorSelector(selector) if selector.at.is_some() => Some("@".to_owned()),
        Expr::VectorSelector(selector) if selector.name.is_none() => {
            Some("a selector without a name".to_owned())
        }
        _ => None,
    }
}

#[test]
fn greptimedbs_parser_reads_every_query_of_its_dashboards_and_rules() {
    let mut all: Vec<(String, String)> = Vec::new();
    for query in queries("cars").into_iter().chain(queries("greptimedb")) {
        all.push((query.place.clone(), query.sent()));
    }
    let rules = fs::read_to_string(deploy().join("rules/greptimedb.yml")).expect("it is there");
    let rules: Value = serde_saphyr::from_str(&rules).expect("YAML");
    for group in rules["groups"].as_array().expect("groups") {
        for rule in group["rules"].as_array().expect("rules") {
            let expr = rule["expr"].as_str().expect("a query").to_owned();
            all.push((rule.to_string(), expr));
        }
    }
    assert!(all.len() > 100, "{}", all.len());
    for (place, sent) in all {
        let expr = parser::parse(&sent).unwrap_or_else(|error| panic!("{place}: {sent}: {error}"));
        assert_eq!(unsupported(&expr), None, "{place}: {sent}");
    }
}

#[test]
fn what_greptimedb_has_no_plan_for_is_noticed() {
    for query in [
        "max_over_time(a[1h:1m])",
        "predict_linear(a[1h], 60)",
        "a @ 5",
        "{b=\"c\"}",
    ] {
        let expr = parser::parse(query).expect("PromQL");
        assert!(unsupported(&expr).is_some(), "{query}");
    }
}
