//! A language model.

use super::{Told, all_counts, layer_count};
use crate::count::counted;
use lstm_plot::grouped;
use lstm_tasks::{LanguageDescription, TextSettings};
use lstm_text::{Tokenizer, plural};
use lstm_train::RunHeader;
use serde_json::{Value, json};

impl Told for TextSettings {
    fn about(description: &LanguageDescription) -> Vec<String> {
        let vocab_size = description.network.vocab_size;
        let kinds = plural(vocab_size, kind(description));
        let mut about = vec![format!(
            "a language model with a vocabulary of {vocab_size} {kinds}"
        )];
        let imported = description.imported_from.iter();
        about.extend(imported.map(|file| format!("imported from {file}")));
        about
    }

    fn data(run: &RunHeader<Self>) -> String {
        let characters = counted(run.data.characters, "character");
        format!("{} ({characters})", run.data.source)
    }

    fn loss_unit(description: &LanguageDescription) -> String {
        format!(" nats/{}", description.vocabulary.unit())
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

    fn json(description: &LanguageDescription) -> Value {
        json!({
            "tokens": kind(description),
            "imported_from": description.imported_from,
            "network": description.network,
        })
    }
}

/// The noun for a token.
fn kind(description: &LanguageDescription) -> &'static str {
    match description.vocabulary {
        Tokenizer::Characters(_) => "character",
        Tokenizer::Subwords(_) => "subword",
        Tokenizer::Words(_) => "word",
    }
}
