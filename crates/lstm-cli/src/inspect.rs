//! `lstm inspect`.

use crate::args::InspectArgs;
use crate::count::counted;
use crate::error::{CliError, say};
use crate::terminal::print_output;
use lstm_fast::Fast;
use lstm_model::{Canonical, Parameters, Tensors, layer_parameter_count};
use lstm_plot::grouped;
use lstm_tasks::{LanguageDescription, LanguageModel, TextSettings};
use lstm_text::{Tokenizer, plural};
use lstm_train::{RunHeader, StoredModel, StoredRun, TrainError};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A model and the run that it is from.
struct Inspected {
    file: PathBuf,
    model: LanguageModel<Fast>,
    /// If the model is in the directory of a run.
    run: Option<RunHeader<TextSettings>>,
}

pub fn run(args: &InspectArgs) -> Result<(), CliError> {
    let stored = StoredModel::<LanguageDescription>::read(&args.model)?;
    let file = stored.path.clone();
    let (description, network) = stored.network()?;
    let inspected = Inspected {
        file,
        model: LanguageModel {
            description,
            network,
        },
        run: header(args)?,
    };
    if args.json {
        return Ok(print_output(&inspected.json().to_string())?);
    }
    inspected.describe()?;
    inspected.list_tensors()?;
    inspected.count_parameters()
}

fn header(args: &InspectArgs) -> Result<Option<RunHeader<TextSettings>>, CliError> {
    if !args.model.is_dir() {
        return Ok(None);
    }
    match StoredRun::<TextSettings>::read(&args.model) {
        Err(TrainError::NoRun { .. }) => Ok(None),
        run => Ok(Some(run?.header)),
    }
}

impl Inspected {
    fn description(&self) -> &LanguageDescription {
        &self.model.description
    }

    /// The noun for a token.
    fn kind(&self) -> &'static str {
        match self.description().vocabulary {
            Tokenizer::Characters(_) => "character",
            Tokenizer::Subwords(_) => "subword",
            Tokenizer::Words(_) => "word",
        }
    }

    /// Prints the vocabulary, and how the model was trained.
    fn describe(&self) -> Result<(), CliError> {
        let vocab_size = self.description().network.vocab_size;
        say!(
            "a language model with a vocabulary of {vocab_size} {}",
            plural(vocab_size, self.kind())
        );
        if let Some(file) = &self.description().imported_from {
            say!("imported from {file}");
        }
        let Some(run) = &self.run else {
            return Ok(());
        };
        let progress = run.state.progress;
        say!(
            "at step {}, trained on {} ({}) for {:.0} s, seed {}",
            grouped(progress.step),
            run.data.source,
            counted(run.data.characters, "character"),
            progress.seconds,
            run.settings.seed
        );
        if let Some(best) = progress.best {
            let (loss, step) = (best.val_loss, grouped(best.step));
            let unit = self.description().vocabulary.unit();
            say!("best validation loss {loss:.4} nats/{unit}, at step {step}");
        }
        say!("weights: {}", self.file.display());
        Ok(())
    }

    fn tensors(&self) -> Tensors {
        let mut tensors = Tensors::new();
        self.model.network.export("", &mut tensors);
        tensors
    }

    fn list_tensors(&self) -> Result<(), CliError> {
        say!("\ntensor                            shape    numbers        min        max");
        for (name, tensor) in &self.tensors() {
            let shape: Vec<String> = tensor.shape.iter().map(ToString::to_string).collect();
            let (min, max) = range(&tensor.data);
            let (shape, numbers) = (shape.join("×"), grouped(tensor.data.len() as u64));
            say!("{name:<26} {shape:>12} {numbers:>10} {min:>10.4} {max:>10.4}");
        }
        Ok(())
    }

    fn count_parameters(&self) -> Result<(), CliError> {
        let network = &self.description().network;
        let grouped = |n: usize| grouped(n as u64);
        say!("\nparameters (E25)");
        let (v, h) = (network.vocab_size, network.hidden_size);
        if network.embed_size > 0 {
            let d = network.embed_size;
            say!("  embedding  DV = {d}·{v} = {}", grouped(d * v));
        }
        for l in 0..network.layers {
            let d = network.input_size(l);
            let count = grouped(layer_parameter_count(d, h));
            say!("  layer {l}    4(HD + H² + H) = 4({h}·{d} + {h}² + {h}) = {count}");
        }
        let head = grouped(v * h + v);
        say!("  head       VH + V = {v}·{h} + {v} = {head}");
        let all = self.model.network.parameter_count();
        say!("  together   {}", grouped(all));
        let with_second_bias = grouped(all + 4 * h * network.layers);
        say!("  (PyTorch keeps a second bias, 4H a layer: {with_second_bias} in all)");
        Ok(())
    }

    /// The same as one JSON object.
    fn json(&self) -> Value {
        let network = &self.description().network;
        let tensor = |(name, tensor): (String, lstm_model::Tensor)| {
            let (min, max) = range(&tensor.data);
            json!({"name": name, "shape": tensor.shape, "min": min, "max": max})
        };
        let run = self.run.as_ref().map(|run| {
            let progress = &run.state.progress;
            json!({
                "step": progress.step,
                "seconds": progress.seconds,
                "source": run.data.source,
                "characters": run.data.characters,
                "seed": run.settings.seed,
                "best": progress.best,
            })
        });
        json!({
            "file": self.file.display().to_string(),
            "tokens": self.kind(),
            "imported_from": self.description().imported_from,
            "network": network,
            "parameters": self.model.network.parameter_count(),
            "run": run,
            "tensors": self.tensors().into_iter().map(tensor).collect::<Vec<_>>(),
        })
    }
}

/// The smallest and the largest number.
fn range(data: &[f32]) -> (f32, f32) {
    let min = data.iter().copied().fold(f32::INFINITY, f32::min);
    let max = data.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    (min, max)
}
