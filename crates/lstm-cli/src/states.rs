//! `lstm states`: writes a model's states while it reads a text, for use in other programs.

use crate::args::StatesArgs;
use crate::error::{CliError, say};
use crate::text::{Source, warn_of_unknown};
use lstm_cell::{Step, Tape};
use lstm_fast::Fast;
use lstm_tasks::{LanguageModel, TasksError};
use lstm_train::{TrainError, create_file, expect_absent};
use nalgebra::DVector;
use safetensors::tensor::{Dtype, TensorView};

pub fn run(args: &StatesArgs) -> Result<(), CliError> {
    expect_absent(&args.out)?;
    let model = LanguageModel::<Fast>::load(&args.model)?;
    let source = Source::read(
        &args.text,
        args.input.limit(),
        model.description.normalization,
    )?;
    let (encoded, _) = source.encode(&model.description.vocabulary, args.unknown.into())?;
    warn_of_unknown(&encoded.unknown);
    let ids = encoded.ids;
    if ids.is_empty() {
        return Err(CliError::NothingToPredict);
    }
    let tapes = model.network.record(&ids);
    let is_finite = |step: &Step<f32>| step.c_t.iter().all(|v| v.is_finite());
    if !tapes.iter().flat_map(|tape| &tape.steps).all(is_finite) {
        return Err(TasksError::NotFinite.into());
    }
    let (seq_len, hidden_size) = (ids.len(), model.network.config().hidden_size);
    let mut tensors = vec![(
        "ids".to_owned(),
        Dtype::I64,
        vec![seq_len],
        ids.iter()
            .flat_map(|&id| i64::from(id).to_le_bytes())
            .collect(),
    )];
    for (l, tape) in tapes.iter().enumerate() {
        let of_layer = |state: fn(&Step<f32>) -> &DVector<f32>| numbers(tape, state);
        for (name, bytes) in [("h", of_layer(|s| &s.h_t)), ("c", of_layer(|s| &s.c_t))] {
            let name = format!("layer.{l}.{name}");
            tensors.push((name, Dtype::F32, vec![seq_len, hidden_size], bytes));
        }
    }
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        let view = TensorView::new(*dtype, shape.clone(), bytes).expect("the shape fits the bytes");
        (name.as_str(), view)
    });
    let bytes = safetensors::serialize(views, None)
        .map_err(|error| CliError::Train(TrainError::file(&args.out, error)))?;
    create_file(&args.out, &bytes)?;
    let (out, layers) = (args.out.display(), tapes.len());
    say!("{out}: h_t and c_t of {layers} layers, {seq_len}×{hidden_size} each, from a zero state");
    Ok(())
}

/// The bytes of one state (h_t or c_t) at all steps, in order.
fn numbers(tape: &Tape<f32>, state: fn(&Step<f32>) -> &DVector<f32>) -> Vec<u8> {
    let steps = tape.steps.iter().flat_map(|step| state(step).iter());
    steps.flat_map(|v| v.to_le_bytes()).collect()
}
