//! The Rust side of `tests/interop/with_onnx.py`.
//!
//! ```text
//! onnx_interop write OUT [CHECKPOINT]    models as ONNX into OUT, each with what this crate computes
//! onnx_interop read FILE.onnx IDS.json   the logits of a model taken over, for ids (T, B), as JSON
//! ```

use lstm_exchange::onnx::{from_onnx, to_onnx};
use lstm_exchange::{CharModel, ExchangeError};
use lstm_model::{BatchState, Init, Network, NetworkConfig, Span};
use lstm_text::{Normalization, Vocabulary};
use nalgebra::DMatrix;
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match &args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", out] => write(Path::new(out), None),
        ["write", out, checkpoint] => write(Path::new(out), Some(Path::new(checkpoint))),
        ["read", file, ids] => read(Path::new(file), Path::new(ids)),
        _ => Err("usage: onnx_interop write OUT [CHECKPOINT] | read FILE.onnx IDS.json".into()),
    }
}

fn write(out: &Path, checkpoint: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let mut models = vec![
        ("one_hot".to_owned(), random(0, 1)?),
        ("embedding".to_owned(), random(4, 1)?),
        ("stack".to_owned(), random(5, 3)?),
    ];
    if let Some(checkpoint) = checkpoint {
        models.push(("checkpoint".to_owned(), CharModel::load(checkpoint)?));
    }
    for (name, model) in models {
        std::fs::write(out.join(format!("{name}.onnx")), to_onnx(&model)?)?;
        let (seq_len, batch_size) = (7, 3);
        let v = model.vocabulary.len() as u32;
        let ids: Vec<u32> = (0..seq_len * batch_size)
            .map(|n| (n * n + 3 * n) as u32 % v)
            .collect();
        let h = model.network.config().hidden_size;
        let initial: Vec<_> = (0..model.network.config().layers)
            .map(|l| BatchState {
                h: DMatrix::from_fn(h, batch_size, |r, b| ((r + 2 * b + l) as f32 * 0.7).sin()),
                c: DMatrix::from_fn(h, batch_size, |r, b| ((2 * r + b + l) as f32 * 0.9).cos()),
            })
            .collect();
        let mut record = computed(&model, &ids, [seq_len, batch_size], &initial);
        record["h0"] = states(&initial, |state| &state.h);
        record["c0"] = states(&initial, |state| &state.c);
        record["ids"] = ids.chunks(batch_size).map(|row| json!(row)).collect();
        let zero = model.network.zero_states(batch_size);
        record["from_zero"] = computed(&model, &ids, [seq_len, batch_size], &zero);
        std::fs::write(out.join(format!("{name}.json")), record.to_string())?;
    }
    Ok(())
}

fn random(embed_size: usize, layers: usize) -> Result<CharModel, ExchangeError> {
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
    Ok(CharModel {
        network: Network::init(config, 1 + layers as u64)?,
        vocabulary,
        normalization: Normalization::default(),
    })
}

fn read(file: &Path, ids: &Path) -> Result<(), Box<dyn Error>> {
    let rows: Vec<Vec<u32>> = serde_json::from_slice(&std::fs::read(ids)?)?;
    let bytes = std::fs::read(file)?;
    // As many characters as it asks for: their ids are all that matters here.
    let one = Vocabulary::from_text("a")?;
    let count = match from_onnx(&bytes, Some(one)) {
        Err(ExchangeError::Vocabulary { ids, .. }) => ids,
        Err(error) => return Err(error.into()),
        Ok(_) => 1,
    };
    let vocabulary = Vocabulary::from_chars(('一'..).take(count).collect())?;
    let model = from_onnx(&bytes, Some(vocabulary))?;
    let sizes = [rows.len(), rows.first().map_or(0, Vec::len)];
    let zero = model.network.zero_states(sizes[1]);
    println!("{}", computed(&model, &rows.concat(), sizes, &zero));
    Ok(())
}

/// Logits (T, B, V) and the last states (layers, B, H).
fn computed(
    model: &CharModel,
    ids: &[u32],
    [seq_len, batch_size]: [usize; 2],
    initial: &[BatchState<f32>],
) -> Value {
    let network = &model.network;
    let span = Span::full(seq_len, batch_size);
    let input = network.embedding.input(ids);
    let tape = network.stack.forward(input, initial, &span, None);
    let logits = network.head.logits(tape.output());
    let column = |n: usize| json!(logits.column(n).as_slice());
    let row = |t: usize| {
        (0..batch_size)
            .map(|b| column(t * batch_size + b))
            .collect::<Value>()
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
