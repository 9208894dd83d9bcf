//! Measures the ladder of engines and their speed at several sizes, and writes
//! `benches/record.json`.

use indicatif::{ProgressBar, ProgressStyle};
use lstm_bench::{MIDDLE, SHAPES, Shape, assert_same_loss, median, processor};
use lstm_benches::{
    Committed, Machine, Measurement, Peak, Record, Records, Run, TimedEngine, in_rounds,
};
use lstm_fast::{Level, fma_peak};
use std::error::Error;
use std::thread::available_parallelism;
use std::time::Duration;

const COMMAND: &str = "cargo run --release -p lstm-benches --bin record";
const ROUNDS: usize = 5;
const PEAK: Duration = Duration::from_millis(250);
/// The time for each run in each round; one step of the ladder may take longer.
const BUDGET: Duration = Duration::from_millis(150);
/// B of the spec engine, whose time for a character does not depend on B.
const SPEC_BATCH: usize = 8;
const HIDDEN_SIZES: [usize; 5] = [64, 128, 256, 512, 1024];
const BATCH_SIZES: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

fn main() -> Result<(), Box<dyn Error>> {
    let threads = available_parallelism()?.get();
    let best = Level::best();
    assert_same_loss(&spec_shape(), threads);
    let hidden_sizes = HIDDEN_SIZES.map(|hidden_size| Shape {
        hidden_size,
        ..MIDDLE
    });
    let batch_sizes = BATCH_SIZES.map(|batch_size| Shape {
        batch_size,
        ..MIDDLE
    });
    let mut groups = [
        ladder(threads),
        both(hidden_sizes, threads),
        both(batch_sizes, threads),
    ];
    let [of_one, of_all] = time(&mut groups, threads)?;
    let mut peaks = vec![peak(1, &of_one)];
    if threads > 1 {
        peaks.push(peak(threads, &of_all));
    }
    let of = |threads| median(if threads == 1 { &of_one } else { &of_all });
    let [ladder, hidden_size, batch_size] = groups.map(|runs| -> Vec<Measurement> {
        runs.iter()
            .map(|run| run.measurement(of(run.threads())))
            .collect()
    });
    let record = Record {
        command: COMMAND.to_owned(),
        machine: Machine {
            processor: processor().unwrap_or_default(),
            threads,
            level: best.name().to_owned(),
        },
        peaks,
        rounds: ROUNDS,
        ladder,
        hidden_size,
        batch_size,
    };
    show(&record);
    let mut records = Records::read()?;
    records.put(record);
    records.write()?;
    println!("\nwritten to {}", Records::path().display());
    Ok(())
}

/// Times all runs, group by group. Returns the peaks in GFLOP/s of one thread and of `threads`, one
/// for each round.
fn time(groups: &mut [Vec<Run>], threads: usize) -> Result<[Vec<f64>; 2], Box<dyn Error>> {
    let (best, runs) = (Level::best(), groups.iter().map(Vec::len).sum::<usize>());
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len}  {msg}")?;
    let bar = ProgressBar::new(((ROUNDS + 1) * runs) as u64).with_style(style);
    let (mut of_one, mut of_all) = (Vec::new(), Vec::new());
    for runs in groups {
        let peaks = || {
            of_one.push(fma_peak(best, 1, PEAK) / 1e9);
            of_all.push(fma_peak(best, threads, PEAK) / 1e9);
        };
        in_rounds(runs, ROUNDS, BUDGET, peaks, |run| {
            bar.set_message(run.name());
            bar.inc(1);
        });
    }
    bar.finish_and_clear();
    Ok([of_one, of_all])
}

/// The article's training step: each engine with one thread, the fast one at every level, and then
/// with all threads.
fn ladder(threads: usize) -> Vec<Run> {
    let [.., (_, article)] = SHAPES;
    let levels = Level::available().into_iter();
    let one_thread = [
        (TimedEngine::Spec, spec_shape()),
        (TimedEngine::Batched, article),
    ]
    .into_iter()
    .chain(levels.map(|level| (TimedEngine::Fast(level), article)))
    .map(|(engine, shape)| Run::new(engine, shape, 1));
    let all_threads =
        (threads > 1).then(|| Run::new(TimedEngine::Fast(Level::best()), article, threads));
    one_thread.chain(all_threads).collect()
}

/// The article's shape with fewer sequences.
fn spec_shape() -> Shape {
    let [.., (_, article)] = SHAPES;
    Shape {
        batch_size: SPEC_BATCH,
        ..article
    }
}

/// The batched and the fast engine on each shape.
fn both<const N: usize>(shapes: [Shape; N], threads: usize) -> Vec<Run> {
    let engines = [TimedEngine::Batched, TimedEngine::Fast(Level::best())];
    let run = |shape| engines.map(|engine| Run::new(engine, shape, threads));
    shapes.into_iter().flat_map(run).collect()
}

fn peak(threads: usize, gflops: &[f64]) -> Peak {
    Peak {
        threads,
        gflops: median(gflops).round(),
    }
}

/// Prints the record.
fn show(record: &Record) {
    let Machine {
        processor,
        threads,
        level,
    } = &record.machine;
    println!("{processor}, {threads} threads, {level}");
    for peak in &record.peaks {
        println!(
            "FMA peak with {} threads: {} GFLOP/s",
            peak.threads, peak.gflops
        );
    }
    for (title, measurements) in [
        ("ladder", &record.ladder),
        ("hidden size", &record.hidden_size),
        ("batch size", &record.batch_size),
    ] {
        println!("\n{title:<18} threads    H    B  characters/s  GFLOP/s  of peak");
        for m in measurements {
            println!(
                "{:<8} {:<9} {:>7} {:>4} {:>4} {:>13.0} {:>8.1} {:>6.1} %",
                m.engine,
                m.level.as_deref().unwrap_or(""),
                m.threads,
                m.shape.hidden_size,
                m.shape.batch_size,
                m.chars_per_s,
                m.gflops,
                100.0 * m.share_of_peak
            );
        }
    }
}
