//! `lstm generate`.

use crate::args::GenerateArgs;
use crate::error::{CliError, say};
use crate::setup::threads;
use lstm_fast::{Fast, FastReader, Precision};
use lstm_model::{Generator, LanguageModel, Sampler, Stream};
use lstm_tasks::{Beam, Continuing};
use lstm_text::{TextError, Tokenizer};
use std::io::{Write, stdout};
use std::time::{SystemTime, UNIX_EPOCH};

pub fn run(args: &GenerateArgs) -> Result<(), CliError> {
    let sampler = Sampler::new(args.temperature, args.top_k, args.top_p)?;
    let model = LanguageModel::<Fast>::load(&args.model)?;
    let vocabulary = &model.header.vocabulary;
    let prime = model.header.normalization.apply(&args.prime);
    let (mut ids, before) = as_a_line(vocabulary, &prime)?;
    if let Some(width) = args.beam {
        ids.extend(likeliest(&model, &ids, width, args.length)?);
        say!("{}", &vocabulary.decode(&ids)?[before..]);
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
    let mut generator = Generator::<Fast>::with_reader(reader, &ids);
    let mut out = stdout().lock();
    write!(out, "{prime}")?;
    let mut shown = before + prime.len();
    for _ in 0..args.length {
        ids.push(generator.next_token(&sampler, &mut rng));
        let text = vocabulary.decode(&ids)?;
        // A character whose bytes are not all there waits for the rest.
        let whole = text.trim_end_matches('\u{FFFD}');
        write!(out, "{}", whole.get(shown..).unwrap_or_default())?;
        shown = shown.max(whole.len());
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

/// A text as it stands at the beginning of a line, and how many bytes of this come before the text
/// itself. A model trained on streams has hardly ever seen text from a zero state, and is lost there; a
/// line's beginning it has seen often. In a vocabulary without lines, the first character stands in
/// for an empty text.
pub fn as_a_line(vocabulary: &Tokenizer, text: &str) -> Result<(Vec<u32>, usize), TextError> {
    let line = match vocabulary {
        Tokenizer::Characters(characters) if characters.id('\n').is_none() => match text {
            "" => characters.chars()[..1].iter().collect(),
            text => text.to_owned(),
        },
        _ => format!("\n{text}"),
    };
    Ok((vocabulary.encode(&line)?, line.len() - text.len()))
}

/// Another one each time, short enough to be typed again.
fn seed_of_the_moment() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(1, |since| u64::from(since.subsec_nanos()))
}
