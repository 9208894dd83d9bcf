//! The initial weights of an encoder–decoder.

use super::{EncoderDecoder, EncoderDecoderConfig};
use crate::attention::Attention;
use crate::copy::Copying;
use crate::sizes::draw_embedding;
use lstm_gates::{Init, LstmParams};
use lstm_model::{BidirectionalStack, Engine, Head, ModelError, Purpose, Stack};
use nalgebra::DMatrix;

impl<R: Engine> EncoderDecoder<R> {
    /// A network with weights drawn from `seed`: layers by [`Init::GlorotOrthogonal`], embeddings normal
    /// with standard deviation 0.1, the head uniform in ±1/√H.
    ///
    /// # Errors
    /// As [`EncoderDecoderConfig::check`].
    pub fn init(config: EncoderDecoderConfig, seed: u64) -> Result<Self, ModelError> {
        let mut network = Self::zeros(config)?;
        let config = network.config.clone();
        let (d, h) = (config.embed_size, config.hidden_size);
        let mut rng = Purpose::Weights.rng(seed, 0, 0);
        for table in [Some(&mut network.source), network.target.as_mut()]
            .into_iter()
            .flatten()
        {
            draw_embedding(table, &mut rng);
        }
        let init = Init::GlorotOrthogonal;
        network.encoder = BidirectionalStack::init(init, d, h / 2, config.layers, &mut rng);
        for (l, layer) in network.decoder.layers.iter_mut().enumerate() {
            let input_size = if l == 0 { d } else { h };
            *layer = R::from_params(&LstmParams::init(init, input_size, h, &mut rng));
        }
        network.attention = Attention::init(h, &mut rng);
        network.head = Head::init(config.target_vocab, h, &mut rng);
        Ok(network)
    }

    /// A network with all weights zero.
    ///
    /// # Errors
    /// As [`EncoderDecoderConfig::check`].
    pub fn zeros(config: EncoderDecoderConfig) -> Result<Self, ModelError> {
        config.check()?;
        let (d, h) = (config.embed_size, config.hidden_size);
        let layer = |l| {
            let input_size = if l == 0 { d } else { h };
            R::from_params(&LstmParams::zeros(input_size, h))
        };
        Ok(Self {
            source: DMatrix::zeros(d, config.source_vocab),
            target: (!config.copies).then(|| DMatrix::zeros(d, config.target_vocab)),
            encoder: BidirectionalStack::zeros(d, h / 2, config.layers),
            decoder: Stack {
                layers: (0..config.layers).map(layer).collect(),
            },
            attention: Attention::zeros(h),
            head: Head::zeros(config.target_vocab, h),
            copying: config.copies.then(|| Copying::zeros(h)),
            config,
        })
    }
}
