//! The ways to get an LSTM wrong.

/// One mistake. A block is named by its place in i f g o.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mistake {
    /// The blocks lie in another order than is thought: block k is read at `order[k]` (E1).
    BlockOrder([usize; 4]),
    /// W_h read column by column (E1).
    RecurrentTransposed,
    /// W_h h_{t−1} left out (E1).
    RecurrentDropped,
    /// One of PyTorch's two biases left out (E1).
    BiasDropped(usize),
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

    /// The sum in E9 dropped.
    RecurrentGradientDropped,
    /// W_h da in place of W_hᵀ da (E9).
    RecurrentGradientTransposed,
    /// The gradient on h_T ignored (E9).
    LastHIgnored,
    /// The second term of E11 dropped.
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
}

use Mistake::*;

/// The 23 wrong orders of four blocks.
pub fn wrong_orders() -> Vec<Mistake> {
    let all = (0..256).map(|n| [n / 64, n / 16 % 4, n / 4 % 4, n % 4]);
    all.filter(|order| (0..4).all(|k| order.contains(&k)) && *order != [0, 1, 2, 3])
        .map(BlockOrder)
        .collect()
}

/// Mistakes on the way forward, the orders apart.
pub fn forward_mistakes() -> Vec<Mistake> {
    vec![
        RecurrentTransposed,
        RecurrentDropped,
        BiasDropped(0),
        BiasDropped(1),
        CandidateSigmoid,
        ForgetFixedAtOne,
        InputAndForgetSwapped,
        CellTanhDropped,
        InitialHIgnored,
        InitialCIgnored,
    ]
}

/// Mistakes on the way back, after a right forward pass.
pub fn backward_mistakes() -> Vec<Mistake> {
    let pairs = (0..16)
        .map(|n| (n / 4, n % 4))
        .filter(|(of, from)| of != from);
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
    ];
    all.extend((0..4).map(SlopeMissing));
    all.extend(pairs.map(|(of, from)| BiasGradientFrom(of, from)));
    all
}
