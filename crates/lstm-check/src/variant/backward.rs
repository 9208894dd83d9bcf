//! The backward pass over all layers, directions and sequences.

use super::cell::Cell;
use super::forward::{Outcome, Tape};
use super::{Computation, Weights};
use crate::mistake::Mistake::{self, *};
use lstm_cell::State;
use nalgebra::{DVector, RealField};

/// The gradients of the loss.
#[derive(Clone, Debug)]
pub struct Gradients<T> {
    /// Of each direction of each layer.
    pub weights: Vec<Weights<T>>,
    /// dx: \[B\]\[T\] of D
    pub x: Vec<Vec<DVector<T>>>,
    /// dh_0 and dc_0 of each direction of each layer, and of each sequence.
    pub initial: Vec<Vec<State<T>>>,
}

impl<T: RealField + Copy> Computation<T> {
    /// The backward pass after the forward pass that gave `outcome`, with a mistake or without.
    pub fn backward(&self, outcome: &Outcome<T>, mistake: Option<Mistake>) -> Gradients<T> {
        let mut weights: Vec<_> = self.directions().map(|d| d.weights.zeros_like()).collect();
        let mut initial: Vec<Vec<State<T>>> = vec![Vec::new(); weights.len()];
        let mut dy = self.loss.wy.clone();
        let mut first = weights.len();
        for layer in self.layers.iter().rev() {
            first -= layer.len();
            let input_size = layer[0].weights.input_size();
            let mut dx = vec![vec![DVector::zeros(input_size); self.seq_len()]; self.x.len()];
            for (n, direction) in layer.iter().enumerate() {
                let cell = Cell {
                    weights: &direction.weights,
                    options: direction.options,
                    mistake,
                };
                let (index, r) = (first + n, direction.weights.output_size());
                for (b, dx) in dx.iter_mut().enumerate() {
                    let own = dy[b].iter().map(|dy| dy.rows(n * r, r).into_owned());
                    let own: Vec<DVector<T>> = own.collect();
                    let (tape, last) = (&outcome.tapes[index][b], &self.loss.last[index][b]);
                    let first = self.sequence_back(cell, tape, &own, last, &mut weights[index], dx);
                    initial[index].push(first); // E17
                }
            }
            dy = dx;
        }
        Gradients {
            weights,
            x: dy,
            initial,
        }
    }

    /// One sequence in one direction: the gradient of its initial state.
    ///
    /// `dy` holds the direct gradients of its outputs, `last` those of h_T and c_T. The gradients of the
    /// weights and inputs are added to `grad` and `dx`.
    fn sequence_back(
        &self,
        cell: Cell<'_, T>,
        tape: &Tape<T>,
        dy: &[DVector<T>],
        last: &State<T>,
        grad: &mut Weights<T>,
        dx: &mut [DVector<T>],
    ) -> State<T> {
        let mistake = cell.mistake;
        let mut next = last.clone();
        match mistake {
            Some(LastHIgnored) => next.h.fill(T::zero()),
            Some(LastCIgnored) => next.c.fill(T::zero()),
            _ => {}
        }
        for (nth, step) in tape.steps.iter().enumerate().rev() {
            let is_last = nth + 1 == tape.steps.len();
            if !is_last && self.ends_window(nth, mistake) {
                next.h.fill(T::zero());
                next.c.fill(T::zero());
            }
            let mut dh_t = DVector::zeros(cell.weights.output_size());
            for &place in &tape.places[nth] {
                dh_t += &dy[place];
            }
            if is_last || mistake != Some(RecurrentGradientDropped) {
                dh_t += &next.h; // E9
            }
            let back = cell.step_back(step, &dh_t, &next.c, is_last, grad);
            dx[tape.order[nth]] += &back.dx;
            next = State {
                h: back.dh_prev,
                c: back.dc_prev,
            };
        }
        next
    }
}
