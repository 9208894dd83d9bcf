//! A language model as arrays that have names, in anybody's layout, and back.

use crate::foreign::{CharModel, expect_characters};
use crate::layout::{matrix, tensor};
use crate::{ExchangeError, Layout, Tensor};
use lstm_gates::{Gate, Init, LstmParams};
use lstm_model::{Batched, Embedding, Head, Network, NetworkConfig, Recurrent};
use lstm_text::{Normalization, Vocabulary};
use nalgebra::{DMatrix, DVector};

/// An array and its name in its file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    pub name: String,
    pub tensor: Tensor,
}

impl Named {
    /// Its name and shape.
    pub fn describe(&self) -> String {
        format!("{} {:?}", self.name, self.tensor.shape)
    }

    pub fn expect_shape(&self, expected: &[usize]) -> Result<(), ExchangeError> {
        if self.tensor.shape == expected {
            return Ok(());
        }
        Err(ExchangeError::Shape {
            tensor: self.name.clone(),
            found: self.tensor.shape.clone(),
            expected: expected.to_vec(),
        })
    }

    /// Refuses what is no number, and what is none any more in single precision.
    pub fn expect_finite(&self) -> Result<(), ExchangeError> {
        let numbers = &self.tensor.data;
        match numbers.iter().position(|&v| !(v as f32).is_finite()) {
            None => Ok(()),
            Some(index) => Err(ExchangeError::Value {
                tensor: self.name.clone(),
                index,
                value: numbers[index],
                expected: "expected a number that single precision can hold".into(),
            }),
        }
    }
}

/// One recurrent layer, its blocks stacked.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub w_x: Named,
    pub w_h: Named,
    /// Biases of 4H, to be added; there may be none.
    pub biases: Vec<Named>,
}

/// A language model taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub layout: Layout,
    /// V×D; none if the input is one-hot.
    pub embedding: Option<Named>,
    /// Bottom layer first.
    pub layers: Vec<Layer>,
    /// V×H, or H×V where the layout is transposed.
    pub head_w: Named,
    /// V; none is zero.
    pub head_b: Option<Named>,
}

/// The blocks of a layer stacked: W_x, W_h, b.
pub(crate) fn stacked(params: &LstmParams<f32>, layout: Layout) -> [Tensor; 3] {
    let matrices = |of: fn(&Gate<f32>) -> &DMatrix<f32>| {
        let blocks = params.blocks().map(|gate| of(gate).map(f64::from));
        layout.join(blocks.each_ref())
    };
    let biases = params.blocks().map(|gate| gate.b.map(f64::from));
    [
        matrices(|gate| &gate.w_x),
        matrices(|gate| &gate.w_h),
        layout.join_vector(biases.each_ref()),
    ]
}

/// E as others have it: V×D.
pub(crate) fn table(embedding: &Embedding<f32>) -> Option<Tensor> {
    match embedding {
        Embedding::Table(e) => Some(tensor(&e.map(f64::from).transpose())),
        Embedding::OneHot { .. } => None,
    }
}

/// W_y and b_y; W_y is turned where the layout is transposed.
pub(crate) fn head(head: &Head<f32>, layout: Layout) -> [Tensor; 2] {
    let b: Vec<f64> = head.b.iter().map(|&v| v.into()).collect();
    [
        tensor(&turned(head.w.map(f64::from), layout)),
        Tensor::new(&[b.len()], b),
    ]
}

fn turned(w: DMatrix<f64>, layout: Layout) -> DMatrix<f64> {
    match layout.is_transposed {
        true => w.transpose(),
        false => w,
    }
}

impl Parts {
    /// The model, of characters that must be known.
    pub fn model(
        &self,
        vocabulary: Option<Vocabulary>,
        normalization: Normalization,
    ) -> Result<CharModel, ExchangeError> {
        let config = self.config()?;
        let vocabulary = vocabulary.ok_or(ExchangeError::NoVocabulary)?;
        expect_characters(&vocabulary, config.vocab_size)?;
        let mut network: Network<Batched<f32>> = Network::zeros(config)?;
        if let Some(table) = &self.embedding {
            network.embedding = Embedding::Table(matrix(&table.tensor).transpose().cast());
        }
        for (own, layer) in network.stack.layers.iter_mut().zip(&self.layers) {
            *own = Batched::from_params(&self.params(layer));
        }
        let vocab_size = vocabulary.len();
        network.head = Head {
            w: turned(matrix(&self.head_w.tensor), self.layout).cast(),
            b: match &self.head_b {
                Some(b) => DVector::from_column_slice(&b.tensor.data).cast(),
                None => DVector::zeros(vocab_size),
            },
        };
        Ok(CharModel {
            network,
            vocabulary,
            normalization,
        })
    }

    fn params(&self, layer: &Layer) -> LstmParams<f32> {
        let (w_x, w_h) = (
            self.layout.split(&layer.w_x.tensor),
            self.layout.split(&layer.w_h.tensor),
        );
        let (_, d) = w_x[0].shape();
        let (_, h) = w_h[0].shape();
        let sum = |n: usize| {
            layer
                .biases
                .iter()
                .map(|b| b.tensor.data[n])
                .reduce(|a, b| a + b)
        };
        let bias: Vec<f64> = (0..4 * h).map(|n| sum(n).unwrap_or(0.0)).collect();
        let b = self.layout.split_vector(&bias);
        let mut params = LstmParams::zeros(d, h);
        for (n, gate) in params.blocks_mut().into_iter().enumerate() {
            *gate = Gate {
                w_x: w_x[n].map(|v| v as f32),
                w_h: w_h[n].map(|v| v as f32),
                b: b[n].map(|v| v as f32),
            };
        }
        params
    }

    /// The sizes, once every array has been held to them.
    fn config(&self) -> Result<NetworkConfig, ExchangeError> {
        let hidden_size = hidden_size(&self.layers[0], self.layout)?;
        let input_size = input_size(&self.layers[0], self.layout)?;
        let mut below = input_size;
        for layer in &self.layers {
            let found = hidden_size_of_one(layer, self.layout, hidden_size)?;
            layer.w_x.expect_shape(&self.layout.shape(found, below))?;
            layer.w_h.expect_shape(&self.layout.shape(found, found))?;
            for b in &layer.biases {
                b.expect_shape(&[4 * found])?;
            }
            below = found;
        }
        let [v, h] = two(&self.head_w)?;
        let vocab_size = if self.layout.is_transposed { h } else { v };
        let head = match self.layout.is_transposed {
            true => [hidden_size, vocab_size],
            false => [vocab_size, hidden_size],
        };
        self.head_w.expect_shape(&head)?;
        if let Some(b) = &self.head_b {
            b.expect_shape(&[vocab_size])?;
        }
        match &self.embedding {
            Some(table) => table.expect_shape(&[vocab_size, input_size])?,
            None => self.layers[0]
                .w_x
                .expect_shape(&self.layout.shape(hidden_size, vocab_size))?,
        }
        self.expect_numbers()?;
        Ok(NetworkConfig {
            vocab_size,
            embed_size: self.embedding.as_ref().map_or(0, |_| input_size),
            hidden_size,
            layers: self.layers.len(),
            dropout: 0.0,
            head_dropout: 0.0,
            init: Init::PytorchUniform,
        })
    }

    fn expect_numbers(&self) -> Result<(), ExchangeError> {
        let layers = self.layers.iter().flat_map(|layer| {
            let matrices = [&layer.w_x, &layer.w_h];
            matrices.into_iter().chain(&layer.biases)
        });
        let around = [&self.embedding, &self.head_b].into_iter().flatten();
        let mut all = layers.chain(around).chain([&self.head_w]);
        all.try_for_each(Named::expect_finite)
    }
}

/// Layers of one size are what this project's stack has.
fn hidden_size_of_one(layer: &Layer, layout: Layout, first: usize) -> Result<usize, ExchangeError> {
    let found = hidden_size(layer, layout)?;
    match found == first {
        true => Ok(found),
        false => Err(ExchangeError::Unsupported {
            what: format!("{} of {found} units on a layer of {first}", layer.w_h.name),
        }),
    }
}

/// H, from W_h; what has another number of blocks is named.
pub(crate) fn hidden_size(layer: &Layer, layout: Layout) -> Result<usize, ExchangeError> {
    let [rows, columns] = two(&layer.w_h)?;
    let (blocks, h) = match layout.is_transposed {
        true => (columns, rows),
        false => (rows, columns),
    };
    let what = match blocks {
        _ if Some(blocks) == h.checked_mul(4) => return Ok(h),
        _ if Some(blocks) == h.checked_mul(3) => "a GRU",
        _ if blocks == h => "a plain recurrent layer",
        _ => "a recurrent layer whose W_h is not 4H×H (a projection, or no LSTM)",
    };
    Err(ExchangeError::Unsupported {
        what: format!("{}: {what}", layer.w_h.describe()),
    })
}

/// D, from W_x.
pub(crate) fn input_size(layer: &Layer, layout: Layout) -> Result<usize, ExchangeError> {
    let [rows, columns] = two(&layer.w_x)?;
    Ok(if layout.is_transposed { rows } else { columns })
}

fn two(named: &Named) -> Result<[usize; 2], ExchangeError> {
    named
        .tensor
        .shape
        .as_slice()
        .try_into()
        .map_err(|_| ExchangeError::Unsupported {
            what: format!("{}, which has not two dimensions,", named.describe()),
        })
}
