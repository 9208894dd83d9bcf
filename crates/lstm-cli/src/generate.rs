//! `lstm generate`.

mod text;

use crate::args::GenerateArgs;
use crate::error::CliError;
use crate::settings::{at_least_one, check_beam, threads};
use crate::terminal::for_output;
use lstm_fast::{Fast, FastReader, Precision};
use lstm_model::{Purpose, Sampler};
use lstm_tasks::{Beam, Continuing, Generator, LanguageModel, TasksError, prime_line};
use lstm_text::read_text;
use lstm_train::{available_memory, create_file, expect_absent};
use std::io::{self, Write, stdout};
use std::time::{SystemTime, UNIX_EPOCH};
use text::{Text, Texts};

pub fn run(args: &GenerateArgs) -> Result<(), CliError> {
    at_least_one("count", args.count)?;
    args.out.as_deref().map_or(Ok(()), expect_absent)?;
    let Some(path) = &args.out else {
        return write_texts(args, &mut Terminal);
    };
    let mut texts = Vec::new();
    write_texts(args, &mut texts)?;
    Ok(create_file(path, &texts)?)
}

/// Standard output, flushed after every token.
struct Terminal;

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let mut out = stdout().lock();
        out.write_all(for_output(&text).as_bytes())?;
        out.flush()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        stdout().flush()
    }
}

/// Writes the requested number of texts, with an empty line between them.
fn write_texts(args: &GenerateArgs, out: &mut impl Write) -> Result<(), CliError> {
    expect_room(args)?;
    let sampler = Sampler::new(args.temperature, args.top_k, args.top_p)?;
    let model = LanguageModel::<Fast>::load(&args.model)?;
    let prime = match &args.prime_file {
        Some(path) => read_text(path, args.input.limit())?,
        None => args.prime.clone(),
    };
    let prime = model.description.normalization.apply(&prime);
    let line = prime_line(&model.description.vocabulary, &prime)?.ids;
    let prompt = Prompt {
        args,
        model: &model,
        prime: &prime,
        line: &line,
    };
    if let Some(width) = args.beam {
        return prompt.write_most_probable(width, out);
    }
    let first = args.seed.unwrap_or_else(seed_of_the_moment);
    let mut begin = 0;
    while begin < args.count {
        if begin > 0 {
            out.write_all(b"\n")?;
        }
        let end = args.count.min(begin.saturating_add(AT_ONCE));
        let seeds: Vec<_> = (begin..end).map(|n| first.wrapping_add(n)).collect();
        prompt.write_samples(&seeds, &sampler, out)?;
        begin = end;
    }
    Ok(())
}

/// The number of texts that are generated side by side. More of them would not be faster.
const AT_ONCE: u64 = 64;

/// A text to continue.
struct Prompt<'a> {
    args: &'a GenerateArgs,
    model: &'a LanguageModel<Fast>,
    prime: &'a str,
    /// The ids that the model reads.
    line: &'a [u32],
}

impl Prompt<'_> {
    fn text(&self, seed: Option<u64>) -> Result<Text<'_>, CliError> {
        let stop = self.args.stop.as_deref();
        Text::new(self.model, self.line, self.prime, stop, seed)
    }

    fn write_most_probable(&self, width: usize, out: &mut impl Write) -> Result<(), CliError> {
        let mut text = self.text(None)?;
        for id in most_probable(self.model, self.line, width, self.args.length)? {
            text.push(id)?;
        }
        text.end();
        Texts::new(vec![text]).write(out)
    }

    /// Writes a continuation for each seed. All of them are generated side by side, so that each weight
    /// that is loaded serves all of them.
    fn write_samples(
        &self,
        seeds: &[u64],
        sampler: &Sampler,
        out: &mut impl Write,
    ) -> Result<(), CliError> {
        let texts = seeds.iter().map(|&seed| self.text(Some(seed)));
        let mut texts = Texts::new(texts.collect::<Result<_, _>>()?);
        let rngs = seeds.iter().map(|&n| Purpose::Sampling.rng(n, 0, 0));
        let mut rngs: Vec<_> = rngs.collect();
        let precision = if self.args.half {
            Precision::Int16
        } else {
            Precision::Single
        };
        let reader = FastReader::of_network(&self.model.network, threads(None), precision);
        let mut generator = Generator::<Fast>::with_reader(reader, self.line);
        generator.select(&vec![0; seeds.len()]);
        for _ in 0..self.args.length {
            texts.write(out)?;
            if !generator.is_finite() {
                return Err(TasksError::NotFinite.into());
            }
            let go_on = texts.push(&generator.next_tokens(sampler, &mut rngs))?;
            if go_on.is_empty() {
                break;
            }
            if go_on.len() < rngs.len() {
                generator.select(&go_on);
                rngs = go_on.iter().map(|&n| rngs[n].clone()).collect();
            }
        }
        texts.end();
        texts.write(out)
    }
}

/// Refuses texts that take more memory than there is, at a byte for each token. A single text on standard
/// output is not kept.
fn expect_room(args: &GenerateArgs) -> Result<(), CliError> {
    let is_kept = args.count > 1 || args.out.is_some();
    let each = (args.length as u64).saturating_add(size_of::<Text<'_>>() as u64);
    let needed = args.count.saturating_mul(each);
    match available_memory() {
        Some(available) if is_kept && needed > available => Err(CliError::TooManyTexts {
            count: args.count,
            length: args.length,
            needed,
            available,
        }),
        _ => Ok(()),
    }
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
    let found = beam.search(&mut Continuing::new(&model.network, before))?;
    let best = found.into_iter().next();
    Ok(best.map_or(Vec::new(), |best| best.tokens))
}

/// A seed taken from the clock, short enough to type.
fn seed_of_the_moment() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(1, |since| u64::from(since.subsec_nanos()))
}
