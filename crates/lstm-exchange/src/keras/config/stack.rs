//! Reads a configuration as a stack: embedding, LSTMs, linear layer. Any other layer is refused.

use super::super::{CHAIN, UNIDIRECTIONAL};
use super::graph::in_order;
use super::layer::Record;
use super::place::Place;
use crate::ExchangeError;
use serde_json::{Value, json};

/// A layer with weights.
#[derive(Debug)]
pub(in super::super) struct Step {
    pub kind: Weighted,
    /// The layer's name and class, for messages.
    pub label: String,
    pub place: Place,
}

/// The kind of a layer with weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Weighted {
    Embedding,
    Lstm { has_bias: bool, is_sequence: bool },
    Dense { has_bias: bool },
}

/// # Errors
/// If the model is not such a stack.
pub(super) fn steps(model: &Record<'_>) -> Result<Vec<Step>, ExchangeError> {
    if !matches!(model.class, "Sequential" | "Functional" | "Model") {
        return Err(model.refuse(
            "the file does not say what a model of this class computes",
            "build it as a keras.Sequential or functional model, copy the weights with set_weights, \
             and save that",
        ));
    }
    let mut stack = Stack::default();
    stack.model(model, &Place::default())?;
    Ok(stack.steps)
}

/// The layers so far.
#[derive(Default)]
struct Stack {
    steps: Vec<Step>,
    /// Whether a softmax was on top of the linear layer.
    is_softmax: bool,
}

impl Stack {
    fn model(&mut self, model: &Record<'_>, outer: &Place) -> Result<(), ExchangeError> {
        let layers = in_order(model)?;
        let mut classes: Vec<&str> = vec![""; layers.len()];
        for (n, layer) in &layers {
            classes[*n] = layer.class;
        }
        for (n, layer) in layers {
            let earlier = classes[..n].iter().filter(|&&c| c == layer.class).count();
            self.layer(&layer, &outer.below(&layer, earlier))?;
        }
        Ok(())
    }

    fn layer(&mut self, layer: &Record<'_>, place: &Place) -> Result<(), ExchangeError> {
        match layer.class {
            "InputLayer" => Ok(()),
            "Dropout"
            | "SpatialDropout1D"
            | "GaussianDropout"
            | "GaussianNoise"
            | "AlphaDropout"
            | "ActivityRegularization"
            | "Identity" => Ok(()),
            "Sequential" | "Functional" | "Model" => self.model(layer, place),
            "Embedding" => self.embedding(layer, place),
            "LSTM" => {
                let kind = lstm(layer, layer)?;
                self.lstm(layer, kind, place.part("cell"))
            }
            "RNN" => self.rnn(layer, place),
            "Dense" => self.dense(layer, place.clone()),
            "TimeDistributed" => {
                let inner = part(layer, "layer")?;
                match inner.class {
                    "Dense" => self.dense(&inner, place.part("layer")),
                    class => Err(layer.refuse(format!("it applies a layer {class}"), CHAIN)),
                }
            }
            "Activation" => {
                let fitting = ["linear", "softmax", "log_softmax"].map(Value::from);
                layer.expect("activation", &fitting, CHAIN)?;
                if layer.get("activation") == Some(&fitting[0]) {
                    return Ok(());
                }
                self.softmax(layer)
            }
            "Softmax" => {
                layer.expect("axis", &[json!(-1), json!(2)], CHAIN)?;
                self.softmax(layer)
            }
            _ => Err(refused(layer)),
        }
    }

    fn push(&mut self, layer: &Record<'_>, kind: Weighted, place: Place) {
        self.steps.push(Step {
            kind,
            label: layer.label(),
            place,
        });
    }

    fn embedding(&mut self, layer: &Record<'_>, place: &Place) -> Result<(), ExchangeError> {
        layer.expect(
            "mask_zero",
            &[json!(false)],
            "models here read every id; if no text has id 0, set mask_zero=False and save again",
        )?;
        layer.expect_no_other(&["mask_zero"])?;
        if let Some(below) = self.steps.last() {
            let why = format!("an embedding above the layer {}", below.label);
            return Err(layer.refuse(why, CHAIN));
        }
        self.push(layer, Weighted::Embedding, place.clone());
        Ok(())
    }

    /// One cell, or several on top of each other.
    fn rnn(&mut self, layer: &Record<'_>, place: &Place) -> Result<(), ExchangeError> {
        let cell = part(layer, "cell")?;
        if cell.class != "StackedRNNCells" {
            let kind = lstm(layer, &cell)?;
            return self.lstm(layer, kind, place.part("cell"));
        }
        let cells = cell.get("cells").and_then(Value::as_array);
        let place = place.part("cell").part("cells");
        for (n, cell) in cells.into_iter().flatten().enumerate() {
            let cell = Record::read(cell)?;
            let mut kind = lstm(layer, &cell)?;
            if let Weighted::Lstm { is_sequence, .. } = &mut kind {
                // Within StackedRNNCells, every cell passes on its output at every step.
                *is_sequence |= n + 1 < cells.map_or(0, Vec::len);
            }
            self.lstm(layer, kind, place.member(&cell, "lstm_cell", n))?;
        }
        Ok(())
    }

    fn lstm(
        &mut self,
        layer: &Record<'_>,
        kind: Weighted,
        place: Place,
    ) -> Result<(), ExchangeError> {
        match self.steps.last().map(|below| (below.kind, &below.label)) {
            Some((Weighted::Dense { .. }, below)) => {
                let why = format!("an LSTM above the layer {below}");
                return Err(layer.refuse(why, CHAIN));
            }
            Some((
                Weighted::Lstm {
                    is_sequence: false, ..
                },
                below,
            )) => {
                let why = format!("the layer {below} below returns its last output only");
                return Err(layer.refuse(why, "build it with return_sequences=True"));
            }
            _ => {}
        }
        self.push(layer, kind, place);
        Ok(())
    }

    fn dense(&mut self, layer: &Record<'_>, place: Place) -> Result<(), ExchangeError> {
        let fitting = ["linear", "softmax", "log_softmax"].map(Value::from);
        layer.expect(
            "activation",
            &fitting,
            "only a linear layer, with or without softmax, can be imported",
        )?;
        layer.expect_no_other(&["activation", "use_bias"])?;
        let has_bias = has_bias(layer)?;
        match self.steps.last().map(|below| (below.kind, &below.label)) {
            Some((Weighted::Lstm { .. }, _)) if !self.is_softmax => {}
            below => {
                let below = below.map_or("the input", |(_, label)| label);
                let why = format!("a dense layer above {below}");
                return Err(layer.refuse(
                    why,
                    "models here have a single dense layer, on top of the LSTMs",
                ));
            }
        }
        self.is_softmax = layer.get("activation") != Some(&fitting[0]);
        self.push(layer, Weighted::Dense { has_bias }, place);
        Ok(())
    }

    /// Accepts a softmax on top of the logits: models here compute it too.
    fn softmax(&mut self, layer: &Record<'_>) -> Result<(), ExchangeError> {
        let is_dense = |step: &Step| matches!(step.kind, Weighted::Dense { .. });
        if self.is_softmax || !self.steps.last().is_some_and(is_dense) {
            return Err(layer.refuse("a softmax that is not on top of the one dense layer", CHAIN));
        }
        self.is_softmax = true;
        Ok(())
    }
}

/// An LSTM with the properties of `layer` and of `cell`. For an `LSTM` both are the same entry; an `RNN`
/// contains its cell.
fn lstm(layer: &Record<'_>, cell: &Record<'_>) -> Result<Weighted, ExchangeError> {
    if !matches!(cell.class, "LSTM" | "LSTMCell") {
        return Err(layer.refuse(format!("its cell is a {}", cell.class), CHAIN));
    }
    let retrain = "a model with these weights and other activations would compute something else; train \
                   one with activation=\"tanh\" and recurrent_activation=\"sigmoid\"";
    cell.expect("activation", &[json!("tanh")], retrain)?;
    cell.expect("recurrent_activation", &[json!("sigmoid")], retrain)?;
    let forwards = "a language model reads forwards; train one with go_backwards=False";
    layer.expect("go_backwards", &[json!(false)], forwards)?;
    if layer.get("time_major").is_some() {
        layer.expect(
            "time_major",
            &[json!(false)],
            "save it with time_major=False",
        )?;
    }
    let both = [json!(true), json!(false)];
    layer.expect("return_sequences", &both, "it must be true or false")?;
    let checked = [
        "activation",
        "recurrent_activation",
        "go_backwards",
        "return_sequences",
        "use_bias",
        "cell",
        // These do not change the outputs; without masks, they do not change the states either.
        "return_state",
        "stateful",
        "unroll",
        "zero_output_for_mask",
        "use_cudnn",
    ];
    layer.expect_no_other(&checked)?;
    cell.expect_no_other(&checked)?;
    Ok(Weighted::Lstm {
        has_bias: has_bias(cell)?,
        is_sequence: layer.get("return_sequences") == Some(&both[0]),
    })
}

fn has_bias(layer: &Record<'_>) -> Result<bool, ExchangeError> {
    let both = [json!(true), json!(false)];
    layer.expect("use_bias", &both, "it must be true or false")?;
    Ok(layer.get("use_bias") == Some(&both[0]))
}

/// A layer or a cell within a layer.
fn part<'a>(layer: &Record<'a>, key: &str) -> Result<Record<'a>, ExchangeError> {
    match layer.get(key) {
        Some(value) => Record::read(value),
        None => Err(layer.refuse(format!("the configuration does not give its {key}"), CHAIN)),
    }
}

/// Why a layer of an unsupported class cannot be imported.
fn refused(layer: &Record<'_>) -> ExchangeError {
    let why = match layer.class {
        "Bidirectional" => {
            return layer.refuse(
                "it reads the text from both ends, and a language model reads forwards only",
                UNIDIRECTIONAL,
            );
        }
        "Masking" => "steps that it masks leave the state as it was, and models here have no masks",
        "Lambda" => "it runs Python code, which a file must not be trusted with",
        "CuDNNLSTM" => "its weights have another order than those of LSTM",
        _ => "models here have no such layer",
    };
    layer.refuse(why, CHAIN)
}
