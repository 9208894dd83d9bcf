//! Operations on all weights of a model, shared out among the threads of a team.

use crate::Processes;
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

/// Adds the gradients of a batch's parts to the first part's gradient, in the order of the parts, and
/// returns the norm ‖g‖₂ of the sum (E18). A work item is added up and squared while it is in the cache.
pub(crate) fn add_up<P: Parameters<Scalar = f32>>(parts: &mut [P], team: &dyn Team) -> f32 {
    let (sum, others) = parts.split_first_mut().expect("a batch has a part");
    let team = team_for(sum, team);
    let mut others: Vec<_> = others.iter().map(|part| chunks(part.slices())).collect();
    let sums = sum.slices_mut().into_iter();
    let sums: Vec<_> = sums
        .flat_map(|slice| slice.chunks_mut(ELEMENTS_PER_ITEM))
        .collect();
    let mut squares = vec![0.0; sums.len()];
    let items = sums.into_iter().zip(&mut squares).map(|(sum, square)| {
        let others: Vec<&[f32]> = others.iter_mut().flat_map(Iterator::next).collect();
        (sum, others, square)
    });
    share(team, items.collect(), |(sum, others, square)| {
        for other in others {
            sum.iter_mut().zip(other).for_each(|(to, from)| *to += from);
        }
        *square = sum_of_squares(sum);
    });
    squares.into_iter().sum::<f64>().sqrt() as f32
}

/// Adds up the gradients of all processes' parts in the order of the parts. The first of `parts` holds the
/// result afterwards; this process has computed the first `own` of them.
///
/// The sum travels in pieces: while one piece is at rank r, the next one is at rank r − 1.
pub(crate) fn add_up_in_order<P: Parameters<Scalar = f32>>(
    parts: &mut [P],
    own: usize,
    processes: &dyn Processes,
) {
    let (rank, last) = (processes.rank(), processes.count() - 1);
    let own: Vec<Vec<f32>> = parts[..own].iter().map(|p| p.slices().concat()).collect();
    // An engine may keep more numbers than there are parameters, to fill its registers.
    let len = parts[0].slices().iter().map(|slice| slice.len()).sum();
    let mut sum = vec![0.0; len];
    for (n, sum) in sum.chunks_mut(ELEMENTS_PER_ITEM).enumerate() {
        let start = n * ELEMENTS_PER_ITEM;
        let piece = start..start + sum.len();
        let mut own = own.iter().map(|part| &part[piece.clone()]);
        if rank > 0 {
            processes.receive(rank - 1, bytemuck::cast_slice_mut(sum));
        } else if let Some(first) = own.next() {
            sum.copy_from_slice(first);
        }
        for part in own {
            sum.iter_mut().zip(part).for_each(|(to, from)| *to += from);
        }
        if rank < last {
            processes.send(rank + 1, bytemuck::cast_slice(sum));
        }
    }
    broadcast(processes, last, parts[0].slices_mut(), sum);
}

/// Gives every process the numbers of the process `from`, which has them in `numbers`, for its `slices`.
pub(crate) fn broadcast(
    processes: &dyn Processes,
    from: usize,
    slices: Vec<&mut [f32]>,
    mut numbers: Vec<f32>,
) {
    for piece in numbers.chunks_mut(ELEMENTS_PER_ITEM) {
        processes.broadcast(from, bytemuck::cast_slice_mut(piece));
    }
    let mut rest = &numbers[..];
    for slice in slices {
        let (first, after) = rest.split_at(slice.len());
        slice.copy_from_slice(first);
        rest = after;
    }
}

/// The slices of weights as work items.
fn chunks(slices: Vec<&[f32]>) -> impl Iterator<Item = &[f32]> {
    let slices = slices.into_iter();
    slices.flat_map(|slice| slice.chunks(ELEMENTS_PER_ITEM))
}

/// Σ g². Sixteen sums side by side are computed by one vector instruction, and short sums keep the
/// small terms that one long sum in `f32` would lose.
fn sum_of_squares(g: &[f32]) -> f64 {
    let short = |part: &[f32]| {
        let (rows, rest) = part.as_chunks::<16>();
        let mut sums = [0.0_f32; 16];
        for row in rows {
            sums.iter_mut().zip(row).for_each(|(sum, g)| *sum += g * g);
        }
        sums.iter().sum::<f32>() + rest.iter().map(|g| g * g).sum::<f32>()
    };
    g.chunks(4096).map(|part| f64::from(short(part))).sum()
}

/// Multiplies a gradient of this norm by min(1, c / (‖g‖₂ + 1e−6)) (E18), with c = `max_norm`.
pub(crate) fn clip<P: Parameters<Scalar = f32>>(
    grad: &mut P,
    norm: f32,
    max_norm: f32,
    team: &dyn Team,
) {
    let scale = max_norm / (norm + 1e-6);
    if scale >= 1.0 {
        return;
    }
    let team = team_for(grad, team);
    let slices = grad.slices_mut().into_iter();
    let items = slices.flat_map(|slice| slice.chunks_mut(ELEMENTS_PER_ITEM));
    share(team, items.collect(), |item| {
        item.iter_mut().for_each(|g| *g *= scale);
    });
}

/// The team for an operation on all weights: the calling thread alone if there are few weights.
pub(crate) fn team_for<'a, P: Parameters>(params: &P, team: &'a dyn Team) -> &'a dyn Team {
    if params.parameter_count() < FEW {
        &Alone
    } else {
        team
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Workers;
    use lstm_bptt::clip_global_norm;
    use nalgebra::DMatrix;

    /// Gradients of several parts, in tensors that are no whole number of work items.
    fn parts(count: usize) -> Vec<Vec<DMatrix<f32>>> {
        let sizes = [1, 17, 4 * ELEMENTS_PER_ITEM + 5, ELEMENTS_PER_ITEM];
        let part = |p: usize| {
            let tensor = |n| DMatrix::from_fn(n, 1, |r, _| ((r * 7 + n + p) as f32).sin());
            sizes.map(tensor).into()
        };
        (0..count).map(part).collect()
    }

    #[test]
    fn parts_are_added_in_order_and_clipped_as_e18_says() {
        for count in 1..4 {
            let mut expected = parts(count).remove(0);
            parts(count)[1..].iter().for_each(|part| expected.add(part));
            let mut alone = parts(count);
            let norm = add_up(&mut alone, &Alone);
            assert_eq!(alone[0], expected);
            let mut shared = parts(count);
            let workers = Workers::new(3).unwrap();
            assert_eq!(add_up(&mut shared, &workers.team()), norm);
            assert_eq!(shared[0], expected);
            let as_e18 = clip_global_norm(&mut expected.slices_mut(), 5.0);
            // Measured: 3e−7.
            assert!((norm - as_e18).abs() < 3e-6 * norm, "{norm} {as_e18}");
            clip(&mut shared[0], norm, 5.0, &workers.team());
            for (found, expected) in shared[0].iter().zip(&expected) {
                assert!((found - expected).amax() < 3e-6 * expected.amax());
            }
        }
    }

    #[test]
    fn a_small_number_is_added_to_the_norm_as_e18_says() {
        let mut grad = vec![DMatrix::from_element(1, 1, 1e-6_f32)];
        clip(&mut grad, 1e-6, 1e-6, &Alone);
        // min(1, 1e−6 / (1e−6 + 1e−6)) = 1/2
        assert_eq!(grad[0][0], 5e-7);
    }

    #[test]
    fn a_gradient_within_the_bound_is_left_to_the_bit() {
        let before = parts(1);
        let mut after = before.clone();
        let norm = add_up(&mut after, &Alone);
        clip(&mut after[0], norm, norm + 1.0, &Alone);
        assert_eq!(after, before);
    }
}
