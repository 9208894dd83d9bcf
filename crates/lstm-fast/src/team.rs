//! The threads that compute a part of a batch together.
//!
//! With a few sequences for each thread and weights that no cache holds, it would take each thread
//! longer to fetch the weights than to multiply them. So there the threads share out the units
//! instead: each fetches the weights of its own.

use crate::lanes::{LANES, Row};
use crate::level::Level;
use crate::panels::{Panels, View, split};
use crate::product::{multiply_add, outer_add, sum_rows};
use lstm_model::{even_parts, share, threads_at_hand};
use std::ops::Range;

/// Weights that it takes a sequence to make worth fetching, 256 KB of them, for a thread that fetches
/// all of a layer's at every step.
const WEIGHTS_FOR_A_SEQUENCE: usize = 65_536;

// ANCHOR: parts
/// How many of `threads` get sequences of their own, with so many `weights` to be fetched at every
/// step; the others help them.
pub(crate) fn parts(weights: usize, batch_size: usize, threads: usize) -> usize {
    let sequences = weights.div_ceil(WEIGHTS_FOR_A_SEQUENCE);
    (batch_size / sequences).clamp(1, threads)
}
// ANCHOR_END: parts

/// Pieces of work for each thread, so that one that has been kept is helped by the others.
const PIECES: usize = 4;

/// Multiply-adds that are done sooner than a piece of them is handed over: some ten microseconds.
const LITTLE: usize = 1 << 19;

/// Multiply-adds that take as long as it takes to move a number.
pub(crate) const MOVED: usize = 8;

/// `groups` of panels that belong together, in some pieces for each thread at hand; in one if there
/// is no other thread, or too little `work` for it.
pub(crate) fn pieces(groups: usize, work: usize) -> Vec<Range<usize>> {
    let count = match threads_at_hand() {
        threads if threads > 1 && work > LITTLE => PIECES * threads,
        _ => 1,
    };
    even_parts(groups, count)
}

// ANCHOR: there_and_back
/// Pieces of what is done again and again with the same weights, in the order for the `turn`-th time.
/// Threads take [`PIECES`] neighbours each; they go through them there and back by turns, since what
/// a thread used last is still in its caches.
pub(crate) fn there_and_back<P>(turn: usize, pieces: impl IntoIterator<Item = P>) -> Vec<P> {
    let mut pieces: Vec<_> = pieces.into_iter().collect();
    if turn % 2 == 1 {
        pieces.chunks_mut(PIECES).for_each(<[P]>::reverse);
    }
    pieces
}
// ANCHOR_END: there_and_back

/// The panels of a result, of so many `rows` each, in pieces for so much `work`, with their numbers.
pub(crate) fn panels_in_pieces(
    result: &mut [Row],
    rows: usize,
    work: usize,
) -> Vec<(&mut [Row], Range<usize>)> {
    let pieces = pieces(result.len().checked_div(rows).unwrap_or(0), work);
    let parts = split(result, &pieces, rows).into_iter();
    parts.zip(pieces).collect()
}

/// [`multiply_add`], the panels of the result shared out, for the `turn`-th time.
pub(crate) fn share_multiply_add(
    level: Level,
    turn: usize,
    c: &mut [Row],
    a: View<'_>,
    w: View<'_>,
) {
    let work = LANES * c.len() * w.rows();
    let pieces = there_and_back(turn, panels_in_pieces(c, a.rows(), work));
    share(pieces, |(c, panels)| {
        multiply_add(level, c, a, w.panels(&panels));
    });
}

/// [`outer_add`], the panels of the result shared out.
pub(crate) fn share_outer_add(level: Level, g: &mut Panels, a: View<'_>, b: View<'_>) {
    let (inputs, work) = (g.rows(), LANES * g.data().len() * a.rows());
    let pieces = panels_in_pieces(g.data_mut(), inputs, work);
    share(pieces, |(g, panels)| {
        outer_add(level, g, a, b.panels(&panels));
    });
}

/// [`sum_rows`], the panels shared out.
pub(crate) fn share_sum_rows(level: Level, s: &mut [Row], b: View<'_>) {
    let work = LANES * s.len() * b.rows();
    share(panels_in_pieces(s, 1, work), |(s, panels)| {
        sum_rows(level, s, b.panels(&panels));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use lstm_model::Workers;

    #[test]
    fn threads_get_sequences_of_their_own_where_these_are_many_for_the_weights() {
        let weights = |h: usize| 4 * h * h;
        assert_eq!(parts(weights(1), 128, 2), 2);
        assert_eq!(parts(weights(256), 128, 2), 2);
        assert_eq!(parts(weights(256), 4, 2), 1);
        assert_eq!(parts(weights(512), 32, 2), 2);
        assert_eq!(parts(weights(512), 32, 16), 2);
        assert_eq!(parts(weights(1024), 32, 2), 1);
        assert_eq!(parts(weights(1024), 1024, 2), 2);
    }

    #[test]
    fn every_other_turn_goes_back() {
        assert_eq!(there_and_back(4, 0..8), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(there_and_back(5, 0..8), [3, 2, 1, 0, 7, 6, 5, 4]);
    }

    #[test]
    fn little_work_and_work_without_helpers_is_one_piece() {
        assert_eq!(pieces(64, usize::MAX).len(), 1);
        let workers = Workers::new(3).unwrap();
        let counts = |work| workers.map(vec![()], |()| pieces(64, work).len());
        assert_eq!(counts(LITTLE), [1]);
        assert_eq!(counts(LITTLE + 1), [12]);
    }
}
