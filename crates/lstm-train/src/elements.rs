//! All weights at once, shared out among the threads of a team.

use lstm_model::{Alone, Parameters, Team, share};
use nalgebra::zero;

/// Elements per work item.
pub(crate) const ELEMENTS_PER_ITEM: usize = 1 << 16;

/// With fewer weights than this, one thread changes them all sooner than another thread wakes up.
const FEW: usize = 1 << 18;

/// Sets every weight to zero.
pub(crate) fn set_zero<P: Parameters>(params: &mut P, team: &dyn Team) {
    let team = team_for(params, team);
    let slices = params.slices_mut().into_iter();
    let items = slices.flat_map(|slice| slice.chunks_mut(ELEMENTS_PER_ITEM));
    share(team, items.collect(), |item| item.fill(zero()));
}

/// The team for a change of all weights: one thread alone if there are few.
pub(crate) fn team_for<'a, P: Parameters>(params: &P, team: &'a dyn Team) -> &'a dyn Team {
    if params.parameter_count() < FEW {
        &Alone
    } else {
        team
    }
}
