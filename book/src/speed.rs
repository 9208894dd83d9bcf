//! The figures of speed, from the committed record.

use crate::figures::{dashed, solid};
use lstm_bench::Shape;
use lstm_benches::{Measurement, Record};
use lstm_plot::{Axis, Bar, BarChart, Panel, PlotError, bar_chart, grouped, line_charts};

/// Characters per second, from the spec engine to the peak of all threads.
pub fn ladder(record: &Record) -> Result<String, PlotError> {
    let rung = |m: &Measurement| {
        let level = m.level.as_ref().map_or(String::new(), |l| format!(", {l}"));
        Bar {
            name: format!("{}{level}, {}", m.engine, threads(m.threads)),
            value: m.chars_per_s,
            note: note(m.chars_per_s, m.share_of_peak),
            is_limit: false,
        }
    };
    // The peak, divided by the operations that the fast engine executes for a character.
    let best = record.ladder.last();
    let limit = best.and_then(|m| Some((m, record.peak(m.threads)?)));
    let limit = limit.map(|(m, peak)| {
        let flops = m.shape.fast_flops(m.threads) / m.shape.tokens() as f64;
        let value = peak * 1e9 / flops;
        Bar {
            name: format!("FMA peak, {}", threads(m.threads)),
            value,
            note: note(value, 1.0),
            is_limit: true,
        }
    });
    let bars: Vec<Bar> = record.ladder.iter().map(rung).chain(limit).collect();
    let ticks = enclosing(bars.iter().map(|bar| bar.value));
    bar_chart(&BarChart {
        title: "Characters per second of a training step, by engine".to_owned(),
        axis: Axis::logarithmic("characters/s", &ticks),
        notes: "characters/s, of peak".to_owned(),
        bars,
    })
}

/// GFLOP/s over H and over B, and the peak.
pub fn scaling(record: &Record) -> Result<String, PlotError> {
    let peak = record.peak(record.machine.threads);
    let both = || record.hidden_size.iter().chain(&record.batch_size);
    let all = both().map(|m| m.gflops).chain(peak).chain([0.0]);
    let y = Axis::fitted("GFLOP/s", all);
    let panel = |label, measured: &[Measurement], at: fn(&Shape) -> usize| {
        let curve = |engine| {
            let points = measured.iter().filter(|m| m.engine == engine);
            let points = points.map(|m| (at(&m.shape) as f64, m.gflops));
            solid(engine, points.collect())
        };
        let mut curves = vec![curve("fast"), curve("batched")];
        let ticks: Vec<f64> = curves[0].points.iter().map(|point| point.0).collect();
        if let (Some(peak), [first, .., last]) = (peak, ticks.as_slice()) {
            curves.push(dashed("FMA peak", vec![(*first, peak), (*last, peak)]));
        }
        Panel {
            x: Axis::logarithmic(label, &ticks),
            y: y.clone(),
            curves,
        }
    };
    line_charts(
        "GFLOP/s of a training step over H and over B",
        &[
            panel("hidden size H", &record.hidden_size, |s| s.hidden_size),
            panel("batch size B", &record.batch_size, |s| s.batch_size),
        ],
    )
}

fn threads(n: usize) -> String {
    format!("{n} thread{}", if n == 1 { "" } else { "s" })
}

/// 12,300, 45 %
fn note(chars_per_s: f64, share: f64) -> String {
    let grouped = grouped(chars_per_s.round() as u64);
    format!("{grouped}, {:.0} %", 100.0 * share)
}

/// 1, 2 and 5 times powers of ten, from the last power below all values to the first above.
fn enclosing(values: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let min = values.clone().fold(f64::INFINITY, f64::min);
    let max = values.fold(0.0, f64::max);
    let round = (0..=9).flat_map(|e| [1.0, 2.0, 5.0].map(|n| n * 10_f64.powi(e)));
    let powers = (0..9).map(|e| 10_f64.powi(e));
    let first = powers.take_while(|v| *v < min).last().unwrap_or(1.0);
    let end = round.clone().find(|v| *v > max).unwrap_or(1e9);
    round.filter(|v| (first..=end).contains(v)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lstm_benches::Records;

    /// The rows of the FAQ's table of batch sizes; `percent` is the percent sign of the language.
    fn batch_rows(record: &Record, percent: &str) -> String {
        let told =
            |m: &&Measurement| m.engine == "fast" && [1, 4, 16, 128].contains(&m.shape.batch_size);
        let row = |m: &Measurement| {
            format!(
                "| {} | {:.1} ms | {} | {:.0}{percent} |\n",
                m.shape.batch_size,
                1e3 * m.step_s_median,
                grouped(m.chars_per_s.round() as u64),
                100.0 * m.share_of_peak
            )
        };
        record.batch_size.iter().filter(told).map(row).collect()
    }

    #[test]
    fn the_table_of_the_faq_shows_the_record() {
        let record = Records::shown().unwrap();
        let book = env!("CARGO_MANIFEST_DIR");
        for (language, percent) in [("en", " %"), ("zh", "%")] {
            let faq = std::fs::read_to_string(format!("{book}/{language}/faq.md")).unwrap();
            let rows = batch_rows(&record, percent);
            assert!(
                rows.lines().count() == 4 && faq.contains(&rows),
                "book/{language}/faq.md is stale; its table is now\n{rows}"
            );
        }
    }
}
