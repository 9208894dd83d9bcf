//! What `lstm bench` times.

use crate::args::EngineName;
use lstm_fast::{Fast, FastReader, Precision};
use lstm_model::{
    Corpus, Cut, DataConfig, Init, LanguageTask, ModelError, Network, NetworkConfig, Optimizer,
    OptimizerState, Parameters, Reader, Recurrent, Task, Workers,
};
use std::fmt;
use std::str::FromStr;

/// Characters that the generation workload writes.
pub const WRITTEN: usize = 2000;

/// The embedding of every network.
const EMBED_SIZE: usize = 64;

const UNKNOWN: &str = "no such workload; there are W1, W2, W2-half, W3, W4-Hn for n units (as in W4-H256), odd and even";

/// A network and what is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    name: &'static str,
    layers: usize,
    hidden_size: usize,
    vocab_size: usize,
    /// B and T of a training step; none where the network writes.
    batch: Option<(usize, usize)>,
    /// Of the weights that it writes with.
    precision: Precision,
}

impl Workload {
    /// What is timed if nothing else is asked for.
    pub fn defaults() -> Vec<Self> {
        let names = "W1 W2 W3 W4-H64 W4-H128 W4-H256 W4-H512 W4-H1024";
        let known = |name: &str| name.parse().expect("it is one of them");
        names.split(' ').map(known).collect()
    }

    pub fn is_generation(&self) -> bool {
        self.batch.is_none()
    }

    /// Characters of one step: B T, or the one that is written.
    pub fn tokens(&self) -> usize {
        self.batch.map_or(1, |(b, t)| b * t)
    }

    /// Floating-point operations of a training step by the book: two for each weight of a matrix and
    /// each character, and twice as many again on the way back.
    pub fn analytic_flops(&self) -> f64 {
        self.flops(self.tokens())
    }

    /// Those of the analytic operations that `engine` really does, with a batch shared out among
    /// `threads`: the fast engine multiplies W_x not once for each character but once for each kind
    /// in a thread's part ([`Fast::input_rows`]). Padding to whole registers is not counted.
    pub fn executed_flops(&self, engine: EngineName, threads: usize) -> f64 {
        let (EngineName::Fast, Some((b, t))) = (engine, self.batch) else {
            return self.analytic_flops();
        };
        let parts = threads.min(b);
        let edge = |n: usize| n * b / parts;
        let rows = |n| Fast::input_rows(self.vocab_size, (edge(n + 1) - edge(n)) * t);
        self.flops((0..parts).map(rows).sum())
    }

    /// `input_rows` is how many rows the first layer's input product has.
    fn flops(&self, input_rows: usize) -> f64 {
        let (h, n) = (self.hidden_size as f64, self.tokens() as f64);
        let first = 4.0 * h * EMBED_SIZE as f64 * input_rows as f64;
        let above = (self.layers - 1) as f64 * 4.0 * h * h * n;
        let recurrent = self.layers as f64 * 4.0 * h * h * n;
        let head = h * self.vocab_size as f64 * n;
        3.0 * 2.0 * (first + above + recurrent + head)
    }

    /// The weights that must be read for each character that is written, in bytes. Of the first
    /// layer's W_x E it is one column.
    pub fn bytes_per_character(&self) -> f64 {
        let (h, v) = (self.hidden_size, self.vocab_size);
        let first = 4 * h * (h + 1);
        let above = (self.layers - 1) * 4 * h * (2 * h + 1);
        let bytes = match self.precision {
            Precision::Single => 4,
            Precision::Half => 2,
        };
        ((first + above) * bytes + (v * h + v) * 4) as f64
    }

    /// What writes with a network. Half precision is the fast engine's, whichever is asked for.
    pub fn reader<'a, R: Recurrent<Scalar = f32>>(
        &self,
        network: &'a Network<R>,
        threads: usize,
    ) -> Box<dyn Reader<f32> + 'a> {
        match self.precision {
            Precision::Single => Box::new(R::reader(network, threads)),
            Precision::Half => {
                let network = network.to_engine::<Fast>();
                Box::new(FastReader::new(&network, threads, Precision::Half))
            }
        }
    }

    pub fn network<R: Recurrent<Scalar = f32>>(&self) -> Result<Network<R>, ModelError> {
        let config = NetworkConfig {
            vocab_size: self.vocab_size,
            embed_size: EMBED_SIZE,
            hidden_size: self.hidden_size,
            layers: self.layers,
            dropout: 0.0,
            head_dropout: 0.0,
            init: Init::PytorchUniform,
        };
        Network::init(config, 1)
    }

    /// As many characters as a batch reads and predicts, the same each time, without a pattern.
    fn corpus(&self, (batch_size, seq_len): (usize, usize)) -> Result<Corpus, ModelError> {
        let scattered = |n: u32| (n.wrapping_mul(2_654_435_761) >> 16) % self.vocab_size as u32;
        let tokens: Vec<u32> = (0..=(batch_size * seq_len) as u32).map(scattered).collect();
        let config = DataConfig {
            cut: Cut::Streams,
            batch_size,
            seq_len,
            val_fraction: 0.0,
            seed: 1,
        };
        Corpus::new(&tokens, config)
    }
}

impl FromStr for Workload {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let workload = |name, layers, hidden_size, vocab_size, batch| Self {
            name,
            layers,
            hidden_size,
            vocab_size,
            batch,
            precision: Precision::Single,
        };
        Ok(match name {
            "W1" => workload("W1", 2, 256, 64, Some((128, 100))),
            "W2" => workload("W2", 2, 256, 64, None),
            "W2-half" => Self {
                precision: Precision::Half,
                ..workload("W2-half", 2, 256, 64, None)
            },
            "W3" => workload("W3", 1, 128, 64, Some((32, 64))),
            "odd" => workload("odd", 1, 200, 97, Some((50, 100))),
            "even" => workload("even", 1, 208, 96, Some((48, 100))),
            _ => match name.strip_prefix("W4-H").map(str::parse) {
                Some(Ok(units @ 1..)) => workload("W4-H", 1, units, 64, Some((32, 100))),
                _ => return Err(UNKNOWN),
            },
        })
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            "W4-H" => write!(f, "W4-H{}", self.hidden_size),
            name => f.write_str(name),
        }
    }
}

/// Training steps, one like the other: the same batch from zero states.
pub struct Training<R: Recurrent<Scalar = f32>> {
    task: LanguageTask<R>,
    network: Network<R>,
    grad: Network<R>,
    adam: OptimizerState<Network<R>>,
}

impl<R: Recurrent<Scalar = f32>> Training<R> {
    /// `None` where the workload is not to train.
    pub fn new(workload: &Workload, threads: usize) -> Result<Option<Self>, ModelError> {
        let Some(batch) = workload.batch else {
            return Ok(None);
        };
        let (network, workers) = (workload.network::<R>()?, Workers::new(threads)?);
        Ok(Some(Self {
            task: LanguageTask::new(workload.corpus(batch)?, &network, workers),
            adam: OptimizerState::new(Optimizer::ADAM, &network),
            grad: network.zeros_like(),
            network,
        }))
    }

    /// Gradient and descent, without clipping.
    pub fn step(&mut self) {
        self.grad.set_zero();
        self.task.gradient(&self.network, 0, &mut self.grad);
        self.adam.step(&mut self.network, &self.grad, 1e-3);
    }
}

/// Reads a character and writes [`WRITTEN`] others, the likeliest each time; less if `go_on` says no.
pub fn write(reader: &mut dyn Reader<f32>, go_on: impl Fn() -> bool) -> Vec<u32> {
    let mut next = 0;
    let mut read = || {
        reader.read(&[next]);
        next = likeliest(reader.logits());
        next
    };
    (0..WRITTEN)
        .take_while(|_| go_on())
        .map(|_| read())
        .collect()
}

fn likeliest(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (id, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = id;
        }
    }
    best as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_counted_as_the_peers_count_it() {
        let flops = |name: &str| name.parse::<Workload>().unwrap().analytic_flops();
        // 3 · 2 · 12,800 · (4·256·(64 + 256) + 4·256·(256 + 256) + 256·64)
        assert_eq!(flops("W1"), 66_689_433_600.0);
        assert_eq!(flops("W3"), 3.0 * 2.0 * 2048.0 * (512.0 * 192.0 + 8192.0));
        assert_eq!(flops("W4-H3"), 6.0 * 3200.0 * (12.0 * 67.0 + 3.0 * 64.0));
    }

    #[test]
    fn the_fast_engine_multiplies_the_input_once_for_each_kind_and_thread() {
        let w1: Workload = "W1".parse().unwrap();
        let saved = |engine| w1.analytic_flops() - w1.executed_flops(engine, 2);
        assert_eq!(saved(EngineName::Spec), 0.0);
        let rows = 12_800.0 - 2.0 * 64.0;
        assert_eq!(saved(EngineName::Fast), 6.0 * 1024.0 * 64.0 * rows);
    }

    #[test]
    fn names_come_back_and_others_are_refused() {
        for name in [
            "W1", "W2", "W2-half", "W3", "W4-H1", "W4-H1024", "odd", "even",
        ] {
            assert_eq!(name.parse::<Workload>().unwrap().to_string(), name);
        }
        for name in ["", "W4", "W4-H", "W4-H0", "W4-H-1", "w1", "W1b"] {
            assert_eq!(name.parse::<Workload>(), Err(UNKNOWN));
        }
    }
}
