//! The committed dashboards and rules: every query finds data, in every backend that can be had here, and
//! those that cannot be had can at least read it.

mod files;
mod grammar;
mod servers;
