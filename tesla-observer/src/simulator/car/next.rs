//! What a car does next.

use super::{BOARDING, Car, Doing, Ended, HOUR, IDLE, MINUTE, PREPARING, Watch};
use crate::simulator::charge::{Battery, Charge, Outlet};
use crate::simulator::drive::Drive;
use crate::simulator::driver::{self, Place, Trip};
use crate::simulator::fleet::ChargeStart;
use crate::simulator::route::Path;
use crate::simulator::weather::DAY_MS;

impl Car {
    /// What follows on the phase that has just ended.
    pub(super) fn next(&mut self, now: i64) {
        match std::mem::replace(&mut self.phase.doing, Doing::Standing) {
            Doing::Standing => return self.decide_after(now, true),
            Doing::Preparing(trip) => {
                return self.begin(now, now + BOARDING, Doing::Boarding(trip));
            }
            Doing::Boarding(trip) => {
                self.plugged = None;
                // Somewhere on the way there is reception again.
                let hidden = self
                    .offline
                    .is_some_and(|(from, to)| (from..to).contains(&now));
                let minutes = self.random(0x0E).between(2.0, 12.0);
                self.offline = hidden.then(|| (now, now + (minutes * MINUTE as f64) as i64));
                let drive = self.plan_drive(now, trip);
                let end = now + (drive.seconds() * 1000.0) as i64;
                return self.begin(now, end, Doing::Driving(trip, Box::new(drive)));
            }
            Doing::Driving(trip, _) => {
                self.place = trip.to;
                return self.begin(now, now + BOARDING, Doing::Alighting);
            }
            Doing::Alighting => {
                self.park(now);
                let wants = self.level() < self.identity.limit as f64 - 5.0;
                if self.place == Place::Supercharger
                    || (self.place == Place::Home
                        && (wants || self.identity.index.is_multiple_of(2)))
                {
                    self.plugged = Some(Ended::Stopped);
                    self.session_kwh = 0.0;
                    self.dc_session = self.place == Place::Supercharger;
                }
                if self.place == Place::Supercharger {
                    return self.charge(now, i64::MAX);
                }
            }
            Doing::Charging(charge) => {
                let full = (now - self.phase.start) as f64 / 1000.0 >= charge.seconds() - 0.01;
                self.plugged = Some(if full {
                    Ended::Complete
                } else {
                    Ended::Stopped
                });
            }
            Doing::Downloading => {
                let local = self.identity.local_ms(now);
                let night = (local - 2 * HOUR).div_euclid(DAY_MS) * DAY_MS + DAY_MS + 2 * HOUR;
                self.install_at = Some(now + night - local);
            }
            Doing::Installing => {
                self.version = (self.version + 1) % self.identity.model.versions.len();
                self.install_at = None;
                let days = self.random(0x5F).between(5.0, 12.0);
                self.next_update = now + (days * DAY_MS as f64) as i64;
            }
        }
        self.decide(now);
    }

    pub(super) fn decide(&mut self, now: i64) {
        self.decide_after(now, false);
    }

    /// Nothing is going on: begins what is due, or stands until something is.
    fn decide_after(&mut self, now: i64, stood: bool) {
        self.plan(now);
        while self
            .trips
            .front()
            .is_some_and(|t| t.from != self.place || t.at < now - 2 * HOUR)
        {
            self.trips.pop_front();
        }
        if self.place != Place::Home && self.trips.front().is_none_or(|t| t.at > now + 14 * HOUR) {
            self.trips.push_front(Trip {
                at: now + HOUR / 2,
                from: self.place,
                to: Place::Home,
            });
        }
        let lead = if self.identity.preheats && self.place == Place::Home {
            PREPARING
        } else {
            BOARDING
        };
        let leaves = self.trips.front().map_or(i64::MAX, |trip| trip.at - lead);
        if leaves <= now
            && let Some(trip) = self.trips.pop_front()
        {
            if self.kwh < self.needs(trip) {
                self.plugged = Some(Ended::Stopped);
                self.session_kwh = 0.0;
                self.dc_session = false;
                return self.charge(now, i64::MAX);
            }
            if lead == PREPARING {
                return self.begin(now, trip.at.max(now + MINUTE), Doing::Preparing(trip));
            }
            return self.begin(now, now + BOARDING, Doing::Boarding(trip));
        }
        let charges = self.charge_due(now);
        if charges <= now && leaves - now > 5 * MINUTE {
            return self.charge(now, leaves);
        }
        let calm = self.place == Place::Home && leaves - now > HOUR;
        let mut update = i64::MAX;
        match self.install_at {
            Some(at) if at <= now && calm => {
                return self.begin(now, now + 25 * MINUTE, Doing::Installing);
            }
            Some(at) if at <= now => {
                self.install_at = Some(at + (now - at) / DAY_MS * DAY_MS + DAY_MS);
            }
            // Without reception there is nothing to load.
            None if self.next_update <= now && calm && !self.is_unreachable(now) => {
                return self.begin(now, now + 35 * MINUTE, Doing::Downloading);
            }
            None if self.next_update <= now => self.next_update = now + 3 * HOUR,
            _ => {}
        }
        update = update.min(self.install_at.unwrap_or(self.next_update));
        let tomorrow = now + DAY_MS;
        let end = leaves
            .min(charges.max(now + MINUTE))
            .min(update)
            .min(tomorrow);
        if !stood {
            let awake_until = self.watch.map_or(now, |(_, until)| until.max(now));
            self.sleep_at = awake_until.saturating_add(IDLE);
            self.online_from = now;
        }
        self.begin(now, end, Doing::Standing);
    }

    fn is_unreachable(&self, now: i64) -> bool {
        // A window that is yet to come would cut the download off.
        self.offline.is_some_and(|(_, until)| until > now)
    }

    /// What holds for as long as it is parked here: a deep garage without reception, for some time or
    /// until it is driven again; sentry mode; a dog that waits.
    fn park(&mut self, now: i64) {
        self.offline = None;
        self.watch = None;
        let mut random = self.random(0x0F);
        if self.identity.deep_garage && self.place == Place::Home && random.chance(0.4) {
            let from = now + random.between(10.0, 40.0) as i64 * MINUTE;
            let until = match random.chance(0.5) {
                true => from + random.between(1.0, 3.0) as i64 * HOUR,
                false => i64::MAX,
            };
            self.offline = Some((from, until));
        }
        let mut random = self.random(0x5E);
        let home = self.place == Place::Home;
        if self.identity.sentry_at_work && self.place == Place::Work {
            self.watch = Some((Watch::Sentry, i64::MAX));
        } else if self.identity.sentry_at_work && home && random.chance(0.2) {
            let hours = random.between(1.0, 4.0);
            self.watch = Some((Watch::Sentry, now + (hours * HOUR as f64) as i64));
        } else if self.place == Place::Shop && !self.identity.sentry_at_work && random.chance(0.3) {
            self.watch = Some((Watch::Dog, i64::MAX));
        }
    }

    pub(super) fn plan(&mut self, now: i64) {
        let today = self.identity.local_ms(now).div_euclid(DAY_MS);
        for day in self.planned_day.saturating_add(1).max(today)..=today + 1 {
            self.trips.extend(driver::trips(&self.identity, day));
            self.planned_day = day;
        }
    }

    /// When the car will charge by itself; far away if it will not.
    pub(super) fn charge_due(&self, now: i64) -> i64 {
        let below = match self.plugged {
            None => return i64::MAX,
            Some(Ended::Complete) => 3.0,
            Some(Ended::Stopped) => 0.5,
        };
        if self.place != Place::Home || self.level() > self.identity.limit as f64 - below {
            return i64::MAX;
        }
        match self.identity.charge_start {
            ChargeStart::At(minute) if self.level() > 20.0 => {
                let local = self.identity.local_ms(now);
                let wait = (minute * MINUTE - local).rem_euclid(DAY_MS);
                now + wait
            }
            _ => now,
        }
    }

    pub(super) fn charge(&mut self, now: i64, latest: i64) {
        let model = self.identity.model;
        let outlet = match self.place {
            Place::Home => model.home,
            Place::Supercharger => Outlet::Dc { kw: model.dc_kw },
            Place::Work | Place::Shop => Outlet::Ac {
                volts: 230.0,
                amps: 16,
                phases: 1,
            },
        };
        let battery = Battery {
            capacity: model.capacity,
            kwh: self.kwh,
            limit: self.identity.limit as f64,
        };
        let charge = Charge::plan(outlet, battery, &mut self.random(0xC4));
        let end = now
            .saturating_add((charge.seconds() * 1000.0).ceil() as i64)
            .min(latest);
        self.begin(now, end, Doing::Charging(Box::new(charge)));
    }

    fn plan_drive(&self, now: i64, trip: Trip) -> Drive {
        let mut random = self.random(0xD7);
        let (from, to) = (
            trip.from.point(&self.identity),
            trip.to.point(&self.identity),
        );
        let path = Path::between(from, to, &mut random);
        let auxiliary = 0.4 + 0.07 * (21.0 - self.outside(now)).abs();
        Drive::plan(path, self.identity.model.body, auxiliary, &mut random)
    }

    /// What should be in the battery before this trip, kWh.
    fn needs(&self, trip: Trip) -> f64 {
        let (from, to) = (
            trip.from.point(&self.identity),
            trip.to.point(&self.identity),
        );
        let (east, north) = from.offset_to(to);
        let ways = if trip.to == Place::Work { 2.0 } else { 1.0 };
        ways * east.hypot(north) / 1000.0 * 0.3 + 0.05 * self.identity.model.capacity
    }
}
