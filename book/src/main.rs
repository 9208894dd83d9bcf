//! Writes every figure of the book; with the directory of a translator, records where it looks instead.

use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(translator) = std::env::args().nth(1) {
        lstm_book::record_attention(translator.as_ref())?;
        return Ok(());
    }
    let dir = lstm_book::figures_dir();
    fs::create_dir_all(&dir)?;
    for (name, svg) in lstm_book::figures()? {
        fs::write(dir.join(name), svg)?;
        println!("book/en/figures/{name}");
    }
    Ok(())
}
