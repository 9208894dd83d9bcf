//! Measures the ladder of engines and how they scale, and writes `benches/record.json`.

use indicatif::{ProgressBar, ProgressStyle};
use lstm_benches::{
    Engine, MIDDLE, Machine, Measurement, Peak, Record, Run, SHAPES, Shape, assert_same_loss,
    in_rounds, median, processor,
};
use lstm_fast::{Level, fma_peak};
use std::error::Error;
use std::thread::available_parallelism;
use std::time::Duration;

const COMMAND: &str = "cargo run --release -p lstm-benches --bin record";
const ROUNDS: usize = 5;
const PEAK: Duration = Duration::from_millis(250);
/// For each run in each round; a step of the ladder may take longer.
const BUDGET: Duration = Duration::from_millis(150);
/// The spec engine's B: its time for a character does not depend on it.
const SPEC_BATCH: usize = 8;
const HIDDEN_SIZES: [usize; 5] = [64, 128, 256, 512, 1024];
const BATCH_SIZES: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

fn main() -> Result<(), Box<dyn Error>> {
    let threads = available_parallelism()?.get();
    let best = Level::current();
    assert_same_loss(&spec_shape(), threads);
    let (mut ladder, mut hidden_size, mut batch_size) = (
        ladder(threads),
        both(
            HIDDEN_SIZES.map(|hidden_size| Shape {
                hidden_size,
                ..MIDDLE
            }),
            threads,
        ),
        both(
            BATCH_SIZES.map(|batch_size| Shape {
                batch_size,
                ..MIDDLE
            }),
            threads,
        ),
    );
    let runs = ladder.len() + hidden_size.len() + batch_size.len();
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len}  {msg}")?;
    let bar = ProgressBar::new(((ROUNDS + 1) * runs) as u64).with_style(style);
    let (mut of_one, mut of_all) = (Vec::new(), Vec::new());
    for runs in [&mut ladder, &mut hidden_size, &mut batch_size] {
        let peaks = || {
            of_one.push(fma_peak(1, PEAK) / 1e9);
            of_all.push(fma_peak(threads, PEAK) / 1e9);
        };
        in_rounds(runs, ROUNDS, BUDGET, peaks, |run| {
            bar.set_message(run.name());
            bar.inc(1);
        });
    }
    bar.finish_and_clear();

    let mut peaks = vec![peak(1, &of_one)];
    if threads > 1 {
        peaks.push(peak(threads, &of_all));
    }
    let of = |threads| {
        if threads == 1 {
            median(&of_one)
        } else {
            median(&of_all)
        }
    };
    let measured = |runs: &[Run]| -> Vec<Measurement> {
        runs.iter()
            .map(|run| run.measurement(of(run.threads())))
            .collect()
    };
    let record = Record {
        command: COMMAND.to_owned(),
        machine: Machine {
            processor: processor().unwrap_or_default(),
            threads,
            level: best.name().to_owned(),
        },
        peaks,
        rounds: ROUNDS,
        ladder: measured(&ladder),
        hidden_size: measured(&hidden_size),
        batch_size: measured(&batch_size),
    };
    show(&record);
    record.write()?;
    println!("\nwritten to {}", Record::path().display());
    Ok(())
}

/// The article's training step: each engine with one thread, the fast one at every level, and then
/// with all threads.
fn ladder(threads: usize) -> Vec<Run> {
    let [.., (_, article)] = SHAPES;
    let levels = Level::available().into_iter();
    let one_thread = [(Engine::Spec, spec_shape()), (Engine::Batched, article)]
        .into_iter()
        .chain(levels.map(|level| (Engine::Fast(level), article)))
        .map(|(engine, shape)| Run::new(engine, shape, 1));
    let all_threads =
        (threads > 1).then(|| Run::new(Engine::Fast(Level::current()), article, threads));
    one_thread.chain(all_threads).collect()
}

/// The article's, with fewer sequences.
fn spec_shape() -> Shape {
    let [.., (_, article)] = SHAPES;
    Shape {
        batch_size: SPEC_BATCH,
        ..article
    }
}

/// The batched and the fast engine on each shape.
fn both<const N: usize>(shapes: [Shape; N], threads: usize) -> Vec<Run> {
    let engines = [Engine::Batched, Engine::Fast(Level::current())];
    let run = |shape| engines.map(|engine| Run::new(engine, shape, threads));
    shapes.into_iter().flat_map(run).collect()
}

fn peak(threads: usize, gflops: &[f64]) -> Peak {
    Peak {
        threads,
        gflops: median(gflops).round(),
    }
}

/// The record for a person.
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
