//! The tables of training on several machines: a model on paper, not a measurement.

use lstm_bench::{Shape, Workload};
use std::fmt::Write;

/// Operations that a machine computes in a second: sixteen cores, each as fast as one in the record.
const MACHINE: f64 = 16.0 * 85e9;

/// Bytes of a number.
const NUMBER: f64 = 4.0;

/// Bytes of a piece of the sum, as lstm-train sends it.
const PIECE: f64 = 262_144.0;

/// A network between machines. A machine sends or receives at this rate, but not both at once.
struct Link {
    gbit_per_s: f64,
    /// The seconds until the first byte of a message arrives.
    latency: f64,
}

const LINKS: [Link; 3] = [
    Link {
        gbit_per_s: 1.0,
        latency: 50e-6,
    },
    Link {
        gbit_per_s: 10.0,
        latency: 20e-6,
    },
    Link {
        gbit_per_s: 100.0,
        latency: 5e-6,
    },
];

impl Link {
    /// The time of a message.
    fn seconds(&self, bytes: f64) -> f64 {
        self.latency + 8.0 * bytes / (1e9 * self.gbit_per_s)
    }

    /// All send their gradients to machine 0, one after the other, and get the sum back.
    fn gathered(&self, gradient: f64, machines: usize) -> f64 {
        2.0 * (machines - 1) as f64 * self.seconds(gradient)
    }

    /// Half of the machines send to the other half, and so on until one is left; back the same way.
    fn tree(&self, gradient: f64, machines: usize) -> f64 {
        2.0 * (machines as f64).log2().ceil() * self.seconds(gradient)
    }

    /// The sum travels from machine to machine in pieces. The first piece arrives after machines − 1
    /// messages. Each further piece takes two more, because a machine in the middle receives and sends it.
    /// The result is passed on in the same way.
    fn chain(&self, gradient: f64, machines: usize) -> f64 {
        let pieces = (gradient / PIECE).ceil();
        let each = if machines > 2 { 2.0 } else { 1.0 };
        let messages = (machines - 1) as f64 + each * (pieces - 1.0);
        2.0 * messages * self.seconds(gradient.min(PIECE))
    }
}

/// The rows of a table: machines; the time of a step in milliseconds with the gradient gathered at one
/// machine, by a tree, and along the chain; with the chain, how many times as fast as one machine, first
/// with the same batch and then with a batch as many times as large.
fn rows(shape: &Shape) -> String {
    let gradient = NUMBER * shape.config().parameter_count() as f64;
    let alone = shape.fast_flops(1) / MACHINE;
    let mut rows = String::new();
    for link in LINKS {
        for machines in [2, 4, 8, 16, 32, 64] {
            let share = alone / machines.min(shape.batch_size) as f64;
            let ways = [Link::gathered, Link::tree, Link::chain];
            let [gathered, tree, chain] = ways.map(|way| way(&link, gradient, machines));
            let ms = |exchange| format!("{:.1}", 1e3 * (share + exchange));
            writeln!(
                rows,
                "| {} | {machines} | {} | {} | {} | {:.1} | {:.1} |",
                link.gbit_per_s,
                ms(gathered),
                ms(tree),
                ms(chain),
                alone / (share + chain),
                machines as f64 * alone / (alone + chain),
            )
            .expect("a string can grow");
        }
    }
    rows
}

/// The tables, each with the name of its file.
pub fn tables() -> [(&'static str, String); 2] {
    let rows = |name: &str| {
        let workload: Workload = name.parse().expect("it is a workload");
        rows(&workload.shape)
    };
    [
        ("machines_w1.txt", rows("W1")),
        ("machines_h1024.txt", rows("W4-H1024")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use lstm_model::{Batched, Parameters};

    #[test]
    fn parameters_are_counted_as_the_network_counts_them() {
        for name in ["W1", "W4-H1024", "odd"] {
            let shape = name.parse::<Workload>().unwrap().shape;
            let network = shape.network::<Batched<f32>>().unwrap();
            let counted = shape.config().parameter_count();
            assert_eq!(counted, network.parameter_count(), "{name}");
        }
    }

    #[test]
    fn exchanges_worked_by_hand() {
        // A piece takes 1 ms, and the gradient has four.
        let link = Link {
            gbit_per_s: 8e-6 * PIECE,
            latency: 0.0,
        };
        let ms = |way: fn(&Link, f64, usize) -> f64, machines| {
            (1e3 * way(&link, 4.0 * PIECE, machines)).round() as u32
        };
        assert_eq!([2, 4, 8].map(|m| ms(Link::gathered, m)), [8, 24, 56]);
        assert_eq!([2, 4, 8].map(|m| ms(Link::tree, m)), [8, 16, 24]);
        assert_eq!([2, 4, 8].map(|m| ms(Link::chain, m)), [8, 18, 26]);
    }
}
