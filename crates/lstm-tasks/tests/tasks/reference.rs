//! The gradient of a step by definition: the spec engine in double precision reads each sequence of the
//! batch by itself. It knows no padding, no part of a batch and no thread, and draws the batch of every
//! step anew, so all that it remembers is the weights and the states of streams.

use crate::subjects::{NetworkOf, Subject};
use lstm_model::{
    Alone, BatchState, Dropout, Engine, Loss, Network, NetworkPass, Parameters, Spec,
};
use lstm_tasks::data::Sentence;
use lstm_tasks::{
    Buckets, Corpus, Cut, EncoderDecoder, LabelBatch, LabelSet, LabelSettings, Labeler, PairBatch,
    PairSettings, TextSettings,
};
use lstm_train::Application;

/// An application whose steps have a reference.
pub trait Reference: Application {
    /// The network on the spec engine in double precision.
    type Truth: Parameters<Scalar = f64>;

    fn zeros(subject: &Subject<Self>) -> Self::Truth;

    /// The loss of a step in nats and its gradient (E21). `carried` holds the states of each stream, and
    /// is empty at the first step.
    fn gradient(
        subject: &Subject<Self>,
        truth: &Self::Truth,
        step: u64,
        carried: &mut Carried,
    ) -> (Loss, Self::Truth);

    /// All recurrent layers.
    fn layers<R: Engine<Scalar = f32>>(network: &mut NetworkOf<Self, R>) -> Vec<&mut R>;
}

/// The states of the layers of each stream.
pub type Carried = Vec<Vec<BatchState<f64>>>;

/// The masks of sequence `b` of a batch.
fn masks(seed: u64, step: u64, b: usize) -> Dropout {
    Dropout {
        seed,
        step,
        first_sequence: b,
    }
}

impl Reference for TextSettings {
    type Truth = Network<Spec<f64>>;

    fn zeros(subject: &Subject<Self>) -> Self::Truth {
        Network::zeros(subject.description.network.clone()).unwrap()
    }

    fn gradient(
        subject: &Subject<Self>,
        truth: &Self::Truth,
        step: u64,
        carried: &mut Carried,
    ) -> (Loss, Self::Truth) {
        let settings = subject.settings;
        let mut corpus = Corpus::new(&subject.data, settings).unwrap();
        let (batch, _) = corpus.batch(step);
        let none = truth.zero_states(1);
        if settings.cut == Cut::Windows || step.is_multiple_of(corpus.steps_per_epoch()) {
            *carried = vec![none.clone(); batch.batch_size];
        }
        for stream in corpus.restarts(step) {
            carried[stream] = none.clone();
        }
        let mut grad = truth.zeros_like();
        let (mut nats, tokens) = (0.0, batch.tokens());
        for (b, states) in carried.iter_mut().enumerate() {
            let pass = NetworkPass {
                batch: &batch.columns(b..b + 1),
                initial: states,
                dropout: Some(masks(settings.seed, step, b)),
                team: &Alone,
            };
            let (loss, _) = truth.loss_and_gradient(pass, 1.0 / tokens as f64, &none, &mut grad);
            nats += loss.nats;
            *states = loss.last;
        }
        (Loss { nats, tokens }, grad)
    }

    fn layers<R: Engine<Scalar = f32>>(network: &mut NetworkOf<Self, R>) -> Vec<&mut R> {
        network.stack.layers.iter_mut().collect()
    }
}

impl Reference for PairSettings {
    type Truth = EncoderDecoder<Spec<f64>>;

    fn zeros(subject: &Subject<Self>) -> Self::Truth {
        EncoderDecoder::zeros(subject.description.network.clone()).unwrap()
    }

    fn gradient(
        subject: &Subject<Self>,
        truth: &Self::Truth,
        step: u64,
        _: &mut Carried,
    ) -> (Loss, Self::Truth) {
        let (description, settings) = (&subject.description, &subject.settings);
        let pairs = subject.data.train.iter().map(|pair| {
            let target = description.target_subwords().encode(&pair.target);
            (description.encode(&pair.source), target)
        });
        let pairs: Vec<_> = pairs.collect();
        let lengths = pairs.iter().map(|(s, t)| s.len() + t.len()).collect();
        let mut buckets = Buckets::new(lengths, settings.batch_size, settings.seed);
        let batch = buckets.batch(step);
        let tokens = batch.iter().map(|&n| pairs[n].1.len() + 1).sum();
        let (mut nats, mut grad) = (0.0, truth.zeros_like());
        for (b, &n) in batch.iter().enumerate() {
            nats += truth.loss_and_gradient(
                &PairBatch::new([&pairs[n]]),
                Some(masks(settings.seed, step, b)),
                settings.smoothing,
                1.0 / tokens as f64,
                &mut grad,
                &Alone,
            );
        }
        (Loss { nats, tokens }, grad)
    }

    fn layers<R: Engine<Scalar = f32>>(network: &mut NetworkOf<Self, R>) -> Vec<&mut R> {
        let encoder = network.encoder.layers.iter_mut();
        let encoder = encoder.flat_map(|layer| [&mut layer.forward, &mut layer.backward]);
        encoder.chain(&mut network.decoder.layers).collect()
    }
}

impl Reference for LabelSettings {
    type Truth = Labeler<Spec<f64>>;

    fn zeros(subject: &Subject<Self>) -> Self::Truth {
        Labeler::zeros(subject.description.network.clone()).unwrap()
    }

    fn gradient(
        subject: &Subject<Self>,
        truth: &Self::Truth,
        step: u64,
        _: &mut Carried,
    ) -> (Loss, Self::Truth) {
        let (sentences, settings) = (&subject.data.train, &subject.settings);
        let lengths = sentences.iter().map(|s| s.words.len()).collect();
        let mut buckets = Buckets::new(lengths, settings.batch_size, settings.seed);
        let batch = buckets.batch(step);
        let tokens = batch.iter().map(|&n| sentences[n].words.len()).sum();
        let (mut nats, mut grad) = (0.0, truth.zeros_like());
        for (b, &n) in batch.iter().enumerate() {
            nats += truth.loss_and_gradient(
                &labels_of(subject, &sentences[n]),
                Some(masks(settings.seed, step, b)),
                1.0 / tokens as f64,
                &mut grad,
                &Alone,
            );
        }
        (Loss { nats, tokens }, grad)
    }

    fn layers<R: Engine<Scalar = f32>>(network: &mut NetworkOf<Self, R>) -> Vec<&mut R> {
        let layers = network.encoder.layers.iter_mut();
        layers
            .flat_map(|layer| [&mut layer.forward, &mut layer.backward])
            .collect()
    }
}

/// A sentence with the only predicate that it has, as a batch.
fn labels_of(subject: &Subject<LabelSettings>, sentence: &Sentence) -> LabelBatch {
    let [frame] = &sentence.frames[..] else {
        panic!("a sentence of these tests has one predicate")
    };
    let names = LabelSet::from_names(subject.description.labels.clone()).unwrap();
    let label = |t| {
        let argument = frame
            .arguments
            .iter()
            .find(|a| (a.first..=a.last).contains(&t));
        let name = argument.map_or("O".to_owned(), |a| {
            format!("{}-{}", if a.first == t { "B" } else { "I" }, a.label)
        });
        names.id(&name).unwrap()
    };
    let features = &subject.description.features;
    let words = sentence.words.iter().enumerate();
    let words = words.map(|(t, word)| features.ids(word, t == frame.predicate));
    let labels = (0..sentence.words.len()).map(label).collect();
    LabelBatch::new([&(words.collect(), labels)])
}
