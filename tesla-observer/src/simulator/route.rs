//! Where a car drives: a line of points, as long as the odometer will say.

use super::random::Random;

/// A point on earth, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
}

const METRES_PER_DEGREE: f64 = 111_195.0;

impl Point {
    /// The point this many metres to the east and to the north.
    pub(super) fn moved(self, east: f64, north: f64) -> Self {
        let latitude = self.latitude + north / METRES_PER_DEGREE;
        // Of the middle, as in `offset_to`, so that each undoes the other.
        let middle = f64::midpoint(self.latitude, latitude).to_radians();
        let longitude = self.longitude + east / (METRES_PER_DEGREE * middle.cos());
        Self {
            latitude,
            longitude,
        }
    }

    /// Metres east and north from here to there; exact enough over the hundred kilometres of a trip.
    pub(super) fn offset_to(self, other: Self) -> (f64, f64) {
        let middle = f64::midpoint(self.latitude, other.latitude).to_radians();
        (
            (other.longitude - self.longitude) * METRES_PER_DEGREE * middle.cos(),
            (other.latitude - self.latitude) * METRES_PER_DEGREE,
        )
    }
}

/// A way from one point to another.
#[derive(Clone, Debug)]
pub(super) struct Path {
    points: Vec<Point>,
    /// Metres from the start to each point.
    metres: Vec<f64>,
}

const LEGS: usize = 48;

impl Path {
    /// A way that bends: to the right by nature, so that there and back make a loop.
    pub(super) fn between(from: Point, to: Point, random: &mut Random) -> Self {
        let (east, north) = from.offset_to(to);
        let bow = random.between(0.05, 0.18);
        let waves = random.between(2.0, 4.0);
        let points: Vec<Point> = (0..=LEGS)
            .map(|i| {
                let f = i as f64 / LEGS as f64;
                let side = bow * (f * std::f64::consts::PI).sin()
                    + 0.015 * (f * waves * std::f64::consts::TAU).sin() * (1.0 - f);
                from.moved(east * f + north * side, north * f - east * side)
            })
            .collect();
        let mut metres = Vec::with_capacity(points.len());
        let mut sum = 0.0;
        for (i, point) in points.iter().enumerate() {
            if i > 0 {
                let (e, n) = points[i - 1].offset_to(*point);
                sum += e.hypot(n);
            }
            metres.push(sum);
        }
        Self { points, metres }
    }

    pub(super) fn length(&self) -> f64 {
        self.metres[LEGS]
    }

    pub(super) fn destination(&self) -> Point {
        self.points[LEGS]
    }

    /// Where a car is after so many metres, and where it heads, in degrees from north.
    pub(super) fn at(&self, metres: f64) -> (Point, f64) {
        let leg = self.metres.partition_point(|m| *m <= metres).clamp(1, LEGS);
        let (from, to) = (self.points[leg - 1], self.points[leg]);
        let (e, n) = from.offset_to(to);
        let length = (self.metres[leg] - self.metres[leg - 1]).max(1e-9);
        let f = ((metres - self.metres[leg - 1]) / length).clamp(0.0, 1.0);
        (
            from.moved(e * f, n * f),
            e.atan2(n).to_degrees().rem_euclid(360.0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Point = Point {
        latitude: 52.0,
        longitude: 9.0,
    };

    #[test]
    fn a_path_starts_and_ends_where_it_should_and_is_as_long_as_its_points() {
        let work = HOME.moved(12_000.0, -5_000.0);
        let path = Path::between(HOME, work, &mut Random::new(3, &[]));
        let (start, _) = path.at(0.0);
        let (end, _) = path.at(path.length());
        for (is, should) in [(start, HOME), (end, work), (path.destination(), work)] {
            let (e, n) = is.offset_to(should);
            assert!(e.hypot(n) < 0.01, "{is:?} {should:?}");
        }
        assert!(
            path.length() > 13_000.0 && path.length() < 16_000.0,
            "{}",
            path.length()
        );
    }

    #[test]
    fn the_heading_is_the_way_the_points_go() {
        let path = Path::between(
            HOME,
            HOME.moved(20_000.0, 9_000.0),
            &mut Random::new(4, &[]),
        );
        for km in 1..20 {
            let (here, heading) = path.at(f64::from(km) * 1000.0);
            let (e, n) = here.offset_to(path.at(f64::from(km) * 1000.0 + 20.0).0);
            let moved = e.atan2(n).to_degrees().rem_euclid(360.0);
            let apart = (moved - heading + 540.0).rem_euclid(360.0) - 180.0;
            assert!(apart.abs() < 15.0, "km {km}: {heading} but moved {moved}");
            assert!((e.hypot(n) - 20.0).abs() < 1.0);
        }
    }
}
