//! Times one training step (E1–E23), one step of generation and one step of a small layer, with every
//! engine in one group, and the fast and the batched engine at several sizes.
//!
//! `cargo bench -p lstm-benches` runs everything, and with `-- training/char` one shape.

#![allow(missing_docs, reason = "criterion's macros define undocumented items")]

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use criterion::{criterion_group, criterion_main};
use lstm_bench::{MIDDLE, OneStep, SHAPES, Shape, Step, assert_same_logits, assert_same_loss};
use lstm_fast::Fast;
use lstm_model::{Batched, Engine, Layer, Reader, Spec};
use std::cell::LazyCell;
use std::fmt::Display;
use std::hint::black_box;
use std::thread::available_parallelism;

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn all_threads() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Times a training step. What it needs is made when the filter has let it through, and once.
fn train<R: Engine<Scalar = f32>>(
    group: &mut Group<'_>,
    id: BenchmarkId,
    shape: &Shape,
    threads: usize,
    agreement: impl Fn(),
) {
    let mut step = None;
    group.bench_function(id, |b| {
        let step = step.get_or_insert_with(|| {
            agreement();
            Step::<R>::new(shape, threads).expect("it is a possible shape")
        });
        b.iter(|| black_box(step.run()));
    });
}

fn training(c: &mut Criterion) {
    let mut group = c.benchmark_group("training");
    group.sample_size(10);
    for (name, shape) in &SHAPES {
        group.throughput(Throughput::Elements(shape.tokens() as u64));
        let threads = all_threads();
        let agreement = LazyCell::new(|| assert_same_loss(shape, threads));
        let agree = || *agreement;
        let id = |engine| BenchmarkId::new(*name, engine);
        train::<Fast>(&mut group, id(Fast::NAME), shape, threads, agree);
        train::<Batched<f32>>(&mut group, id(Batched::<f32>::NAME), shape, threads, agree);
        train::<Spec<f32>>(&mut group, id(Spec::<f32>::NAME), shape, threads, agree);
    }
    group.finish();
}

/// Times one token read, with its logits.
fn read<R: Engine<Scalar = f32>>(
    group: &mut Group<'_>,
    id: BenchmarkId,
    shape: &Shape,
    threads: usize,
    agreement: impl Fn(),
) {
    let mut reader = None;
    group.bench_function(id, |b| {
        let reader = reader.get_or_insert_with(|| {
            agreement();
            // A reader may borrow its network, so the network lives as long as the benchmarks run.
            let network = shape.network::<R>().expect("it is a possible shape");
            Box::leak(Box::new(network)).reader(threads)
        });
        b.iter(|| {
            reader.read(&[3]);
            black_box(reader.logits()[0])
        });
    });
}

fn generation(c: &mut Criterion) {
    let mut group = c.benchmark_group("generation");
    group.throughput(Throughput::Elements(1));
    for (name, shape) in &SHAPES {
        let threads = all_threads();
        let agreement = LazyCell::new(|| assert_same_logits(shape, threads));
        let agree = || *agreement;
        let id = |engine| BenchmarkId::new(*name, engine);
        read::<Fast>(&mut group, id(Fast::NAME), shape, threads, agree);
        read::<Batched<f32>>(&mut group, id(Batched::<f32>::NAME), shape, threads, agree);
        read::<Spec<f32>>(&mut group, id(Spec::<f32>::NAME), shape, threads, agree);
    }
    group.finish();
}

/// Times one step of a small layer that keeps its state.
fn one_step<R: Engine<Scalar = f32>>(group: &mut Group<'_>, units: usize) {
    let shape = Shape {
        hidden_size: units,
        embed_size: units,
        ..MIDDLE
    };
    let mut step = None;
    group.bench_function(BenchmarkId::new(R::NAME, units), |b| {
        let new = || OneStep::<R>::new(&shape).expect("it is a possible shape");
        let step = step.get_or_insert_with(new);
        b.iter(|| step.run());
    });
}

fn one_layer(c: &mut Criterion) {
    let mut group = c.benchmark_group("step");
    group.throughput(Throughput::Elements(1));
    for units in [32, 64, 128] {
        one_step::<Fast>(&mut group, units);
        one_step::<Batched<f32>>(&mut group, units);
        one_step::<Spec<f32>>(&mut group, units);
    }
    group.finish();
}

/// Times the fast and the batched engine at each value of one size.
fn vary<V: Display + Copy>(
    c: &mut Criterion,
    what: &str,
    values: impl IntoIterator<Item = V>,
    at: impl Fn(V) -> (Shape, usize),
) {
    let mut group = c.benchmark_group(what);
    group.sample_size(10);
    for value in values {
        let (shape, threads) = at(value);
        group.throughput(Throughput::Elements(shape.tokens() as u64));
        let id = |engine| BenchmarkId::new(engine, value);
        // The named shapes assert that the engines agree.
        train::<Fast>(&mut group, id(Fast::NAME), &shape, threads, || {});
        train::<Batched<f32>>(&mut group, id(Batched::<f32>::NAME), &shape, threads, || {});
    }
    group.finish();
}

fn hidden_size(c: &mut Criterion) {
    vary(c, "hidden size", [64, 128, 256, 512], |hidden_size| {
        (
            Shape {
                hidden_size,
                ..MIDDLE
            },
            all_threads(),
        )
    });
}

fn batch_size(c: &mut Criterion) {
    vary(c, "batch size", [1, 8, 32, 128], |batch_size| {
        (
            Shape {
                batch_size,
                ..MIDDLE
            },
            all_threads(),
        )
    });
}

fn sequence_length(c: &mut Criterion) {
    vary(c, "sequence length", [25, 100, 400], |seq_len| {
        (Shape { seq_len, ..MIDDLE }, all_threads())
    });
}

/// 1, 2, 4 … threads, and all.
fn threads(c: &mut Criterion) {
    let all = all_threads();
    let doubled = (0..).map(|n| 1 << n).take_while(move |&n| n < all);
    vary(c, "threads", doubled.chain([all]), |threads| {
        (MIDDLE, threads)
    });
}

criterion_group!(
    benches,
    training,
    generation,
    one_layer,
    hidden_size,
    batch_size,
    sequence_length,
    threads
);
criterion_main!(benches);
