//! A language model.

use super::{Inspected, all_counts, header, layer_count, run_json};
use crate::count::counted;
use crate::error::CliError;
use lstm_fast::Fast;
use lstm_model::{Canonical, Network, Parameters, Tensors};
use lstm_plot::grouped;
use lstm_tasks::{LanguageDescription, TextSettings};
use lstm_text::{Tokenizer, plural};
use lstm_train::{RunHeader, StoredModel};
use serde_json::json;
use std::path::Path;

pub fn inspect(path: &Path) -> Result<Inspected, CliError> {
    let stored = StoredModel::<LanguageDescription>::read(path)?;
    let file = stored.path.clone();
    let (description, network): (_, Network<Fast>) = stored.network()?;
    let run = header::<TextSettings>(path)?;
    let mut tensors = Tensors::new();
    network.export("", &mut tensors);
    let all = network.parameter_count();
    Ok(Inspected {
        file,
        about: about(&description, run.as_ref()),
        tensors,
        parameters: parameters(&description, all),
        json: json!({
            "tokens": kind(&description),
            "imported_from": description.imported_from,
            "network": description.network,
            "parameters": all,
            "run": run.as_ref().map(run_json),
        }),
    })
}

/// The noun for a token.
fn kind(description: &LanguageDescription) -> &'static str {
    match description.vocabulary {
        Tokenizer::Characters(_) => "character",
        Tokenizer::Subwords(_) => "subword",
        Tokenizer::Words(_) => "word",
    }
}

/// The vocabulary, and how the model was trained.
fn about(description: &LanguageDescription, run: Option<&RunHeader<TextSettings>>) -> Vec<String> {
    let vocab_size = description.network.vocab_size;
    let kinds = plural(vocab_size, kind(description));
    let mut about = vec![format!(
        "a language model with a vocabulary of {vocab_size} {kinds}"
    )];
    let imported = description.imported_from.iter();
    about.extend(imported.map(|file| format!("imported from {file}")));
    let Some(run) = run else {
        return about;
    };
    let progress = run.state.progress;
    about.push(format!(
        "at step {}, trained on {} ({}) for {:.0} s, seed {}",
        grouped(progress.step),
        run.data.source,
        counted(run.data.characters, "character"),
        progress.seconds,
        run.settings.seed
    ));
    about.extend(progress.best.map(|best| {
        let (loss, step) = (best.val_loss, grouped(best.step));
        let unit = description.vocabulary.unit();
        format!("best validation loss {loss:.4} nats/{unit}, at step {step}")
    }));
    about
}

fn parameters(description: &LanguageDescription, all: usize) -> Vec<String> {
    let network = &description.network;
    let grouped = |n: usize| grouped(n as u64);
    let (v, h, d) = (network.vocab_size, network.hidden_size, network.embed_size);
    let mut lines = Vec::new();
    if d > 0 {
        lines.push(format!("  embedding  DV = {d}·{v} = {}", grouped(d * v)));
    }
    lines.extend((0..network.layers).map(|l| layer_count(l, network.input_size(l), h)));
    let head = grouped(v * h + v);
    lines.push(format!("  head       VH + V = {v}·{h} + {v} = {head}"));
    lines.extend(all_counts(all, network.layers, h));
    lines
}
