//! `lstm compare`: the losses of several runs, as a table and as a picture.

use crate::args::CompareArgs;
use crate::error::{CliError, say};
use lstm_plot::{Axis, Curve, Panel, PlotError, grouped, line_charts};
use lstm_train::{Evaluation, create_file, expect_absent, read_metrics};

struct Compared {
    name: String,
    metrics: Vec<Evaluation>,
}

pub fn run(args: &CompareArgs) -> Result<(), CliError> {
    args.plot.as_deref().map_or(Ok(()), expect_absent)?;
    let read = |dir: &std::path::PathBuf| {
        let metrics = read_metrics(dir)?;
        let name = dir.display().to_string();
        if metrics.is_empty() {
            return Err(CliError::NoMetrics { dir: dir.clone() });
        }
        Ok(Compared { name, metrics })
    };
    let runs: Vec<Compared> = args.runs.iter().map(read).collect::<Result<_, _>>()?;
    let longest = runs.iter().map(|run| run.name.chars().count()).max();
    let width = longest.unwrap_or(0).max(3);
    say!(
        "{:<width$}     step  training  validation   lowest  at step  seconds",
        "run"
    );
    for run in &runs {
        say!("{:<width$}  {}", run.name, run.row());
    }
    say!(
        "\nlosses in nats for each character, token or word; compare only runs that count the same units"
    );
    if let Some(path) = &args.plot {
        let svg = picture(&runs).map_err(CliError::plot(path))?;
        create_file(path, svg.as_bytes())?;
    }
    Ok(())
}

impl Compared {
    fn row(&self) -> String {
        let last = self.metrics.last().expect("a run has an evaluation");
        let with_loss = |e: &Evaluation| e.val_loss.map(|loss| (loss, e.step));
        let lowest = self.metrics.iter().filter_map(with_loss);
        let lowest = lowest.min_by(|a, b| a.0.total_cmp(&b.0));
        let loss = |loss: Option<f64>| loss.map_or("none".to_owned(), |loss| format!("{loss:.4}"));
        format!(
            "{:>7}  {:>8.4}  {:>10}  {:>7}  {:>7}  {:>7.0}",
            grouped(last.step),
            last.train_loss,
            loss(last.val_loss),
            loss(lowest.map(|(loss, _)| loss)),
            lowest.map_or(String::new(), |(_, step)| grouped(step)),
            last.seconds
        )
    }

    /// The curve of the validation loss over steps; of the training loss if the run has no validation.
    fn curve(&self) -> Curve {
        let has_val = self.metrics.iter().any(|e| e.val_loss.is_some());
        let point = |e: &Evaluation| {
            let loss = if has_val {
                e.val_loss
            } else {
                Some(e.train_loss)
            };
            Some((e.step as f64, loss?))
        };
        Curve {
            name: self.name.clone(),
            points: self.metrics.iter().filter_map(point).collect(),
            dashed: !has_val,
            mark: None,
        }
    }
}

fn picture(runs: &[Compared]) -> Result<String, PlotError> {
    let curves: Vec<Curve> = runs.iter().map(Compared::curve).collect();
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let panel = Panel {
        x: Axis::fitted("step", points().map(|p| p.0).chain([0.0])),
        y: Axis::fitted("loss, nats", points().map(|p| p.1)),
        curves,
    };
    let title = "Validation loss of several runs against steps (dashed: training loss)";
    line_charts(title, &[panel])
}
