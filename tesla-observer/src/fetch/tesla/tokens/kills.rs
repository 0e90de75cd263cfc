//! A process that is killed at any step of a renewal, and the next one, which works.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::super::api::Tesla;
use super::super::store::TokenStore;
use super::*;
use crate::fetch::VehicleFetcher as _;
use crate::fetch::tesla::{Api, Tokens};
use crate::simulator::{self, Fault, Faults, RefreshPolicy, Route, Rule, Simulator, When};

const NAME: &str = "elon@example.com";
/// What the child that these tests start is told.
const KILL_AT: &str = "TEST_KILL_AT";
const DIRECTORY: &str = "TEST_TOKENS";
const URL: &str = "TEST_URL";
const TIMES: &str = "TEST_TIMES";
const PATIENCE: Duration = Duration::from_secs(60);

const STEPS: [Step; 8] = [
    Step::Due,
    Step::Locked,
    Step::Answered,
    Step::Written,
    Step::Synced,
    Step::Renamed,
    Step::DirectorySynced,
    Step::Stored,
];

/// Ends this process as a power cut does, if it was started for that.
pub(in crate::fetch::tesla) fn at(step: Step) {
    if std::env::var(KILL_AT).is_ok_and(|at| at == format!("{step:?}")) {
        let me = std::process::id().to_string();
        let _ = Command::new("kill").args(["-s", "KILL", &me]).status();
        panic!("it cannot be killed");
    }
}

/// The process that the other tests start, and kill.
#[tokio::test]
#[ignore = "started by the other tests"]
async fn child() {
    let variable = |name: &str| std::env::var(name).expect("started by another test");
    let times: u32 = variable(TIMES).parse().expect("a number");
    let tesla = start(Path::new(&variable(DIRECTORY)), &variable(URL));
    for time in 0..times {
        if time > 0 {
            tesla.renew_at_once().await;
        }
        tesla.vehicles().await.expect("the cars");
    }
}

/// As the program does at its start.
fn start(directory: &Path, url: &str) -> Tesla {
    let store = TokenStore::open(directory).expect("a store");
    let account = store.load(NAME).expect("the account");
    let url = reqwest::Url::parse(url).expect("a URL");
    let settings = Settings {
        api_host: Some(url.clone()),
        auth_host: Some(url),
        timeout: PATIENCE,
        ..Settings::default()
    };
    Tesla::new(settings, account, store).expect("a client")
}

/// A service that rotates tokens, and an account whose access token has ended.
struct Scene {
    simulator: Simulator,
    directory: TempDir,
}

impl Scene {
    async fn new(refresh_policy: RefreshPolicy) -> Self {
        let simulator = Simulator::start(simulator::Settings {
            speed: 0.0,
            refresh_policy,
            ..simulator::Settings::default()
        });
        let simulator = simulator.await.expect("a simulator");
        let directory = tempfile::tempdir().expect("a directory");
        let scene = Self {
            simulator,
            directory,
        };
        let given = scene.simulator.issue_tokens();
        let ended = SystemTime::now() - Duration::from_secs(60);
        let store = TokenStore::open(scene.directory.path()).expect("a store");
        let account = Account {
            name: NAME.to_owned(),
            api: Api::Owner,
            region: None,
            api_host: None,
            auth_host: None,
            tokens: Tokens {
                access_token: given.access_token,
                refresh_token: Some(given.refresh_token),
                previous_refresh_token: None,
                obtained_at: ended - Duration::from_secs(28_800),
                expires_at: ended,
            },
        };
        store.save(&account).expect("saved");
        scene
    }

    /// A process that asks, and renews the token before: so many times.
    fn child(&self, kill_at: Option<Step>, times: u32) -> Child {
        let mut command = Command::new(std::env::current_exe().expect("this test"));
        let name = format!("{}::child", module_path!());
        let (_crate, name) = name.split_once("::").expect("a crate and a path");
        command
            .args([name, "--exact", "--ignored", "--nocapture"])
            .env(DIRECTORY, self.directory.path())
            .env(URL, self.simulator.url().as_str())
            .env(TIMES, times.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(step) = kill_at {
            command.env(KILL_AT, format!("{step:?}"));
        }
        command.spawn().expect("started")
    }

    /// The next start: it asks, no renewal was ever refused, and nothing is left lying about.
    async fn next_start_works(&self, after: &str) {
        let tesla = start(self.directory.path(), self.simulator.url().as_str());
        let cars = tesla.vehicles().await;
        assert!(cars.is_ok_and(|cars| cars.len() == 3), "after {after}");
        assert_eq!(self.simulator.refused_renewals(), 0, "after {after}");
        // The next renewal, too.
        self.token_ends().await;
        let tesla = start(self.directory.path(), self.simulator.url().as_str());
        tesla.vehicles().await.expect("after the next renewal");
        assert_eq!(self.simulator.refused_renewals(), 0, "after {after}");
        let mut files = self.files();
        files.sort_unstable();
        assert_eq!(
            files,
            [format!(".{NAME}.json.lock"), format!("{NAME}.json")],
            "after {after}"
        );
    }

    /// Simulated time passes: the service refuses the access token.
    async fn token_ends(&self) {
        self.simulator
            .clock()
            .advance(Duration::from_secs(9 * 3_600));
    }

    fn files(&self) -> Vec<String> {
        std::fs::read_dir(self.directory.path().join("accounts"))
            .expect("the directory")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .collect()
    }

    /// What is on the disk is always whole.
    fn stored(&self) -> Account {
        let store = TokenStore::open(self.directory.path()).expect("a store");
        store.load(NAME).expect("whole")
    }

    fn asked_for_tokens(&self) -> u64 {
        self.simulator.requests().of(Route::Token)
    }
}

/// Waits off this thread, on which the simulator answers.
async fn ended(child: Child) -> ExitStatus {
    let output = tokio::task::spawn_blocking(move || child.wait_with_output());
    let output = output.await.expect("waited").expect("a child");
    if output.status.signal().is_none() {
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{log}");
        let log = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(log.contains("1 passed"), "{log}");
    }
    output.status
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_step_of_a_renewal_the_next_start_works() {
    for policy in [RefreshPolicy::Strict, RefreshPolicy::SingleUse] {
        for step in STEPS {
            let scene = Scene::new(policy).await;
            let before = scene.stored();
            let status = ended(scene.child(Some(step), 1)).await;
            assert_eq!(status.signal(), Some(9), "{step:?}");
            let asked = matches!(step, Step::Due | Step::Locked);
            assert_eq!(scene.asked_for_tokens(), u64::from(!asked), "{step:?}");
            let left = scene.files().len();
            let temporary = matches!(step, Step::Written | Step::Synced);
            let lock = step != Step::Due || left > 1;
            assert_eq!(
                left,
                1 + usize::from(lock) + usize::from(temporary),
                "{step:?}"
            );
            let replaced = matches!(step, Step::Renamed | Step::DirectorySynced | Step::Stored);
            let is_same = scene.stored().tokens.is_same(&before.tokens);
            assert_eq!(is_same, !replaced, "{step:?}");
            scene
                .next_start_works(&format!("{step:?}, {policy:?}"))
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_service_answers_the_next_start_works() {
    let milliseconds = 600_000;
    for policy in [RefreshPolicy::Strict, RefreshPolicy::SingleUse] {
        for fault in [Fault::Hang, Fault::Late { milliseconds }] {
            let scene = Scene::new(policy).await;
            let rule = Rule {
                route: Some(Route::Token),
                vehicle: None,
                fault: fault.clone(),
                when: When::Always,
            };
            scene.simulator.set_faults(Faults { rules: vec![rule] });
            let mut child = scene.child(None, 1);
            let start = Instant::now();
            while scene.asked_for_tokens() == 0 {
                assert!(start.elapsed() < PATIENCE, "it does not ask");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            child.kill().expect("killed");
            assert_eq!(ended(child).await.signal(), Some(9));
            scene.simulator.set_faults(Faults::default());
            scene
                .next_start_works(&format!("{fault:?}, {policy:?}"))
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_the_account_is_never_lost() {
    let scene = Scene::new(RefreshPolicy::Strict).await;
    // Chosen by a fixed sequence: each step after each other one.
    for (round, index) in (0..24_usize).map(|n| (n, (n * 3 + n / 8 * 5) % STEPS.len())) {
        let step = STEPS[index];
        scene.token_ends().await;
        let status = ended(scene.child(Some(step), 1)).await;
        assert_eq!(status.signal(), Some(9), "{round}: {step:?}");
        scene.stored();
    }
    scene.next_start_works("24 kills").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_renew_one_account_none_is_ever_logged_out() {
    const TIMES: u32 = 60;
    let scene = Scene::new(RefreshPolicy::Strict).await;
    let children = [(); 2].map(|()| scene.child(None, TIMES));
    for child in children {
        assert!(ended(child).await.success());
    }
    assert_eq!(scene.simulator.refused_renewals(), 0);
    // Not all: one takes over what the other has just renewed.
    assert!(
        scene.asked_for_tokens() >= u64::from(TIMES),
        "{}",
        scene.asked_for_tokens()
    );
    scene.next_start_works("two processes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_somebody_else_took_our_successor_the_token_before_it_is_tried() {
    for (policy, works) in [
        (RefreshPolicy::Strict, true),
        (RefreshPolicy::SingleUse, true),
    ] {
        let scene = Scene::new(policy).await;
        let first = scene.stored().tokens.refresh_token.expect("there");
        start(scene.directory.path(), scene.simulator.url().as_str())
            .vehicles()
            .await
            .expect("renewed");
        // What ours was replaced by is lost, too.
        let mut stored = scene.stored();
        let before = stored.tokens.previous_refresh_token.as_ref().expect("kept");
        assert_eq!(before.expose_secret(), first.expose_secret());
        stored.tokens.refresh_token = Some("NA_of-which-the-service-knows-nothing".into());
        stored.tokens.expires_at = SystemTime::now();
        let store = TokenStore::open(scene.directory.path()).expect("a store");
        store.save(&stored).expect("saved");
        let tesla = start(scene.directory.path(), scene.simulator.url().as_str());
        assert_eq!(tesla.vehicles().await.is_ok(), works, "{policy:?}");
        assert_eq!(scene.simulator.refused_renewals(), 1);
        assert_eq!(scene.asked_for_tokens(), 3);
        // Its successor is good, and it is the one before that now.
        let before = scene.stored().tokens.previous_refresh_token.expect("kept");
        assert_eq!(before.expose_secret(), first.expose_secret());
        scene.token_ends().await;
        let tesla = start(scene.directory.path(), scene.simulator.url().as_str());
        tesla.vehicles().await.expect("renewed");
        assert_eq!(scene.simulator.refused_renewals(), 1);
    }
}
