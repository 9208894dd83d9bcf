//! `lstm train --resume`.

use crate::args::{InitName, LimitArgs, OptimizerName, ScheduleName, Settings, TrainArgs};
use crate::error::CliError;
use crate::run_dir::RunDir;
use crate::setup::{limited, rule};
use crate::task_setup::engine_of;
use crate::tour;
use crate::train::{COMMAND, Prepared, Session, Source};
use lstm_model::{
    Corpus, Cut, LanguageModelHeader, RunHeader, Schedule, TrainerState, Workers, store,
};
use std::path::Path;

/// Goes on with the run in `dir`, there or in the directory that --out names.
pub fn run(dir: &Path, args: &TrainArgs) -> Result<(), CliError> {
    let (mut header, tensors) = store::load::<LanguageModelHeader>(dir)?;
    if !header.text.is_known() {
        return Err(CliError::TakenOver {
            dir: dir.into(),
            source_file: header.text.source,
        });
    }
    check(&args.settings, &header)?;
    let source = match &args.text {
        Some(path) => Source::read(path, header.normalization)?,
        None if header.text.source == tour::SOURCE => tour::book(),
        None => Source::read(Path::new(&header.text.source), header.normalization)
            .map_err(|error| without_text(&header, error))?,
    };
    header.text.expect_same(&source.record)?;
    let corpus = Corpus::new(&header.vocabulary.encode(&source.text)?, header.data)?;
    header.plan = limited(header.plan, &args.limit, corpus.steps_per_epoch())?;
    check_end(&header, &args.limit)?;
    if let Some(learning_rate) = args.settings.lr {
        header.state.descent.learning_rate = learning_rate;
        header.state.schedule.learning_rate = learning_rate;
    }
    if let Some(clip) = args.settings.clip {
        header.state.descent.max_norm = (clip != 0.0).then_some(clip);
    }
    TrainerState::new(header.state.descent)?;
    header.text.source = source.record.source;
    if let Some(threads) = args.threads {
        header.threads = threads.min(header.data.batch_size);
    }
    let engine = match args.settings.engine {
        Some(engine) => engine,
        None => engine_of(dir, &header.engine)?,
    };
    engine.name().clone_into(&mut header.engine);
    let workers = Workers::new(header.threads)?;
    let step = header.state.progress.step;
    let run = match &args.out {
        Some(out) if !is_same(out, dir) => {
            RunDir::branch::<LanguageModelHeader>(dir, out, COMMAND, step)?
        }
        _ => RunDir::resume(dir, step)?,
    };
    let session = Session {
        run: &run,
        prepared: Prepared {
            header,
            corpus,
            workers,
        },
        tensors: Some(tensors),
        sample: None,
    };
    engine.with(session).map(drop)
}

fn without_text(header: &LanguageModelHeader, error: CliError) -> CliError {
    match error {
        CliError::Text(cause) => CliError::RunText {
            learned_from: header.text.source.clone(),
            cause,
        },
        other => other,
    }
}

/// A new end must lie ahead, and a cosine must end where the run ends. Without a new end a run that
/// is done has only its pictures to draw.
pub fn check_end(header: &impl RunHeader, limit: &LimitArgs) -> Result<(), CliError> {
    let (plan, state) = (header.plan(), header.state());
    let progress = &state.progress;
    let given = limit.epochs.is_some() || limit.steps.is_some() || limit.seconds.is_some();
    if given && plan.is_reached(progress) {
        return Err(CliError::Finished {
            step: progress.step,
            seconds: progress.seconds,
        });
    }
    match state.descent.schedule {
        Schedule::Cosine { steps } if plan.steps != Some(steps) => Err(CliError::Option {
            option: "schedule",
            found: format!("cosine over {steps} steps"),
            expected: "the learning rate is 0 after them, so this run cannot end anywhere else",
        }),
        _ => Ok(()),
    }
}

pub fn is_same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// A resumed run keeps its settings; those given again must be the same.
fn check(s: &Settings, header: &LanguageModelHeader) -> Result<(), CliError> {
    let (network, data, descent) = (&header.network, &header.data, &header.state.descent);
    let windows = data.cut == Cut::Windows;
    let schedule = match descent.schedule {
        Schedule::Constant => ScheduleName::Constant,
        Schedule::Cosine { .. } => ScheduleName::Cosine,
        Schedule::Plateau { .. } => ScheduleName::Plateau,
    };
    let same_rule = |name: OptimizerName| rule(name) == descent.optimizer;
    let settings = [
        ("layers", s.layers.is_none_or(|v| v == network.layers)),
        ("hidden", s.hidden.is_none_or(|v| v == network.hidden_size)),
        ("embed", s.embed.is_none_or(|v| v == network.embed_size)),
        ("dropout", s.dropout.is_none_or(|v| v == network.dropout)),
        (
            "head-dropout",
            s.head_dropout.is_none_or(|v| v == network.head_dropout),
        ),
        (
            "init",
            s.init.is_none_or(|v: InitName| network.init == v.into()),
        ),
        ("vocab", s.vocab.is_none()),
        ("batch", s.batch.is_none_or(|v| v == data.batch_size)),
        ("seq-len", s.seq_len.is_none_or(|v| v == data.seq_len)),
        ("stream", !s.stream || !windows),
        ("windows", !s.windows || windows),
        (
            "val-fraction",
            s.val_fraction.is_none_or(|v| v == data.val_fraction),
        ),
        ("nfc", !s.nfc || header.normalization.nfc),
        ("optimizer", s.optimizer.is_none_or(same_rule)),
        ("schedule", s.schedule.is_none_or(|v| v == schedule)),
        (
            "eval-every",
            s.eval_every.is_none_or(|v| v == header.plan.eval_every),
        ),
        ("seed", s.seed.is_none_or(|v| v == data.seed)),
    ];
    match settings.into_iter().find(|(_, same)| !same) {
        None => Ok(()),
        Some((option, _)) => Err(CliError::OtherSetting { option }),
    }
}
