//! Measures exp, σ and tanh of the fast engine at every level for all 2³² `f32`, and writes
//! `benches/ulp.json`. Takes minutes.

use indicatif::{ProgressBar, ProgressStyle};
use lstm_bench::processor;
use lstm_benches::{Committed, LevelErrors, Machine, UlpRecord, measure};
use lstm_fast::{Activation, Level};
use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, available_parallelism};

const COMMAND: &str = "cargo run --release -p lstm-benches --bin ulp";

/// The number of magnitudes that a thread takes at a time.
const CHUNK: u32 = 1 << 16;

/// All magnitudes, NaN included.
const CHUNKS: u32 = (1 << 31) / CHUNK;

fn main() -> Result<(), Box<dyn Error>> {
    let threads = available_parallelism()?.get();
    let levels = Level::available();
    let style = ProgressStyle::with_template("{bar:24} {percent} %  {eta} left")?;
    let bar = ProgressBar::new(CHUNKS.into()).with_style(style);
    let next = AtomicU32::new(0);
    let all = thread::scope(|scope| {
        let work = || scope.spawn(|| take_chunks(&levels, &next, &bar));
        let workers: Vec<_> = (0..threads).map(|_| work()).collect();
        let all = workers
            .into_iter()
            .map(|w| w.join().expect("a property holds"));
        all.flatten().reduce(merge).expect("there are chunks")
    });
    bar.finish_and_clear();
    let names = levels.iter().map(|level| level.name().to_owned());
    let record = UlpRecord {
        command: COMMAND.to_owned(),
        machine: Machine {
            processor: processor().unwrap_or_default(),
            threads,
            level: Level::best().name().to_owned(),
        },
        levels: names.zip(all).collect(),
    };
    show(&record);
    record.write()?;
    println!("\nwritten to {}", UlpRecord::path().display());
    Ok(())
}

/// Measures chunks until none is left.
fn take_chunks(levels: &[Level], next: &AtomicU32, bar: &ProgressBar) -> Option<Vec<LevelErrors>> {
    let mut all = None;
    loop {
        let chunk = next.fetch_add(1, Ordering::Relaxed);
        if chunk >= CHUNKS {
            return all;
        }
        let first = chunk * CHUNK;
        // One more at the end, whose value is compared with that of its neighbour.
        let last = if chunk + 1 == CHUNKS {
            first + CHUNK - 1
        } else {
            first + CHUNK
        };
        let errors = measure(levels, first..=last);
        all = Some(match all {
            Some(all) => merge(all, errors),
            None => errors,
        });
        bar.inc(1);
    }
}

fn merge(a: Vec<LevelErrors>, b: Vec<LevelErrors>) -> Vec<LevelErrors> {
    let both = a.into_iter().zip(b);
    both.map(|(a, b)| std::array::from_fn(|n| a[n].and(b[n])))
        .collect()
}

/// Prints the record.
fn show(record: &UlpRecord) {
    println!("level     function       worst at               backward steps    asymmetry  limits");
    for (level, errors) in &record.levels {
        for (function, e) in Activation::ALL.iter().zip(errors) {
            println!(
                "{level:<9} {:<8} {:>11.6} {:<16e} {:>11} ({:.2}) {:>8.2} {:?} beyond {:?}",
                format!("{function:?}"),
                e.worst,
                e.at,
                e.backward_steps,
                e.largest_backward_step,
                e.asymmetry,
                e.limits,
                e.between
            );
        }
    }
}
