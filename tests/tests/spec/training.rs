//! Five optimiser steps of PyTorch, one by one: embedding (E19), stack (E26), softmax head (E20),
//! masked cross-entropy (E21), truncated BPTT with the state carried, clipping (E18), Adam (E23).

use crate::torch::{layer, packed};
use crate::vectors::{Tensors, Vectors, assert_agree};
use lstm_bptt::clip_global_norm;
use lstm_model::{
    Alone, BatchState, Batched, Embedding, Engine, Head, Init, Network, NetworkConfig, NetworkPass,
    Parameters, Spec,
};
use lstm_text::Batch;
use lstm_train::{Optimizer, OptimizerState};
use nalgebra::{DMatrix, DVector};

/// Measured: 6e−16 on the final weights, less elsewhere.
const TOLERANCE: f64 = 1e-14;

fn network<R: Engine<Scalar = f64>>(v: &Vectors, prefix: &str) -> Network<R> {
    let (vocab_size, d, h) = (
        v.size("vocab_size"),
        v.size("embed_size"),
        v.size("hidden_size"),
    );
    let config = NetworkConfig {
        vocab_size,
        embed_size: d,
        hidden_size: h,
        layers: v.size("layers"),
        dropout: 0.0,
        head_dropout: 0.0,
        init: Init::PytorchUniform,
    };
    let mut network = Network::<R>::init(config, 0).unwrap();
    let get = |name: &str| v.get(&format!("{prefix}{name}"));
    // PyTorch's rows are our columns.
    let e = DMatrix::from_column_slice(d, vocab_size, get("embedding.weight"));
    network.embedding = Embedding::Table(e);
    for (l, to) in network.stack.layers.iter_mut().enumerate() {
        let d = to.input_size();
        *to = R::from_params(&layer(v, &format!("{prefix}lstm."), l, d));
    }
    network.head = Head {
        w: DMatrix::from_row_slice(vocab_size, h, get("head.weight")),
        b: DVector::from_column_slice(get("head.bias")),
    };
    network
}

/// By PyTorch's names; the bias is the sum of its two.
fn tensors<R: Engine<Scalar = f64>>(network: &Network<R>) -> Tensors {
    let row_major = |m: &DMatrix<f64>| m.transpose().as_slice().to_vec();
    let Embedding::Table(e) = &network.embedding else {
        panic!("the embedding is learned")
    };
    let mut out = Tensors::from([
        ("embedding.weight".to_owned(), e.as_slice().to_vec()),
        ("head.weight".to_owned(), row_major(&network.head.w)),
        ("head.bias".to_owned(), network.head.b.as_slice().to_vec()),
    ]);
    for (l, layer) in network.stack.layers.iter().enumerate() {
        let p = layer.to_params();
        out.insert(
            format!("weight_ih_l{l}"),
            packed(&p, |gate| gate.w_x.clone()),
        );
        out.insert(
            format!("weight_hh_l{l}"),
            packed(&p, |gate| gate.w_h.clone()),
        );
        let b = packed(&p, |gate| {
            DMatrix::from_column_slice(gate.b.len(), 1, gate.b.as_slice())
        });
        out.insert(format!("bias_l{l}"), b);
    }
    out
}

fn states(v: &Vectors, h: &str, c: &str) -> Vec<BatchState<f64>> {
    let size = v.size("hidden_size") * v.size("batch_size");
    let matrix = |name: &str, l: usize| {
        let numbers = &v.get(name)[l * size..(l + 1) * size];
        DMatrix::from_column_slice(v.size("hidden_size"), v.size("batch_size"), numbers)
    };
    (0..v.size("layers"))
        .map(|l| BatchState {
            h: matrix(h, l),
            c: matrix(c, l),
        })
        .collect()
}

fn batch(v: &Vectors, step: usize) -> Batch {
    let (batch_size, seq_len) = (v.size("batch_size"), v.size("seq_len"));
    let tokens = batch_size * seq_len;
    let rows = |from: usize| {
        let ids = &v.integers("ids")[from..from + tokens];
        ids.iter().map(|&id| u32::try_from(id).unwrap()).collect()
    };
    let mask = &v.integers("mask")[step * tokens..(step + 1) * tokens];
    Batch::new(
        seq_len,
        batch_size,
        rows(step * tokens),
        rows(step * tokens + batch_size),
        mask.iter().map(|&m| m == 1).collect(),
    )
}

fn trains_as_pytorch_does<R: Engine<Scalar = f64>>() {
    let v = Vectors::load("training");
    let mut params = network::<R>(&v, "init.");
    let none = params.zero_states(v.size("batch_size"));
    let mut carried = states(&v, "h0", "c0");
    let mut adam = OptimizerState::new(Optimizer::ADAM, &params);
    let (mut losses, mut norms) = (Vec::new(), Vec::new());
    for step in 0..v.size("steps") {
        let batch = batch(&v, step);
        let scale = 1.0 / batch.tokens() as f64;
        let mut grad = params.zeros_like();
        let (loss, _) =
            params.loss_and_gradient(NetworkPass::new(&batch, &carried), scale, &none, &mut grad);
        if step == 0 {
            let mut expected = tensors(&network::<R>(&v, "init."));
            for (name, tensor) in &mut expected {
                let recorded = match name.strip_prefix("bias_l") {
                    Some(l) => format!("grad1.lstm.bias_ih_l{l}"),
                    None if name.starts_with("weight") => format!("grad1.lstm.{name}"),
                    None => format!("grad1.{name}"),
                };
                *tensor = v.get(&recorded).to_vec();
            }
            assert_agree(&tensors(&grad), &expected, TOLERANCE);
        }
        losses.push(loss.nats * scale);
        carried = loss.last;
        norms.push(clip_global_norm(
            &mut grad.slices_mut(),
            v.number("max_norm"),
        ));
        adam.step(&mut params, &grad, v.number("learning_rate"), &Alone);
    }
    let named = |loss: &[f64], norm: &[f64], states: &[BatchState<f64>]| {
        let flat = |of: fn(&BatchState<f64>) -> &DMatrix<f64>| {
            states.iter().flat_map(|s| of(s).iter().copied()).collect()
        };
        Tensors::from([
            ("loss".to_owned(), loss.to_vec()),
            ("grad_norm".to_owned(), norm.to_vec()),
            ("hn".to_owned(), flat(|s| &s.h)),
            ("cn".to_owned(), flat(|s| &s.c)),
        ])
    };
    let recorded = named(v.get("loss"), v.get("grad_norm"), &states(&v, "hn", "cn"));
    assert_agree(&named(&losses, &norms, &carried), &recorded, TOLERANCE);
    assert_agree(
        &tensors(&params),
        &tensors(&network::<R>(&v, "final.")),
        TOLERANCE,
    );
}

#[test]
fn the_spec_engine_trains_as_pytorch_does() {
    trains_as_pytorch_does::<Spec<f64>>();
}

#[test]
fn the_batched_engine_trains_as_pytorch_does() {
    trains_as_pytorch_does::<Batched<f64>>();
}
