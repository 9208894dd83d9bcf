//! The loss of a model by how much of the text it has read: `… --example cold_start -- MODEL TEXT`.
//!
//! The text is cut into streams of 1,000 tokens, each read from a zero state.

use lstm_fast::Fast;
use lstm_model::NetworkPass;
use lstm_tasks::LanguageModel;
use lstm_text::{InputLimit, Streams};
use std::error::Error;
use std::path::Path;

/// The last of the tokens read, for each row of the table.
const UNTIL: [usize; 7] = [1, 5, 10, 20, 50, 100, 1000];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, text] = &arguments[..] else {
        return Err("expected a model and a text".into());
    };
    let model = LanguageModel::<Fast>::load(model)?;
    let text = lstm_text::read_text(Path::new(text), InputLimit::default())?;
    let text = model.description.normalization.apply(&text);
    let ids = model.description.vocabulary.encode(&text)?;
    let streams = Streams::new(&ids, ids.len().div_ceil(1000), 1)?;
    let mut losses = Vec::new();
    let mut states = model.network.zero_states(streams.batch_size());
    for chunk in streams.chunks().take(1000) {
        let loss = model.network.loss(NetworkPass::new(&chunk, &states));
        losses.push(f64::from(loss.nats) / chunk.tokens() as f64);
        states = loss.last;
    }
    println!("tokens read  nats per token");
    let mut from = 0;
    for until in UNTIL {
        let rows = &losses[from..until.min(losses.len())];
        let mean = rows.iter().sum::<f64>() / rows.len() as f64;
        println!("{:>11}  {mean:.3}", format!("{}-{until}", from + 1));
        from = until;
    }
    Ok(())
}
