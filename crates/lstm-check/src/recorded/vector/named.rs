//! The weights of one direction by their names in a vector: `w_xi`, `w_hi`, `b_i` …, `p_i` …, `w_p`.

use crate::CheckError;
use crate::recorded::reader::Reader;
use crate::variant::{Block, Weights};
use lstm_exchange::Tensor;
use nalgebra::DVector;

const BLOCKS: [&str; 4] = ["i", "f", "g", "o"];
const PEEPHOLES: [&str; 3] = ["i", "f", "o"];

/// Whether a block has weights: with coupled gates f = 1 − i has none.
fn has_weights(block: &str, is_coupled: bool) -> bool {
    !(is_coupled && block == "f")
}

/// The tensors of one direction.
pub(super) fn named(weights: &Weights<f64>, is_coupled: bool) -> Vec<(String, Tensor)> {
    let vector = |v: &DVector<f64>| Tensor::new(&[v.len()], v.as_slice().to_vec());
    let mut all = Vec::new();
    for (k, block) in BLOCKS.iter().zip(&weights.blocks) {
        if has_weights(k, is_coupled) {
            all.push((format!("w_x{k}"), Tensor::from_matrix(&block.w_x)));
            all.push((format!("w_h{k}"), Tensor::from_matrix(&block.w_h)));
            all.push((format!("b_{k}"), vector(&block.b_x)));
        }
    }
    for (k, p) in PEEPHOLES.iter().zip(weights.peepholes.iter().flatten()) {
        if has_weights(k, is_coupled) {
            all.push((format!("p_{k}"), vector(p)));
        }
    }
    if let Some(w_p) = &weights.projection {
        all.push(("w_p".into(), Tensor::from_matrix(w_p)));
    }
    all
}

/// Reads the weights of one direction, of sizes \[D, H, R\].
pub(super) fn read(
    reader: &mut Reader<'_>,
    prefix: &str,
    [d, h, r]: [usize; 3],
    is_coupled: bool,
) -> Result<Weights<f64>, CheckError> {
    let peepholes = PEEPHOLES.map(|k| format!("{prefix}p_{k}"));
    let has_peepholes = reader.has(&peepholes.each_ref().map(String::as_str));
    let has_projection = r != h || reader.has(&[&format!("{prefix}w_p")]);
    let mut get = |k: &str, name: String, shape: &[usize]| {
        if has_weights(k, is_coupled) {
            reader.tensor(&format!("{prefix}{name}"), shape)
        } else {
            Ok(Tensor::new(shape, vec![0.0; shape.iter().product()]))
        }
    };
    let vector = |tensor: Tensor| DVector::from_vec(tensor.data);
    let mut blocks = Vec::new();
    for k in BLOCKS {
        blocks.push(Block {
            w_x: get(k, format!("w_x{k}"), &[h, d])?.to_matrix(),
            w_h: get(k, format!("w_h{k}"), &[h, r])?.to_matrix(),
            b_x: vector(get(k, format!("b_{k}"), &[h])?),
            b_h: DVector::zeros(h),
        });
    }
    let peepholes = if has_peepholes {
        let [p_i, p_f, p_o] = PEEPHOLES.map(|k| get(k, format!("p_{k}"), &[h]));
        Some([vector(p_i?), vector(p_f?), vector(p_o?)])
    } else {
        None
    };
    let projection = if has_projection {
        Some(get("", "w_p".into(), &[r, h])?.to_matrix())
    } else {
        None
    };
    Ok(Weights {
        blocks: blocks.try_into().expect("one for each block"),
        peepholes,
        projection,
    })
}
