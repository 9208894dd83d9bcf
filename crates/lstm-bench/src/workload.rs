//! The named workloads.

use crate::{Application, Shape};
use lstm_fast::{Fast, FastReader, Precision};
use lstm_model::{Engine, Layer, Network, Reader};
use std::fmt;
use std::str::FromStr;

/// The number of characters that a generation workload generates.
pub const GENERATED: usize = 2000;

const UNKNOWN: &str = "no such workload; there are W1, W2, W2-half, W2-Bn for n texts side by side (as in W2-B16), W3, W4-Hn for n units (as in W4-H256), step-Hn for one step of a layer of n units, odd, even, translation, summarisation and labelling";

/// A network and the work that is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    name: &'static str,
    /// The network and its batch; not read for an application.
    pub shape: Shape,
    /// The work that is timed.
    pub work: Work,
}

/// The work of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Training steps.
    Train,
    /// Generating characters one by one, in as many texts as the shape has sequences, with weights of this
    /// precision.
    Generate(Precision),
    /// Single steps of a layer, which keeps its state. D = H.
    Step,
    /// Training steps of an application, which has sizes of its own ([`Application::sizes`]).
    Apply(Application),
}

impl Workload {
    /// The workloads that are timed by default.
    pub fn defaults() -> Vec<Self> {
        let names = "W1 W2 W3 W4-H64 W4-H128 W4-H256 W4-H512 W4-H1024";
        let known = |name: &str| name.parse().expect("it is one of them");
        names.split(' ').map(known).collect()
    }

    /// The number of characters of a step: B·T in training, B in generation; the mean number of target
    /// tokens in an application; 1 for a step of a layer.
    pub fn tokens(&self) -> f64 {
        match self.work {
            Work::Train | Work::Generate(_) => self.shape.tokens() as f64,
            Work::Step => 1.0,
            Work::Apply(application) => application.tokens(),
        }
    }

    /// The floating-point operations of a training step that the engine of this name executes, with the
    /// batch shared out among `threads` threads. Padding to whole registers is not counted.
    pub fn executed_flops(&self, engine: &str, threads: usize) -> f64 {
        if engine == Fast::NAME {
            self.shape.fast_flops(threads)
        } else {
            self.shape.analytic_flops()
        }
    }

    /// The bytes of the weights that are read for each generated character of all texts. Of the first
    /// layer's W_x E, one column is read.
    pub fn bytes_per_character(&self, precision: Precision) -> f64 {
        let (h, v) = (self.shape.hidden_size, self.shape.vocab_size);
        let first = 4 * h * (h + 1);
        let above = (self.shape.layers - 1) * 4 * h * (2 * h + 1);
        let bytes = match precision {
            Precision::Single => 4,
            Precision::Int16 => 2,
        };
        ((first + above) * bytes + (v * h + v) * 4) as f64
    }
}

/// The reader of a network. Only the fast engine has 16-bit weights, so it is used for them on every `R`.
pub fn reader<R: Engine<Scalar = f32>>(
    network: &Network<R>,
    threads: usize,
    precision: Precision,
) -> Box<dyn Reader<f32> + '_> {
    match precision {
        Precision::Single => Box::new(network.reader(threads)),
        Precision::Int16 => {
            let network = network.to_engine::<Fast>();
            Box::new(FastReader::of_network(&network, threads, Precision::Int16))
        }
    }
}

/// Reads a character of each of `texts` texts and generates [`GENERATED`] characters of each, always the
/// most probable. It stops early if `go_on` returns false. The result is the last characters.
pub fn generate(reader: &mut dyn Reader<f32>, texts: usize, go_on: impl Fn() -> bool) -> Vec<u32> {
    let mut next: Vec<_> = (0..texts as u32).map(|n| n % 2).collect();
    for _ in (0..GENERATED).take_while(|_| go_on()) {
        reader.read(&next);
        let logits = reader.logits();
        let of_each = logits.chunks_exact(logits.len() / texts);
        next = of_each.map(most_probable).collect();
    }
    next
}

fn most_probable(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (id, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = id;
        }
    }
    best as u32
}

impl FromStr for Workload {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let train = |name, layers, hidden_size, vocab_size, batch_size, seq_len| Self {
            name,
            shape: Shape {
                layers,
                hidden_size,
                vocab_size,
                embed_size: 64,
                batch_size,
                seq_len,
            },
            work: Work::Train,
        };
        let w1 = train("W1", 2, 256, 64, 128, 100);
        let generate = |name, precision, texts| Self {
            name,
            shape: Shape {
                batch_size: texts,
                seq_len: 1,
                ..w1.shape
            },
            work: Work::Generate(precision),
        };
        let apply = |name, application| Self {
            name,
            work: Work::Apply(application),
            ..w1
        };
        let step = |units| Self {
            name: "step-H",
            shape: Shape {
                embed_size: units,
                ..train("", 1, units, 64, 1, 1).shape
            },
            work: Work::Step,
        };
        Ok(match name {
            "W1" => w1,
            "W2" => generate("W2", Precision::Single, 1),
            "W2-half" => generate("W2-half", Precision::Int16, 1),
            "W3" => train("W3", 1, 128, 64, 32, 64),
            "odd" => train("odd", 1, 200, 97, 50, 100),
            "even" => train("even", 1, 208, 96, 48, 100),
            "translation" => apply("translation", Application::Translation),
            "summarisation" => apply("summarisation", Application::Summarisation),
            "labelling" => apply("labelling", Application::Labelling),
            _ => {
                let (kind, number) = name.split_at(name.rfind(['H', 'B']).map_or(0, |at| at + 1));
                match (kind, number.parse()) {
                    ("W4-H", Ok(units @ 1..)) => train("W4-H", 1, units, 64, 32, 100),
                    ("W2-B", Ok(texts @ 1..)) => generate("W2-B", Precision::Single, texts),
                    ("step-H", Ok(units @ 1..)) => step(units),
                    _ => return Err(UNKNOWN),
                }
            }
        })
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            "W4-H" | "step-H" => write!(f, "{}{}", self.name, self.shape.hidden_size),
            "W2-B" => write!(f, "W2-B{}", self.shape.batch_size),
            name => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lstm_model::Spec;

    #[test]
    fn work_is_counted_as_the_peers_count_it() {
        let flops = |name: &str| name.parse::<Workload>().unwrap().shape.analytic_flops();
        // 3 · 2 · 12,800 · (4·256·(64 + 256) + 4·256·(256 + 256) + 256·64)
        assert_eq!(flops("W1"), 66_689_433_600.0);
        assert_eq!(flops("W3"), 3.0 * 2.0 * 2048.0 * (512.0 * 192.0 + 8192.0));
        assert_eq!(flops("W4-H3"), 6.0 * 3200.0 * (12.0 * 67.0 + 3.0 * 64.0));
    }

    #[test]
    fn the_fast_engine_multiplies_the_input_once_for_each_kind_and_thread() {
        let w1: Workload = "W1".parse().unwrap();
        let saved = |executed| w1.shape.analytic_flops() - executed;
        assert_eq!(saved(w1.executed_flops(Spec::<f32>::NAME, 2)), 0.0);
        let rows = 12_800.0 - 2.0 * 64.0;
        assert_eq!(
            saved(w1.executed_flops(Fast::NAME, 2)),
            6.0 * 1024.0 * 64.0 * rows
        );
    }

    #[test]
    fn names_come_back_and_others_are_refused() {
        for name in [
            "W1",
            "W2",
            "W2-half",
            "W3",
            "W4-H1",
            "W4-H1024",
            "W2-B1",
            "W2-B16",
            "step-H32",
            "odd",
            "even",
            "translation",
            "summarisation",
            "labelling",
        ] {
            assert_eq!(name.parse::<Workload>().unwrap().to_string(), name);
        }
        for name in [
            "", "W4", "W4-H", "W4-H0", "W4-H-1", "W2-B0", "W2-H3", "step-H", "w1", "W1b",
        ] {
            assert_eq!(name.parse::<Workload>(), Err(UNKNOWN));
        }
    }
}
