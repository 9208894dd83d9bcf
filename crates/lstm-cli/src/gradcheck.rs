//! `lstm gradcheck`.

use crate::args::{CheckedEngine, GradcheckArgs};
use crate::count::counted;
use crate::error::{CliError, say};
use lstm_model::gradcheck::{CENTRAL_TOLERANCE, DUAL_TOLERANCE, GradientCheck, TensorReport};
use lstm_model::{Batched, Layer, NetworkConfig, Spec};

pub fn run(args: &GradcheckArgs) -> Result<(), CliError> {
    let config = NetworkConfig {
        vocab_size: args.vocab,
        embed_size: args.embed,
        hidden_size: args.hidden,
        layers: args.layers,
        ..NetworkConfig::default()
    };
    let engine = match args.engine {
        CheckedEngine::Batched => Batched::<f64>::NAME,
        CheckedEngine::Spec => Spec::<f64>::NAME,
    };
    let case = GradientCheck::random(config, args.batch, args.steps, args.seed)?;
    let (v, d, h, layers) = (args.vocab, args.embed, args.hidden, args.layers);
    let (b, t, seed) = (args.batch, args.steps, args.seed);
    say!(
        "the {engine} engine's gradient of a random network: V {v}, D {d}, H {h}, {}, B {b}, T {t}, seed {seed}",
        counted(layers, "layer"),
    );
    say!("against the spec engine's forward pass, differentiated in two independent ways;");
    say!("worst difference in each tensor, relative to its largest element\n");
    let reports = match args.engine {
        CheckedEngine::Batched => case.check::<Batched<f64>>(),
        CheckedEngine::Spec => case.check::<Spec<f64>>(),
    };
    say!("tensor              numbers  dual numbers  central differences");
    for report in &reports {
        say!("{}", row(report));
    }
    let blank = "";
    say!("tolerance {blank:>17} {DUAL_TOLERANCE:>13.0e} {CENTRAL_TOLERANCE:>20.0e}");
    let failed = reports.iter().filter(|report| !report.is_ok()).count();
    if failed > 0 {
        return Err(CliError::Gradients {
            failed,
            tensors: reports.len(),
        });
    }
    say!("\nall {} tensors agree with both", reports.len());
    Ok(())
}

fn row(report: &TensorReport) -> String {
    let verdict = if report.is_ok() { "ok" } else { "FAIL" };
    format!(
        "{:<18} {:>8} {:>13.1e} {:>20.1e}  {verdict}",
        report.name, report.len, report.dual.relative, report.central.relative
    )
}
