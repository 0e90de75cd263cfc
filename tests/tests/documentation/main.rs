//! The documentation: its links lead somewhere, its commands are ones that the program takes, its files are in the
//! book. Its Rust is compiled and run by `cargo test --doc`.

mod book;
mod commands;
mod links;
mod pages;
mod stack;
