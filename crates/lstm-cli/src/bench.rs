//! `lstm bench`.

use crate::args::{BenchArgs, EngineName};
use crate::engine::WithEngine;
use crate::error::{CliError, say};
use crate::interrupt;
use crate::settings::threads;
use indicatif::{ProgressBar, ProgressStyle};
use lstm_bench::{
    GENERATED, Step, Work, Workload, generate, median, peak_memory, processor, reader,
};
use lstm_fast::{Level, fma_peak};
use lstm_model::Engine;
use lstm_plot::grouped;
use lstm_train::{TrainError, Workers};
use serde_json::json;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long the machine's peak is measured.
const PEAK: Duration = Duration::from_millis(400);

pub fn run(args: &BenchArgs) -> Result<(), CliError> {
    let threads = threads(args.threads);
    // An impossible number of threads is refused before anything is printed.
    drop(Workers::new(threads)?);
    let workloads = match args.workloads.as_slice() {
        [] => Workload::defaults(),
        given => given.to_vec(),
    };
    interrupt::listen();
    let peak = if args.json {
        None
    } else {
        Some(header(threads, args.engine)?)
    };
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len}  {msg}");
    let bar = ProgressBar::new(workloads.len() as u64)
        .with_style(style.expect("the template is well formed"));
    let result: Result<(), CliError> = workloads.into_iter().try_for_each(|workload| {
        let timed = args.engine.with(Timing {
            workload,
            threads,
            bar: &bar,
        })?;
        bar.inc(1);
        let Some(times) = timed else { return Ok(()) };
        let timed = Timed {
            workload,
            engine: args.engine,
            threads,
            times,
        };
        let line = match peak {
            None => timed.json(),
            Some(peak) => timed.row(peak),
        };
        bar.suspend(|| {
            say!("{line}");
            Ok(())
        })
    });
    bar.finish_and_clear();
    result?;
    if args.json { Ok(()) } else { footer() }
}

/// Shows what the table stands on, and measures the machine's peak: operations per second of all
/// the threads.
fn header(threads: usize, engine: EngineName) -> Result<f64, CliError> {
    let level = Level::best();
    let processor = processor().map_or(String::new(), |name| name + ", ");
    say!("machine    {processor}{level}");
    say!("engine     {}, {threads} threads", engine.name());
    let one = fma_peak(level, 1, PEAK);
    let all = match threads {
        1 => one,
        _ => fma_peak(level, threads, PEAK),
    };
    say!(
        "FMA peak   {:.0} GFLOP/s with one thread, {:.0} with {threads}\n",
        one / 1e9,
        all / 1e9
    );
    say!(
        "{:<9} {:>12} {:>10} {:>9} {:>9} {:>8}",
        "workload",
        "characters/s",
        "ms/step",
        "GFLOP/s",
        "executed",
        "of peak"
    );
    Ok(all)
}

fn footer() -> Result<(), CliError> {
    say!("\nGFLOP/s counts a step's matrix products by the book, executed only those really done");
    say!("(the first layer's input, once for each kind of character); the share is of those.");
    if let Some(bytes) = peak_memory() {
        say!("peak memory of this process: {} MB", grouped(bytes >> 20));
    }
    Ok(())
}

/// One workload, about to be timed.
struct Timing<'a> {
    workload: Workload,
    threads: usize,
    bar: &'a ProgressBar,
}

/// Seconds of every step. Of writing, a step is a character, and a time the mean of a whole text.
struct Times {
    seconds: Vec<f64>,
    steps: usize,
}

impl WithEngine for Timing<'_> {
    /// `None` if Ctrl-C came first.
    type Output = Result<Option<Times>, TrainError>;

    fn run<R: Engine<Scalar = f32>>(self) -> Self::Output {
        let Workload { shape, work, .. } = self.workload;
        let (seconds, steps) = match work {
            Work::Train => {
                let mut step = Step::<R>::new(&shape, self.threads)?;
                let seconds = self.timed(3, is_enough, || {
                    black_box(step.run());
                });
                let steps = seconds.len();
                (seconds, steps)
            }
            Work::Generate(precision) => {
                let network = shape.network::<R>()?;
                let mut reader = reader(&network, self.threads, precision);
                let is_enough = |seconds: &[f64]| seconds.len() == 5;
                let mut seconds = self.timed(1, is_enough, || {
                    black_box(generate(&mut *reader, || !interrupt::asked()));
                });
                seconds.iter_mut().for_each(|s| *s /= GENERATED as f64);
                let steps = GENERATED * seconds.len();
                (seconds, steps)
            }
        };
        Ok((!interrupt::asked()).then_some(Times { seconds, steps }))
    }
}

impl Timing<'_> {
    /// The seconds of every run of `work`, after `warm_up` runs that do not count.
    fn timed(
        &self,
        warm_up: usize,
        is_enough: impl Fn(&[f64]) -> bool,
        mut work: impl FnMut(),
    ) -> Vec<f64> {
        let mut seconds = Vec::new();
        for n in 0_usize.. {
            if interrupt::asked() || is_enough(&seconds) {
                break;
            }
            let name = self.workload;
            self.bar.set_message(match n.checked_sub(warm_up) {
                None => format!("{name}: warming up"),
                Some(run) => format!("{name}: run {}", run + 1),
            });
            let start = Instant::now();
            work();
            if n >= warm_up {
                seconds.push(start.elapsed().as_secs_f64());
            }
        }
        seconds
    }
}

/// 10 steps and 3 s, or 500 steps.
fn is_enough(seconds: &[f64]) -> bool {
    seconds.len() >= 500 || (seconds.len() >= 10 && seconds.iter().sum::<f64>() >= 3.0)
}

/// One workload with its times.
struct Timed {
    workload: Workload,
    engine: EngineName,
    threads: usize,
    times: Times,
}

impl Timed {
    fn median(&self) -> f64 {
        median(&self.times.seconds)
    }

    fn chars_per_s(&self) -> f64 {
        self.workload.tokens() as f64 / self.median()
    }

    /// For a program: names as the scripts for other frameworks print them.
    fn json(&self) -> String {
        let (workload, times) = (&self.workload, &self.times);
        let mut line = json!({
            "engine": self.engine.name(),
            "level": (self.engine == EngineName::Fast).then(|| Level::best().name()),
            "workload": workload.to_string(),
            "threads": self.threads,
            "step_s_median": self.median(),
            "step_s_min": times.seconds.iter().copied().fold(f64::INFINITY, f64::min),
            "steps": times.steps,
            "chars_per_s": self.chars_per_s(),
        });
        if workload.work == Work::Train {
            line["gflops"] = (workload.shape.analytic_flops() / self.median() / 1e9).into();
        }
        line.to_string()
    }

    /// For a person, beside the machine's `peak`.
    fn row(&self, peak: f64) -> String {
        let (workload, median) = (&self.workload, self.median());
        let chars_per_s = grouped(self.chars_per_s() as u64);
        let start = format!("{:<9} {chars_per_s:>12}", workload.to_string());
        if let Work::Generate(precision) = workload.work {
            let bytes = workload.bytes_per_character(precision) / median;
            return format!(
                "{start} {:>10} {:>9.0} GB/s of weights read",
                "",
                bytes / 1e9
            );
        }
        let executed = workload.executed_flops(self.engine.name(), self.threads) / median;
        format!(
            "{start} {:>10.2} {:>9.1} {:>9.1} {:>6.1} %",
            median * 1e3,
            workload.shape.analytic_flops() / median / 1e9,
            executed / 1e9,
            100.0 * executed / peak
        )
    }
}
