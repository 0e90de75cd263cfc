//! One part of a fleet that several observers split among them.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// More parts than these no fleet needs, and each list of vehicles is reckoned for all of them.
const MOST: u32 = 1_000;

/// The part `index` of `count`, from 0: `0/3`, `1/3`, `2/3`.
///
/// Each VIN belongs to exactly one part, whoever asks: to the one whose number gives the highest hash with it.
/// With one part more, only the vehicles of that part change.
///
/// ```
/// use tesla_observer::shard::Shard;
///
/// let parts: Vec<Shard> = ["0/3", "1/3", "2/3"].iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
/// let those_that_have_it = parts.iter().filter(|part| part.has("5YJ3E1EA0KF000001"));
/// assert_eq!(those_that_have_it.count(), 1);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// Whether the vehicle belongs to it.
    pub fn has(self, vin: &str) -> bool {
        if self.count == 1 {
            return true;
        }
        let of_vin = Sha256::new_with_prefix(vin.as_bytes());
        let hash = |index: u32| of_vin.clone().chain_update(index.to_be_bytes()).finalize();
        (0..self.count).max_by_key(|index| hash(*index)) == Some(self.index)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "is {text:?}: write which part of how many, from 0: 0/3, 1/3 or 2/3 for three observers \
                 (at most {MOST})"
            )
        };
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| wrong());
        let (index, count) = (number(index)?, number(count)?);
        match index < count && count <= MOST {
            true => Ok(Self { index, count }),
            false => Err(wrong()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vins() -> Vec<String> {
        (0..2_000)
            .map(|number| format!("5YJ3E1EA0KF{number:06}"))
            .collect()
    }

    fn part_of(vin: &str, count: u32) -> u32 {
        let has: Vec<u32> = (0..count)
            .filter(|index| {
                Shard {
                    index: *index,
                    count,
                }
                .has(vin)
            })
            .collect();
        assert_eq!(has.len(), 1, "{vin} of {count}");
        has[0]
    }

    #[test]
    fn each_vehicle_belongs_to_exactly_one_part_and_parts_are_alike() {
        for count in [1, 2, 3, 7] {
            let mut sizes = vec![0_usize; count as usize];
            for vin in vins() {
                sizes[part_of(&vin, count) as usize] += 1;
            }
            let fair = 2_000 / count as usize;
            assert!(
                sizes.iter().all(|size| size.abs_diff(fair) < fair / 5),
                "{sizes:?}"
            );
        }
    }

    #[test]
    fn one_part_more_takes_its_share_and_moves_nothing_else() {
        let moved: Vec<(u32, u32)> = vins()
            .iter()
            .map(|vin| (part_of(vin, 4), part_of(vin, 5)))
            .filter(|(before, after)| before != after)
            .collect();
        assert!(moved.iter().all(|(_, after)| *after == 4));
        assert!((300..500).contains(&moved.len()), "{}", moved.len());
    }

    /// Observers of different versions must agree.
    #[test]
    fn what_belongs_where_stays() {
        let parts: Vec<u32> = vins().iter().take(12).map(|vin| part_of(vin, 3)).collect();
        assert_eq!(parts, [1, 0, 2, 0, 0, 2, 2, 1, 2, 1, 1, 2]);
    }

    #[test]
    fn what_is_no_part_is_refused_with_how_to_write_it() {
        for wrong in ["", "3", "3/3", "1/0", "-1/3", "1/2/3", "0/1001", "a/b"] {
            let error = wrong.parse::<Shard>().expect_err(wrong);
            assert!(error.contains("0/3, 1/3 or 2/3"), "{error}");
        }
        assert_eq!(
            "2/3".parse::<Shard>().map(|part| part.to_string()),
            Ok("2/3".to_owned())
        );
    }
}
