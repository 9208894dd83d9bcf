//! The writer's weights in few bytes: eight bits for each weight, and a scale for each row of a matrix.
//!
//! ```text
//! b"LSTM8"  V D H (u16)  V code points (u32)
//! E, then W_x, W_h, b of i, f, g, o, then W_y, b_y
//! matrix: for each row a scale (f32) and its elements (i8), the weight is scale · element
//! vector: f32
//! ```
//! All numbers are little-endian. The loss of a model is measured with these rounded weights.

use lstm_gates::LstmParams;
use lstm_model::{Embedding, Init, Layer, Network, NetworkConfig, Spec};
use nalgebra::{DMatrix, DVector};

const MAGIC: &[u8] = b"LSTM8";

/// The bytes of a network with an embedding and one layer; `None` for any other network.
pub fn encode(network: &Network<Spec<f32>>, vocabulary: &[char]) -> Option<Vec<u8>> {
    let config = network.config();
    let (Embedding::Table(table), [layer]) = (&network.embedding, &network.stack.layers[..]) else {
        return None;
    };
    let mut bytes = MAGIC.to_vec();
    for size in [config.vocab_size, config.embed_size, config.hidden_size] {
        bytes.extend(u16::try_from(size).ok()?.to_le_bytes());
    }
    for &c in vocabulary {
        bytes.extend(u32::from(c).to_le_bytes());
    }
    put_matrix(&mut bytes, table);
    put_layer(&mut bytes, &layer.to_params());
    put_matrix(&mut bytes, &network.head.w);
    put_vector(&mut bytes, &network.head.b);
    Some(bytes)
}

/// Appends W_x, W_h and b of i, f, g, o.
pub(crate) fn put_layer(bytes: &mut Vec<u8>, params: &LstmParams<f32>) {
    for gate in params.blocks() {
        put_matrix(bytes, &gate.w_x);
        put_matrix(bytes, &gate.w_h);
        put_vector(bytes, &gate.b);
    }
}

/// Appends a matrix, eight bits for each element.
pub(crate) fn put_matrix(bytes: &mut Vec<u8>, m: &DMatrix<f32>) {
    for row in m.row_iter() {
        let scale = row.amax() / 127.0;
        bytes.extend(scale.to_le_bytes());
        for &w in row.iter() {
            let element = if scale > 0.0 {
                (w / scale).round()
            } else {
                0.0
            };
            bytes.extend((element as i8).to_le_bytes());
        }
    }
}

/// Appends a vector.
pub(crate) fn put_vector(bytes: &mut Vec<u8>, v: &DVector<f32>) {
    for w in v.iter() {
        bytes.extend(w.to_le_bytes());
    }
}

/// The network and its characters; `None` if [`encode`] did not write the bytes.
pub fn decode(bytes: &[u8]) -> Option<(Network<Spec<f64>>, Vec<char>)> {
    let mut rest = Rest::behind(bytes, MAGIC)?;
    let (v, d, h) = (rest.size()?, rest.size()?, rest.size()?);
    let vocabulary = (0..v)
        .map(|_| char::from_u32(u32::from_le_bytes(rest.take()?)))
        .collect::<Option<Vec<_>>>()?;
    let mut network = Network::zeros(NetworkConfig {
        vocab_size: v,
        embed_size: d,
        hidden_size: h,
        layers: 1,
        dropout: 0.0,
        head_dropout: 0.0,
        init: Init::default(),
    })
    .ok()?;
    network.embedding = Embedding::Table(rest.matrix(d, v)?);
    network.stack.layers = vec![Spec::from_params(&rest.layer(d, h)?)];
    network.head.w = rest.matrix(v, h)?;
    network.head.b = rest.vector(v)?;
    rest.is_empty().then_some((network, vocabulary))
}

/// The bytes that have not been read yet.
pub(crate) struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// What comes behind the first bytes of a format; `None` if the bytes begin with others.
    pub(crate) fn behind(bytes: &'a [u8], magic: &[u8]) -> Option<Self> {
        bytes.strip_prefix(magic).map(Self)
    }

    /// Whether all bytes have been read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next `len` bytes.
    pub(crate) fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    /// The layer that [`put_layer`] appended.
    pub(crate) fn layer(&mut self, d: usize, h: usize) -> Option<LstmParams<f64>> {
        let mut params = LstmParams::zeros(d, h);
        for gate in params.blocks_mut() {
            gate.w_x = self.matrix(h, d)?;
            gate.w_h = self.matrix(h, h)?;
            gate.b = self.vector(h)?;
        }
        Some(params)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    /// The next size.
    pub(crate) fn size(&mut self) -> Option<usize> {
        Some(u16::from_le_bytes(self.take()?).into())
    }

    fn real(&mut self) -> Option<f64> {
        Some(f32::from_le_bytes(self.take()?).into())
    }

    /// The matrix that [`put_matrix`] appended.
    pub(crate) fn matrix(&mut self, rows: usize, columns: usize) -> Option<DMatrix<f64>> {
        let mut m = DMatrix::zeros(rows, columns);
        for mut row in m.row_iter_mut() {
            let scale = self.real()?;
            for w in row.iter_mut() {
                *w = scale * f64::from(i8::from_le_bytes(self.take()?));
            }
        }
        Some(m)
    }

    /// The vector that [`put_vector`] appended.
    pub(crate) fn vector(&mut self, len: usize) -> Option<DVector<f64>> {
        let v = (0..len).map(|_| self.real()).collect::<Option<Vec<_>>>()?;
        Some(DVector::from_vec(v))
    }
}
