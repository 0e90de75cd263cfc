//! How a charge goes: current, voltage, power and energy at any moment of it.
//!
//! A charge is a list of pieces of constant power, so the energy is exactly the power's integral.

use super::random::Random;

/// Where the car is plugged in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outlet {
    /// Alternating current.
    Ac {
        /// Nominal volts of one phase.
        volts: f64,
        /// What the outlet offers, A.
        amps: i64,
        /// 1 or 3.
        phases: i64,
    },
    /// Direct current.
    Dc {
        /// What the charger can give, kW.
        kw: f64,
    },
}

/// A battery that is being charged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Battery {
    /// kWh at 100 %.
    pub(super) capacity: f64,
    /// kWh in it when the charge starts.
    pub(super) kwh: f64,
    /// Where to stop, %.
    pub(super) limit: f64,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    at: f64,
    lasts: f64,
    kwh: f64,
    flow: Flow,
}

/// What flows at a moment of a charge.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Flow {
    /// From the charger, kW.
    pub(super) kw: f64,
    /// Into the battery, kW.
    pub(super) battery_kw: f64,
    /// V of one phase (AC) or of the pack (DC).
    pub(super) volts: i64,
    /// A of one phase (AC) or of the pack (DC).
    pub(super) amps: i64,
}

/// A planned charge.
#[derive(Clone, Debug)]
pub(super) struct Charge {
    outlet: Outlet,
    pieces: Vec<Piece>,
    seconds: f64,
    kwh: f64,
}

/// Seconds in which the contactors close and nothing flows.
pub(super) const STARTING_SECONDS: f64 = 10.0;
const AC_EFFICIENCY: f64 = 0.92;
const DC_EFFICIENCY: f64 = 0.97;

impl Charge {
    /// Plans a charge up to the battery's limit.
    pub(super) fn plan(outlet: Outlet, battery: Battery, random: &mut Random) -> Self {
        let mut charge = Self {
            outlet,
            pieces: Vec::with_capacity(64),
            seconds: 0.0,
            kwh: 0.0,
        };
        let wanted = battery.capacity * battery.limit / 100.0 - battery.kwh;
        charge.piece(STARTING_SECONDS, Flow::default());
        match outlet {
            Outlet::Ac {
                volts,
                amps,
                phases,
            } => {
                let mut flowing = 0;
                while wanted - charge.kwh > 1e-9 {
                    let level = 100.0 * (battery.kwh + charge.kwh) / battery.capacity;
                    // Above 96 % the battery takes less and less.
                    let takes = (((101.0 - level) / 5.0).clamp(0.1, 1.0) * amps as f64)
                        .round()
                        .max(1.0);
                    let ramping = flowing < takes as i64 && flowing < amps;
                    flowing = if ramping {
                        (flowing + 4).min(takes as i64)
                    } else {
                        takes as i64
                    };
                    let volts = (volts * random.between(0.975, 1.025)).round();
                    let kw = volts * flowing as f64 * phases as f64 / 1000.0;
                    let flow = Flow {
                        kw,
                        battery_kw: kw * AC_EFFICIENCY,
                        volts: volts as i64,
                        amps: flowing,
                    };
                    let full = battery.capacity * 0.003 / flow.battery_kw * 3600.0;
                    let lasts = if ramping {
                        2.0
                    } else {
                        full.clamp(30.0, 900.0)
                    };
                    charge.piece_up_to(wanted, lasts, flow);
                }
            }
            Outlet::Dc { kw: most } => {
                while wanted - charge.kwh > 1e-9 {
                    let level = 100.0 * (battery.kwh + charge.kwh) / battery.capacity;
                    // Full power up to 20 %, from there ever less.
                    let taper = 1.0 - ((level - 20.0) / 80.0).clamp(0.0, 1.0) * 0.9;
                    let kw = (most * taper * random.between(0.98, 1.0)).max(4.0);
                    let pack = (330.0 + 0.7 * level).round();
                    let flow = Flow {
                        kw,
                        battery_kw: kw * DC_EFFICIENCY,
                        volts: pack as i64,
                        amps: (kw * 1000.0 / pack).round() as i64,
                    };
                    let lasts = battery.capacity * 0.005 / flow.battery_kw * 3600.0;
                    charge.piece_up_to(wanted, lasts, flow);
                }
            }
        }
        charge
    }

    fn piece_up_to(&mut self, wanted: f64, lasts: f64, flow: Flow) {
        let needed = (wanted - self.kwh) / flow.battery_kw * 3600.0;
        if needed <= lasts {
            self.piece(needed, flow);
            self.kwh = wanted;
        } else {
            self.piece(lasts, flow);
        }
    }

    fn piece(&mut self, lasts: f64, flow: Flow) {
        self.pieces.push(Piece {
            at: self.seconds,
            lasts,
            kwh: self.kwh,
            flow,
        });
        self.seconds += lasts;
        self.kwh += flow.battery_kw * lasts / 3600.0;
    }

    /// What flows so many seconds after the start, and how many kWh the battery has got by then.
    pub(super) fn at(&self, seconds: f64) -> (Flow, f64) {
        if seconds >= self.seconds {
            return (Flow::default(), self.kwh);
        }
        let next = self.pieces.partition_point(|p| p.at <= seconds.max(0.0));
        match self.pieces.get(next.saturating_sub(1)) {
            Some(piece) => {
                let into = (seconds - piece.at).clamp(0.0, piece.lasts);
                (
                    piece.flow,
                    piece.kwh + piece.flow.battery_kw * into / 3600.0,
                )
            }
            None => (Flow::default(), 0.0),
        }
    }

    pub(super) fn outlet(&self) -> Outlet {
        self.outlet
    }

    /// How long it takes to the limit, s.
    pub(super) fn seconds(&self) -> f64 {
        self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AC: Outlet = Outlet::Ac {
        volts: 230.0,
        amps: 16,
        phases: 3,
    };

    fn plan(outlet: Outlet, kwh: f64, limit: f64) -> Charge {
        let battery = Battery {
            capacity: 75.0,
            kwh,
            limit,
        };
        Charge::plan(outlet, battery, &mut Random::new(5, &[]))
    }

    #[test]
    fn a_charge_ends_exactly_at_the_limit() {
        for (outlet, from, limit) in [
            (AC, 20.0, 80.0),
            (AC, 70.0, 100.0),
            (Outlet::Dc { kw: 170.0 }, 8.0, 90.0),
        ] {
            let charge = plan(outlet, from, limit);
            let (flow, kwh) = charge.at(charge.seconds());
            assert!(
                (from + kwh - 75.0 * limit / 100.0).abs() < 1e-6,
                "{outlet:?} {kwh}"
            );
            assert_eq!(flow, Flow::default(), "nothing flows at the limit");
        }
        assert_eq!(
            plan(AC, 70.0, 80.0).seconds(),
            STARTING_SECONDS,
            "already above the limit"
        );
    }

    #[test]
    fn energy_is_the_integral_of_the_batterys_power() {
        for outlet in [AC, Outlet::Dc { kw: 150.0 }] {
            let charge = plan(outlet, 15.0, 95.0);
            let kwh: f64 = (0..charge.seconds() as u64)
                .map(|s| charge.at(s as f64 + 0.5).0.battery_kw / 3600.0)
                .sum();
            assert!((kwh / charge.at(f64::MAX).1 - 1.0).abs() < 0.002, "{kwh}");
        }
    }

    #[test]
    fn ac_power_is_volts_times_amps_times_phases_and_ramps_and_tapers() {
        let charge = plan(AC, 40.0, 100.0);
        let mut seen = Vec::new();
        for s in 0..charge.seconds() as u64 {
            let flow = charge.at(s as f64).0;
            assert!((flow.kw - (flow.volts * flow.amps * 3) as f64 / 1000.0).abs() < 1e-9);
            seen.push(flow.amps);
        }
        assert_eq!(seen[0], 0);
        assert!(seen.windows(2).take(60).all(|w| w[1] >= w[0]), "ramps up");
        for amps in [4, 8, 12, 16] {
            assert!(
                seen[..20].contains(&amps),
                "ramps up in steps: {:?}",
                &seen[..20]
            );
        }
        assert_eq!(seen.iter().max(), Some(&16));
        assert!(seen[seen.len() - 1] < 8, "tapers");
    }

    #[test]
    fn dc_gives_less_the_fuller_the_battery() {
        let charge = plan(Outlet::Dc { kw: 170.0 }, 8.0, 90.0);
        let early = charge.at(60.0).0.kw;
        let late = charge.at(charge.seconds() - 5.0).0.kw;
        assert!(early > 150.0 && late < 60.0, "{early} {late}");
        assert!(charge.seconds() < 3600.0);
    }
}
