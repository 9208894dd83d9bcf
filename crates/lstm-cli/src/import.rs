//! `lstm import`.

use crate::args::{Framework, ImportArgs};
use crate::error::{CliError, note, say};
use crate::export::sizes;
use lstm_exchange::pytorch::{PytorchOptions, from_pytorch_with};
use lstm_exchange::{ExchangeError, GivenVocabulary, keras::load_keras, onnx::from_onnx_file};
use lstm_text::read_text;
use lstm_train::{MODEL, create_dir, expect_absent, expect_readable};
use std::fs;

pub fn run(args: &ImportArgs) -> Result<(), CliError> {
    expect_of_pytorch(args)?;
    expect_absent(&args.out)?;
    expect_readable(&args.file)?;
    let vocabulary = match &args.vocabulary {
        None => None,
        Some(path) => {
            let json = read_text(path, args.input.limit())?;
            Some(GivenVocabulary::from_json(&json).map_err(CliError::exchange(path))?)
        }
    };
    let bytes = || fs::read(&args.file).map_err(CliError::io("read", &args.file));
    let model = match args.from {
        Framework::Pytorch => from_pytorch_with(&bytes()?, &pytorch_options(args, vocabulary)),
        Framework::Keras => load_keras(&args.file, vocabulary.map(|given| given.vocabulary)),
        Framework::Onnx => from_onnx_file(&args.file, vocabulary.map(|given| given.vocabulary)),
    };
    let model = model.map_err(|error| match error {
        ExchangeError::Io { path, source } => CliError::io("read", &path)(source),
        error => CliError::exchange(&args.file)(error),
    })?;
    let is_ours = args.vocabulary.is_none();
    let is_whole = args.file.extension() == Some("keras".as_ref());
    if matches!(args.from, Framework::Keras) && !is_ours && !is_whole {
        note!(
            "note: if this is a file of weights alone, it does not say which activation, direction or mask a layer has, and Keras' defaults are assumed; a .keras file says it"
        );
    }
    create_dir(&args.out)?;
    let saved = model.save(&args.out.join(MODEL), &args.file.display().to_string());
    saved.map_err(CliError::exchange(&args.out))?;
    let out = args.out.display();
    say!("{out}: {}", sizes(&model));
    say!("lstm generate --model {out}");
    Ok(())
}

fn pytorch_options(args: &ImportArgs, vocabulary: Option<GivenVocabulary>) -> PytorchOptions {
    PytorchOptions {
        vocabulary,
        is_one_hot: args.one_hot,
        part: args.part.clone(),
        lstms: args.lstm.clone(),
    }
}

/// Refuses options of PyTorch's files with those of others.
fn expect_of_pytorch(args: &ImportArgs) -> Result<(), CliError> {
    let given = [
        ("one-hot", args.one_hot),
        ("part", args.part.is_some()),
        ("lstm", !args.lstm.is_empty()),
    ];
    let is_pytorch = matches!(args.from, Framework::Pytorch);
    match given.iter().find(|(_, is_given)| *is_given && !is_pytorch) {
        None => Ok(()),
        Some(&(option, _)) => Err(CliError::option(
            option,
            "is given",
            "only --from pytorch has it",
        )),
    }
}
