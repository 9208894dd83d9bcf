//! `lstm check`.

use crate::args::CheckArgs;
use crate::error::{CliError, say};
use lstm_check::{CheckError, Finding, Mistake, Power, Report, Row, check, power_of};
use std::path::Path;

pub fn run(args: &CheckArgs) -> Result<(), CliError> {
    let mut failed = 0;
    for path in &args.files {
        match check(path) {
            Ok(report) => {
                print(path, &report, args.explain)?;
                if args.power {
                    print_power(power_of(path))?;
                }
                failed += usize::from(!report.is_ok());
            }
            Err(error) => {
                say!("{}: FAIL: {error}\n", path.display());
                failed += 1;
            }
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(CliError::Recordings {
            failed,
            files: args.files.len(),
        }),
    }
}

fn print(path: &Path, report: &Report, explain: bool) -> Result<(), CliError> {
    say!("{}: {}", path.display(), report.format);
    say!(
        "{:<32} {:>10} {:>10} {:>10}",
        "tensor",
        "absolute",
        "relative",
        "tolerance"
    );
    for row in &report.rows {
        say!("{}", line(row));
    }
    if report.is_ok() {
        say!("all {} tensors agree\n", report.rows.len());
        return Ok(());
    }
    let wrong = report.rows.iter().filter(|row| !row.finding.is_ok());
    say!(
        "{} of {} tensors do not agree",
        wrong.count(),
        report.rows.len()
    );
    if explain {
        for mistake in &report.explanations {
            say!("agrees if {mistake}");
        }
        if report.explanations.is_empty() {
            say!("no known mistake gives these numbers");
        }
    } else {
        say!("--explain names the known mistakes that give these numbers");
    }
    say!("");
    Ok(())
}

/// Prints how many mistakes a recording rejects, how many wrong orders of the blocks it lets pass, and each
/// other mistake that it lets pass.
fn print_power(power: Result<Power, CheckError>) -> Result<(), CliError> {
    let power = match power {
        Ok(power) => power,
        Err(error) => {
            say!("its power cannot be measured: {error}\n");
            return Ok(());
        }
    };
    let rejected: Vec<Mistake> = power.rejected.iter().map(|(m, _)| *m).collect();
    for (pass, is_backward) in [("forward", false), ("backward", true)] {
        let in_pass = |mistakes: &[Mistake]| -> Vec<Mistake> {
            let some = mistakes.iter().filter(|m| m.is_backward() == is_backward);
            some.copied().collect()
        };
        let (rejected, passed) = (in_pass(&rejected), in_pass(&power.passed));
        let all = rejected.len() + passed.len();
        say!(
            "rejects {} of {all} mistakes in the {pass} pass",
            rejected.len()
        );
        if rejected.is_empty() {
            continue;
        }
        let (orders, others): (Vec<Mistake>, Vec<Mistake>) = passed
            .iter()
            .partition(|mistake| matches!(mistake, Mistake::BlockOrder(_)));
        if !orders.is_empty() {
            say!(
                "  lets pass {} of 23 wrong orders of the blocks",
                orders.len()
            );
        }
        for mistake in others {
            say!("  lets pass: {mistake}");
        }
    }
    say!("");
    Ok(())
}

fn line(row: &Row) -> String {
    let name = &row.tensor;
    let verdict = if row.finding.is_ok() { "ok" } else { "FAIL" };
    match &row.finding {
        Finding::Compared {
            difference,
            tolerance,
        } => format!(
            "{name:<32} {:>10.1e} {:>10.1e} {tolerance:>10.0e}  {verdict}{}",
            difference.absolute,
            difference.relative,
            if row.finding.is_ok() {
                String::new()
            } else {
                format!(" at [{}]", difference.index)
            }
        ),
        Finding::Condition {
            what,
            off,
            tolerance,
        } => format!(
            "{name:<32} {:>10} {off:>10.1e} {tolerance:>10.0e}  {verdict} ({what})",
            ""
        ),
        Finding::Missing => format!("{name:<32} {:>32}  {verdict}", "is missing"),
        Finding::Unknown => format!("{name:<32} {:>32}  {verdict}", "is unknown"),
        Finding::Shape { found, expected } => {
            format!("{name:<32} has shape {found:?}, expected {expected:?}  {verdict}")
        }
    }
}
