//! The Rust side of `tests/interop/with_onnx.py`, `with_torch.py` and `with_keras.py`.
//!
//! ```text
//! interop models OUT                    checkpoints of untrained models, one a folder, into OUT
//! interop compute CHECKPOINT GIVEN.json the logits of ids (T, B), from h0 and c0 or from zero, as JSON
//! ```

use lstm_exchange::{CharModel, ExchangeError};
use lstm_model::{Alone, BatchState, Init, Network, NetworkConfig, Span, StackPass};
use lstm_text::{Normalization, Vocabulary};
use nalgebra::DMatrix;
use serde::Deserialize;
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match &args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["models", out] => Ok(models(Path::new(out))?),
        ["compute", checkpoint, given] => {
            let model = CharModel::load(Path::new(checkpoint))?;
            let given: Given = serde_json::from_slice(&fs::read(given)?)?;
            println!("{}", computed(&model, &given));
            Ok(())
        }
        _ => Err("usage: interop models OUT | compute CHECKPOINT GIVEN.json".into()),
    }
}

fn models(out: &Path) -> Result<(), ExchangeError> {
    for (name, embed_size, layers) in [("one_hot", 0, 1), ("embedding", 4, 1), ("stack", 5, 3)] {
        let vocabulary = Vocabulary::from_text("abcdefgh 垫子\n\"").expect("there are characters");
        let config = NetworkConfig {
            vocab_size: vocabulary.len(),
            embed_size,
            hidden_size: 6,
            layers,
            dropout: 0.2,
            head_dropout: 0.0,
            init: Init::GlorotOrthogonal,
        };
        let model = CharModel {
            network: Network::init(config, 1 + layers as u64)?,
            vocabulary,
            normalization: Normalization::default(),
        };
        let dir = out.join(name);
        fs::create_dir_all(&dir).map_err(|source| ExchangeError::Io {
            path: dir.clone(),
            source,
        })?;
        model.save(&dir.join("model.safetensors"), "numbers drawn at random")?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Given {
    /// (T, B)
    ids: Vec<Vec<u32>>,
    /// (layers, B, H)
    h0: Option<Vec<Vec<Vec<f32>>>>,
    c0: Option<Vec<Vec<Vec<f32>>>>,
}

/// Logits (T, B, V) and the last states (layers, B, H).
fn computed(model: &CharModel, given: &Given) -> Value {
    let network = &model.network;
    let (seq_len, batch_size) = (given.ids.len(), given.ids.first().map_or(0, Vec::len));
    let mut initial = network.zero_states(batch_size);
    let column =
        |state: &[Vec<f32>]| DMatrix::from_fn(state[0].len(), batch_size, |r, b| state[b][r]);
    for (l, state) in initial.iter_mut().enumerate() {
        if let (Some(h0), Some(c0)) = (&given.h0, &given.c0) {
            (state.h, state.c) = (column(&h0[l]), column(&c0[l]));
        }
    }
    let ids = given.ids.concat();
    let input = network.embedding.input(&ids);
    let span = Span::full(seq_len, batch_size);
    let tape = network.stack.forward(StackPass {
        input,
        initial: &initial,
        span,
        dropout: None,
        team: &Alone,
    });
    let logits = network.head.logits(tape.output());
    let row = |t: usize| -> Value {
        let columns = (0..batch_size).map(|b| json!(logits.column(t * batch_size + b).as_slice()));
        columns.collect()
    };
    json!({
        "logits": (0..seq_len).map(row).collect::<Value>(),
        "hn": states(&tape.last, |state| &state.h),
        "cn": states(&tape.last, |state| &state.c),
    })
}

/// (layers, B, H)
fn states(states: &[BatchState<f32>], part: impl Fn(&BatchState<f32>) -> &DMatrix<f32>) -> Value {
    let layer = |state: &BatchState<f32>| -> Value {
        let columns = part(state).column_iter();
        columns
            .map(|column| json!(column.iter().collect::<Vec<_>>()))
            .collect()
    };
    states.iter().map(layer).collect()
}
