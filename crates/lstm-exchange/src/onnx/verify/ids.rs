//! Checks that every id reaches the embedding unchanged.

use super::differs;
use super::example::Example;
use crate::onnx::plain::PlainLstm;
use crate::onnx::structure::Structure;
use crate::onnx::value::Value;
use crate::{ExchangeError, Tensor};

/// The most node computations, over all ids.
const MOST_NODES: usize = 1 << 24;

/// Runs the nodes between the input and the embedding on each id of the vocabulary. The example contains
/// only a few ids, and a graph might map the others to something else.
pub(super) fn verify(structure: &Structure, example: &Example) -> Result<(), ExchangeError> {
    let ids = &structure.ids;
    let nodes = ids.part.body.steps.len();
    let vocab_size = structure.head_w.shape[0];
    if nodes == 0 {
        return Ok(());
    }
    if nodes.saturating_mul(vocab_size) > MOST_NODES {
        return Err(differs(&format!("{nodes} nodes compute its ids")));
    }
    let mut given = example.given.clone();
    for id in 0..vocab_size {
        let shape = &example.ids.shape;
        let all = vec![id as f64; example.ids.data.len()];
        given.insert(ids.input.clone(), Value::int(Tensor::new(shape, all)));
        let values = ids.part.run(&given, 0, &mut PlainLstm)?;
        let read = values.get(&ids.read).map(Value::data).unwrap_or_default();
        if let Some(other) = read.iter().find(|&&read| read != id as f64) {
            return Err(differs(&format!("it reads the id {id} as {other}")));
        }
    }
    Ok(())
}
