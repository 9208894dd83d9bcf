//! Mistakes in sampling.

use crate::rejects;
use exercises::judge::sampling as judge;
use exercises::solutions as right;

fn keep(p: &[f64], kept: impl Fn(usize) -> bool) -> Vec<f64> {
    p.iter()
        .enumerate()
        .map(|(v, p)| if kept(v) { *p } else { 0.0 })
        .collect()
}

#[test]
fn temperature() {
    rejects(
        judge::temperature(|z, tau| {
            right::sampling::temperature(&Vec::from_iter(z.iter().map(|z| z * tau)), 1.0)
        }),
        "multiplied by τ",
    );
    rejects(
        judge::temperature(|z, _| right::sampling::temperature(z, 1.0)),
        "τ is ignored",
    );
    rejects(
        judge::temperature(|z, tau| {
            lstm_model::softmax(&Vec::from_iter(z.iter().map(|z| z / tau)))
        }),
        "treat τ = 0",
    );
    rejects(
        judge::temperature(|z, tau| right::sampling::temperature(z, tau.max(1e-9))),
        "equal logits share",
    );
}

#[test]
fn top_k() {
    rejects(
        judge::top_k(|p, k| keep(p, |v| right::sampling::top_k(p, k)[v] > 0.0)),
        "not divided by their sum",
    );
    rejects(
        judge::top_k(|p, k| right::sampling::top_k(&keep(p, |v| v < k), k)),
        "the first k are kept",
    );
}

#[test]
fn top_p() {
    rejects(
        judge::top_p(|p, mass| keep(p, |v| right::sampling::top_p(p, mass)[v] > 0.0)),
        "not divided by their sum",
    );
    rejects(
        judge::top_p(|p, mass| right::sampling::top_p(p, mass + 1e-6)),
        "one more is kept",
    );
    rejects(
        judge::top_p(|p, mass| {
            let alone = *p.iter().max_by(|a, b| a.total_cmp(b)).unwrap();
            right::sampling::top_p(&keep(p, |_| alone <= mass), mass)
        }),
        "Nothing is kept",
    );
    rejects(
        judge::top_p(|p, mass| {
            let kept = right::sampling::top_p(p, mass)
                .iter()
                .filter(|p| **p > 0.0)
                .count();
            right::sampling::top_k(p, (kept - 1).max(1))
        }),
        "is left out",
    );
}
