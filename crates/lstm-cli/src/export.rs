//! `lstm export`.

mod training;

use crate::args::{ExportArgs, Framework};
use crate::count::counted;
use crate::error::{CliError, say};
use crate::terminal::print_lines;
use lstm_exchange::CharModel;
use lstm_exchange::{keras::to_keras, onnx::to_onnx, pytorch::to_pytorch};
use lstm_model::{NetworkConfig, Parameters};
use lstm_train::create_file;

pub fn run(args: &ExportArgs) -> Result<(), CliError> {
    if args.with_training {
        if args.to != Framework::Pytorch {
            let expected = "only --to pytorch continues a training";
            return Err(CliError::option(
                "with-training",
                format!("{:?}", args.to),
                expected,
            ));
        }
        return training::export(&args.model, &args.out);
    }
    let model = CharModel::load(&args.model).map_err(CliError::exchange(&args.model))?;
    let bytes = match args.to {
        Framework::Pytorch => to_pytorch(&model),
        Framework::Keras => to_keras(&model),
        Framework::Onnx => to_onnx(&model),
    };
    let bytes = bytes.map_err(CliError::exchange(&args.model))?;
    create_file(&args.out, &bytes)?;
    let out = args.out.display();
    say!("{out}: {}, and the characters of the ids", sizes(&model));
    say!("the file holds no training state, such as the optimiser's moments\n");
    let name = format!("{:?}", out.to_string());
    Ok(print_lines(&loader(
        args.to,
        model.network.config(),
        &name,
    ))?)
}

/// The sizes of a model in one line.
pub fn sizes(model: &CharModel) -> String {
    let config = model.network.config();
    let (v, h, layers) = (config.vocab_size, config.hidden_size, config.layers);
    let (d, parameters) = (config.input_size(0), model.network.parameter_count());
    let (layers, parameters) = (counted(layers, "layer"), counted(parameters, "parameter"));
    format!("V = {v}, D = {d}, H = {h}, {layers}, {parameters}")
}

/// The Python code that loads the file.
fn loader(to: Framework, config: &NetworkConfig, name: &str) -> String {
    let (v, h, layers) = (config.vocab_size, config.hidden_size, config.layers);
    let d = config.input_size(0);
    let is_one_hot = config.embed_size == 0;
    match to {
        Framework::Pytorch => {
            let (embed, input) = if is_one_hot {
                (
                    String::new(),
                    format!("nn.functional.one_hot(ids, {v}).float()"),
                )
            } else {
                (
                    format!("        self.embed = nn.Embedding({v}, {d})\n"),
                    "self.embed(ids)".to_owned(),
                )
            };
            format!(
                "from torch import nn
from safetensors.torch import load_file

class Model(nn.Module):
    def __init__(self):
        super().__init__()
{embed}        self.lstm = nn.LSTM({d}, {h}, {layers})
        self.head = nn.Linear({h}, {v})

    def forward(self, ids, state=None):  # (T, B)
        y, state = self.lstm({input}, state)
        return self.head(y), state  # logits (T, B, {v})

model = Model()
model.load_state_dict(load_file({name}))"
            )
        }
        Framework::Keras => {
            let input = if is_one_hot {
                format!("keras.Input((None, {v}))")
            } else {
                format!("keras.Input((None,), dtype=\"int32\"), layers.Embedding({v}, {d})")
            };
            format!(
                "import keras
from keras import layers

model = keras.Sequential([
    {input},
    *[layers.LSTM({h}, return_sequences=True) for _ in range({layers})],
    layers.Dense({v}),
])  # logits (B, T, {v})
model.load_weights({name})"
            )
        }
        Framework::Onnx => format!(
            "import numpy, onnxruntime

session = onnxruntime.InferenceSession({name})
ids = numpy.zeros((1, 1), numpy.int64)  # (T, B)
logits, hn, cn = session.run(None, {{\"ids\": ids}})  # (T, B, {v}), ({layers}, B, {h})"
        ),
    }
}
