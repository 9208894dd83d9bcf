//! Training on pairs.

use super::{best, clipped, expect};
use crate::args::TransducerTrainArgs;
use crate::count::counted;
use crate::error::CliError;
use crate::report::{Group, Map, Picture, Row};
use crate::sample::Sample;
use crate::session::{self, Drawn, NewRun, Subject, Summary};
use crate::settings::{Defaults, Sizes, expect_none_of_model, expect_same, seed};
use crate::shell::quoted;
use lstm_model::Engine;
use lstm_plot::grouped;
use lstm_tasks::data::Pair;
use lstm_tasks::{
    EncoderDecoder, EncoderDecoderConfig, PairData, PairOrigin, PairSettings, PairSource,
    Transducer, TransducerDescription, Transduction,
};
use lstm_train::{Run, RunHeader, StoredModel, StoredRun};

/// Begins a run on the pairs of `source`, or resumes one.
pub fn train(
    transduction: Transduction,
    source: PairSource,
    args: &TransducerTrainArgs,
) -> Result<(), CliError> {
    session::train(
        &args.run,
        |from| new_run(transduction, source, from, args),
        |run: &StoredRun<PairSettings>| {
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
            Ok(settings.source.read(args.run.input.limit())?.into())
        },
    )
}

fn new_run(
    transduction: Transduction,
    source: PairSource,
    from: Option<&StoredModel<TransducerDescription>>,
    args: &TransducerTrainArgs,
) -> Result<NewRun<PairSettings>, CliError> {
    let mut defaults = match source.origin {
        PairOrigin::Headlines => Defaults::EASY,
        _ if source.is_generated() => Defaults::GENERATED,
        _ => Defaults::REAL,
    };
    let data = source.read(args.run.input.limit())?;
    let description = match from {
        None => describe(transduction, &source, &data, &defaults, args)?,
        Some(StoredModel {
            description, path, ..
        }) => {
            expect(transduction, description, path)?;
            let model = &args.run.model;
            let others = [
                ("dropout", model.dropout.is_some()),
                ("vocab", args.vocab.is_some()),
                ("max-source", args.max_source.is_some()),
            ];
            expect_none_of_model(model, &others)?;
            defaults.sizes = PairSettings::sizes(description);
            description.clone()
        }
    };
    let smoothing = match transduction {
        Transduction::Translation => 0.1,
        Transduction::Summarisation => 0.0,
    };
    Ok(NewRun {
        settings: PairSettings {
            source,
            batch_size: defaults.batch_size(&args.run.training),
            smoothing: args.smoothing.unwrap_or(smoothing),
            seed: seed(&args.run.training),
        },
        description,
        learned: data.into(),
        defaults,
    })
}

/// A new model for these pairs.
fn describe(
    transduction: Transduction,
    source: &PairSource,
    data: &PairData,
    defaults: &Defaults,
    args: &TransducerTrainArgs,
) -> Result<TransducerDescription, CliError> {
    let vocab_size = args.vocab.unwrap_or(match source.origin {
        // With so few subwords no name is one token: the model learns to copy names token by token.
        PairOrigin::Headlines => 400,
        _ => 8000,
    });
    let sizes = defaults.sizes.with(&args.run.model);
    let config = EncoderDecoderConfig {
        source_vocab: 0,
        target_vocab: 0,
        embed_size: sizes.embed_size,
        hidden_size: sizes.hidden_size,
        layers: sizes.layers,
        dropout: sizes.dropout,
        copies: false,
    };
    let max_source = args.max_source.unwrap_or(200);
    Ok(TransducerDescription::from_pairs(
        transduction,
        &data.train,
        vocab_size,
        max_source,
        config,
    )?)
}

impl Subject for PairSettings {
    fn command(description: &TransducerDescription) -> &'static str {
        match description.transduction {
            Transduction::Translation => "lstm translate",
            Transduction::Summarisation => "lstm summarize",
        }
    }

    fn unit(_: &TransducerDescription) -> &'static str {
        "token"
    }

    fn guess(description: &TransducerDescription) -> f64 {
        (description.network.target_vocab as f64).ln()
    }

    fn sizes(description: &TransducerDescription) -> Sizes {
        let network = &description.network;
        Sizes {
            layers: network.layers,
            hidden_size: network.hidden_size,
            embed_size: network.embed_size,
            dropout: network.dropout,
        }
    }

    fn batch_size(&self) -> usize {
        self.batch_size
    }

    fn summary(
        run: &RunHeader<Self>,
        description: &TransducerDescription,
        data: &PairData,
    ) -> Summary {
        let (network, limit) = (&description.network, description.max_source);
        let is_cut = |pair: &&Pair| description.source.encode(&pair.source).len() > limit;
        let cut = data.train.iter().filter(is_cut).count();
        let cut = match cut {
            0 => String::new(),
            1 => format!("; 1 source is longer than {limit} tokens and is cut there"),
            _ => {
                let cut = grouped(cut as u64);
                format!("; {cut} sources are longer than {limit} tokens and are cut there")
            }
        };
        let [val, read, generated] =
            [data.val.len(), network.source_vocab, network.target_vocab].map(|n| grouped(n as u64));
        let train = counted(data.train.len(), "pair");
        let (layers, units) = (network.layers, counted(network.hidden_size, "unit"));
        let d = network.embed_size;
        Summary {
            data: format!("{train} to train and {val} to validate{cut}"),
            model: format!("{read} and {generated} subwords, embedding {d}, {layers} × {units}"),
            batches: counted(run.settings.batch_size, "pair") + " in a batch",
        }
    }

    fn sample<R: Engine<Scalar = f32>>(
        &self,
        description: &TransducerDescription,
        data: &PairData,
        network: &EncoderDecoder<R>,
    ) -> Option<Sample> {
        let pair = example(data)?;
        let model = transducer(description, network);
        let output = match model.generate(&pair.source, 1, 0.0) {
            Ok(found) => best(found),
            Err(error) => format!("({error})"),
        };
        Some(Sample::Example {
            input: clipped(&pair.source),
            expected: pair.target.clone(),
            output,
        })
    }

    fn draw<R: Engine<Scalar = f32>>(
        run: &Run<Self, R>,
        data: &PairData,
    ) -> Result<Drawn, CliError> {
        Ok(Drawn {
            picture: picture(run, data),
            svg: None,
        })
    }

    fn next(description: &TransducerDescription, data: &PairData, dir: &str) -> Vec<String> {
        let command = Self::command(description);
        // A long text is not for the command line.
        let short = example(data).filter(|pair| pair.source.chars().count() <= 90);
        let source = short.map_or("TEXT".to_owned(), |pair| quoted(&pair.source));
        vec![
            format!("{command} eval --model {dir}"),
            format!("{command} run --model {dir} {source}"),
            format!("{command} run --model {dir} --beam 4 --plot {dir}/attention.svg {source}"),
        ]
    }
}

/// The attention to the example's source.
fn picture<R: Engine<Scalar = f32>>(
    run: &Run<PairSettings, R>,
    data: &PairData,
) -> Option<Picture> {
    let pair = example(data)?;
    let model = transducer(run.description(), &run.trainer().network);
    let best = model.generate(&pair.source, 1, 0.0).ok()?;
    let tokens = best.into_iter().next()?.tokens;
    let (columns, generated, alpha) = model.attention_map(&pair.source, &tokens);
    let group = |(name, alpha): (String, _)| Group {
        name,
        tone: "a",
        rows: vec![alpha],
    };
    let alpha = alpha.column_iter().map(|alpha| Row {
        name: String::new(),
        values: alpha.iter().copied().collect(),
    });
    Some(Picture::Map(Map {
        title: "Attention to the source (across) at each step of the output (down)".to_owned(),
        columns,
        groups: generated.into_iter().zip(alpha).map(group).collect(),
    }))
}

/// The pair that a run shows: the first of the validation data.
fn example(data: &PairData) -> Option<&Pair> {
    data.val.first()
}

fn transducer<R: Engine<Scalar = f32>>(
    description: &TransducerDescription,
    network: &EncoderDecoder<R>,
) -> Transducer<R> {
    Transducer {
        network: network.clone(),
        description: description.clone(),
    }
}
