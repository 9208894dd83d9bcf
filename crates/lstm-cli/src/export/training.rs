//! `lstm export --to pytorch --with-training`: a directory in which PyTorch continues a run.

use crate::args::TrainArgs;
use crate::error::{CliError, say};
use crate::shell::quoted;
use crate::train::read_again;
use clap::Parser;
use lstm_exchange::pytorch::{state_dict, to_pytorch};
use lstm_exchange::{CharModel, ExchangeError};
use lstm_model::{BatchState, Batched, Canonical, NetworkConfig, Parameters};
use lstm_tasks::{Cut, TextSettings};
use lstm_text::{Tokenizer, split};
use lstm_train::{
    Optimizer, RunHeader, Schedule, StoredRun, create_dir, create_file, expect_absent,
};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};
use std::path::Path;

const SCRIPT: &str = include_str!("train.py");

/// Writes the weights, the rest of the training's state, and a script that continues the run in `dir`.
pub fn export(dir: &Path, out: &Path) -> Result<(), CliError> {
    let run = StoredRun::<TextSettings>::read(dir)?;
    let settings = settings(&run.header, &run.model.description.network)?;
    let ids = training_ids(&run, dir)?;
    let StoredRun {
        model,
        header,
        mut tensors,
    } = run;
    let (description, network) = model.network::<Batched<f32>>()?;
    let Tokenizer::Characters(vocabulary) = description.vocabulary else {
        return Err(CliError::exchange(dir)(ExchangeError::Subwords));
    };
    let mut carried = network.zero_states(header.settings.batch_size);
    if header.settings.cut == Cut::Streams {
        carried.import("carried", &mut tensors)?;
    }
    let mut arrays = states(&carried);
    arrays.push(Array::integers("ids", &ids));
    let mut model = CharModel {
        network,
        vocabulary,
        normalization: description.normalization,
    };
    let weights = to_pytorch(&model).map_err(CliError::exchange(dir))?;
    for (name, moment) in [("exp_avg", "first"), ("exp_avg_sq", "second")] {
        let mut network = model.network.zeros_like();
        network.import(&format!("optimizer.{moment}"), &mut tensors)?;
        model.network = network;
        let moments = state_dict(&model.network).into_iter();
        arrays.extend(moments.map(|(parameter, tensor)| Array {
            name: format!("{name}.{parameter}"),
            ..Array::floats(tensor.shape, tensor.data.iter().map(|&v| v as f32))
        }));
    }
    expect_absent(out)?;
    create_dir(out)?;
    create_file(&out.join("weights.safetensors"), &weights)?;
    create_file(&out.join("training.safetensors"), &file(&arrays))?;
    create_file(
        &out.join("training.json"),
        format!("{settings:#}\n").as_bytes(),
    )?;
    create_file(&out.join("train.py"), SCRIPT.as_bytes())?;
    let step = header.state.progress.step;
    let (shown, quoted) = (out.display(), quoted(&out.display().to_string()));
    say!("{shown}: the run at step {step}; weights, Adam's moments, the text's ids, and train.py");
    say!("continue it with PyTorch, in two processes for example:");
    say!("  torchrun --nproc-per-node 2 {quoted}/train.py --steps 1000");
    Ok(())
}

/// The ids of the training text of the run in `dir`, without those that are held out.
fn training_ids(run: &StoredRun<TextSettings>, dir: &Path) -> Result<Vec<u32>, CliError> {
    let mut args = TrainArgs::parse_from(["lstm", "--resume", "."]);
    args.run.resume = Some(dir.to_owned());
    let mut ids = read_again(run, &args)?.data;
    ids.truncate(split(&ids, run.header.settings.val_fraction)?.0.len());
    Ok(ids)
}

/// What the script needs in addition to the tensors.
fn settings(header: &RunHeader<TextSettings>, network: &NetworkConfig) -> Result<Value, CliError> {
    let (state, text) = (&header.state, &header.settings);
    let optimizer = state.descent.optimizer;
    if !matches!(optimizer, Optimizer::Adam { .. } | Optimizer::AdamW { .. }) {
        let expected = "a run with Adam or AdamW; export the weights without --with-training";
        return Err(CliError::option(
            "with-training",
            json!(optimizer)["name"].as_str().unwrap_or_default(),
            expected,
        ));
    }
    let cosine_steps = match state.schedule.schedule {
        Schedule::Constant => None,
        Schedule::Cosine { steps } => Some(steps),
        Schedule::Plateau { .. } => {
            let expected = "a run whose schedule does not depend on validation; export the weights without --with-training";
            return Err(CliError::option("with-training", "plateau", expected));
        }
    };
    Ok(json!({
        "step": state.progress.step,
        "optimizer": optimizer,
        "optimizer_steps": state.optimizer_steps,
        "learning_rate": state.schedule.learning_rate,
        "cosine_steps": cosine_steps,
        "max_norm": state.descent.max_norm,
        "cut": text.cut,
        "batch_size": text.batch_size,
        "seq_len": text.seq_len,
        "restart": text.restart,
        "seed": text.seed,
        "network": {
            "vocab_size": network.vocab_size,
            "embed_size": network.embed_size,
            "hidden_size": network.hidden_size,
            "layers": network.layers,
            "dropout": network.dropout,
            "head_dropout": network.head_dropout,
        },
    }))
}

/// An array of the file of tensors.
struct Array {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Array {
    fn floats(shape: Vec<usize>, numbers: impl Iterator<Item = f32>) -> Self {
        Self {
            name: String::new(),
            dtype: Dtype::F32,
            shape,
            bytes: numbers.flat_map(f32::to_le_bytes).collect(),
        }
    }

    fn integers(name: &str, numbers: &[u32]) -> Self {
        Self {
            name: name.to_owned(),
            dtype: Dtype::I32,
            shape: vec![numbers.len()],
            bytes: numbers.iter().flat_map(|n| n.to_le_bytes()).collect(),
        }
    }
}

/// The carried states as PyTorch shapes them: (layers, B, H).
fn states(carried: &[BatchState<f32>]) -> Vec<Array> {
    let (h, b) = carried[0].h.shape();
    let shape = vec![carried.len(), b, h];
    // A column of a matrix lies together in memory: it is a sequence's state.
    let all = |name: &str, of: fn(&BatchState<f32>) -> &[f32]| Array {
        name: name.to_owned(),
        ..Array::floats(shape.clone(), carried.iter().flat_map(of).copied())
    };
    vec![
        all("h", |state| state.h.as_slice()),
        all("c", |state| state.c.as_slice()),
    ]
}

fn file(arrays: &[Array]) -> Vec<u8> {
    let views = arrays.iter().map(|array| {
        let view = TensorView::new(array.dtype, array.shape.clone(), &array.bytes);
        (&array.name, view.expect("the shape has as many numbers"))
    });
    safetensors::serialize(views, None).expect("arrays have names of their own")
}
