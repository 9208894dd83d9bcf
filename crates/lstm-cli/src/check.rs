//! `lstm check`.

use crate::args::CheckArgs;
use crate::error::{CliError, say};
use lstm_check::{
    CheckError, Finding, Mistake, Power, Report, Row, Tolerance, check_within, power_within,
};
use lstm_train::expect_readable;
use std::path::Path;

pub fn run(args: &CheckArgs) -> Result<(), CliError> {
    let tolerance = match args.tolerance {
        None => Tolerance::ByType,
        Some(given) => Tolerance::stated(given).map_err(|_| CliError::Option {
            option: "tolerance",
            found: given.to_string(),
            expected: "expected a number above 0 and at most 0.1",
        })?,
    };
    let mut failed = 0;
    for path in &args.files {
        // A pipe or a device may never end.
        if let Err(error) = expect_readable(path) {
            say!("{}: FAIL: {error}\n", path.display());
            failed += 1;
            continue;
        }
        match check_within(path, tolerance) {
            Ok(report) => {
                print(path, &report, args.explain)?;
                if args.power {
                    print_power(power_within(path, tolerance))?;
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
    for note in &report.notes {
        say!("note: {note}");
    }
    say!("tensor                             absolute   relative  tolerance");
    for row in &report.rows {
        say!("{}", line(row));
    }
    let compared = report.rows.iter().filter(|row| row.finding.is_compared());
    let compared = compared.count();
    if report.is_ok() {
        let others = report.rows.len() - compared;
        match (compared, others) {
            (1, 0) => say!("the tensor agrees\n"),
            (_, 0) => say!("all {compared} tensors agree\n"),
            _ => say!("{compared} of {compared} tensors agree, {others} could not be compared\n"),
        }
        return Ok(());
    }
    let wrong = report.rows.iter().filter(|row| !row.finding.is_ok());
    say!("{} of {compared} tensors do not agree", wrong.count());
    if let Some(tensors) = report.swapped {
        say!("agrees if batch and time of {tensors} are swapped");
    } else if explain {
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
            reason,
        } => format!(
            "{name:<32} {:>10.1e} {:>10.1e} {tolerance:>10.0e}  {verdict}{}{}",
            difference.absolute,
            difference.relative,
            if row.finding.is_ok() {
                String::new()
            } else {
                format!(" at [{}]", difference.index)
            },
            reason
                .as_ref()
                .map_or(String::new(), |reason| format!(" ({reason})"))
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
        Finding::NotRecorded => format!("{name:<32} {:>32}  -", "is not recorded"),
        Finding::Unknown => format!("{name:<32} {:>32}  -", "is not compared"),
        Finding::Shape { found, expected } => {
            format!("{name:<32} has shape {found:?}, expected {expected:?}  {verdict}")
        }
    }
}
