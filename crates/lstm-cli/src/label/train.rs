//! `lstm label train`.

use super::run::in_brackets;
use crate::args::LabelTrainArgs;
use crate::count::counted;
use crate::error::CliError;
use crate::report::{Labelled, Picture};
use crate::sample::Sample;
use crate::session::{self, Drawn, NewRun, Subject, Summary};
use crate::settings::{Defaults, Sizes, expect_none_of_model, expect_same, seed};
use crate::shell::quoted;
use lstm_model::Engine;
use lstm_plot::grouped;
use lstm_tasks::data::{Argument, Frame, Sentence};
use lstm_tasks::{
    FEATURES, Files, LabelSettings, Labeler, LabelerConfig, LabelerDescription, RoleData,
    RoleLabeler, RoleSource,
};
use lstm_train::{Run, RunHeader, StoredModel, StoredRun};

pub fn train(args: &LabelTrainArgs) -> Result<(), CliError> {
    session::train(
        &args.run,
        |from| new_run(from, args),
        |run: &StoredRun<LabelSettings>| {
            expect_same(&[("min-count", args.min_count.is_none())])?;
            Ok(run
                .header
                .settings
                .source
                .read(args.run.input.limit())?
                .into())
        },
    )
}

fn new_run(
    from: Option<&StoredModel<LabelerDescription>>,
    args: &LabelTrainArgs,
) -> Result<NewRun<LabelSettings>, CliError> {
    let (source, mut defaults) = match &args.data.sentences {
        None => (RoleSource::Generated, Defaults::EASY),
        Some(train) => {
            let files = Files::absolute(train, args.data.val.as_deref());
            (RoleSource::Files(files), Defaults::REAL)
        }
    };
    let data = source.read(args.run.input.limit())?;
    let model = &args.run.model;
    let description = match from {
        None => describe(&data, &defaults.sizes.with(model), args)?,
        Some(StoredModel { description, .. }) => {
            let others = [
                ("dropout", model.dropout.is_some()),
                ("min-count", args.min_count.is_some()),
            ];
            expect_none_of_model(model, &others)?;
            defaults.sizes = LabelSettings::sizes(description);
            description.clone()
        }
    };
    Ok(NewRun {
        settings: LabelSettings {
            source,
            batch_size: defaults.batch_size(&args.run.training),
            seed: seed(&args.run.training),
        },
        description,
        learned: data.into(),
        defaults,
    })
}

/// A new model for these sentences.
fn describe(
    data: &RoleData,
    sizes: &Sizes,
    args: &LabelTrainArgs,
) -> Result<LabelerDescription, CliError> {
    let [prefix, suffix, shape, predicate] = [24, 24, 8, 16];
    let config = LabelerConfig {
        vocab_sizes: [0; FEATURES],
        embed_sizes: [sizes.embed_size, prefix, suffix, shape, predicate],
        hidden_size: sizes.hidden_size,
        layers: sizes.layers,
        labels: 0,
        dropout: sizes.dropout,
    };
    let min_count = args.min_count.unwrap_or(2);
    Ok(LabelerDescription::from_sentences(
        &data.train,
        min_count,
        config,
    )?)
}

impl Subject for LabelSettings {
    fn command(_: &LabelerDescription) -> &'static str {
        "lstm label"
    }

    fn unit(_: &LabelerDescription) -> &'static str {
        "word"
    }

    fn guess(description: &LabelerDescription) -> f64 {
        (description.labels.len() as f64).ln()
    }

    fn sizes(description: &LabelerDescription) -> Sizes {
        let network = &description.network;
        Sizes {
            layers: network.layers,
            hidden_size: network.hidden_size,
            embed_size: network.embed_sizes[0],
            dropout: network.dropout,
        }
    }

    fn batch_size(&self) -> usize {
        self.batch_size
    }

    fn summary(
        run: &RunHeader<Self>,
        description: &LabelerDescription,
        data: &RoleData,
    ) -> Summary {
        let predicates = |sentences: &[Sentence]| sentences.iter().map(|s| s.frames.len()).sum();
        let (network, labels) = (&description.network, description.labels.len());
        let (layers, units) = (network.layers, counted(network.hidden_size, "unit"));
        let (train, val) = (predicates(&data.train), predicates(&data.val));
        let (train, val) = (counted(train, "predicate"), grouped(val as u64));
        let (words, labels) = (
            counted(network.vocab_sizes[0], "word"),
            counted(labels, "label"),
        );
        Summary {
            data: format!("{train} to train and {val} to validate, {labels}"),
            model: format!("{words} and their affixes, {layers} × {units}"),
            batches: counted(run.settings.batch_size, "sentence") + " in a batch",
        }
    }

    fn sample<R: Engine<Scalar = f32>>(
        &self,
        description: &LabelerDescription,
        data: &RoleData,
        network: &Labeler<R>,
    ) -> Option<Sample> {
        let Answer {
            words,
            expected,
            found,
        } = answer(description, data, network)?;
        Some(Sample::Example {
            input: words.join(" "),
            expected: in_brackets(words, expected, false),
            output: in_brackets(words, &found, false),
        })
    }

    fn draw<R: Engine<Scalar = f32>>(
        run: &Run<Self, R>,
        data: &RoleData,
    ) -> Result<Drawn, CliError> {
        Ok(Drawn {
            picture: picture(run, data),
            svg: None,
        })
    }

    fn next(_: &LabelerDescription, data: &RoleData, dir: &str) -> Vec<String> {
        let short = example(data).map(|(sentence, _)| sentence.words.join(" "));
        let short = short.filter(|text| text.chars().count() <= 90);
        let sentence = short.map_or("SENTENCE".to_owned(), |text| quoted(&text));
        vec![
            format!("lstm label eval --model {dir}"),
            format!("lstm label run --model {dir} {sentence}"),
        ]
    }
}

fn picture<R: Engine<Scalar = f32>>(
    run: &Run<LabelSettings, R>,
    data: &RoleData,
) -> Option<Picture> {
    let answer = answer(run.description(), data, &run.trainer().network)?;
    let labelled = |(n, word): (usize, &String)| Labelled {
        word: word.clone(),
        expected: role_of(answer.expected, n),
        found: role_of(&answer.found, n),
    };
    let words = answer.words.iter().enumerate();
    Some(Picture::Labels(words.map(labelled).collect()))
}

/// A sentence of the validation data, and what a model finds in it.
struct Answer<'a> {
    words: &'a [String],
    expected: &'a [Argument],
    found: Vec<Argument>,
}

/// The sentence that a run shows: the first of the validation data that has a predicate.
fn example(data: &RoleData) -> Option<(&Sentence, &Frame)> {
    let mut sentences = data.val.iter();
    sentences.find_map(|sentence| Some((sentence, sentence.frames.first()?)))
}

fn answer<'a, R: Engine<Scalar = f32>>(
    description: &LabelerDescription,
    data: &'a RoleData,
    network: &Labeler<R>,
) -> Option<Answer<'a>> {
    let (sentence, frame) = example(data)?;
    let model = RoleLabeler::new(description.clone(), network.clone()).ok()?;
    let found = model.label(&sentence.words, &[frame.predicate]).ok()?;
    Some(Answer {
        words: &sentence.words,
        expected: &frame.arguments,
        found: found.into_iter().next()?,
    })
}

/// The role of a word; empty if it has none.
fn role_of(arguments: &[Argument], n: usize) -> String {
    let has_word = |argument: &&Argument| (argument.first..=argument.last).contains(&n);
    let argument = arguments.iter().find(has_word);
    argument.map_or(String::new(), |argument| argument.label.clone())
}
