//! `keras.layers.LSTM`, alone or in `Bidirectional`: masks, initial states, `go_backwards`, other
//! activations, with or without biases; and the weights of a fresh layer.

mod config;
mod fresh;
mod names;

use super::layers::{Form, Framework, Layers, Sizes};
use super::reader::{Read, Reader};
use super::{blocks, zero_biases};
use crate::arrange::Axes;
use crate::check::Row;
use crate::variant::{Direction, Padding, Weights, first_steps};
use crate::{CheckError, Recording};
use config::Config;
pub(super) use config::{KERAS_2_SLOPE, KERAS_3_SLOPE};
use lstm_exchange::{Layout, Tensor};
use names::Names;

/// The choices in reading a Keras recording that the file does not determine.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub axes: Axes,
    pub hard_sigmoid_slope: f64,
    /// Whether the real steps that `lengths` counts are the last ones of each sequence, not the first.
    pub is_padded_first: bool,
}

/// Keras' names and conventions.
pub(super) struct Keras {
    names: Names,
    has_bias: bool,
    zero_output_for_mask: bool,
    /// Conditions on the weights of a fresh layer.
    fresh: Vec<Row>,
}

impl Framework for Keras {
    const NAME: &'static str = "Keras";

    fn states(&self, part: &str, name: &str) -> Vec<(String, usize)> {
        let names = self.names.all(part, name).into_iter();
        names.map(|name| (name, 1)).collect()
    }

    fn weights(&self, part: &str, n: usize, weights: &Weights<f64>) -> Vec<(String, Tensor)> {
        let blocks = weights.blocks.each_ref();
        let layout = Layout::KERAS;
        let name = |name: &str| self.names.name(n, part, name);
        let kernel = layout.join(blocks.map(|block| &block.w_x));
        let recurrent = layout.join(blocks.map(|block| &block.w_h));
        let mut all = vec![
            (name("kernel"), kernel),
            (name("recurrent_kernel"), recurrent),
        ];
        if self.has_bias {
            let bias = layout.join_vector(blocks.map(|block| &block.b_x));
            all.push((name("bias"), bias));
        }
        all
    }

    fn ends_with_states(&self) -> bool {
        self.names.directions() == 2 || !self.zero_output_for_mask
    }

    fn conditions(&self) -> Vec<Row> {
        self.fresh.clone()
    }
}

/// The arrays of one direction.
struct Kernels {
    /// D×4H
    kernel: Tensor,
    /// H×4H
    recurrent: Tensor,
    /// 4H
    bias: Option<Tensor>,
}

impl Kernels {
    /// The arrays with names in `part`: `""`, or `"fresh."` for those of a fresh layer.
    fn read(
        reader: &mut Reader<'_>,
        names: &Names,
        (direction, part): (usize, &str),
        Sizes { d, h, .. }: Sizes,
        has_bias: bool,
    ) -> Result<Self, CheckError> {
        let mut get =
            |name: &str, shape: &[usize]| reader.tensor(&names.name(direction, part, name), shape);
        Ok(Self {
            kernel: get("kernel", &[d, 4 * h])?,
            recurrent: get("recurrent_kernel", &[h, 4 * h])?,
            bias: has_bias.then(|| get("bias", &[4 * h])).transpose()?,
        })
    }

    fn weights(&self, h: usize) -> Weights<f64> {
        let bias = self.bias.as_ref();
        let b_x = bias.map_or_else(|| zero_biases(h), |b| Layout::KERAS.split_vector(&b.data));
        Weights {
            blocks: blocks(
                Layout::KERAS.split(&self.kernel),
                Layout::KERAS.split(&self.recurrent),
                b_x,
                zero_biases(h),
            ),
            peepholes: None,
            projection: None,
        }
    }
}

impl Keras {
    pub fn read(recording: &Recording, style: Style) -> Result<Read<Layers<Self>>, CheckError> {
        let mut reader = Reader::new(recording);
        let config = Config::read(&mut reader, style.hard_sigmoid_slope)?;
        let names = Names::read(recording);
        let sizes = sizes(&mut reader, &names, &config, style.axes)?;
        let (mut layer, mut fresh) = (Vec::new(), Vec::new());
        for n in 0..sizes.directions {
            let mut kernels =
                |part| Kernels::read(&mut reader, &names, (n, part), sizes, config.use_bias);
            layer.push(Direction {
                weights: kernels("")?.weights(sizes.h),
                options: config.options,
                reverse: (n == 1) != config.go_backwards,
            });
            let name = |name: &str| names.name(n, "fresh.", name);
            let is_fresh = |own: &&str| recording.has(&name(own));
            if ["kernel", "recurrent_kernel", "bias"].iter().any(is_fresh) {
                let precision = recording.precision(&name("kernel"));
                let kernels = kernels("fresh.")?;
                fresh.extend(fresh::conditions(
                    &kernels,
                    config.unit_forget_bias,
                    precision,
                    name,
                ));
            }
        }
        let is_single = sizes.directions == 1;
        let form = Form {
            layers: vec![layer],
            steps: steps(&mut reader, sizes, style.is_padded_first)?,
            // Bidirectional does not repeat the last output.
            padding: if is_single && !config.zero_output_for_mask {
                Padding::Repeat
            } else {
                Padding::Zero
            },
            in_reading_order: is_single,
        };
        let keras = Self {
            names,
            has_bias: config.use_bias,
            zero_output_for_mask: config.zero_output_for_mask,
            fresh,
        };
        Layers::read(reader, keras, sizes, form)
    }
}

fn sizes(
    reader: &mut Reader<'_>,
    names: &Names,
    config: &Config,
    axes: Axes,
) -> Result<Sizes, CheckError> {
    let shape = |name: &str| reader.recording.ranked(&names.name(0, "", name));
    let (_, [d, _]) = shape("kernel")?;
    let (_, [h, _]) = shape("recurrent_kernel")?;
    if let Some(units) = config.units.filter(|&units| units != h) {
        let why = format!("units is {units}, the tensors say {h}");
        return Err(CheckError::metadata("config", why));
    }
    let sizes = Sizes {
        axes,
        seq_len: 0,
        batch_size: 0,
        d,
        h,
        r: h,
        layers: 1,
        directions: names.directions(),
    };
    let states = ["h0", "c0", "hn", "cn"].map(|name| names.name(0, "", name));
    sizes.with_x(reader, &states)
}

/// The real steps, from `mask` or `lengths`.
fn steps(
    reader: &mut Reader<'_>,
    sizes: Sizes,
    is_padded_first: bool,
) -> Result<Vec<Vec<usize>>, CheckError> {
    let [seq_len, batch_size, _] = sizes.of_sequences(0);
    let lengths = if reader.has(&["lengths"]) {
        reader.lengths([seq_len, batch_size])?
    } else {
        vec![seq_len; batch_size]
    };
    if !reader.has(&["mask"]) {
        let last = |&length: &usize| (seq_len - length..seq_len).collect();
        return Ok(if is_padded_first {
            lengths.iter().map(last).collect()
        } else {
            first_steps(&lengths)
        });
    }
    let steps = reader.masked_steps(sizes.axes, [seq_len, batch_size])?;
    let agrees = |(steps, length): (&Vec<usize>, &usize)| steps.len() == *length;
    if reader.has(&["lengths"]) && !steps.iter().zip(&lengths).all(agrees) {
        return Err(CheckError::metadata(
            "lengths",
            "the tensors lengths and mask differ",
        ));
    }
    Ok(steps)
}
