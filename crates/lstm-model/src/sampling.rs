//! From logits to the next token.

use crate::{ModelError, softmax};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

/// How the next token is drawn (E24): p ∝ exp(z/τ), then top-k, then top-p, then renormalised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampler {
    /// τ; with 0, the most probable token is always drawn.
    temperature: f64,
    /// k: only the k most probable tokens are kept.
    top_k: Option<usize>,
    /// p: only the smallest set of tokens with at least this probability is kept. Holtzman et al.,
    /// arXiv 1904.09751.
    top_p: Option<f64>,
}

/// Temperature 0.8 over the whole vocabulary.
impl Default for Sampler {
    fn default() -> Self {
        Self {
            temperature: 0.8,
            top_k: None,
            top_p: None,
        }
    }
}

impl Sampler {
    /// A sampler with these settings.
    ///
    /// # Errors
    /// [`ModelError::Setting`] if τ is negative or not finite, k is 0, or p is not in (0, 1].
    pub fn new(
        temperature: f64,
        top_k: Option<usize>,
        top_p: Option<f64>,
    ) -> Result<Self, ModelError> {
        if !(temperature.is_finite() && temperature >= 0.0) {
            return Err(ModelError::setting(
                "temperature",
                temperature,
                "a number of at least 0",
            ));
        }
        if top_k == Some(0) {
            return Err(ModelError::setting("top-k", 0, "at least 1"));
        }
        if let Some(p) = top_p
            && !(p > 0.0 && p <= 1.0)
        {
            return Err(ModelError::setting("top-p", p, "above 0 and at most 1"));
        }
        Ok(Self {
            temperature,
            top_k,
            top_p,
        })
    }
}

// ANCHOR: distribution
impl Sampler {
    /// The distribution from which a token is drawn (E24): tokens with their probabilities, most probable
    /// first. Tokens with the same probability are in the order of their ids; a logit of −∞ has
    /// probability 0.
    ///
    /// ```
    /// let z: Vec<f64> = [0.5_f64, 0.3, 0.2].map(f64::ln).to_vec();
    /// let p = |t, k, p| lstm_model::Sampler::new(t, k, p).unwrap().distribution(&z);
    /// let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    /// assert!(near(p(1.0, None, None)[1].1, 0.3));
    /// assert!(near(p(0.5, None, None)[0].1, 0.25 / 0.38)); // squares, renormalised
    /// assert!(near(p(1.0, Some(2), None)[0].1, 0.5 / 0.8));
    /// assert_eq!(p(1.0, None, Some(0.5)), [(0, 1.0)]); // 0.5 ≥ 0.5: one token is enough
    /// assert_eq!(p(0.0, None, None), [(0, 1.0)]);
    /// ```
    ///
    /// # Panics
    /// If there is no logit.
    pub fn distribution<T: Copy + Into<f64>>(&self, logits: &[T]) -> Vec<(u32, f64)> {
        let mut ranked = ranked(logits);
        let keep = match self.temperature {
            0.0 => 1,
            _ => self.top_k.unwrap_or(usize::MAX),
        };
        ranked.truncate(keep);
        // The largest logit is subtracted first, so that no τ, however small, leads to overflow.
        let (max, tau) = (ranked[0].1, self.temperature.max(f64::MIN_POSITIVE));
        let scaled: Vec<f64> = ranked.iter().map(|&(_, z)| (z - max) / tau).collect();
        for ((_, z), p) in ranked.iter_mut().zip(softmax(&scaled)) {
            *z = p;
        }
        if let Some(top_p) = self.top_p {
            let mut mass = 0.0;
            let enough = ranked.iter().position(|&(_, p)| {
                mass += p;
                // Rounding can make the sum of all probabilities less than 1.
                mass >= top_p - 1e-12
            });
            ranked.truncate(enough.map_or(ranked.len(), |last| last + 1));
            let total: f64 = ranked.iter().map(|&(_, p)| p).sum();
            ranked.iter_mut().for_each(|(_, p)| *p /= total);
        }
        ranked
    }
}
// ANCHOR_END: distribution

impl Sampler {
    /// Draws a token (E24). Every call takes one number from `rng`, also if τ is 0.
    ///
    /// # Panics
    /// If there is no logit.
    pub fn sample<T: Copy + Into<f64>>(&self, logits: &[T], rng: &mut impl Rng) -> u32 {
        let mut point = rng.random::<f64>();
        if self.temperature == 0.0 {
            return most_probable(logits);
        }
        let ranked = self.distribution(logits);
        for &(token, p) in &ranked {
            if point < p {
                return token;
            }
            point -= p;
        }
        ranked[ranked.len() - 1].0
    }
}

/// The tokens with their logits, the largest first, and equal ones in the order of their ids. Integers are
/// sorted, which takes half the time of sorting pairs by two comparisons.
fn ranked<T: Copy + Into<f64>>(logits: &[T]) -> Vec<(u32, f64)> {
    let key = |(id, &z): (u32, &T)| (u128::from(!in_order(z.into())) << 32) | u128::from(id);
    let mut keys: Vec<u128> = (0..).zip(logits).map(key).collect();
    keys.sort_unstable();
    let token = |key: u128| {
        let id = key as u32;
        (id, logits[id as usize].into())
    };
    keys.into_iter().map(token).collect()
}

/// An integer with the place of `z` in the order of [`f64::total_cmp`]: the sign bit is flipped, and of a
/// negative number all bits.
fn in_order(z: f64) -> u64 {
    if z.is_sign_negative() {
        !z.to_bits()
    } else {
        z.to_bits() | (1 << 63)
    }
}

/// The first token of [`Sampler::distribution`], found without sorting: the lowest id with the largest
/// logit.
fn most_probable<T: Copy + Into<f64>>(logits: &[T]) -> u32 {
    (0..)
        .zip(logits.iter().map(|&z| z.into()))
        .min_by(|a: &(u32, f64), b| b.1.total_cmp(&a.1))
        .expect("there is a logit")
        .0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Purpose;
    use proptest::prelude::*;

    fn sampler(temperature: f64, top_k: Option<usize>, top_p: Option<f64>) -> Sampler {
        Sampler::new(temperature, top_k, top_p).unwrap()
    }

    /// So few values that most samples have ties, and all values with an unusual order.
    const AWKWARD: [f64; 8] = [
        f64::NEG_INFINITY,
        -1.5,
        -0.0,
        0.0,
        0.5,
        1.5,
        f64::INFINITY,
        f64::NAN,
    ];

    fn logits() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-8.0..8.0_f64, 1..30)
    }

    proptest! {
        #[test]
        fn a_distribution_sums_to_one_and_falls(
            z in logits(), t in 0.0..3.0_f64,
            k in prop::option::of(1..9_usize), p in prop::option::of(0.01..=1.0_f64),
        ) {
            let d = sampler(t, k, p).distribution(&z);
            prop_assert!((d.iter().map(|d| d.1).sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(d.windows(2).all(|w| w[0].1 >= w[1].1));
        }

        #[test]
        fn tokens_are_ranked_by_the_total_order_and_then_by_id(
            z in prop::collection::vec(prop::sample::select(AWKWARD.to_vec()), 1..100),
        ) {
            let mut expected: Vec<(u32, f64)> = (0..).zip(z.iter().copied()).collect();
            expected.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let bits = |ranked: Vec<(u32, f64)>| -> Vec<(u32, u64)> {
                ranked.into_iter().map(|(id, z)| (id, z.to_bits())).collect()
            };
            prop_assert_eq!(bits(ranked(&z)), bits(expected));
        }

        #[test]
        fn top_k_keeps_the_k_largest(z in logits(), k in 1..9_usize) {
            let d = sampler(1.0, Some(k), None).distribution(&z);
            prop_assert_eq!(d.len(), k.min(z.len()));
            let smallest_kept = z[d[d.len() - 1].0 as usize];
            let dropped = (0..z.len() as u32).filter(|id| d.iter().all(|kept| kept.0 != *id));
            for id in dropped {
                prop_assert!(z[id as usize] <= smallest_kept);
            }
        }

        #[test]
        fn top_p_is_the_smallest_set_with_enough_mass(z in logits(), p in 0.01..1.0_f64) {
            let all = sampler(1.0, None, None).distribution(&z);
            let kept = sampler(1.0, None, Some(p)).distribution(&z).len();
            let mass = |n: usize| all[..n].iter().map(|d| d.1).sum::<f64>();
            prop_assert!(mass(kept) >= p - 1e-9);
            prop_assert!(mass(kept - 1) < p);
        }

        #[test]
        fn a_lower_temperature_makes_the_most_probable_token_more_probable(z in logits(), t in 0.1..2.0_f64) {
            let cold = sampler(t / 2.0, None, None).distribution(&z);
            let warm = sampler(t, None, None).distribution(&z);
            prop_assert!(cold[0].1 >= warm[0].1 - 1e-12);
            let frozen = sampler(1e-300, None, None).distribution(&z);
            prop_assert_eq!(frozen[0].0, sampler(0.0, None, None).distribution(&z)[0].0);
        }

        #[test]
        fn at_temperature_zero_the_first_of_the_distribution_is_drawn(
            z in prop::collection::vec(prop::sample::select(AWKWARD.to_vec()), 1..30),
            k in prop::option::of(1..9_usize), p in prop::option::of(0.01..=1.0_f64), seed: u64,
        ) {
            let mut rng = Purpose::Sampling.rng(seed, 0, 0);
            let greedy = sampler(0.0, k, p);
            prop_assert_eq!(greedy.sample(&z, &mut rng), greedy.distribution(&z)[0].0);
            let mut once = Purpose::Sampling.rng(seed, 0, 0);
            once.random::<f64>();
            prop_assert_eq!(rng.random::<u64>(), once.random::<u64>());
        }
    }

    #[test]
    fn tokens_come_as_often_as_their_probability_says() {
        let z = [0.5_f64, 0.3, 0.2].map(f64::ln);
        let mut rng = Purpose::Sampling.rng(3, 0, 0);
        let mut counts = [0; 3];
        for _ in 0..20_000 {
            counts[sampler(1.0, None, None).sample(&z, &mut rng) as usize] += 1;
        }
        for (count, p) in counts.into_iter().zip([0.5, 0.3, 0.2]) {
            let share = f64::from(count) / 20_000.0;
            assert!((share - p).abs() < 0.015, "{share} for {p}");
        }
    }

    #[test]
    fn the_smallest_temperature_overflows_nothing() {
        let d = sampler(f64::MIN_POSITIVE, None, None).distribution(&[10.0, 30.0, 20.0]);
        assert_eq!(d, [(1, 1.0), (2, 0.0), (0, 0.0)]);
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let message = |t, k, p| Sampler::new(t, k, p).unwrap_err().to_string();
        assert_eq!(
            message(-1.0, None, None),
            "temperature is -1, expected a number of at least 0"
        );
        assert_eq!(
            message(f64::NAN, None, None),
            "temperature is NaN, expected a number of at least 0"
        );
        assert_eq!(
            message(1.0, Some(0), None),
            "top-k is 0, expected at least 1"
        );
        assert_eq!(
            message(1.0, None, Some(0.0)),
            "top-p is 0, expected above 0 and at most 1"
        );
        assert_eq!(
            message(1.0, None, Some(1.5)),
            "top-p is 1.5, expected above 0 and at most 1"
        );
    }
}
