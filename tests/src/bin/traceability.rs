//! Writes the book's traceability table, and says what is missing in it.

use lstm_tests::traceability::{gaps, table, table_path, traces};

fn main() -> std::io::Result<()> {
    let traces = traces();
    std::fs::write(table_path(), table(&traces))?;
    for gap in gaps(&traces) {
        eprintln!("{gap}");
    }
    Ok(())
}
