//! Keeps a whole account quiet while its service wants that, and calm afterwards: when an outage is
//! over, no more is asked in a minute than was usual before it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Class;

const MINUTE: Duration = Duration::from_secs(60);
/// So many seconds are added up to a minute: one more, since they do not begin when the minute does.
const SECONDS: usize = 61;
/// Of how many of the last minutes in which something was asked the busiest is the usual.
const MINUTES: usize = 60;
/// Those that were told to wait are spread over no more than this.
const WIDEST: Duration = Duration::from_secs(600);
/// Between two of them, if nothing is known of what is usual.
const SPACING: Duration = Duration::from_secs(1);

/// Why a question has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The service said so.
    Told,
    /// It was away, and not all may ask at once now.
    Crowd,
}

#[derive(Debug)]
pub(super) struct Calm {
    began: Instant,
    /// Until when the API and the auth are not to be asked.
    quiet: [Option<Instant>; 2],
    /// When the last one of those that were told to wait may come.
    slot: Option<Instant>,
    seconds: [u32; SECONDS],
    second: u64,
    /// The present minute, what was asked in it, and whether all went well.
    minute: u64,
    asked: u32,
    well: bool,
    /// What was asked in each of the last minutes in which all went well.
    usual: VecDeque<u32>,
    failing_since: Option<Instant>,
    recovered: Option<Instant>,
    /// Questions for a state whose second question, for data, has its place already.
    places: u32,
}

fn lane(class: Class) -> usize {
    usize::from(class == Class::Auth)
}

impl Calm {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            began: now,
            quiet: [None; 2],
            slot: None,
            seconds: [0; SECONDS],
            second: 0,
            minute: 0,
            asked: 0,
            well: true,
            usual: VecDeque::new(),
            failing_since: None,
            recovered: None,
            places: 0,
        }
    }

    /// Nothing of this class's kind is asked for so long.
    pub(super) fn be_quiet(&mut self, class: Class, wait: Duration, now: Instant) {
        let until = now.checked_add(wait);
        let quiet = &mut self.quiet[lane(class)];
        *quiet = (*quiet).max(until);
        if wait >= MINUTE {
            // It will be as after an outage.
            self.go_on(now);
            self.well = false;
            self.failing_since.get_or_insert(now);
        }
    }

    /// Whether it may be asked now; how long to wait if not.
    pub(super) fn check(&mut self, class: Class, now: Instant) -> Result<(), (Duration, Why)> {
        self.go_on(now);
        let quiet = self.quiet[lane(class)];
        if let Some(until) = quiet.filter(|until| *until > now) {
            return Err((self.wait_until(until, now), Why::Told));
        }
        // A token is asked for by one for all: and without it nobody could ask at all.
        if class == Class::Auth || !self.is_crowded(now) {
            return Ok(());
        }
        if class == Class::Data && self.places > 0 {
            return Ok(());
        }
        let wanted = if class == Class::State { 2 } else { 1 };
        let asked: u32 = self.seconds.iter().sum::<u32>() + self.places;
        if asked + wanted <= self.most().max(2) {
            return Ok(());
        }
        Err((self.wait_until(now + SPACING, now), Why::Crowd))
    }

    /// It is asked.
    pub(super) fn asked(&mut self, class: Class, now: Instant) {
        self.go_on(now);
        match class {
            Class::State if self.is_crowded(now) => self.places += 1,
            Class::Data => self.places = self.places.saturating_sub(1),
            _ => {}
        }
        self.asked = self.asked.saturating_add(1);
        let bucket = &mut self.seconds[(self.second % SECONDS as u64) as usize];
        *bucket = bucket.saturating_add(1);
    }

    /// The service has answered.
    pub(super) fn succeeded(&mut self, now: Instant) {
        self.go_on(now);
        if let Some(since) = self.failing_since.take()
            && now.saturating_duration_since(since) >= MINUTE
        {
            self.recovered = Some(now);
        }
    }

    /// It has not, or has failed.
    pub(super) fn failed(&mut self, now: Instant) {
        self.go_on(now);
        self.well = false;
        self.failing_since.get_or_insert(now);
    }

    /// How long one that comes too early has to wait: each a little longer than the one before.
    fn wait_until(&mut self, earliest: Instant, now: Instant) -> Duration {
        let spacing = match self.most() {
            0 => SPACING,
            most => MINUTE / most,
        };
        let next = match self.slot.filter(|slot| *slot >= now) {
            Some(slot) => (slot + spacing).max(earliest),
            None => earliest,
        };
        let next = match next.saturating_duration_since(earliest) > WIDEST {
            true => earliest,
            false => next,
        };
        self.slot = Some(next);
        next.saturating_duration_since(now)
    }

    /// How long one has to wait that is to come when the clock has moved on by `wait`.
    pub(super) fn spread(&mut self, wait: Duration, now: Instant) -> Duration {
        match now.checked_add(wait) {
            Some(earliest) => self.wait_until(earliest, now),
            None => wait,
        }
    }

    /// Whether the service has been away for a minute or more, or was until a minute ago.
    fn is_crowded(&self, now: Instant) -> bool {
        let within = |at: &Instant| now.saturating_duration_since(*at) < MINUTE;
        !self.usual.is_empty()
            && (self.failing_since.is_some_and(|since| !within(&since))
                || self.recovered.as_ref().is_some_and(within))
    }

    /// The most that was usual in a minute.
    fn most(&self) -> u32 {
        self.usual.iter().copied().max().unwrap_or(0)
    }

    fn go_on(&mut self, now: Instant) {
        let second = now.saturating_duration_since(self.began).as_secs();
        for missed in (self.second + 1..=second).take(SECONDS) {
            self.seconds[(missed % SECONDS as u64) as usize] = 0;
        }
        if second > self.second + SECONDS as u64 {
            self.seconds = [0; SECONDS];
        }
        self.second = self.second.max(second);
        let minute = second / 60;
        if minute > self.minute {
            if self.well && self.asked > 0 {
                self.usual.push_back(self.asked);
                if self.usual.len() > MINUTES {
                    self.usual.pop_front();
                }
            }
            self.minute = minute;
            self.asked = 0;
            self.well = self.failing_since.is_none();
            self.places = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Cars that each ask for their state and their data every five minutes, staggered as at a start.
    fn usual(calm: &mut Calm, start: Instant, cars: u32, minutes: u32) -> Instant {
        for minute in 0..minutes {
            if minute % 5 == 0 {
                for car in 0..cars {
                    let now = start + MINUTE * minute + SECOND / 50 * car;
                    for class in [Class::State, Class::Data] {
                        calm.check(class, now).expect("nothing is wrong");
                        calm.asked(class, now);
                        calm.succeeded(now);
                    }
                }
            }
        }
        start + MINUTE * minutes
    }

    #[test]
    fn nobody_asks_while_the_service_wants_quiet_and_then_not_all_at_once() {
        let start = Instant::now();
        let mut calm = Calm::new(start);
        calm.be_quiet(Class::Data, 30 * SECOND, start);
        let waits: Vec<Duration> = (0..10)
            .map(|_| {
                let (wait, why) = calm.check(Class::State, start).expect_err("quiet");
                assert_eq!(why, Why::Told);
                wait
            })
            .collect();
        assert_eq!(waits[0], 30 * SECOND);
        for pair in waits.windows(2) {
            assert_eq!(pair[1] - pair[0], SPACING);
        }
        assert_eq!(calm.check(Class::Auth, start), Ok(()), "another host");
        assert_eq!(calm.check(Class::Data, start + 30 * SECOND), Ok(()));
    }

    #[test]
    fn a_shorter_wait_ends_no_longer_one() {
        let start = Instant::now();
        let mut calm = Calm::new(start);
        calm.be_quiet(Class::Data, 100 * SECOND, start);
        calm.be_quiet(Class::Data, SECOND, start);
        assert!(calm.check(Class::Data, start + 99 * SECOND).is_err());
    }

    #[test]
    fn after_an_outage_no_minute_has_more_than_the_busiest_before() {
        let start = Instant::now();
        let mut calm = Calm::new(start);
        let mut now = usual(&mut calm, start, 10, 61);
        // Away for an hour: everybody tries again and again.
        let mut asked = Vec::new();
        for second in 0..3600_u32 {
            now += SECOND;
            if second % 10 == 0 && calm.check(Class::State, now).is_ok() {
                calm.asked(Class::State, now);
                calm.failed(now);
                asked.push(now);
            }
        }
        // Back: a thousand cars want their turn at once, and ask again when they are told to.
        let back = now;
        let mut waiting: Vec<Instant> = (0..1000).map(|_| back).collect();
        let mut first_minute = 0;
        for tenth in 0..600_u32 {
            let now = back + SECOND / 10 * tenth;
            for turn in &mut waiting {
                if *turn > now {
                    continue;
                }
                match calm.check(Class::State, now) {
                    Ok(()) => {
                        for class in [Class::State, Class::Data] {
                            assert_eq!(calm.check(class, now), Ok(()), "a turn is whole");
                            calm.asked(class, now);
                            calm.succeeded(now);
                            first_minute += 1;
                        }
                        *turn = now + 300 * SECOND;
                    }
                    Err((wait, why)) => {
                        assert_eq!(why, Why::Crowd);
                        assert!(wait >= SPACING, "no busy loop: {wait:?}");
                        *turn = now + wait;
                    }
                }
            }
        }
        assert!((2..=20).contains(&first_minute), "{first_minute}");
        assert_eq!(calm.check(Class::State, back + 2 * MINUTE), Ok(()), "over");
    }

    #[test]
    fn single_errors_are_no_outage() {
        let start = Instant::now();
        let mut calm = Calm::new(start);
        let mut now = usual(&mut calm, start, 1, 61);
        for turn in 0..2000 {
            now += 2 * SECOND;
            assert_eq!(calm.check(Class::State, now), Ok(()), "a drive begins");
            calm.asked(Class::State, now);
            match turn % 5 {
                0 => calm.failed(now),
                _ => calm.succeeded(now),
            }
        }
    }

    #[test]
    fn however_long_nothing_is_asked_nothing_breaks() {
        let start = Instant::now();
        let mut calm = Calm::new(start);
        let now = usual(&mut calm, start, 3, 20) + Duration::from_secs(400 * 86_400);
        calm.be_quiet(Class::Data, Duration::MAX, now);
        calm.asked(Class::Data, now);
        calm.succeeded(now);
        assert!(calm.seconds.iter().sum::<u32>() == 1);
    }
}
