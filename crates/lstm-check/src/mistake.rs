//! The list of known mistakes: ways to get an LSTM wrong.
//!
//! It is the only such list of this project. The tests in `tests/tests/spec` use it too: their LSTM in
//! plain loops can make those mistakes that concern one layer of PyTorch's.

mod applies;
mod text;

/// One mistake. A block is named by its index in i f g o.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mistake {
    /// The blocks are read in another order than they are stored: block k is read from `order[k]` (E1).
    BlockOrder([usize; 4]),
    /// W_h is transposed (E1).
    RecurrentTransposed,
    /// W_h h_{t−1} is left out (E1).
    RecurrentDropped,
    /// One of two biases is left out: 0 for the input's, 1 for the recurrent one (E1).
    BiasDropped(usize),
    /// One of two biases is added twice (E1).
    BiasTwice(usize),
    /// 1 is added to the forget gate's bias at run time, as TensorFlow's BasicLSTMCell does (E1).
    ForgetBiasAdded,
    /// g has σ instead of tanh (E5).
    CandidateSigmoid,
    /// f = 1, as in the LSTM of 1997 (E3).
    ForgetFixedAtOne,
    /// c_t = i_t ⊙ c_{t−1} + f_t ⊙ g_t (E6).
    InputAndForgetSwapped,
    /// h_t = o_t ⊙ c_t (E7).
    CellTanhDropped,
    /// h_0 is zero instead of the state that was carried in (E8).
    InitialHIgnored,
    /// c_0 is zero instead of the state that was carried in (E8).
    InitialCIgnored,
    /// h_0 and c_0 are exchanged (E8).
    InitialStatesSwapped,
    /// Keras' hard sigmoid has the slope 0.2 of before version 3 instead of 1/6, or the reverse.
    OtherHardSigmoid,

    /// The peepholes are left out.
    PeepholesDropped,
    /// The peephole of o reads c_{t−1} instead of c_t.
    OutputPeepholeReadsOldCell,
    /// The peepholes are stored as i o f and read as i f o.
    PeepholeOrder,
    /// Nothing is clipped.
    ClipIgnored,
    /// c_t is clipped instead of the pre-activations.
    ClipOnCell,
    /// f is computed from its own weights instead of 1 − i.
    CouplingIgnored,

    /// The outputs of the reverse direction stay in its order of reading.
    ReverseNotReversed,
    /// Padding is read like real steps.
    PaddingNotFrozen,
    /// The two directions are exchanged.
    DirectionsSwapped,
    /// The state is reset at every window of truncated back-propagation.
    StateResetAtWindow,

    /// The sum in E9 is dropped.
    RecurrentGradientDropped,
    /// W_h da instead of W_hᵀ da (E9).
    RecurrentGradientTransposed,
    /// The gradient on h_T is ignored (E9).
    LastHIgnored,
    /// The second term of E11 is dropped: no error carousel.
    CarouselDropped,
    /// dc_{t+1} instead of dc_{t+1} ⊙ f_{t+1} (E11).
    CarouselWithoutForget,
    /// 1 − tanh² c_t is left out (E11).
    CellSlopeMissing,
    /// The gradient on c_T is ignored (E11).
    LastCIgnored,
    /// σ′ or tanh′ of a block is left out (E10, E12–E14).
    SlopeMissing(usize),
    /// c_t instead of c_{t−1} (E13).
    ForgetReadsNewCell,
    /// h_t instead of h_{t−1} in dW_h (E16).
    WeightReadsNewH,
    /// db of the first block is computed from da of the second (E16).
    BiasGradientFrom(usize, usize),
    /// dW_x counts step T only (E16).
    LastStepOnlyX,
    /// dW_h counts step T only (E16).
    LastStepOnlyH,
    /// db counts step T only (E16).
    LastStepOnlyB,
    /// The peephole terms in the gradient of c are left out.
    PeepholeGradientDropped,
    /// Gradients flow across the boundaries of windows.
    TruncationIgnored,
}

use Mistake::*;

impl Mistake {
    /// All 78 mistakes, those in the forward pass first.
    pub fn all() -> Vec<Self> {
        let mut all = Self::forward();
        all.extend(Self::backward());
        all
    }

    /// The 23 wrong orders of the four blocks.
    pub fn wrong_orders() -> Vec<Self> {
        let all = (0..256).map(|n| [n / 64, n / 16 % 4, n / 4 % 4, n % 4]);
        let orders = all.filter(|order| (0..4).all(|k| order.contains(&k)));
        orders
            .filter(|order| *order != [0, 1, 2, 3])
            .map(BlockOrder)
            .collect()
    }

    /// Mistakes in the forward pass: the wrong orders, then the others.
    pub fn forward() -> Vec<Self> {
        let mut all = Self::wrong_orders();
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

    /// Mistakes in the backward pass, after a correct forward pass.
    pub fn backward() -> Vec<Self> {
        let pairs = (0..16).map(|n| (n / 4, n % 4));
        let pairs = pairs.filter(|(of, from)| of != from);
        let mut all = vec![
            RecurrentGradientDropped,
            RecurrentGradientTransposed,
            LastHIgnored,
            CarouselDropped,
            CarouselWithoutForget,
            CellSlopeMissing,
            LastCIgnored,
            ForgetReadsNewCell,
            WeightReadsNewH,
            LastStepOnlyX,
            LastStepOnlyH,
            LastStepOnlyB,
            PeepholeGradientDropped,
            TruncationIgnored,
        ];
        all.extend((0..4).map(SlopeMissing));
        all.extend(pairs.map(|(of, from)| BiasGradientFrom(of, from)));
        all
    }

    /// Whether the forward pass is correct and the backward pass is not.
    pub fn is_backward(self) -> bool {
        Self::backward().contains(&self)
    }
}
