//! Sampling.

use super::{Verdict, agree, list, not_a_number};
use lstm_model::softmax;

pub fn temperature(answer: fn(&[f64], f64) -> Vec<f64>) -> Verdict {
    let z = [0.5, -1.0, 2.0, 2.0, -0.3];
    for tau in [1.0, 0.5, 2.0, 1e-300, 0.0] {
        let p = |values: &[f64]| vec![list(format!("temperature({z:?}, {tau})"), values)];
        let of = |scale: f64| p(&softmax(&z.map(|z| (z - 2.0) * scale)));
        let right = match tau {
            0.0 => p(&[0.0, 0.0, 1.0, 0.0, 0.0]),
            _ => of(1.0 / tau),
        };
        let suspects = [
            ("logits are multiplied by τ instead of divided", of(tau)),
            ("τ is ignored", of(1.0)),
            (
                "equal logits share the probability that belongs to the first",
                p(&[0.0, 0.0, 0.5, 0.5, 0.0]),
            ),
            (
                "the last of equal logits gets the probability that belongs to the first",
                p(&[0.0, 0.0, 0.0, 1.0, 0.0]),
            ),
        ];
        not_a_number(
            agree(&p(&answer(&z, tau)), &right, &suspects),
            "A logit divided by so small a τ overflows: subtract the maximum first, and treat τ = 0 \
             separately.",
        )?;
    }
    Ok(())
}

/// The probabilities with all set to 0 except those in `kept`.
fn only(p: &[f64], kept: &[usize], renormalise: bool) -> Vec<f64> {
    let total: f64 = kept.iter().map(|&v| p[v]).sum();
    let mut left = vec![0.0; p.len()];
    for &v in kept {
        left[v] = if renormalise { p[v] / total } else { p[v] };
    }
    left
}

/// The indices of the probabilities, largest first.
fn ranked(p: &[f64]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..p.len()).collect();
    places.sort_by(|&a, &b| p[b].total_cmp(&p[a]));
    places
}

pub fn top_k(answer: fn(&[f64], usize) -> Vec<f64>) -> Verdict {
    let p = [0.1, 0.4, 0.05, 0.2, 0.15, 0.1];
    let ranked = ranked(&p);
    for k in [1, 2, 3, 5, 6, 9] {
        let kept = k.min(p.len());
        let named = |values: &[f64]| vec![list(format!("top_k({p:?}, {k})"), values)];
        let suspects = [
            (
                "the kept probabilities are not divided by their sum",
                named(&only(&p, &ranked[..kept], false)),
            ),
            (
                "one probability too few is kept",
                named(&only(&p, &ranked[..kept - 1], true)),
            ),
            (
                "the first k are kept and not the largest",
                named(&only(&p, &Vec::from_iter(0..kept), true)),
            ),
        ];
        let right = only(&p, &ranked[..kept], true);
        agree(&named(&answer(&p, k)), &named(&right), &suspects)?;
    }
    Ok(())
}

pub fn top_p(answer: fn(&[f64], f64) -> Vec<f64>) -> Verdict {
    let p = [0.125, 0.0625, 0.5, 0.25, 0.0625];
    let ranked = ranked(&p);
    for (mass, kept) in [(0.5, 1), (0.01, 1), (0.6, 2), (0.75, 2), (0.8, 3), (1.0, 5)] {
        let named = |values: &[f64]| vec![list(format!("top_p({p:?}, {mass})"), values)];
        let suspects = [
            (
                "the kept probabilities are not divided by their sum",
                named(&only(&p, &ranked[..kept], false)),
            ),
            (
                "the probability with which the sum reaches the mass is left out",
                named(&only(&p, &ranked[..kept - 1], true)),
            ),
            (
                "one more is kept although the mass is reached",
                named(&only(&p, &ranked[..(kept + 1).min(5)], true)),
            ),
        ];
        let right = only(&p, &ranked[..kept], true);
        not_a_number(
            agree(&named(&answer(&p, mass)), &named(&right), &suspects),
            "Nothing is kept, and the sum is 0: keep the most probable even if it alone exceeds \
             the mass.",
        )?;
    }
    Ok(())
}
