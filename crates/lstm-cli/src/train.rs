//! `lstm train`: a language model learns a text.

mod subject;

use crate::args::{OptimizerName, Preset, ScheduleName, TextArgs, TrainArgs, UnknownName};
use crate::error::CliError;
use crate::session::{self, Learned, NewRun, Subject};
use crate::settings::{Defaults, Sizes, expect_none_of_model, expect_same, seed};
use crate::text::{Source, TOUR_SOURCE, files_in, read_files, tour_text, warn_of_unknown};
use lstm_model::NetworkConfig;
use lstm_tasks::{Corpus, Cut, EvaluationSettings, LanguageDescription, TextSettings};
use lstm_text::{
    BytePair, Normalization, TextError, Tokenizer, Unknown, Vocabulary, WordVocabulary,
};
use lstm_train::{DataFiles, Fingerprint, Optimizer, RunHeader, StoredRun};

pub fn run(args: &TrainArgs) -> Result<(), CliError> {
    session::train(
        &args.run,
        |from| match from {
            None => {
                let nfc = args.options.nfc;
                new_run(read(&files(args), args, Normalization { nfc })?, args)
            }
            Some(model) => further(model.description.clone(), args),
        },
        |run| read_again(run, args),
    )
}

fn files(args: &TrainArgs) -> DataFiles {
    DataFiles {
        train: args.text.clone(),
        val: args.options.val_text.clone(),
    }
}

fn read(files: &DataFiles, args: &TrainArgs, n: Normalization) -> Result<Source, CliError> {
    read_files(files, args.run.input.limit(), n)
}

fn is_article(args: &TrainArgs) -> bool {
    args.preset == Some(Preset::Article)
}

/// Defaults of a language model; the preset has its own.
fn defaults(args: &TrainArgs) -> Defaults {
    let optimizer = args.options.optimizer.unwrap_or(OptimizerName::Adam);
    let (optimizer, learning_rate) = optimizer.usual();
    let usual = Defaults {
        sizes: Sizes {
            layers: 2,
            embed_size: 64,
            dropout: 0.0,
            ..Defaults::REAL.sizes
        },
        optimizer,
        learning_rate,
        schedule: Some(ScheduleName::Constant),
        eval_every: 200,
        ..Defaults::REAL
    };
    if !is_article(args) {
        return usual;
    }
    Defaults {
        sizes: Sizes {
            embed_size: 0,
            ..usual.sizes
        },
        batch_size: 128,
        learning_rate: 1e-3,
        clip: 0.0,
        epochs: 20,
        ..usual
    }
}

/// A run with a new model, whose vocabulary comes from the text.
pub fn new_run(source: Source, args: &TrainArgs) -> Result<NewRun<TextSettings>, CliError> {
    let (text, options) = (source.text.as_str(), &args.options);
    // Only characters must all be known; other vocabularies do not see the validation text.
    let learned = &text[..source.val_start.unwrap_or(text.len())];
    let vocabulary = match (options.vocab, options.words) {
        (Some(vocab_size), _) => Tokenizer::Subwords(BytePair::train([learned], vocab_size)?),
        (None, Some(words)) => Tokenizer::Words(WordVocabulary::from_texts([learned], 2, words)?),
        (None, None) => Tokenizer::from(Vocabulary::from_text(text)?),
    };
    let (encoded, val_fraction) = source.encode(&vocabulary, Unknown::Reject)?;
    let description = LanguageDescription {
        network: NetworkConfig {
            vocab_size: vocabulary.len(),
            init: options.init.map(Into::into).unwrap_or_default(),
            ..NetworkConfig::default()
        },
        vocabulary,
        normalization: source.normalization,
        evaluation: EvaluationSettings::default(),
        imported_from: None,
    };
    let data = Data {
        ids: encoded.ids,
        val_fraction,
        fingerprint: source.fingerprint,
    };
    with_options(description, data, defaults(args), args)
}

/// A run that trains a model further on any text. Sizes, vocabulary and normalisation come from the
/// model.
fn further(
    description: LanguageDescription,
    args: &TrainArgs,
) -> Result<NewRun<TextSettings>, CliError> {
    let options = &args.options;
    let others = [
        ("init", options.init.is_some()),
        ("vocab", options.vocab.is_some()),
        ("words", options.words.is_some()),
        ("nfc", options.nfc),
    ];
    expect_none_of_model(&args.run.model, &others)?;
    let source = read(&files(args), args, description.normalization)?;
    let (encoded, val_fraction) = source.encode(&description.vocabulary, Unknown::Skip)?;
    if options.unknown == Some(UnknownName::Skip) {
        warn_of_unknown(&encoded.unknown);
    } else if !encoded.unknown.is_empty() {
        let form = description.vocabulary.better_form(&source.text);
        return Err(CliError::unknown_to_model(&encoded.unknown, form));
    }
    let defaults = Defaults {
        sizes: TextSettings::sizes(&description),
        ..defaults(args)
    };
    let data = Data {
        ids: encoded.ids,
        val_fraction,
        fingerprint: source.fingerprint,
    };
    with_options(description, data, defaults, args)
}

/// The text of a new run in ids.
struct Data {
    ids: Vec<u32>,
    /// The fraction that a validation text of its own makes.
    val_fraction: Option<f64>,
    fingerprint: Fingerprint,
}

/// A run of this model, its sizes and settings as the options and `defaults` decide.
fn with_options(
    mut description: LanguageDescription,
    data: Data,
    defaults: Defaults,
    args: &TrainArgs,
) -> Result<NewRun<TextSettings>, CliError> {
    let (options, training) = (&args.options, &args.run.training);
    let sizes = defaults.sizes.with(&args.run.model);
    let network = &mut description.network;
    network.layers = sizes.layers;
    network.hidden_size = sizes.hidden_size;
    network.embed_size = sizes.embed_size;
    network.dropout = sizes.dropout;
    network.head_dropout = options.head_dropout.unwrap_or(network.head_dropout);
    network.check()?;
    let windows = options.windows || (is_article(args) && !options.stream);
    let settings = TextSettings {
        cut: if windows { Cut::Windows } else { Cut::Streams },
        batch_size: defaults.batch_size(training),
        seq_len: options.seq_len.unwrap_or(100),
        val_fraction: data.val_fraction.or(options.val_fraction).unwrap_or(0.1),
        restart: options.restart.unwrap_or(TextSettings::default().restart),
        seed: seed(training),
    };
    description.evaluation = settings.evaluation();
    expect_validation(args, &Corpus::new(&data.ids, settings)?)?;
    Ok(NewRun {
        settings,
        description,
        learned: Learned {
            data: data.ids,
            fingerprint: data.fingerprint,
        },
        defaults,
    })
}

/// Refuses options that need a validation loss if no text is held out.
fn expect_validation(args: &TrainArgs, corpus: &Corpus) -> Result<(), CliError> {
    let plateau = args.run.training.schedule == Some(ScheduleName::Plateau);
    let option = match args.run.limit.patience {
        _ if corpus.validation().is_some() => return Ok(()),
        _ if plateau => "schedule",
        Some(_) => "patience",
        None => return Ok(()),
    };
    let expected = "hold out more of the text with --val-fraction";
    Err(CliError::option(
        option,
        "needs a validation loss",
        expected,
    ))
}

/// Reads the data of a run that is resumed, after checking that the options are those of the run.
pub fn read_again(
    run: &StoredRun<TextSettings>,
    args: &TrainArgs,
) -> Result<Learned<Vec<u32>>, CliError> {
    let (description, header) = (&run.model.description, &run.header);
    expect_same_options(&args.options, header, description)?;
    let is_given = !args.text.is_empty() || args.options.val_text.is_some();
    let source = match &header.data.source {
        tour if tour == TOUR_SOURCE && !is_given => tour_text(),
        learned_from => {
            let files = files_again(&header.data, args);
            let source = read(&files, args, description.normalization);
            source.map_err(|error| match error {
                CliError::Text(cause) if args.text.is_empty() && !is_limit(&cause) => {
                    CliError::RunText {
                        learned_from: learned_from.clone(),
                        cause,
                    }
                }
                other => other,
            })?
        }
    };
    header.data.expect_same(&source.fingerprint)?;
    // A run with --from and --unknown skip has left out characters.
    let (encoded, _) = source.encode(&description.vocabulary, Unknown::Skip)?;
    Ok(Learned {
        data: encoded.ids,
        fingerprint: source.fingerprint,
    })
}

/// The files of a run, with those that the options name instead of its own, because they were moved.
fn files_again(data: &Fingerprint, args: &TrainArgs) -> DataFiles {
    let (given, stored) = (files(args), data.files.clone());
    let stored = stored.unwrap_or_else(|| files_in(&data.source));
    let train = if given.train.is_empty() {
        stored.train
    } else {
        given.train
    };
    let val = given.val.or(stored.val);
    DataFiles { train, val }
}

fn is_limit(error: &TextError) -> bool {
    matches!(error, TextError::TooLarge { .. })
}

/// Refuses options that are not what the run was started with.
fn expect_same_options(
    s: &TextArgs,
    header: &RunHeader<TextSettings>,
    description: &LanguageDescription,
) -> Result<(), CliError> {
    let (settings, network) = (&header.settings, &description.network);
    let windows = settings.cut == Cut::Windows;
    let (head_dropout, fraction) = (network.head_dropout, settings.val_fraction);
    let optimizer = header.state.descent.optimizer;
    let is_same = |v: OptimizerName| v.usual().0 == optimizer;
    expect_same(&[
        (
            "head-dropout",
            s.head_dropout.is_none_or(|v| v == head_dropout),
        ),
        ("init", s.init.is_none_or(|v| network.init == v.into())),
        ("vocab", s.vocab.is_none()),
        ("words", s.words.is_none()),
        ("seq-len", s.seq_len.is_none_or(|v| v == settings.seq_len)),
        ("stream", !s.stream || !windows),
        ("restart", s.restart.is_none_or(|v| v == settings.restart)),
        ("windows", !s.windows || windows),
        ("val-fraction", s.val_fraction.is_none_or(|v| v == fraction)),
        ("nfc", !s.nfc || description.normalization.nfc),
        ("optimizer", s.optimizer.is_none_or(is_same)),
    ])
}

impl OptimizerName {
    /// The optimiser with its usual constants, and its usual learning rate.
    fn usual(self) -> (Optimizer, f64) {
        match self {
            Self::Sgd => (Optimizer::Sgd, 1.0),
            Self::Momentum => (Optimizer::MOMENTUM, 0.1),
            Self::Adam => (Optimizer::ADAM, 2e-3),
            Self::Adamw => (Optimizer::ADAM_W, 2e-3),
            Self::Rmsprop => (Optimizer::RMS_PROP, 1e-3),
        }
    }
}
