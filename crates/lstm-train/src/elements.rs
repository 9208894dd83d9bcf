//! Operations on all weights of a model, shared out among the threads of a team.

use lstm_model::{Alone, Parameters, Team, share};
use nalgebra::zero;

/// Elements per work item.
pub(crate) const ELEMENTS_PER_ITEM: usize = 1 << 16;

/// With fewer weights than this, one thread alone is faster than several, because waking a thread takes
/// time.
const FEW: usize = 1 << 18;

/// Sets every weight to zero.
pub(crate) fn set_zero<P: Parameters>(params: &mut P, team: &dyn Team) {
    let team = team_for(params, team);
    let slices = params.slices_mut().into_iter();
    let items = slices.flat_map(|slice| slice.chunks_mut(ELEMENTS_PER_ITEM));
    share(team, items.collect(), |item| item.fill(zero()));
}

/// The team for an operation on all weights: the calling thread alone if there are few weights.
pub(crate) fn team_for<'a, P: Parameters>(params: &P, team: &'a dyn Team) -> &'a dyn Team {
    if params.parameter_count() < FEW {
        &Alone
    } else {
        team
    }
}
