//! `lstm eval`.

use crate::args::EvalArgs;
use crate::count::counted;
use crate::error::{CliError, say};
use crate::settings::workers;
use crate::text::{Source, warn_of_unknown};
use lstm_fast::Fast;
use lstm_model::{bits_per_character, perplexity};
use lstm_tasks::{LanguageModel, TasksError, evaluate, evaluation_streams};

pub fn run(args: &EvalArgs) -> Result<(), CliError> {
    let LanguageModel {
        description,
        network,
    } = LanguageModel::<Fast>::load(&args.model)?;
    let source = Source::read(&args.text, args.input.limit(), description.normalization)?;
    let vocabulary = &description.vocabulary;
    let encoded = vocabulary.encode_with(&source.text, args.unknown.into())?;
    warn_of_unknown(&encoded.unknown);
    let streams = evaluation_streams(&encoded.ids, description.evaluation)
        .ok_or(CliError::NothingToPredict)?;
    let loss = evaluate(&network, &streams, &workers(None)?);
    let mean = loss.mean().expect("streams have something to predict");
    if !mean.is_finite() {
        return Err(TasksError::NotFinite.into());
    }
    let unit = vocabulary.unit();
    say!(
        "{} predicted, in {}",
        counted(loss.tokens, unit),
        counted(streams.batch_size(), "stream")
    );
    say!("loss        {mean:.4} nats/{unit}");
    say!("bits/{unit:<6} {:.4}", bits_per_character(mean));
    say!("perplexity  {:.4}", perplexity(mean));
    if unit != "char" {
        // This number compares models with different tokens.
        let characters = source.text.chars().count() as f64;
        say!("per char    {:.4} nats", loss.nats / characters);
    }
    Ok(())
}
