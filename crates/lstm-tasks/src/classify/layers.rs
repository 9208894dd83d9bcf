//! Layers that read in one direction or in both.

use super::ClassifierConfig;
use lstm_gates::{Init, LstmParams};
use lstm_model::{
    BidirectionalPass, BidirectionalStack, BidirectionalTape, Canonical, Dropout, Input, Layer,
    LayerDropout, ModelError, Parameters, Span, Stack, StackDropout, StackPass, StackTape, Team,
    Tensors, look_up, table_gradient,
};
use nalgebra::DMatrix;
use rand::Rng;
use std::borrow::Cow;

/// The layers of a classifier.
#[derive(Clone, Debug, PartialEq)]
pub enum Layers<R> {
    /// Every layer reads from the first step to the last (E26).
    OneWay(Stack<R>),
    /// Every layer reads in both directions (E27).
    BothWays(BidirectionalStack<R>),
}

/// The arguments of a pass. The backward pass gets the same as the forward pass.
#[derive(Clone, Copy)]
pub(super) struct LayersPass<'a, T> {
    pub input: Input<'a, T>,
    pub span: Span<'a>,
    /// The masks of this step and the rate of every layer; `None` outside training.
    pub dropout: Option<(Dropout, f64)>,
    pub team: &'a dyn Team,
}

/// The values of the forward pass that the backward pass reads.
pub(super) enum LayersTape<R: Layer> {
    OneWay(StackTape<R>),
    BothWays(BidirectionalTape<R>),
}

impl<R: Layer> LayersTape<R> {
    /// h_t of every token, H×(T·B).
    pub fn output(&self) -> &DMatrix<R::Scalar> {
        match self {
            Self::OneWay(tape) => tape.output(),
            Self::BothWays(tape) => tape.output(),
        }
    }
}

impl<R: Layer> Layers<R> {
    pub(super) fn zeros(config: &ClassifierConfig) -> Self {
        let (d, h, layers) = (config.input_size, config.hidden_size, config.layers);
        if config.bidirectional {
            return Self::BothWays(BidirectionalStack::zeros(d, h / 2, layers));
        }
        let size = |l| if l == 0 { d } else { h };
        let layer = |l| R::from_params(&LstmParams::zeros(size(l), h));
        Self::OneWay(Stack {
            layers: (0..layers).map(layer).collect(),
        })
    }

    /// Draws weights by [`Init::GlorotOrthogonal`].
    pub(super) fn draw(&mut self, rng: &mut impl Rng) {
        let params = |layer: &R, rng: &mut _| {
            let (d, h) = (layer.input_size(), layer.hidden_size());
            R::from_params(&LstmParams::init(Init::GlorotOrthogonal, d, h, rng))
        };
        match self {
            Self::OneWay(stack) => stack.layers.iter_mut().for_each(|l| *l = params(l, rng)),
            Self::BothWays(stack) => {
                for layer in &mut stack.layers {
                    layer.forward = params(&layer.forward, rng);
                    layer.backward = params(&layer.backward, rng);
                }
            }
        }
    }

    pub(super) fn forward(&self, pass: LayersPass<'_, R::Scalar>) -> LayersTape<R> {
        match self {
            Self::OneWay(stack) => {
                let (initial, rates) = one_way(stack, pass);
                LayersTape::OneWay(stack.forward(stack_pass(pass, &initial, &rates)))
            }
            Self::BothWays(stack) => {
                let x = dense(pass.input);
                LayersTape::BothWays(stack.forward(both_ways(&pass, &x)))
            }
        }
    }

    /// The gradient of the input: dE for embedded tokens, dx for numbers. That of the weights is *added*
    /// to `grad`.
    pub(super) fn backward(
        &self,
        pass: LayersPass<'_, R::Scalar>,
        tape: &LayersTape<R>,
        dh: DMatrix<R::Scalar>,
        grad: &mut Self,
    ) -> Option<DMatrix<R::Scalar>> {
        match (self, tape, grad) {
            (Self::OneWay(stack), LayersTape::OneWay(tape), Self::OneWay(grad)) => {
                let (initial, rates) = one_way(stack, pass);
                let pass = stack_pass(pass, &initial, &rates);
                stack.backward(pass, tape, dh, &initial, grad).dinput
            }
            (Self::BothWays(stack), LayersTape::BothWays(tape), Self::BothWays(grad)) => {
                let (x, dlast) = (dense(pass.input), stack.zero_states(pass.span.batch_size));
                let dx = stack.backward(both_ways(&pass, &x), tape, dh, &dlast, grad);
                Some(match pass.input {
                    Input::Embedded { ids, table } => table_gradient(table, ids, &dx),
                    Input::Dense(_) | Input::OneHot(_) => dx,
                })
            }
            _ => unreachable!("layers, tape and gradient read in the same directions"),
        }
    }
}

type States<R> = Vec<lstm_model::BatchState<<R as Parameters>::Scalar>>;

/// The zero states before the first step, which are also the gradients of the last states, and the rates
/// of dropout.
fn one_way<R: Layer>(stack: &Stack<R>, pass: LayersPass<'_, R::Scalar>) -> (States<R>, Vec<f64>) {
    let rate = pass.dropout.map_or(0.0, |(_, rate)| rate);
    let states = stack.zero_states(pass.span.batch_size);
    (states, vec![rate; stack.layers.len()])
}

fn stack_pass<'a, T>(
    pass: LayersPass<'a, T>,
    initial: &'a [lstm_model::BatchState<T>],
    rates: &'a [f64],
) -> StackPass<'a, T> {
    StackPass {
        input: pass.input,
        initial,
        span: pass.span,
        dropout: pass.dropout.map(|(masks, _)| StackDropout { masks, rates }),
        team: pass.team,
    }
}

fn both_ways<'a, T>(pass: &LayersPass<'a, T>, x: &'a DMatrix<T>) -> BidirectionalPass<'a, T> {
    BidirectionalPass {
        x,
        span: pass.span,
        dropout: pass.dropout.map(|(masks, rate)| LayerDropout {
            masks,
            rate,
            first_layer: 0,
        }),
        team: pass.team,
    }
}

/// x_t of every token (E19).
fn dense<T: nalgebra::RealField + Copy>(input: Input<'_, T>) -> Cow<'_, DMatrix<T>> {
    match input {
        Input::Dense(x) => Cow::Borrowed(x),
        Input::Embedded { ids, table } => Cow::Owned(look_up(table, ids)),
        Input::OneHot(_) => unreachable!("a classifier embeds its tokens"),
    }
}

impl<R: Layer> Parameters for Layers<R> {
    type Scalar = R::Scalar;

    fn slices(&self) -> Vec<&[R::Scalar]> {
        match self {
            Self::OneWay(stack) => stack.slices(),
            Self::BothWays(stack) => stack.slices(),
        }
    }

    fn slices_mut(&mut self) -> Vec<&mut [R::Scalar]> {
        match self {
            Self::OneWay(stack) => stack.slices_mut(),
            Self::BothWays(stack) => stack.slices_mut(),
        }
    }

    fn parameter_count(&self) -> usize {
        match self {
            Self::OneWay(stack) => stack.parameter_count(),
            Self::BothWays(stack) => stack.parameter_count(),
        }
    }
}

impl<R: Layer<Scalar = f32>> Canonical for Layers<R> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        match self {
            Self::OneWay(stack) => stack.export(prefix, tensors),
            Self::BothWays(stack) => stack.export(prefix, tensors),
        }
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        match self {
            Self::OneWay(stack) => stack.import(prefix, tensors),
            Self::BothWays(stack) => stack.import(prefix, tensors),
        }
    }
}
