//! Each mistake in words.

use super::Mistake::{self, *};
use std::fmt::{Display, Formatter, Result};

const BLOCKS: [&str; 4] = ["i", "f", "g", "o"];
const BIASES: [&str; 2] = ["input", "recurrent"];

/// What is done wrong, as the continuation of "if".
impl Display for Mistake {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&text(*self))
    }
}

fn text(mistake: Mistake) -> String {
    let fixed = match mistake {
        BlockOrder(order) => return format!("the blocks are read as {}", names(order)),
        BiasDropped(n) => return format!("the {} bias is left out", BIASES[n]),
        BiasTwice(n) => return format!("the {} bias is added twice", BIASES[n]),
        SlopeMissing(k) => return format!("the slope of block {} is left out", BLOCKS[k]),
        BiasGradientFrom(of, from) => {
            return format!("db_{} is computed from da^{}", BLOCKS[of], BLOCKS[from]);
        }
        RecurrentTransposed => "W_h is transposed",
        RecurrentDropped => "W_h h_{t−1} is left out",
        ForgetBiasAdded => "1 is added to the forget gate's bias",
        CandidateSigmoid => "the candidate g has σ instead of tanh",
        ForgetFixedAtOne => "the forget gate is fixed at 1",
        InputAndForgetSwapped => "i and f are exchanged in E6",
        CellTanhDropped => "tanh is left out of h_t = o_t ⊙ tanh(c_t) (E7)",
        InitialHIgnored => "h_0 is ignored",
        InitialCIgnored => "c_0 is ignored",
        InitialStatesSwapped => "h_0 and c_0 are exchanged",
        OtherHardSigmoid => {
            "the hard sigmoid has the other slope (1/6 instead of 0.2, or 0.2 instead of 1/6)"
        }
        PeepholesDropped => "the peepholes are left out",
        OutputPeepholeReadsOldCell => "the output gate's peephole reads c_{t−1} instead of c_t",
        PeepholeOrder => "the peepholes are read as i, f, o",
        ClipIgnored => "nothing is clipped",
        ClipOnCell => "c_t is clipped instead of the pre-activations",
        CouplingIgnored => "f is computed from its own weights instead of 1 − i",
        ReverseNotReversed => "the outputs of the reverse direction stay in its order of reading",
        PaddingNotFrozen => "padding is read like real steps",
        DirectionsSwapped => "the two directions are exchanged",
        StateResetAtWindow => "the state is reset at every window",
        TruncationIgnored => "gradients flow across the boundaries of windows",
        RecurrentGradientDropped => "the sum of E9 is dropped",
        RecurrentGradientTransposed => "E9 has W_h instead of its transpose",
        LastHIgnored => "the gradient on h_T is ignored",
        CarouselDropped => "the carousel term of E11 is dropped",
        CarouselWithoutForget => "the carousel term of E11 lacks f_{t+1}",
        CellSlopeMissing => "1 − tanh² c_t is left out of E11",
        LastCIgnored => "the gradient on c_T is ignored",
        ForgetReadsNewCell => "E13 reads c_t instead of c_{t−1}",
        WeightReadsNewH => "dW_h reads h_t instead of h_{t−1} (E16)",
        LastStepOnlyX => "dW_x counts the last step only",
        LastStepOnlyH => "dW_h counts the last step only",
        LastStepOnlyB => "db counts the last step only",
        PeepholeGradientDropped => "the peephole terms in the gradient of c are left out",
    };
    fixed.to_owned()
}

/// The blocks from the first place to the last, where block k is at `order[k]`.
fn names(order: [usize; 4]) -> String {
    let at = |place| order.iter().position(|&p| p == place).unwrap_or(place);
    [0, 1, 2, 3].map(|place| BLOCKS[at(place)]).join(", ")
}
