//! What holds for a car at a time within its current phase.

use super::{ASLEEP_KW, AWAKE_KW, Car, DOG_KW, Doing, Ended, HOUR, SENTRY_KW, Watch};
use crate::simulator::charge::{Flow, Outlet, STARTING_SECONDS};
use crate::simulator::drive::Drive;
use crate::simulator::driver::{Place, Trip};
use crate::simulator::moment::{Guidance, Moment, PlugState, Update};
use crate::simulator::route::Point;
use crate::simulator::weather;

impl Car {
    /// What holds at a time within the current phase.
    pub(in crate::simulator) fn moment(&self, now: i64) -> Moment {
        let identity = &self.identity;
        let capacity = identity.model.capacity;
        let now = now.max(self.phase.start);
        let seconds = (now - self.phase.start) as f64 / 1000.0;
        let outside = self.outside(now);
        let dog = matches!(self.phase.doing, Doing::Standing)
            && self
                .watch
                .is_some_and(|(watch, until)| watch == Watch::Dog && now < until);
        let climate_on = dog
            || matches!(
                self.phase.doing,
                Doing::Preparing(_) | Doing::Boarding(_) | Doing::Driving(..) | Doing::Alighting
            );
        let inside = if climate_on {
            weather::inside(self.inside, 21.0, seconds, true)
        } else {
            // The difference fades while the outside itself moves.
            outside
                + weather::inside(
                    self.inside - self.outside(self.phase.start),
                    0.0,
                    seconds,
                    false,
                )
        };
        let resting = match self.plugged {
            None => PlugState::Disconnected,
            Some(Ended::Complete) => PlugState::Complete,
            Some(Ended::Stopped) => PlugState::Stopped,
        };
        let mut moment = Moment {
            now,
            outside,
            inside,
            kwh: self.kwh,
            level: 0.0,
            metres: self.metres,
            speed: 0.0,
            power: 0.0,
            gear: None,
            position: self.place.point(identity),
            heading: self.heading,
            guidance: None,
            charging: resting,
            flow: Flow::default(),
            dc: self.dc_session,
            added_kwh: self.session_kwh,
            seconds_to_full: 0.0,
            charge_starts_at: None,
            climate_on,
            preconditioning: false,
            user_present: false,
            door_open: false,
            sentry: false,
            dog,
            at_home: self.place == Place::Home,
            departure: self.trips.front().map(|trip| trip.at),
            update: self.install_at.map_or(Update::Idle, Update::Scheduled),
            version: self.version,
            tyres: self.tyres,
        };
        match &self.phase.doing {
            Doing::Standing => {
                let start = self.phase.start;
                let (watch, until) = self.watch.unwrap_or((Watch::Sentry, start));
                let watching_kw = match watch {
                    Watch::Sentry => SENTRY_KW,
                    Watch::Dog => DOG_KW,
                };
                // One after the other: watching, awake, asleep.
                let watched = now.min(until.max(start)) - start;
                let awake = now.min(self.sleep_at.max(start)) - start - watched;
                let asleep = now - start - watched - awake;
                let parts = [
                    (watched, watching_kw),
                    (awake, AWAKE_KW),
                    (asleep, ASLEEP_KW),
                ];
                for (ms, kw) in parts {
                    moment.kwh -= ms as f64 * kw / HOUR as f64;
                    if ms > 0 {
                        moment.power = kw;
                    }
                }
                moment.sentry = self.watch.is_some() && now < until && watch == Watch::Sentry;
                let due = self.charge_due(now);
                moment.charge_starts_at = (due < i64::MAX).then_some(due);
            }
            Doing::Preparing(_) => self.draw(&mut moment, 2.4, seconds),
            Doing::Boarding(_) | Doing::Alighting => {
                self.draw(&mut moment, 0.6, seconds);
                moment.gear = Some("P");
                moment.user_present = true;
                moment.door_open = (4.0..16.0).contains(&seconds);
            }
            Doing::Driving(trip, drive) => self.drive(&mut moment, *trip, drive, seconds),
            Doing::Charging(charge) => {
                let (flow, added) = charge.at(seconds);
                moment.flow = flow;
                moment.kwh += added;
                moment.added_kwh += added;
                moment.power = -flow.battery_kw;
                moment.dc = matches!(charge.outlet(), Outlet::Dc { .. });
                moment.seconds_to_full = (charge.seconds() - seconds).max(0.0);
                moment.charging = if seconds < STARTING_SECONDS {
                    PlugState::Starting
                } else {
                    PlugState::Charging
                };
            }
            Doing::Downloading => {
                self.draw(&mut moment, AWAKE_KW, seconds);
                moment.update = Update::Downloading(self.percent(now));
            }
            Doing::Installing => {
                self.draw(&mut moment, AWAKE_KW, seconds);
                moment.update = Update::Installing(self.percent(now).max(1));
            }
        }
        moment.preconditioning = matches!(self.phase.doing, Doing::Preparing(_));
        moment.kwh = moment.kwh.clamp(0.0, capacity);
        moment.level = 100.0 * moment.kwh / capacity;
        moment
    }

    fn draw(&self, moment: &mut Moment, kw: f64, seconds: f64) {
        moment.power = kw;
        moment.kwh -= kw * seconds / 3600.0;
    }

    fn percent(&self, now: i64) -> i64 {
        let length = (self.phase.end - self.phase.start).max(1);
        (100 * (now - self.phase.start) / length).clamp(0, 99)
    }

    fn drive(&self, moment: &mut Moment, trip: Trip, drive: &Drive, seconds: f64) {
        let moving = drive.at(seconds);
        let (position, heading): (Point, f64) = drive.path().at(moving.metres);
        moment.kwh -= moving.kwh;
        moment.metres += moving.metres;
        moment.speed = moving.speed;
        moment.power = moving.power;
        moment.gear = Some("D");
        moment.user_present = true;
        moment.at_home = false;
        (moment.position, moment.heading) = (position, heading);
        let warmed = moment.outside + 14.0 * (1.0 - (-seconds / 900.0).exp());
        moment.tyres = (moment.now, warmed);
        let at_arrival = self.kwh - drive.kwh();
        moment.guidance = Some(Guidance {
            to: trip.to,
            point: drive.path().destination(),
            miles: Moment::miles((drive.path().length() - moving.metres).max(0.0)),
            minutes: (drive.seconds() - seconds).max(0.0) / 60.0,
            level: 100.0 * at_arrival / self.identity.model.capacity,
        });
    }
}
