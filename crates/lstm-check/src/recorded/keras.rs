//! `keras.layers.LSTM`, alone or in `Bidirectional`: masks, initial states, `go_backwards`, other
//! activations, with or without biases; and the weights of a fresh layer.

mod config;
mod fresh;
mod names;

use super::reader::Reader;
use super::{RecordedLstm, assert_feasible, blocks, put, zero_biases};
use crate::arrange::{Axes, Sequences, state_tensors, states, zero_sequences, zero_states};
use crate::check::Row;
use crate::variant::{Computation, Direction, Loss, Padding, Weights, first_steps};
use crate::{CheckError, Mistake, Recording};
use config::Config;
use lstm_cell::State;
use lstm_exchange::{Layout, Tensor, Tensors};
use names::Names;

const AXES: Axes = Axes::BatchFirst;

pub(super) struct Keras {
    computation: Computation<f64>,
    names: Names,
    has_bias: bool,
    /// Conditions on the weights of a fresh layer.
    fresh: Vec<Row>,
    recorded: Recorded,
}

/// Which results are recorded.
struct Recorded {
    /// `hn` and `cn`
    last_states: bool,
    loss: bool,
    gradients: bool,
    /// The gradients of h_0 and of c_0.
    state_gradients: [bool; 2],
}

impl Recorded {
    fn read(recording: &Recording, names: &Names) -> Self {
        let mut all = recording.tensors.keys();
        let gradients = all.any(|name| name.contains("grad."));
        Self {
            last_states: names.any(recording, "", &["hn", "cn", "wh", "wc"]),
            loss: gradients || recording.has("loss"),
            gradients,
            state_gradients: ["h0", "c0"].map(|name| names.any(recording, "grad.", &[name])),
        }
    }
}

/// The sizes of a recording.
#[derive(Clone, Copy)]
struct Sizes {
    seq_len: usize,
    batch_size: usize,
    /// D
    d: usize,
    /// H
    h: usize,
    directions: usize,
}

impl Sizes {
    fn read(recording: &Recording, names: &Names) -> Result<Self, CheckError> {
        let (_, [batch_size, seq_len, d]) = recording.ranked("x")?;
        let recurrent = names.name(0, "", "recurrent_kernel");
        let (_, [h, _]) = recording.ranked(&recurrent)?;
        for (key, size) in [
            ("input_size", d),
            ("hidden_size", h),
            ("steps", seq_len),
            ("batch", batch_size),
        ] {
            recording.expect_size(key, size)?;
        }
        let directions = names.directions();
        assert_feasible(recording.count(), &[seq_len, batch_size, d + h, directions])?;
        Ok(Self {
            seq_len,
            batch_size,
            d,
            h,
            directions,
        })
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
    pub fn read(recording: &Recording) -> Result<(Self, Vec<String>), CheckError> {
        let config = Config::read(recording)?;
        let names = Names::read(recording);
        let sizes = Sizes::read(recording, &names)?;
        let recorded = Recorded::read(recording, &names);
        let mut reader = Reader::new(recording);
        let (mut layer, mut fresh) = (Vec::new(), Vec::new());
        for n in 0..sizes.directions {
            let mut kernels =
                |part| Kernels::read(&mut reader, &names, (n, part), sizes, config.use_bias);
            layer.push(Direction {
                weights: kernels("")?.weights(sizes.h),
                options: config.options,
                reverse: (n == 1) != config.go_backwards,
            });
            let is_fresh = |name: &&str| recording.has(&names.name(n, "fresh.", name));
            if ["kernel", "recurrent_kernel", "bias"].iter().any(is_fresh) {
                let kernels = kernels("fresh.")?;
                let name = |name: &str| names.name(n, "fresh.", name);
                fresh.extend(fresh::conditions(&kernels, config.unit_forget_bias, name));
            }
        }
        let computation = Computation {
            layers: vec![layer],
            x: reader.sequences("x", AXES, [sizes.seq_len, sizes.batch_size, sizes.d])?,
            steps: first_steps(&reader.lengths_or_full([sizes.seq_len, sizes.batch_size])?),
            initial: states_or_zero(&mut reader, &names, sizes, ["h0", "c0"])?,
            // Bidirectional does not repeat the last output.
            padding: if sizes.directions == 1 {
                Padding::Repeat
            } else {
                Padding::Zero
            },
            in_reading_order: sizes.directions == 1,
            window: None,
            loss: Loss {
                wy: output_weights(&mut reader, sizes, recorded.loss)?,
                last: states_or_zero(&mut reader, &names, sizes, ["wh", "wc"])?,
            },
        };
        let keras = Self {
            computation,
            names,
            has_bias: config.use_bias,
            fresh,
            recorded,
        };
        Ok((keras, reader.into_inputs()))
    }
}

/// The loss's weights on the outputs; without a loss they are zero.
fn output_weights(
    reader: &mut Reader<'_>,
    sizes: Sizes,
    has_loss: bool,
) -> Result<Sequences, CheckError> {
    let shape = [sizes.seq_len, sizes.batch_size, sizes.directions * sizes.h];
    if has_loss || reader.has(&["wy"]) {
        reader.sequences("wy", AXES, shape)
    } else {
        Ok(zero_sequences(shape))
    }
}

/// Two tensors (B, H) for each direction as states; zero if none of them is recorded.
fn states_or_zero(
    reader: &mut Reader<'_>,
    names: &Names,
    sizes: Sizes,
    pair: [&str; 2],
) -> Result<Vec<Vec<State<f64>>>, CheckError> {
    let Sizes {
        batch_size,
        h,
        directions,
        ..
    } = sizes;
    let mut all = (0..directions).flat_map(|n| pair.map(|name| names.name(n, "", name)));
    if !all.any(|name| reader.has(&[name.as_str()])) {
        return Ok(zero_states(&vec![(h, h); directions], batch_size));
    }
    let mut both = |name: &str| {
        let mut data = Vec::new();
        for n in 0..directions {
            let tensor = reader.tensor(&names.name(n, "", name), &[batch_size, h])?;
            data.extend(tensor.data);
        }
        Ok::<_, CheckError>(Tensor::new(&[directions, batch_size, h], data))
    };
    let [h_name, c_name] = pair;
    Ok(states(&both(h_name)?, &both(c_name)?))
}

impl RecordedLstm for Keras {
    fn format(&self) -> &'static str {
        "Keras"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.computation)
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let (names, mut out) = (&self.names, Tensors::new());
        let outcome = self.computation.forward(mistake);
        put(&mut out, "y", AXES.tensor(&outcome.y));
        if self.recorded.last_states {
            let [hn, cn] = state_tensors(&outcome.last);
            for n in 0..names.directions() {
                put(&mut out, &names.name(n, "", "hn"), hn.part(n));
                put(&mut out, &names.name(n, "", "cn"), cn.part(n));
            }
        }
        if self.recorded.loss {
            put(&mut out, "loss", Tensor::new(&[1], vec![outcome.loss]));
        }
        if !self.recorded.gradients {
            return out;
        }
        let gradients = self.computation.backward(&outcome, mistake);
        put(&mut out, "grad.x", AXES.tensor(&gradients.x));
        let of_states = state_tensors(&gradients.initial);
        for (n, grad) in gradients.weights.iter().enumerate() {
            let mut put = |name: &str, tensor| put(&mut out, &names.name(n, "grad.", name), tensor);
            for (name, tensor) in keras_tensors(grad, self.has_bias) {
                put(name, tensor);
            }
            for (k, name) in ["h0", "c0"].into_iter().enumerate() {
                if self.recorded.state_gradients[k] {
                    put(name, of_states[k].part(n));
                }
            }
        }
        out
    }

    fn conditions(&self) -> Vec<Row> {
        self.fresh.clone()
    }
}

/// One direction's weights by their names in Keras: `kernel`, `recurrent_kernel`, `bias`.
fn keras_tensors(weights: &Weights<f64>, has_bias: bool) -> Vec<(&'static str, Tensor)> {
    let blocks = weights.blocks.each_ref();
    let layout = Layout::KERAS;
    let mut all = vec![
        ("kernel", layout.join(blocks.map(|block| &block.w_x))),
        (
            "recurrent_kernel",
            layout.join(blocks.map(|block| &block.w_h)),
        ),
    ];
    if has_bias {
        all.push(("bias", layout.join_vector(blocks.map(|block| &block.b_x))));
    }
    all
}
