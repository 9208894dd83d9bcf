//! The line that shows how far a run is.

use console::{Style, Term};
use lstm_plot::grouped;
use lstm_train::{LossHistory, Plan, Progress, StepReport};
use std::time::Instant;

/// The progress of one session of a run.
pub struct Gauge {
    plan: Plan,
    unit: &'static str,
    /// The progress of the run when the session began.
    before: Progress,
    start: Instant,
    step: u64,
    seconds: f64,
    tokens: usize,
    smoothed_loss: Option<f64>,
    losses: LossHistory,
}

/// A part of the line.
struct Part {
    text: String,
    /// The part with the largest number gives way first.
    rank: u8,
    style: Style,
}

const WIDEST_BAR: usize = 24;
const NARROWEST_BAR: usize = 6;
const SPARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const SPARK_WIDTH: usize = 8;

impl Gauge {
    pub fn new(plan: &Plan, before: &Progress, unit: &'static str) -> Self {
        Self {
            plan: *plan,
            unit,
            before: *before,
            start: Instant::now(),
            step: before.step,
            seconds: before.seconds,
            tokens: 0,
            smoothed_loss: None,
            losses: LossHistory::default(),
        }
    }

    /// Notes a step, after which the run has taken `seconds`.
    pub fn note(&mut self, report: &StepReport, seconds: f64) {
        let smoothed = self.smoothed_loss.get_or_insert(report.loss);
        *smoothed += 0.1 * (report.loss - *smoothed);
        self.losses
            .note(report.step - 1 - self.before.step, *smoothed);
        self.tokens += report.tokens;
        (self.step, self.seconds) = (report.step, seconds);
    }

    /// The part of the run that is done, from 0 to 1.
    fn fraction(&self) -> f64 {
        let fraction = match (self.plan.steps, self.plan.seconds) {
            (Some(steps), _) => self.step as f64 / steps.max(1) as f64,
            (None, Some(seconds)) => self.seconds / seconds,
            (None, None) => 0.0,
        };
        fraction.clamp(0.0, 1.0)
    }

    /// The seconds to the end: by the clock, or at the speed of this session.
    fn left(&self) -> Option<f64> {
        let elapsed = self.start.elapsed().as_secs_f64();
        match (self.plan.steps, self.plan.seconds) {
            (Some(steps), _) => {
                let done = self.step.checked_sub(self.before.step).filter(|&n| n > 0)?;
                Some(elapsed / done as f64 * steps.saturating_sub(self.step) as f64)
            }
            (None, Some(seconds)) => Some((seconds - self.seconds).max(0.0)),
            (None, None) => None,
        }
    }

    /// The line, at most `width` columns wide, with the colours that `term` shows.
    pub fn line(&self, width: usize, term: &Term) -> String {
        let mut parts = self.parts();
        let used = |parts: &[Part]| -> usize {
            let columns = parts.iter().map(|part| part.text.chars().count() + 2);
            columns.sum::<usize>().saturating_sub(2)
        };
        while used(&parts) > width && parts.len() > 1 {
            let last = (0..parts.len()).max_by_key(|&n| parts[n].rank);
            parts.remove(last.expect("there are parts"));
        }
        let room = width.saturating_sub(used(&parts) + 1).min(WIDEST_BAR);
        if room >= NARROWEST_BAR {
            let done = (self.fraction() * room as f64).round() as usize;
            parts[0].text = format!(
                "{}{} {}",
                "█".repeat(done),
                "░".repeat(room - done),
                parts[0].text
            );
        }
        let has_colours = term.features().colors_supported();
        let styled = parts.iter().map(|part| {
            let style = part.style.clone().force_styling(has_colours);
            style.apply_to(&part.text).to_string()
        });
        styled.collect::<Vec<_>>().join("  ")
    }

    /// The parts from left to right; the bar is put before the first one.
    fn parts(&self) -> Vec<Part> {
        let rate = self.tokens as f64 / self.start.elapsed().as_secs_f64();
        let loss = self.smoothed_loss.unwrap_or(f64::NAN);
        let left = self.left().map_or("?".to_owned(), clock);
        let plain = Style::new;
        let part = |rank, style: Style, text: String| Part { text, rank, style };
        vec![
            part(
                0,
                plain().green(),
                format!("{:.0}%", 100.0 * self.fraction()),
            ),
            part(3, plain(), format!("step {}", grouped(self.step))),
            part(1, plain().bold(), format!("loss {loss:.3}")),
            part(4, plain().cyan(), sparkline(&self.losses)),
            part(
                5,
                plain().dim(),
                format!("{} {}s/s", grouped(rate as u64), self.unit),
            ),
            part(2, plain(), format!("{left} left")),
        ]
    }
}

/// The losses as a row of eight bars.
fn sparkline(losses: &LossHistory) -> String {
    let losses: Vec<f64> = losses.losses().map(|(_, loss)| loss).collect();
    let low = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let high = losses.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let spark = |chunk: &[f64]| {
        let mean = chunk.iter().sum::<f64>() / chunk.len() as f64;
        let height = (mean - low) / (high - low).max(f64::MIN_POSITIVE);
        SPARKS[(height * 7.0).round().clamp(0.0, 7.0) as usize]
    };
    let count = losses.len().min(SPARK_WIDTH);
    let chunk = |n: usize| &losses[n * losses.len() / count..(n + 1) * losses.len() / count];
    (0..count).map(|n| spark(chunk(n))).collect()
}

/// `0:07`, `12:34` or `1:02:03`.
fn clock(seconds: f64) -> String {
    let all = seconds.round() as u64;
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use console::measure_text_width;

    fn resumed(plan: Plan, step: u64, seconds: f64) -> Gauge {
        let before = Progress {
            step,
            seconds,
            ..Progress::default()
        };
        Gauge::new(&plan, &before, "char")
    }

    fn for_seconds(seconds: f64) -> Plan {
        Plan {
            steps: None,
            seconds: Some(seconds),
            ..Plan::steps(1)
        }
    }

    #[test]
    fn the_line_fits_every_width_and_keeps_what_matters_most() {
        let mut gauge = resumed(Plan::steps(12_345_678), 1_234_567, 3600.0);
        gauge.step += 9;
        gauge.tokens = 1_000_000_000;
        gauge.smoothed_loss = Some(12.345);
        (0..100).for_each(|n| gauge.losses.note(n, 5.0 - n as f64 / 30.0));
        let term = Term::stderr();
        for width in 3..150 {
            let line = gauge.line(width, &term);
            assert!(measure_text_width(&line) <= width, "{width}: {line}");
            assert!(line.contains("10%"), "{width}: {line}");
        }
        let wide = gauge.line(120, &term);
        for part in [
            "step 1,234,576",
            "loss 12.345",
            "chars/s",
            "left",
            "█▇",
            "░",
        ] {
            assert!(wide.contains(part), "{part}: {wide}");
        }
        assert!(gauge.line(30, &term).contains("loss 12.345"));
    }

    #[test]
    fn the_time_left_of_a_resumed_run_is_right_from_its_first_step() {
        let gauge = resumed(for_seconds(60.0), 1000, 20.0);
        assert_eq!(gauge.left(), Some(40.0));
        assert!((gauge.fraction() - 1.0 / 3.0).abs() < 1e-12);
        let mut gauge = resumed(Plan::steps(2000), 1000, 20.0);
        assert_eq!(gauge.left(), None);
        // Ten steps of a tenth of a second; the twenty seconds of the earlier session do not count.
        gauge.start -= std::time::Duration::from_secs(1);
        gauge.step += 10;
        let left = gauge.left().unwrap();
        assert!((99.0..102.0).contains(&left), "{left}");
        assert_eq!(gauge.fraction(), 0.505);
    }

    #[test]
    fn a_sparkline_goes_from_the_highest_to_the_lowest_loss() {
        let mut losses = LossHistory::default();
        assert_eq!(sparkline(&losses), "");
        (0..80).for_each(|n| losses.note(n, 8.0 - f64::from(n as u32 / 10)));
        assert_eq!(sparkline(&losses), "█▇▆▅▄▃▂▁");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(
            [7.4, 754.0, 3723.0].map(clock),
            ["0:07", "12:34", "1:02:03"]
        );
    }
}
