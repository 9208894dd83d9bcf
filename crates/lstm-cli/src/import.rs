//! `lstm import`.

use crate::args::{Framework, ImportArgs};
use crate::error::{CliError, say};
use lstm_exchange::vocabulary_from_json;
use lstm_exchange::{keras::from_keras, onnx::from_onnx, pytorch::from_pytorch};
use lstm_model::Parameters;
use lstm_plot::grouped;
use lstm_train::MODEL;
use std::fs;

pub fn run(args: &ImportArgs) -> Result<(), CliError> {
    if fs::exists(&args.out).map_err(CliError::io("look for", &args.out))? {
        return Err(CliError::Exists {
            path: args.out.clone(),
        });
    }
    let vocabulary = match &args.vocabulary {
        None => None,
        Some(path) => {
            let json = fs::read_to_string(path).map_err(CliError::io("read", path))?;
            Some(vocabulary_from_json(&json).map_err(CliError::exchange(path))?)
        }
    };
    let bytes = fs::read(&args.file).map_err(CliError::io("read", &args.file))?;
    let model = match args.from {
        Framework::Pytorch => from_pytorch(&bytes, vocabulary),
        Framework::Keras => from_keras(&bytes, vocabulary),
        Framework::Onnx => from_onnx(&bytes, vocabulary),
    };
    let model = model.map_err(CliError::exchange(&args.file))?;
    fs::create_dir_all(&args.out).map_err(CliError::io("create", &args.out))?;
    let saved = model.save(&args.out.join(MODEL), &args.file.display().to_string());
    saved.map_err(CliError::exchange(&args.out))?;
    let config = model.network.config();
    say!(
        "{}: V = {}, D = {}, H = {}, {} layers, {} parameters",
        args.out.display(),
        config.vocab_size,
        config.input_size(0),
        config.hidden_size,
        config.layers,
        grouped(model.network.parameter_count() as u64)
    );
    say!("lstm generate --model {}", args.out.display());
    Ok(())
}
