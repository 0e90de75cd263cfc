//! What goes wrong in a simulated month, and when. The same seed is the same month.
//!
//! There are five sides on which something can go wrong, each by itself, so that troubles meet: Tesla's
//! answers, the path to them, the path to the receiver, the receiver's answers, and the process. The
//! last day is free of trouble, so that what has waited can arrive and be counted.

use std::time::Duration;

use tesla_observer::simulator::{Fault, Faults, Route, Rule, When};

use crate::proxy::Path;
use crate::receiver::Refusal;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// A month of trouble.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// How long it is.
    pub length: Duration,
    /// In the order in which they begin.
    pub troubles: Vec<Trouble>,
}

/// Something that goes wrong for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// When it begins, after the month's beginning, in simulated time.
    pub at: Duration,
    /// How long it lasts; nothing for what happens at once.
    pub lasts: Duration,
    /// What it is.
    pub what: What,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Tesla's answers.
    Answers(Rule),
    /// The path to Tesla.
    ApiPath(Path),
    /// The path to the receiver.
    OtlpPath(Path),
    /// The receiver's answers.
    Receiver(Refusal),
    /// The process is killed (SIGKILL), and started again.
    Kill,
}

/// How all sides are at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Now {
    /// For the simulator.
    pub answers: Faults,
    /// For the proxy in front of it.
    pub api_path: Path,
    /// For the proxy in front of the receiver.
    pub otlp_path: Path,
    /// For the receiver.
    pub receiver: Option<Refusal>,
}

impl Plan {
    /// The month of this seed, of an account with these cars.
    pub fn new(seed: u64, length: Duration, vins: &[String]) -> Self {
        let mut troubles = Vec::new();
        let mut side = |label: u64, gap: Duration, longest: Duration, what: &Draw<'_>| {
            let mut random = Random::new(seed, label);
            let end = length.saturating_sub(DAY);
            let mut at = random.about(gap);
            loop {
                let lasts = match longest {
                    Duration::ZERO => Duration::ZERO,
                    longest => random.long(MINUTE, longest),
                };
                if at + lasts >= end {
                    return;
                }
                let what = what(&mut random);
                troubles.push(Trouble { at, lasts, what });
                // A moment at least between two of one side.
                at += lasts + MINUTE + random.about(gap);
            }
        };
        side(1, 6 * HOUR, 4 * HOUR, &|random| answers(random, vins));
        side(2, 12 * HOUR, 2 * HOUR, &|random| {
            What::ApiPath(path(random))
        });
        side(3, 12 * HOUR, 8 * HOUR, &|random| {
            What::OtlpPath(path(random))
        });
        side(4, 12 * HOUR, 6 * HOUR, &|random| {
            What::Receiver(random.one_of(&[
                Refusal::TooMany { seconds: 30 },
                Refusal::TooMany { seconds: 600 },
                Refusal::Unavailable,
                Refusal::Partial,
            ]))
        });
        side(5, 5 * DAY, Duration::ZERO, &|_| What::Kill);
        troubles.sort_by_key(|trouble| trouble.at);
        Plan { length, troubles }
    }

    /// How everything is at a time.
    pub fn at(&self, time: Duration) -> Now {
        let mut now = Now {
            answers: Faults::default(),
            api_path: Path::Pass,
            otlp_path: Path::Pass,
            receiver: None,
        };
        let goes_on =
            |own: &&Trouble| own.at <= time && time < own.at + own.lasts && !own.lasts.is_zero();
        for trouble in self.troubles.iter().filter(goes_on) {
            match &trouble.what {
                What::Answers(rule) => now.answers.rules.push(rule.clone()),
                What::ApiPath(path) => now.api_path = path.clone(),
                What::OtlpPath(path) => now.otlp_path = path.clone(),
                What::Receiver(refusal) => now.receiver = Some(*refusal),
                What::Kill => {}
            }
        }
        now
    }

    /// When anything changes, in order, each time once.
    pub fn changes(&self) -> Vec<Duration> {
        let times = self.troubles.iter();
        let mut times: Vec<_> = times.flat_map(|own| [own.at, own.at + own.lasts]).collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    /// When the process is killed, in order.
    pub fn kills(&self) -> Vec<Duration> {
        let kills = self.troubles.iter().filter(|own| own.what == What::Kill);
        kills.map(|own| own.at).collect()
    }
}

type Draw<'a> = dyn Fn(&mut Random) -> What + 'a;

/// A fault of Tesla's answers: of all requests or of one car's, always or by chance.
fn answers(random: &mut Random, vins: &[String]) -> What {
    let fault = random.one_of(&[
        Fault::ServerError,
        Fault::BadGateway,
        Fault::ServiceUnavailable,
        Fault::UpstreamTimeout,
        Fault::DeviceError,
        Fault::VehicleTimeout,
        Fault::OperationTimedout,
        Fault::RateLimited { seconds: 60 },
        Fault::RateLimitedText { seconds: 300 },
        Fault::InService,
        Fault::Html,
        Fault::Empty,
        Fault::CutOff,
        Fault::Drop,
        Fault::Hang,
        Fault::Delay { milliseconds: 200 },
        Fault::InvalidUtf8,
        Fault::OtherVehicle,
        Fault::CarClock { seconds: 7_200 },
        Fault::CarClock { seconds: -7_200 },
        Fault::WrongLength { by: 100 },
        Fault::WrongLength { by: -100 },
        Fault::Bomb { bytes: 100_000_000 },
        Fault::Headers { bytes: 1_000_000 },
        Fault::Large {
            bytes: 100_000_000,
            has_length: false,
        },
        Fault::Endless {
            bytes_per_second: 0,
        },
    ]);
    let about_one = !vins.is_empty() && random.below(2) == 0;
    let (route, vehicle) = match about_one {
        true => (Some(Route::VehicleData), Some(random.one_of(vins))),
        false => (random.one_of(&[None, Some(Route::VehicleData)]), None),
    };
    let when = random.one_of(&[When::Always, When::Chance(0.2), When::Chance(0.5)]);
    What::Answers(Rule {
        route,
        vehicle,
        fault,
        when,
    })
}

fn path(random: &mut Random) -> Path {
    let each = Duration::from_millis(100);
    random.one_of(&[
        Path::Refuse,
        Path::Swallow,
        Path::CutHello,
        Path::Reset(400),
        Path::End(400),
        Path::Trickle(100),
        Path::Late { first: each, each },
        Path::OneOf(vec![
            (3, Path::Pass),
            (1, Path::Reset(700)),
            (1, Path::Swallow),
            (1, Path::Late { first: each, each }),
        ]),
    ])
}

/// Chance that is the same for the same seed: SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn new(seed: u64, label: u64) -> Self {
        let mut random = Random(seed);
        random.0 = random.next() ^ label.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// From 0 up to, not including, 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The time until the next of what comes about this often, as by pure chance. Whole seconds.
    fn about(&mut self, gap: Duration) -> Duration {
        let seconds = -gap.as_secs_f64() * (1.0 - self.unit()).ln();
        Duration::from_secs(seconds as u64)
    }

    /// Between these, short ones as often as long ones. Whole seconds.
    fn long(&mut self, shortest: Duration, longest: Duration) -> Duration {
        let ratio = longest.as_secs_f64() / shortest.as_secs_f64();
        let seconds = shortest.as_secs_f64() * ratio.powf(self.unit());
        Duration::from_secs(seconds as u64)
    }

    /// # Panics
    ///
    /// If there is none.
    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize].clone()
    }
}
