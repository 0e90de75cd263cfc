use std::collections::BTreeSet;
use std::ffi::OsString;

use tesla_observer::cli;
use tesla_observer::config::SETTINGS;

use crate::pages::all;

/// Variables that are no settings of the observer, but may stand before it.
const OTHERS: [&str; 4] = ["COMPOSE_PROFILES", "CARGO_TARGET_DIR", "BLESS", "OBSERVES"];

/// A command of the observer in the documentation: variables and arguments.
#[derive(Debug)]
struct Command {
    variables: Vec<String>,
    arguments: Vec<String>,
}

/// The observer's command in a line, if there is one.
fn command(line: &str) -> Option<Command> {
    let line = line.trim().trim_start_matches("$ ");
    let line = line.split("  #").next().unwrap_or(line);
    let line = line.replace("$(cat token.txt)", "token");
    let mut words = Vec::new();
    for word in shlex::split(&line)? {
        // What follows is for the shell.
        if ["|", ">", "<", "&&", ";", "&"].contains(&word.as_str()) {
            break;
        }
        words.push(word);
    }
    let is_variable = |word: &&String| {
        let name = word.split('=').next().unwrap_or("");
        word.contains('=')
            && !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let variables: Vec<String> = words.iter().take_while(is_variable).cloned().collect();
    let rest = &words[variables.len()..];
    let own = match rest
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["tesla-observer", ..] => 1,
        ["cargo", "run", "--bin", "tesla-observer"] => 4,
        ["cargo", "run", "--bin", "tesla-observer", "--", ..] => 5,
        [
            "cargo",
            "run",
            "--release",
            "--bin",
            "tesla-observer",
            "--",
            ..,
        ] => 6,
        ["docker", "compose", "run", "--rm", "observer", ..] => 5,
        ["sudo", "tesla-observer", ..] => 2,
        _ => return None,
    };
    Some(Command {
        variables,
        arguments: rest[own..].to_vec(),
    })
}

#[test]
fn every_command_of_the_observer_in_the_documentation_is_one_that_it_takes() {
    let known: BTreeSet<&str> = SETTINGS
        .iter()
        .flat_map(|setting| setting.variables)
        .copied()
        .collect();
    let mut checked = 0;
    for page in all() {
        for (language, code) in &page.blocks {
            if !["console", "sh"].contains(&language.as_str()) {
                continue;
            }
            // A line that ends in `\` goes on.
            let code = code.replace("\\\n", " ");
            for found in code.lines().filter_map(command) {
                checked += 1;
                let arguments = ["tesla-observer".to_owned()]
                    .into_iter()
                    .chain(found.arguments.clone());
                if let Err(error) = cli::parse(arguments.map(OsString::from)) {
                    panic!("{}: {:?}: {error}", page.name(), found.arguments);
                }
                for variable in &found.variables {
                    let name = variable.split('=').next().expect("a name");
                    let is_setting = known.contains(name)
                        || name
                            .strip_suffix("_FILE")
                            .is_some_and(|name| known.contains(name))
                        || name.starts_with("OTEL_")
                        || OTHERS.contains(&name);
                    assert!(is_setting, "{}: {name} is no setting", page.name());
                }
            }
        }
    }
    assert!(checked > 35, "{checked}");
}

/// Settings that pages speak of in their text exist: `--flag` and `VARIABLE` in code.
#[test]
fn every_flag_in_the_observers_guide_exists() {
    let help = cli::command();
    let mut flags: BTreeSet<String> = BTreeSet::new();
    let mut commands = vec![help.clone()];
    commands.extend(help.get_subcommands().cloned());
    for command in commands {
        flags.extend(
            command
                .get_arguments()
                .filter_map(|own| own.get_long().map(str::to_owned)),
        );
    }
    flags.extend(["help", "version"].map(str::to_owned));
    let others = [
        // Of cargo, mdbook, docker, systemd, curl and sqlite3.
        "release",
        "bin",
        "test",
        "doc",
        "open",
        "all-features",
        "nocapture",
        "rm",
        "detach",
        "volumes",
        "quick",
        "bench",
        "once",
        "json",
    ];
    let guide = std::fs::read_to_string(crate::pages::root().join("docs/observer.md"))
        .expect("it is there");
    for code in guide.split('`').skip(1).step_by(2) {
        for word in code
            .split_whitespace()
            .filter_map(|word| word.strip_prefix("--"))
        {
            let flag = word.split('=').next().unwrap_or(word);
            let flag = flag.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
            let exists = flag.is_empty() || flags.contains(flag) || others.contains(&flag);
            assert!(exists, "docs/observer.md: --{flag} is no flag");
        }
    }
}
