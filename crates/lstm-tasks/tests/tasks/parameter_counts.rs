//! The number of weights that a description promises is the number that its network has.

use lstm_model::{Network, NetworkConfig, Parameters, Spec};
use lstm_tasks::classify::{Classifier, ClassifierConfig, Pooling};
use lstm_tasks::forecast::{Forecaster, ForecasterConfig};
use lstm_tasks::{EncoderDecoder, EncoderDecoderConfig, Labeler, LabelerConfig};

#[test]
fn a_language_model_has_as_many_weights_as_its_sizes_say() {
    for (embed_size, layers) in [(0, 1), (0, 3), (5, 1), (5, 2)] {
        let config = NetworkConfig {
            vocab_size: 11,
            embed_size,
            hidden_size: 7,
            layers,
            ..NetworkConfig::default()
        };
        let network = Network::<Spec<f32>>::zeros(config.clone()).unwrap();
        assert_eq!(config.parameter_count(), network.parameter_count());
    }
}

#[test]
fn an_encoder_decoder_has_as_many_weights_as_its_sizes_say() {
    for (copies, layers) in [(false, 1), (false, 3), (true, 1), (true, 2)] {
        let config = EncoderDecoderConfig {
            source_vocab: 13,
            target_vocab: if copies { 13 } else { 9 },
            embed_size: 5,
            hidden_size: 8,
            layers,
            dropout: 0.0,
            copies,
        };
        let network = EncoderDecoder::<Spec<f32>>::zeros(config.clone()).unwrap();
        assert_eq!(config.parameter_count(), network.parameter_count());
    }
}

#[test]
fn a_labeler_has_as_many_weights_as_its_sizes_say() {
    for layers in [1, 3] {
        let config = LabelerConfig {
            vocab_sizes: [13, 7, 5, 5, 2],
            embed_sizes: [6, 4, 3, 2, 1],
            hidden_size: 8,
            layers,
            labels: 5,
            dropout: 0.0,
        };
        let network = Labeler::<Spec<f32>>::zeros(config.clone()).unwrap();
        assert_eq!(config.parameter_count(), network.parameter_count());
    }
}

#[test]
fn a_forecaster_has_as_many_weights_as_its_sizes_say() {
    for layers in [1, 3] {
        let config = ForecasterConfig {
            input_size: 5,
            hidden_size: 7,
            layers,
            outputs: 9,
            dropout: 0.0,
        };
        let network = Forecaster::<Spec<f32>>::zeros(config.clone()).unwrap();
        assert_eq!(config.parameter_count(), network.parameter_count());
    }
}

#[test]
fn a_classifier_has_as_many_weights_as_its_sizes_say() {
    for (vocab_size, layers, bidirectional) in
        [(0, 1, false), (11, 3, false), (0, 2, true), (11, 1, true)]
    {
        let config = ClassifierConfig {
            vocab_size,
            input_size: 5,
            hidden_size: 8,
            layers,
            bidirectional,
            pooling: Pooling::Mean,
            classes: 4,
            dropout: 0.0,
        };
        let network = Classifier::<Spec<f32>>::zeros(config.clone()).unwrap();
        assert_eq!(config.parameter_count(), network.parameter_count());
    }
}
