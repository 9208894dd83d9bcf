//! The ways to get an LSTM wrong.

use crate::variant::{Activation, Case};
use nalgebra::RealField;

/// One mistake. A block is named by its place in i f g o.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mistake {
    /// The blocks lie in another order than is thought: block k is read at `order[k]` (E1).
    BlockOrder([usize; 4]),
    /// W_h read column by column (E1).
    RecurrentTransposed,
    /// W_h h_{t−1} left out (E1).
    RecurrentDropped,
    /// One of two biases left out: 0 for the input's, 1 for the recurrent one (E1).
    BiasDropped(usize),
    /// One of two biases added twice (E1).
    BiasTwice(usize),
    /// 1 added to the forget gate's bias at run time, as TensorFlow's BasicLSTMCell does (E1).
    ForgetBiasAdded,
    /// σ for g (E5).
    CandidateSigmoid,
    /// f = 1, the LSTM of 1997 (E3).
    ForgetFixedAtOne,
    /// c_t = i_t ⊙ c_{t−1} + f_t ⊙ g_t (E6).
    InputAndForgetSwapped,
    /// h_t = o_t ⊙ c_t (E7).
    CellTanhDropped,
    /// h_0 = 0 whatever was carried in (E8).
    InitialHIgnored,
    /// c_0 = 0 whatever was carried in (E8).
    InitialCIgnored,
    /// h_0 and c_0 exchanged (E8).
    InitialStatesSwapped,
    /// The slope of Keras' hard sigmoid before version 3, 0.2, for 1/6, or the reverse.
    OtherHardSigmoid,

    /// Peepholes left out.
    PeepholesDropped,
    /// The peephole of o reads c_{t−1}.
    OutputPeepholeReadsOldCell,
    /// Peepholes read in the order i f o, where they lie i o f.
    PeepholeOrder,
    /// No clipping.
    ClipIgnored,
    /// c_t clipped in place of the pre-activations.
    ClipOnCell,
    /// f from weights of its own where it should be 1 − i.
    CouplingIgnored,

    /// The outputs of the backward direction left in the order in which it reads.
    ReverseNotReversed,
    /// Padding is read as if it were real.
    PaddingNotFrozen,
    /// The two directions exchanged.
    DirectionsSwapped,
    /// The state begins anew with every window of truncation.
    StateResetAtWindow,

    /// The sum in E9 dropped.
    RecurrentGradientDropped,
    /// W_h da in place of W_hᵀ da (E9).
    RecurrentGradientTransposed,
    /// The gradient on h_T ignored (E9).
    LastHIgnored,
    /// The second term of E11 dropped: no error carousel.
    CarouselDropped,
    /// dc_{t+1} in place of dc_{t+1} ⊙ f_{t+1} (E11).
    CarouselWithoutForget,
    /// 1 − tanh² c_t left out (E11).
    CellSlopeMissing,
    /// The gradient on c_T ignored (E11).
    LastCIgnored,
    /// σ′ or tanh′ of a block left out (E10, E12–E14).
    SlopeMissing(usize),
    /// c_t in place of c_{t−1} (E13).
    ForgetReadsNewCell,
    /// h_t in place of h_{t−1} in dW_h (E16).
    WeightReadsNewH,
    /// db of the first block taken from da of the second (E16).
    BiasGradientFrom(usize, usize),
    /// The share of step T alone in dW_x (E16).
    LastStepOnlyX,
    /// The share of step T alone in dW_h (E16).
    LastStepOnlyH,
    /// The share of step T alone in db (E16).
    LastStepOnlyB,
    /// The peepholes' share in the gradient of c left out.
    PeepholeGradientDropped,
    /// Gradients cross the edges of windows.
    TruncationIgnored,
}

use Mistake::*;

const BLOCKS: [&str; 4] = ["i", "f", "g", "o"];

impl Mistake {
    /// Every mistake there is, those of the way forward first.
    pub fn all() -> Vec<Self> {
        let mut all = Self::forward();
        all.extend(Self::backward());
        all
    }

    /// Mistakes of the way forward.
    pub fn forward() -> Vec<Self> {
        let orders = (0..256).map(|n| [n / 64, n / 16 % 4, n / 4 % 4, n % 4]);
        let wrong =
            orders.filter(|order| (0..4).all(|k| order.contains(&k)) && *order != [0, 1, 2, 3]);
        let mut all: Vec<Self> = wrong.map(BlockOrder).collect();
        all.extend([
            RecurrentTransposed,
            RecurrentDropped,
            BiasDropped(0),
            BiasDropped(1),
            BiasTwice(0),
            BiasTwice(1),
            ForgetBiasAdded,
            CandidateSigmoid,
            ForgetFixedAtOne,
            InputAndForgetSwapped,
            CellTanhDropped,
            InitialHIgnored,
            InitialCIgnored,
            InitialStatesSwapped,
            OtherHardSigmoid,
            PeepholesDropped,
            OutputPeepholeReadsOldCell,
            PeepholeOrder,
            ClipIgnored,
            ClipOnCell,
            CouplingIgnored,
            ReverseNotReversed,
            PaddingNotFrozen,
            DirectionsSwapped,
            StateResetAtWindow,
        ]);
        all
    }

    /// Mistakes of the way back, after a right way forward.
    pub fn backward() -> Vec<Self> {
        let pairs = (0..16).map(|n| (n / 4, n % 4));
        let mut all = vec![
            CarouselDropped,
            CarouselWithoutForget,
            RecurrentGradientDropped,
            RecurrentGradientTransposed,
            LastHIgnored,
            LastCIgnored,
            CellSlopeMissing,
            ForgetReadsNewCell,
            WeightReadsNewH,
            LastStepOnlyX,
            LastStepOnlyH,
            LastStepOnlyB,
            PeepholeGradientDropped,
            TruncationIgnored,
        ];
        all.extend((0..4).map(SlopeMissing));
        all.extend(
            pairs
                .filter(|(of, from)| of != from)
                .map(|(of, from)| BiasGradientFrom(of, from)),
        );
        all
    }
}

impl Mistake {
    /// Whether a case has what the mistake is about: peepholes, padding, a second step …
    pub fn applies_to<T: RealField + Copy>(self, case: &Case<T>) -> bool {
        let first = &case.layers[0][0];
        let (weights, options) = (&first.weights, first.options);
        let is_square = weights.hidden_size() == weights.output_size();
        let longest = case.lengths.iter().copied().max().unwrap_or(0);
        match self {
            RecurrentTransposed | RecurrentGradientTransposed | InitialStatesSwapped => is_square,
            BiasDropped(1) | BiasTwice(1) => weights
                .blocks
                .iter()
                .any(|block| block.b_h.iter().any(|b| *b != T::zero())),
            OtherHardSigmoid => matches!(options.gate, Activation::HardSigmoid(..)),
            PeepholesDropped
            | OutputPeepholeReadsOldCell
            | PeepholeOrder
            | PeepholeGradientDropped => weights.peepholes.is_some(),
            ClipIgnored | ClipOnCell => options.clip.is_some(),
            CouplingIgnored => options.coupled,
            SlopeMissing(1) | BiasGradientFrom(1, _) | ForgetBiasAdded => !options.coupled,
            ReverseNotReversed => case.directions().any(|direction| direction.reverse),
            DirectionsSwapped => case.layers.iter().any(|layer| layer.len() > 1),
            PaddingNotFrozen => case.lengths.iter().zip(&case.x).any(|(&n, x)| n < x.len()),
            StateResetAtWindow | TruncationIgnored => {
                case.window.is_some_and(|window| window < longest)
            }
            RecurrentGradientDropped
            | CarouselDropped
            | LastStepOnlyX
            | LastStepOnlyH
            | LastStepOnlyB => longest > 1,
            _ => true,
        }
    }

    /// Whether the way forward is right and the way back wrong.
    pub fn is_backward(self) -> bool {
        Self::backward().contains(&self)
    }
}

/// What is done wrong, to follow "if".
impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = |n: usize| ["input", "recurrent"][n];
        match *self {
            BlockOrder(order) => {
                // Block k stands at order[k]: what stands where, from first to last.
                let at = |place| order.iter().position(|&p| p == place).unwrap_or(place);
                let names: Vec<_> = (0..4).map(|place| BLOCKS[at(place)]).collect();
                write!(f, "the blocks are read as {}", names.join(", "))
            }
            RecurrentTransposed => f.write_str("W_h is transposed"),
            RecurrentDropped => f.write_str("W_h h_{t−1} is left out"),
            BiasDropped(n) => write!(f, "the {} bias is left out", side(n)),
            BiasTwice(n) => write!(f, "the {} bias is added twice", side(n)),
            ForgetBiasAdded => f.write_str("1 is added to the forget gate's bias"),
            CandidateSigmoid => f.write_str("the candidate g uses σ in place of tanh"),
            ForgetFixedAtOne => f.write_str("the forget gate is fixed at 1"),
            InputAndForgetSwapped => f.write_str("i and f are exchanged in E6"),
            CellTanhDropped => f.write_str("tanh is left out of h_t = o_t ⊙ tanh(c_t) (E7)"),
            InitialHIgnored => f.write_str("h_0 is ignored"),
            InitialCIgnored => f.write_str("c_0 is ignored"),
            InitialStatesSwapped => f.write_str("h_0 and c_0 are exchanged"),
            OtherHardSigmoid => {
                f.write_str("the hard sigmoid has the other slope (1/6 for 0.2, or 0.2 for 1/6)")
            }
            PeepholesDropped => f.write_str("the peepholes are left out"),
            OutputPeepholeReadsOldCell => {
                f.write_str("the output gate's peephole reads c_{t−1} in place of c_t")
            }
            PeepholeOrder => f.write_str("the peepholes are read as i, f, o"),
            ClipIgnored => f.write_str("nothing is clipped"),
            ClipOnCell => f.write_str("c_t is clipped in place of the pre-activations"),
            CouplingIgnored => f.write_str("f has weights of its own in place of 1 − i"),
            ReverseNotReversed => {
                f.write_str("the backward direction's outputs are left in its own order")
            }
            PaddingNotFrozen => f.write_str("padding is read as if it were real"),
            DirectionsSwapped => f.write_str("the two directions are exchanged"),
            StateResetAtWindow => f.write_str("the state begins anew with every window"),
            TruncationIgnored => f.write_str("gradients cross the edges of windows"),
            RecurrentGradientDropped => f.write_str("the sum of E9 is dropped"),
            RecurrentGradientTransposed => f.write_str("E9 uses W_h in place of its transpose"),
            LastHIgnored => f.write_str("the gradient on h_T is ignored"),
            CarouselDropped => f.write_str("the carousel term of E11 is dropped"),
            CarouselWithoutForget => f.write_str("the carousel term of E11 lacks f_{t+1}"),
            CellSlopeMissing => f.write_str("1 − tanh² c_t is left out of E11"),
            LastCIgnored => f.write_str("the gradient on c_T is ignored"),
            SlopeMissing(k) => write!(f, "the slope of block {} is left out", BLOCKS[k]),
            ForgetReadsNewCell => f.write_str("E13 reads c_t in place of c_{t−1}"),
            WeightReadsNewH => f.write_str("dW_h reads h_t in place of h_{t−1} (E16)"),
            BiasGradientFrom(of, from) => {
                let (of, from) = (BLOCKS[of], BLOCKS[from]);
                write!(f, "db_{of} is taken from da^{from}")
            }
            LastStepOnlyX => f.write_str("dW_x has the share of the last step alone"),
            LastStepOnlyH => f.write_str("dW_h has the share of the last step alone"),
            LastStepOnlyB => f.write_str("db has the share of the last step alone"),
            PeepholeGradientDropped => {
                f.write_str("the peepholes' share in the gradient of c is left out")
            }
        }
    }
}
