//! One question to the API, with what the client may do by itself: renew a refused token, follow
//! the account to its region.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::RwLock;

use super::account::{Account, api_base};
use super::api::append;
use super::body::message;
use super::error::{Answered, Remedy, Verdict, With, classify, unreadable};
use super::fields::{fields, text};
use super::http::{Answer, Http, Question};
use super::large::Body;
use super::region::{self, Region};
use super::settings::Settings;
use super::store::TokenStore;
use super::tokens::{Token, TokenSource};
use super::wait::Wait;
use crate::budget::{Class, Governor};
use crate::fetch::{FetchError, Next, Pace, Problem, TokenValidity};

pub(super) const USERS_REGION: &str = "/api/1/users/region";

/// Asks one account's API.
pub(super) struct Asker {
    http: Http,
    governor: Arc<Governor>,
    tokens: TokenSource,
    with: With,
    is_fleet: bool,
    /// Where the account lives; found at the first question if nothing tells it before.
    base: RwLock<Option<Url>>,
    /// Where to ask for the region.
    anywhere: Url,
    /// Failures in a row, of each question about each vehicle that has any: that a state can be
    /// read says nothing of vehicle_data.
    failures: Mutex<HashMap<(&'static str, String), u32>>,
}

/// A question: what for, about whom, where.
pub(super) struct Asked<'a> {
    pub(super) doing: String,
    /// The vehicle's id; empty for the account.
    pub(super) about: &'a str,
    pub(super) route: &'static str,
    pub(super) segments: &'a [&'a str],
    pub(super) query: Option<&'a str>,
}

impl Asker {
    pub(super) fn of_account(
        settings: Settings,
        account: Account,
        store: TokenStore,
    ) -> Result<Self, FetchError> {
        for host in [&account.api_host, &account.auth_host] {
            check(host.as_ref())?;
        }
        let with = if account.api.is_fleet() {
            With::Fleet
        } else {
            With::Owner
        };
        let base = account.api_base(&settings);
        let region = Region::of_token(&account.tokens.access_token).unwrap_or(Region::NorthAmerica);
        let anywhere = parsed(region::api_base(&account.api, region))?;
        let is_fleet = account.api.is_fleet();
        Self::new(&settings, base, anywhere, with, is_fleet, |settings| {
            TokenSource::of_account(settings, account, store)
        })
    }

    pub(super) fn with_fixed_token(settings: Settings) -> Result<Self, FetchError> {
        // Files and shells leave line ends behind.
        let given = settings
            .token
            .as_ref()
            .map(|token| token.expose_secret().trim());
        let Some(token) = given
            .filter(|token| !token.is_empty())
            .map(SecretString::from)
        else {
            return Err(misconfigured("there is no token".to_owned()));
        };
        let set = settings.api_host.clone();
        let base = set.or_else(|| api_base(&settings.api, settings.region, &token));
        let region = Region::of_token(&token).unwrap_or(Region::NorthAmerica);
        let anywhere = parsed(region::api_base(&settings.api, region))?;
        let is_fleet = settings.api.is_fleet();
        Self::new(&settings, base, anywhere, With::Fixed, is_fleet, |_| {
            TokenSource::Fixed(token)
        })
    }

    fn new(
        settings: &Settings,
        base: Option<Url>,
        anywhere: Url,
        with: With,
        is_fleet: bool,
        tokens: impl FnOnce(Settings) -> TokenSource,
    ) -> Result<Self, FetchError> {
        for host in [&settings.api_host, &settings.auth_host] {
            check(host.as_ref())?;
        }
        Ok(Self {
            http: Http::for_api(settings, base.as_ref())?,
            governor: Arc::clone(&settings.governor),
            tokens: tokens(settings.clone()),
            with,
            is_fleet,
            base: RwLock::new(base),
            anywhere,
            failures: Mutex::default(),
        })
    }

    pub(super) fn is_fleet(&self) -> bool {
        self.is_fleet
    }

    pub(super) async fn settle(&self) {
        self.tokens.settle().await;
        self.governor.settle().await;
    }

    pub(super) fn pace(&self) -> Pace {
        Pace {
            times: self.governor.pace(),
            lasts: self.governor.lasts(),
        }
    }

    #[cfg(test)]
    pub(super) async fn renew_at_once(&self) {
        self.tokens.renew_at_once().await;
    }

    pub(super) fn token_validity(&self) -> Option<TokenValidity> {
        self.tokens.validity()
    }

    /// What `read` makes of the body of a success.
    pub(super) async fn ask<T>(
        &self,
        asked: &Asked<'_>,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, FetchError> {
        let verdict = match self.ask_or_remedy(asked).await? {
            Ok(body) => match read(&body) {
                Some(found) => {
                    self.succeeded(asked);
                    return Ok(found);
                }
                None => unreadable(&body),
            },
            Err(verdict) => verdict,
        };
        Err(self.failed(asked, verdict))
    }

    /// The body of a success, or what the answer means after everything was tried that is not the
    /// question's own matter.
    pub(super) async fn ask_or_remedy(
        &self,
        asked: &Asked<'_>,
    ) -> Result<Result<Body, Verdict>, FetchError> {
        let mut token = self.tokens.current().await?;
        let (mut renewed, mut moved) = (false, false);
        loop {
            let base = self.base(&token).await?;
            let answer = self
                .send(asked, &base, &token)
                .await
                .map_err(|error| self.counted(asked, error))?;
            let body = answer.body.without([token.value.expose_secret()]);
            if (200..300).contains(&answer.status) {
                return Ok(Ok(body));
            }
            let verdict = self.verdict(answer.status, &answer.headers, &body);
            let other_base = region::base_in(&message(&body), &base);
            // If it is a large one, others need not wait until a token is renewed.
            drop(body);
            match verdict.remedy {
                Remedy::Renew if !renewed => {
                    // What a token that was made here is not allowed, the next one is not either.
                    if verdict.problem == Problem::Forbidden && token.fresh {
                        return Ok(Err(verdict));
                    }
                    match self.tokens.instead_of(&token, verdict.problem).await? {
                        Some(other) => token = other,
                        None => return Ok(Err(verdict)),
                    }
                    renewed = true;
                }
                Remedy::OtherBase if !moved => match other_base {
                    Some(other) => {
                        tracing::info!(
                            host = other.host_str(),
                            "the account belongs to another region's host: asking there"
                        );
                        *self.base.write().await = Some(other);
                        moved = true;
                    }
                    None => return Ok(Err(verdict)),
                },
                _ => return Ok(Err(verdict)),
            }
        }
    }

    fn verdict(&self, status: u16, headers: &reqwest::header::HeaderMap, body: &str) -> Verdict {
        classify(&Answered {
            status,
            headers,
            body,
            with: self.with,
            now: SystemTime::now(),
        })
    }

    async fn send(
        &self,
        asked: &Asked<'_>,
        base: &Url,
        token: &Token,
    ) -> Result<Answer, FetchError> {
        let mut url = base.clone();
        // The URL standard drops such segments: another question would be asked than this one.
        if asked
            .segments
            .iter()
            .any(|segment| segment.is_empty() || matches!(*segment, "." | ".."))
        {
            return Err(misconfigured("the vehicle's id is empty".to_owned()));
        }
        append(&mut url, asked.segments);
        url.set_query(asked.query);
        let question = Question {
            doing: &asked.doing,
            method: "GET",
            url,
            route: asked.route,
            bearer: Some(&token.value),
            form: None,
        };
        self.http.ask(question).await
    }

    /// Where the account lives. A Fleet token does not always tell: then Tesla does.
    async fn base(&self, token: &Token) -> Result<Url, FetchError> {
        if let Some(base) = self.base.read().await.as_ref() {
            return Ok(base.clone());
        }
        let mut known = self.base.write().await;
        if let Some(base) = known.as_ref() {
            return Ok(base.clone());
        }
        let asked = Asked {
            doing: "finding the account's region".to_owned(),
            about: "",
            route: USERS_REGION,
            segments: &["api", "1", "users", "region"],
            query: None,
        };
        let answer = self
            .send(&asked, &self.anywhere, token)
            .await
            .map_err(|error| self.counted(&asked, error))?;
        let body = answer.body.without([token.value.expose_secret()]);
        let found = match answer.status {
            200..=299 => region_base(&body, &self.anywhere),
            421 => region::base_in(&message(&body), &self.anywhere),
            // The question that is asked next says better what is wrong with the token.
            401 | 403 => return Ok(self.anywhere.clone()),
            _ => None,
        };
        let Some(base) = found else {
            return Err(self.failed(&asked, self.verdict(answer.status, &answer.headers, &body)));
        };
        *known = Some(base.clone());
        Ok(base)
    }

    /// A question was answered well: failures start from the beginning again.
    pub(super) fn succeeded(&self, asked: &Asked<'_>) {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&(asked.route, asked.about.to_owned()));
    }

    /// The error of a verdict, which counts as a failure.
    pub(super) fn failed(&self, asked: &Asked<'_>, verdict: Verdict) -> FetchError {
        let before = match verdict.problem {
            // The service works; that the vehicle does not answer now is no failure of it.
            Problem::Unavailable | Problem::InService => {
                self.succeeded(asked);
                0
            }
            _ => self.count(asked),
        };
        let told = matches!(verdict.wait, Wait::Exactly(_));
        let error = verdict.into_error(asked.doing.clone(), before);
        if let Next::After(wait) = error.next
            && is_of_account(error.problem, told)
        {
            // Nobody else of the account need find out by asking.
            self.governor.be_quiet(Class::Data, wait);
        }
        error
    }

    /// An error without an answer, which counts as a failure.
    fn counted(&self, asked: &Asked<'_>, error: FetchError) -> FetchError {
        // What was not asked has not failed.
        if matches!(
            error.problem,
            Problem::Budget | Problem::Held | Problem::Local
        ) {
            return error;
        }
        match error.next {
            Next::After(_) => {
                let wait = super::wait::after_failures(self.count(asked));
                FetchError {
                    next: Next::After(wait),
                    ..error
                }
            }
            _ => error,
        }
    }

    /// How many failures in a row there were before this one.
    fn count(&self, asked: &Asked<'_>) -> u32 {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures
            .entry((asked.route, asked.about.to_owned()))
            .or_default();
        let before = *count;
        *count = count.saturating_add(1);
        before
    }
}

/// Whether the whole account has to wait, and not only whoever asked; `told` if the service said how
/// long.
fn is_of_account(problem: Problem, told: bool) -> bool {
    match problem {
        Problem::RateLimited | Problem::LimitExceeded => true,
        Problem::Server => told,
        _ => false,
    }
}

/// The base URL that `/api/1/users/region` tells.
fn region_base(body: &str, current: &Url) -> Option<Url> {
    let [response] = fields(body, ["response"])?;
    let [base] = fields(response?.get(), ["fleet_api_base_url"])?;
    let base = text(base?)?;
    region::acceptable_base(base.trim_end_matches('/'), current)
}

fn check(host: Option<&Url>) -> Result<(), FetchError> {
    host.map_or(Ok(()), |host| {
        region::check_host(host).map_err(misconfigured)
    })
}

fn parsed(url: &str) -> Result<Url, FetchError> {
    Url::parse(url).map_err(|error| misconfigured(error.to_string()))
}

fn misconfigured(detail: String) -> FetchError {
    FetchError {
        doing: "preparing the connection to Tesla".to_owned(),
        problem: Problem::Configuration,
        detail,
        next: Next::Stop,
    }
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
