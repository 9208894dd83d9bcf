//! Every equation has code, a test and a page, and the book's table says so. Those of the layer have
//! a theorem too.

use lstm_tests::traceability::{LANGUAGES, Trace, equations, gaps, table, table_path, traces};

#[test]
fn the_equations_are_numbered_without_a_gap() {
    let numbers: Vec<_> = equations().iter().map(|equation| equation.number).collect();
    assert_eq!(numbers, (1..=36).collect::<Vec<_>>());
}

#[test]
fn every_equation_has_code_and_a_test_and_a_page() {
    let gaps = gaps(&traces());
    assert!(gaps.is_empty(), "{}", gaps.join("\n"));
}

#[test]
fn every_equation_of_the_layer_has_a_theorem() {
    let with_theorem: Vec<_> = (1..)
        .zip(traces())
        .filter(|(_, trace)| !trace.theorems.is_empty())
        .map(|(number, _)| number)
        .collect();
    let layer = 1..=17;
    assert_eq!(
        with_theorem,
        layer.chain([20, 21, 26, 32]).collect::<Vec<_>>()
    );
}

#[test]
fn the_table_in_the_book_is_what_the_sources_say() {
    let traces = traces();
    for language in LANGUAGES {
        let path = table_path(*language);
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == table(*language, &traces),
            "{} is stale: cargo run -p lstm-tests --bin traceability",
            path.display()
        );
    }
}

#[test]
fn an_equation_that_nothing_names_is_a_gap_in_every_column() {
    let gaps = gaps(&vec![Trace::default(); equations().len()]);
    assert_eq!(gaps.len(), 3 * 36);
    assert_eq!(
        gaps[1],
        r"E1 has no test: a^k_t = W_{xk}\, x_t + W_{hk}\, h_{t-1} + b_k \qquad k \in \{i, f, g, o\}"
    );
}
