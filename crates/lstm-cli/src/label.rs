//! `lstm label`.

use crate::args::{LabelCommand, LabelEvalArgs, LabelRunArgs, LabelTrainArgs};
use crate::error::{CliError, say};
use crate::session::{Learned, NewRun, Subject, Summary, new_dir, resume, workers};
use crate::settings::{Defaults, Sizes, expect_model_s_own, expect_same};
use crate::transduce::absolute;
use indicatif::ProgressBar;
use lstm_fast::Fast;
use lstm_plot::grouped;
use lstm_tasks::data::{Argument, Sentence};
use lstm_tasks::metrics::{SpanCounts, SpanScore};
use lstm_tasks::{
    FEATURES, Features, Files, LabelSettings, LabelerConfig, LabelerDescription, RoleData,
    RoleLabeler, RoleSource, label_names, read_sentences, usual_predicates,
};
use lstm_train::{RunHeader, StoredModel, StoredRun, TrainError};
use std::collections::BTreeMap;
use std::io::{IsTerminal, stdin, stdout};
use std::path::Path;

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
    let outcome = match (&args.run.resume, &args.run.out) {
        (Some(dir), _) => resume(dir, &args.run, &args.settings, |run| read_again(run, args)),
        (None, Some(out)) => {
            let dir = || new_dir::<LabelSettings>(out, COMMAND, |_| false);
            new_run(args)?.train(dir()?)
        }
        (None, None) => unreachable!("the command line demands --resume or --out"),
    };
    outcome.map(drop)
}

fn new_run(args: &LabelTrainArgs) -> Result<NewRun<'_, LabelSettings>, CliError> {
    let (source, mut defaults) = match &args.sentences {
        None => (RoleSource::Generated, Defaults::EASY),
        Some(train) => {
            let files = Files {
                train: absolute(train),
                val: args.val.as_deref().map(absolute),
            };
            (RoleSource::Files(files), Defaults::REAL)
        }
    };
    let from: Option<StoredModel<LabelerDescription>> = args
        .run
        .from
        .as_deref()
        .map(StoredModel::read)
        .transpose()?;
    let learned = read(&source)?;
    let description = match &from {
        Some(StoredModel { description, .. }) => {
            let model = &args.settings.model;
            expect_model_s_own(
                model,
                &[
                    ("dropout", model.dropout.is_some()),
                    ("min-count", args.min_count.is_some()),
                ],
            )?;
            defaults.layers = description.network.layers;
            defaults.hidden_size = description.network.hidden_size;
            description.clone()
        }
        None => describe(&learned.data, args, &defaults)?,
    };
    let sizes = Sizes::new(&args.settings, &defaults);
    Ok(NewRun {
        settings: LabelSettings {
            source,
            batch_size: sizes.batch_size,
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

fn read(source: &RoleSource) -> Result<Learned<RoleData>, CliError> {
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
    run: &StoredRun<LabelSettings>,
    args: &LabelTrainArgs,
) -> Result<Learned<RoleData>, CliError> {
    expect_same(&[("min-count", args.min_count.is_none())])?;
    read(&run.header.settings.source)
}

/// A new model for these sentences.
fn describe(
    data: &RoleData,
    args: &LabelTrainArgs,
    defaults: &Defaults,
) -> Result<LabelerDescription, CliError> {
    let words = data.train.iter().flat_map(|sentence| &sentence.words);
    let words: Vec<&str> = words.map(String::as_str).collect();
    let features = Features::from_words(&words, args.min_count.unwrap_or(2))?;
    let labels = label_names(&data.train);
    let [prefix, suffix, shape, predicate] = EMBED_SIZES;
    let sizes = Sizes::new(&args.settings, defaults);
    let network = LabelerConfig {
        vocab_sizes: features.sizes(),
        embed_sizes: [sizes.embed_size, prefix, suffix, shape, predicate],
        hidden_size: sizes.hidden_size,
        layers: sizes.layers,
        labels: labels.len(),
        dropout: sizes.dropout,
    };
    network.check()?;
    Ok(LabelerDescription {
        network,
        features,
        labels,
        predicates: usual_predicates(&data.train),
    })
}

impl Subject for LabelSettings {
    fn command(_: &LabelerDescription) -> &'static str {
        COMMAND
    }

    fn unit(_: &LabelerDescription) -> &'static str {
        "word"
    }

    fn sizes(&self, description: &LabelerDescription) -> Sizes {
        let network = &description.network;
        Sizes {
            layers: network.layers,
            hidden_size: network.hidden_size,
            embed_size: network.embed_sizes[0],
            dropout: network.dropout,
            batch_size: self.batch_size,
            seed: self.seed,
        }
    }

    fn summary(
        run: &RunHeader<Self>,
        description: &LabelerDescription,
        data: &RoleData,
    ) -> Summary {
        let predicates = |sentences: &[Sentence]| {
            let count: usize = sentences.iter().map(|s| s.frames.len()).sum();
            grouped(count as u64)
        };
        let network = &description.network;
        Summary {
            data: format!(
                "{} predicates to train and {} to validate, {} labels",
                predicates(&data.train),
                predicates(&data.val),
                description.labels.len()
            ),
            model: format!(
                "{} words and their affixes, {} × {} units",
                grouped(network.vocab_sizes[0] as u64),
                network.layers,
                network.hidden_size,
            ),
            batches: format!("{} sentences in a batch", run.settings.batch_size),
        }
    }

    fn next(_: &LabelerDescription, dir: &Path) -> Option<String> {
        Some(format!(
            "measure it: lstm label eval --model {}",
            dir.display()
        ))
    }
}

fn eval(args: &LabelEvalArgs) -> Result<(), CliError> {
    let model = RoleLabeler::<Fast>::load(&args.model)?;
    let sentences = match &args.sentences {
        None => match StoredRun::<LabelSettings>::read(&args.model) {
            Ok(run) => read(&run.header.settings.source)?.data.val,
            Err(TrainError::NoRun { .. }) => return Err(CliError::NothingHeldOut),
            Err(error) => return Err(error.into()),
        },
        Some(path) => {
            let rows = read_sentences(path)?;
            if let Some(warning) = rows.warning(5) {
                eprintln!("{warning}");
            }
            rows.good
        }
    };
    let bar = ProgressBar::new(sentences.len() as u64);
    let labelled = workers(args.threads)?.map(sentences, |sentence: Sentence, _team| {
        let predicates: Vec<usize> = sentence.frames.iter().map(|f| f.predicate).collect();
        let found = model.label(&sentence.words, &predicates);
        bar.inc(1);
        found.map(|found| (sentence, found))
    });
    bar.finish_and_clear();
    let mut scores = Scores::default();
    for one in labelled {
        let (sentence, found) = one?;
        for (frame, found) in sentence.frames.iter().zip(&found) {
            scores.add(found, &frame.arguments);
        }
    }
    scores.say()
}

/// Span counts of all predicates, together and for each role.
#[derive(Default)]
struct Scores {
    predicates: usize,
    /// Predicates with every argument right.
    perfect: usize,
    all: SpanCounts,
    by_role: BTreeMap<String, SpanCounts>,
}

impl Scores {
    fn add(&mut self, found: &[Argument], meant: &[Argument]) {
        let mut one = SpanCounts::default();
        one.add(found, meant);
        self.predicates += 1;
        self.perfect += usize::from(one.correct == one.meant && one.found == one.meant);
        self.all.add(found, meant);
        for (role, found, meant) in roles(found, meant) {
            self.by_role.entry(role).or_default().add(&found, &meant);
        }
    }

    /// The twelve most frequent roles, and all together.
    fn say(&self) -> Result<(), CliError> {
        if self.predicates == 0 {
            return Err(CliError::NothingHeldOut);
        }
        say!("role          spans    prec.   recall  F1");
        let by_role = self.by_role.iter();
        let mut roles: Vec<_> = by_role.filter(|(_, counts)| counts.meant > 0).collect();
        roles.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.meant));
        for (role, counts) in roles.iter().take(12) {
            say!("{}", row(role, counts));
        }
        say!("{}", row("all", &self.all));
        let share = 100.0 * self.perfect as f64 / self.predicates as f64;
        say!(
            "{} predicates, {share:.2} % of them with every argument right",
            self.predicates
        );
        Ok(())
    }
}

fn row(name: &str, counts: &SpanCounts) -> String {
    let SpanScore {
        precision,
        recall,
        f1,
    } = counts.score();
    let [p, r, f1] = [precision, recall, f1].map(|v| 100.0 * v);
    format!("{name:<12} {:>6}  {p:6.2}  {r:6.2}  {f1:6.2}", counts.meant)
}

/// The found and the true arguments of each role, without V and continuations.
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

/// The positions of each word.
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

/// `[A0 The doctor] [V saw] [A1 a cat] .`, each role in its own colour.
fn in_brackets(words: &[String], arguments: &[Argument], colour: bool) -> String {
    let mut parts = Vec::new();
    let mut t = 0;
    while t < words.len() {
        match arguments.iter().find(|argument| argument.first == t) {
            Some(Argument { label, last, .. }) => {
                let text = words[t..=*last].join(" ");
                parts.push(if colour {
                    format!("\x1b[{}m[{label} {text}]\x1b[0m", colour_of(label))
                } else {
                    format!("[{label} {text}]")
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
