//! Reading one token at a time against the spec engine's forward pass in double precision.

use crate::case::{odd_sizes, widened, widened_params};
use crate::compare::{agree, same_bits};
use lstm_fast::{Fast, FastReader, Level, Precision};
use lstm_model::{Embedding, Head, Init, Layer, Network, NetworkConfig, Reader, Span, Spec};
use nalgebra::{DMatrix, Matrix};
use proptest::prelude::*;
use std::thread::sleep;
use std::time::Duration;

/// A decade above the largest difference in 600 cases, 1.1e−7 of the largest logit, or of 1.
const TOLERANCE: f64 = 1.2e-6;

/// A network with a dropout rate of 1/2, which applies only in training.
pub fn network(v: usize, embed_size: usize, h: usize, layers: usize, seed: u64) -> Network<Fast> {
    let config = NetworkConfig {
        vocab_size: v,
        embed_size,
        hidden_size: h,
        layers,
        dropout: 0.5,
        head_dropout: 0.5,
        init: Init::default(),
    };
    Network::init(config, seed).unwrap()
}

/// The network with the instructions of `level`.
pub fn at(level: Level, network: &Network<Fast>) -> Network<Fast> {
    let mut network = network.clone();
    for layer in &mut network.stack.layers {
        *layer = layer.clone().with_level(level);
    }
    network
}

/// The same weights for the spec engine in double precision.
fn truth(network: &Network<Fast>) -> Network<Spec<f64>> {
    let mut truth = Network::<Spec<f64>>::zeros(network.config().clone()).unwrap();
    if let Embedding::Table(e) = &network.embedding {
        truth.embedding = Embedding::Table(widened(e));
    }
    for (to, from) in truth.stack.layers.iter_mut().zip(&network.stack.layers) {
        *to = Spec::from_params(&widened_params(&from.to_params()));
    }
    truth.head = Head {
        w: widened(&network.head.w),
        b: network.head.b.map(f64::from),
    };
    truth
}

/// The same network with the weights of its layers rounded to sixteen bits, except the first layer's W_x,
/// whose products with the tokens are computed in advance, and the biases.
fn rounded(network: &Network<Fast>) -> Network<Fast> {
    let mut rounded = network.clone();
    for (l, layer) in rounded.stack.layers.iter_mut().enumerate() {
        let mut params = layer.to_params();
        for gate in params.blocks_mut() {
            for unit in 0..gate.b.len() {
                let mut rows = vec![gate.w_h.row_mut(unit)];
                if l > 0 {
                    rows.push(gate.w_x.row_mut(unit));
                }
                let max = rows.iter().map(Matrix::amax).fold(0.0, f32::max);
                let step = (0..).map(|n| 2.0_f32.powi(-n)).find(|s| max / s > 16_383.5);
                let step = step.expect("some power of two is small enough");
                let round = |w: &mut f32| *w = (*w / step).round_ties_even() * step;
                rows.iter_mut()
                    .for_each(|row| row.iter_mut().for_each(round));
            }
        }
        *layer = Fast::from_params(&params);
    }
    rounded
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_reader_agrees_with_the_spec_engine_and_threads_change_no_bit(
        hidden_size in odd_sizes(),
        embed_size in prop::sample::select(vec![0_usize, 1, 7, 17]),
        vocab_size in prop::sample::select(vec![1_usize, 2, 16, 17, 97]),
        layers in 1..=3_usize, threads in 2..=4_usize, seed: u64,
        ids in prop::collection::vec(any::<prop::sample::Index>(), 1..=12),
    ) {
        let network = network(vocab_size, embed_size, hidden_size, layers, seed);
        let ids: Vec<u32> = ids.iter().map(|id| id.index(vocab_size) as u32).collect();
        let truth = truth(&network);
        let (logits, _) = truth.next_logits(&ids, &truth.zero_states(1), Span::full(ids.len(), 1));
        let expected = [("logits".to_owned(), logits)];
        for level in Level::available() {
            let network = at(level, &network);
            let read = |threads: usize| {
                let mut reader = network.reader(threads);
                reader.read(&ids);
                let logits = reader.logits().iter().map(|&z| f64::from(z));
                [("logits".to_owned(), DMatrix::from_iterator(vocab_size, 1, logits))]
            };
            let one = read(1);
            agree(&level, &expected, &one, TOLERANCE)?;
            same_bits(&one, &read(threads))?;
        }
    }

    #[test]
    fn reading_in_pieces_is_reading_at_one_go_to_the_bit(
        hidden_size in odd_sizes(),
        embed_size in prop::sample::select(vec![0_usize, 7]),
        vocab_size in prop::sample::select(vec![1_usize, 97]),
        layers in 1..=2_usize, threads in 1..=3_usize, seed: u64, pause: bool,
        ids in prop::collection::vec(any::<prop::sample::Index>(), 2..=12), cut: prop::sample::Index,
    ) {
        let network = network(vocab_size, embed_size, hidden_size, layers, seed);
        let ids: Vec<u32> = ids.iter().map(|id| id.index(vocab_size) as u32).collect();
        let (first, second) = ids.split_at(1 + cut.index(ids.len() - 1));
        let bits = |reader: &FastReader| -> Vec<u32> {
            reader.logits().iter().map(|z| z.to_bits()).collect()
        };
        for level in Level::available() {
            let network = at(level, &network);
            let reader = || network.reader(threads);
            let (mut whole, mut pieces) = (reader(), reader());
            prop_assert!(pieces.logits().is_empty());
            whole.read(&ids);
            pieces.read(first);
            let mut begun = reader();
            begun.read(first);
            prop_assert_eq!(bits(&pieces), bits(&begun), "{}, the first piece", level);
            if pause {
                // So long that the other threads go to sleep.
                sleep(Duration::from_millis(2));
            }
            pieces.read(second);
            prop_assert_eq!(bits(&pieces), bits(&whole), "{}, the second piece", level);
        }
    }

    #[test]
    fn sixteen_bits_are_the_network_with_rounded_weights_to_the_bit(
        hidden_size in odd_sizes(),
        embed_size in prop::sample::select(vec![0_usize, 7]),
        layers in 1..=3_usize, threads in 1..=3_usize, seed: u64,
        ids in prop::collection::vec(0..17_u32, 1..=12),
    ) {
        let network = network(17, embed_size, hidden_size, layers, seed);
        for level in Level::available() {
            let read = |network: &Network<Fast>, precision| {
                let mut reader = FastReader::of_network(&at(level, network), threads, precision);
                reader.read(&ids);
                reader.logits().iter().map(|z| z.to_bits()).collect::<Vec<_>>()
            };
            let int16 = read(&network, Precision::Int16);
            prop_assert_eq!(int16, read(&rounded(&network), Precision::Single), "{}", level);
        }
    }
}

#[test]
fn a_weight_that_is_nan_or_infinite_is_not_hidden_by_sixteen_bits() {
    for value in [f32::NAN, f32::INFINITY] {
        let mut network = network(5, 3, 20, 1, 1);
        let mut params = network.stack.layers[0].to_params();
        params.g.w_h[(17, 2)] = value;
        network.stack.layers[0] = Fast::from_params(&params);
        let mut reader = FastReader::of_network(&network, 1, Precision::Int16);
        reader.read(&[1, 2]);
        assert!(reader.logits().iter().all(|z| z.is_nan()), "{value}");
    }
}
