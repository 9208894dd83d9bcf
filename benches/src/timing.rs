//! Times of several things that a noisy machine treats alike.

use crate::step::POSSIBLE;
use crate::{Measurement, Shape, Step};
use lstm_fast::{Fast, Level};
use lstm_model::{Batched, Recurrent, Spec};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Which engine.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    /// Equation by equation.
    Spec,
    /// One matrix product a step.
    Batched,
    /// lstm-fast, at the level given.
    Fast(Level),
}

/// A training step of one engine, to be timed.
pub struct Run {
    engine: Engine,
    threads: usize,
    shape: Shape,
    step: Box<dyn FnMut()>,
    seconds: Vec<f64>,
}

impl Run {
    /// Its level is in use on the calling thread only, so more than one thread run at the best.
    ///
    /// # Panics
    /// If the system refuses a thread.
    pub fn new(engine: Engine, shape: Shape, threads: usize) -> Self {
        fn step<R: Recurrent<Scalar = f32> + 'static>(s: Shape, threads: usize) -> impl FnMut() {
            let mut step = Step::<R>::new(&s, threads).expect(POSSIBLE);
            move || {
                black_box(step.run());
            }
        }
        let step: Box<dyn FnMut()> = match engine {
            Engine::Spec => Box::new(step::<Spec<f32>>(shape, threads)),
            Engine::Batched => Box::new(step::<Batched<f32>>(shape, threads)),
            Engine::Fast(level) => {
                let mut step = level.install(|| step::<Fast>(shape, threads));
                Box::new(move || level.install(&mut step))
            }
        };
        Self {
            engine,
            threads,
            shape,
            step,
            seconds: Vec::new(),
        }
    }

    /// Its name, for a person.
    pub fn name(&self) -> String {
        let (engine, threads) = (self.engine.name(), self.threads);
        let Shape {
            hidden_size: h,
            batch_size: b,
            ..
        } = self.shape;
        format!("{engine}, {threads} threads, H {h}, B {b}")
    }

    /// The batch is shared out among so many.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Steps for `budget`, one at the least.
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

    /// What has been found, beside a peak of `peak` GFLOP/s.
    pub fn measurement(&self, peak: f64) -> Measurement {
        let (seconds, tokens) = (median(&self.seconds), self.shape.tokens() as f64);
        let flops = match self.engine {
            Engine::Fast(_) => self.shape.fast_flops(self.threads),
            Engine::Spec | Engine::Batched => self.shape.analytic_flops(),
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

impl Engine {
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

/// Times all of `runs` in turn, `rounds` times, each time for `budget` or a step; what disturbs the
/// machine for a while then disturbs all of them. A round before does not count.
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

/// The middle one, or the mean of the two in the middle.
///
/// # Panics
/// If there is none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2])
}

/// To four significant digits.
pub fn rounded(v: f64) -> f64 {
    format!("{v:.3e}").parse().expect("it is a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_digits() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!([12_345.6, 0.001_234_5].map(rounded), [12_350.0, 0.001_234]);
    }
}
