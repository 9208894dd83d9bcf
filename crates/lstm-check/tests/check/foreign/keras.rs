//! Keras: configurations as the library writes them, padding at either end, names, single outputs.

use super::plain::{H, Plain, transposed};
use super::{agreeing, rename, report, says};
use lstm_check::{Recording, check_recording, recompute};
use lstm_exchange::Tensor;

fn keras() -> Recording {
    Plain::new(8, 5, 3).keras()
}

fn with_config(config: &str) -> Recording {
    let mut recording = keras();
    says(&mut recording, "config", config);
    recording
}

/// What `get_config` of Keras 3 gives.
const FULL: &str = r#"{"name": "lstm", "trainable": true, "dtype": {"module": "keras", "class_name":
    "DTypePolicy", "config": {"name": "float32"}, "registered_name": null}, "return_sequences": true,
    "return_state": true, "go_backwards": false, "stateful": false, "unroll": false,
    "zero_output_for_mask": false, "units": 4, "activation": "tanh", "recurrent_activation": "sigmoid",
    "use_bias": true, "kernel_initializer": {"class_name": "GlorotUniform"}, "recurrent_initializer":
    "orthogonal", "bias_initializer": null, "unit_forget_bias": true, "kernel_regularizer": null,
    "recurrent_regularizer": null, "bias_regularizer": null, "activity_regularizer": null,
    "kernel_constraint": null, "recurrent_constraint": null, "bias_constraint": null, "dropout": 0.0,
    "recurrent_dropout": 0.0, "seed": null}"#;

#[test]
fn a_full_configuration_changes_nothing() {
    assert_eq!(agreeing(&with_config(FULL)), 3);
    let serialised =
        format!(r#"{{"module": "keras.layers", "class_name": "LSTM", "config": {FULL}}}"#);
    assert_eq!(agreeing(&with_config(&serialised)), 3);
    let old = r#"{"implementation": 2, "time_major": false, "batch_input_shape": [null, 5, 3], "ragged": false}"#;
    assert_eq!(agreeing(&with_config(old)), 3);
}

#[test]
fn arguments_of_training_are_said_not_to_be_applied() {
    let config =
        r#"{"dropout": 0.2, "recurrent_dropout": 0.1, "kernel_regularizer": {"l2": 0.01}}"#;
    let recording = with_config(config);
    assert_eq!(agreeing(&recording), 3);
    let notes = report(&recording).notes.join("; ");
    for what in [
        "dropout 0.2 acts only in training",
        "recurrent_dropout 0.1",
        "kernel_regularizer",
    ] {
        assert!(notes.contains(what), "{notes}");
    }
}

#[test]
fn arguments_that_contradict_or_are_not_computed_are_refused_by_name() {
    for (config, what) in [
        (
            r#"{"use_bias": false}"#,
            "use_bias is false, but there is a bias",
        ),
        (r#"{"units": 5}"#, "units is 5, the tensors say 4"),
        (r#"{"merge_mode": "sum"}"#, "merge_mode"),
        (r#"{"activation": "gelu"}"#, "gelu"),
        (r#"{"class_name": "GRU", "config": {}}"#, "GRU"),
        (r#"{"peepholes": true}"#, "peepholes"),
        (r#"{"go_backwards": 3}"#, "go_backwards"),
    ] {
        let error = check_recording(&with_config(config))
            .unwrap_err()
            .to_string();
        assert!(error.contains(what), "{error}");
    }
}

/// The recording of a layer with this argument, computed here and read again.
fn computed(config: &str, version: Option<&str>) -> Recording {
    let mut recording = with_config(config);
    if let Some(version) = version {
        says(&mut recording, "keras_version", version);
    }
    recording
        .tensors
        .extend(recompute(&recording, None).unwrap());
    recording
}

#[test]
fn activations_are_known_in_their_serialised_forms() {
    let function = r#"{"activation": {"module": "builtins", "class_name": "function", "config": "relu",
        "registered_name": "function"}}"#;
    let layer = r#"{"activation": {"class_name": "ReLU", "config": {"max_value": null, "threshold": 0.0}}}"#;
    let plain = computed(r#"{"activation": "relu"}"#, None);
    assert!(
        !report(&Recording {
            metadata: [].into(),
            ..plain.clone()
        })
        .is_ok()
    );
    for config in [
        function,
        layer,
        r#"{"activation": "keras.activations.relu"}"#,
    ] {
        let mut recording = plain.clone();
        says(&mut recording, "config", config);
        assert_eq!(agreeing(&recording), 3, "{config}");
    }
    let mut beside = plain.clone();
    beside.metadata.clear();
    says(&mut beside, "activation", "relu");
    assert_eq!(agreeing(&beside), 3);
}

/// 0.2 a + 0.5 up to Keras 2, a / 6 + 0.5 since Keras 3.
#[test]
fn the_hard_sigmoid_is_that_of_the_version_or_the_one_that_agrees() {
    let config = r#"{"recurrent_activation": "hard_sigmoid"}"#;
    let [two, three] = ["2.15.0", "3.8.0"].map(|version| computed(config, Some(version)));
    assert_ne!(two.tensors["y"], three.tensors["y"]);
    for (own, other, name) in [(&two, "3.8.0", "Keras 2"), (&three, "2.15.0", "Keras 3")] {
        assert_eq!(agreeing(own), 3);
        let mut wrong = own.clone();
        says(&mut wrong, "keras_version", other);
        let explained = report(&wrong).explanations;
        assert_eq!(explained, [lstm_check::Mistake::OtherHardSigmoid]);
        wrong.metadata.remove("keras_version");
        assert_eq!(agreeing(&wrong), 3);
        let notes = report(&wrong).notes.join("; ");
        assert!(
            notes.contains(&format!("(B, T, …), {name}'s hard sigmoid: so")),
            "{notes}"
        );
    }
}

fn padded(mask: [[u8; 5]; 3]) -> Recording {
    let mut plain = Plain::from_zero(9, 5, 3);
    let mask = mask
        .as_flattened()
        .iter()
        .map(|&v| f64::from(v))
        .collect::<Vec<_>>();
    plain.mask = transposed(&mask, [3, 5, 1])
        .iter()
        .map(|&v| v == 1.0)
        .collect();
    let mut recording = plain.keras();
    recording
        .tensors
        .insert("mask".into(), Tensor::new(&[3, 5], mask));
    recording
}

const LEFT: [[u8; 5]; 3] = [[0, 0, 1, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 1]];
const RIGHT: [[u8; 5]; 3] = [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1], [1, 0, 0, 0, 0]];
const GAPS: [[u8; 5]; 3] = [[0, 1, 0, 1, 0], [1, 0, 1, 1, 0], [0, 0, 0, 0, 0]];

#[test]
fn a_mask_may_hide_any_steps() {
    for mask in [LEFT, RIGHT, GAPS] {
        assert_eq!(agreeing(&padded(mask)), 3);
    }
    for (mask, name) in [(LEFT, "start"), (RIGHT, "end")] {
        let mut recording = padded(mask);
        recording.tensors.remove("mask");
        let lengths = Tensor::new(&[3], vec![3.0, 5.0, 1.0]);
        recording.tensors.insert("lengths".into(), lengths);
        assert_eq!(agreeing(&recording), 3);
        let notes = report(&recording).notes.join("; ");
        assert!(
            notes.contains(&format!("padded at the {name}: so")),
            "{notes}"
        );
    }
}

#[test]
fn layers_may_be_named_before_the_weights() {
    for path in ["lstm/lstm_cell/", "sequential/lstm_1/lstm_cell_3/", "lstm."] {
        let mut recording = keras();
        for name in ["kernel", "recurrent_kernel", "bias"] {
            rename(&mut recording, name, &format!("{path}{name}:0"));
        }
        recording
            .tensors
            .insert("dense/kernel:0".into(), Tensor::new(&[2], vec![1.0, 2.0]));
        assert_eq!(agreeing(&recording), 3);
    }
}

#[test]
fn without_return_sequences_y_is_the_last_output() {
    let mut recording = padded(RIGHT);
    let last = recording.tensors["hn"].clone();
    recording.tensors.insert("output".into(), last);
    recording.tensors.remove("y");
    assert_eq!(agreeing(&recording), 3);
    assert_eq!(recompute(&recording, None).unwrap()["output"].shape, [3, H]);
}

/// Both directions read the same weights here; the last output of the reverse one is its state after step 1.
#[test]
fn of_two_directions_the_last_outputs_are_their_last_states() {
    let mut recording = keras();
    for name in ["kernel", "recurrent_kernel", "bias"] {
        let tensor = recording.tensors.remove(name).unwrap();
        recording.tensors.insert(
            format!("bidirectional/forward_lstm/lstm_cell/{name}"),
            tensor.clone(),
        );
        recording.tensors.insert(
            format!("bidirectional/backward_lstm/lstm_cell/{name}"),
            tensor,
        );
    }
    recording
        .tensors
        .retain(|name, _| !["h0", "c0", "hn", "cn"].contains(&name.as_str()));
    recording
        .tensors
        .insert("y".into(), Tensor::new(&[3, 2 * H], vec![0.0; 3 * 2 * H]));
    let found = recompute(&recording, None).unwrap();
    for n in 0..3 {
        let y = &found["y"].data[n * 2 * H..][..2 * H];
        assert_eq!(y[..H], found["fw.hn"].data[n * H..][..H]);
        assert_eq!(y[H..], found["bw.hn"].data[n * H..][..H]);
    }
    recording.tensors.insert("y".into(), found["y"].clone());
    assert_eq!(agreeing(&recording), 1);
}
