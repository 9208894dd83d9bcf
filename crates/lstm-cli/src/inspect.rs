//! `lstm inspect`.

use crate::args::InspectArgs;
use crate::error::{CliError, say};
use lstm_fast::Fast;
use lstm_model::{Canonical, LanguageModel, Parameters, Tensors, layer_parameter_count};
use lstm_plot::grouped;

pub fn run(args: &InspectArgs) -> Result<(), CliError> {
    let model = LanguageModel::<Fast>::load(&args.model)?;
    let (header, network) = (&model.header, &model.header.network);
    let progress = header.state.progress;
    say!(
        "a language model of {} kinds of character, at step {}",
        network.vocab_size,
        grouped(progress.step)
    );
    match header.text.is_known() {
        true => say!(
            "trained on {} ({} characters) for {:.0} s, seed {}",
            header.text.source,
            grouped(header.text.characters as u64),
            progress.seconds,
            header.data.seed
        ),
        false => say!("taken over from {}", header.text.source),
    }
    if let Some(best) = header.state.schedule.best {
        say!("best validation loss {best:.4} nats/char");
    }

    let mut tensors = Tensors::new();
    model.network.export("weights", &mut tensors);
    say!(
        "\n{:<26} {:>12} {:>10} {:>10} {:>10}",
        "tensor",
        "shape",
        "numbers",
        "min",
        "max"
    );
    for (name, tensor) in &tensors {
        let name = name.trim_start_matches("weights.");
        let shape: Vec<String> = tensor.shape.iter().map(ToString::to_string).collect();
        let min = tensor.data.iter().fold(f32::INFINITY, |m, &v| m.min(v));
        let max = tensor.data.iter().fold(f32::NEG_INFINITY, |m, &v| m.max(v));
        let numbers = grouped(tensor.data.len() as u64);
        say!(
            "{name:<26} {:>12} {numbers:>10} {min:>10.4} {max:>10.4}",
            shape.join("×")
        );
    }

    say!("\nparameters (E25)");
    let (v, h) = (network.vocab_size, network.hidden_size);
    if network.embed_size > 0 {
        let d = network.embed_size;
        say!("  embedding  DV = {d}·{v} = {}", grouped((d * v) as u64));
    }
    for l in 0..network.layers {
        let d = network.input_size(l);
        say!(
            "  layer {l}    4(HD + H² + H) = 4({h}·{d} + {h}² + {h}) = {}",
            grouped(layer_parameter_count(d, h) as u64)
        );
    }
    say!(
        "  head       VH + V = {v}·{h} + {v} = {}",
        grouped((v * h + v) as u64)
    );
    say!(
        "  together   {}",
        grouped(model.network.parameter_count() as u64)
    );
    let second_biases = 4 * h * network.layers;
    say!(
        "  (PyTorch keeps a second bias, 4H a layer: {} in all)",
        grouped((model.network.parameter_count() + second_biases) as u64)
    );
    Ok(())
}
