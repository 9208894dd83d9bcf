//! `lstm eval`.

use crate::args::EvalArgs;
use crate::error::{CliError, say};
use crate::setup::threads;
use crate::train::Source;
use lstm_fast::Fast;
use lstm_model::{
    LanguageModel, Workers, bits_per_character, evaluate, evaluation_streams, perplexity,
};
use lstm_plot::grouped;

pub fn run(args: &EvalArgs) -> Result<(), CliError> {
    let model = LanguageModel::<Fast>::load(&args.model)?;
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
    let streams =
        evaluation_streams(&encoded.ids, &model.header.data).ok_or(CliError::NothingToPredict)?;
    let loss = evaluate(&model.network, &streams, &Workers::new(threads(None))?);
    let mean = loss.mean().expect("streams have something to predict");
    let unit = model.header.vocabulary.unit();
    say!(
        "{} {unit}s predicted, in {} streams",
        grouped(loss.tokens as u64),
        streams.batch_size()
    );
    say!("loss        {mean:.4} nats/{unit}");
    say!("bits/{unit:<6} {:.4}", bits_per_character(mean));
    say!("perplexity  {:.4}", perplexity(mean));
    if unit != "char" {
        // By this, models with different tokens can be compared.
        let characters = source.text.chars().count() as f64;
        say!("per char    {:.4} nats", loss.nats / characters);
    }
    Ok(())
}
