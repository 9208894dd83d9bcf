//! The decisive rows of the tables are trained again, and the tables are held to the record.
//!
//! The bounds leave room for rounding on another machine, which can decide a single run.

use super::networks::Start::{Orthogonal, Uniform};
use super::record::Network::{Gru, Lstm, MinLstm, Plain};
use super::record::recorded;
use std::path::PathBuf;

const BIASES: [f64; 3] = [0.0, 1.0, 3.0];

#[test]
fn every_network_learns_to_recall_over_ten_steps() {
    let gated = BIASES
        .into_iter()
        .flat_map(|bias| [Lstm(Orthogonal(bias)), Gru(bias)]);
    let minimal = [1.0, 3.0].map(MinLstm);
    let others = [
        Lstm(Uniform),
        Plain(8, Uniform),
        Plain(17, Uniform),
        Plain(8, Orthogonal(0.0)),
        Plain(17, Orthogonal(0.0)),
    ];
    for network in gated.chain(minimal).chain(others) {
        let learnt = network.learn(10);
        assert!(learnt >= 9, "{network}: {learnt}");
    }
}

#[test]
fn an_lstm_that_starts_by_remembering_learns_to_recall_over_fifty_steps() {
    assert!(Lstm(Orthogonal(3.0)).learn(50) >= 8);
}

#[test]
fn an_lstm_that_starts_by_forgetting_does_not_learn_to_recall_over_thirty_steps() {
    assert!(Lstm(Orthogonal(0.0)).learn(30) <= 1);
    assert!(Lstm(Uniform).learn(30) <= 1);
}

#[test]
fn a_plain_network_recalls_over_thirty_steps_if_it_starts_orthogonal_and_not_otherwise() {
    assert!(Plain(17, Orthogonal(0.0)).learn(30) >= 8);
    assert!(Plain(8, Uniform).learn(30) <= 1);
    assert!(Plain(8, Orthogonal(0.0)).learn(50) <= 6);
}

#[test]
fn a_gru_and_a_minlstm_recall_over_a_hundred_steps_if_they_start_by_remembering_and_not_otherwise()
{
    assert!(Gru(0.0).learn(30) <= 1);
    assert!(MinLstm(0.0).learn(30) <= 1);
    assert!(MinLstm(1.0).learn(30) <= 1);
    assert!(Gru(3.0).learn(100) >= 8);
    assert!(MinLstm(3.0).learn(100) >= 8);
}

/// The rows of the table of a chapter whose heading has T = 10, without their names.
fn table(language: &str, chapter: &str) -> Vec<Vec<usize>> {
    let path = [env!("CARGO_MANIFEST_DIR"), language, chapter];
    let text = std::fs::read_to_string(path.iter().collect::<PathBuf>()).unwrap();
    let rows = text
        .lines()
        .skip_while(|line| !line.contains("| $T = 10$ |"));
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    let counts = |line: &str| {
        let cells = line.trim_matches('|').split('|').skip(1);
        cells.map(|cell| cell.trim().parse().unwrap()).collect()
    };
    rows.map(counts).collect()
}

#[test]
fn the_tables_of_the_chapters_are_the_record() {
    let faq = [
        "LSTM, uniform",
        "LSTM, bias 0",
        "LSTM, bias 1",
        "LSTM, bias 3",
        "plain, 8 units, uniform",
        "plain, 17 units, uniform",
        "plain, 8 units, orthogonal",
        "plain, 17 units, orthogonal",
    ];
    let beyond = [
        "LSTM, bias",
        "GRU, bias",
        "minLSTM, bias",
        "plain, 17 units, orthogonal",
    ];
    let rows = |names: &[&str]| -> Vec<Vec<usize>> {
        let found = names.iter().flat_map(|name| recorded(name));
        found.map(|(_, counts)| counts).collect()
    };
    for language in ["en", "zh"] {
        assert_eq!(table(language, "faq.md"), rows(&faq), "{language}/faq.md");
        assert_eq!(
            table(language, "beyond.md"),
            rows(&beyond),
            "{language}/beyond.md"
        );
    }
}
