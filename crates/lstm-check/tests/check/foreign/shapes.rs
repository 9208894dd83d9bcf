//! Shapes of other origins: batch first, a single sequence, states without the layer's dimension.

use super::plain::{H, Plain, transposed};
use super::{agreeing, report, reshape, says};
use lstm_check::{Mistake, Recording, check_recording, recompute};
use lstm_exchange::Tensor;
use safetensors::Dtype;

/// The recording with batch and time of these tensors exchanged.
fn swapped(mut recording: Recording, names: &[&str]) -> Recording {
    for name in names {
        let tensor = recording.tensors.get_mut(*name).unwrap();
        let &[first, second, size] = tensor.shape.as_slice() else {
            panic!("{name} has {:?}", tensor.shape)
        };
        let data = transposed(&tensor.data, [first, second, size]);
        *tensor = Tensor::new(&[second, first, size], data);
    }
    recording
}

fn torch(seq_len: usize) -> Recording {
    Plain::new(4, seq_len, 2).torch(Dtype::F64)
}

fn notes(recording: &Recording) -> String {
    report(recording).notes.join("; ")
}

#[test]
fn batch_first_is_recognised_by_shapes_or_by_numbers() {
    let batch_first = swapped(torch(6), &["x", "y"]);
    assert_eq!(agreeing(&batch_first), 3);
    assert!(
        notes(&batch_first).contains("read as batch first (B, T, …): only so do the shapes fit")
    );

    // T = B, and no states: the numbers decide.
    for is_batch_first in [false, true] {
        let mut open = Plain::from_zero(4, 2, 2).torch(Dtype::F64);
        open.tensors
            .retain(|name, _| !["h0", "c0", "hn", "cn"].contains(&name.as_str()));
        let names: &[&str] = if is_batch_first { &["x", "y"] } else { &[] };
        let open = swapped(open, names);
        assert_eq!(agreeing(&open), 1);
        let notes = notes(&open);
        let name = if is_batch_first {
            "batch first"
        } else {
            "time first"
        };
        assert!(notes.starts_with(&format!("read as {name}")), "{notes}");
        assert!(
            notes.contains("(batch and time swapped) they do not"),
            "{notes}"
        );
    }

    // One step of one sequence is the same in both orders.
    let one = Plain::new(4, 1, 1).torch(Dtype::F64);
    assert_eq!(agreeing(&one), 3);
    assert!(notes(&one).contains("nothing tells which is meant"));
}

#[test]
fn the_metadata_state_the_order_and_the_other_one_is_the_mistake() {
    for (text, names, is_right) in [
        ("true", &["x", "y"][..], true),
        ("True", &["x", "y"], true),
        ("false", &[], true),
        ("false", &["x", "y"], false),
        ("true", &[], false),
    ] {
        let mut recording = Plain::from_zero(4, 3, 3).torch(Dtype::F64);
        says(&mut recording, "batch_first", text);
        let report = report(&swapped(recording, names));
        assert_eq!(report.is_ok(), is_right, "{text} {names:?}");
        assert_eq!(report.swapped, (!is_right).then_some("all sequences"));
    }
    let mut recording = swapped(torch(6), &["x", "y"]);
    says(&mut recording, "batch_first", "false");
    let error = check_recording(&recording).unwrap_err().to_string();
    assert!(
        error.contains("h0") && error.contains("batch and time are swapped"),
        "{error}"
    );
}

#[test]
fn y_alone_swapped_is_recognised() {
    let recording = swapped(Plain::new(4, 2, 2).torch(Dtype::F64), &["y"]);
    let report = report(&recording);
    assert!(!report.is_ok());
    assert_eq!(report.swapped, Some("y"));
}

#[test]
fn in_both_orders_a_mistake_is_named() {
    let right = torch(6);
    let mut wrong = right.clone();
    wrong
        .tensors
        .extend(recompute(&right, Some(Mistake::RecurrentTransposed)).unwrap());
    for names in [&["x", "y"][..], &[]] {
        let report = report(&swapped(wrong.clone(), names));
        assert!(!report.is_ok());
        assert_eq!(report.explanations, [Mistake::RecurrentTransposed]);
    }
}

#[test]
fn a_single_sequence_needs_no_batch() {
    let mut recording = Plain::new(5, 6, 1).torch(Dtype::F64);
    for (name, shape) in [
        ("x", &[6, 3][..]),
        ("y", &[6, H]),
        ("h0", &[1, H]),
        ("c0", &[H]),
        ("hn", &[1, H]),
        ("cn", &[H]),
    ] {
        reshape(&mut recording, name, shape);
    }
    assert_eq!(agreeing(&recording), 3);
    assert!(notes(&recording).contains("one sequence of 6 steps"));
    assert_eq!(recompute(&recording, None).unwrap()["y"].shape, [6, H]);
}

#[test]
fn a_cell_reads_one_step_of_several_sequences() {
    let mut cell = Plain::new(5, 1, 3).torch(Dtype::F64);
    cell.tensors.remove("y");
    reshape(&mut cell, "x", &[3, 3]);
    for name in ["h0", "c0", "hn", "cn"] {
        reshape(&mut cell, name, &[3, H]);
    }
    for name in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] {
        super::rename(&mut cell, &format!("{name}_l0"), name);
    }
    super::rename(&mut cell, "hn", "h_1");
    super::rename(&mut cell, "cn", "c_1");
    assert_eq!(agreeing(&cell), 2);
}

#[test]
fn states_need_no_layer_where_there_is_one() {
    let mut recording = torch(6);
    for name in ["h0", "c0", "hn", "cn"] {
        reshape(&mut recording, name, &[2, H]);
    }
    assert_eq!(agreeing(&recording), 3);
}

#[test]
fn y_may_be_the_last_output_alone() {
    let mut recording = torch(6);
    let last = recording.tensors["hn"].data.clone();
    recording
        .tensors
        .insert("y".into(), Tensor::new(&[2, H], last));
    assert_eq!(agreeing(&recording), 3);
    recording.tensors.get_mut("y").unwrap().data.swap(0, 1);
    assert!(!report(&recording).is_ok());
}

#[test]
fn a_mask_hides_steps_from_the_lstm_or_from_the_loss() {
    let mut padded = Plain::new(6, 4, 2);
    let mask: Vec<f64> = [1, 1, 1, 1, 1, 0, 1, 0].map(f64::from).to_vec();
    let mask = Tensor::new(&[4, 2], mask);
    for is_packed in [true, false] {
        padded.mask = mask.data.iter().map(|&v| v == 1.0 || !is_packed).collect();
        let mut recording = padded.torch(Dtype::F64);
        recording.tensors.insert("mask".into(), mask.clone());
        assert_eq!(agreeing(&recording), 3);
        assert_eq!(
            notes(&recording).contains("read as time first (T, B, …), packed"),
            is_packed
        );
    }
}
