//! One training step (E1–E23) and one step of generation, every engine in one group.
//!
//! `cargo bench` runs all; `cargo bench -- training/char` one shape.

#![allow(missing_docs, reason = "criterion's macros define undocumented items")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lstm_model::{
    Batched, Corpus, Cut, DataConfig, Init, LanguageTask, Loss, Network, NetworkConfig, Optimizer,
    OptimizerState, Parameters, Reader, Recurrent, Spec, Task, Workers,
};
use std::hint::black_box;

/// A named shape; every one has a vocabulary of 64 and is trained on random tokens.
struct Shape {
    name: &'static str,
    layers: usize,
    hidden_size: usize,
    embed_size: usize,
    batch_size: usize,
    seq_len: usize,
}

const SHAPES: [Shape; 3] = [
    Shape {
        name: "toy",
        layers: 1,
        hidden_size: 16,
        embed_size: 8,
        batch_size: 4,
        seq_len: 16,
    },
    Shape {
        name: "char",
        layers: 1,
        hidden_size: 128,
        embed_size: 64,
        batch_size: 32,
        seq_len: 64,
    },
    Shape {
        name: "article",
        layers: 2,
        hidden_size: 256,
        embed_size: 64,
        batch_size: 128,
        seq_len: 100,
    },
];

const VOCAB_SIZE: usize = 64;
const THREADS: usize = 2;

impl Shape {
    fn network<R: Recurrent<Scalar = f32>>(&self) -> Network<R> {
        let config = NetworkConfig {
            vocab_size: VOCAB_SIZE,
            embed_size: self.embed_size,
            hidden_size: self.hidden_size,
            layers: self.layers,
            dropout: 0.0,
            head_dropout: 0.0,
            init: Init::default(),
        };
        Network::init(config, 1).expect("the shapes are in range")
    }

    /// One batch, always the same.
    fn corpus(&self) -> Corpus {
        let tokens: Vec<u32> = (0..=self.tokens() as u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 16) % VOCAB_SIZE as u32)
            .collect();
        let config = DataConfig {
            cut: Cut::Streams,
            batch_size: self.batch_size,
            seq_len: self.seq_len,
            val_fraction: 0.0,
            seed: 1,
        };
        Corpus::new(&tokens, config).expect("the text is long enough")
    }

    fn tokens(&self) -> usize {
        self.batch_size * self.seq_len
    }
}

/// A training step ready to be run again and again.
struct Step<R: Recurrent<Scalar = f32>> {
    task: LanguageTask<R>,
    network: Network<R>,
    grad: Network<R>,
    adam: OptimizerState<Network<R>>,
}

impl<R: Recurrent<Scalar = f32>> Step<R> {
    fn new(shape: &Shape) -> Self {
        let network = shape.network::<R>();
        let workers = Workers::new(THREADS).expect("two threads can be had");
        Self {
            task: LanguageTask::new(shape.corpus(), &network, workers),
            adam: OptimizerState::new(Optimizer::ADAM, &network),
            grad: network.zeros_like(),
            network,
        }
    }

    fn run(&mut self) -> Loss {
        self.grad.set_zero();
        let loss = self.task.gradient(&self.network, 0, &mut self.grad);
        self.adam.step(&mut self.network, &self.grad, 1e-3);
        loss
    }
}

/// The engines must compute the same before it is worth timing them.
fn assert_agreement(shape: &Shape) {
    let (spec, batched) = (
        Step::<Spec<f32>>::new(shape).run(),
        Step::<Batched<f32>>::new(shape).run(),
    );
    let difference = (spec.nats - batched.nats).abs() / spec.nats;
    assert!(
        difference < 1e-5,
        "{}: losses differ by {difference:e}",
        shape.name
    );
}

fn training(c: &mut Criterion) {
    let mut group = c.benchmark_group("training");
    for shape in &SHAPES {
        assert_agreement(shape);
        group.throughput(Throughput::Elements(shape.tokens() as u64));
        group.sample_size(10);
        let mut batched = Step::<Batched<f32>>::new(shape);
        group.bench_function(BenchmarkId::new(shape.name, Batched::<f32>::NAME), |b| {
            b.iter(|| black_box(batched.run()));
        });
        let mut spec = Step::<Spec<f32>>::new(shape);
        group.bench_function(BenchmarkId::new(shape.name, Spec::<f32>::NAME), |b| {
            b.iter(|| black_box(spec.run()));
        });
    }
    group.finish();
}

fn generate<R: Recurrent<Scalar = f32>>(shape: &Shape, id: u32) -> f32 {
    let network = shape.network::<R>();
    let mut reader = R::reader(&network, THREADS);
    reader.read(&[id]);
    reader.logits()[0]
}

fn generation(c: &mut Criterion) {
    let mut group = c.benchmark_group("generation");
    group.throughput(Throughput::Elements(1));
    for shape in &SHAPES {
        let (spec, batched) = (
            generate::<Spec<f32>>(shape, 3),
            generate::<Batched<f32>>(shape, 3),
        );
        assert!(
            (spec - batched).abs() < 1e-5,
            "{}: {spec} and {batched}",
            shape.name
        );
        fn bench<R: Recurrent<Scalar = f32>>(
            group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
            shape: &Shape,
        ) {
            let network = shape.network::<R>();
            let mut reader = R::reader(&network, THREADS);
            group.bench_function(BenchmarkId::new(shape.name, R::NAME), |b| {
                b.iter(|| {
                    reader.read(&[3]);
                    black_box(reader.logits()[0])
                });
            });
        }
        bench::<Batched<f32>>(&mut group, shape);
        bench::<Spec<f32>>(&mut group, shape);
    }
    group.finish();
}

criterion_group!(benches, training, generation);
criterion_main!(benches);
