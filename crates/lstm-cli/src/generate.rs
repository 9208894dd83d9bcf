//! `lstm generate`.

use crate::args::GenerateArgs;
use crate::error::{CliError, note};
use crate::settings::{at_least_one, check_beam, threads};
use crate::terminal::for_output;
use lstm_fast::{Fast, FastReader, Precision};
use lstm_model::{Purpose, Sampler};
use lstm_tasks::{Beam, Continuing, Generator, LanguageModel, TasksError, prime_line};
use lstm_text::read_text;
use lstm_train::{create_file, expect_absent};
use std::io::{self, Write, stdout};
use std::time::{SystemTime, UNIX_EPOCH};

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
    let sampler = Sampler::new(args.temperature, args.top_k, args.top_p)?;
    let model = LanguageModel::<Fast>::load(&args.model)?;
    let prime = match &args.prime_file {
        Some(path) => read_text(path, args.input.limit())?,
        None => args.prime.clone(),
    };
    let prime = model.description.normalization.apply(&prime);
    let line = prime_line(&model.description.vocabulary, &prime)?.ids;
    if let Some(width) = args.beam {
        let found = most_probable(&model, &line, width, args.length)?;
        let mut text = Text::new(&model, &line, args.stop.as_deref())?;
        out.write_all(prime.as_bytes())?;
        for id in found {
            text.push(id, out)?;
        }
        return text.end(out);
    }
    let first = args.seed.unwrap_or_else(seed_of_the_moment);
    let precision = if args.half {
        Precision::Int16
    } else {
        Precision::Single
    };
    for n in 0..args.count {
        let seed = first.wrapping_add(n);
        note!("seed {seed}");
        if n > 0 {
            out.write_all(b"\n")?;
        }
        out.write_all(prime.as_bytes())?;
        let mut rng = Purpose::Sampling.rng(seed, 0, 0);
        let reader = FastReader::of_network(&model.network, threads(None), precision);
        let mut generator = Generator::<Fast>::with_reader(reader, &line);
        let mut text = Text::new(&model, &line, args.stop.as_deref())?;
        for _ in 0..args.length {
            if text.is_stopped {
                break;
            }
            if !generator.is_finite() {
                return Err(TasksError::NotFinite.into());
            }
            text.push(generator.next_token(&sampler, &mut rng), out)?;
        }
        text.end(out)?;
    }
    Ok(())
}

/// A text that is being generated. The end of it is held back while it could be the beginning of `stop`.
struct Text<'a> {
    decoder: lstm_text::Decoder<'a>,
    stop: Option<&'a str>,
    held_back: String,
    is_stopped: bool,
}

impl<'a> Text<'a> {
    /// A text that continues `line` and ends before `stop`.
    fn new(
        model: &'a LanguageModel<Fast>,
        line: &[u32],
        stop: Option<&'a str>,
    ) -> Result<Self, CliError> {
        let mut decoder = model.description.vocabulary.decoder();
        for &id in line {
            decoder.push(id)?;
        }
        Ok(Self {
            decoder,
            stop: stop.filter(|stop| !stop.is_empty()),
            held_back: String::new(),
            is_stopped: false,
        })
    }

    fn push(&mut self, id: u32, out: &mut impl Write) -> Result<(), CliError> {
        self.held_back += &self.decoder.push(id)?;
        let Some(stop) = self.stop.filter(|_| !self.is_stopped) else {
            return self.write(self.held_back.len(), out);
        };
        if let Some(at) = self.held_back.find(stop) {
            self.is_stopped = true;
            self.held_back.truncate(at);
            return self.write(at, out);
        }
        let may_begin = (self.held_back.len() + 1).saturating_sub(stop.len());
        self.write(self.held_back.floor_char_boundary(may_begin), out)
    }

    /// Writes the first `len` bytes of the text that was held back.
    fn write(&mut self, len: usize, out: &mut impl Write) -> Result<(), CliError> {
        let text: String = self.held_back.drain(..len).collect();
        Ok(out.write_all(text.as_bytes())?)
    }

    /// Writes the rest of the text. If the last token ends inside a character, that character's bytes
    /// are dropped.
    fn end(mut self, out: &mut impl Write) -> Result<(), CliError> {
        self.write(self.held_back.len(), out)?;
        Ok(out.write_all(b"\n")?)
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
