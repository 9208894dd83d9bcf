//! Every equation has code, a test and a page, and the book's table says so.

use lstm_tests::traceability::{EQUATIONS, Trace, gaps, table, table_path, traces};

#[test]
fn the_equations_are_numbered_without_a_gap() {
    let numbers: Vec<_> = EQUATIONS.iter().map(|equation| equation.number).collect();
    assert_eq!(numbers, (1..=26).collect::<Vec<_>>());
}

#[test]
fn every_equation_has_code_and_a_test_and_a_page() {
    let gaps = gaps(&traces());
    assert!(gaps.is_empty(), "{}", gaps.join("\n"));
}

#[test]
fn the_table_in_the_book_is_what_the_sources_say() {
    let committed = std::fs::read_to_string(table_path()).unwrap();
    assert!(
        committed == table(&traces()),
        "book/en/traceability.md is stale: cargo run -p lstm-tests --bin traceability"
    );
}

#[test]
fn an_equation_that_nothing_names_is_a_gap_in_every_column() {
    let gaps = gaps(&vec![Trace::default(); EQUATIONS.len()]);
    assert_eq!(gaps.len(), 26 + 26 + 18);
    assert_eq!(
        gaps[1],
        "E1 has no test: a^k_t = W_xk x_t + W_hk h_{t−1} + b_k"
    );
}
