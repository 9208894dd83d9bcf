//! What translating and summarising have in common.

use crate::args::{EvalWriteArgs, RunArgs, TransducerTrainArgs, WriteArgs, WriterArgs};
use crate::engine::WithEngine;
use crate::error::{CliError, say};
use crate::run_dir::RunDir;
use crate::setup::threads;
use crate::task_setup::{Defaults, TaskSetup, engine_of};
use crate::{pictures, watch};
use indicatif::ProgressBar;
use lstm_fast::Fast;
use lstm_model::{
    ModelError, Parameters, Recurrent, Tensors, Trainer, TrainerState, Workers, store,
};
use lstm_plot::{HeatMap, Range, Rows, grouped, heat_map};
use lstm_tasks::data::{Pair, Referenced, group_references};
use lstm_tasks::{
    Application, EncoderDecoder, EncoderDecoderConfig, PairConfig, PairData, PairOrigin,
    PairSource, PairTask, Transducer, TransducerHeader, Written, resume,
};
use lstm_text::BytePair;
use std::io::{Write, stdin, stdout};
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{fs, io};

/// The whole path, so that the run can go on from any directory.
pub fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn command(application: Application) -> &'static str {
    match application {
        Application::Translation => "lstm translate train",
        Application::Summarisation => "lstm summarize train",
    }
}

/// Begins a run, or goes on with one.
pub fn train(
    application: Application,
    source: &PairSource,
    args: &TransducerTrainArgs,
) -> Result<(), CliError> {
    let command = command(application);
    match (&args.run.resume, &args.run.out) {
        (Some(dir), _) => go_on(application, dir, args),
        (None, Some(out)) => {
            let defaults = match source.origin {
                PairOrigin::Headlines => Defaults::EASY,
                _ if source.is_generated() => Defaults::GENERATED,
                _ => Defaults::REAL,
            };
            let setup = TaskSetup::new(&args.settings, &args.run, &defaults);
            let data = read(source)?;
            let header = prepare(application, source, &data, args, &setup)?;
            let run = RunDir::create::<TransducerHeader>(out, command, |_| false)?;
            let session = Session {
                run: &run,
                header,
                data,
                tensors: None,
                dir: out,
            };
            setup.engine.with(session)
        }
        (None, None) => unreachable!("the command line demands --resume or --out"),
    }
}

fn read(source: &PairSource) -> Result<PairData, CliError> {
    let data = source.read()?;
    for warning in &data.warnings {
        eprintln!("{warning}");
    }
    Ok(data)
}

/// Everything that can be wrong with a run is found here, before a directory is made for it.
fn prepare(
    application: Application,
    source: &PairSource,
    data: &PairData,
    args: &TransducerTrainArgs,
    setup: &TaskSetup,
) -> Result<TransducerHeader, CliError> {
    let copies = application == Application::Summarisation;
    let vocab = args.vocab.unwrap_or(match source.origin {
        // Too few for a name to be one of them: it has to be copied part by part, an unknown one too.
        PairOrigin::Headlines => 400,
        _ => 8000,
    });
    let sources = || data.train.iter().map(|pair| pair.source.as_str());
    let targets = || data.train.iter().map(|pair| pair.target.as_str());
    // What is copied must be written in the parts that are read.
    let (source_pieces, target_pieces) = match copies {
        true => (BytePair::train(sources().chain(targets()), vocab)?, None),
        false => (
            BytePair::train(sources(), vocab)?,
            Some(BytePair::train(targets(), vocab)?),
        ),
    };
    let network = EncoderDecoderConfig {
        source_vocab: source_pieces.len(),
        target_vocab: target_pieces.as_ref().unwrap_or(&source_pieces).len(),
        embed_size: setup.embed_size,
        hidden_size: setup.hidden_size,
        layers: setup.layers,
        dropout: setup.dropout,
        copies,
    };
    network.check()?;
    let pairs = PairConfig {
        batch_size: setup.batch_size,
        max_source: args.max_source.unwrap_or(200),
        smoothing: args.smoothing.unwrap_or(if copies { 0.0 } else { 0.1 }),
        seed: setup.seed,
    };
    pairs.check()?;
    let steps_per_epoch = data.train.len().div_ceil(pairs.batch_size) as u64;
    let plan = setup.plan(&args.run.limit, steps_per_epoch)?;
    Ok(TransducerHeader {
        application,
        engine: setup.engine.name().to_owned(),
        threads: setup.threads,
        network,
        source: source_pieces,
        target: target_pieces,
        origin: source.clone(),
        text: data.record.clone(),
        pairs,
        state: TrainerState::new(setup.descent(&plan))?,
        plan,
    })
}

fn go_on(application: Application, dir: &Path, args: &TransducerTrainArgs) -> Result<(), CliError> {
    let (mut header, tensors) = store::load::<TransducerHeader>(dir)?;
    expect(application, &header, dir)?;
    let data = read(&header.origin)?;
    header.text.expect_same(&data.record)?;
    let RunArgs {
        out,
        threads,
        limit,
        ..
    } = &args.run;
    let steps_per_epoch = data.train.len().div_ceil(header.pairs.batch_size) as u64;
    header.plan = crate::setup::limited(header.plan, limit, steps_per_epoch)?;
    crate::resume::check_end(&header, limit)?;
    header.threads = threads.unwrap_or(header.threads);
    let engine = engine_of(dir, &header.engine)?;
    let step = header.state.progress.step;
    let run = match out {
        Some(out) if !crate::resume::is_same(out, dir) => {
            RunDir::branch::<TransducerHeader>(dir, out, command(application), step)?
        }
        _ => RunDir::resume(dir, step)?,
    };
    engine.with(Session {
        run: &run,
        header,
        data,
        tensors: Some(tensors),
        dir,
    })
}

fn expect(
    application: Application,
    header: &TransducerHeader,
    dir: &Path,
) -> Result<(), ModelError> {
    if header.application == application {
        return Ok(());
    }
    let why = match header.application {
        Application::Translation => "it translates: use `lstm translate`",
        Application::Summarisation => "it summarises: use `lstm summarize`",
    };
    Err(ModelError::checkpoint(&dir.join(store::SIDECAR), why))
}

/// One sitting of a run.
struct Session<'a> {
    run: &'a RunDir,
    header: TransducerHeader,
    data: PairData,
    /// The checkpoint to go on from.
    tensors: Option<Tensors>,
    dir: &'a Path,
}

impl WithEngine for Session<'_> {
    type Output = Result<(), CliError>;

    fn run<R: Recurrent<Scalar = f32>>(self) -> Result<(), CliError> {
        let Self {
            run,
            mut header,
            data,
            tensors,
            dir,
        } = self;
        let workers = Workers::new(header.threads)?;
        let (train, val) = (&data.train, &data.val);
        let mut trainer: Trainer<PairTask<R>> = match tensors {
            Some(tensors) => resume(dir, &header, tensors, train, val, workers)?,
            None => {
                let network = EncoderDecoder::init(header.network.clone(), header.pairs.seed)?;
                let task = PairTask::new(&header, train, val, &network, workers)?;
                Trainer::new(task, network, header.state.descent)?
            }
        };
        announce(&header, &data, trainer.params.parameter_count())?;
        let shown: Vec<Pair> = val.iter().take(2).cloned().collect();
        let application = header.application;
        let writing = header.clone();
        let show = |trainer: &Trainer<PairTask<R>>| {
            let model = Transducer {
                network: trainer.params.clone(),
                header: writing.clone(),
            };
            let line = |pair: &Pair| {
                let text = best(&model.write(&pair.source, 1, 0.0));
                format!("\n    {} → {text}", clipped(&pair.source))
            };
            shown.iter().map(line).collect()
        };
        if !watch::train(run, &mut header, &mut trainer, command(application), show)? {
            return Ok(());
        }
        pictures::write_loss(run, "nats per token")?;
        let (dir, step) = (run.path().display(), trainer.progress().step);
        let next = command(application).replace("train", "eval");
        say!("done: step {step}; {dir} holds the model, metrics.jsonl and loss.svg");
        say!("measure it: {next} --model {dir}");
        Ok(())
    }
}

fn announce(header: &TransducerHeader, data: &PairData, parameters: usize) -> io::Result<()> {
    let network = &header.network;
    let mut out = stdout().lock();
    writeln!(
        out,
        "{}: {} pairs to train and {} to validate",
        header.text.source,
        grouped(data.train.len() as u64),
        grouped(data.val.len() as u64),
    )?;
    let cut = data
        .train
        .iter()
        .filter(|pair| header.source.encode(&pair.source).len() > header.pairs.max_source)
        .count();
    if cut > 0 {
        writeln!(
            out,
            "{} sources are longer than {} tokens: the rest of each is not read",
            grouped(cut as u64),
            header.pairs.max_source
        )?;
    }
    writeln!(
        out,
        "model: {} and {} parts of words, embedding {}, {} × {} units, {} parameters; seed {}, engine {}, {} threads",
        grouped(network.source_vocab as u64),
        grouped(network.target_vocab as u64),
        network.embed_size,
        network.layers,
        network.hidden_size,
        grouped(parameters as u64),
        header.pairs.seed,
        header.engine,
        header.threads,
    )
}

/// A source, what it may become, and what the model made of it.
pub struct Judged {
    pub source: String,
    references: Vec<String>,
    pub written: String,
}

impl Judged {
    pub fn references(&self) -> Vec<&str> {
        self.references.iter().map(String::as_str).collect()
    }
}

/// Lets a model write for every source of `other`, or of what its run was judged by.
pub fn judge(
    application: Application,
    other: Option<PairOrigin>,
    args: &EvalWriteArgs,
) -> Result<Vec<Judged>, CliError> {
    let model = load(application, &args.model)?;
    let source = match other {
        Some(origin) => PairSource {
            origin,
            reversed: model.header.origin.reversed,
        },
        None => model.header.origin.clone(),
    };
    let examples = group_references(&read(&source)?.val);
    let start = Instant::now();
    let bar = ProgressBar::new(examples.len() as u64);
    let workers = Workers::new(threads(args.model.threads))?;
    let judged = workers.map(examples, |Referenced { source, references }| {
        let written = best(&model.write(&source, args.model.beam, args.model.length_penalty));
        bar.inc(1);
        Judged {
            source,
            references,
            written,
        }
    });
    bar.finish_and_clear();
    if judged.is_empty() {
        return Err(CliError::NothingHeldOut);
    }
    if let Some(path) = &args.out {
        let lines: String = judged
            .iter()
            .map(|one| one.written.clone() + "\n")
            .collect();
        fs::write(path, lines).map_err(CliError::io("write", path))?;
    }
    say!(
        "{} texts in {:.1} s, beam {}, length penalty {}",
        grouped(judged.len() as u64),
        start.elapsed().as_secs_f64(),
        args.model.beam,
        args.model.length_penalty
    );
    Ok(judged)
}

/// Every so many examples evenly over the whole, five in all.
pub fn say_examples(judged: &[Judged]) -> Result<(), CliError> {
    for one in judged.iter().step_by(judged.len().div_ceil(5)) {
        say!("  {}\n    → {}", clipped(&one.source), one.written);
        let meant = one.references().join(" | ");
        if !one.references().contains(&one.written.as_str()) {
            say!("    ≠ {}", clipped(&meant));
        }
    }
    Ok(())
}

/// How many texts are, letter for letter, one that was meant.
pub fn say_exact(judged: &[Judged]) -> Result<(), CliError> {
    let exact = judged
        .iter()
        .filter(|one| one.references().contains(&one.written.as_str()))
        .count();
    let share = 100.0 * exact as f64 / judged.len() as f64;
    say!("exact match  {share:.2} %  ({exact} of {})", judged.len());
    Ok(())
}

/// `run`: a line for every text.
pub fn write(application: Application, args: &WriteArgs) -> Result<(), CliError> {
    let model = load(application, &args.model)?;
    let mut plot = args.plot.as_deref();
    let mut one = |text: &str| -> Result<(), CliError> {
        let written = model.write(text, args.model.beam, args.model.length_penalty);
        say!("{}", best(&written));
        if let (Some(path), Some(best)) = (plot.take(), written.first()) {
            let svg = attention(&model, text, best).map_err(|source| CliError::Plot {
                path: path.to_owned(),
                source,
            })?;
            fs::write(path, svg).map_err(CliError::io("write", path))?;
        }
        Ok(())
    };
    if !args.texts.is_empty() {
        return args.texts.iter().try_for_each(|text| one(text));
    }
    for line in stdin().lines() {
        one(&line.map_err(CliError::Input)?)?;
    }
    Ok(())
}

fn load(application: Application, args: &WriterArgs) -> Result<Transducer<Fast>, CliError> {
    if args.beam == 0 {
        return Err(CliError::Option {
            option: "beam",
            found: "0".to_owned(),
            expected: "expected at least 1",
        });
    }
    let model = Transducer::load(&args.model)?;
    expect(application, &model.header, &args.model)?;
    Ok(model)
}

fn best(written: &[Written]) -> String {
    written
        .first()
        .map_or(String::new(), |one| one.text.clone())
}

/// What fits on a line.
fn clipped(text: &str) -> String {
    match text.char_indices().nth(90) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A row for every part that was written, a column for every part that was read.
fn attention(
    model: &Transducer<Fast>,
    source: &str,
    written: &Written,
) -> Result<String, lstm_plot::PlotError> {
    let (read, parts, alpha) = model.attention_map(source, &written.tokens);
    let widest = read
        .iter()
        .map(|part| part.chars().count())
        .max()
        .unwrap_or(1);
    heat_map(&HeatMap {
        title: "Attention: where the decoder looked (across) while it wrote (down)".to_owned(),
        columns: read,
        groups: parts
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
