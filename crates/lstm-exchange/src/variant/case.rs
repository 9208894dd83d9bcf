//! A whole recorded computation: layers, directions, a batch of sequences of their own lengths, and a
//! loss that looks at every output and at the last states.

use crate::variant::cell::{Cell, Options, Step, Weights};
use crate::variant::mistake::Mistake::{self, *};
use lstm_cell::State;
use nalgebra::{DVector, RealField};

/// One direction of a layer.
#[derive(Clone, Debug)]
pub struct Direction<T> {
    /// Its weights.
    pub weights: Weights<T>,
    /// What is not a weight.
    pub options: Options,
    /// Reads each sequence from its last real token to its first (E27).
    pub reverse: bool,
}

/// What stands in the outputs where a sequence has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Padding {
    /// Zeros: PyTorch, ONNX.
    Zero,
    /// The output before, in the order of reading: Keras.
    Repeat,
}

/// A computation, complete.
#[derive(Clone, Debug)]
pub struct Case<T> {
    /// Each with one or two directions, whose outputs stand above each other (E26, E27).
    pub layers: Vec<Vec<Direction<T>>>,
    /// x of sequence b at step t: \[B\]\[T\] of D
    pub x: Vec<Vec<DVector<T>>>,
    /// How many steps of a sequence are real, B.
    pub lengths: Vec<usize>,
    /// h_0 and c_0 of each direction of each layer, in this order, and of each sequence.
    pub initial: Vec<Vec<State<T>>>,
    /// What stands behind a sequence's end.
    pub padding: Padding,
    /// The outputs of a reverse direction stay in its order of reading: Keras' `go_backwards`.
    pub in_reading_order: bool,
    /// Truncation: gradients do not cross from a window of so many steps into the one before.
    pub window: Option<usize>,
    /// The loss.
    pub loss: Loss<T>,
}

/// L = Σ wy · y + Σ wh · h_T + Σ wc · c_T
#[derive(Clone, Debug)]
pub struct Loss<T> {
    /// As the outputs: \[B\]\[T\] of R, or of 2R with two directions.
    pub wy: Vec<Vec<DVector<T>>>,
    /// As the last states: on h_T and c_T.
    pub last: Vec<Vec<State<T>>>,
}

/// What a case computes on the way forward.
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    /// \[B\]\[T\] of R, or of 2R with two directions.
    pub y: Vec<Vec<DVector<T>>>,
    /// h_T and c_T of each direction of each layer, and of each sequence.
    pub last: Vec<Vec<State<T>>>,
    /// L
    pub loss: T,
    tapes: Vec<Vec<Tape<T>>>,
}

/// One sequence in one direction of one layer: what each step left, which step of the sequence it was
/// and where its output stands, in the order of reading; and the places that repeat the last step.
#[derive(Clone, Debug)]
struct Tape<T> {
    steps: Vec<Step<T>>,
    order: Vec<usize>,
    places: Vec<usize>,
    repeats: Vec<usize>,
}

/// The gradients of the loss.
#[derive(Clone, Debug)]
pub struct Gradients<T> {
    /// Of each direction of each layer.
    pub weights: Vec<Weights<T>>,
    /// As x.
    pub x: Vec<Vec<DVector<T>>>,
    /// As the initial states.
    pub initial: Vec<Vec<State<T>>>,
}

impl<T: RealField + Copy> Outcome<T> {
    /// What step t of sequence b left in a direction of a layer, counted from the first; nothing where
    /// the sequence has ended.
    pub fn step(&self, direction: usize, b: usize, t: usize) -> Option<&Step<T>> {
        let tape = &self.tapes[direction][b];
        let nth = tape.order.iter().position(|&own| own == t)?;
        Some(&tape.steps[nth])
    }
}

impl<T: RealField + Copy> Case<T> {
    /// All directions of all layers, from the first layer on.
    pub fn directions(&self) -> impl Iterator<Item = &Direction<T>> {
        self.layers.iter().flatten()
    }

    /// T
    fn seq_len(&self) -> usize {
        self.x.first().map_or(0, Vec::len)
    }

    /// The steps of a sequence in the order of reading, and the places of their outputs.
    fn reading(
        &self,
        b: usize,
        reverse: bool,
        mistake: Option<Mistake>,
    ) -> (Vec<usize>, Vec<usize>) {
        let real = match mistake {
            Some(PaddingNotFrozen) => self.seq_len(),
            _ => self.lengths[b],
        };
        let forward: Vec<usize> = (0..real).collect();
        if !reverse {
            return (forward.clone(), forward);
        }
        let backward: Vec<usize> = (0..real).rev().collect();
        let stays = self.in_reading_order != (mistake == Some(ReverseNotReversed));
        // What is read last among T steps stands last, padding first.
        let shift = if stays { self.seq_len() - real } else { 0 };
        let places = match stays {
            true => forward.iter().map(|t| t + shift).collect(),
            false => backward.clone(),
        };
        (backward, places)
    }

    /// The way forward, with a mistake or without.
    pub fn outcome(&self, mistake: Option<Mistake>) -> Outcome<T> {
        let mut input = self.x.clone();
        let (mut last, mut tapes) = (Vec::new(), Vec::new());
        let mut first = 0;
        for layer in &self.layers {
            let mut columns: Vec<Vec<Vec<DVector<T>>>> = Vec::new();
            for n in 0..layer.len() {
                let direction = match mistake {
                    Some(DirectionsSwapped) => &layer[layer.len() - 1 - n],
                    _ => &layer[n],
                };
                let runs: Vec<_> = (0..input.len())
                    .map(|b| {
                        self.read(
                            b,
                            &input[b],
                            direction,
                            layer[n].reverse,
                            first + n,
                            mistake,
                        )
                    })
                    .collect();
                columns.push(runs.iter().map(|run| run.0.clone()).collect());
                last.push(runs.iter().map(|run| run.1.clone()).collect());
                tapes.push(runs.into_iter().map(|run| run.2).collect());
            }
            first += layer.len();
            let stacked = |b: usize, t: usize| {
                let parts: Vec<T> = columns
                    .iter()
                    .flat_map(|d| d[b][t].iter().copied())
                    .collect();
                DVector::from_vec(parts)
            };
            input = (0..input.len())
                .map(|b| (0..self.seq_len()).map(|t| stacked(b, t)).collect())
                .collect();
        }
        let loss = dot(&input, &self.loss.wy)
            + last
                .iter()
                .flatten()
                .zip(self.loss.last.iter().flatten())
                .fold(T::zero(), |sum, (state, w): (&State<T>, &State<T>)| {
                    sum + state.h.dot(&w.h) + state.c.dot(&w.c)
                });
        Outcome {
            y: input,
            last,
            loss,
            tapes,
        }
    }

    /// One sequence through one direction: its outputs at every step, its last state, its tape.
    fn read(
        &self,
        b: usize,
        x: &[DVector<T>],
        direction: &Direction<T>,
        reverse: bool,
        index: usize,
        mistake: Option<Mistake>,
    ) -> (Vec<DVector<T>>, State<T>, Tape<T>) {
        let cell = Cell {
            weights: &direction.weights,
            options: direction.options,
            mistake,
        };
        let mut state = self.initial[index][b].clone();
        match mistake {
            Some(InitialHIgnored) => state.h.fill(T::zero()),
            Some(InitialCIgnored) => state.c.fill(T::zero()),
            Some(InitialStatesSwapped) if state.h.len() == state.c.len() => {
                std::mem::swap(&mut state.h, &mut state.c);
            }
            _ => {}
        }
        let (order, places) = self.reading(b, reverse, mistake);
        let mut y = vec![DVector::zeros(direction.weights.output_size()); x.len()];
        let mut steps = Vec::with_capacity(order.len());
        for (nth, (&t, &place)) in order.iter().zip(&places).enumerate() {
            if nth > 0 && mistake == Some(StateResetAtWindow) && self.ends_window(nth - 1, None) {
                state.h.fill(T::zero());
                state.c.fill(T::zero());
            }
            let step = cell.step(&x[t], &state.h, &state.c);
            state = State {
                h: step.h.clone(),
                c: step.c.clone(),
            };
            y[place].clone_from(&step.h);
            steps.push(step);
        }
        // A reverse direction meets its padding first, before it has an output to repeat.
        let repeats: Vec<usize> = match self.padding {
            Padding::Repeat if !reverse && !order.is_empty() => (order.len()..x.len()).collect(),
            _ => Vec::new(),
        };
        for &t in &repeats {
            y[t].clone_from(&state.h);
        }
        let tape = Tape {
            steps,
            order,
            places,
            repeats,
        };
        (y, state, tape)
    }

    /// Whether a window ends with step number `nth` of the order of reading.
    fn ends_window(&self, nth: usize, mistake: Option<Mistake>) -> bool {
        let window = self.window.filter(|_| mistake != Some(TruncationIgnored));
        window.is_some_and(|window| (nth + 1).is_multiple_of(window))
    }

    /// The way back through what `outcome` left, with a mistake or without.
    pub fn gradients(&self, outcome: &Outcome<T>, mistake: Option<Mistake>) -> Gradients<T> {
        let mut weights: Vec<_> = self.directions().map(|d| d.weights.zeros_like()).collect();
        let mut initial: Vec<Vec<State<T>>> = vec![Vec::new(); weights.len()];
        let mut dy = self.loss.wy.clone();
        let mut first = weights.len();
        for layer in self.layers.iter().rev() {
            first -= layer.len();
            let input_size = layer[0].weights.blocks[0].w_x.ncols();
            let mut dx = vec![vec![DVector::zeros(input_size); self.seq_len()]; self.x.len()];
            for (n, direction) in layer.iter().enumerate() {
                let cell = Cell {
                    weights: &direction.weights,
                    options: direction.options,
                    mistake,
                };
                let r = direction.weights.output_size();
                for b in 0..self.x.len() {
                    let own = |t: usize| dy[b][t].rows(n * r, r).into_owned();
                    let tape = &outcome.tapes[first + n][b];
                    let mut next = self.loss.last[first + n][b].clone();
                    match mistake {
                        Some(LastHIgnored) => next.h.fill(T::zero()),
                        Some(LastCIgnored) => next.c.fill(T::zero()),
                        _ => {}
                    }
                    for &t in &tape.repeats {
                        next.h += own(t);
                    }
                    for (nth, step) in tape.steps.iter().enumerate().rev() {
                        let is_last = nth + 1 == tape.steps.len();
                        if !is_last && self.ends_window(nth, mistake) {
                            next.h.fill(T::zero());
                            next.c.fill(T::zero());
                        }
                        let mut dh = own(tape.places[nth]);
                        if is_last || mistake != Some(RecurrentGradientDropped) {
                            dh += &next.h; // E9
                        }
                        let grad = &mut weights[first + n];
                        let back = cell.step_back(step, &dh, &next.c, is_last, grad);
                        dx[b][tape.order[nth]] += &back.dx;
                        next = State {
                            h: back.dh_prev,
                            c: back.dc_prev,
                        };
                    }
                    initial[first + n].push(next); // E17
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
}

fn dot<T: RealField + Copy>(a: &[Vec<DVector<T>>], b: &[Vec<DVector<T>>]) -> T {
    let pairs = a.iter().flatten().zip(b.iter().flatten());
    pairs.fold(T::zero(), |sum, (a, b)| sum + a.dot(b))
}
