//! `lstm bench`.

use crate::args::{BenchArgs, EngineName};
use crate::count::counted;
use crate::engine::WithEngine;
use crate::error::{CliError, say};
use crate::interrupt;
use crate::settings::workers;
use indicatif::{ProgressBar, ProgressStyle};
use lstm_bench::{GENERATED, Work, Workload, median, peak_memory, processor, quantile, time};
use lstm_fast::{Level, fma_peak};
use lstm_model::Engine;
use lstm_plot::grouped;
use lstm_train::TrainError;
use serde_json::json;
use std::time::Duration;

/// How long the machine's peak is measured.
const PEAK: Duration = Duration::from_millis(400);

pub fn run(args: &BenchArgs) -> Result<(), CliError> {
    // An impossible number of threads is refused before anything is printed.
    let threads = workers(args.threads)?.threads();
    let workloads = match args.workloads.as_slice() {
        [] => Workload::defaults(),
        given => given.to_vec(),
    };
    interrupt::listen();
    let header = (!args.json).then(|| header(threads, args.engine));
    let peak = header.transpose()?;
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len}  {msg}");
    let bar = ProgressBar::new(workloads.len() as u64)
        .with_style(style.expect("the template is well formed"));
    let result: Result<(), CliError> = workloads.into_iter().try_for_each(|workload| {
        let timing = Timing {
            workload,
            engine: args.engine,
            threads,
            bar: &bar,
        };
        let seconds = args.engine.with(&timing)?;
        bar.inc(1);
        if interrupt::asked() {
            return Ok(());
        }
        let line = match peak {
            None => timing.json(&seconds),
            Some(peak) => timing.row(&seconds, peak),
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

/// Prints the machine and the table's head. Measures the machine's peak: operations per second of all
/// the threads.
fn header(threads: usize, engine: EngineName) -> Result<f64, CliError> {
    let level = Level::best();
    let processor = processor().map_or(String::new(), |name| name + ", ");
    say!("machine    {processor}{level}");
    say!(
        "engine     {}, {}",
        engine.name(),
        counted(threads, "thread")
    );
    let one = fma_peak(level, 1, PEAK);
    let all = match threads {
        1 => one,
        _ => fma_peak(level, threads, PEAK),
    };
    let [one_g, all_g] = [one, all].map(|peak| peak / 1e9);
    say!("FMA peak   {one_g:.0} GFLOP/s with one thread, {all_g:.0} with {threads}\n");
    say!("workload  characters/s    ms/step   GFLOP/s  executed  of peak");
    Ok(all)
}

fn footer() -> Result<(), CliError> {
    say!("\nGFLOP/s counts every matrix product of a step, executed only those really computed");
    say!("(the first layer's input once for each kind of character), of peak their share.");
    say!("For an application, target tokens or labelled words are counted instead of characters,");
    say!("for a layer its steps.");
    if let Some(bytes) = peak_memory() {
        say!("peak memory of this process: {} MB", grouped(bytes >> 20));
    }
    Ok(())
}

/// The timing of one workload.
struct Timing<'a> {
    workload: Workload,
    engine: EngineName,
    threads: usize,
    bar: &'a ProgressBar,
}

impl WithEngine for &Timing<'_> {
    type Output = Result<Vec<f64>, TrainError>;

    fn run<R: Engine<Scalar = f32>>(self) -> Self::Output {
        let name = self.workload;
        let on_run = |run: Option<usize>| {
            self.bar.set_message(match run {
                None => format!("{name}: warming up"),
                Some(run) => format!("{name}: run {}", run + 1),
            });
        };
        time::<R>(&name, self.threads, || !interrupt::asked(), on_run)
    }
}

impl Timing<'_> {
    /// One line for a program. Its names are those that the scripts for other frameworks print.
    fn json(&self, seconds: &[f64]) -> String {
        let (workload, median) = (&self.workload, median(seconds));
        let steps = match workload.work {
            Work::Train | Work::Step => seconds.len(),
            Work::Generate(_) => GENERATED * seconds.len(),
            Work::Apply(application) => application.batches() * seconds.len(),
        };
        let mut line = json!({
            "engine": self.engine.name(),
            "level": (self.engine == EngineName::Fast).then(|| Level::best().name()),
            "workload": workload.to_string(),
            "threads": self.threads,
            "step_s_median": median,
            "step_s_min": seconds.iter().copied().fold(f64::INFINITY, f64::min),
            "steps": steps,
            "chars_per_s": workload.tokens() / median,
        });
        match workload.work {
            Work::Train => {
                line["gflops"] = (workload.shape.analytic_flops() / median / 1e9).into();
            }
            Work::Apply(application) => line["sizes"] = json!(application.sizes()),
            Work::Step => line["step_s_p99"] = quantile(seconds, 0.99).into(),
            Work::Generate(_) => {}
        }
        line.to_string()
    }

    /// One line of the table, with the share of the machine's `peak`.
    fn row(&self, seconds: &[f64], peak: f64) -> String {
        let (workload, median) = (&self.workload, median(seconds));
        let (name, chars_per_s) = (workload.to_string(), workload.tokens() / median);
        let start = format!("{name:<9} {:>12}", grouped(chars_per_s as u64));
        if let Work::Generate(precision) = workload.work {
            let gigabytes = workload.bytes_per_character(precision) / median / 1e9;
            return format!("{start} {:>10} {gigabytes:>9.0} GB/s of weights read", "");
        }
        if workload.work == Work::Step {
            let [median, p99] = [median, quantile(seconds, 0.99)].map(|s| s * 1e6);
            return format!(
                "{start} {:>10} {median:>9.2} µs a step, 99 % within {p99:.2} µs",
                ""
            );
        }
        let ms = median * 1e3;
        if let Work::Apply(_) = workload.work {
            return format!("{name:<13} {:>8} {ms:>10.2}", grouped(chars_per_s as u64));
        }
        let executed = workload.executed_flops(self.engine.name(), self.threads) / median;
        let share = 100.0 * executed / peak;
        let [analytic, executed] =
            [workload.shape.analytic_flops() / median, executed].map(|f| f / 1e9);
        format!("{start} {ms:>10.2} {analytic:>9.1} {executed:>9.1} {share:>6.1} %")
    }
}
