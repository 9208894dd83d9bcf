//! Names of other origins, tensors that are left out, and tensors that nobody asked for.

use super::plain::Plain;
use super::{agreeing, named, rename, report, says};
use lstm_check::{CheckError, Finding, Recording, check_recording};
use lstm_exchange::Tensor;
use safetensors::Dtype;

fn torch() -> Recording {
    Plain::new(1, 6, 2).torch(Dtype::F64)
}

fn error(recording: &Recording) -> String {
    check_recording(recording).unwrap_err().to_string()
}

#[test]
fn the_documentations_names_are_known() {
    for names in [
        [
            ("x", "input"),
            ("y", "output"),
            ("hn", "h_n"),
            ("cn", "c_n"),
            ("h0", "h_0"),
            ("c0", "c_0"),
        ],
        [
            ("x", "inputs"),
            ("y", "outputs"),
            ("hn", "state_h"),
            ("cn", "state_c"),
            ("h0", "h_init"),
            ("c0", "c_init"),
        ],
        [
            ("x", "X"),
            ("y", "Y"),
            ("hn", "Y_h"),
            ("cn", "Y_c"),
            ("h0", "initial_h"),
            ("c0", "initial_c"),
        ],
        [
            ("x", "Input"),
            ("y", "out"),
            ("hn", "h_T"),
            ("cn", "c_T"),
            ("h0", "H0"),
            ("c0", "C0"),
        ],
    ] {
        let mut recording = torch();
        for (own, theirs) in names {
            rename(&mut recording, own, theirs);
        }
        assert_eq!(agreeing(&recording), 3);
        let rows = report(&recording).rows;
        let rows: Vec<&str> = rows.iter().map(|row| row.tensor.as_str()).collect();
        assert!(rows.contains(&names[1].1), "{rows:?}");
    }
    let mut both = torch();
    rename(&mut both, "hn", "h_n");
    both.tensors
        .insert("state_h".into(), both.tensors["h_n"].clone());
    assert_eq!(
        error(&both),
        "h_n and state_h both mean hn; rename or remove one of them"
    );
}

#[test]
fn the_module_may_be_named_before_the_weights() {
    let weights = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"];
    for prefix in ["lstm.", "module.encoder.rnn.", "model/lstm/"] {
        let mut recording = torch();
        for name in weights {
            rename(&mut recording, name, &format!("{prefix}{name}"));
        }
        assert_eq!(agreeing(&recording), 3);
    }
    let mut two = torch();
    for name in weights {
        two.tensors
            .insert(format!("b.{name}"), two.tensors[name].clone());
        rename(&mut two, name, &format!("a.{name}"));
    }
    let error = error(&two);
    assert!(error.contains("several LSTMs (a., b.)"), "{error}");
}

#[test]
fn what_is_recorded_is_compared_and_what_is_not_is_named() {
    let mut only_y = torch();
    only_y.tensors.remove("hn");
    only_y.tensors.remove("cn");
    assert_eq!(agreeing(&only_y), 1);
    assert_eq!(named(&report(&only_y), &Finding::NotRecorded), ["cn", "hn"]);

    let mut only_hn = torch();
    only_hn.tensors.remove("y");
    only_hn.tensors.remove("cn");
    assert_eq!(agreeing(&only_hn), 1);

    let mut nothing = only_hn.clone();
    nothing.tensors.remove("hn");
    let refused = check_recording(&nothing);
    assert!(
        matches!(refused, Err(CheckError::NoOutput { .. })),
        "{refused:?}"
    );
    assert_eq!(
        error(&nothing),
        "nothing to compare: the file has none of the outputs cn, hn, y"
    );
}

#[test]
fn unknown_tensors_are_named_and_hide_nothing() {
    let mut recording = torch();
    recording
        .tensors
        .insert("head.weight".into(), Tensor::new(&[2], vec![1.0, 2.0]));
    assert_eq!(agreeing(&recording), 3);
    assert_eq!(
        named(&report(&recording), &Finding::Unknown),
        ["head.weight"]
    );
    recording.tensors.get_mut("cn").unwrap().data[0] += 1e-6;
    assert!(!report(&recording).is_ok());
}

#[test]
fn missing_initial_states_are_zero() {
    let mut recording = Plain::from_zero(2, 6, 2).torch(Dtype::F64);
    recording.tensors.remove("h0");
    assert_eq!(agreeing(&recording), 3);
    assert!(
        report(&recording)
            .notes
            .iter()
            .any(|note| note.contains("h0 is not recorded"))
    );
    recording.tensors.remove("c0");
    assert_eq!(agreeing(&recording), 3);
}

#[test]
fn the_operators_names_need_no_prefix() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/onnx");
    let mut recording =
        Recording::open(format!("{folder}/bidirectional.safetensors").as_ref()).unwrap();
    recording
        .tensors
        .retain(|name, _| !name.starts_with("spec64."));
    let names: Vec<String> = recording.tensors.keys().cloned().collect();
    for name in names {
        let own = name.split_once('.').unwrap().1.to_owned();
        rename(&mut recording, &name, &own);
    }
    assert_eq!(agreeing(&recording), 3);
    assert_eq!(report(&recording).format, "ONNX");

    // Two directions of weights say that it is bidirectional.
    recording.metadata.clear();
    assert_eq!(agreeing(&recording), 3);
    says(&mut recording, "direction", "reverse");
    assert!(check_recording(&recording).is_err());
}
