//! Trains, saves, loads and samples a character model:
//! `cargo run --release -p lstm-tasks --example characters -- TEXT`.

use lstm_fast::Fast;
use lstm_model::{NetworkConfig, Sampler};
use lstm_tasks::{LanguageModel, TextSettings};
use lstm_train::Plan;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(std::env::args().nth(1).ok_or("name a text file")?)?;
    let mut model = LanguageModel::<Fast>::new(&text, NetworkConfig::default(), 1)?;
    model.train(&text, &TextSettings::default(), &Plan::steps(300), &mut ())?;
    model.save("model.safetensors")?;

    let model = LanguageModel::<Fast>::load("model.safetensors")?;
    println!("{}", model.generate("The ", 200, &Sampler::default(), 1)?);
    Ok(())
}
