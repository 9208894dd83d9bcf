//! `lstm generate`.

use crate::args::GenerateArgs;
use crate::error::CliError;
use lstm_model::{Batched, Generator, LanguageModel, Sampler, Stream};
use std::io::{Write, stdout};
use std::time::{SystemTime, UNIX_EPOCH};

pub fn run(args: &GenerateArgs) -> Result<(), CliError> {
    let sampler = Sampler::new(args.temperature, args.top_k, args.top_p)?;
    let model = LanguageModel::<Batched<f32>>::load(&args.model)?;
    let vocabulary = &model.header.vocabulary;
    let prime = match args.prime.as_deref() {
        Some(prime) if !prime.is_empty() => model.header.normalization.apply(prime).into_owned(),
        _ if vocabulary.id('\n').is_some() => "\n".to_owned(),
        _ => vocabulary.chars()[0].to_string(),
    };
    let ids = vocabulary.encode(&prime)?;
    let seed = args.seed.unwrap_or_else(seed_of_the_moment);
    eprintln!("seed {seed}");
    let mut rng = Stream::Sampling.rng(seed, 0, 0);
    let mut generator = Generator::new(&model.network, &ids);
    let mut out = stdout().lock();
    if args.prime.is_some() {
        write!(out, "{prime}")?;
    }
    for _ in 0..args.length {
        let id = generator.next_token(&sampler, &mut rng);
        write!(out, "{}", vocabulary.decode(&[id])?)?;
        out.flush()?;
    }
    writeln!(out)?;
    Ok(())
}

/// Another one each time, short enough to be typed again.
fn seed_of_the_moment() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(1, |since| u64::from(since.subsec_nanos()))
}
