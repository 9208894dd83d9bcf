//! Writes every figure of the book.

use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = lstm_book::figures_dir();
    fs::create_dir_all(&dir)?;
    for (name, svg) in lstm_book::figures()? {
        fs::write(dir.join(name), svg)?;
        println!("book/en/figures/{name}");
    }
    Ok(())
}
