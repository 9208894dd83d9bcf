//! Weights by name: what is exported, what is imported, what is refused.

use lstm_model::{
    Batched, BidirectionalStack, Canonical, Init, Network, NetworkConfig, Parameters, Purpose,
    Tensor, Tensors, joined,
};
use nalgebra::{DVector, dmatrix, dvector};

fn network(embed_size: usize, seed: u64) -> Network<Batched<f32>> {
    let config = NetworkConfig {
        vocab_size: 4,
        embed_size,
        hidden_size: 3,
        layers: 2,
        ..NetworkConfig::default()
    };
    let mut network = Network::init(config, seed).unwrap();
    let mut n = 0.0;
    for slice in network.slices_mut() {
        slice.fill_with(|| {
            n += 1.0;
            n * seed as f32
        });
    }
    network
}

#[test]
fn a_network_exports_every_weight_under_its_name_and_imports_it_again() {
    for (embed_size, count) in [(0, 2 * 12 + 2), (2, 1 + 2 * 12 + 2)] {
        let original = network(embed_size, 1);
        let mut tensors = Tensors::new();
        original.export("net", &mut tensors);
        assert_eq!(tensors.len(), count);
        let shape = |name: &str| tensors[name].shape.clone();
        assert_eq!(shape("net.head.w"), [4, 3]);
        assert_eq!(shape("net.head.b"), [4]);
        let d = if embed_size == 0 { 4 } else { embed_size };
        assert_eq!(shape("net.layers.0.i.w_x"), [3, d]);
        assert_eq!(shape("net.layers.1.o.w_x"), [3, 3]);
        assert_eq!(shape("net.layers.1.f.w_h"), [3, 3]);
        assert_eq!(shape("net.layers.1.g.b"), [3]);
        assert_eq!(tensors.contains_key("net.embedding.w"), embed_size > 0);
        let mut other = network(embed_size, 2);
        other.import("net", &mut tensors).unwrap();
        assert_eq!(other, original);
        assert!(tensors.is_empty(), "{:?}", tensors.keys());
    }
}

#[test]
fn a_bidirectional_stack_exports_its_halves_and_imports_them_again() {
    let mut rng = Purpose::Weights.rng(1, 0, 0);
    let mut draw = || BidirectionalStack::<Batched<f32>>::init(Init::default(), 2, 3, 2, &mut rng);
    let (original, mut other) = (draw(), draw());
    let mut tensors = Tensors::new();
    original.export("encoder", &mut tensors);
    assert_eq!(tensors.len(), 2 * 2 * 12);
    assert_eq!(tensors["encoder.1.backward.o.w_x"].shape, [3, 6]);
    other.import("encoder", &mut tensors).unwrap();
    assert_eq!(other, original);
    assert!(tensors.is_empty(), "{:?}", tensors.keys());
}

#[test]
fn a_matrix_is_stored_row_by_row_and_a_vector_as_it_is() {
    let mut tensors = Tensors::new();
    let m = dmatrix![1.0_f32, 2.0, 3.0; 4.0, 5.0, 6.0];
    m.export("m", &mut tensors);
    Some(dvector![7.0_f32, 8.0]).export("v", &mut tensors);
    None::<DVector<f32>>.export("none", &mut tensors);
    vec![dvector![9.0_f32], dvector![10.0]].export("many", &mut tensors);
    let expected = [
        ("m", vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ("many.0", vec![1], vec![9.0]),
        ("many.1", vec![1], vec![10.0]),
        ("v", vec![2], vec![7.0, 8.0]),
    ];
    assert_eq!(tensors.len(), expected.len());
    for (name, shape, data) in expected {
        assert_eq!(tensors[name], Tensor { shape, data }, "{name}");
    }
    let mut many = vec![dvector![0.0_f32], dvector![0.0]];
    many.import("many", &mut tensors).unwrap();
    assert_eq!(many, [dvector![9.0], dvector![10.0]]);
    let mut some = Some(dvector![0.0_f32, 0.0]);
    some.import("v", &mut tensors).unwrap();
    assert_eq!(some, Some(dvector![7.0, 8.0]));
    None::<DVector<f32>>.import("m", &mut tensors).unwrap();
    assert!(tensors.contains_key("m"));
}

#[test]
fn a_weight_that_is_missing_misshapen_or_not_finite_is_refused_by_name() {
    let original = network(2, 1);
    let refused = |name: &str, change: &dyn Fn(&mut Tensors)| {
        let mut tensors = Tensors::new();
        original.export("", &mut tensors);
        assert!(tensors.contains_key(name), "{:?}", tensors.keys());
        change(&mut tensors);
        let mut other = network(2, 2);
        other.import("", &mut tensors).unwrap_err().to_string()
    };
    for name in ["embedding.w", "layers.0.f.b", "layers.1.o.w_h", "head.b"] {
        let missing = refused(name, &|t| drop(t.remove(name)));
        assert_eq!(missing, format!("tensor {name}: missing"));
        let infinite = refused(name, &|t| t.get_mut(name).unwrap().data[1] = f32::INFINITY);
        assert_eq!(infinite, format!("tensor {name}: element 1 is inf"));
    }
    let swapped = refused("head.w", &|t| {
        t.get_mut("head.w").unwrap().shape = vec![3, 4];
    });
    assert_eq!(
        swapped,
        "tensor head.w: its shape is [3, 4], expected [4, 3]"
    );
}

#[test]
fn names_are_joined_by_a_dot_unless_one_is_empty() {
    assert_eq!(joined("a", "b"), "a.b");
    assert_eq!(joined("", "b"), "b");
    assert_eq!(joined("a", ""), "a");
}
