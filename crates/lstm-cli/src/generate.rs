//! `lstm generate`.

use crate::args::GenerateArgs;
use crate::error::{CliError, note};
use crate::settings::{check_beam, threads};
use crate::terminal::{for_output, print_output};
use lstm_fast::{Fast, FastReader, Precision};
use lstm_model::{Purpose, Sampler};
use lstm_tasks::{Beam, Continuing, Generator, LanguageModel, prime_line};
use std::io::{Write, stdout};
use std::time::{SystemTime, UNIX_EPOCH};

pub fn run(args: &GenerateArgs) -> Result<(), CliError> {
    let sampler = Sampler::new(args.temperature, args.top_k, args.top_p)?;
    let model = LanguageModel::<Fast>::load(&args.model)?;
    let vocabulary = &model.description.vocabulary;
    let prime = model.description.normalization.apply(&args.prime);
    let mut line = prime_line(vocabulary, &prime)?;
    if let Some(width) = args.beam {
        let found = most_probable(&model, &line.ids, width, args.length)?;
        line.ids.extend(found);
        return Ok(print_output(&vocabulary.decode(&line.ids)?[line.hidden..])?);
    }
    let seed = args.seed.unwrap_or_else(seed_of_the_moment);
    note!("seed {seed}");
    let mut rng = Purpose::Sampling.rng(seed, 0, 0);
    let precision = if args.half {
        Precision::Int16
    } else {
        Precision::Single
    };
    let reader = FastReader::of_network(&model.network, threads(None), precision);
    let mut generator = Generator::<Fast>::with_reader(reader, &line.ids);
    let mut out = stdout().lock();
    write!(out, "{}", for_output(&prime))?;
    let mut decoder = vocabulary.decoder();
    for &id in &line.ids {
        decoder.push(id)?;
    }
    for _ in 0..args.length {
        let text = decoder.push(generator.next_token(&sampler, &mut rng))?;
        write!(out, "{}", for_output(&text))?;
        out.flush()?;
    }
    // If the last token ends inside a character, its bytes are not printed.
    writeln!(out)?;
    Ok(())
}

/// The most probable continuation of `text` (E31) that a beam of this width finds.
fn most_probable(
    model: &LanguageModel<Fast>,
    text: &[u32],
    width: usize,
    length: usize,
) -> Result<Vec<u32>, CliError> {
    check_beam(width)?;
    let (&begin, before) = text.split_last().expect("a line has a beginning");
    let beam = Beam {
        width,
        length_penalty: 0.0,
        max_len: length,
        begin,
        end: None,
    };
    let found = beam.search(&mut Continuing::new(&model.network, before));
    let best = found.into_iter().next();
    Ok(best.map_or(Vec::new(), |best| best.tokens))
}

/// A seed from the clock, short enough to type.
fn seed_of_the_moment() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(1, |since| u64::from(since.subsec_nanos()))
}
