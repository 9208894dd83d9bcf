//! A slip of paper with four taps: one cell whose gates are set by hand.

use crate::mailbox::{Inbox, answer};
use lstm_cell::{cell_state, hidden_state};
use lstm_gates::{GateValues, tanh};
use nalgebra::DVector;

/// The most steps.
const LONGEST: usize = 40;

/// E6–E7 over `steps` steps from an empty slip. In: i, f, g, o of each step. Out: c, tanh(c) and h of each
/// step.
pub fn slip(mailbox: &mut [f64], steps: usize) -> Option<usize> {
    if !(1..=LONGEST).contains(&steps) {
        return None;
    }
    let mut inbox = Inbox::new(mailbox);
    let mut c = DVector::zeros(1);
    let mut out = Vec::new();
    for _ in 0..steps {
        let k = GateValues {
            i_t: inbox.vector(1)?,
            f_t: inbox.vector(1)?,
            g_t: inbox.vector(1)?,
            o_t: inbox.vector(1)?,
        };
        c = cell_state(&k, &c);
        let tanh_c = c.map(tanh);
        out.extend([c[0], tanh_c[0], hidden_state(&k.o_t, &tanh_c)[0]]);
    }
    answer(mailbox, &out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_of_the_chapter_comes_out() {
        let taps = [
            [1.0, 1.0, 0.8, 0.0],
            [0.0, 1.0, -0.9, 0.0],
            [0.0, 0.5, 0.3, 1.0],
            [0.5, 1.0, -0.6, 0.5],
        ];
        let mut mailbox = taps.concat();
        assert_eq!(slip(&mut mailbox, 4), Some(12));
        let near = |n: usize, v: f64| assert!((mailbox[n] - v).abs() < 1e-3, "{n}: {}", mailbox[n]);
        for (step, (c, h)) in [(0.8, 0.0), (0.8, 0.0), (0.4, 0.380), (0.1, 0.050)]
            .into_iter()
            .enumerate()
        {
            near(3 * step, c);
            near(3 * step + 2, h);
        }
        assert_eq!(slip(&mut mailbox, 0), None);
    }
}
