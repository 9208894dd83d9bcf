//! h_t = a_t ⊙ h_{t−1} + b_t for all t, step by step and by a scan.

use nalgebra::{DVector, RealField};

// ANCHOR: scan
/// What one step, or a stretch of steps, does to the state: h becomes a ⊙ h + b.
#[derive(Clone, Debug, PartialEq)]
pub struct Update<T> {
    /// What multiplies h, H.
    pub a: DVector<T>,
    /// What is added, H.
    pub b: DVector<T>,
}

impl<T: RealField + Copy> Update<T> {
    /// a ⊙ h + b.
    pub fn of(&self, h: &DVector<T>) -> DVector<T> {
        self.a.component_mul(h) + &self.b
    }

    /// `self` and then `next` as a single update: a' ⊙ (a ⊙ h + b) + b' = (a' ⊙ a) ⊙ h + (a' ⊙ b + b').
    pub fn then(&self, next: &Self) -> Self {
        Self {
            a: next.a.component_mul(&self.a),
            b: next.of(&self.b),
        }
    }
}

/// h_1 … h_T, each from the one before: T rounds.
pub fn one_by_one<T: RealField + Copy>(h_0: &DVector<T>, updates: &[Update<T>]) -> Vec<DVector<T>> {
    let mut hs: Vec<DVector<T>> = Vec::with_capacity(updates.len());
    for update in updates {
        let h_t = update.of(hs.last().unwrap_or(h_0));
        hs.push(h_t);
    }
    hs
}

/// h_1 … h_T in log₂ T rounds. After a round, update t covers twice as many steps up to t as before;
/// within a round no update waits for another, so T processors could compute them at once.
pub fn scan<T: RealField + Copy>(h_0: &DVector<T>, updates: &[Update<T>]) -> Vec<DVector<T>> {
    let mut spans = updates.to_vec();
    let mut reach = 1;
    while reach < spans.len() {
        let doubled = |t: usize| match t.checked_sub(reach) {
            Some(before) => spans[before].then(&spans[t]),
            None => spans[t].clone(), // starts at step 1 already
        };
        spans = (0..spans.len()).map(doubled).collect();
        reach *= 2;
    }
    spans.iter().map(|span| span.of(h_0)).collect()
}
// ANCHOR_END: scan
