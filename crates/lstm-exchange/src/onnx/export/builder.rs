//! The nodes and constants of a language model's graph.

use crate::onnx::proto::{Attribute, Graph, Node, kind};
use crate::onnx::value::Value;
use crate::parts::{head, stacked, table};
use crate::{Layout, Tensor};
use lstm_gates::LstmParams;
use lstm_model::{Embedding, Head};

#[derive(Default)]
pub(super) struct Builder(pub Graph);

impl Builder {
    /// The constants `at_0`, `at_1` … `at_{layers}`, as indices and axes: shape \[1\] each.
    pub fn indices(&mut self, layers: usize) {
        for n in 0..=layers as i64 {
            self.constant(&format!("at_{n}"), &Value::ints(&[n]));
        }
    }

    /// h_0 and c_0 for every sequence of the batch. Where they are not given they are zero (E8), of
    /// batch size 1, and expanded to the batch.
    pub fn initial_states(&mut self, layers: usize, h: usize) {
        self.node("Shape", &["ids"], &["ids_shape"], vec![]);
        let axis = || vec![int("axis", 0)];
        self.node("Gather", &["ids_shape", "at_1"], &["batch_size"], axis());
        let sizes = ["at_1", "batch_size", "at_1"];
        self.node("Concat", &sizes, &["states_shape"], axis());
        for (given, full) in [("h0", "h0_of_batch"), ("c0", "c0_of_batch")] {
            let zero = Tensor::new(&[layers, 1, h], vec![0.0; layers * h]);
            self.constant(given, &Value::float(zero));
            self.node("Expand", &[given, "states_shape"], &[full], vec![]);
        }
    }

    /// x_t from the ids (E19); the name of the output.
    pub fn input(&mut self, embedding: &Embedding<f32>, vocab_size: usize) -> String {
        if let Some(table) = table(embedding) {
            self.constant("embed.weight", &Value::float(table));
            self.node("Gather", &["embed.weight", "ids"], &["x"], vec![]);
        } else {
            self.constant("depth", &Value::ints(&[vocab_size as i64]));
            let off_on = Tensor::new(&[2], vec![0.0, 1.0]);
            self.constant("off_on", &Value::float(off_on));
            self.node("OneHot", &["ids", "depth", "off_on"], &["x"], vec![]);
        }
        "x".into()
    }

    /// One layer; the name of its output.
    pub fn layer(&mut self, l: usize, params: &LstmParams<f32>, input: &str) -> String {
        let own = |name: &str| format!("{name}_l{l}");
        let (w, r, b) = (own("W"), own("R"), own("B"));
        let [w_x, w_h, bias] = stacked(params, Layout::ONNX);
        for (name, matrix) in [(&w, w_x), (&r, w_h)] {
            let shape = [&[1], &matrix.shape[..]].concat();
            self.constant(name, &Value::float(Tensor::new(&shape, matrix.data)));
        }
        // Wb and Rb, which the operator adds: the bias and zeros.
        let rows = bias.data.len();
        let mut biases = bias.data;
        biases.resize(2 * rows, 0.0);
        self.constant(&b, &Value::float(Tensor::new(&[1, 2 * rows], biases)));
        let (start, end) = (format!("at_{l}"), format!("at_{}", l + 1));
        for (state, first) in [("h0_of_batch", own("h0")), ("c0_of_batch", own("c0"))] {
            self.node("Slice", &[state, &start, &end, "at_0"], &[&first], vec![]);
        }
        let (y, y_4, hn, cn) = (own("y"), own("y_of_directions"), own("hn"), own("cn"));
        let inputs = [input, &w, &r, &b, "", &own("h0"), &own("c0")];
        let size = int("hidden_size", params.hidden_size() as i64);
        self.node("LSTM", &inputs, &[&y_4, &hn, &cn], vec![size]);
        self.node("Squeeze", &[&y_4, "at_1"], &[&y], vec![]);
        y
    }

    /// `hn` and `cn`, the last states of all layers.
    pub fn last_states(&mut self, layers: usize) {
        for state in ["h", "c"] {
            let last: Vec<String> = (0..layers).map(|l| format!("{state}n_l{l}")).collect();
            let last: Vec<&str> = last.iter().map(String::as_str).collect();
            let axis = vec![int("axis", 0)];
            self.node("Concat", &last, &[&format!("{state}n")], axis);
        }
    }

    /// The logits (E20): y W + b, so W is W_y transposed, as Keras has it.
    pub fn head(&mut self, own: &Head<f32>, input: &str) {
        let [w, b] = head(own, Layout::KERAS);
        self.constant("head.weight", &Value::float(w));
        self.constant("head.bias", &Value::float(b));
        self.node("MatMul", &[input, "head.weight"], &["wy_h"], vec![]);
        self.node("Add", &["wy_h", "head.bias"], &["logits"], vec![]);
    }

    fn constant(&mut self, name: &str, value: &Value) {
        self.0.initializer.push(value.encode(name));
    }

    fn node(&mut self, op_type: &str, input: &[&str], output: &[&str], attribute: Vec<Attribute>) {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        self.0.node.push(Node {
            op_type: op_type.into(),
            name: format!("{op_type}_{}", output[0]),
            input: list(input),
            output: list(output),
            attribute,
            domain: String::new(),
        });
    }
}

fn int(name: &str, value: i64) -> Attribute {
    Attribute {
        name: name.into(),
        i: Some(value),
        kind: kind::INT,
        ..Attribute::default()
    }
}
