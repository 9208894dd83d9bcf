//! The sizes of a network: which are allowed, what they count, how they are stored.

use lstm_model::{
    Batched, BidirectionalStack, Embedding, Head, Init, ModelError, Network, NetworkConfig,
    Parameters, Purpose, layer_parameter_count,
};

fn config() -> NetworkConfig {
    NetworkConfig {
        vocab_size: 11,
        embed_size: 3,
        hidden_size: 5,
        layers: 2,
        ..NetworkConfig::default()
    }
}

#[test]
fn a_configuration_counts_the_weights_of_its_network() {
    for embed_size in [0, 3] {
        for layers in [1, 2, 3] {
            let config = NetworkConfig {
                embed_size,
                layers,
                ..config()
            };
            let network = Network::<Batched<f32>>::zeros(config.clone()).unwrap();
            let numbers: usize = network.slices().iter().map(|slice| slice.len()).sum();
            assert_eq!(network.parameter_count(), numbers, "{config:?}");
            assert_eq!(config.parameter_count(), numbers, "{config:?}");
        }
    }
    // 4(5·3 + 25 + 5) + 4(5·5 + 25 + 5) = 180 + 220, E has 33, the head 55 + 11.
    assert_eq!(config().parameter_count(), 33 + 180 + 220 + 66);
    assert_eq!(layer_parameter_count(3, 5), 180);
}

#[test]
fn a_setting_out_of_range_is_named() {
    let refused = |config: NetworkConfig| config.check().unwrap_err().to_string();
    let base = config();
    let cases = [
        (
            NetworkConfig {
                vocab_size: 0,
                ..base.clone()
            },
            "vocabulary size is 0, expected at least 1",
        ),
        (
            NetworkConfig {
                hidden_size: 0,
                ..base.clone()
            },
            "hidden size is 0, expected at least 1",
        ),
        (
            NetworkConfig {
                layers: 0,
                ..base.clone()
            },
            "number of layers is 0, expected at least 1",
        ),
        (
            NetworkConfig {
                dropout: 1.0,
                ..base.clone()
            },
            "dropout is 1, expected at least 0 and below 1",
        ),
        (
            NetworkConfig {
                head_dropout: -0.1,
                ..base.clone()
            },
            "head dropout is -0.1, expected at least 0 and below 1",
        ),
    ];
    for (config, message) in cases {
        assert_eq!(refused(config.clone()), message);
        let network = Network::<Batched<f32>>::init(config, 1);
        assert_eq!(network.unwrap_err().to_string(), message);
    }
    assert_eq!(base.check(), Ok(()));
}

#[test]
fn ten_thousand_million_weights_are_the_limit() {
    // V (D + H) + 4 L H (max(V, D, H) + H)
    let of = |vocab_size, embed_size, hidden_size, layers| NetworkConfig {
        vocab_size,
        embed_size,
        hidden_size,
        layers,
        ..NetworkConfig::default()
    };
    // 8 H² L + 2 H with V = 1 and D = 1: 9.95e9 and 1.005e10; the widest size may be any of the three.
    let allowed = [
        of(1, 1, 35_260, 1),
        of(1, 1, 5_000, 49),
        of(1_000_000, 5_990, 1, 1),
        of(1, 1_000_000, 2_000, 1),
    ];
    for config in allowed {
        assert_eq!(config.check(), Ok(()), "{config:?}");
    }
    let refused = [
        of(1, 1, 35_450, 1),
        of(1, 1, 5_000, 51),
        of(1_000_000, 10_010, 1, 1),
        of(1_000_000, 0, 2_000, 1),
        of(1, 1_300_000, 2_000, 1),
    ];
    for config in refused {
        let error = config.check().unwrap_err();
        assert!(
            matches!(&error, ModelError::Setting { setting: "number of weights", value, .. } if value == "about 1e10"),
            "{config:?}: {error}"
        );
    }
}

#[test]
fn the_first_layer_reads_the_embedding_and_the_others_the_layer_below() {
    let sizes = |config: &NetworkConfig| (0..3).map(|l| config.input_size(l)).collect::<Vec<_>>();
    assert_eq!(sizes(&config()), [3, 5, 5]);
    let one_hot = NetworkConfig {
        embed_size: 0,
        ..config()
    };
    assert_eq!(sizes(&one_hot), [11, 5, 5]);
}

#[test]
fn a_configuration_is_stored_with_the_name_of_its_init() {
    for (init, name) in [
        (Init::GlorotOrthogonal, "glorot"),
        (Init::PytorchUniform, "pytorch"),
    ] {
        let config = NetworkConfig { init, ..config() };
        let json = serde_json::to_value(&config).unwrap();
        assert_eq!(json["init"], name);
        assert_eq!(
            serde_json::from_value::<NetworkConfig>(json.clone()).unwrap(),
            config
        );
    }
    let mut json = serde_json::to_value(config()).unwrap();
    json["init"] = "zeros".into();
    let error = serde_json::from_value::<NetworkConfig>(json).unwrap_err();
    assert_eq!(error.to_string(), "unknown init \"zeros\"");
}

/// The mean of the squares, and the largest absolute value.
fn spread(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
    (mean, values.iter().fold(0.0, |m, v| v.abs().max(m)))
}

#[test]
fn initial_weights_have_the_spread_that_is_documented() {
    let mut rng = Purpose::Weights.rng(5, 0, 0);
    let Embedding::<f64>::Table(e) = Embedding::init(300, 40, &mut rng) else {
        panic!("an embedding of 40 numbers is a table");
    };
    assert_eq!(e.shape(), (40, 300));
    let (mean_square, _) = spread(e.as_slice());
    assert!((mean_square - 1.0).abs() < 0.05, "{mean_square}");
    assert!(e.mean().abs() < 0.05, "{}", e.mean());

    // Uniform in ±1/√25: the mean of the squares is a third of 1/25.
    let head = Head::<f64>::init(300, 25, &mut rng);
    for values in head.slices() {
        let (mean_square, most) = spread(values);
        assert!(most <= 0.2 && most > 0.19, "{most}");
        assert!((mean_square - 0.04 / 3.0).abs() < 0.002, "{mean_square}");
    }
    assert_eq!(
        Embedding::<f64>::init(7, 0, &mut rng),
        Embedding::OneHot { vocab_size: 7 }
    );
    assert_eq!(
        Embedding::<f64>::zeros(7, 0),
        Embedding::OneHot { vocab_size: 7 }
    );
}

#[test]
fn the_weights_of_a_network_are_a_function_of_the_seed() {
    let network = |seed| Network::<Batched<f64>>::init(config(), seed).unwrap();
    assert_eq!(network(1), network(1));
    let (one, two) = (network(1), network(2));
    let (one, two) = (one.slices(), two.slices());
    assert_eq!(one.len(), 1 + 2 * 3 + 2);
    for (n, (a, b)) in one.iter().zip(&two).enumerate() {
        // A bias of the layers is drawn by no rule of chance.
        if ![3, 6].contains(&n) {
            assert!(a.iter().zip(*b).all(|(a, b)| a != b), "tensor {n}");
        }
    }
}

#[test]
fn a_bidirectional_stack_is_drawn_layer_by_layer_with_doubled_inputs_above() {
    let mut rng = Purpose::Weights.rng(5, 0, 0);
    let stack = BidirectionalStack::<Batched<f64>>::init(Init::default(), 3, 4, 2, &mut rng);
    let zeros = BidirectionalStack::<Batched<f64>>::zeros(3, 4, 2);
    assert_eq!(stack.zeros_like(), zeros);
    assert_eq!(
        stack.parameter_count(),
        2 * (layer_parameter_count(3, 4) + layer_parameter_count(8, 4))
    );
    assert_ne!(stack.layers[0].forward, stack.layers[0].backward);
}

#[test]
fn every_purpose_and_place_has_numbers_of_its_own() {
    use rand::RngExt;
    let purposes = [
        Purpose::Weights,
        Purpose::Shuffle,
        Purpose::Dropout,
        Purpose::Sampling,
        Purpose::Check,
        Purpose::Restart,
    ];
    let mut first: Vec<u64> = Vec::new();
    for purpose in purposes {
        for (seed, a, b) in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)] {
            first.push(purpose.rng(seed, a, b).random());
        }
    }
    let count = first.len();
    first.sort_unstable();
    first.dedup();
    assert_eq!(first.len(), count);
}
