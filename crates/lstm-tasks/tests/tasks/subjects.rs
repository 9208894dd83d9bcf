//! Applications with tiny data, on which a test can train.

use lstm_model::{Canonical, Engine, NetworkConfig, Spec, Tensors};
use lstm_tasks::classify::{ClassData, ClassSource, ClassifySettings, NewClassifier, Pooling};
use lstm_tasks::data::series::{Columns, Series, Step};
use lstm_tasks::data::{
    Argument, Frame, Labelled, LabelledColumns, Pair, Sentence, Sequence, SequenceColumns,
};
use lstm_tasks::forecast::{
    ForecastSettings, HeldOut, NewForecaster, Objective, Reference, SeriesData, SeriesSource,
};
use lstm_tasks::{
    Cut, EncoderDecoderConfig, EvaluationSettings, Features, Files, LabelSettings, LabelerConfig,
    LabelerDescription, LanguageDescription, PairData, PairOrigin, PairSettings, PairSource,
    RoleData, RoleSource, TextSettings, TransducerDescription, Transduction, label_names,
    usual_predicates,
};
use lstm_text::{BytePair, Normalization, Tokenizer, Vocabulary};
use lstm_train::{Application, Description, Fingerprint, Task};

/// An application with its data.
pub struct Subject<A: Application> {
    pub settings: A,
    pub description: A::Description,
    pub data: A::Data,
}

pub type NetworkOf<A, R> = <<A as Application>::Description as Description>::Network<R>;

/// The weights by their canonical names.
pub fn exported(network: &impl Canonical) -> Tensors {
    let mut tensors = Tensors::new();
    network.export("", &mut tensors);
    tensors
}

impl<A: Application> Subject<A> {
    /// The network before the first step.
    pub fn network<R: Engine<Scalar = f32>>(&self) -> NetworkOf<A, R> {
        self.description.init(3).unwrap()
    }

    pub fn task<R: Engine<Scalar = f32>>(&self, network: &NetworkOf<A, R>) -> A::Task<R> {
        let task = self.settings.task(&self.description, &self.data, network);
        task.unwrap()
    }

    /// The number of steps in an epoch, and the number of sequences in the batch of a step.
    pub fn shape(&self, step: u64) -> (u64, usize) {
        let mut task = self.task::<Spec<f32>>(&self.network::<Spec<f32>>());
        let batch = task.batch(step);
        (task.steps_per_epoch(), task.size(&batch).sequences)
    }
}

/// A text of `characters` letters; the squares modulo `modulus` say which.
pub fn text(
    cut: Cut,
    characters: usize,
    modulus: usize,
    batch_size: usize,
) -> Subject<TextSettings> {
    let text: String = (0..characters)
        .map(|n| char::from(b'A' + (n * n % modulus) as u8))
        .collect();
    let vocabulary = Vocabulary::from_text(&text).unwrap();
    let settings = TextSettings {
        cut,
        batch_size,
        seq_len: 5,
        val_fraction: 0.0,
        restart: 0.3,
        seed: 5,
    };
    let data = vocabulary.encode(&text).unwrap();
    let description = LanguageDescription {
        network: NetworkConfig {
            vocab_size: vocabulary.len(),
            embed_size: 4,
            hidden_size: 6,
            layers: 2,
            dropout: 0.2,
            head_dropout: 0.2,
            ..NetworkConfig::default()
        },
        vocabulary: Tokenizer::from(vocabulary),
        normalization: Normalization::default(),
        evaluation: EvaluationSettings::default(),
        imported_from: None,
    };
    Subject {
        settings,
        description,
        data,
    }
}

/// Pairs of sentences of one to four words.
pub fn pairs(count: usize, batch_size: usize, copies: bool) -> Subject<PairSettings> {
    let words = ["a", "cat", "sees", "two", "dogs"];
    let sentence = |n: usize| {
        let word = |k: usize| words[(n * 3 + k * k) % words.len()];
        (0..=n % 4).map(word).collect::<Vec<_>>().join(" ")
    };
    let pair = |n| Pair {
        source: sentence(n),
        target: sentence(n + 2),
    };
    let train: Vec<Pair> = (0..count).map(pair).collect();
    let texts = train
        .iter()
        .flat_map(|p| [p.source.as_str(), p.target.as_str()]);
    let subwords = BytePair::train(texts, 300).unwrap();
    let description = TransducerDescription {
        transduction: Transduction::Translation,
        network: EncoderDecoderConfig {
            source_vocab: subwords.len(),
            target_vocab: subwords.len(),
            embed_size: 4,
            hidden_size: 6,
            layers: 1,
            dropout: 0.2,
            copies,
        },
        target: (!copies).then(|| subwords.clone()),
        source: subwords,
        max_source: 50,
    };
    Subject {
        settings: PairSettings {
            source: PairSource {
                origin: PairOrigin::Headlines,
                reversed: false,
            },
            batch_size,
            smoothing: 0.1,
            seed: 5,
        },
        description,
        data: PairData {
            train,
            val: Vec::new(),
            warnings: Vec::new(),
            fingerprint: Fingerprint::new("a test", ""),
        },
    }
}

/// Sentences of two to five words with one predicate each.
pub fn sentences(count: usize, batch_size: usize) -> Subject<LabelSettings> {
    let words = ["a", "cat", "sees", "two", "dogs"];
    let sentence = |n: usize| {
        let len = 2 + n % 4;
        let words = (0..len).map(|k| words[(n + k * k) % words.len()].to_owned());
        let argument = |label: &str, first, last| Argument {
            label: label.to_owned(),
            first,
            last,
        };
        let mut arguments = vec![argument("A0", 0, 0), argument("V", 1, 1)];
        if len > 2 {
            // The label does not follow from the words, so the loss does not fall to zero.
            arguments.push(argument(["A1", "AM"][n % 3 % 2], 2, len - 1));
        }
        Sentence {
            id: n.to_string(),
            words: words.collect(),
            frames: vec![Frame {
                predicate: 1,
                roleset: String::new(),
                arguments,
            }],
        }
    };
    let train: Vec<Sentence> = (0..count).map(sentence).collect();
    let features = Features::from_words(&words, 1).unwrap();
    let labels = label_names(&train);
    Subject {
        description: LabelerDescription {
            network: LabelerConfig {
                vocab_sizes: features.sizes(),
                embed_sizes: [3, 2, 2, 2, 2],
                hidden_size: 6,
                layers: 2,
                labels: labels.len(),
                dropout: 0.2,
            },
            features,
            labels,
            predicates: usual_predicates(&train),
        },
        settings: LabelSettings {
            source: RoleSource::Generated,
            batch_size,
            seed: 5,
        },
        data: RoleData {
            train,
            val: Vec::new(),
            warnings: Vec::new(),
            fingerprint: Fingerprint::new("a test", ""),
        },
    }
}

/// Two series of one column, the second shorter than a window, with values missing.
pub fn series(
    rows: usize,
    batch_size: usize,
    objective: Objective,
    reference: Reference,
) -> Subject<ForecastSettings> {
    let one = |id: &str, rows: usize| {
        let y = |t: usize| (t as f64 * 0.7).sin() + ((t * t) % 7) as f64 / 5.0;
        let value = |t: usize| (t % 11 != 4).then(|| y(t));
        Series {
            id: id.to_owned(),
            start: None,
            values: vec![(0..rows).map(value).collect()],
            known: Vec::new(),
        }
    };
    let data = SeriesData {
        step: Step::Rows,
        series: vec![one("a", rows), one("b", 8)],
        warnings: Vec::new(),
        fingerprint: Fingerprint::new("a test", ""),
    };
    let settings = ForecastSettings {
        source: SeriesSource::Generated,
        held_out: HeldOut::default(),
        context: 7,
        batch_size,
        seed: 5,
    };
    let new = NewForecaster {
        columns: settings.source.columns(),
        horizon: 3,
        season: Some(4),
        reference: Some(reference),
        objective,
        layers: 2,
        hidden_size: 6,
        dropout: 0.2,
    };
    let (description, _) = new.describe("a test", &data, settings.held_out).unwrap();
    Subject {
        settings,
        description,
        data,
    }
}

/// Words of one to five letters, of three classes that they do not tell.
pub fn classified_texts(
    count: usize,
    batch_size: usize,
    bidirectional: bool,
    pooling: Pooling,
) -> Subject<ClassifySettings> {
    let letter = |n: usize, t: usize| char::from(b'a' + ((n * 3 + t * t) % 5) as u8);
    let word = |n: usize| Sequence::Text((0..=n % 5).map(|t| letter(n, t)).collect());
    let columns = SequenceColumns::Text("text".to_owned());
    classified(count, batch_size, (columns, word), (bidirectional, pooling))
}

/// Series of two columns and one to five rows, with a value missing, of three classes.
pub fn classified_series(
    count: usize,
    batch_size: usize,
    bidirectional: bool,
    pooling: Pooling,
) -> Subject<ClassifySettings> {
    let row = |n: usize, t: usize| {
        let x = (n as f64 * 0.7 + t as f64).sin();
        vec![(t != 3).then_some(x), Some(2.0 * x + t as f64)]
    };
    let series = |n: usize| Sequence::Series {
        id: n.to_string(),
        rows: (0..=n % 5).map(|t| row(n, t)).collect(),
    };
    let columns = SequenceColumns::Series(Columns {
        id: Some("id".to_owned()),
        values: vec!["x".to_owned(), "y".to_owned()],
        ..Columns::default()
    });
    classified(
        count,
        batch_size,
        (columns, series),
        (bidirectional, pooling),
    )
}

fn classified(
    count: usize,
    batch_size: usize,
    (sequence, make): (SequenceColumns, impl Fn(usize) -> Sequence),
    (bidirectional, pooling): (bool, Pooling),
) -> Subject<ClassifySettings> {
    let columns = LabelledColumns {
        sequence,
        label: "label".to_owned(),
    };
    let labelled = |n: usize| Labelled {
        sequence: make(n),
        label: ["a", "b", "c"][n * n % 7 % 3].to_owned(),
        line: n,
    };
    let train: Vec<Labelled> = (0..count).map(labelled).collect();
    let new = NewClassifier {
        columns: columns.clone(),
        words: None,
        min_count: 1,
        max_length: 4,
        embed_size: 3,
        hidden_size: 6,
        layers: 2,
        bidirectional,
        pooling,
        dropout: 0.2,
    };
    Subject {
        description: new.describe("a test", &train).unwrap(),
        settings: ClassifySettings {
            source: ClassSource::Files {
                files: Files {
                    train: "a test".into(),
                    val: None,
                },
                columns,
            },
            held_out: HeldOut::default(),
            batch_size,
            seed: 5,
        },
        data: ClassData {
            train,
            val: Vec::new(),
            test: Vec::new(),
            warnings: Vec::new(),
            fingerprint: Fingerprint::new("a test", ""),
        },
    }
}
