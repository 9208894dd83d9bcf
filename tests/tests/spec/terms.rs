//! The theorem's definitions and the code stand side by side in `proofs/terms.toml`; neither may
//! change without the table. And the proofs refute what lstm-check lists as mistakes.

use lstm_check::Mistake;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
struct Table {
    pair: Vec<Pair>,
}

/// Equations as the theorem states them and as functions compute them.
#[derive(Deserialize)]
struct Pair {
    equations: Vec<String>,
    theorem: Vec<String>,
    code: Vec<Code>,
}

#[derive(Deserialize)]
struct Code {
    file: String,
    function: String,
    body: String,
}

fn read(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let path = root.join(file);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn table() -> Table {
    toml::from_str(&read("proofs/terms.toml")).unwrap_or_else(|e| panic!("proofs/terms.toml: {e}"))
}

/// The words of a text, with one space between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Coq without comments. No comment of the statement has another inside.
fn without_coq_comments(text: &str) -> String {
    let parts = text.split("(*");
    let kept = parts.map(|part| part.split_once("*)").map_or(part, |(_, after)| after));
    kept.collect()
}

/// What a function does: the text between its braces, without comments.
fn body_of(source: &str, function: &str) -> Option<String> {
    let start = ["<", "("]
        .iter()
        .find_map(|after| source.find(&format!("fn {function}{after}")))?;
    let open = start + source[start..].find("{\n")?;
    let mut depth = 0;
    let close = source[open..].find(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0
    })?;
    Some(code_of(&source[open + 1..open + close]))
}

/// Rust without comments.
fn code_of(text: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    words(&text.lines().map(code).collect::<Vec<_>>().join("\n"))
}

/// The texts of the table that do not stand in their files, a line for each.
fn differences(table: &Table, statement: &str, source: impl Fn(&str) -> String) -> Vec<String> {
    let statement = words(&without_coq_comments(statement));
    let mut found = Vec::new();
    for pair in &table.pair {
        let equations = pair.equations.join(", ");
        for text in &pair.theorem {
            if !statement.contains(&words(text)) {
                found.push(format!("{equations}: not in Statement.v: {}", text.trim()));
            }
        }
        for code in &pair.code {
            let body = body_of(&source(&code.file), &code.function);
            if body != Some(code_of(&code.body)) {
                let (function, file) = (&code.function, &code.file);
                found.push(format!(
                    "{equations}: `{function}` of {file} has another body"
                ));
            }
        }
    }
    found
}

#[test]
fn the_theorem_and_the_code_are_those_that_stand_side_by_side() {
    let found = differences(&table(), &read("proofs/Statement.v"), read);
    assert!(
        found.is_empty(),
        "read both sides of these equations in proofs/terms.toml again, then update it:\n{}",
        found.join("\n")
    );
}

#[test]
fn every_equation_of_the_layer_has_its_pair() {
    let table = table();
    let named: BTreeSet<_> = table.pair.iter().flat_map(|pair| &pair.equations).collect();
    let layer: BTreeSet<_> = (1..=17).map(|n| format!("E{n}")).collect();
    assert_eq!(named, layer.iter().collect());
    // Every equation of the record in the statement, too.
    let statement = without_coq_comments(&read("proofs/Statement.v"));
    let fields = statement.lines().filter_map(|line| {
        let (name, _) = line.trim().split_once(" : forall")?;
        name.starts_with('E').then(|| format!("{name} :"))
    });
    let fields: Vec<_> = fields.collect();
    assert_eq!(fields.len(), 8);
    for field in fields {
        let mut texts = table.pair.iter().flat_map(|pair| &pair.theorem);
        assert!(texts.any(|text| text.trim().starts_with(&field)), "{field}");
    }
}

#[test]
fn every_known_mistake_of_the_backward_pass_is_refuted() {
    let mistakes = read("proofs/Mistakes.v");
    let proved = read("proofs/proved.txt");
    for claim in ["every_mistake_is_refuted", "truncation_ignored_is_refuted"] {
        assert!(proved.contains(&format!(" : {claim}\n")), "{claim}");
    }
    let refuted: BTreeSet<_> = mistakes
        .lines()
        .filter_map(|line| line.strip_prefix("  | ")?.split([' ', '.']).next())
        .chain(["TruncationIgnored"])
        .collect();
    for mistake in Mistake::backward() {
        // The theorem's LSTM has no peepholes.
        if mistake != Mistake::PeepholeGradientDropped {
            let text = format!("{mistake:?}");
            let name = text.split('(').next().unwrap();
            assert!(refuted.contains(name), "{name} is not in proofs/Mistakes.v");
        }
    }
}

#[test]
fn a_change_on_either_side_is_noticed() {
    let (table, statement) = (table(), read("proofs/Statement.v"));
    let without_forget = statement.replace("dc (S t) j * f (S t) j", "dc (S t) j");
    let found = differences(&table, &without_forget, read);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("E11, E17: not in Statement.v"));
    let not_transposed =
        |file: &str| read(file).replace("p.i.w_h.tr_mul(&da.da_i)", "&p.i.w_h * &da.da_i");
    let found = differences(&table, &statement, not_transposed);
    assert_eq!(
        found,
        ["E9, E17: `recurrent_gradient` of crates/lstm-bptt/src/step.rs has another body"]
    );
}
