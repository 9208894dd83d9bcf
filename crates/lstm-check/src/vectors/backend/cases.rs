//! The cases.

use super::BackendCase;
use crate::vectors::draw::Draw;
use lstm_exchange::Tensor;
use lstm_exchange::onnx::AttributeValue::{self, Float, Floats, Int, Text, Texts};
use std::collections::BTreeMap;

/// T and B are equal, so a runtime that swaps them returns arrays of the right size, and only the
/// numbers show the mistake.
const T: usize = 4;
const B: usize = 4;
const D: usize = 2;
const H: usize = 3;

/// The features of a case.
#[derive(Clone, Copy)]
struct Form {
    name: &'static str,
    purpose: &'static str,
    attributes: fn() -> Vec<(&'static str, AttributeValue)>,
    directions: usize,
    lengths: Option<[usize; B]>,
    has_bias: bool,
    has_states: bool,
    has_peepholes: bool,
    is_batch_first: bool,
}

const FORWARD: Form = Form {
    name: "lstm_forward",
    purpose: "order of the blocks, both biases, h_0 and c_0",
    attributes: Vec::new,
    directions: 1,
    lengths: None,
    has_bias: true,
    has_states: true,
    has_peepholes: false,
    is_batch_first: false,
};

/// The index of a case is the seed of its numbers.
const FORMS: [Form; 13] = [
    FORWARD,
    Form {
        name: "lstm_only_needed_inputs",
        purpose: "X, W and R alone: no bias, states of zero",
        has_bias: false,
        has_states: false,
        ..FORWARD
    },
    Form {
        name: "lstm_reverse",
        purpose: "direction = reverse",
        attributes: || vec![("direction", text("reverse"))],
        ..FORWARD
    },
    Form {
        name: "lstm_bidirectional",
        purpose: "direction = bidirectional",
        attributes: || vec![("direction", text("bidirectional"))],
        directions: 2,
        ..FORWARD
    },
    Form {
        name: "lstm_sequence_lens",
        purpose: "sequences of 4, 2, 3 and 1 steps",
        lengths: Some([4, 2, 3, 1]),
        ..FORWARD
    },
    Form {
        name: "lstm_bidirectional_sequence_lens",
        purpose: "the reverse direction starts at each sequence's own last step",
        attributes: || vec![("direction", text("bidirectional"))],
        directions: 2,
        lengths: Some([4, 2, 3, 1]),
        ..FORWARD
    },
    Form {
        name: "lstm_peepholes",
        purpose: "P: i and f see c_{t−1}, o sees c_t",
        has_peepholes: true,
        ..FORWARD
    },
    Form {
        name: "lstm_clip",
        purpose: "clip = 0.75",
        attributes: || vec![("clip", Float(0.75))],
        ..FORWARD
    },
    Form {
        name: "lstm_input_forget",
        purpose: "input_forget = 1: f = 1 − i",
        attributes: || vec![("input_forget", Int(1))],
        ..FORWARD
    },
    Form {
        name: "lstm_activations",
        purpose: "other activations: HardSigmoid, Softsign, Relu",
        attributes: || vec![("activations", texts(&["HardSigmoid", "Softsign", "Relu"]))],
        ..FORWARD
    },
    Form {
        name: "lstm_activation_parameters",
        purpose: "activations with α and β of their own",
        attributes: || {
            vec![
                (
                    "activations",
                    texts(&["HardSigmoid", "LeakyRelu", "ScaledTanh"]),
                ),
                ("activation_alpha", Floats(vec![0.375, 0.25, 1.5])),
                ("activation_beta", Floats(vec![0.625, 0.75])),
            ]
        },
        ..FORWARD
    },
    Form {
        name: "lstm_bidirectional_activations",
        purpose: "each direction has its activations",
        attributes: || {
            let names = ["Sigmoid", "Tanh", "Softsign", "HardSigmoid", "Relu", "Tanh"];
            vec![
                ("direction", text("bidirectional")),
                ("activations", texts(&names)),
            ]
        },
        directions: 2,
        ..FORWARD
    },
    Form {
        name: "lstm_batchwise",
        purpose: "layout = 1: the batch comes first",
        attributes: || vec![("layout", Int(1))],
        is_batch_first: true,
        ..FORWARD
    },
];

fn text(text: &str) -> AttributeValue {
    Text(text.to_owned())
}

fn texts(texts: &[&str]) -> AttributeValue {
    Texts(texts.iter().map(|&text| text.to_owned()).collect())
}

/// All cases.
pub fn backend_cases() -> Vec<BackendCase> {
    let forms = FORMS.iter().enumerate();
    forms
        .map(|(n, form)| form.case(&mut Draw::new(1000 + n as u64)))
        .collect()
}

impl Form {
    fn case(&self, draw: &mut Draw) -> BackendCase {
        let mut attributes: BTreeMap<String, AttributeValue> =
            [("hidden_size".to_owned(), Int(H as i64))].into();
        let own = (self.attributes)().into_iter();
        attributes.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let dirs = self.directions;
        let states = if self.is_batch_first {
            [B, dirs, H]
        } else {
            [dirs, B, H]
        };
        let mut tensor = |is_there: bool, shape: &[usize]| is_there.then(|| draw.tensor(shape));
        let lengths = self
            .lengths
            .map(|lengths| lengths.map(|length| length as f64));
        BackendCase {
            name: self.name,
            purpose: self.purpose,
            attributes,
            inputs: [
                tensor(true, &[T, B, D]),
                tensor(true, &[dirs, 4 * H, D]),
                tensor(true, &[dirs, 4 * H, H]),
                tensor(self.has_bias, &[dirs, 8 * H]),
                lengths.map(|lengths| Tensor::new(&[B], lengths.to_vec())),
                tensor(self.has_states, &states),
                tensor(self.has_states, &states),
                tensor(self.has_peepholes, &[dirs, 3 * H]),
            ],
        }
    }
}
