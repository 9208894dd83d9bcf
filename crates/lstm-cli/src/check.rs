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
    say!("tensor                             absolute   relative  tolerance");
    for row in &report.rows {
        say!("{}", line(row));
    }
    if report.is_ok() {
        say!("all {} tensors agree\n", report.rows.len());
        return Ok(());
    }
    let wrong = report.rows.iter().filter(|row| !row.finding.is_ok());
    let (wrong, all) = (wrong.count(), report.rows.len());
    say!("{wrong} of {all} tensors do not agree");
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

/// Prints how many mistakes a recording rejects, how many wrong orders of the blocks it lets pass, and
/// each other mistake that it lets pass.
fn print_power(power: Result<Power, CheckError>) -> Result<(), CliError> {
    let power = match power {
        Ok(power) => power,
        Err(error) => {
            say!("its power cannot be measured: {error}\n");
            return Ok(());
        }
    };
    for (pass, is_backward) in [("forward", false), ("backward", true)] {
        let in_pass = |mistake: &&Mistake| mistake.is_backward() == is_backward;
        let rejected = power.rejected.iter().map(|(mistake, _)| mistake);
        let rejected = rejected.filter(in_pass).count();
        let passed: Vec<&Mistake> = power.passed.iter().filter(in_pass).collect();
        let all = rejected + passed.len();
        say!("rejects {rejected} of {all} mistakes in the {pass} pass");
        if rejected == 0 {
            continue;
        }
        let is_order = |mistake: &&Mistake| matches!(mistake, Mistake::BlockOrder(_));
        let (orders, others): (Vec<&Mistake>, Vec<&Mistake>) =
            passed.into_iter().partition(is_order);
        if !orders.is_empty() {
            let orders = orders.len();
            say!("  lets pass {orders} of 23 wrong orders of the blocks");
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
        } => {
            let (absolute, relative) = (difference.absolute, difference.relative);
            let place = match verdict {
                "ok" => String::new(),
                _ => format!(" at [{}]", difference.index),
            };
            format!(
                "{name:<32} {absolute:>10.1e} {relative:>10.1e} {tolerance:>10.0e}  {verdict}{place}"
            )
        }
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
