//! How a drive goes: speed, distance, power and energy at any moment of it.
//!
//! A drive is a list of strokes of constant acceleration, so all four have closed forms and agree
//! exactly: energy is the integral of power, distance that of speed.

use super::random::Random;
use super::route::Path;

/// What moves and what it costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    /// kg
    pub(super) mass: f64,
    /// Drag coefficient × frontal area, m².
    pub(super) drag_area: f64,
}

#[derive(Clone, Copy, Debug)]
struct Stroke {
    /// Seconds, metres and kWh from the drive's start to the stroke's.
    at: f64,
    metres: f64,
    kwh: f64,
    /// m/s at its start, m/s², s
    speed: f64,
    acceleration: f64,
    lasts: f64,
}

/// A planned drive.
#[derive(Clone, Debug)]
pub(super) struct Drive {
    strokes: Vec<Stroke>,
    path: Path,
    body: Body,
    /// Climate and electronics, kW.
    auxiliary: f64,
    seconds: f64,
    kwh: f64,
}

/// A moment of a drive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moving {
    /// m/s
    pub(super) speed: f64,
    /// From the start, m.
    pub(super) metres: f64,
    /// From the battery, kW; negative when it flows back.
    pub(super) power: f64,
    /// From the battery since the start, kWh.
    pub(super) kwh: f64,
}

const DRIVETRAIN: f64 = 0.82;
const REGENERATION: f64 = 0.6;
const ROLLING: f64 = 0.011 * 9.81;
const HALF_AIR: f64 = 0.6;
const BRAKING: f64 = 1.2;
const KWH: f64 = 3.6e6;

impl Drive {
    /// Plans a drive along `path`, with `auxiliary` kW for climate and electronics.
    pub(super) fn plan(path: Path, body: Body, auxiliary: f64, random: &mut Random) -> Self {
        let length = path.length();
        let mut drive = Self {
            strokes: Vec::with_capacity(96),
            path,
            body,
            auxiliary,
            seconds: 0.0,
            kwh: 0.0,
        };
        let town_end = if length > 15_000.0 {
            3_000.0
        } else {
            f64::INFINITY
        };
        let mut driven = 0.0;
        while length - driven > 1.0 {
            let rest = length - driven;
            let motorway = driven >= town_end && rest > 9_000.0;
            let block = if motorway {
                rest - 3_000.0
            } else {
                let block = random.between(350.0, 1_400.0);
                if rest - block < 350.0 { rest } else { block }
            };
            drive.block(driven, block, motorway, random);
            driven += block;
        }
        drive
    }

    /// From standing to standing over `metres`.
    fn block(&mut self, driven: f64, metres: f64, motorway: bool, random: &mut Random) {
        let acceleration = random.between(0.9, 1.6);
        // Never more than 80 % of the block for getting faster and slower.
        let fastest = (0.8 * metres / (0.5 / acceleration + 0.5 / BRAKING)).sqrt();
        let cruises = if motorway {
            3 + random.below(4) as usize
        } else {
            1
        };
        let speeds: Vec<f64> = (0..cruises)
            .map(|_| {
                let kmh = if motorway {
                    random.between(85.0, 128.0)
                } else {
                    random.between(28.0, 68.0)
                };
                (kmh / 3.6).min(fastest)
            })
            .collect();
        let change = |from: f64, to: f64| {
            let rate = if to > from { acceleration } else { -BRAKING };
            (
                (to - from) / rate,
                rate,
                (to * to - from * from) / (2.0 * rate),
            )
        };
        let mut transitions = 0.0;
        let mut before = 0.0;
        for speed in speeds.iter().copied().chain([0.0]) {
            transitions += change(before, speed).2;
            before = speed;
        }
        let cruise = (metres - transitions) / cruises as f64;
        let mut position = driven;
        let mut before = 0.0;
        for speed in speeds.iter().copied().chain([0.0]) {
            let (lasts, rate, over) = change(before, speed);
            self.stroke(position, before, rate, lasts);
            position += over;
            if speed > 0.0 {
                self.stroke(position, speed, 0.0, cruise / speed);
                position += cruise;
            }
            before = speed;
        }
        if random.chance(0.5) {
            self.stroke(position, 0.0, 0.0, random.between(5.0, 40.0));
        }
    }

    fn stroke(&mut self, metres: f64, speed: f64, acceleration: f64, lasts: f64) {
        if lasts <= 0.0 {
            return;
        }
        let stroke = Stroke {
            at: self.seconds,
            metres,
            kwh: self.kwh,
            speed,
            acceleration,
            lasts,
        };
        self.strokes.push(stroke);
        self.seconds += lasts;
        self.kwh = self.within(&stroke, lasts).kwh;
    }

    /// `t` seconds into a stroke. Braking at 1.2 m/s² outweighs rolling and drag at every speed that
    /// occurs here, so power has one sign in a stroke and one efficiency.
    fn within(&self, stroke: &Stroke, t: f64) -> Moving {
        let (u, a) = (stroke.speed, stroke.acceleration);
        let v = (u + a * t).max(0.0);
        let metres = u * t + a * t * t / 2.0;
        let cubed = if a == 0.0 {
            u.powi(3) * t
        } else {
            (v.powi(4) - u.powi(4)) / (4.0 * a)
        };
        let constant = self.body.mass * (a + ROLLING);
        let drag = HALF_AIR * self.body.drag_area;
        let factor = if a < 0.0 {
            REGENERATION
        } else {
            1.0 / DRIVETRAIN
        };
        Moving {
            speed: v,
            metres: stroke.metres + metres,
            power: factor * (constant * v + drag * v.powi(3)) / 1000.0 + self.auxiliary,
            kwh: stroke.kwh
                + factor * (constant * metres + drag * cubed) / KWH
                + self.auxiliary * t / 3600.0,
        }
    }

    /// The moment so many seconds after the start.
    pub(super) fn at(&self, seconds: f64) -> Moving {
        let seconds = seconds.clamp(0.0, self.seconds);
        let next = self.strokes.partition_point(|s| s.at <= seconds);
        match self.strokes.get(next.saturating_sub(1)) {
            Some(stroke) => self.within(stroke, (seconds - stroke.at).min(stroke.lasts)),
            None => Moving {
                speed: 0.0,
                metres: 0.0,
                power: self.auxiliary,
                kwh: 0.0,
            },
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How long it takes, s.
    pub(super) fn seconds(&self) -> f64 {
        self.seconds
    }

    /// What it takes from the battery, kWh.
    pub(super) fn kwh(&self) -> f64 {
        self.kwh
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::route::Point;

    fn drive(east: f64, seed: u64) -> Drive {
        let random = &mut Random::new(seed, &[]);
        let home = Point {
            latitude: 48.0,
            longitude: 8.0,
        };
        let path = Path::between(home, home.moved(east, 900.0), random);
        Drive::plan(
            path,
            Body {
                mass: 2000.0,
                drag_area: 0.55,
            },
            0.8,
            random,
        )
    }

    #[test]
    fn energy_is_the_integral_of_power_and_distance_that_of_speed() {
        for (east, seed) in [(600.0, 1), (8_000.0, 2), (40_000.0, 3), (90_000.0, 4)] {
            let drive = drive(east, seed);
            let (mut kwh, mut metres) = (0.0, 0.0);
            let step = 0.05;
            let steps = (drive.seconds() / step) as u64;
            for i in 0..steps {
                let moment = drive.at((i as f64 + 0.5) * step);
                kwh += moment.power * step / 3600.0;
                metres += moment.speed * step;
            }
            assert!(
                (kwh / drive.kwh() - 1.0).abs() < 0.005,
                "{kwh} {}",
                drive.kwh()
            );
            assert!((metres / drive.path().length() - 1.0).abs() < 0.005);
            assert!((drive.at(f64::MAX).metres - drive.path().length()).abs() < 1.0);
        }
    }

    #[test]
    fn consumption_and_speeds_are_those_of_a_car() {
        for (east, seed) in [(8_000.0, 2), (40_000.0, 3), (90_000.0, 4)] {
            let drive = drive(east, seed);
            let per_km = drive.kwh() * 1e6 / drive.path().length();
            assert!(
                (120.0..230.0).contains(&per_km),
                "{per_km} Wh/km over {east} m"
            );
            let moments = (0..drive.seconds() as u64).map(|s| drive.at(s as f64));
            let (mut back, mut fastest) = (false, 0.0_f64);
            for moment in moments {
                back |= moment.power < -5.0;
                fastest = fastest.max(moment.speed);
                assert!(moment.power < 150.0 && moment.speed >= 0.0);
            }
            assert!(back, "braking gives power back");
            assert!(fastest < 130.0 / 3.6);
        }
    }
}
