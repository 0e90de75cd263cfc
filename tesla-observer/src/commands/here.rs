//! What stays on this machine while it observes: the history, and the page.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use opentelemetry_sdk::metrics::data::ResourceMetrics;

use crate::config::Config;
use crate::fetch::Availability;
use crate::history::{Cars, Figures, History, Latest, Readers, Standing, Texts, reports};
use crate::telemetry::{Sink, Telemetry};
use crate::terminal::{Board, clean};
use crate::web::{Export, Health, HealthSource, Scrape, Server, Site, Token, Turns};

/// How long the disk may take for what is still to be written in the history.
const CLOSE: Duration = Duration::from_millis(900);

/// What stays on this machine.
pub(super) struct Here {
    history: Option<History>,
    latest: Option<Latest>,
    cars: Cars,
    board: Arc<OnceLock<Board>>,
    server: Option<Server>,
}

/// Hands each export to the history and to the page.
#[derive(Debug)]
struct Tap {
    history: Option<History>,
    latest: Option<Latest>,
    texts: Texts,
}

impl Sink for Tap {
    fn take(&self, metrics: &ResourceMetrics) {
        let reports: Vec<_> = reports(metrics, &self.texts)
            .into_iter()
            .map(Arc::new)
            .collect();
        if let Some(latest) = &self.latest {
            latest.put(reports.iter().cloned());
        }
        if let Some(history) = &self.history {
            history.put(reports);
        }
    }
}

impl Here {
    /// Opens the history, if one is wanted, and has what cars report handed to it and to the page. Cars
    /// that are asked only `once` have no page: nobody would find the time to look at it.
    pub(super) fn start(config: &mut Config, simulated: bool, once: bool) -> Self {
        let cars = match simulated {
            true => Cars::Simulated,
            false => Cars::Real,
        };
        let settings = config.history.clone();
        let history = settings.map(|settings| History::start(settings, cars));
        let latest = match (&config.page, once) {
            (Some(_), false) => Some(Latest::default()),
            _ => None,
        };
        config.telemetry.scraped = latest.is_some();
        if history.is_some() || latest.is_some() {
            config.telemetry.sinks.push(Arc::new(Tap {
                history: history.clone(),
                latest: latest.clone(),
                texts: Texts::default(),
            }));
        }
        Self {
            history,
            latest,
            cars,
            board: Arc::default(),
            server: None,
        }
    }

    /// Says how the history is, and serves the page. What goes wrong is said: observing goes on.
    pub(super) fn serve(mut self, config: &Config, telemetry: &Telemetry) -> Self {
        if let Some(history) = &self.history {
            let own = telemetry.clone();
            history.tell(move |now: Figures| {
                own.own().history(now.kept, now.written, now.lost, now.size);
            });
            if let Standing::Failed(why) = history.standing() {
                tracing::warn!("{why}. Observing goes on without a history");
            }
        }
        let (Some(settings), Some(latest)) = (&config.page, &self.latest) else {
            return self;
        };
        let readers = self
            .history
            .as_ref()
            .map(|own| Readers::new(own.path().to_owned(), self.cars));
        if let Some(readers) = readers.clone() {
            let latest = latest.clone();
            tokio::spawn(async move {
                // Without a history there is nothing to remember.
                let awake = readers.read(|reader| reader.last_awake()).await;
                latest.remember(awake.unwrap_or_default().into_iter().map(Arc::new));
            });
        }
        let site = Site::new(latest.clone(), readers, self.health(telemetry));
        let scraped = telemetry.clone();
        let scrape: Scrape = Arc::new(move || {
            let scraped = scraped.clone();
            Box::pin(async move { scraped.scrape().await })
        });
        match Server::start(settings, site, scrape) {
            Ok(server) => {
                tracing::info!("the page is at {}", server.url());
                self.server = Some(server);
            }
            Err(error) => tracing::warn!("{error}. Observing goes on without a page"),
        }
        self
    }

    /// The page shows when cars are asked, too.
    pub(super) fn watch(&self, board: &Board) {
        if self.server.is_some() {
            board.watch();
            let _ = self.board.set(board.clone());
        }
    }

    /// Whether what is observed is kept.
    pub(super) fn keeps(&self) -> bool {
        self.history.is_some()
    }

    /// Where the page and the history are, to stand after something else.
    pub(super) fn said(&self) -> String {
        let page = match &self.server {
            Some(server) => format!("; the page is at {}", server.url()),
            None => String::new(),
        };
        // Why there is no history stands in the log.
        let history = match self.history.as_ref().map(History::standing) {
            Some(Standing::Kept(path)) => {
                format!(
                    "; the history is {}",
                    clean(&path.display().to_string(), 200)
                )
            }
            Some(Standing::Failed(_)) => "; NO HISTORY is kept: see the log".to_owned(),
            Some(Standing::Off) | None => String::new(),
        };
        format!("{page}{history}")
    }

    /// Ends the page, and closes the history once all is written.
    pub(super) async fn end(self) {
        if let Some(server) = self.server {
            server.stop();
        }
        if let Some(history) = self.history {
            history.close(CLOSE).await;
        }
    }

    fn health(&self, telemetry: &Telemetry) -> HealthSource {
        let (telemetry, history) = (telemetry.clone(), self.history.clone());
        let (board, simulated) = (Arc::clone(&self.board), self.cars == Cars::Simulated);
        let started = Instant::now();
        HealthSource::new(move || {
            let own = telemetry.own();
            let figures = history.as_ref().map(History::figures);
            Health {
                uptime_seconds: started.elapsed().as_secs_f64(),
                simulated,
                vehicles: board.get().map(turns).unwrap_or_default(),
                token: token(own.token_times()),
                exports: own
                    .exports()
                    .into_iter()
                    .map(|(destination, signal, figures)| Export {
                        destination,
                        signal: signal.to_owned(),
                        delivered: figures.delivered,
                        failures: figures.failures,
                        dropped: figures.dropped,
                        waiting: figures.waiting,
                    })
                    .collect(),
                history: history.as_ref().map_or(Standing::Off, History::standing),
                history_lost: figures.map_or(0, |figures| figures.lost),
                history_size: figures.map_or(0, |figures| figures.size),
            }
        })
    }
}

fn turns(board: &Board) -> Vec<Turns> {
    let turns = board.turns().into_iter().map(|own| Turns {
        key: own.key,
        name: own.name,
        availability: own.availability.map(Availability::as_str),
        asked_ms: own.asked.map(|at| at.as_millisecond()),
        next_ms: own.next.map(|at| at.as_millisecond()),
        problem: own.problem,
    });
    turns.collect()
}

fn token((issued, expires): (Option<SystemTime>, Option<SystemTime>)) -> Option<Token> {
    let now = SystemTime::now();
    let age = now.duration_since(issued?).unwrap_or_default();
    let left = expires.map(|expires| match expires.duration_since(now) {
        Ok(left) => left.as_secs_f64(),
        Err(passed) => -passed.duration().as_secs_f64(),
    });
    Some(Token {
        age_seconds: age.as_secs_f64(),
        expires_in_seconds: left,
    })
}
