//! Descriptions of new models: vocabularies and labels come from the training data.

use crate::data::{Pair, Sentence};
use crate::{
    EncoderDecoderConfig, Features, LabelerConfig, LabelerDescription, TransducerDescription,
    Transduction, label_names, usual_predicates,
};
use lstm_text::BytePair;
use lstm_train::TrainError;

impl TransducerDescription {
    /// A model for pairs, with at most `vocab_size` subwords on each side, which are learned from the
    /// pairs. Summarisation copies, and copying needs the same subwords on both sides. The vocabulary
    /// sizes and `copies` of `config` are set accordingly.
    ///
    /// # Errors
    /// If the pairs have no text, `vocab_size` is too small, or a size of `config` is out of range.
    pub fn from_pairs(
        transduction: Transduction,
        pairs: &[Pair],
        vocab_size: usize,
        max_source: usize,
        mut config: EncoderDecoderConfig,
    ) -> Result<Self, TrainError> {
        let sources = || pairs.iter().map(|pair| pair.source.as_str());
        let targets = || pairs.iter().map(|pair| pair.target.as_str());
        let copies = transduction == Transduction::Summarisation;
        let (source, target) = if copies {
            let texts = sources().chain(targets());
            (BytePair::train(texts, vocab_size), None)
        } else {
            let target = BytePair::train(targets(), vocab_size).map_err(TrainError::data)?;
            (BytePair::train(sources(), vocab_size), Some(target))
        };
        let source = source.map_err(TrainError::data)?;
        config.copies = copies;
        config.source_vocab = source.len();
        config.target_vocab = target.as_ref().unwrap_or(&source).len();
        config.check()?;
        Ok(Self {
            transduction,
            network: config,
            source,
            target,
            max_source,
        })
    }
}

impl LabelerDescription {
    /// A model for sentences, with their words and affixes that occur at least `min_count` times, and
    /// their labels. The vocabulary sizes and the number of labels of `config` are set accordingly.
    ///
    /// # Errors
    /// If no word is frequent enough, or a size of `config` is out of range.
    pub fn from_sentences(
        sentences: &[Sentence],
        min_count: usize,
        mut config: LabelerConfig,
    ) -> Result<Self, TrainError> {
        let words = sentences.iter().flat_map(|sentence| &sentence.words);
        let words: Vec<&str> = words.map(String::as_str).collect();
        let features = Features::from_words(&words, min_count).map_err(TrainError::data)?;
        let labels = label_names(sentences);
        config.vocab_sizes = features.sizes();
        config.labels = labels.len();
        config.check()?;
        Ok(Self {
            network: config,
            features,
            labels,
            predicates: usual_predicates(sentences),
        })
    }
}
