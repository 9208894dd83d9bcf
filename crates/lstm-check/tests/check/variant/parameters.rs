//! The numbers that gradients are taken of: weights, inputs and initial states.

use lstm_bptt::oracle::ScalarFunction;
use lstm_cell::State;
use lstm_check::variant::{Block, Computation, Direction, Gradients, Loss, Weights};
use nalgebra::{DMatrix, DVector, RealField, convert};

/// The loss of a computation as a function of those numbers.
pub struct LossOf<'a>(pub &'a Computation<f64>);

impl ScalarFunction for LossOf<'_> {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        rebuild(self.0, theta).forward(None).loss
    }
}

/// The computation with the numbers of `theta` in place of its own.
fn rebuild<T: RealField + Copy>(computation: &Computation<f64>, theta: &[T]) -> Computation<T> {
    let mut theta = Theta(theta.iter().copied());
    let layers = computation.layers.iter().map(|layer| {
        let directions = layer.iter().map(|direction| Direction {
            weights: theta.weights(&direction.weights),
            options: direction.options,
            reverse: direction.reverse,
        });
        directions.collect()
    });
    let layers = layers.collect();
    let x = sequences(&computation.x, |v| theta.vector(v));
    let initial = states(&computation.initial, |v| theta.vector(v));
    let constant = |v: &DVector<f64>| v.map(convert::<f64, T>);
    Computation {
        layers,
        x,
        steps: computation.steps.clone(),
        initial,
        padding: computation.padding,
        in_reading_order: computation.in_reading_order,
        window: computation.window,
        loss: Loss {
            wy: sequences(&computation.loss.wy, constant),
            last: states(&computation.loss.last, constant),
        },
    }
}

fn sequences<T>(
    sequences: &[Vec<DVector<f64>>],
    mut vector: impl FnMut(&DVector<f64>) -> DVector<T>,
) -> Vec<Vec<DVector<T>>> {
    let sequences = sequences.iter();
    sequences
        .map(|x| x.iter().map(&mut vector).collect())
        .collect()
}

fn states<T>(
    states: &[Vec<State<f64>>],
    mut vector: impl FnMut(&DVector<f64>) -> DVector<T>,
) -> Vec<Vec<State<T>>> {
    let mut state = |s: &State<f64>| State {
        h: vector(&s.h),
        c: vector(&s.c),
    };
    let states = states.iter();
    states.map(|s| s.iter().map(&mut state).collect()).collect()
}

/// The numbers one after another, in the shapes of others.
struct Theta<I>(I);

impl<T: RealField + Copy, I: Iterator<Item = T>> Theta<I> {
    fn vector(&mut self, v: &DVector<f64>) -> DVector<T> {
        v.map(|_| self.0.next().expect("one number each"))
    }

    fn matrix(&mut self, m: &DMatrix<f64>) -> DMatrix<T> {
        m.map(|_| self.0.next().expect("one number each"))
    }

    fn weights(&mut self, weights: &Weights<f64>) -> Weights<T> {
        Weights {
            blocks: weights.blocks.each_ref().map(|block| Block {
                w_x: self.matrix(&block.w_x),
                w_h: self.matrix(&block.w_h),
                b_x: self.vector(&block.b_x),
                b_h: self.vector(&block.b_h),
            }),
            peepholes: (weights.peepholes.as_ref()).map(|p| p.each_ref().map(|p| self.vector(p))),
            projection: weights.projection.as_ref().map(|w_p| self.matrix(w_p)),
        }
    }
}

/// The numbers by the names of their tensors, in the order of `rebuild`.
pub fn tensors(
    weights: &[&Weights<f64>],
    x: &[Vec<DVector<f64>>],
    initial: &[Vec<State<f64>>],
) -> Vec<(String, Vec<f64>)> {
    let mut all = Vec::new();
    for (n, weights) in weights.iter().enumerate() {
        for (block, k) in weights.blocks.iter().zip("ifgo".chars()) {
            all.push((format!("{n}.{k}.w_x"), block.w_x.as_slice().to_vec()));
            all.push((format!("{n}.{k}.w_h"), block.w_h.as_slice().to_vec()));
            all.push((format!("{n}.{k}.b_x"), block.b_x.as_slice().to_vec()));
            all.push((format!("{n}.{k}.b_h"), block.b_h.as_slice().to_vec()));
        }
        for (p, k) in weights.peepholes.iter().flatten().zip("ifo".chars()) {
            all.push((format!("{n}.p_{k}"), p.as_slice().to_vec()));
        }
        if let Some(w_p) = &weights.projection {
            all.push((format!("{n}.w_p"), w_p.as_slice().to_vec()));
        }
    }
    all.push((
        "x".into(),
        x.iter()
            .flatten()
            .flat_map(|x| x.as_slice().to_vec())
            .collect(),
    ));
    let state = |s: &State<f64>| [s.h.as_slice(), s.c.as_slice()].concat();
    all.push((
        "initial".into(),
        initial.iter().flatten().flat_map(state).collect(),
    ));
    all
}

/// The gradients in the same order.
pub fn flat(gradients: &Gradients<f64>) -> Vec<(String, Vec<f64>)> {
    let weights: Vec<_> = gradients.weights.iter().collect();
    tensors(&weights, &gradients.x, &gradients.initial)
}
