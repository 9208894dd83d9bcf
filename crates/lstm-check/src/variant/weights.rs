//! The weights and options of one direction of a layer.

use super::Activation;
use nalgebra::{DMatrix, DVector, RealField};

/// The weights of one block, i, f, g or o. Its two biases are added.
#[derive(Clone, Debug, PartialEq)]
pub struct Block<T> {
    /// W_xk, H×D
    pub w_x: DMatrix<T>,
    /// W_hk, H×R. R is the size of the layer's output: H, or less with a projection.
    pub w_h: DMatrix<T>,
    /// The input's bias, H.
    pub b_x: DVector<T>,
    /// The recurrent bias, H; zero in formats with one bias.
    pub b_h: DVector<T>,
}

/// All weights of one direction of a layer. A gradient of them has the same type.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights<T> {
    /// i, f, g, o
    pub blocks: [Block<T>; 4],
    /// p_i, p_f, p_o, H each: weights by which the gates see the cell. Gers & Schmidhuber (2000), DOI
    /// 10.1109/IJCNN.2000.861302.
    pub peepholes: Option<[DVector<T>; 3]>,
    /// W_p, R×H. Sak, Senior & Beaufays (2014), arXiv 1402.1128.
    pub projection: Option<DMatrix<T>>,
}

/// The options of one direction of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The activation of i, f and o.
    pub gate: Activation,
    /// The activation of g.
    pub candidate: Activation,
    /// The activation of c_t in E7.
    pub cell: Activation,
    /// If given, pre-activations are clipped to −clip … clip.
    pub clip: Option<f64>,
    /// Whether f = 1 − i.
    pub coupled: bool,
}

impl Options {
    /// The LSTM of E1–E7: σ, tanh and nothing else.
    pub const PLAIN: Self = Self {
        gate: Activation::Sigmoid,
        candidate: Activation::Tanh,
        cell: Activation::Tanh,
        clip: None,
        coupled: false,
    };
}

impl Default for Options {
    fn default() -> Self {
        Self::PLAIN
    }
}

impl<T: RealField + Copy> Weights<T> {
    /// The same shapes, all zero.
    pub fn zeros_like(&self) -> Self {
        let zero = |v: &DVector<T>| DVector::zeros(v.len());
        let zeros = |m: &DMatrix<T>| DMatrix::zeros(m.nrows(), m.ncols());
        Self {
            blocks: self.blocks.each_ref().map(|block| Block {
                w_x: zeros(&block.w_x),
                w_h: zeros(&block.w_h),
                b_x: zero(&block.b_x),
                b_h: zero(&block.b_h),
            }),
            peepholes: self.peepholes.as_ref().map(|p| p.each_ref().map(zero)),
            projection: self.projection.as_ref().map(zeros),
        }
    }

    /// D
    pub fn input_size(&self) -> usize {
        self.blocks[0].w_x.ncols()
    }

    /// H
    pub fn hidden_size(&self) -> usize {
        self.blocks[0].b_x.len()
    }

    /// R, the length of h_t.
    pub fn output_size(&self) -> usize {
        self.blocks[0].w_h.ncols()
    }
}
