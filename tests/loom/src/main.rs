//! Checks the barrier and the orders of lstm-fast's reader with loom, which runs a program once for every
//! interleaving of its threads and for every value that the memory model lets a load return:
//!
//! ```text
//! cargo run --release -p lstm-loom
//! ```
//!
//! The two modules are those of lstm-fast, compiled with loom's atomics and loom's `park`. Three things are
//! simpler. A thread looks for an order once before it sleeps, not thousands of times. The unwinding of a
//! thread that panics is replaced by what its guard does, because loom ends at the first panic in a thread.
//! The arithmetic between two barriers is replaced by a store that every other thread checks.
//!
//! A check that finds nothing may be blind. So mistakes are made on purpose, each in a process of its own,
//! and each memory ordering that the modules ask for is relaxed, one at a time. Every one must be found.

#[path = "../../../crates/lstm-fast/src/barrier.rs"]
#[allow(dead_code)]
mod barrier;
#[path = "../../../crates/lstm-fast/src/orders.rs"]
mod orders;
mod programs;
mod sync;

use loom::model::Builder;
use programs::{Mistake, Program, meet, one_breaks_off, read_one, read_one_woken_late, read_two};
use std::env;
use std::panic::{set_hook, take_hook};
use std::process::{Command, ExitCode, Stdio, exit};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use sync::Place;

/// A program, and which of its executions are tried.
struct Case {
    name: &'static str,
    program: Program,
    threads: usize,
    /// The largest number of times that a thread is interrupted; `None` is no limit.
    preemptions: Option<usize>,
    /// The number of times that threads yield before only one interleaving of the rest is tried; `None` is no
    /// limit.
    yields: Option<u64>,
}

/// Two threads; mistakes are looked for with these.
const PAIRS: [Case; 5] = [
    case("barrier", meet, 2, None, None),
    case("broken barrier", one_breaks_off, 2, None, None),
    case("one token", read_one, 2, None, None),
    case("woken late", read_one_woken_late, 2, None, None),
    case("two tokens", read_two, 2, Some(4), None),
];

/// Of three threads, two that wait can yield to each other any number of times before the third runs, so
/// there is no end to their executions.
const TRIPLES: [Case; 5] = [
    case("barrier", meet, 3, Some(2), Some(8)),
    case("broken barrier", one_breaks_off, 3, None, Some(6)),
    case("one token", read_one, 3, Some(2), Some(8)),
    case("woken late", read_one_woken_late, 3, Some(2), Some(6)),
    case("two tokens", read_two, 3, Some(2), Some(6)),
];

const fn case(
    name: &'static str,
    program: Program,
    threads: usize,
    preemptions: Option<usize>,
    yields: Option<u64>,
) -> Case {
    Case {
        name,
        program,
        threads,
        preemptions,
        yields,
    }
}

const MISTAKES: [Mistake; 4] = [
    Mistake::OneTooFew,
    Mistake::NotBroken,
    Mistake::WokenTooEarly,
    Mistake::NotAwaited,
];

/// The exit code of a process that has found a mistake.
const FOUND: i32 = 3;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match &args[..] {
        [] => check_all(),
        [case, mistake] => try_mistake(&PAIRS[number(case)], MISTAKES[number(mistake)]),
        [case, file, line] => {
            sync::relax((file.clone(), number(line) as u32));
            try_mistake(&PAIRS[number(case)], Mistake::None)
        }
        _ => panic!("give no arguments"),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

/// Runs every case, and then the mistakes.
fn check_all() -> ExitCode {
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        if panic.payload_as_str() != Some(EXPECTED) {
            usual(panic);
        }
    }));
    println!("program         threads  preemptions  yields  executions  seconds");
    for case in PAIRS.iter().chain(&TRIPLES) {
        let start = Instant::now();
        let executions = explore(case, Mistake::None);
        let seconds = start.elapsed().as_secs_f64();
        let most = |limit: Option<u64>| limit.map_or("all".to_owned(), |n| format!("≤ {n}"));
        let (preemptions, yields) = (case.preemptions.map(|n| n as u64), case.yields);
        println!(
            "{:<15} {:>7}  {:>11}  {:>6}  {executions:>10}  {seconds:>7.1}",
            case.name,
            case.threads,
            most(preemptions),
            most(yields)
        );
    }
    println!("\nmistake                                          found in");
    let mistakes = MISTAKES.iter().enumerate();
    let mistakes = mistakes.map(|(n, mistake)| (format!("{mistake:?}"), vec![n.to_string()]));
    let relaxed = |(file, line): Place| {
        let name = file.rsplit('/').next().unwrap_or_default();
        (
            format!("relaxed at {name}:{line}"),
            vec![file.clone(), line.to_string()],
        )
    };
    let all: Vec<_> = mistakes
        .chain(sync::strong().into_iter().map(relaxed))
        .collect();
    let mut missed = 0;
    for (name, args) in all {
        match finds(&args) {
            Some(case) => println!("{name:<48} {}", case.name),
            None => {
                println!("{name:<48} nowhere");
                missed += 1;
            }
        }
    }
    ExitCode::from(u8::from(missed > 0))
}

/// What threads panic with at a broken barrier.
const EXPECTED: &str = "another thread of this reader panicked";

/// Runs a case. Returns the number of executions.
///
/// # Panics
/// If one of them goes wrong.
fn explore(case: &Case, mistake: Mistake) -> u64 {
    static EXECUTIONS: AtomicU64 = AtomicU64::new(0);
    EXECUTIONS.store(0, Ordering::Relaxed);
    let mut builder = Builder::new();
    builder.preemption_bound = case.preemptions;
    let &Case {
        program,
        threads,
        yields,
        ..
    } = case;
    builder.check(move || {
        EXECUTIONS.fetch_add(1, Ordering::Relaxed);
        sync::limit_yields(yields.unwrap_or(u64::MAX));
        program(threads, mistake);
    });
    EXECUTIONS.load(Ordering::Relaxed)
}

/// The first case in which a mistake is found. A process that has found one ends at once, because loom's
/// threads may not unwind together.
fn finds(args: &[String]) -> Option<&'static Case> {
    let this = env::current_exe().expect("the program has a path");
    PAIRS.iter().enumerate().find_map(|(n, case)| {
        let mut command = Command::new(&this);
        command.arg(n.to_string()).args(args).stdout(Stdio::null());
        let status = command.status().expect("the program can be run");
        (status.code() == Some(FOUND)).then_some(case)
    })
}

/// Runs a case with a mistake.
fn try_mistake(case: &Case, mistake: Mistake) -> ExitCode {
    set_hook(Box::new(|panic| {
        if panic.payload_as_str() != Some(EXPECTED) {
            exit(FOUND);
        }
    }));
    explore(case, mistake);
    ExitCode::SUCCESS
}
