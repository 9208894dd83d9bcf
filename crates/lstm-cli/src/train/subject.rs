//! What sessions need from language models.

use crate::count::counted;
use crate::error::CliError;
use crate::pictures::{self, Gates};
use crate::report::Picture;
use crate::sample::Sample;
use crate::session::{Drawn, Subject, Summary};
use crate::settings::Sizes;
use crate::shell::quoted;
use lstm_model::{Engine, Network};
use lstm_plot::grouped;
use lstm_tasks::{Corpus, Cut, LanguageDescription, TextSettings};
use lstm_text::Tokenizer;
use lstm_train::{Run, RunHeader};

impl Subject for TextSettings {
    /// `lstm eval` needs --text.
    const EVALUATES_RUNS: bool = false;

    fn command(_: &LanguageDescription) -> &'static str {
        "lstm"
    }

    fn unit(description: &LanguageDescription) -> &'static str {
        description.vocabulary.unit()
    }

    fn guess(description: &LanguageDescription) -> f64 {
        (description.network.vocab_size as f64).ln()
    }

    fn sizes(description: &LanguageDescription) -> Sizes {
        let network = &description.network;
        Sizes {
            layers: network.layers,
            hidden_size: network.hidden_size,
            embed_size: network.embed_size,
            dropout: network.dropout,
        }
    }

    fn batch_size(&self) -> usize {
        self.batch_size
    }

    fn summary(
        run: &RunHeader<Self>,
        description: &LanguageDescription,
        data: &Vec<u32>,
    ) -> Summary {
        let (settings, network) = (&run.settings, &description.network);
        let (train, val) = Corpus::new(data, *settings).map_or((0, 0), |corpus| corpus.sizes());
        let [train, val] = [train, val].map(|n| grouped(n as u64));
        let characters = counted(run.data.characters, "character");
        let vocab_size = counted(network.vocab_size, "kind");
        let kinds = match description.vocabulary {
            Tokenizer::Characters(_) => "",
            Tokenizer::Subwords(_) => " in subwords",
            Tokenizer::Words(_) => " in words",
        };
        let input = match network.embed_size {
            0 => "one-hot".into(),
            d => format!("embedding {d}"),
        };
        let cut = match settings.cut {
            Cut::Streams => counted(settings.batch_size, "stream") + " with the state carried",
            Cut::Windows => counted(settings.batch_size, "overlapping window"),
        };
        let (layers, units) = (network.layers, counted(network.hidden_size, "unit"));
        Summary {
            data: format!(
                "{characters}{kinds} of {vocab_size}, {train} to train and {val} to validate"
            ),
            model: format!("{input}, {layers} × {units}"),
            batches: format!("{cut}, {} long", counted(settings.seq_len, "step")),
        }
    }

    fn sample<R: Engine<Scalar = f32>>(
        &self,
        description: &LanguageDescription,
        _data: &Vec<u32>,
        network: &Network<R>,
    ) -> Option<Sample> {
        let text = pictures::sample(network, description, 160, self.seed);
        // All characters are known, but the model may compute no numbers.
        let text = text.unwrap_or_else(|error| format!("({error})"));
        Some(Sample::Text { text })
    }

    fn draw<R: Engine<Scalar = f32>>(run: &Run<Self, R>, _: &Vec<u32>) -> Result<Drawn, CliError> {
        let gates = Gates::of_run(run)?;
        Ok(Drawn {
            picture: Some(Picture::Map(gates.map())),
            svg: Some(("gates.svg", gates.svg())),
        })
    }

    fn next(description: &LanguageDescription, _data: &Vec<u32>, dir: &str) -> Vec<String> {
        let prime = match description.vocabulary.known("The ").trim_end() {
            "" => String::new(),
            prime => format!(" --prime {}", quoted(prime)),
        };
        vec![
            format!("lstm generate --model {dir}{prime} --length 400 --temperature 0.6"),
            format!("lstm eval --model {dir} --text FILE"),
            format!("lstm inspect --model {dir}"),
            format!("lstm export --model {dir} --to onnx --out {dir}/model.onnx"),
        ]
    }
}
