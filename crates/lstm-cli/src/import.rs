//! `lstm import`.

use crate::args::{Framework, ImportArgs};
use crate::error::{CliError, say};
use crate::export::sizes;
use lstm_exchange::vocabulary_from_json;
use lstm_exchange::{keras::from_keras, onnx::from_onnx, pytorch::from_pytorch};
use lstm_train::{MODEL, create_dir, expect_absent};
use std::fs;

pub fn run(args: &ImportArgs) -> Result<(), CliError> {
    expect_absent(&args.out)?;
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
    create_dir(&args.out)?;
    let saved = model.save(&args.out.join(MODEL), &args.file.display().to_string());
    saved.map_err(CliError::exchange(&args.out))?;
    let out = args.out.display();
    say!("{out}: {}", sizes(&model));
    say!("lstm generate --model {out}");
    Ok(())
}
