//! Timing a workload.

use crate::application::BATCHES;
use crate::{GENERATED, OneStep, Step, Work, Workload, generate, reader};
use lstm_model::Engine;
use lstm_train::TrainError;
use std::hint::black_box;
use std::time::Instant;

/// The number of steps of a layer that are timed, after as many that are not.
const STEPS: usize = 20_000;

/// The seconds of every run of a workload on the engine `R`: of every training step, of every step of a
/// layer, of every text, divided by its characters, or of a round of an application's batches, divided by
/// their number.
/// `on_run` is told the number of each run, `None` while warming up. The timing stops early if `go_on`
/// says no.
///
/// # Errors
/// A size that is out of range, or threads that the system refuses.
pub fn time<R: Engine<Scalar = f32>>(
    workload: &Workload,
    threads: usize,
    go_on: impl Fn() -> bool,
    on_run: impl Fn(Option<usize>),
) -> Result<Vec<f64>, TrainError> {
    let shape = &workload.shape;
    match workload.work {
        Work::Train => {
            let mut step = Step::<R>::new(shape, threads)?;
            let is_enough = |seconds: &[f64]| !go_on() || is_enough(seconds);
            Ok(timed(3, is_enough, on_run, || {
                black_box(step.run());
            }))
        }
        Work::Generate(precision) => {
            let network = shape.network::<R>()?;
            let mut reader = reader(&network, threads, precision);
            reader.select(&vec![0; shape.batch_size]);
            let is_enough = |seconds: &[f64]| !go_on() || seconds.len() == 5;
            let mut seconds = timed(1, is_enough, on_run, || {
                black_box(generate(&mut *reader, shape.batch_size, &go_on));
            });
            seconds.iter_mut().for_each(|s| *s /= GENERATED as f64);
            Ok(seconds)
        }
        Work::Step => {
            let mut step = OneStep::<R>::new(shape)?;
            on_run(None);
            (0..STEPS).for_each(|_| step.run());
            on_run(Some(0));
            let seconds = (0..STEPS).take_while(|_| go_on()).map(|_| {
                let start = Instant::now();
                step.run();
                start.elapsed().as_secs_f64()
            });
            Ok(seconds.collect())
        }
        Work::Apply(application) => {
            let mut round = application.round::<R>(threads)?;
            let is_enough = |seconds: &[f64]| !go_on() || seconds.len() == 5;
            let mut seconds = timed(1, is_enough, on_run, &mut round);
            seconds.iter_mut().for_each(|s| *s /= BATCHES as f64);
            Ok(seconds)
        }
    }
}

/// 10 runs and 3 s, or 500 runs.
fn is_enough(seconds: &[f64]) -> bool {
    seconds.len() >= 500 || (seconds.len() >= 10 && seconds.iter().sum::<f64>() >= 3.0)
}

/// The seconds of every run of `work`, after `warm_up` runs that do not count.
fn timed(
    warm_up: usize,
    is_enough: impl Fn(&[f64]) -> bool,
    on_run: impl Fn(Option<usize>),
    mut work: impl FnMut(),
) -> Vec<f64> {
    let mut seconds = Vec::new();
    for n in 0_usize.. {
        if is_enough(&seconds) {
            break;
        }
        on_run(n.checked_sub(warm_up));
        let start = Instant::now();
        work();
        if n >= warm_up {
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    seconds
}
