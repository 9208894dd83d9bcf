//! `lstm gradcheck`.

use crate::args::{CheckedEngine, GradcheckArgs};
use crate::count::counted;
use crate::error::{CliError, say};
use lstm_bptt::oracle::Disagreement;
use lstm_fast::Fast;
use lstm_model::gradcheck::{
    CENTRAL_TOLERANCE, DUAL_TOLERANCE, GradientCheck, SINGLE_TOLERANCE, TensorReport,
};
use lstm_model::{Batched, Engine, Layer, NetworkConfig, Spec};

pub fn run(args: &GradcheckArgs) -> Result<(), CliError> {
    let config = NetworkConfig {
        vocab_size: args.vocab,
        embed_size: args.embed,
        hidden_size: args.hidden,
        layers: args.layers,
        ..NetworkConfig::default()
    };
    let case = GradientCheck::random(config, args.batch, args.steps, args.seed)?;
    match args.engine {
        CheckedEngine::Fast => compare(&case, args),
        CheckedEngine::Batched => check::<Batched<f64>>(&case, args),
        CheckedEngine::Spec => check::<Spec<f64>>(&case, args),
    }
}

fn announce(engine: &str, args: &GradcheckArgs) -> Result<(), CliError> {
    let (v, d, h, layers) = (args.vocab, args.embed, args.hidden, args.layers);
    let (b, t, seed) = (args.batch, args.steps, args.seed);
    say!(
        "the {engine} engine's gradient of a random network: V {v}, D {d}, H {h}, {}, B {b}, T {t}, seed {seed}",
        counted(layers, "layer"),
    );
    Ok(())
}

fn check<R: Engine<Scalar = f64>>(
    case: &GradientCheck,
    args: &GradcheckArgs,
) -> Result<(), CliError> {
    announce(R::NAME, args)?;
    say!("against the spec engine's forward pass, differentiated in two independent ways;");
    say!("worst difference in each tensor, relative to its largest element\n");
    let reports = case.check::<R>();
    say!("tensor              numbers  dual numbers  central differences");
    for report in &reports {
        say!("{}", row(report));
    }
    let blank = "";
    say!("tolerance {blank:>17} {DUAL_TOLERANCE:>13.0e} {CENTRAL_TOLERANCE:>20.0e}");
    let failed = reports.iter().filter(|report| !report.is_ok()).count();
    expect_none(failed, reports.len(), "dual numbers or central differences")?;
    say!("\nall {} tensors agree with both", reports.len());
    Ok(())
}

/// Compares the engine that trains with the spec engine.
fn compare(case: &GradientCheck, args: &GradcheckArgs) -> Result<(), CliError> {
    announce(Fast::NAME, args)?;
    say!("in f32, against that of the spec engine in f64, which `--engine spec` checks;");
    say!("worst difference in each tensor, relative to its largest element\n");
    say!("tensor              numbers   spec engine");
    let (tensors, differences) = (case.tensors(), case.compare::<Fast>());
    let is_ok = |difference: &Disagreement| difference.relative <= SINGLE_TOLERANCE;
    for ((name, len), difference) in tensors.iter().zip(&differences) {
        let verdict = verdict(is_ok(difference));
        say!(
            "{name:<18} {len:>8} {:>13.1e}  {verdict}",
            difference.relative
        );
    }
    let blank = "";
    say!("tolerance {blank:>17} {SINGLE_TOLERANCE:>13.0e}");
    let failed = differences
        .iter()
        .filter(|difference| !is_ok(difference))
        .count();
    expect_none(failed, tensors.len(), "the spec engine")?;
    say!("\nall {} tensors agree", tensors.len());
    Ok(())
}

/// Checks that no tensor has failed the comparison with the oracles.
fn expect_none(failed: usize, tensors: usize, oracles: &'static str) -> Result<(), CliError> {
    match failed {
        0 => Ok(()),
        failed => Err(CliError::Gradients {
            failed,
            tensors,
            oracles,
        }),
    }
}

fn verdict(is_ok: bool) -> &'static str {
    if is_ok { "ok" } else { "FAIL" }
}

fn row(report: &TensorReport) -> String {
    let verdict = verdict(report.is_ok());
    format!(
        "{:<18} {:>8} {:>13.1e} {:>20.1e}  {verdict}",
        report.name, report.len, report.dual.relative, report.central.relative
    )
}
