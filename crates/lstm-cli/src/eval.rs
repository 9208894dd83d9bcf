//! `lstm eval`.

use crate::args::EvalArgs;
use crate::error::CliError;
use crate::setup::threads;
use crate::train::Source;
use crate::watch::grouped;
use lstm_model::{Batched, LanguageModel, Workers, bits_per_character, evaluate, perplexity};
use lstm_text::Streams;

pub fn run(args: &EvalArgs) -> Result<(), CliError> {
    let model = LanguageModel::<Batched<f32>>::load(&args.model)?;
    let source = Source::read(&args.text, model.header.normalization)?;
    let encoded = model
        .header
        .vocabulary
        .encode_with(&source.text, args.unknown.into())?;
    for (character, count) in &encoded.unknown {
        eprintln!(
            "left out: {character:?} (U+{:04X}), {count} times",
            u32::from(*character)
        );
    }
    let predictions = encoded.ids.len().saturating_sub(1);
    let batch_size = model.header.data.batch_size.min(predictions).max(1);
    let streams = Streams::new(&encoded.ids, batch_size, model.header.data.seq_len)?;
    let loss = evaluate(&model.network, &streams, &Workers::new(threads(None))?);
    let mean = loss.mean().expect("streams have something to predict");
    println!(
        "{} characters predicted, in {batch_size} streams",
        grouped(loss.tokens as u64)
    );
    println!("loss        {mean:.4} nats/char");
    println!("bits/char   {:.4}", bits_per_character(mean));
    println!("perplexity  {:.4}", perplexity(mean));
    Ok(())
}
