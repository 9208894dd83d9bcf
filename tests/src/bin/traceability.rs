//! Writes the book's traceability table in both languages, and prints what it lacks.

use lstm_tests::traceability::{LANGUAGES, gaps, table, table_path, traces};

fn main() -> std::io::Result<()> {
    let traces = traces();
    for language in LANGUAGES {
        std::fs::write(table_path(*language), table(*language, &traces))?;
    }
    for gap in gaps(&traces) {
        eprintln!("{gap}");
    }
    Ok(())
}
