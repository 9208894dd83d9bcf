//! What `lstm translate` and `lstm summarize` have in common.

use crate::args::{BeamArgs, EvalTextArgs, GenerateTextArgs, TransducerTrainArgs};
use crate::error::{CliError, say};
use crate::session::{Learned, NewRun, Subject, Summary, new_dir, resume, workers};
use crate::settings::{Defaults, Sizes, expect_model_s_own, expect_same};
use indicatif::ProgressBar;
use lstm_fast::Fast;
use lstm_model::Engine;
use lstm_plot::{HeatMap, Range, Rows, grouped, heat_map};
use lstm_tasks::data::{Pair, Referenced, group_references};
use lstm_tasks::{
    EncoderDecoder, EncoderDecoderConfig, Generated, PairData, PairOrigin, PairSettings,
    PairSource, Transducer, TransducerDescription, Transduction,
};
use lstm_text::BytePair;
use lstm_train::{RunHeader, StoredModel, StoredRun, TrainError, replace_file};
use std::io::stdin;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The absolute path, so that the run can be resumed from any directory.
pub fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn command(transduction: Transduction) -> &'static str {
    match transduction {
        Transduction::Translation => "lstm translate train",
        Transduction::Summarisation => "lstm summarize train",
    }
}

/// Begins a run on the pairs of `source`, or resumes one.
pub fn train(
    transduction: Transduction,
    source: PairSource,
    args: &TransducerTrainArgs,
) -> Result<(), CliError> {
    let outcome = match (&args.run.resume, &args.run.out) {
        (Some(dir), _) => resume(dir, &args.run, &args.settings, |run| {
            read_again(transduction, run, args)
        }),
        (None, Some(out)) => {
            let new = new_run(transduction, source, args)?;
            new.train(new_dir::<PairSettings>(out, command(transduction), |_| {
                false
            })?)
        }
        (None, None) => unreachable!("the command line demands --resume or --out"),
    };
    outcome.map(drop)
}

fn read(source: &PairSource) -> Result<Learned<PairData>, CliError> {
    let data = source.read()?;
    for warning in &data.warnings {
        eprintln!("{warning}");
    }
    Ok(Learned {
        fingerprint: data.fingerprint.clone(),
        data,
    })
}

fn read_again(
    transduction: Transduction,
    run: &StoredRun<PairSettings>,
    args: &TransducerTrainArgs,
) -> Result<Learned<PairData>, CliError> {
    let (model, settings) = (&run.model, &run.header.settings);
    expect(transduction, &model.description, &model.path)?;
    let max_source = model.description.max_source;
    let smoothing = settings.smoothing;
    expect_same(&[
        ("vocab", args.vocab.is_none()),
        (
            "max-source",
            args.max_source.is_none_or(|v| v == max_source),
        ),
        ("smoothing", args.smoothing.is_none_or(|v| v == smoothing)),
    ])?;
    read(&settings.source)
}

fn new_run(
    transduction: Transduction,
    source: PairSource,
    args: &TransducerTrainArgs,
) -> Result<NewRun<'_, PairSettings>, CliError> {
    let from = args
        .run
        .from
        .as_deref()
        .map(StoredModel::read)
        .transpose()?;
    let mut defaults = match source.origin {
        PairOrigin::Headlines => Defaults::EASY,
        _ if source.is_generated() => Defaults::GENERATED,
        _ => Defaults::REAL,
    };
    let learned = read(&source)?;
    let description = match &from {
        Some(StoredModel {
            description, path, ..
        }) => {
            expect(transduction, description, path)?;
            let model = &args.settings.model;
            expect_model_s_own(
                model,
                &[
                    ("dropout", model.dropout.is_some()),
                    ("vocab", args.vocab.is_some()),
                    ("max-source", args.max_source.is_some()),
                ],
            )?;
            let network = &description.network;
            defaults.layers = network.layers;
            defaults.hidden_size = network.hidden_size;
            defaults.embed_size = network.embed_size;
            description.clone()
        }
        None => describe(transduction, &source, &learned.data, args, &defaults)?,
    };
    let sizes = Sizes::new(&args.settings, &defaults);
    let smoothing = match transduction {
        Transduction::Translation => 0.1,
        Transduction::Summarisation => 0.0,
    };
    Ok(NewRun {
        settings: PairSettings {
            source,
            batch_size: sizes.batch_size,
            smoothing: args.smoothing.unwrap_or(smoothing),
            seed: sizes.seed,
        },
        description,
        from,
        learned,
        defaults,
        options: &args.settings,
        args: &args.run,
    })
}

/// A new model for these pairs.
fn describe(
    transduction: Transduction,
    source: &PairSource,
    data: &PairData,
    args: &TransducerTrainArgs,
    defaults: &Defaults,
) -> Result<TransducerDescription, CliError> {
    let copies = transduction == Transduction::Summarisation;
    let vocab = args.vocab.unwrap_or(match source.origin {
        // Too few for whole names: they have to be copied subword by subword, unknown ones too.
        PairOrigin::Headlines => 400,
        _ => 8000,
    });
    let sources = || data.train.iter().map(|pair| pair.source.as_str());
    let targets = || data.train.iter().map(|pair| pair.target.as_str());
    // Copying needs the same subwords on both sides.
    let (source, target) = if copies {
        (BytePair::train(sources().chain(targets()), vocab)?, None)
    } else {
        let target = BytePair::train(targets(), vocab)?;
        (BytePair::train(sources(), vocab)?, Some(target))
    };
    let sizes = Sizes::new(&args.settings, defaults);
    let network = EncoderDecoderConfig {
        source_vocab: source.len(),
        target_vocab: target.as_ref().unwrap_or(&source).len(),
        embed_size: sizes.embed_size,
        hidden_size: sizes.hidden_size,
        layers: sizes.layers,
        dropout: sizes.dropout,
        copies,
    };
    network.check()?;
    Ok(TransducerDescription {
        transduction,
        network,
        source,
        target,
        max_source: args.max_source.unwrap_or(200),
    })
}

fn expect(
    transduction: Transduction,
    description: &TransducerDescription,
    path: &Path,
) -> Result<(), TrainError> {
    if description.transduction == transduction {
        return Ok(());
    }
    let why = match description.transduction {
        Transduction::Translation => "it translates: use `lstm translate`",
        Transduction::Summarisation => "it summarises: use `lstm summarize`",
    };
    Err(TrainError::file(path, why))
}

impl Subject for PairSettings {
    fn command(description: &TransducerDescription) -> &'static str {
        command(description.transduction)
    }

    fn unit(_: &TransducerDescription) -> &'static str {
        "token"
    }

    fn sizes(&self, description: &TransducerDescription) -> Sizes {
        let network = &description.network;
        Sizes {
            layers: network.layers,
            hidden_size: network.hidden_size,
            embed_size: network.embed_size,
            dropout: network.dropout,
            batch_size: self.batch_size,
            seed: self.seed,
        }
    }

    fn summary(
        run: &RunHeader<Self>,
        description: &TransducerDescription,
        data: &PairData,
    ) -> Summary {
        let (network, limit) = (&description.network, description.max_source);
        let is_cut = |pair: &&Pair| description.source.encode(&pair.source).len() > limit;
        let cut = match data.train.iter().filter(is_cut).count() {
            0 => String::new(),
            count => format!(
                "; {} sources are longer than {limit} tokens and are cut there",
                grouped(count as u64)
            ),
        };
        Summary {
            data: format!(
                "{} pairs to train and {} to validate{cut}",
                grouped(data.train.len() as u64),
                grouped(data.val.len() as u64),
            ),
            model: format!(
                "{} and {} subwords, embedding {}, {} × {} units",
                grouped(network.source_vocab as u64),
                grouped(network.target_vocab as u64),
                network.embed_size,
                network.layers,
                network.hidden_size,
            ),
            batches: format!("{} pairs in a batch", run.settings.batch_size),
        }
    }

    fn show<R: Engine<Scalar = f32>>(
        &self,
        description: &TransducerDescription,
        data: &PairData,
        network: &EncoderDecoder<R>,
    ) -> String {
        let model = Transducer {
            network: network.clone(),
            description: description.clone(),
        };
        let line = |pair: &Pair| {
            let text = best(&model.generate(&pair.source, 1, 0.0));
            format!("\n    {} → {text}", clipped(&pair.source))
        };
        data.val.iter().take(2).map(line).collect()
    }

    fn next(description: &TransducerDescription, dir: &Path) -> Option<String> {
        let eval = command(description.transduction).replace("train", "eval");
        Some(format!("measure it: {eval} --model {}", dir.display()))
    }
}

/// A source, its references, and the text that the model generated.
pub struct Judged {
    pub source: String,
    references: Vec<String>,
    pub generated: String,
}

impl Judged {
    pub fn references(&self) -> Vec<&str> {
        self.references.iter().map(String::as_str).collect()
    }
}

/// Generates a text for every source of `other`, or of the run's validation data.
pub fn judge(
    transduction: Transduction,
    other: Option<PairOrigin>,
    args: &EvalTextArgs,
) -> Result<Vec<Judged>, CliError> {
    let model = load(transduction, &args.model)?;
    let own = match StoredRun::<PairSettings>::read(&args.model.model) {
        Ok(run) => Some(run.header.settings.source),
        Err(_) if other.is_some() => None,
        Err(TrainError::NoRun { .. }) => return Err(CliError::NothingHeldOut),
        Err(error) => return Err(error.into()),
    };
    let reversed = own.as_ref().is_some_and(|source| source.reversed);
    let source = match (other, own) {
        (Some(origin), _) => PairSource { origin, reversed },
        (None, Some(source)) => source,
        (None, None) => return Err(CliError::NothingHeldOut),
    };
    let examples = group_references(&read(&source)?.data.val);
    let (start, bar) = (Instant::now(), ProgressBar::new(examples.len() as u64));
    let workers = workers(args.model.threads)?;
    let (beam, length_penalty) = (args.model.beam, args.model.length_penalty);
    let judged = workers.map(examples, |Referenced { source, references }, _team| {
        let generated = best(&model.generate(&source, beam, length_penalty));
        bar.inc(1);
        Judged {
            source,
            references,
            generated,
        }
    });
    bar.finish_and_clear();
    if judged.is_empty() {
        return Err(CliError::NothingHeldOut);
    }
    if let Some(path) = &args.out {
        let lines = judged.iter().map(|one| one.generated.clone() + "\n");
        replace_file(path, lines.collect::<String>().as_bytes())?;
    }
    say!(
        "{} texts in {:.1} s, beam {beam}, length penalty {length_penalty}",
        grouped(judged.len() as u64),
        start.elapsed().as_secs_f64(),
    );
    Ok(judged)
}

/// Five examples, evenly spaced over the whole.
pub fn say_examples(judged: &[Judged]) -> Result<(), CliError> {
    for one in judged.iter().step_by(judged.len().div_ceil(5)) {
        say!("  {}\n    → {}", clipped(&one.source), one.generated);
        let references = one.references();
        if !references.contains(&one.generated.as_str()) {
            say!("    ≠ {}", clipped(&references.join(" | ")));
        }
    }
    Ok(())
}

/// The share of texts that equal one of their references.
pub fn say_exact(judged: &[Judged]) -> Result<(), CliError> {
    let exact = judged
        .iter()
        .filter(|one| one.references().contains(&one.generated.as_str()))
        .count();
    let share = 100.0 * exact as f64 / judged.len() as f64;
    say!("exact match  {share:.2} %  ({exact} of {})", judged.len());
    Ok(())
}

/// `run`: a line for every text.
pub fn generate(transduction: Transduction, args: &GenerateTextArgs) -> Result<(), CliError> {
    let model = load(transduction, &args.model)?;
    let workers = workers(args.model.threads)?;
    let (beam, length_penalty) = (args.model.beam, args.model.length_penalty);
    let mut plot = args.plot.as_deref();
    let mut some = |texts: Vec<String>| -> Result<(), CliError> {
        let all = workers.map(texts, |text, _team| {
            let generated = model.generate(&text, beam, length_penalty);
            (text, generated)
        });
        for (text, generated) in all {
            say!("{}", best(&generated));
            if let (Some(path), Some(best)) = (plot.take(), generated.first()) {
                let svg = attention(&model, &text, best).map_err(CliError::plot(path))?;
                replace_file(path, svg.as_bytes())?;
            }
        }
        Ok(())
    };
    if !args.texts.is_empty() {
        return some(args.texts.clone());
    }
    for line in stdin().lines() {
        some(vec![line.map_err(CliError::Input)?])?;
    }
    Ok(())
}

fn load(transduction: Transduction, args: &BeamArgs) -> Result<Transducer<Fast>, CliError> {
    if args.beam == 0 {
        return Err(CliError::Option {
            option: "beam",
            found: "0".to_owned(),
            expected: "expected at least 1",
        });
    }
    let model = Transducer::load(&args.model)?;
    expect(transduction, &model.description, &args.model)?;
    Ok(model)
}

fn best(generated: &[Generated]) -> String {
    let first = generated.first();
    first.map_or(String::new(), |one| one.text.clone())
}

/// The first ninety characters.
fn clipped(text: &str) -> String {
    match text.char_indices().nth(90) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A row for every generated token, a column for every token of the source.
fn attention(
    model: &Transducer<Fast>,
    source: &str,
    generated: &Generated,
) -> Result<String, lstm_plot::PlotError> {
    let (columns, tokens, alpha) = model.attention_map(source, &generated.tokens);
    let widths = columns.iter().map(|token| token.chars().count());
    let widest = widths.max().unwrap_or(1);
    heat_map(&HeatMap {
        title: "Attention over the source (across) at each step of the target (down)".to_owned(),
        columns,
        groups: tokens
            .into_iter()
            .zip(alpha.column_iter())
            .map(|(name, alpha)| Rows {
                name,
                range: Range::Unit,
                values: vec![alpha.iter().copied().collect()],
            })
            .collect(),
        cell_width: (8 * widest + 10) as f64,
        cell_height: 22.0,
    })
}
