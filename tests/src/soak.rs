//! A simulated month under random faults: what goes wrong when, from a seed.

pub mod plan;
