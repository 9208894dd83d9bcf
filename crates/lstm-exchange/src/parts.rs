//! A language model as named arrays in any framework's layout, and back.

use crate::foreign::{CharModel, expect_characters};
use crate::{ExchangeError, Layout, Tensor};
use lstm_gates::{Gate, Init, LstmParams};
use lstm_model::{Batched, Embedding, Head, Layer as _, Network, NetworkConfig};
use lstm_text::{Normalization, Vocabulary};
use nalgebra::{DMatrix, DVector};

/// An array and its name in the file.
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

    /// Refuses infinite numbers and NaN, and numbers that overflow in single precision.
    pub fn expect_finite(&self) -> Result<(), ExchangeError> {
        let numbers = &self.tensor.data;
        match numbers.iter().position(|&v| !(v as f32).is_finite()) {
            None => Ok(()),
            Some(index) => Err(ExchangeError::Value {
                tensor: self.name.clone(),
                index,
                value: numbers[index],
                expected: "expected a finite number in single precision".into(),
            }),
        }
    }
}

/// The stacked weights of one recurrent layer.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub w_x: Named,
    pub w_h: Named,
    /// None, one or two biases of 4H; two are added.
    pub biases: Vec<Named>,
}

/// The arrays of a language model.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub layout: Layout,
    /// V×D; `None` if the input is one-hot.
    pub embedding: Option<Named>,
    /// Bottom layer first.
    pub layers: Vec<Layer>,
    /// V×H, or H×V if the layout is transposed.
    pub head_w: Named,
    /// V; `None` means zero.
    pub head_b: Option<Named>,
}

/// The stacked W_x, W_h and b of a layer.
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

/// The embedding as the frameworks store it, V×D; `None` if the input is one-hot.
pub(crate) fn table(embedding: &Embedding<f32>) -> Option<Tensor> {
    match embedding {
        Embedding::Table(e) => Some(Tensor::from_matrix(&e.map(f64::from).transpose())),
        Embedding::OneHot { .. } => None,
    }
}

/// W_y and b_y: V×H and V, or H×V and V if the layout is transposed.
pub(crate) fn head(head: &Head<f32>, layout: Layout) -> [Tensor; 2] {
    let b: Vec<f64> = head.b.iter().map(|&v| v.into()).collect();
    [
        Tensor::from_matrix(&turned(head.w.map(f64::from), layout)),
        Tensor::new(&[b.len()], b),
    ]
}

/// W_y (V×H) in the layout's direction; the same turn leads back.
fn turned(w: DMatrix<f64>, layout: Layout) -> DMatrix<f64> {
    if layout.is_transposed {
        w.transpose()
    } else {
        w
    }
}

impl Parts {
    /// The model.
    ///
    /// # Errors
    /// If there is no vocabulary, or one of another size; if the arrays do not fit together.
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
            network.embedding = Embedding::Table(table.tensor.to_matrix().transpose().cast());
        }
        for (own, layer) in network.stack.layers.iter_mut().zip(&self.layers) {
            *own = Batched::from_params(&self.params(layer));
        }
        let vocab_size = vocabulary.len();
        network.head = Head {
            w: turned(self.head_w.tensor.to_matrix(), self.layout).cast(),
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
        let outputs = layer.w_h.tensor.shape[usize::from(self.layout.is_transposed)]; // 4H
        let sum = |n: usize| {
            let biases = layer.biases.iter().map(|b| b.tensor.data[n]);
            biases.reduce(|a, b| a + b).unwrap_or(0.0)
        };
        let bias: Vec<f64> = (0..outputs).map(sum).collect();
        let (w_x, w_h) = (&layer.w_x.tensor, &layer.w_h.tensor);
        let params = self.layout.params(w_x, w_h, &bias);
        let single = |gate: Gate<f64>| Gate {
            w_x: gate.w_x.map(|v| v as f32),
            w_h: gate.w_h.map(|v| v as f32),
            b: gate.b.map(|v| v as f32),
        };
        LstmParams {
            i: single(params.i),
            f: single(params.f),
            g: single(params.g),
            o: single(params.o),
        }
    }

    /// The model's sizes.
    ///
    /// # Errors
    /// If an array has another shape than these sizes demand, or a number that is not finite.
    pub fn config(&self) -> Result<NetworkConfig, ExchangeError> {
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
        let head = if self.layout.is_transposed {
            [hidden_size, vocab_size]
        } else {
            [vocab_size, hidden_size]
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

/// H of a layer. All layers must have the same, as those of this project's stacks have.
pub(crate) fn hidden_size_of_one(
    layer: &Layer,
    layout: Layout,
    first: usize,
) -> Result<usize, ExchangeError> {
    let found = hidden_size(layer, layout)?;
    if found == first {
        return Ok(found);
    }
    Err(ExchangeError::Unsupported {
        what: format!(
            "a stack of layers of {first} and {found} units ({})",
            layer.w_h.name
        ),
    })
}

/// H, from the shape of W_h.
///
/// # Errors
/// If W_h is not 4H×H; the error names what it could be instead.
pub(crate) fn hidden_size(layer: &Layer, layout: Layout) -> Result<usize, ExchangeError> {
    let [rows, columns] = two(&layer.w_h)?;
    let (blocks, h) = if layout.is_transposed {
        (columns, rows)
    } else {
        (rows, columns)
    };
    let what = match blocks {
        _ if Some(blocks) == h.checked_mul(4) => return Ok(h),
        _ if Some(blocks) == h.checked_mul(3) => "a GRU",
        _ if blocks == h => "a plain recurrent layer",
        _ => "a recurrent layer whose W_h is not 4H×H (an LSTM with a projection, or no LSTM)",
    };
    Err(ExchangeError::Unsupported {
        what: format!("{}: {what}", layer.w_h.describe()),
    })
}

/// D, from the shape of W_x.
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
            what: format!("{}, which should have two dimensions,", named.describe()),
        })
}
