//! `lstm generate`.

use crate::args::GenerateArgs;
use crate::error::{CliError, say};
use crate::setup::threads;
use lstm_fast::{Fast, FastReader, Precision};
use lstm_model::{Generator, LanguageModel, Sampler, Stream};
use lstm_tasks::{Beam, Continuing};
use lstm_text::Vocabulary;
use std::io::{Write, stdout};
use std::time::{SystemTime, UNIX_EPOCH};

pub fn run(args: &GenerateArgs) -> Result<(), CliError> {
    let sampler = Sampler::new(args.temperature, args.top_k, args.top_p)?;
    let model = LanguageModel::<Fast>::load(&args.model)?;
    let vocabulary = &model.header.vocabulary;
    let prime = model.header.normalization.apply(&args.prime);
    let ids = vocabulary.encode(&prime)?;
    if let Some(width) = args.beam {
        let text = likeliest(&model, &as_a_line(vocabulary, &ids), width, args.length)?;
        say!("{prime}{}", vocabulary.decode(&text)?);
        return Ok(());
    }
    let seed = args.seed.unwrap_or_else(seed_of_the_moment);
    eprintln!("seed {seed}");
    let mut rng = Stream::Sampling.rng(seed, 0, 0);
    let precision = match args.half {
        true => Precision::Half,
        false => Precision::Single,
    };
    let reader = FastReader::new(&model.network, threads(None), precision);
    let mut generator = Generator::<Fast>::with_reader(reader, &as_a_line(vocabulary, &ids));
    let mut out = stdout().lock();
    write!(out, "{prime}")?;
    for _ in 0..args.length {
        let id = generator.next_token(&sampler, &mut rng);
        write!(out, "{}", vocabulary.decode(&[id])?)?;
        out.flush()?;
    }
    writeln!(out)?;
    Ok(())
}

/// What follows `text` most likely (E31), as far as a beam of this width sees.
fn likeliest(
    model: &LanguageModel<Fast>,
    text: &[u32],
    width: usize,
    length: usize,
) -> Result<Vec<u32>, CliError> {
    if width == 0 {
        return Err(CliError::Option {
            option: "beam",
            found: "0".to_owned(),
            expected: "expected at least 1",
        });
    }
    let (&begin, before) = text.split_last().expect("a line has a beginning");
    let beam = Beam {
        width,
        length_penalty: 0.0,
        max_len: length,
        begin,
        end: None,
    };
    let found = beam.search(&mut Continuing::new(&model.network, before));
    Ok(found
        .into_iter()
        .next()
        .map_or(Vec::new(), |best| best.tokens))
}

/// `ids` as they stand at the beginning of a line. A model trained on streams has hardly ever seen
/// text from a zero state, and is lost there; a line's beginning it has seen often. In a vocabulary
/// without lines, the first character stands in for an empty prime.
pub fn as_a_line(vocabulary: &Vocabulary, ids: &[u32]) -> Vec<u32> {
    match vocabulary.id('\n') {
        Some(newline) => [&[newline], ids].concat(),
        None if ids.is_empty() => vec![0],
        None => ids.to_vec(),
    }
}

/// Another one each time, short enough to be typed again.
fn seed_of_the_moment() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(1, |since| u64::from(since.subsec_nanos()))
}
