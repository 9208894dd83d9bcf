//! `torch.nn.LSTM`: any number of layers, one or two directions, packed lengths, with or without biases
//! and a projection.

use super::layers::{Form, Framework, Layers, Sizes};
use super::reader::{Read, Reader};
use super::{blocks, count_layers, zero_biases};
use crate::arrange::Axes;
use crate::variant::{Direction, Options, Padding, Weights, first_steps};
use crate::{CheckError, Recording};
use lstm_exchange::{Layout, Tensor};

/// PyTorch's names.
pub(super) struct Torch {
    /// How the names of each direction's tensors end: `_l0`, `_l0_reverse`, `_l1` …
    suffixes: Vec<String>,
    has_bias: bool,
}

impl Framework for Torch {
    const NAME: &'static str = "PyTorch";

    fn states(&self, part: &str, name: &str) -> Vec<(String, usize)> {
        vec![(format!("{part}{name}"), self.suffixes.len())]
    }

    fn weights(&self, part: &str, n: usize, weights: &Weights<f64>) -> Vec<(String, Tensor)> {
        let tensors = torch_tensors(weights, self.has_bias).into_iter();
        let name = |name| format!("{part}{name}{}", self.suffixes[n]);
        tensors.map(|(own, tensor)| (name(own), tensor)).collect()
    }

    fn ends_with_states(&self) -> bool {
        false
    }
}

impl Torch {
    pub fn read(
        recording: &Recording,
        (axes, is_packed): (Axes, bool),
    ) -> Result<Read<Layers<Self>>, CheckError> {
        let mut reader = Reader::new(recording);
        let sizes = sizes(&mut reader, axes)?;
        expect_options(&mut reader, sizes)?;
        let has_bias = recording.has("bias_ih_l0") || recording.has("bias_hh_l0");
        let (mut layers, mut suffixes) = (Vec::new(), Vec::new());
        for l in 0..sizes.layers {
            let mut layer = Vec::new();
            for reverse in [false, true].into_iter().take(sizes.directions) {
                let suffix = format!("_l{l}{}", if reverse { "_reverse" } else { "" });
                let inputs = match l {
                    0 => sizes.d,
                    _ => sizes.directions * sizes.r,
                };
                layer.push(Direction {
                    weights: weights(&mut reader, &suffix, [inputs, sizes.h, sizes.r], has_bias)?,
                    options: Options::default(),
                    reverse,
                });
                suffixes.push(suffix);
            }
            layers.push(layer);
        }
        let form = Form {
            layers,
            steps: steps(&mut reader, sizes, is_packed)?,
            padding: Padding::Zero,
            in_reading_order: false,
        };
        Layers::read(reader, Self { suffixes, has_bias }, sizes, form)
    }
}

fn sizes(reader: &mut Reader<'_>, axes: Axes) -> Result<Sizes, CheckError> {
    let recording = reader.recording;
    let (_, [_, d]) = recording.ranked("weight_ih_l0")?;
    let (_, [rows, r]) = recording.ranked("weight_hh_l0")?;
    let h = rows / 4;
    if r != h && !recording.has("weight_hr_l0") {
        return Err(CheckError::missing("weight_hr_l0"));
    }
    let mut names = recording.tensors.keys();
    let is_bidirectional = names.any(|name| name.ends_with("_reverse"));
    let sizes = Sizes {
        axes,
        seq_len: 0,
        batch_size: 0,
        d,
        h,
        r,
        layers: count_layers(recording, ""),
        directions: 1 + usize::from(is_bidirectional),
    };
    sizes.with_x(reader, &["h0", "c0", "hn", "cn"].map(String::from))
}

/// Checks that no option in the metadata contradicts the tensors.
fn expect_options(reader: &mut Reader<'_>, sizes: Sizes) -> Result<(), CheckError> {
    let recording = reader.recording;
    let is_bidirectional = sizes.directions == 2;
    if recording.flag("bidirectional")? == Some(!is_bidirectional) {
        return Err(CheckError::missing("weight_ih_l0_reverse"));
    }
    if let Some(text) = recording.metadata.get("dropout")
        && !matches!(text.as_str(), "0" | "0.0" | "false" | "False")
    {
        reader.note(format!(
            "dropout {text} acts only in training and is not applied"
        ));
    }
    Ok(())
}

/// The weights named `weight_ih{suffix}` and so on, of sizes \[D, H, R\].
fn weights(
    reader: &mut Reader<'_>,
    suffix: &str,
    [d, h, r]: [usize; 3],
    has_bias: bool,
) -> Result<Weights<f64>, CheckError> {
    let has_projection = reader.has(&[&format!("weight_hr{suffix}")]) || r != h;
    let mut get = |name: &str, shape: &[usize]| reader.tensor(&format!("{name}{suffix}"), shape);
    let w_x = Layout::PYTORCH.split(&get("weight_ih", &[4 * h, d])?);
    let w_h = Layout::PYTORCH.split(&get("weight_hh", &[4 * h, r])?);
    let [b_x, b_h] = if has_bias {
        let [b_x, b_h] = ["bias_ih", "bias_hh"].map(|name| get(name, &[4 * h]));
        [b_x?, b_h?].map(|bias| Layout::PYTORCH.split_vector(&bias.data))
    } else {
        [zero_biases(h), zero_biases(h)]
    };
    let projection = has_projection.then(|| get("weight_hr", &[r, h]).map(|w| w.to_matrix()));
    Ok(Weights {
        blocks: blocks(w_x, w_h, b_x, b_h),
        peepholes: None,
        projection: projection.transpose()?,
    })
}

/// The real steps, from `lengths`. A mask is used in the same way if it hides only the ends of
/// sequences; PyTorch cannot skip other steps.
fn steps(
    reader: &mut Reader<'_>,
    sizes: Sizes,
    is_packed: bool,
) -> Result<Vec<Vec<usize>>, CheckError> {
    let [seq_len, batch_size, _] = sizes.of_sequences(0);
    let full = first_steps(&vec![seq_len; batch_size]);
    let lengths = reader
        .has(&["lengths"])
        .then(|| reader.lengths([seq_len, batch_size]));
    let lengths = lengths.transpose()?.map(|lengths| first_steps(&lengths));
    if !reader.has(&["mask"]) {
        return Ok(lengths.unwrap_or(full));
    }
    let masked = reader.masked_steps(sizes.axes, [seq_len, batch_size])?;
    let packed = first_steps(&masked.iter().map(Vec::len).collect::<Vec<_>>());
    if lengths.as_ref().is_some_and(|lengths| *lengths != masked) {
        return Err(CheckError::metadata(
            "lengths",
            "the tensors lengths and mask differ",
        ));
    }
    if packed == masked {
        return Ok(if is_packed { masked } else { full });
    }
    reader.note("mask is not used: PyTorch's LSTM reads padding before and between real steps");
    Ok(full)
}

/// One direction's weights by their names in PyTorch: `weight_ih`, `weight_hh` …
pub(super) fn torch_tensors(weights: &Weights<f64>, has_bias: bool) -> Vec<(&'static str, Tensor)> {
    let blocks = weights.blocks.each_ref();
    let layout = Layout::PYTORCH;
    let mut all = vec![
        ("weight_ih", layout.join(blocks.map(|block| &block.w_x))),
        ("weight_hh", layout.join(blocks.map(|block| &block.w_h))),
    ];
    if has_bias {
        let [b_x, b_h] = [
            blocks.map(|block| &block.b_x),
            blocks.map(|block| &block.b_h),
        ];
        all.push(("bias_ih", layout.join_vector(b_x)));
        all.push(("bias_hh", layout.join_vector(b_h)));
    }
    if let Some(w_p) = &weights.projection {
        all.push(("weight_hr", Tensor::from_matrix(w_p)));
    }
    all
}
