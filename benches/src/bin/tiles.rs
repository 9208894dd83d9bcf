//! Tries register tiles of many sizes in training steps, and writes the best into the table of lstm-fast.
//!
//! `cargo run --release -p lstm-benches --bin tiles` does so for the best instruction set of the machine,
//! `… --bin tiles -- AVX2` for another. The sizes change no bit of the results.

use lstm_bench::{MIDDLE, SHAPES, Shape, Step};
use lstm_fast::{Fast, Level, Tile, Tiles};
use std::error::Error;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};
use std::{env, fs};

const TABLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../crates/lstm-fast/src/tiles.table"
);
const ROUNDS: usize = 5;
/// The time for each size and shape in each round; one step may take longer.
const BUDGET: Duration = Duration::from_millis(50);
/// The numbers of inputs, or tokens, that are tried for a block.
const BLOCKS: [usize; 6] = [64, 128, 192, 256, 352, 512];

fn main() -> Result<(), Box<dyn Error>> {
    let levels = Level::available();
    let level = match env::args().nth(1) {
        None => Level::best(),
        Some(name) => *levels
            .iter()
            .find(|level| level.name() == name)
            .ok_or_else(|| format!("this machine has no instruction set {name}"))?,
    };
    let mut search = Search::new(level)?;
    let sizes = |tile: Tile| {
        sizes(level).map(move |(rows, panels)| Tile {
            rows,
            panels,
            ..tile
        })
    };
    let blocks = |tile: Tile| BLOCKS.map(|block| Tile { block, ..tile });
    let best = level.tiles();
    let best = search.fastest(sizes(best.product).map(|product| Tiles { product, ..best }));
    let best = search.fastest(blocks(best.product).map(|product| Tiles { product, ..best }));
    let best = search.fastest(BLOCKS.map(|far| Tiles { far, ..best }));
    let best = search.fastest(sizes(best.outer).map(|outer| Tiles { outer, ..best }));
    let best = search.fastest(blocks(best.outer).map(|outer| Tiles { outer, ..best }));
    write(level, best)?;
    println!("written to {TABLE}");
    Ok(())
}

/// The sizes of tiles with at least half as many sums as the registers hold.
fn sizes(level: Level) -> impl Iterator<Item = (usize, usize)> {
    let sizes = level.tile_sizes();
    let most = sizes.iter().map(|(rows, panels)| rows * panels).max();
    let is_large = move |&(rows, panels): &(usize, usize)| Some(2 * rows * panels) >= most;
    sizes.into_iter().filter(is_large)
}

/// Training steps that are timed with different tiles.
struct Search {
    level: Level,
    steps: [Step<Fast>; 3],
}

impl Search {
    fn new(level: Level) -> Result<Self, Box<dyn Error>> {
        let threads = available_parallelism()?.get();
        let [_, (_, char), (_, article)] = SHAPES;
        let wide = Shape {
            hidden_size: 512,
            ..MIDDLE
        };
        let step = |shape: &Shape| Step::at(level, shape, threads);
        let steps = [step(&char)?, step(&article)?, step(&wide)?];
        Ok(Self { level, steps })
    }

    /// The tiles with which the steps take the least time: the geometric mean of their fastest runs, because
    /// a disturbance of the machine only makes a run slower. All tiles take turns.
    fn fastest(&mut self, tried: impl IntoIterator<Item = Tiles>) -> Tiles {
        let timed = |tiles| (tiles, [f64::INFINITY; 3]);
        let mut tried: Vec<_> = tried.into_iter().map(timed).collect();
        for _ in 0..ROUNDS {
            for (tiles, seconds) in &mut tried {
                let level = self.level.with_tiles(*tiles);
                for (step, seconds) in self.steps.iter_mut().zip(seconds) {
                    step.set_level(level);
                    *seconds = seconds.min(fastest_run(step));
                }
            }
        }
        println!("rows × panels, block               milliseconds for a step");
        let (mut least, mut best) = (f64::INFINITY, self.level.tiles());
        for (tiles, seconds) in tried {
            let [a, b, c] = seconds.map(|seconds| 1e3 * seconds);
            let [product, outer] = [tiles.product, tiles.outer].map(shown);
            println!(
                "{product:>12} {:>4} {outer:>12} {a:8.2} {b:8.2} {c:8.2}",
                tiles.far
            );
            if a * b * c < least {
                (least, best) = (a * b * c, tiles);
            }
        }
        println!();
        best
    }
}

/// The seconds of the fastest run of the step within [`BUDGET`], after a first run that does not count.
fn fastest_run(step: &mut Step<Fast>) -> f64 {
    step.run();
    let (first, mut fastest) = (Instant::now(), f64::INFINITY);
    loop {
        let start = Instant::now();
        step.run();
        fastest = start.elapsed().as_secs_f64().min(fastest);
        if first.elapsed() >= BUDGET {
            return fastest;
        }
    }
}

fn shown(tile: Tile) -> String {
    let Tile {
        rows,
        panels,
        block,
    } = tile;
    format!("{rows} × {panels}, {block}")
}

/// Replaces the level's line of the table.
fn write(level: Level, tiles: Tiles) -> Result<(), Box<dyn Error>> {
    let start = format!("    (\"{level}\", ");
    let [product, outer] =
        [tiles.product, tiles.outer].map(|tile| [tile.rows, tile.panels, tile.block]);
    let line = |line: &str| {
        if line.starts_with(&start) {
            format!("{start}{product:?}, {}, {outer:?}),\n", tiles.far)
        } else {
            format!("{line}\n")
        }
    };
    let table: String = fs::read_to_string(TABLE)?.lines().map(line).collect();
    Ok(fs::write(TABLE, table)?)
}
