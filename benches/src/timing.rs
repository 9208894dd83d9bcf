//! Times several runs in turn, so that noise on the machine affects all of them alike.

use crate::Measurement;
use lstm_bench::{Shape, Step, median};
use lstm_fast::{Fast, Level};
use lstm_model::{Batched, Engine, Layer, Spec};
use lstm_train::TrainError;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// An engine.
#[derive(Clone, Copy, Debug)]
pub enum TimedEngine {
    /// Equation by equation.
    Spec,
    /// One matrix product for each step.
    Batched,
    /// lstm-fast with this instruction set.
    Fast(Level),
}

/// The timed training step of one engine.
pub struct Run {
    engine: TimedEngine,
    threads: usize,
    shape: Shape,
    step: Box<dyn FnMut()>,
    seconds: Vec<f64>,
}

impl Run {
    /// # Panics
    /// If the system refuses a thread.
    pub fn new(engine: TimedEngine, shape: Shape, threads: usize) -> Self {
        fn boxed<R: Engine<Scalar = f32>>(step: Result<Step<R>, TrainError>) -> Box<dyn FnMut()>
        where
            Step<R>: 'static,
        {
            let mut step = step.expect("sizes are in range, and the threads can be had");
            Box::new(move || {
                black_box(step.run());
            })
        }
        let step = match engine {
            TimedEngine::Spec => boxed(Step::<Spec<f32>>::new(&shape, threads)),
            TimedEngine::Batched => boxed(Step::<Batched<f32>>::new(&shape, threads)),
            TimedEngine::Fast(level) => boxed(Step::at(level, &shape, threads)),
        };
        Self {
            engine,
            threads,
            shape,
            step,
            seconds: Vec::new(),
        }
    }

    /// A name for the progress bar.
    pub fn name(&self) -> String {
        let (engine, threads) = (self.engine.name(), self.threads);
        let Shape {
            hidden_size: h,
            batch_size: b,
            ..
        } = self.shape;
        format!("{engine}, {threads} threads, H {h}, B {b}")
    }

    /// The number of threads that share the batch.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Times steps for `budget`, at least one.
    fn round(&mut self, budget: Duration) {
        let start = Instant::now();
        loop {
            let step = Instant::now();
            (self.step)();
            self.seconds.push(step.elapsed().as_secs_f64());
            if start.elapsed() >= budget {
                break;
            }
        }
    }

    /// The result so far, compared with a peak of `peak` GFLOP/s.
    pub fn measurement(&self, peak: f64) -> Measurement {
        let (seconds, tokens) = (median(&self.seconds), self.shape.tokens() as f64);
        let flops = match self.engine {
            TimedEngine::Fast(_) => self.shape.fast_flops(self.threads),
            TimedEngine::Spec | TimedEngine::Batched => self.shape.analytic_flops(),
        };
        let gflops = flops / seconds / 1e9;
        Measurement {
            engine: self.engine.name().to_owned(),
            level: self.engine.level().map(|level| level.name().to_owned()),
            threads: self.threads,
            shape: self.shape,
            steps: self.seconds.len(),
            step_s_median: rounded(seconds),
            chars_per_s: rounded(tokens / seconds),
            gflops: rounded(gflops),
            share_of_peak: rounded(gflops / peak),
        }
    }
}

impl TimedEngine {
    fn name(self) -> &'static str {
        match self {
            Self::Spec => Spec::<f32>::NAME,
            Self::Batched => Batched::<f32>::NAME,
            Self::Fast(_) => Fast::NAME,
        }
    }

    fn level(self) -> Option<Level> {
        match self {
            Self::Fast(level) => Some(level),
            Self::Spec | Self::Batched => None,
        }
    }
}

/// Times all of `runs` in turn, `rounds` times, each time for `budget` or one step. A disturbance of
/// the machine then affects all of them. A first round of one step each is not counted.
pub fn in_rounds(
    runs: &mut [Run],
    rounds: usize,
    budget: Duration,
    mut before_round: impl FnMut(),
    mut before_run: impl FnMut(&Run),
) {
    for round in 0..=rounds {
        before_round();
        for run in runs.iter_mut() {
            before_run(run);
            run.round(if round == 0 { Duration::ZERO } else { budget });
            if round == 0 {
                run.seconds.clear();
            }
        }
    }
}

/// To four significant digits.
pub fn rounded(v: f64) -> f64 {
    format!("{v:.3e}").parse().expect("it is a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_four_digits() {
        assert_eq!([12_345.6, 0.001_234_5].map(rounded), [12_350.0, 0.001_234]);
    }
}
