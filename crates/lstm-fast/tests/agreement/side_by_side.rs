//! Sequences read side by side against each of them read alone, to the bit.

use crate::case::odd_sizes;
use crate::reading::{at, network};
use lstm_fast::{Fast, FastReader, Level, Precision};
use lstm_model::{Network, Reader};
use proptest::prelude::*;
use proptest::sample::Index;

/// The tokens of some sequences after a common beginning, and how they are read.
#[derive(Debug)]
struct Reading {
    prime: Vec<u32>,
    /// As many tokens for each sequence.
    sequences: Vec<Vec<u32>>,
    /// The number of tokens after which only some sequences go on.
    cut: usize,
    go_on: Vec<usize>,
}

fn bits(logits: &[f32]) -> Vec<u32> {
    logits.iter().map(|z| z.to_bits()).collect()
}

impl Reading {
    /// The logits after the beginning, after the cut and at the end, of each sequence that goes on.
    fn alone(&self, reader: impl Fn() -> FastReader) -> Vec<[Vec<u32>; 3]> {
        let of_one = |&n: &usize| {
            let (mut reader, sequence) = (reader(), &self.sequences[n]);
            [
                &self.prime[..],
                &sequence[..self.cut],
                &sequence[self.cut..],
            ]
            .map(|ids| {
                reader.read(ids);
                bits(reader.logits())
            })
        };
        self.go_on.iter().map(of_one).collect()
    }

    /// The same, with all sequences side by side.
    fn side_by_side(&self, mut reader: FastReader, vocab_size: usize) -> Vec<[Vec<u32>; 3]> {
        let count = self.sequences.len();
        reader.read(&self.prime);
        reader.select(&vec![0; count]);
        let logits =
            |reader: &FastReader, n: usize| bits(&reader.logits()[n * vocab_size..][..vocab_size]);
        let first: Vec<_> = (0..count).map(|n| logits(&reader, n)).collect();
        let step = |t: usize| move |n: &usize| self.sequences[*n][t];
        let all: Vec<_> = (0..count).collect();
        let ids: Vec<_> = (0..self.cut)
            .flat_map(|t| all.iter().map(step(t)))
            .collect();
        reader.read(&ids);
        reader.select(&self.go_on);
        let second: Vec<_> = (0..self.go_on.len()).map(|n| logits(&reader, n)).collect();
        for t in self.cut..self.sequences[0].len() {
            let ids: Vec<_> = self.go_on.iter().map(step(t)).collect();
            reader.read(&ids);
        }
        let last = (0..self.go_on.len()).map(|n| logits(&reader, n));
        let first = self.go_on.iter().map(|&n| first[n].clone());
        let both = first.zip(second).zip(last);
        both.map(|((a, b), c)| [a, b, c]).collect()
    }
}

fn readings(vocab_size: usize) -> impl Strategy<Value = Reading> {
    let tokens = move |len| prop::collection::vec(0..vocab_size as u32, len);
    (1..=20_usize, 1..=4_usize, 1..=3_usize).prop_flat_map(move |(count, cut, rest)| {
        let sequences = prop::collection::vec(tokens(cut + rest..=cut + rest), count);
        let go_on = prop::collection::vec(any::<Index>(), 1..=count);
        (tokens(1..=3), sequences, go_on).prop_map(move |(prime, sequences, go_on)| Reading {
            prime,
            sequences,
            cut,
            go_on: go_on.iter().map(|n| n.index(count)).collect(),
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_sequence_has_the_same_bits_side_by_side_with_others_as_alone(
        (reading, vocab_size) in prop::sample::select(vec![1_usize, 17, 97])
            .prop_flat_map(|v| (readings(v), Just(v))),
        hidden_size in odd_sizes(), embed_size in prop::sample::select(vec![0_usize, 7]),
        layers in 1..=3_usize, threads in 1..=3_usize, int16: bool, seed: u64,
    ) {
        let network = network(vocab_size, embed_size, hidden_size, layers, seed);
        let precision = [Precision::Single, Precision::Int16][usize::from(int16)];
        for level in Level::available() {
            let network: Network<Fast> = at(level, &network);
            let reader = |threads| FastReader::of_network(&network, threads, precision);
            let alone = reading.alone(|| reader(1));
            let found = reading.side_by_side(reader(threads), vocab_size);
            prop_assert_eq!(found, alone, "{}, {:?}", level, precision);
        }
    }
}

/// More inputs than a block, so that sums return to memory between two blocks.
#[test]
fn blocks_of_inputs_change_no_bit() {
    let network = network(40, 30, 150, 2, 5);
    let sequences = (0..16).map(|n| vec![n, 39 - n, 7]).collect();
    let reading = Reading {
        prime: vec![3, 1],
        sequences,
        cut: 1,
        go_on: (0..16).rev().collect(),
    };
    for level in Level::available() {
        let network = at(level, &network);
        for precision in [Precision::Single, Precision::Int16] {
            let reader = || FastReader::of_network(&network, 2, precision);
            let found = reading.side_by_side(reader(), 40);
            assert_eq!(found, reading.alone(reader), "{level}, {precision:?}");
        }
    }
}
