//! Work items: the work of a call, cut for the threads of its team.
//!
//! If a thread has only a few sequences and the weights are in no cache, loading the weights takes longer
//! than multiplying them. Then the units, not the sequences, are shared out among the threads, and each
//! thread loads only the weights of its own units.

use crate::lanes::{LANES, Row};
use crate::level::Level;
use crate::outer::outer_add;
use crate::panels::{Panels, View, split};
use crate::product::{multiply_add, sum_rows};
use lstm_model::{Team, even_parts, share};
use std::ops::Range;

/// The instructions and the threads of a computation.
#[derive(Clone, Copy)]
pub(crate) struct Machine<'a> {
    pub level: Level,
    pub team: &'a dyn Team,
}

/// With at least one sequence for each 65,536 weights (256 KB), a thread can load all weights of a layer
/// at every step in less time than it computes.
const WEIGHTS_FOR_A_SEQUENCE: usize = 65_536;

/// A thread never needs more sequences than this, however many the weights: each weight, four bytes, then
/// serves 32 operations, and these take longer than loading it from memory.
const ENOUGH_SEQUENCES: usize = 16;

// ANCHOR: parts
/// The number of threads that get sequences of their own, if a step loads `weights` weights. The other
/// threads join their teams.
pub(crate) fn parts(weights: usize, batch_size: usize, threads: usize) -> usize {
    let sequences = weights
        .div_ceil(WEIGHTS_FOR_A_SEQUENCE)
        .min(ENOUGH_SEQUENCES);
    (batch_size / sequences).clamp(1, threads)
}
// ANCHOR_END: parts

/// The number of work items for each thread. If a thread is delayed, others take over some of its items.
const ITEMS_PER_THREAD: usize = 4;

/// A thread executes this number of multiply-adds, in about ten microseconds, in less time than it takes
/// to give them to another thread.
const LITTLE: usize = 1 << 19;

/// The number of multiply-adds that take as long as moving a number.
pub(crate) const MOVED: usize = 8;

/// Cuts `groups` of panels into work items: several for each thread of the team, or a single one if
/// `work` is small or the team is one thread.
pub(crate) fn work_items(team: &dyn Team, groups: usize, work: usize) -> Vec<Range<usize>> {
    let threads = team.threads();
    let count = if threads > 1 && work > LITTLE {
        ITEMS_PER_THREAD * threads
    } else {
        1
    };
    even_parts(groups, count)
}

// ANCHOR: there_and_back
/// The order of work items in repetition number `turn` of the same work. A thread gets
/// [`ITEMS_PER_THREAD`] neighbouring items. Their order alternates between forward and backward, so that
/// a repetition begins with the weights that are still in the caches.
pub(crate) fn there_and_back<P>(turn: usize, items: impl IntoIterator<Item = P>) -> Vec<P> {
    let mut items: Vec<_> = items.into_iter().collect();
    if turn % 2 == 1 {
        items.chunks_mut(ITEMS_PER_THREAD).for_each(<[P]>::reverse);
    }
    items
}
// ANCHOR_END: there_and_back

/// The panels of a result, of `rows` rows each, as work items with the numbers of their panels.
pub(crate) fn panel_items<'a>(
    team: &dyn Team,
    result: &'a mut [Row],
    rows: usize,
    work: usize,
) -> Vec<(&'a mut [Row], Range<usize>)> {
    let panels = result.len().checked_div(rows).unwrap_or(0);
    let items = work_items(team, panels, work);
    let parts = split(result, &items, rows).into_iter();
    parts.zip(items).collect()
}

/// [`multiply_add`] with the panels of the result shared out, in repetition number `turn`.
pub(crate) fn share_multiply_add(
    Machine { level, team }: Machine<'_>,
    turn: usize,
    c: &mut [Row],
    a: View<'_>,
    w: View<'_>,
) {
    let work = LANES * c.len() * w.rows();
    let items = there_and_back(turn, panel_items(team, c, a.rows(), work));
    share(team, items, |(c, panels)| {
        multiply_add(level, c, a, w.panels(&panels));
    });
}

/// [`outer_add`] with the panels of the result shared out.
pub(crate) fn share_outer_add(
    Machine { level, team }: Machine<'_>,
    g: &mut Panels,
    a: View<'_>,
    b: View<'_>,
) {
    let (inputs, work) = (g.rows(), LANES * g.data().len() * a.rows());
    let items = panel_items(team, g.data_mut(), inputs, work);
    share(team, items, |(g, panels)| {
        outer_add(level, g, a, b.panels(&panels));
    });
}

/// [`sum_rows`] with the panels shared out.
pub(crate) fn share_sum_rows(Machine { level, team }: Machine<'_>, s: &mut [Row], b: View<'_>) {
    let work = LANES * s.len() * b.rows();
    share(team, panel_items(team, s, 1, work), |(s, panels)| {
        sum_rows(level, s, b.panels(&panels));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use lstm_model::Alone;

    #[test]
    fn threads_get_sequences_of_their_own_where_these_are_many_for_the_weights() {
        let weights = |h: usize| 4 * h * h;
        assert_eq!(parts(weights(1), 128, 2), 2);
        assert_eq!(parts(weights(256), 128, 2), 2);
        assert_eq!(parts(weights(256), 4, 2), 1);
        assert_eq!(parts(weights(512), 32, 2), 2);
        assert_eq!(parts(weights(512), 32, 16), 2);
        assert_eq!(parts(weights(1024), 31, 2), 1);
        assert_eq!(parts(weights(1024), 32, 2), 2);
    }

    #[test]
    fn every_other_turn_goes_back() {
        assert_eq!(there_and_back(4, 0..8), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(there_and_back(5, 0..8), [3, 2, 1, 0, 7, 6, 5, 4]);
    }

    /// A team of three threads, which get no work in these tests.
    struct Three;

    impl Team for Three {
        fn threads(&self) -> usize {
            3
        }

        fn run(&self, _items: usize, _work: &(dyn Fn(usize) + Sync)) {
            unreachable!("work is only cut into items here")
        }
    }

    #[test]
    fn little_work_and_work_for_one_thread_is_one_item() {
        assert_eq!(work_items(&Alone, 64, usize::MAX).len(), 1);
        assert_eq!(work_items(&Three, 64, LITTLE).len(), 1);
        assert_eq!(work_items(&Three, 64, LITTLE + 1).len(), 12);
    }
}
