//! `lstm inspect`.

use crate::args::InspectArgs;
use crate::count::counted;
use crate::error::{CliError, say};
use lstm_fast::Fast;
use lstm_model::{Canonical, Parameters, Tensors, layer_parameter_count};
use lstm_plot::grouped;
use lstm_tasks::{LanguageModel, TextSettings};
use lstm_text::{Tokenizer, plural};
use lstm_train::{StoredRun, TrainError};

pub fn run(args: &InspectArgs) -> Result<(), CliError> {
    let model = LanguageModel::<Fast>::load(&args.model)?;
    let kind = match model.description.vocabulary {
        Tokenizer::Characters(_) => "character",
        Tokenizer::Subwords(_) => "subword",
        Tokenizer::Words(_) => "word",
    };
    let vocab_size = model.description.network.vocab_size;
    say!(
        "a language model with a vocabulary of {vocab_size} {}",
        plural(vocab_size, kind)
    );
    if let Some(file) = &model.description.imported_from {
        say!("imported from {file}");
    }
    describe_run(args, model.description.vocabulary.unit())?;
    list_tensors(&model)?;
    count_parameters(&model)
}

/// Prints how the model was trained, if it is in the directory of a run.
fn describe_run(args: &InspectArgs, unit: &str) -> Result<(), CliError> {
    if !args.model.is_dir() {
        return Ok(());
    }
    let run = match StoredRun::<TextSettings>::read(&args.model) {
        Err(TrainError::NoRun { .. }) => return Ok(()),
        run => run?.header,
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
        say!("best validation loss {loss:.4} nats/{unit}, at step {step}");
    }
    Ok(())
}

fn list_tensors(model: &LanguageModel<Fast>) -> Result<(), CliError> {
    let mut tensors = Tensors::new();
    model.network.export("", &mut tensors);
    say!("\ntensor                            shape    numbers        min        max");
    for (name, tensor) in &tensors {
        let shape: Vec<String> = tensor.shape.iter().map(ToString::to_string).collect();
        let min = tensor.data.iter().fold(f32::INFINITY, |m, &v| m.min(v));
        let max = tensor.data.iter().fold(f32::NEG_INFINITY, |m, &v| m.max(v));
        let (shape, numbers) = (shape.join("×"), grouped(tensor.data.len() as u64));
        say!("{name:<26} {shape:>12} {numbers:>10} {min:>10.4} {max:>10.4}");
    }
    Ok(())
}

fn count_parameters(model: &LanguageModel<Fast>) -> Result<(), CliError> {
    let network = &model.description.network;
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
    let all = model.network.parameter_count();
    say!("  together   {}", grouped(all));
    let with_second_bias = grouped(all + 4 * h * network.layers);
    say!("  (PyTorch keeps a second bias, 4H a layer: {with_second_bias} in all)");
    Ok(())
}
