//! Which mistakes a computation can show.

use super::Mistake::{self, *};
use crate::variant::{Activation, Computation};
use nalgebra::RealField;

impl Mistake {
    /// Whether a computation has what the mistake is about: peepholes, padding, a second step …
    pub fn applies_to<T: RealField + Copy>(self, computation: &Computation<T>) -> bool {
        let first = &computation.layers[0][0];
        let (weights, options) = (&first.weights, first.options);
        let is_square = weights.hidden_size() == weights.output_size();
        let longest = computation.steps.iter().map(Vec::len).max().unwrap_or(0);
        match self {
            RecurrentTransposed | RecurrentGradientTransposed | InitialStatesSwapped => is_square,
            BiasDropped(1) | BiasTwice(1) => {
                let mut biases = weights.blocks.iter().flat_map(|block| block.b_h.iter());
                biases.any(|b| *b != T::zero())
            }
            OtherHardSigmoid => matches!(options.gate, Activation::HardSigmoid(..)),
            PeepholesDropped
            | OutputPeepholeReadsOldCell
            | PeepholeOrder
            | PeepholeGradientDropped => weights.peepholes.is_some(),
            ClipIgnored | ClipOnCell => options.clip.is_some(),
            CouplingIgnored => options.coupled,
            SlopeMissing(1) | BiasGradientFrom(1, _) | ForgetBiasAdded => !options.coupled,
            ReverseNotReversed => computation.directions().any(|direction| direction.reverse),
            DirectionsSwapped => computation.layers.iter().any(|layer| layer.len() > 1),
            PaddingNotFrozen => {
                let mut sequences = computation.steps.iter().zip(&computation.x);
                sequences.any(|(steps, x)| steps.len() < x.len())
            }
            StateResetAtWindow | TruncationIgnored => {
                computation.window.is_some_and(|window| window < longest)
            }
            RecurrentGradientDropped
            | CarouselDropped
            | LastStepOnlyX
            | LastStepOnlyH
            | LastStepOnlyB => longest > 1,
            _ => true,
        }
    }
}
