//! Every kind of 401 and 403, as the service sends it: what is tried, and what the owner is told.

use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret as _;
use tesla_observer::fetch::tesla::{Account, Api, Login, Settings, Tesla, TokenStore, Tokens};
use tesla_observer::fetch::{FetchError, Next, Problem, VehicleFetcher as _};
use tesla_observer::simulator::{self, Fault, Faults, Route, Rule, Simulator, When};

async fn service() -> Simulator {
    let simulator = Simulator::start(simulator::Settings {
        speed: 0.0,
        ..simulator::Settings::default()
    });
    simulator.await.expect("a simulator")
}

fn settings(simulator: &Simulator) -> Settings {
    Settings {
        api_host: Some(simulator.url()),
        auth_host: Some(simulator.url()),
        ..Settings::default()
    }
}

fn owner(simulator: &Simulator) -> Tesla {
    let given = simulator.issue_tokens();
    let now = SystemTime::now();
    let account = Account {
        name: "elon@example.com".to_owned(),
        api: Api::Owner,
        region: None,
        api_host: None,
        auth_host: None,
        tokens: Tokens {
            access_token: given.access_token,
            refresh_token: Some(given.refresh_token),
            previous_refresh_token: None,
            obtained_at: now,
            expires_at: now + Duration::from_secs(28_800),
        },
    };
    Tesla::new(settings(simulator), account, TokenStore::in_memory()).expect("a client")
}

async fn fleet(simulator: &Simulator) -> Tesla {
    let settings = Settings {
        api: Api::Fleet {
            client_id: "simulated-fleet-client".to_owned(),
            client_secret: Some("simulated-fleet-secret".into()),
            redirect_uri: Some("http://localhost/callback".to_owned()),
        },
        ..settings(simulator)
    };
    let login = Login::begin(&settings, Some("elon@example.com")).expect("begun");
    let redirect = simulator.approve(login.url()).expect("approved");
    let account = login.finish(&redirect).await.expect("tokens");
    Tesla::new(settings, account, TokenStore::in_memory()).expect("a client")
}

fn fixed(simulator: &Simulator) -> Tesla {
    let settings = Settings {
        token: Some(simulator.issue_tokens().access_token),
        ..settings(simulator)
    };
    Tesla::with_fixed_token(settings).expect("a client")
}

fn goes_wrong(simulator: &Simulator, route: Option<Route>, fault: &Fault, when: When) {
    let rule = Rule {
        route,
        vehicle: None,
        fault: fault.clone(),
        when,
    };
    simulator.set_faults(Faults { rules: vec![rule] });
}

/// What a fault means for an account's questions.
struct Case {
    fault: Fault,
    problem: Problem,
    next: Next,
    /// How often the token is renewed for it.
    renewals: u64,
    says: &'static [&'static str],
}

fn status(code: u16, error: &str) -> Fault {
    Fault::Status {
        code,
        error: error.to_owned(),
    }
}

fn of_account() -> Vec<Case> {
    let case = |fault, problem, next, renewals, says| Case {
        fault,
        problem,
        next,
        renewals,
        says,
    };
    let after = |seconds| Next::After(Duration::from_secs(seconds));
    let login: &[&str] = &["the token is refused", "tesla-observer login"];
    use Problem::*;
    vec![
        case(Fault::Unauthorized, Unauthorized, Next::Stop, 1, login),
        case(Fault::TokenExpired, Unauthorized, Next::Stop, 1, login),
        case(Fault::TokenInvalid, Unauthorized, Next::Stop, 1, login),
        case(
            Fault::MobileAccessDisabled,
            Forbidden,
            after(900),
            0,
            &["mobile access", "Controls, Safety"],
        ),
        case(
            Fault::LimitExceeded,
            LimitExceeded,
            after(900),
            0,
            &["EXCEEDED_LIMIT", "raise the limit at developer.tesla.com"],
        ),
        case(
            Fault::MissingScopes,
            MissingScope,
            Next::Stop,
            0,
            &["lacks the scope", "developer.tesla.com", "log in again"],
        ),
        case(
            Fault::Firewall,
            Blocked,
            after(900),
            0,
            &["a firewall in front of Tesla", "lifted after a while"],
        ),
        case(
            status(403, "something new"),
            Forbidden,
            after(900),
            0,
            &["something new", "what the account may do"],
        ),
    ]
}

async fn asked(tesla: &Tesla) -> FetchError {
    tesla.vehicles().await.expect_err("refused")
}

fn check(error: &FetchError, case: &Case, with: &str) {
    let Case { fault, says, .. } = case;
    assert_eq!(
        (error.problem, error.next),
        (case.problem, case.next),
        "{fault:?} {with}: {error}"
    );
    for said in *says {
        assert!(error.to_string().contains(said), "{said} in {error}");
    }
}

#[tokio::test]
async fn each_kind_of_refusal_is_told_apart_and_says_what_to_do() {
    for case in of_account() {
        for with in ["owner", "fleet"] {
            let simulator = service().await;
            let (tesla, route) = match with {
                "owner" => (owner(&simulator), Route::Products),
                _ => (fleet(&simulator).await, Route::Vehicles),
            };
            let logins = simulator.requests().of(Route::Token);
            goes_wrong(&simulator, Some(route), &case.fault, When::Always);
            check(&asked(&tesla).await, &case, with);
            let renewals = simulator.requests().of(Route::Token) - logins;
            assert_eq!(renewals, case.renewals, "{:?} {with}", case.fault);
            // Once, and once more with the renewed token.
            assert_eq!(simulator.requests().of(route), 1 + renewals);
        }
    }
}

#[tokio::test]
async fn a_refusal_that_one_renewal_cures_is_not_seen() {
    for fault in [
        Fault::Unauthorized,
        Fault::TokenExpired,
        Fault::TokenInvalid,
        Fault::Forbidden,
    ] {
        let simulator = service().await;
        let tesla = owner(&simulator);
        goes_wrong(&simulator, Some(Route::Products), &fault, When::Next(1));
        assert_eq!(tesla.vehicles().await.expect("cured").len(), 3, "{fault:?}");
        assert_eq!(simulator.requests().of(Route::Token), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn the_owner_apis_end_is_said_straight_after_a_renewal_and_not_tried_again() {
    let simulator = service().await;
    let tesla = owner(&simulator);
    goes_wrong(
        &simulator,
        Some(Route::Products),
        &Fault::Forbidden,
        When::Always,
    );
    for _ in 0..3 {
        let error = asked(&tesla).await;
        assert_eq!(
            (error.problem, error.next),
            (Problem::Forbidden, Next::After(Duration::from_secs(3_600)))
        );
        for said in [
            "even with a token renewed over HTTP/2",
            "register a Fleet API application",
            "TESLA_API_HOST",
        ] {
            assert!(error.to_string().contains(said), "{said} in {error}");
        }
    }
    assert_eq!(
        simulator.requests().of(Route::Token),
        1,
        "renewed once, not each time"
    );
}

#[tokio::test]
async fn a_token_that_never_changes_is_not_renewed_and_its_setting_is_named() {
    for (fault, problem, next, said) in [
        (
            Fault::Unauthorized,
            Problem::Unauthorized,
            Next::Stop,
            "TOKEN",
        ),
        (
            Fault::TokenInvalid,
            Problem::Unauthorized,
            Next::Stop,
            "TOKEN",
        ),
        (
            Fault::Forbidden,
            Problem::Forbidden,
            Next::After(Duration::from_secs(3_600)),
            "TESLA_API_HOST",
        ),
    ] {
        let simulator = service().await;
        let tesla = fixed(&simulator);
        goes_wrong(&simulator, Some(Route::Products), &fault, When::Always);
        let error = asked(&tesla).await;
        assert_eq!((error.problem, error.next), (problem, next), "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(simulator.requests().of(Route::Token), 0);
        assert_eq!(simulator.requests().of(Route::Products), 1);
    }
}

#[tokio::test]
async fn what_the_login_servers_refuse_is_told_apart_too() {
    let after = |seconds| Next::After(Duration::from_secs(seconds));
    for (fault, problem, next, said) in [
        (
            Fault::LoginRequired,
            Problem::Unauthorized,
            Next::Stop,
            "Tesla no longer takes the login",
        ),
        (
            Fault::Firewall,
            Problem::Blocked,
            after(900),
            "another network",
        ),
        (
            Fault::RateLimited { seconds: 77 },
            Problem::RateLimited,
            after(77),
            "77 s",
        ),
        (
            status(400, "invalid_client"),
            Problem::Configuration,
            Next::Stop,
            "client id",
        ),
        (Fault::ServiceUnavailable, Problem::Server, after(10), "503"),
        (Fault::Html, Problem::Unreadable, after(10), "auth host"),
    ] {
        let simulator = service().await;
        let tesla = owner(&simulator);
        simulator.clock().advance(Duration::from_secs(9 * 3_600));
        goes_wrong(&simulator, Some(Route::Token), &fault, When::Always);
        let error = asked(&tesla).await;
        assert_eq!(
            (error.problem, error.next),
            (problem, next),
            "{fault:?}: {error}"
        );
        assert!(error.to_string().contains(said), "{said} in {error}");
        let renewals = simulator.requests().of(Route::Token);
        assert_eq!(renewals, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn no_refusal_shows_a_token() {
    let simulator = service().await;
    let given = simulator.issue_tokens();
    let (access, refresh) = (given.access_token, given.refresh_token);
    for fault in [Fault::TokenInvalid, status(403, access.expose_secret())] {
        let tesla = owner(&simulator);
        goes_wrong(&simulator, Some(Route::Products), &fault, When::Always);
        let error = asked(&tesla).await;
        for secret in [&access, &refresh] {
            let part = &secret.expose_secret()[secret.expose_secret().len() / 2..];
            assert!(!format!("{error} {error:?}").contains(part), "{error}");
        }
    }
}
