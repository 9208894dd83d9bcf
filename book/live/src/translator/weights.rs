//! The translator's weights in few bytes, as the [writer's](crate::weights).
//!
//! ```text
//! b"PAIR8"  D H (u16)
//! for each language: the number of bytes (u16), its words, one on a line
//! E of the source, E of the target
//! the layers that read from the left and from the right, the decoder's: W_x, W_h, b of i, f, g, o
//! W_a, W_c, W_y, b_y
//! ```

use super::Translator;
use crate::weights::{Rest, put_layer, put_matrix, put_vector};
use crate::words::Words;
use lstm_model::{Engine, Layer, Spec};
use lstm_tasks::{EncoderDecoder, EncoderDecoderConfig};

const MAGIC: &[u8] = b"PAIR8";

/// The bytes of a network with one layer that copies no words; `None` for any other network.
pub fn encode<R: Engine<Scalar = f32>>(
    network: &EncoderDecoder<R>,
    words: &[Words; 2],
) -> Option<Vec<u8>> {
    let config = network.config();
    let ([encoder], [decoder]) = (&network.encoder.layers[..], &network.decoder.layers[..]) else {
        return None;
    };
    let mut bytes = MAGIC.to_vec();
    for size in [config.embed_size, config.hidden_size] {
        bytes.extend(u16::try_from(size).ok()?.to_le_bytes());
    }
    for words in words {
        let lines = words.list().join("\n");
        bytes.extend(u16::try_from(lines.len()).ok()?.to_le_bytes());
        bytes.extend(lines.as_bytes());
    }
    put_matrix(&mut bytes, &network.source);
    put_matrix(&mut bytes, network.target.as_ref()?);
    for layer in [&encoder.forward, &encoder.backward, decoder] {
        put_layer(&mut bytes, &layer.to_params());
    }
    put_matrix(&mut bytes, &network.attention.w_a);
    put_matrix(&mut bytes, &network.attention.w_c);
    put_matrix(&mut bytes, &network.head.w);
    put_vector(&mut bytes, &network.head.b);
    Some(bytes)
}

/// The translator; `None` if [`encode`] did not write the bytes.
pub(super) fn decode(bytes: &[u8]) -> Option<Translator> {
    let mut rest = Rest::behind(bytes, MAGIC)?;
    let (d, h) = (rest.size()?, rest.size()?);
    let words = [rest.words()?, rest.words()?];
    let [source, target] = [&words[0], &words[1]].map(Words::vocab_size);
    let mut network = EncoderDecoder::zeros(config([source, target], d, h)).ok()?;
    network.source = rest.matrix(d, source)?;
    network.target = Some(rest.matrix(d, target)?);
    let encoder = network.encoder.layers.first_mut()?;
    encoder.forward = Spec::from_params(&rest.layer(d, h / 2)?);
    encoder.backward = Spec::from_params(&rest.layer(d, h / 2)?);
    network.decoder.layers = vec![Spec::from_params(&rest.layer(d, h)?)];
    network.attention.w_a = rest.matrix(h, h)?;
    network.attention.w_c = rest.matrix(h, 2 * h)?;
    network.head.w = rest.matrix(target, h)?;
    network.head.b = rest.vector(target)?;
    rest.is_empty().then_some(Translator { network, words })
}

/// A network with one layer, for vocabularies of these sizes.
pub fn config(vocab: [usize; 2], embed_size: usize, hidden_size: usize) -> EncoderDecoderConfig {
    EncoderDecoderConfig {
        source_vocab: vocab[0],
        target_vocab: vocab[1],
        embed_size,
        hidden_size,
        layers: 1,
        dropout: 0.0,
        copies: false,
    }
}

impl Rest<'_> {
    fn words(&mut self) -> Option<Words> {
        let len = self.size()?;
        let lines = std::str::from_utf8(self.bytes(len)?).ok()?;
        Words::from_list(lines.lines().map(str::to_owned).collect())
    }
}
