//! This machine: files, permissions, room on the disk, ports.

use std::net::{TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};

use super::Finding;
use crate::config::Config;
use crate::fetch::tesla::TokenStore;

/// With less room than this, it soon ends.
const LITTLE: u64 = 512 * 1024 * 1024;
/// With less than this, writing fails at any moment.
const NOTHING: u64 = 16 * 1024 * 1024;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![permissions(config)];
    let mut places: Vec<(&str, PathBuf)> = vec![("tokens", config.account.state_dir.clone())];
    if let Some(history) = &config.history {
        let folder = history.path.parent().unwrap_or(Path::new("."));
        places.push(("history", folder.to_owned()));
    }
    if let Some(spool) = &config.telemetry.spool
        && config.telemetry.sends()
    {
        places.push(("spool", spool.directory.clone()));
    }
    for (what, folder) in places {
        findings.push(writable(what, &folder));
        findings.extend(room(what, &folder));
    }
    if let Some(prometheus) = &config.telemetry.prometheus {
        let addresses = (prometheus.host.trim_matches(['[', ']']), prometheus.port);
        let flag = "--prometheus-port";
        findings.push(free(
            "prometheus endpoint",
            addresses,
            prometheus.port,
            flag,
        ));
    }
    if let Some(page) = &config.page {
        findings.push(free("page", page.address, page.address.port(), "--page"));
    }
    findings
}

/// The token directory: opening it closes what others could read, and refuses what they could exchange.
fn permissions(config: &Config) -> Finding {
    match TokenStore::open_if_it_exists(&config.account.state_dir) {
        Ok(store) => Finding::ok(
            "permissions",
            match store {
                Some(_) => format!("{} is yours alone", config.account.state_dir.display()),
                None => "no token is kept yet".to_owned(),
            },
        ),
        // It says what to do.
        Err(error) => Finding::failed("permissions", error.to_string()).mended_by(format!(
            "make it yours: chown -R \"$(id -u)\" '{0}' && chmod -R go= '{0}'",
            config.account.state_dir.display()
        )),
    }
}

/// The directory that would be written to: the nearest that exists.
fn existing(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.is_dir())
}

fn writable(what: &str, folder: &Path) -> Finding {
    let check = format!("directory of {what}");
    let Some(existing) = existing(folder) else {
        return Finding::failed(check, format!("{} does not exist", folder.display()))
            .mended_by(format!("mkdir -p '{}'", folder.display()));
    };
    let trial = existing.join(format!(".tesla-observer-doctor-{}", std::process::id()));
    match crate::private::create_file(&trial) {
        Ok(_) => {
            let _ = std::fs::remove_file(&trial);
            Finding::ok(check, format!("{} can be written", folder.display()))
        }
        Err(error) => Finding::failed(
            check,
            format!("{} cannot be written: {error}", existing.display()),
        )
        .mended_by(format!(
            "chown \"$(id -u)\" '{0}' && chmod u+rwx '{0}'",
            existing.display()
        )),
    }
}

/// How much can still be written there.
fn room(what: &str, folder: &Path) -> Option<Finding> {
    let existing = existing(folder)?;
    Some(of_room(what, existing, available(existing)?))
}

fn of_room(what: &str, folder: &Path, free: u64) -> Finding {
    let check = format!("disk of {what}");
    let says = format!("{} MiB are free", free / (1024 * 1024));
    match free {
        free if free < NOTHING => Finding::failed(check, format!("is full: {says}")).mended_by(
            format!("make room: du -xh '{}' | sort -h | tail", folder.display()),
        ),
        free if free < LITTLE => Finding::warning(check, says)
            .mended_by("make room, or keep less: --history-keep 90d, --spool-max 64MiB"),
        _ => Finding::ok(check, says),
    }
}

#[cfg(unix)]
fn available(folder: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(folder).ok()?;
    Some(told.f_bavail.saturating_mul(told.f_frsize))
}

#[cfg(not(unix))]
fn available(_folder: &Path) -> Option<u64> {
    None
}

/// Whether a port can be had: a running observer has it.
fn free(what: &str, addresses: impl ToSocketAddrs, port: u16, flag: &str) -> Finding {
    match TcpListener::bind(addresses) {
        Ok(_) => Finding::ok(what, format!("port {port} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Finding::warning(
            what,
            format!("port {port} is in use: by an observer that runs, or by something else"),
        )
        .mended_by(format!("end what uses it, or choose another with {flag}")),
        Err(error) => Finding::failed(what, format!("cannot listen at port {port}: {error}"))
            .mended_by(format!("choose an address of this machine with {flag}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_port_that_is_taken_is_a_warning_that_names_the_flag() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = taken.local_addr().expect("it is bound");
        let finding = free("page", address, address.port(), "--page");
        assert_eq!(finding.verdict, Verdict::Warning);
        assert!(finding.remedy.expect("one").contains("--page"));
        drop(taken);
        assert_eq!(
            free("page", address, address.port(), "--page").verdict,
            Verdict::Ok
        );
    }

    #[test]
    fn little_room_is_a_warning_and_none_a_failure() {
        let verdict = |free| of_room("history", Path::new("/"), free).verdict;
        assert_eq!(verdict(NOTHING - 1), Verdict::Failed);
        assert_eq!(verdict(NOTHING), Verdict::Warning);
        assert_eq!(verdict(LITTLE), Verdict::Ok);
    }

    #[test]
    fn a_directory_that_does_not_exist_yet_is_looked_at_where_it_would_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a/b/c");
        assert_eq!(writable("history", &deep).verdict, Verdict::Ok);
        assert!(!deep.exists(), "nothing is made");
        assert_eq!(
            std::fs::read_dir(folder.path())
                .expect("it is there")
                .count(),
            0
        );
        assert!(room("history", &deep).is_some());
    }
}
