//! `lstm train`.

use crate::args::{LimitArgs, TrainArgs};
use crate::engine::WithEngine;
use crate::error::{CliError, say};
use crate::run_dir::RunDir;
use crate::setup::{Setup, threads};
use crate::{pictures, resume, watch};
use lstm_model::{
    Corpus, Cut, LanguageModelHeader, LanguageTask, Network, Parameters, Plan, Recurrent, Tensors,
    TextRecord, Trainer, TrainerState, Workers,
};
use lstm_plot::grouped;
use lstm_text::{BytePair, Normalization, Tokenizer, Vocabulary, read_text};
use std::io::{Write, stdout};
use std::path::Path;

/// What begins a run, and with --resume goes on with it.
pub const COMMAND: &str = "lstm train";

pub fn run(args: &TrainArgs) -> Result<(), CliError> {
    match (&args.resume, &args.text, &args.out) {
        (Some(dir), ..) => resume::run(dir, args),
        (None, Some(text), Some(out)) => begin(text, out, args),
        _ => unreachable!("the command line demands --resume, or --text and --out"),
    }
}

/// A run's text as it learns from it, and what it is known by.
pub struct Source {
    pub text: String,
    pub record: TextRecord,
    pub normalization: Normalization,
}

impl Source {
    pub fn read(path: &Path, normalization: Normalization) -> Result<Self, CliError> {
        let raw = read_text(path)?;
        // The whole path, so that the run can go on from any directory.
        let name = match (path.to_str(), path.canonicalize()) {
            (Some("-"), _) => "standard input".to_owned(),
            (_, Ok(whole)) => whole.display().to_string(),
            (_, Err(_)) => path.display().to_string(),
        };
        Ok(Self::new(&name, &raw, normalization))
    }

    pub fn new(name: &str, raw: &str, normalization: Normalization) -> Self {
        let text = normalization.apply(raw).into_owned();
        Self {
            record: TextRecord::new(name, &text),
            text,
            normalization,
        }
    }
}

/// A run at step 0.
pub struct Prepared {
    pub header: LanguageModelHeader,
    pub corpus: Corpus,
    pub workers: Workers,
}

/// A run about to begin.
pub struct NewRun<'a> {
    pub source: &'a Source,
    pub setup: &'a Setup,
    pub limit: &'a LimitArgs,
    pub threads: usize,
}

impl NewRun<'_> {
    /// Everything that can be wrong with a run is found here, before a directory is made for it.
    pub fn prepare(&self) -> Result<Prepared, CliError> {
        let text = self.source.text.as_str();
        let vocabulary = match self.setup.pieces {
            None => Tokenizer::from(Vocabulary::from_text(text)?),
            Some(vocab_size) => Tokenizer::Pieces(BytePair::train([text], vocab_size)?),
        };
        let corpus = Corpus::new(&vocabulary.encode(text)?, self.setup.data)?;
        let plan = self.setup.plan(self.limit, corpus.steps_per_epoch())?;
        if self.setup.waits_for_validation() && corpus.validation().is_none() {
            return Err(CliError::Option {
                option: "schedule",
                found: "plateau".to_owned(),
                expected: "a plateau is one of the validation loss, so hold out more of the text by --val-fraction",
            });
        }
        let header = LanguageModelHeader {
            engine: self.setup.engine.name().to_owned(),
            // A thread without a sequence would have nothing to do.
            threads: self.threads.min(self.setup.data.batch_size.max(1)),
            network: self.setup.network(vocabulary.len()),
            vocabulary,
            normalization: self.source.normalization,
            text: self.source.record.clone(),
            data: self.setup.data,
            plan,
            state: TrainerState::new(self.setup.descent(&plan)?)?,
        };
        header.network.check()?;
        let workers = Workers::new(header.threads)?;
        Ok(Prepared {
            header,
            corpus,
            workers,
        })
    }
}

fn begin(text: &Path, out: &Path, args: &TrainArgs) -> Result<(), CliError> {
    let setup = Setup::new(&args.settings);
    let source = Source::read(text, Normalization { nfc: setup.nfc })?;
    let new = NewRun {
        source: &source,
        setup: &setup,
        limit: &args.limit,
        threads: threads(args.threads),
    };
    let prepared = new.prepare()?;
    let run = RunDir::create::<LanguageModelHeader>(out, COMMAND, |_| false)?;
    let session = Session {
        run: &run,
        prepared,
        tensors: None,
        sample: None,
    };
    setup.engine.with(session).map(drop)
}

/// What a session shows at every evaluation: a sample from this prime.
#[derive(Clone, Copy)]
pub struct Sample {
    pub prime: &'static str,
    pub length: usize,
}

/// One sitting of a run, from its beginning or from a checkpoint.
pub struct Session<'a> {
    pub run: &'a RunDir,
    pub prepared: Prepared,
    /// The checkpoint to go on from.
    pub tensors: Option<Tensors>,
    pub sample: Option<Sample>,
}

impl WithEngine for Session<'_> {
    /// Whether the run came to its end.
    type Output = Result<bool, CliError>;

    fn run<R: Recurrent<Scalar = f32>>(self) -> Result<bool, CliError> {
        let (dir, sample) = (self.run.path(), self.sample);
        let Prepared {
            mut header,
            corpus,
            workers,
        } = self.prepared;
        let mut trainer: Trainer<LanguageTask<R>> = match self.tensors {
            Some(tensors) => lstm_model::resume(dir, &header, tensors, corpus, workers)?,
            None => {
                let network = Network::init(header.network.clone(), header.data.seed)?;
                let task = LanguageTask::new(corpus, &network, workers);
                Trainer::new(task, network, header.state.descent)?
            }
        };
        // Training goes on whether or not anyone reads.
        let _ = announce(&header, &trainer);
        let (seed, threads) = (header.data.seed, header.threads);
        let vocabulary = header.vocabulary.clone();
        let show = |trainer: &Trainer<LanguageTask<R>>| {
            sample.map_or(String::new(), |sample: Sample| {
                let text = pictures::sample(&trainer.params, &vocabulary, sample, seed, threads);
                format!("\n    {}", text.replace('\n', "\n    "))
            })
        };
        if !watch::train(self.run, &mut header, &mut trainer, COMMAND, show)? {
            return Ok(false);
        }
        let (dir, step) = (dir.display(), trainer.progress().step);
        pictures::write(self.run, &trainer.params, &header)?;
        say!("done: step {step}; {dir} holds the model, metrics.jsonl, loss.svg and gates.svg");
        Ok(true)
    }
}

fn announce<R: Recurrent<Scalar = f32>>(
    header: &LanguageModelHeader,
    trainer: &Trainer<LanguageTask<R>>,
) -> std::io::Result<()> {
    let mut out = stdout().lock();
    let (train, val) = trainer.task.corpus().sizes();
    let (data, network) = (&header.data, &header.network);
    let input = match network.embed_size {
        0 => "one-hot".into(),
        d => format!("embedding {d}"),
    };
    let tokens = match header.vocabulary {
        Tokenizer::Characters(_) => "",
        Tokenizer::Pieces(_) => " in parts of words",
    };
    writeln!(
        out,
        "{}: {} characters{tokens} of {} kinds, {} to train and {} to validate",
        header.text.source,
        grouped(header.text.characters as u64),
        grouped(network.vocab_size as u64),
        grouped(train as u64),
        grouped(val as u64),
    )?;
    writeln!(
        out,
        "model: {input}, {} × {} units, {} parameters; seed {}, engine {}, {} threads",
        network.layers,
        network.hidden_size,
        grouped(trainer.params.parameter_count() as u64),
        data.seed,
        header.engine,
        header.threads,
    )?;
    let cut = match data.cut {
        Cut::Streams => "streams with the state carried",
        Cut::Windows => "overlapping windows",
    };
    let Plan { steps, seconds, .. } = header.plan;
    let end = match (steps, seconds) {
        (Some(steps), _) => format!("to step {}", grouped(steps)),
        (None, seconds) => format!("for {} s", seconds.unwrap_or(f64::INFINITY)),
    };
    writeln!(
        out,
        "training: {} {cut}, {} steps long, {end} from step {}",
        data.batch_size,
        data.seq_len,
        grouped(trainer.progress().step),
    )?;
    Ok(())
}
