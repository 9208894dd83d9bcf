//! The forward pass over all layers, directions and sequences.

use super::cell::{Cell, StepValues};
use super::{Computation, Direction, Padding};
use crate::mistake::Mistake::{self, *};
use lstm_cell::State;
use nalgebra::{DVector, RealField};

/// The result of the forward pass.
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    /// \[B\]\[T\] of R, or of 2R with two directions.
    pub y: Vec<Vec<DVector<T>>>,
    /// h_T and c_T of each direction of each layer, and of each sequence.
    pub last: Vec<Vec<State<T>>>,
    /// L
    pub loss: T,
    /// Of each direction of each layer, and of each sequence.
    pub(super) tapes: Vec<Vec<Tape<T>>>,
}

/// One sequence in one direction of one layer.
#[derive(Clone, Debug)]
pub(super) struct Tape<T> {
    /// The values of each step, in the order of reading.
    pub steps: Vec<StepValues<T>>,
    /// Which step of the sequence each of them is.
    pub order: Vec<usize>,
    /// The positions that hold the output of each step: its own, and those of the padding that repeats
    /// it.
    pub places: Vec<Vec<usize>>,
}

impl<T: RealField + Copy> Outcome<T> {
    /// The values of step t of sequence b in a direction, counted over all layers; `None` for
    /// padding.
    pub fn step(&self, direction: usize, b: usize, t: usize) -> Option<&StepValues<T>> {
        let tape = &self.tapes[direction][b];
        let nth = tape.order.iter().position(|&own| own == t)?;
        Some(&tape.steps[nth])
    }
}

impl<T: RealField + Copy> Computation<T> {
    /// The forward pass, with a mistake or without.
    pub fn forward(&self, mistake: Option<Mistake>) -> Outcome<T> {
        let mut input = self.x.clone();
        let (mut last, mut tapes) = (Vec::new(), Vec::new());
        for layer in &self.layers {
            let mut outputs = Vec::new();
            for n in 0..layer.len() {
                let pass = Pass {
                    computation: self,
                    direction: match mistake {
                        Some(DirectionsSwapped) => &layer[layer.len() - 1 - n],
                        _ => &layer[n],
                    },
                    reverse: layer[n].reverse,
                    initial: &self.initial[tapes.len()],
                    mistake,
                };
                let (mut y_n, mut last_n, mut tapes_n) = (Vec::new(), Vec::new(), Vec::new());
                for (b, x) in input.iter().enumerate() {
                    let (y, state, tape) = pass.sequence(b, x);
                    y_n.push(y);
                    last_n.push(state);
                    tapes_n.push(tape);
                }
                outputs.push(y_n);
                last.push(last_n);
                tapes.push(tapes_n);
            }
            let concatenated = |b: usize, t: usize| {
                let of_directions = outputs.iter().flat_map(|y| y[b][t].iter().copied());
                DVector::from_vec(of_directions.collect())
            };
            input = (0..input.len())
                .map(|b| (0..self.seq_len()).map(|t| concatenated(b, t)).collect())
                .collect();
        }
        let loss = self.loss(&input, &last);
        Outcome {
            y: input,
            last,
            loss,
            tapes,
        }
    }

    fn loss(&self, y: &[Vec<DVector<T>>], last: &[Vec<State<T>>]) -> T {
        let outputs = y.iter().flatten().zip(self.loss.wy.iter().flatten());
        let states = last.iter().flatten().zip(self.loss.last.iter().flatten());
        outputs.fold(T::zero(), |sum, (y, w)| sum + y.dot(w))
            + states.fold(T::zero(), |sum, (state, w)| {
                sum + state.h.dot(&w.h) + state.c.dot(&w.c)
            })
    }
}

/// The forward pass of one direction of a layer.
struct Pass<'a, T> {
    computation: &'a Computation<T>,
    /// Whose weights and options it uses.
    direction: &'a Direction<T>,
    reverse: bool,
    /// h_0 and c_0 of each sequence.
    initial: &'a [State<T>],
    mistake: Option<Mistake>,
}

impl<T: RealField + Copy> Pass<'_, T> {
    /// Sequence b, whose inputs are `x`: its outputs at every place, its last state, its tape.
    fn sequence(&self, b: usize, x: &[DVector<T>]) -> (Vec<DVector<T>>, State<T>, Tape<T>) {
        let Self {
            computation,
            direction,
            mistake,
            ..
        } = *self;
        let cell = Cell {
            weights: &direction.weights,
            options: direction.options,
            mistake,
        };
        let mut state = self.initial_state(b);
        let (order, places) = self.reading(b);
        let mut y = vec![DVector::zeros(direction.weights.output_size()); x.len()];
        let mut steps = Vec::with_capacity(order.len());
        for (nth, (&t, places)) in order.iter().zip(&places).enumerate() {
            let starts_window = nth > 0 && computation.ends_window(nth - 1, None);
            if starts_window && mistake == Some(StateResetAtWindow) {
                state.h.fill(T::zero());
                state.c.fill(T::zero());
            }
            let step = cell.step(&x[t], &state.h, &state.c);
            state = State {
                h: step.h.clone(),
                c: step.c.clone(),
            };
            for &place in places {
                y[place].clone_from(&step.h);
            }
            steps.push(step);
        }
        let tape = Tape {
            steps,
            order,
            places,
        };
        (y, state, tape)
    }

    fn initial_state(&self, b: usize) -> State<T> {
        let mut state = self.initial[b].clone();
        match self.mistake {
            Some(InitialHIgnored) => state.h.fill(T::zero()),
            Some(InitialCIgnored) => state.c.fill(T::zero()),
            Some(InitialStatesSwapped) if state.h.len() == state.c.len() => {
                std::mem::swap(&mut state.h, &mut state.c);
            }
            _ => {}
        }
        state
    }

    /// The real steps of sequence b in the order of reading, and the positions of each step's output.
    fn reading(&self, b: usize) -> (Vec<usize>, Vec<Vec<usize>>) {
        let Computation {
            steps,
            padding,
            in_reading_order,
            ..
        } = self.computation;
        let seq_len = self.computation.seq_len();
        let mut order: Vec<usize> = match self.mistake {
            Some(PaddingNotFrozen) => (0..seq_len).collect(),
            _ => steps[b].clone(),
        };
        let mut all: Vec<usize> = (0..seq_len).collect();
        if self.reverse {
            order.reverse();
            all.reverse();
        }
        let keeps_order = *in_reading_order != (self.mistake == Some(ReverseNotReversed));
        let (mut read, mut places) = (0, vec![Vec::new(); order.len()]);
        for (nth, t) in all.into_iter().enumerate() {
            let place = if self.reverse && keeps_order { nth } else { t };
            let is_real = order.get(read) == Some(&t);
            read += usize::from(is_real);
            if read > 0 && (is_real || *padding == Padding::Repeat) {
                places[read - 1].push(place);
            }
        }
        (order, places)
    }
}
