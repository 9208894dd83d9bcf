//! `lstm inspect`.

mod classifier;
mod forecaster;
mod language;

use crate::args::InspectArgs;
use crate::error::{CliError, say};
use crate::terminal::print_output;
use lstm_fast::Fast;
use lstm_model::{Canonical, Parameters, Tensor, Tensors, layer_parameter_count};
use lstm_plot::grouped;
use lstm_tasks::TextSettings;
use lstm_tasks::classify::{ClassifierDescription, ClassifySettings};
use lstm_tasks::forecast::{ForecastSettings, ForecasterDescription};
use lstm_train::{Application, Description, RunHeader, StoredModel, StoredRun, TrainError};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What is told of the models of one kind, by the settings that train them.
trait Told: Application {
    /// What the model is.
    fn about(description: &Self::Description) -> Vec<String>;

    /// What a run was trained on.
    fn data(run: &RunHeader<Self>) -> String;

    /// The unit of the loss: ` nats/char`, for example.
    fn loss_unit(description: &Self::Description) -> String;

    /// How the `all` parameters are counted.
    fn parameters(description: &Self::Description, all: usize) -> Vec<String>;

    /// The description for programs.
    fn json(description: &Self::Description) -> Value;
}

/// What is told of a model of any kind.
struct Inspected {
    file: PathBuf,
    /// What the model is, and how it was trained.
    about: Vec<String>,
    tensors: Tensors,
    /// How its parameters are counted.
    parameters: Vec<String>,
    /// The same for programs, but for the file and the tensors.
    json: Value,
}

pub fn run(args: &InspectArgs) -> Result<(), CliError> {
    let inspected = match inspect::<TextSettings>(&args.model) {
        Err(CliError::Train(TrainError::Kind { found, .. }))
            if found == ForecasterDescription::KIND =>
        {
            inspect::<ForecastSettings>(&args.model)
        }
        Err(CliError::Train(TrainError::Kind { found, .. }))
            if found == ClassifierDescription::KIND =>
        {
            inspect::<ClassifySettings>(&args.model)
        }
        found => found,
    }?;
    if args.json {
        return Ok(print_output(&inspected.to_json().to_string())?);
    }
    inspected.about.iter().try_for_each(|line| say(line))?;
    say(&format!("weights: {}", inspected.file.display()))?;
    inspected.list_tensors()?;
    say("\nparameters (E25)")?;
    inspected.parameters.iter().try_for_each(|line| say(line))
}

fn say(line: &str) -> Result<(), CliError> {
    say!("{line}");
    Ok(())
}

fn inspect<S: Told>(path: &Path) -> Result<Inspected, CliError> {
    let stored = StoredModel::<S::Description>::read(path)?;
    let file = stored.path.clone();
    let (description, network) = stored.network::<Fast>()?;
    let run = header::<S>(path)?;
    let mut tensors = Tensors::new();
    network.export("", &mut tensors);
    let all = network.parameter_count();
    let mut about = S::about(&description);
    about.extend(run.iter().flat_map(|run| training(run, &description)));
    let mut json = S::json(&description);
    json["parameters"] = all.into();
    json["run"] = run.as_ref().map(run_json).into();
    Ok(Inspected {
        file,
        about,
        tensors,
        parameters: S::parameters(&description, all),
        json,
    })
}

/// How a model was trained.
fn training<S: Told>(run: &RunHeader<S>, description: &S::Description) -> Vec<String> {
    let progress = run.state.progress;
    let mut about = vec![format!(
        "at step {}, trained on {} for {:.0} s, seed {}",
        grouped(progress.step),
        S::data(run),
        progress.seconds,
        run.settings.seed()
    )];
    about.extend(progress.best.map(|best| {
        let (loss, step) = (best.val_loss, grouped(best.step));
        let unit = S::loss_unit(description);
        format!("best validation loss {loss:.4}{unit}, at step {step}")
    }));
    about
}

/// The run in whose directory a model is.
fn header<A: Application>(model: &Path) -> Result<Option<RunHeader<A>>, CliError> {
    if !model.is_dir() {
        return Ok(None);
    }
    match StoredRun::<A>::read(model) {
        Err(TrainError::NoRun { .. }) => Ok(None),
        run => Ok(Some(run?.header)),
    }
}

/// How far a run got.
fn run_json<A: Application>(run: &RunHeader<A>) -> Value {
    let progress = run.state.progress;
    json!({
        "step": progress.step,
        "seconds": progress.seconds,
        "source": run.data.source,
        "characters": run.data.characters,
        "seed": run.settings.seed(),
        "best": progress.best,
    })
}

/// The count of layer `l`.
fn layer_count(l: usize, d: usize, h: usize) -> String {
    let count = grouped(layer_parameter_count(d, h) as u64);
    format!("  layer {l}    4(HD + H² + H) = 4({h}·{d} + {h}² + {h}) = {count}")
}

/// All parameters, and how many PyTorch has.
fn all_counts(all: usize, layers: usize, h: usize) -> [String; 2] {
    let with_second_bias = grouped((all + 4 * h * layers) as u64);
    [
        format!("  together   {}", grouped(all as u64)),
        format!("  (PyTorch keeps a second bias, 4H a layer: {with_second_bias} in all)"),
    ]
}

impl Inspected {
    fn list_tensors(&self) -> Result<(), CliError> {
        say!("\ntensor                            shape    numbers        min        max");
        for (name, tensor) in &self.tensors {
            let shape: Vec<String> = tensor.shape.iter().map(ToString::to_string).collect();
            let (min, max) = range(&tensor.data);
            let (shape, numbers) = (shape.join("×"), grouped(tensor.data.len() as u64));
            say!("{name:<26} {shape:>12} {numbers:>10} {min:>10.4} {max:>10.4}");
        }
        Ok(())
    }

    /// Everything as one JSON object.
    fn to_json(&self) -> Value {
        let tensor = |(name, tensor): (&String, &Tensor)| {
            let (min, max) = range(&tensor.data);
            json!({"name": name, "shape": tensor.shape, "min": min, "max": max})
        };
        let mut json = self.json.clone();
        json["file"] = self.file.display().to_string().into();
        json["tensors"] = self.tensors.iter().map(tensor).collect();
        json
    }
}

/// The smallest and the largest number.
fn range(data: &[f32]) -> (f32, f32) {
    let min = data.iter().copied().fold(f32::INFINITY, f32::min);
    let max = data.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    (min, max)
}
