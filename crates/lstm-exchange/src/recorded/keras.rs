//! `keras.layers.LSTM`, by itself or in `Bidirectional`: masks, initial states, `go_backwards`, other
//! activations, with bias or without; and the weights that Keras starts from.

use super::{Computation, assert_feasible, blocks, put};
use crate::arrange::{Axes, state_tensors, states, zero_states};
use crate::check::{Finding, Row};
use crate::layout::{Layout, matrix};
use crate::variant::{Activation, Case, Direction, Loss, Mistake, Options, Padding, Weights};
use crate::{ExchangeError, Recording, Tensor, Tensors};
use nalgebra::{DMatrix, DVector};
use serde_json::{Map, Value};

pub(super) struct Keras {
    case: Case<f64>,
    prefixes: Vec<&'static str>,
    has_bias: bool,
    /// What is recorded of what may be: gradients, last states, gradients on the initial states.
    outputs: Vec<&'static str>,
    /// `fw.grad.kernel` in place of `grad.fw.kernel`.
    prefix_first: bool,
    fresh: Vec<Row>,
}

const AXES: Axes = Axes::BatchFirst;
/// What a recording may hold besides y.
const OPTIONAL: [&str; 4] = ["loss", "grad.x", "grad.h0", "grad.c0"];

impl Keras {
    pub fn read(recording: &Recording) -> Result<(Self, Vec<String>), ExchangeError> {
        let config = Config::read(recording)?;
        let prefixes = match recording.has("kernel") || recording.has("recurrent_kernel") {
            true => vec![""],
            false => vec!["fw.", "bw."],
        };
        let prefix_first = recording.tensors.keys().any(|name| {
            let rest = name
                .strip_prefix("fw.")
                .or_else(|| name.strip_prefix("bw."));
            rest.is_some_and(|rest| rest.starts_with("grad.") || rest.starts_with("fresh."))
        });
        let named = |prefix: &str, part: &str, name: &str| match prefix_first {
            true => format!("{prefix}{part}{name}"),
            false => format!("{part}{prefix}{name}"),
        };
        let mut used = vec!["x".to_owned()];
        let (x, [batch_size, seq_len, d]) = recording.ranked("x")?;
        let (_, [h, _]) = recording.ranked(&format!("{}recurrent_kernel", prefixes[0]))?;
        for (key, size) in [
            ("input_size", d),
            ("hidden_size", h),
            ("steps", seq_len),
            ("batch", batch_size),
        ] {
            recording.expect_size(key, size)?;
        }
        assert_feasible(
            recording.count(),
            &[seq_len, batch_size, d + h, prefixes.len()],
        )?;
        let mut layer = Vec::new();
        let mut fresh = Vec::new();
        for (n, prefix) in prefixes.iter().enumerate() {
            let mut read = |part: &str| {
                let mut get = |name: &str, shape: &[usize]| {
                    let name = named(prefix, part, name);
                    let tensor = recording.shaped(&name, shape).cloned();
                    used.push(name);
                    tensor
                };
                let kernel = get("kernel", &[d, 4 * h])?;
                let recurrent = get("recurrent_kernel", &[h, 4 * h])?;
                let bias = match config.use_bias {
                    true => Some(get("bias", &[4 * h])?),
                    false => None,
                };
                Ok::<_, ExchangeError>((kernel, recurrent, bias))
            };
            let (kernel, recurrent, bias) = read("")?;
            let zeros = || [(); 4].map(|()| DVector::zeros(h));
            let b_x = bias.map_or_else(zeros, |b| Layout::KERAS.split_vector(&b.data));
            layer.push(Direction {
                weights: Weights {
                    blocks: blocks(
                        Layout::KERAS.split(&kernel),
                        Layout::KERAS.split(&recurrent),
                        b_x,
                        zeros(),
                    ),
                    peepholes: None,
                    projection: None,
                },
                options: config.options,
                reverse: (n == 1) != config.go_backwards,
            });
            if ["kernel", "recurrent_kernel", "bias"]
                .iter()
                .any(|name| recording.has(&named(prefix, "fresh.", name)))
            {
                let (kernel, recurrent, bias) = read("fresh.")?;
                let name = |name| named(prefix, "fresh.", name);
                fresh.push(is_glorot(name("kernel"), &kernel));
                fresh.push(is_orthogonal(name("recurrent_kernel"), &recurrent));
                if let Some(bias) = bias {
                    fresh.push(is_forget_bias(name("bias"), &bias, config.unit_forget_bias));
                }
            }
        }
        let directions = prefixes.len();
        let mut get = |name: String, shape: &[usize]| {
            let tensor = recording.shaped(&name, shape).cloned();
            used.push(name);
            tensor
        };
        // One state for each direction, (B, H); as (directions, B, H) here.
        let mut both = |name: &str| {
            let mut data = Vec::new();
            for prefix in &prefixes {
                data.extend(get(format!("{prefix}{name}"), &[batch_size, h])?.data);
            }
            Ok::<_, ExchangeError>(Tensor::new(&[directions, batch_size, h], data))
        };
        let any = |names: [&str; 2]| {
            let all = prefixes
                .iter()
                .flat_map(|p| names.map(|name| format!("{p}{name}")));
            all.into_iter().any(|name| recording.has(&name))
        };
        let sizes = vec![(h, h); directions];
        let initial = match any(["h0", "c0"]) {
            true => states(&both("h0")?, &both("c0")?),
            false => zero_states(&sizes, batch_size),
        };
        let has_gradients = recording.tensors.keys().any(|name| name.contains("grad."));
        let last = match any(["wh", "wc"]) {
            true => states(&both("wh")?, &both("wc")?),
            false => zero_states(&sizes, batch_size),
        };
        let mut outputs: Vec<_> = OPTIONAL
            .into_iter()
            .filter(|name| {
                let of_any = |prefix: &&str| {
                    recording.has(&format!("{prefix}{name}"))
                        || recording.has(&format!(
                            "grad.{prefix}{}",
                            name.trim_start_matches("grad.")
                        ))
                };
                prefixes.iter().any(of_any) || recording.has(name)
            })
            .collect();
        if has_gradients {
            outputs.extend(["grad", "loss", "grad.x"]);
        }
        if any(["hn", "cn"]) || any(["wh", "wc"]) {
            outputs.push("states");
        }
        let has_loss = outputs.contains(&"loss") || recording.has("wy");
        let loss = Loss {
            wy: match has_loss {
                true => AXES.sequences(&get("wy".into(), &[batch_size, seq_len, directions * h])?),
                false => vec![vec![DVector::zeros(directions * h); seq_len]; batch_size],
            },
            last,
        };
        let lengths = match recording.has("lengths") {
            true => {
                used.push("lengths".into());
                recording.counts("lengths", &[batch_size], seq_len)?
            }
            false => vec![seq_len; batch_size],
        };
        let keras = Self {
            case: Case {
                layers: vec![layer],
                x: AXES.sequences(x),
                lengths,
                initial,
                // Within Bidirectional Keras turns the repeating off.
                padding: match directions {
                    1 => Padding::Repeat,
                    _ => Padding::Zero,
                },
                in_reading_order: directions == 1,
                window: None,
                loss,
            },
            prefixes,
            has_bias: config.use_bias,
            outputs,
            prefix_first,
            fresh,
        };
        Ok((keras, used))
    }

    fn named(&self, prefix: &str, part: &str, name: &str) -> String {
        match self.prefix_first {
            true => format!("{prefix}{part}{name}"),
            false => format!("{part}{prefix}{name}"),
        }
    }
}

/// What the layer was told.
struct Config {
    options: Options,
    use_bias: bool,
    unit_forget_bias: bool,
    go_backwards: bool,
}

impl Config {
    fn read(recording: &Recording) -> Result<Self, ExchangeError> {
        let entry = recording
            .entry("config")
            .unwrap_or(Value::Object(Map::new()));
        let wrong = |why: String| ExchangeError::Metadata {
            key: "config".into(),
            why,
        };
        let Value::Object(entries) = entry else {
            return Err(wrong("is not a JSON object".into()));
        };
        let has_bias = ["bias", "fw.bias"].iter().any(|name| recording.has(name));
        let mut config = Self {
            options: Options::default(),
            use_bias: has_bias,
            unit_forget_bias: true,
            go_backwards: false,
        };
        for (key, value) in &entries {
            let flag = || {
                value
                    .as_bool()
                    .ok_or_else(|| wrong(format!("{key} is {value}, expected true or false")))
            };
            match key.as_str() {
                "activation" => {
                    config.options.candidate = activation(value)?;
                    config.options.cell = activation(value)?;
                }
                "recurrent_activation" => config.options.gate = activation(value)?,
                "use_bias" => config.use_bias = flag()?,
                "unit_forget_bias" => config.unit_forget_bias = flag()?,
                "go_backwards" => config.go_backwards = flag()?,
                // How the outputs are returned is seen from the tensors.
                "return_sequences" | "return_state" | "unroll" | "use_cudnn" | "name" | "units"
                | "dtype" => {}
                "merge_mode" if value == "concat" => {}
                "dropout" | "recurrent_dropout" | "seed"
                    if value.as_f64() == Some(0.0) || value.is_null() => {}
                _ => {
                    return Err(ExchangeError::Unsupported {
                        what: format!("Keras' {key} = {value}"),
                    });
                }
            }
        }
        Ok(config)
    }
}

fn activation(value: &Value) -> Result<Activation, ExchangeError> {
    Ok(match value.as_str() {
        Some("sigmoid") => Activation::Sigmoid,
        Some("tanh") => Activation::Tanh,
        Some("relu") => Activation::Relu,
        Some("linear") => Activation::Affine(1.0, 0.0),
        Some("hard_sigmoid") => Activation::HardSigmoid(1.0 / 6.0, 0.5),
        Some("elu") => Activation::Elu(1.0),
        Some("softsign") => Activation::Softsign,
        Some("softplus") => Activation::Softplus,
        _ => {
            return Err(ExchangeError::Unsupported {
                what: format!("Keras' activation {value}"),
            });
        }
    })
}

/// Uniform in ±√(6 / (D + 4H)).
fn is_glorot(tensor: String, kernel: &Tensor) -> Row {
    let limit = (6.0 / (kernel.shape[0] + kernel.shape[1]) as f64).sqrt();
    Row {
        tensor,
        finding: Finding::Stated {
            what: "within Glorot's limits",
            off: kernel.data.iter().map(|w| w.abs() - limit).fold(0.0, worse),
            tolerance: 1e-7,
        },
    }
}

/// Rows of length 1 at right angles.
fn is_orthogonal(tensor: String, kernel: &Tensor) -> Row {
    let rows = matrix(kernel);
    let off = &rows * rows.transpose() - DMatrix::identity(rows.nrows(), rows.nrows());
    Row {
        tensor,
        finding: Finding::Stated {
            what: "orthonormal rows",
            off: off.iter().map(|v| v.abs()).fold(0.0, worse),
            tolerance: 1e-6,
        },
    }
}

/// 1 for the forget gate if asked for, 0 for the others.
fn is_forget_bias(tensor: String, bias: &Tensor, unit_forget_bias: bool) -> Row {
    let h = bias.data.len() / 4;
    let expected = |n: usize| f64::from(u8::from(unit_forget_bias && n / h == 1));
    let offs = bias
        .data
        .iter()
        .enumerate()
        .map(|(n, b)| (b - expected(n)).abs());
    Row {
        tensor,
        finding: Finding::Stated {
            what: "a forget bias of 1, or of 0 where unit_forget_bias is off",
            off: offs.fold(0.0, worse),
            tolerance: 0.0,
        },
    }
}

/// The larger, or NaN.
fn worse(a: f64, b: f64) -> f64 {
    if b.is_nan() || b > a { b } else { a }
}

impl Computation for Keras {
    fn format(&self) -> &'static str {
        "Keras"
    }

    fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.case)
    }

    fn compute(&self, mistake: Option<Mistake>) -> Tensors {
        let (case, mut out) = (&self.case, Tensors::new());
        let has = |name: &str| self.outputs.contains(&name);
        let outcome = case.outcome(mistake);
        let h = case.layers[0][0].weights.hidden_size();
        put(
            &mut out,
            "y",
            AXES.tensor(&outcome.y, h * self.prefixes.len()),
        );
        if has("states") {
            let [hn, cn] = state_tensors(&outcome.last);
            for (n, prefix) in self.prefixes.iter().enumerate() {
                put(&mut out, &format!("{prefix}hn"), hn.part(n));
                put(&mut out, &format!("{prefix}cn"), cn.part(n));
            }
        }
        if has("loss") {
            put(&mut out, "loss", Tensor::new(&[1], vec![outcome.loss]));
        }
        if !has("grad") {
            return out;
        }
        let gradients = case.gradients(&outcome, mistake);
        let d = case.layers[0][0].weights.blocks[0].w_x.ncols();
        put(&mut out, "grad.x", AXES.tensor(&gradients.x, d));
        let [h0, c0] = state_tensors(&gradients.initial);
        for (n, (prefix, grad)) in self.prefixes.iter().zip(&gradients.weights).enumerate() {
            let mut put =
                |name: &str, tensor| put(&mut out, &self.named(prefix, "grad.", name), tensor);
            for (name, tensor) in keras_tensors(grad, self.has_bias) {
                put(name, tensor);
            }
            if has("grad.h0") {
                put("h0", h0.part(n));
            }
            if has("grad.c0") {
                put("c0", c0.part(n));
            }
        }
        out
    }

    fn statements(&self) -> Vec<Row> {
        self.fresh.clone()
    }
}

/// `kernel`, `recurrent_kernel` and `bias` of one direction.
pub(crate) fn keras_tensors(weights: &Weights<f64>, has_bias: bool) -> Vec<(&'static str, Tensor)> {
    let blocks = weights.blocks.each_ref();
    let mut all = vec![
        ("kernel", Layout::KERAS.join(blocks.map(|block| &block.w_x))),
        (
            "recurrent_kernel",
            Layout::KERAS.join(blocks.map(|block| &block.w_h)),
        ),
    ];
    if has_bias {
        all.push((
            "bias",
            Layout::KERAS.join_vector(blocks.map(|block| &block.b_x)),
        ));
    }
    all
}
