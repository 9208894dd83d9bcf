//! Which of the known mistakes the plain LSTM can make: those that concern one layer of PyTorch's.
//!
//! The list itself is that of lstm-check. A mistake that is added there is demanded here too, unless it
//! is named below.

use lstm_check::Mistake::{self, *};

fn concerns_one_plain_layer(mistake: &Mistake) -> bool {
    !matches!(
        mistake,
        BiasTwice(_)
            | ForgetBiasAdded
            | InitialStatesSwapped
            | OtherHardSigmoid
            | PeepholesDropped
            | OutputPeepholeReadsOldCell
            | PeepholeOrder
            | PeepholeGradientDropped
            | ClipIgnored
            | ClipOnCell
            | CouplingIgnored
            | ReverseNotReversed
            | PaddingNotFrozen
            | DirectionsSwapped
            | StateResetAtWindow
            | TruncationIgnored
    )
}

/// Mistakes in the forward pass other than the 23 wrong orders.
pub fn forward_mistakes() -> Vec<Mistake> {
    let others = Mistake::forward().into_iter();
    let others = others.filter(|mistake| !matches!(mistake, BlockOrder(_)));
    others.filter(concerns_one_plain_layer).collect()
}

/// Mistakes in the backward pass, after a correct forward pass.
pub fn backward_mistakes() -> Vec<Mistake> {
    let all = Mistake::backward().into_iter();
    all.filter(concerns_one_plain_layer).collect()
}
