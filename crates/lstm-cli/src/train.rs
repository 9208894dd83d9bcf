//! `lstm train`: a language model learns a text.

use crate::args::{OptimizerName, Preset, ScheduleName, TextArgs, TrainArgs, UnknownName};
use crate::error::CliError;
use crate::pictures;
use crate::session::{Learned, NewRun, Subject, Summary, new_dir, resume};
use crate::settings::{Defaults, Sizes, expect_model_s_own, expect_same};
use crate::text::{Source, TOUR_SOURCE, tour_text, warn_of_unknown};
use lstm_model::{Engine, Network, NetworkConfig};
use lstm_plot::grouped;
use lstm_tasks::{Corpus, Cut, LanguageDescription, TextSettings};
use lstm_text::{BytePair, Normalization, Tokenizer, Unknown, Vocabulary};
use lstm_train::{Optimizer, Run, RunDir, RunHeader, StoredModel, StoredRun};
use std::path::Path;

const COMMAND: &str = "lstm train";

pub fn run(args: &TrainArgs) -> Result<(), CliError> {
    let outcome = match (&args.run.resume, &args.text, &args.run.out) {
        (Some(dir), ..) => resume(dir, &args.run, &args.settings, |run| read_again(run, args)),
        (None, Some(text), Some(out)) => begin(text, out, args),
        _ => unreachable!("the command line demands --resume, or --text and --out"),
    };
    outcome.map(drop)
}

fn begin(text: &Path, out: &Path, args: &TrainArgs) -> Result<lstm_train::Outcome, CliError> {
    let model = args
        .run
        .from
        .as_deref()
        .map(StoredModel::read)
        .transpose()?;
    let options = &args.text_settings;
    let new = match model {
        None => {
            let source = Source::read(text, Normalization { nfc: options.nfc })?;
            new_run(&source, args)?
        }
        Some(model) => further(model, text, args)?,
    };
    new.train(new_dir::<TextSettings>(out, COMMAND, |_| false)?)
}

/// Defaults of a language model; the preset has its own.
fn defaults(args: &TrainArgs) -> Defaults {
    let is_article = args.preset == Some(Preset::Article);
    let optimizer = args.text_settings.optimizer.unwrap_or(OptimizerName::Adam);
    let usual = Defaults {
        layers: 2,
        embed_size: 64,
        dropout: 0.0,
        optimizer: rule(optimizer),
        learning_rate: usual_rate(optimizer),
        schedule: Some(ScheduleName::Constant),
        eval_every: 200,
        ..Defaults::REAL
    };
    if !is_article {
        return usual;
    }
    Defaults {
        embed_size: 0,
        batch_size: 128,
        learning_rate: 1e-3,
        clip: 0.0,
        epochs: 20,
        ..usual
    }
}

/// A run with a new model of the text's own vocabulary.
pub fn new_run<'a>(
    source: &Source,
    args: &'a TrainArgs,
) -> Result<NewRun<'a, TextSettings>, CliError> {
    let (text, options) = (source.text.as_str(), &args.text_settings);
    let vocabulary = match options.vocab {
        None => Tokenizer::from(Vocabulary::from_text(text)?),
        Some(vocab_size) => Tokenizer::Subwords(BytePair::train([text], vocab_size)?),
    };
    let defaults = defaults(args);
    let sizes = Sizes::new(&args.settings, &defaults);
    let settings = text_settings(args, &sizes);
    let description = LanguageDescription {
        network: NetworkConfig {
            vocab_size: vocabulary.len(),
            embed_size: sizes.embed_size,
            hidden_size: sizes.hidden_size,
            layers: sizes.layers,
            dropout: sizes.dropout,
            head_dropout: options.head_dropout.unwrap_or(0.0),
            init: options.init.map(Into::into).unwrap_or_default(),
        },
        vocabulary,
        normalization: source.normalization,
        evaluation: settings.evaluation(),
        imported_from: None,
    };
    description.network.check()?;
    let data = description.vocabulary.encode(text)?;
    check_schedule(args, &settings, &data)?;
    Ok(NewRun {
        settings,
        description,
        from: None,
        learned: Learned {
            data,
            fingerprint: source.fingerprint.clone(),
        },
        defaults,
        options: &args.settings,
        args: &args.run,
    })
}

/// A run that trains a model further on any text: sizes, vocabulary and normalisation are the
/// model's.
fn further<'a>(
    model: StoredModel<LanguageDescription>,
    text: &Path,
    args: &'a TrainArgs,
) -> Result<NewRun<'a, TextSettings>, CliError> {
    let (description, options) = (&model.description, &args.text_settings);
    let network = &description.network;
    expect_model_s_own(
        &args.settings.model,
        &[
            ("init", options.init.is_some()),
            ("vocab", options.vocab.is_some()),
            ("nfc", options.nfc),
        ],
    )?;
    let source = Source::read(text, description.normalization)?;
    let encoded = description
        .vocabulary
        .encode_with(&source.text, Unknown::Skip)?;
    if options.unknown == Some(UnknownName::Skip) {
        warn_of_unknown(&encoded.unknown);
    } else if !encoded.unknown.is_empty() {
        return Err(CliError::unknown_to_model(&encoded.unknown));
    }
    let defaults = Defaults {
        layers: network.layers,
        hidden_size: network.hidden_size,
        embed_size: network.embed_size,
        dropout: network.dropout,
        ..defaults(args)
    };
    let sizes = Sizes::new(&args.settings, &defaults);
    let settings = text_settings(args, &sizes);
    check_schedule(args, &settings, &encoded.ids)?;
    let description = LanguageDescription {
        network: NetworkConfig {
            dropout: sizes.dropout,
            head_dropout: options.head_dropout.unwrap_or(network.head_dropout),
            ..network.clone()
        },
        evaluation: settings.evaluation(),
        ..description.clone()
    };
    description.network.check()?;
    Ok(NewRun {
        settings,
        description,
        from: Some(model),
        learned: Learned {
            data: encoded.ids,
            fingerprint: source.fingerprint,
        },
        defaults,
        options: &args.settings,
        args: &args.run,
    })
}

fn text_settings(args: &TrainArgs, sizes: &Sizes) -> TextSettings {
    let options = &args.text_settings;
    let is_article = args.preset == Some(Preset::Article);
    let windows = options.windows || (is_article && !options.stream);
    TextSettings {
        cut: if windows { Cut::Windows } else { Cut::Streams },
        batch_size: sizes.batch_size,
        seq_len: options.seq_len.unwrap_or(100),
        val_fraction: options.val_fraction.unwrap_or(0.1),
        seed: sizes.seed,
    }
}

fn check_schedule(args: &TrainArgs, settings: &TextSettings, data: &[u32]) -> Result<(), CliError> {
    let corpus = Corpus::new(data, *settings)?;
    if corpus.validation().is_some() {
        return Ok(());
    }
    let waits = [
        (
            "schedule",
            args.settings.training.schedule == Some(ScheduleName::Plateau),
        ),
        ("patience", args.run.limit.patience.is_some()),
    ];
    match waits.into_iter().find(|(_, waits)| *waits) {
        None => Ok(()),
        Some((option, _)) => Err(CliError::Option {
            option,
            found: "needs a validation loss".to_owned(),
            expected: "hold out more of the text with --val-fraction",
        }),
    }
}

/// The data of a run that is resumed, once the options given again are known to be the run's own.
fn read_again(
    run: &StoredRun<TextSettings>,
    args: &TrainArgs,
) -> Result<Learned<Vec<u32>>, CliError> {
    let (description, header) = (&run.model.description, &run.header);
    expect_text_settings(&args.text_settings, header, description)?;
    let source = match &args.text {
        Some(path) => Source::read(path, description.normalization)?,
        None if header.data.source == TOUR_SOURCE => tour_text(),
        None => {
            let path = Path::new(&header.data.source);
            Source::read(path, description.normalization).map_err(|error| match error {
                CliError::Text(cause) => CliError::RunText {
                    learned_from: header.data.source.clone(),
                    cause,
                },
                other => other,
            })?
        }
    };
    header.data.expect_same(&source.fingerprint)?;
    // A run that trains a model further may have left out characters.
    let encoded = description
        .vocabulary
        .encode_with(&source.text, Unknown::Skip)?;
    Ok(Learned {
        data: encoded.ids,
        fingerprint: source.fingerprint,
    })
}

/// Refuses options that are not what the run was started with.
fn expect_text_settings(
    s: &TextArgs,
    header: &RunHeader<TextSettings>,
    description: &LanguageDescription,
) -> Result<(), CliError> {
    let (settings, network) = (&header.settings, &description.network);
    let windows = settings.cut == Cut::Windows;
    let (head_dropout, fraction) = (network.head_dropout, settings.val_fraction);
    let optimizer = header.state.descent.optimizer;
    expect_same(&[
        (
            "head-dropout",
            s.head_dropout.is_none_or(|v| v == head_dropout),
        ),
        ("init", s.init.is_none_or(|v| network.init == v.into())),
        ("vocab", s.vocab.is_none()),
        ("seq-len", s.seq_len.is_none_or(|v| v == settings.seq_len)),
        ("stream", !s.stream || !windows),
        ("windows", !s.windows || windows),
        ("val-fraction", s.val_fraction.is_none_or(|v| v == fraction)),
        ("nfc", !s.nfc || description.normalization.nfc),
        (
            "optimizer",
            s.optimizer.is_none_or(|v| rule(v) == optimizer),
        ),
    ])
}

/// The tour is a run like any other; only its directory may be replaced.
pub fn tour_dir(out: &Path) -> Result<RunDir, CliError> {
    let is_tour = |run: &StoredRun<TextSettings>| run.header.data.source == TOUR_SOURCE;
    new_dir(out, COMMAND, is_tour)
}

impl Subject for TextSettings {
    fn command(_: &LanguageDescription) -> &'static str {
        COMMAND
    }

    fn unit(description: &LanguageDescription) -> &'static str {
        description.vocabulary.unit()
    }

    fn sizes(&self, description: &LanguageDescription) -> Sizes {
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
        description: &LanguageDescription,
        data: &Vec<u32>,
    ) -> Summary {
        let (settings, network) = (&run.settings, &description.network);
        let (train, val) = Corpus::new(data, *settings).map_or((0, 0), |corpus| corpus.sizes());
        let input = match network.embed_size {
            0 => "one-hot".into(),
            d => format!("embedding {d}"),
        };
        let kinds = match description.vocabulary {
            Tokenizer::Characters(_) => "",
            Tokenizer::Subwords(_) => " in subwords",
        };
        let cut = match settings.cut {
            Cut::Streams => "streams with the state carried",
            Cut::Windows => "overlapping windows",
        };
        Summary {
            data: format!(
                "{} characters{kinds} of {} kinds, {} to train and {} to validate",
                grouped(run.data.characters as u64),
                grouped(network.vocab_size as u64),
                grouped(train as u64),
                grouped(val as u64),
            ),
            model: format!(
                "{input}, {} × {} units",
                network.layers, network.hidden_size
            ),
            batches: format!(
                "{} {cut}, {} steps long",
                settings.batch_size, settings.seq_len
            ),
        }
    }

    fn show<R: Engine<Scalar = f32>>(
        &self,
        description: &LanguageDescription,
        _data: &Vec<u32>,
        network: &Network<R>,
    ) -> String {
        let text = pictures::sample(network, description, pictures::SHOWN, self.seed);
        format!("\n    {}", text.replace('\n', "\n    "))
    }

    fn draw<R: Engine<Scalar = f32>>(run: &Run<Self, R>) -> Result<Vec<&'static str>, CliError> {
        pictures::write_gates(run)?;
        Ok(vec!["gates.svg"])
    }

    fn next(_: &LanguageDescription, _dir: &Path) -> Option<String> {
        None
    }
}

/// The optimiser of that name with its usual constants.
fn rule(name: OptimizerName) -> Optimizer {
    match name {
        OptimizerName::Sgd => Optimizer::Sgd,
        OptimizerName::Momentum => Optimizer::MOMENTUM,
        OptimizerName::Adam => Optimizer::ADAM,
        OptimizerName::Adamw => Optimizer::ADAM_W,
        OptimizerName::Rmsprop => Optimizer::RMS_PROP,
    }
}

fn usual_rate(name: OptimizerName) -> f64 {
    match name {
        OptimizerName::Sgd => 1.0,
        OptimizerName::Momentum => 0.1,
        OptimizerName::Adam | OptimizerName::Adamw => 2e-3,
        OptimizerName::Rmsprop => 1e-3,
    }
}
