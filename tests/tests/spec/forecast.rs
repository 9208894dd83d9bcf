//! Forecasting networks against PyTorch: the quantile loss (E34), the loss of a normal distribution (E35),
//! and the gradient of every weight.

use crate::torch::{by_pytorchs_names, layer};
use crate::vectors::{Vectors, assert_agree, assert_made_by};
use lstm_gates::LstmParams;
use lstm_model::{Alone, Batched, Head, Layer, Spec};
use lstm_tasks::forecast::{Forecaster, ForecasterConfig, Objective, WindowBatch};
use nalgebra::{DMatrix, DVector};

/// Measured: below 1e−15.
const TOLERANCE: f64 = 1e-14;

fn network<R: Layer<Scalar = f64>>(v: &Vectors, objective: &Objective) -> Forecaster<R> {
    let config = ForecasterConfig {
        input_size: v.size("input_size"),
        hidden_size: v.size("hidden_size"),
        layers: v.size("layers"),
        outputs: v.size("targets") * objective.per_target(),
        dropout: 0.0,
    };
    let mut network = Forecaster::<R>::zeros(config.clone()).unwrap();
    for (l, to) in network.stack.layers.iter_mut().enumerate() {
        *to = R::from_params(&layer(v, "", l, to.input_size()));
    }
    network.head = Head {
        w: DMatrix::from_row_slice(config.outputs, config.hidden_size, v.get("head.weight")),
        b: DVector::from_column_slice(v.get("head.bias")),
    };
    network
}

fn is_pytorchs<R: Layer<Scalar = f64>>(name: &str, objective: &Objective) {
    let v = Vectors::load(name);
    let columns = v.size("seq_len") * v.size("batch_size");
    let lengths = v.integers("lengths").iter();
    let batch = WindowBatch {
        x: DMatrix::from_column_slice(v.size("input_size"), columns, v.get("x")),
        targets: v.get("y").to_vec(),
        present: v.integers("present").iter().map(|&m| m == 1).collect(),
        lengths: lengths.map(|&n| usize::try_from(n).unwrap()).collect(),
    };
    let n = batch.present.iter().filter(|&&present| present).count() as f64;
    let network = network::<R>(&v, objective);
    let mut grad = Forecaster::zeros(network.config().clone()).unwrap();
    let loss = network.loss_and_gradient(&batch, objective, None, 1.0 / n, &mut grad, &Alone);
    let layers: Vec<LstmParams<f64>> = grad.stack.layers.iter().map(Layer::to_params).collect();
    let mut found = by_pytorchs_names(&layers);
    let row_major = grad.head.w.transpose().as_slice().to_vec();
    found.insert("grad.head.weight".into(), row_major);
    found.insert("grad.head.bias".into(), grad.head.b.as_slice().to_vec());
    found.insert("loss".into(), vec![loss / n]);
    let mut expected = v.results();
    // Here y is the target, and no output.
    expected.remove("y");
    assert_agree(&found, &expected, TOLERANCE);
}

#[test]
fn the_loss_of_quantiles_and_its_gradient_are_pytorchs() {
    let objective = Objective::Quantiles(vec![0.05, 0.25, 0.5, 0.9]);
    is_pytorchs::<Spec<f64>>("forecast/quantiles", &objective);
    is_pytorchs::<Batched<f64>>("forecast/quantiles", &objective);
}

#[test]
fn the_loss_of_a_normal_distribution_and_its_gradient_are_pytorchs() {
    is_pytorchs::<Spec<f64>>("forecast/gaussian", &Objective::Gaussian);
    is_pytorchs::<Batched<f64>>("forecast/gaussian", &Objective::Gaussian);
}

#[test]
fn the_vectors_of_forecasts_were_made_by_the_script_as_it_stands() {
    assert_made_by(
        "make_forecast_vectors.py",
        "forecast",
        &["gaussian", "quantiles"],
    );
}
