//! The observer's command line.

#![forbid(unsafe_code)]

use std::io::{self, Write as _};
use std::panic;
use std::process::ExitCode;
use std::time::Duration;

use tesla_observer::commands::{self, Failure};
use tesla_observer::terminal::clean_lines;

/// The last word. That nobody hears it is no reason to panic.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "tesla-observer: {text}");
}

/// `println!` panics when nobody reads any more (`| head`). That is caught where it happens, and
/// nothing that anybody wants to read about.
fn be_quiet_about_a_closed_pipe() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if !said.is_some_and(|said| said.starts_with("failed printing to stdout")) {
            usual(panic);
        }
    }));
}

fn main() -> ExitCode {
    be_quiet_about_a_closed_pipe();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("starting threads: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(commands::execute(std::env::args_os(), std::env::vars_os()));
    // A thread may still wait for a pipe that nobody reads, or for a name to be resolved.
    runtime.shutdown_timeout(Duration::from_millis(100));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(error)) => {
            let _ = error.print();
            ExitCode::from(Failure::Usage(error).exit_code())
        }
        Err(failure) => {
            say(&clean_lines(&failure.to_string()));
            ExitCode::from(failure.exit_code())
        }
    }
}
