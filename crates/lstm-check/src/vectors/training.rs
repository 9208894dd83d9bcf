//! The vector `training`: four steps of Adam on a character model, in PyTorch's names.

use super::TestVector;
use super::draw::Draw;
use super::form::H;
use crate::Recording;
use crate::recorded::Trace;
use lstm_exchange::Tensor;
use rand::RngExt;

pub(super) fn vector() -> TestVector {
    let (v, d, layers, steps, seq_len, batch_size) = (5, 2, 2, 4, 4, 2);
    let mut draw = Draw::new(100);
    let mut recording = Recording::default();
    let mut put = |name: String, tensor| recording.tensors.insert(name, tensor);
    put("init.embed.weight".into(), draw.tensor(&[v, d]));
    for l in 0..layers {
        let inputs = if l == 0 { d } else { H };
        for (name, shape) in [
            ("weight_ih", &[4 * H, inputs][..]),
            ("weight_hh", &[4 * H, H]),
            ("bias_ih", &[4 * H]),
            ("bias_hh", &[4 * H]),
        ] {
            put(format!("init.lstm.{name}_l{l}"), draw.tensor(shape));
        }
    }
    put("init.head.weight".into(), draw.tensor(&[v, H]));
    put("init.head.bias".into(), draw.tensor(&[v]));
    let shape = [steps, seq_len + 1, batch_size];
    let ids = (0..shape.iter().product()).map(|_| f64::from(draw.0.random_range(0..v as u32)));
    put("ids".into(), Tensor::new(&shape, ids.collect()));
    for (key, text) in [
        (
            "optimizer",
            r#"{"class":"Adam","lr":0.01,"betas":[0.9,0.999],"eps":1e-8}"#,
        ),
        ("clip_norm", "0.5"),
        ("carry_state", "true"),
    ] {
        recording.metadata.insert(key.into(), text.into());
    }
    let trace = Trace::read(&recording)
        .expect("it has all that a trace needs")
        .lstm;
    let purpose = "four steps of Adam on a character model, clipped, the state carried (E18–E23)";
    TestVector::new("training", purpose, recording, &trace)
}
