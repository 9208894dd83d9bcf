//! `lstm check`.

use crate::args::CheckArgs;
use crate::error::{CliError, say};
use lstm_exchange::variant::Mistake;
use lstm_exchange::{ExchangeError, Finding, Power, Report, Row, check, power_of};
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
        say!("--explain says which known mistake gives these numbers");
    }
    say!("");
    Ok(())
}

/// The wrong orders of the blocks as a number, the other mistakes one by one.
fn print_power(power: Result<Power, ExchangeError>) -> Result<(), CliError> {
    let power = match power {
        Ok(power) => power,
        Err(error) => {
            say!("its power cannot be told: {error}\n");
            return Ok(());
        }
    };
    let rejected: Vec<Mistake> = power.rejected.iter().map(|(m, _)| *m).collect();
    for (way, is_backward) in [("forward", false), ("back", true)] {
        let on_it = |mistakes: &[Mistake]| -> Vec<Mistake> {
            let some = mistakes.iter().filter(|m| m.is_backward() == is_backward);
            some.copied().collect()
        };
        let (rejected, passed) = (on_it(&rejected), on_it(&power.passed));
        let all = rejected.len() + passed.len();
        say!("rejects {} of {all} wrong ways {way}", rejected.len());
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
            match row.finding.is_ok() {
                true => String::new(),
                false => format!(" at [{}]", difference.index),
            }
        ),
        Finding::Stated {
            what,
            off,
            tolerance,
        } => format!(
            "{name:<32} {:>10} {off:>10.1e} {tolerance:>10.0e}  {verdict} ({what})",
            ""
        ),
        Finding::Missing => format!("{name:<32} {:>32}  {verdict}", "is missing"),
        Finding::Unknown => format!("{name:<32} {:>32}  {verdict}", "is not known here"),
        Finding::Shape { found, expected } => {
            format!("{name:<32} has shape {found:?}, expected {expected:?}  {verdict}")
        }
    }
}
