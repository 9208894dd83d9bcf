//! Reading one sequence in parts against reading it in one call.

use lstm_model::{Batched, Engine, Init, Network, NetworkConfig, Parameters, Reader, Span, Spec};
use proptest::prelude::*;

fn network<R: Engine<Scalar = f64>>(embed_size: usize, layers: usize, seed: u64) -> Network<R> {
    let config = NetworkConfig {
        vocab_size: 7,
        embed_size,
        hidden_size: 5,
        layers,
        dropout: 0.5,
        head_dropout: 0.5,
        init: Init::default(),
    };
    let mut network = Network::<R>::init(config, seed).unwrap();
    for slice in network.slices_mut() {
        slice.iter_mut().for_each(|w| *w *= 2.0);
    }
    network
}

/// Reads `ids` in two parts, cut at `cut`, and asserts the logits of [`Network::next_logits`] after each.
fn reads_in_pieces<R: Engine<Scalar = f64>>(
    network: &Network<R>,
    ids: &[u32],
    cut: usize,
    threads: usize,
) -> Result<(), TestCaseError> {
    let mut reader = network.reader(threads);
    for (piece, end) in [(&ids[..cut], cut), (&ids[cut..], ids.len())] {
        reader.read(piece);
        let zero = network.zero_states(1);
        let (expected, _) = network.next_logits(&ids[..end], &zero, Span::full(end, 1));
        prop_assert_eq!(reader.logits().len(), expected.len());
        for (v, (e, f)) in expected.iter().zip(reader.logits()).enumerate() {
            prop_assert!(
                (e - f).abs() < 1e-13,
                "{} engine, logit {v} after {end} tokens: expected {e}, found {f}",
                R::NAME
            );
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn reading_in_pieces_is_reading_at_one_go(
        embed_size in 0..=3_usize, layers in 1..=3_usize, seed: u64, threads in 1..=3_usize,
        ids in prop::collection::vec(0..7_u32, 2..=12), cut: prop::sample::Index,
    ) {
        let cut = 1 + cut.index(ids.len() - 1);
        reads_in_pieces(&network::<Spec<f64>>(embed_size, layers, seed), &ids, cut, threads)?;
        reads_in_pieces(&network::<Batched<f64>>(embed_size, layers, seed), &ids, cut, threads)?;
    }
}

#[test]
fn a_reader_has_no_logits_before_it_has_read() {
    let network = network::<Batched<f64>>(3, 1, 1);
    assert!(network.reader(1).logits().is_empty());
}

#[test]
#[should_panic(expected = "no token to read")]
fn nothing_cannot_be_read() {
    network::<Batched<f64>>(3, 1, 1).reader(1).read(&[]);
}

#[test]
#[should_panic(expected = "out of bounds")]
fn an_unknown_token_cannot_be_read() {
    network::<Batched<f64>>(3, 1, 1).reader(1).read(&[7]);
}

#[test]
#[should_panic(expected = "out of bounds")]
fn an_unknown_token_cannot_be_read_as_one_hot() {
    network::<Batched<f64>>(0, 1, 1).reader(1).read(&[7]);
}

fn assert_fits(lengths: &[usize]) {
    let lengths = Some(lengths);
    Span {
        lengths,
        ..Span::full(4, 2)
    }
    .assert_fits();
}

#[test]
fn lengths_up_to_that_of_the_batch_fit() {
    assert_fits(&[0, 4]);
    Span::full(4, 2).assert_fits();
}

#[test]
#[should_panic(expected = "one length for each sequence")]
fn a_length_too_many_does_not_fit() {
    assert_fits(&[1, 2, 3]);
}

#[test]
#[should_panic(expected = "no sequence is longer than the batch")]
fn a_length_beyond_the_batch_does_not_fit() {
    assert_fits(&[4, 5]);
}
