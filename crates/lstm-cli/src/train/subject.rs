//! What sessions need from language models.

use crate::error::CliError;
use crate::pictures;
use crate::session::{Subject, Summary};
use crate::settings::Sizes;
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
        let [characters, vocab_size, train, val] =
            [run.data.characters, network.vocab_size, train, val].map(|n| grouped(n as u64));
        let kinds = match description.vocabulary {
            Tokenizer::Characters(_) => "",
            Tokenizer::Subwords(_) => " in subwords",
        };
        let input = match network.embed_size {
            0 => "one-hot".into(),
            d => format!("embedding {d}"),
        };
        let cut = match settings.cut {
            Cut::Streams => "streams with the state carried",
            Cut::Windows => "overlapping windows",
        };
        let (layers, hidden_size) = (network.layers, network.hidden_size);
        let (batch_size, seq_len) = (settings.batch_size, settings.seq_len);
        Summary {
            data: format!(
                "{characters} characters{kinds} of {vocab_size} kinds, {train} to train and {val} to validate"
            ),
            model: format!("{input}, {layers} × {hidden_size} units"),
            batches: format!("{batch_size} {cut}, {seq_len} steps long"),
        }
    }

    fn show<R: Engine<Scalar = f32>>(
        &self,
        description: &LanguageDescription,
        _data: &Vec<u32>,
        network: &Network<R>,
    ) -> String {
        let text = pictures::sample(network, description, 160, self.seed);
        format!("\n    {}", text.replace('\n', "\n    "))
    }

    fn draw<R: Engine<Scalar = f32>>(run: &Run<Self, R>) -> Result<Vec<&'static str>, CliError> {
        pictures::write_gates(run)?;
        Ok(vec!["gates.svg"])
    }
}
