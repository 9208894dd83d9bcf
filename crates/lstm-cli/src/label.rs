//! `lstm label`.

use crate::args::{LabelCommand, LabelEvalArgs, LabelRunArgs, LabelTrainArgs};
use crate::engine::WithEngine;
use crate::error::{CliError, say};
use crate::run_dir::RunDir;
use crate::setup::{limited, threads};
use crate::task_setup::{Defaults, TaskSetup, engine_of};
use crate::transduce::whole;
use crate::{pictures, resume, watch};
use indicatif::ProgressBar;
use lstm_fast::Fast;
use lstm_model::{Parameters, Recurrent, Tensors, Trainer, TrainerState, Workers, store};
use lstm_plot::grouped;
use lstm_tasks::data::{Argument, Sentence};
use lstm_tasks::metrics::{SpanCounts, SpanScore};
use lstm_tasks::{
    FEATURES, Features, Files, LabelTask, Labeler, LabelerConfig, LabelerHeader, RoleData,
    RoleLabeler, RoleSource, label_names, read_sentences, resume_labeling, usual_predicates,
};
use std::collections::BTreeMap;
use std::io::{IsTerminal, stdin, stdout};
use std::path::Path;

/// What begins a run, and with --resume goes on with it.
const COMMAND: &str = "lstm label train";

/// D of the features besides the word: prefix, suffix, shape, predicate.
const EMBED_SIZES: [usize; FEATURES - 1] = [24, 24, 8, 16];

pub fn run(command: &LabelCommand) -> Result<(), CliError> {
    match command {
        LabelCommand::Train(args) => train(args),
        LabelCommand::Eval(args) => eval(args),
        LabelCommand::Run(args) => label(args),
    }
}

fn train(args: &LabelTrainArgs) -> Result<(), CliError> {
    match (&args.run.resume, &args.run.out) {
        (Some(dir), _) => go_on(dir, args),
        (None, Some(out)) => begin(out, args),
        (None, None) => unreachable!("the command line demands --resume or --out"),
    }
}

fn begin(out: &Path, args: &LabelTrainArgs) -> Result<(), CliError> {
    let source = match &args.sentences {
        None => RoleSource::Generated,
        Some(train) => RoleSource::Files(Files {
            train: whole(train),
            val: args.val.as_deref().map(whole),
        }),
    };
    let defaults = match source {
        RoleSource::Generated => Defaults::EASY,
        RoleSource::Files(_) => Defaults::REAL,
    };
    let setup = TaskSetup::new(&args.settings, &args.run, &defaults);
    let data = read(&source)?;
    let header = prepare(source, &data, args, &setup)?;
    let run = RunDir::create::<LabelerHeader>(out, COMMAND, |_| false)?;
    setup.engine.with(Session {
        run: &run,
        header,
        data,
        tensors: None,
        dir: out,
    })
}

fn read(source: &RoleSource) -> Result<RoleData, CliError> {
    let data = source.read()?;
    for warning in &data.warnings {
        eprintln!("{warning}");
    }
    Ok(data)
}

/// Everything that can be wrong with a run is found here, before a directory is made for it.
fn prepare(
    source: RoleSource,
    data: &RoleData,
    args: &LabelTrainArgs,
    setup: &TaskSetup,
) -> Result<LabelerHeader, CliError> {
    let words = data.train.iter().flat_map(|sentence| &sentence.words);
    let words: Vec<&str> = words.map(String::as_str).collect();
    let features = Features::from_words(&words, args.min_count.unwrap_or(2))?;
    let labels = label_names(&data.train);
    let [prefix, suffix, shape, predicate] = EMBED_SIZES;
    let network = LabelerConfig {
        vocab_sizes: features.sizes(),
        embed_sizes: [setup.embed_size, prefix, suffix, shape, predicate],
        hidden_size: setup.hidden_size,
        layers: setup.layers,
        labels: labels.len(),
        dropout: setup.dropout,
    };
    network.check()?;
    let frames: usize = data
        .train
        .iter()
        .map(|sentence| sentence.frames.len())
        .sum();
    let steps_per_epoch = frames.div_ceil(setup.batch_size.max(1)) as u64;
    let plan = setup.plan(&args.run.limit, steps_per_epoch)?;
    Ok(LabelerHeader {
        engine: setup.engine.name().to_owned(),
        threads: setup.threads,
        network,
        features,
        labels,
        predicates: usual_predicates(&data.train),
        origin: source,
        text: data.record.clone(),
        batch_size: setup.batch_size,
        seed: setup.seed,
        state: TrainerState::new(setup.descent(&plan))?,
        plan,
    })
}

fn go_on(dir: &Path, args: &LabelTrainArgs) -> Result<(), CliError> {
    let (mut header, tensors) = store::load::<LabelerHeader>(dir)?;
    let data = read(&header.origin)?;
    header.text.expect_same(&data.record)?;
    let frames: usize = data
        .train
        .iter()
        .map(|sentence| sentence.frames.len())
        .sum();
    let steps_per_epoch = frames.div_ceil(header.batch_size.max(1)) as u64;
    header.plan = limited(header.plan, &args.run.limit, steps_per_epoch)?;
    resume::check_end(&header, &args.run.limit)?;
    header.threads = args.run.threads.unwrap_or(header.threads);
    let engine = engine_of(dir, &header.engine)?;
    let step = header.state.progress.step;
    let run = match &args.run.out {
        Some(out) if !resume::is_same(out, dir) => {
            RunDir::branch::<LabelerHeader>(dir, out, COMMAND, step)?
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

/// One sitting of a run.
struct Session<'a> {
    run: &'a RunDir,
    header: LabelerHeader,
    data: RoleData,
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
        let mut trainer: Trainer<LabelTask<R>> = match tensors {
            Some(tensors) => resume_labeling(dir, &header, tensors, train, val, workers)?,
            None => {
                let network = Labeler::init(header.network.clone(), header.seed)?;
                let task = LabelTask::new(&header, train, val, &network, workers)?;
                Trainer::new(task, network, header.state.descent)?
            }
        };
        announce(&header, &trainer)?;
        if !watch::train(run, &mut header, &mut trainer, COMMAND, |_| String::new())? {
            return Ok(());
        }
        pictures::write_loss(run, "nats per word")?;
        let (dir, step) = (run.path().display(), trainer.progress().step);
        say!("done: step {step}; {dir} holds the model, metrics.jsonl and loss.svg");
        say!("measure it: lstm label eval --model {dir}");
        Ok(())
    }
}

fn announce<R: Recurrent<Scalar = f32>>(
    header: &LabelerHeader,
    trainer: &Trainer<LabelTask<R>>,
) -> Result<(), CliError> {
    let (train, val) = trainer.task.sizes();
    let network = &header.network;
    say!(
        "{}: {} predicates to train and {} to validate, {} labels",
        header.text.source,
        grouped(train as u64),
        grouped(val as u64),
        header.labels.len()
    );
    say!(
        "model: {} words and their affixes, {} × {} units, {} parameters; seed {}, engine {}, {} threads",
        grouped(network.vocab_sizes[0] as u64),
        network.layers,
        network.hidden_size,
        grouped(trainer.params.parameter_count() as u64),
        header.seed,
        header.engine,
        header.threads
    );
    Ok(())
}

fn eval(args: &LabelEvalArgs) -> Result<(), CliError> {
    let model = RoleLabeler::<Fast>::load(&args.model)?;
    let sentences = match &args.sentences {
        None => read(&model.header.origin)?.val,
        Some(path) => {
            let rows = read_sentences(path)?;
            if let Some(warning) = rows.warning(5) {
                eprintln!("{warning}");
            }
            rows.good
        }
    };
    let bar = ProgressBar::new(sentences.len() as u64);
    let workers = Workers::new(threads(args.threads))?;
    let found = workers.map(sentences, |sentence: Sentence| {
        let predicates: Vec<usize> = sentence.frames.iter().map(|f| f.predicate).collect();
        let found = model.label(&sentence.words, &predicates);
        bar.inc(1);
        found.map(|found| (sentence, found))
    });
    bar.finish_and_clear();
    let (mut all, mut by_role) = (SpanCounts::default(), BTreeMap::<String, SpanCounts>::new());
    let (mut predicates, mut whole) = (0, 0);
    for judged in found {
        let (sentence, found) = judged?;
        for (frame, found) in sentence.frames.iter().zip(&found) {
            predicates += 1;
            let mut one = SpanCounts::default();
            one.add(found, &frame.arguments);
            whole += usize::from(one.correct == one.meant && one.found == one.meant);
            all.add(found, &frame.arguments);
            for (role, found, meant) in roles(found, &frame.arguments) {
                by_role.entry(role).or_default().add(&found, &meant);
            }
        }
    }
    if predicates == 0 {
        return Err(CliError::NothingHeldOut);
    }
    let line = |name: &str, counts: &SpanCounts| {
        let SpanScore {
            precision,
            recall,
            f1,
        } = counts.score();
        let [p, r, f1] = [precision, recall, f1].map(|v| 100.0 * v);
        format!("{name:<12} {:>6}  {p:6.2}  {r:6.2}  {f1:6.2}", counts.meant)
    };
    say!("role          spans    prec.   recall  F1");
    let mut roles: Vec<_> = by_role
        .iter()
        .filter(|(_, counts)| counts.meant > 0)
        .collect();
    roles.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.meant));
    for (role, counts) in roles.iter().take(12) {
        say!("{}", line(role, counts));
    }
    say!("{}", line("all", &all));
    let share = 100.0 * f64::from(whole as u32) / f64::from(predicates as u32);
    say!("{predicates} predicates, {share:.2} % of them with every argument right");
    Ok(())
}

/// Found and meant arguments of each role, V and continuations aside.
fn roles(found: &[Argument], meant: &[Argument]) -> Vec<(String, Vec<Argument>, Vec<Argument>)> {
    let mut names: Vec<&str> = found
        .iter()
        .chain(meant)
        .map(|a| a.label.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let of = |arguments: &[Argument], role: &str| -> Vec<Argument> {
        arguments
            .iter()
            .filter(|a| a.label == role)
            .cloned()
            .collect()
    };
    names
        .into_iter()
        .filter(|name| *name != "V" && !name.starts_with("C-"))
        .map(|name| (name.to_owned(), of(found, name), of(meant, name)))
        .collect()
}

fn label(args: &LabelRunArgs) -> Result<(), CliError> {
    let model = RoleLabeler::<Fast>::load(&args.model)?;
    let one = |text: &str| -> Result<(), CliError> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let predicates = match args.predicate.as_slice() {
            [] => model.usual_predicates(&words),
            given => positions(given, &words, text)?,
        };
        let arguments = model.label(&words, &predicates)?;
        if args.json {
            return as_json(&words, &predicates, &arguments);
        }
        if arguments.is_empty() {
            say!("{text}\n  (no word that usually is a predicate; name one by --predicate)");
        }
        let colour = stdout().is_terminal();
        for arguments in &arguments {
            say!("{}", in_brackets(&words, arguments, colour));
        }
        Ok(())
    };
    if !args.sentences.is_empty() {
        return args.sentences.iter().try_for_each(|text| one(text));
    }
    for line in stdin().lines() {
        one(&line.map_err(CliError::Input)?)?;
    }
    Ok(())
}

/// Every place of each word.
fn positions(given: &[String], words: &[String], text: &str) -> Result<Vec<usize>, CliError> {
    let mut places = Vec::new();
    for word in given {
        let before = places.len();
        places.extend((0..words.len()).filter(|&t| words[t] == *word));
        if places.len() == before {
            return Err(CliError::NoSuchWord {
                word: word.clone(),
                sentence: text.to_owned(),
            });
        }
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

fn as_json(
    words: &[String],
    predicates: &[usize],
    arguments: &[Vec<Argument>],
) -> Result<(), CliError> {
    let frames: Vec<serde_json::Value> = predicates
        .iter()
        .zip(arguments)
        .map(|(predicate, arguments)| {
            let spans: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            serde_json::json!([predicate, "", spans.join(" ")])
        })
        .collect();
    say!(
        "{}",
        serde_json::json!({"id": "", "w": words.join(" "), "f": frames})
    );
    Ok(())
}

/// `[A0 The doctor] [V saw] [A1 a cat] .`, each role in a colour of its own.
fn in_brackets(words: &[String], arguments: &[Argument], colour: bool) -> String {
    let mut parts = Vec::new();
    let mut t = 0;
    while t < words.len() {
        match arguments.iter().find(|argument| argument.first == t) {
            Some(Argument { label, last, .. }) => {
                let text = words[t..=*last].join(" ");
                parts.push(match colour {
                    true => format!("\x1b[{}m[{label} {text}]\x1b[0m", colour_of(label)),
                    false => format!("[{label} {text}]"),
                });
                t = last + 1;
            }
            None => {
                parts.push(words[t].clone());
                t += 1;
            }
        }
    }
    parts.join(" ")
}

/// The verb is bold; the numbered arguments and the rest have the terminal's own colours.
fn colour_of(label: &str) -> &'static str {
    let role = label.trim_start_matches("C-").trim_start_matches("R-");
    match role.trim_start_matches("ARG").trim_start_matches('A') {
        "V" | "" => "1",
        "0" => "34",
        "1" => "32",
        "2" => "35",
        "3" | "4" | "5" => "36",
        _ => "33",
    }
}
