//! Which part of a file of `torch.save` is the model.

use super::build::{
    V, View, call, dict, global, int, model, module, network, object, read_with, renamed,
    safetensors, said, said_with, saved, shaped, state_dict,
};
use lstm_exchange::Tensors;
use lstm_exchange::pytorch::PytorchOptions;

fn part(name: &str) -> PytorchOptions {
    PytorchOptions {
        part: Some(name.into()),
        ..PytorchOptions::default()
    }
}

/// Two models, the second of other numbers, and the storages of both.
fn two() -> (Vec<u8>, Vec<u8>, Tensors, Tensors) {
    let mut other = model();
    other
        .values_mut()
        .flat_map(|tensor| &mut tensor.data)
        .for_each(|v| *v += 1.0);
    let views: Vec<_> = other
        .iter()
        .map(|(name, tensor)| (name.as_str(), View::of(&stored_name(name), tensor).pickle()))
        .collect();
    let mut storages = model();
    storages.extend(
        other
            .iter()
            .map(|(name, tensor)| (stored_name(name), tensor.clone())),
    );
    (state_dict(&model()), dict(&views), storages, other)
}

fn stored_name(name: &str) -> String {
    format!("other.{name}")
}

#[test]
fn the_model_is_told_from_the_optimiser_and_from_its_average() {
    let (first, second, storages, other) = two();
    let moments = View::of("rnn.weight_hh_l0", &model()["rnn.weight_hh_l0"]).pickle();
    let state = call(global("collections", "OrderedDict"), &[]);
    let optimizer = dict(&[
        ("state", dict(&[("exp_avg", moments)])),
        ("param_groups", state),
    ]);
    let plain = network(&safetensors(&model(), &[]));
    for usual in ["model", "state_dict", "model_state_dict"] {
        let all = [
            ("ema", second.clone()),
            ("epoch", int(3)),
            ("optimizer", optimizer.clone()),
            (
                "args",
                object(global("argparse", "Namespace"), &[("lr", int(1))]),
            ),
            (usual, first.clone()),
        ];
        let file = saved(&dict(&all), &storages);
        assert_eq!(network(&file), plain, "{usual}");
        let average = read_with(&file, part("ema")).unwrap().network;
        assert_eq!(average, network(&safetensors(&other, &[])));
    }
    let only = saved(
        &dict(&[("weights", first), ("optimizer", optimizer)]),
        &storages,
    );
    assert_eq!(network(&only), plain);
}

#[test]
fn several_models_are_listed() {
    let (first, second, storages, other) = two();
    let pair =
        |a: &str, b: &str| saved(&dict(&[(a, first.clone()), (b, second.clone())]), &storages);
    for (a, b) in [("ema", "net"), ("model", "state_dict")] {
        let file = pair(a, b);
        assert_eq!(
            said(&file),
            format!("the file has several models: {a}, {b}; choose one with --part")
        );
        let chosen = read_with(&file, part(b)).unwrap().network;
        assert_eq!(chosen, network(&safetensors(&other, &[])));
        assert!(said_with(&file, part("x")).starts_with("nothing is named x; the file has"));
    }
    let list = [&b"]("[..], &first, b"K\x03e"].concat();
    assert_eq!(
        network(&saved(&list, &storages)),
        network(&safetensors(&model(), &[]))
    );
}

#[test]
fn a_part_of_a_safetensors_file_is_a_model_too() {
    let mut both = renamed(
        &model(),
        &[
            ("encoder", "a.encoder"),
            ("rnn", "a.rnn"),
            ("decoder", "a.decoder"),
        ],
    );
    both.extend(renamed(
        &model(),
        &[
            ("encoder", "b.encoder"),
            ("rnn", "b.rnn"),
            ("decoder", "b.decoder"),
        ],
    ));
    let file = safetensors(&both, &[]);
    let lstms = said(&file);
    assert!(
        lstms.contains("a.rnn, b.rnn") && lstms.contains("--part"),
        "{lstms}"
    );
    let chosen = read_with(&file, part("b")).unwrap().network;
    assert_eq!(chosen, network(&safetensors(&model(), &[])));
    assert!(said_with(&file, part("c")).starts_with("nothing is named c"));
}

fn own(class: &str) -> Vec<u8> {
    global("__main__", class)
}

fn torch(module: &str, class: &str) -> Vec<u8> {
    global(&format!("torch.nn.modules.{module}"), class)
}

fn parameter(tensors: &Tensors, name: &str) -> Vec<u8> {
    let view = View::of(name, &tensors[name]).pickle();
    call(
        global("torch._utils", "_rebuild_parameter"),
        &[view, b"\x88".to_vec(), b"N".to_vec()],
    )
}

/// A whole module, and further children of it.
fn whole(embedding: &[(&str, Vec<u8>)], more: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let tensors = model();
    let of = |prefix: &str| -> Vec<(String, Vec<u8>)> {
        let names = tensors
            .keys()
            .filter_map(|name| Some((name, name.strip_prefix(prefix)?)));
        names
            .map(|(name, own)| (own.to_owned(), parameter(&tensors, name)))
            .collect()
    };
    let made = |class: Vec<u8>, prefix: &str, others: &[(&str, Vec<u8>)]| {
        let all = of(prefix);
        let all: Vec<_> = all
            .iter()
            .map(|(name, code)| (name.as_str(), code.clone()))
            .collect();
        module(class, &all, &[], others)
    };
    let children = [
        (
            "encoder",
            made(torch("sparse", "Embedding"), "encoder.", embedding),
        ),
        ("rnn", made(torch("rnn", "LSTM"), "rnn.", &[])),
        ("decoder", made(torch("linear", "Linear"), "decoder.", &[])),
        (
            "dropout",
            module(torch("dropout", "Dropout"), &[], &[], &[]),
        ),
    ];
    module(own("Net"), &[], &[&children[..], more].concat(), &[])
}

#[test]
fn a_whole_module_is_read_if_every_part_of_it_is_known() {
    let plain = network(&safetensors(&model(), &[]));
    let none = [("max_norm", b"N".to_vec())];
    assert_eq!(network(&saved(&whole(&none, &[]), &model())), plain);
    let nested = dict(&[("model", whole(&none, &[])), ("epoch", int(1))]);
    assert_eq!(network(&saved(&nested, &model())), plain);
}

#[test]
fn a_module_that_computes_something_else_is_named() {
    let empty = |class: Vec<u8>| module(class, &[], &[], &[]);
    let kept = || View::of("decoder.bias", &model()["decoder.bias"]).pickle();
    for (more, why) in [
        (
            empty(torch("activation", "ReLU")),
            "module extra, a ReLU, is not supported",
        ),
        (
            empty(torch("activation", "Softmax")),
            "module extra, a Softmax, is not supported",
        ),
        (
            empty(torch("normalization", "LayerNorm")),
            "module extra, a LayerNorm, is not supported",
        ),
        (
            module(
                own("Inner"),
                &[],
                &[("act", empty(torch("activation", "Tanh")))],
                &[],
            ),
            "module extra.act, a Tanh,",
        ),
        (
            module(own("Inner"), &[], &[], &[("scale", kept())]),
            "a tensor that __main__.Inner keeps as scale, not as a parameter, is not supported",
        ),
    ] {
        let said = said(&saved(&whole(&[], &[("extra", more)]), &model()));
        assert!(said.contains(why), "{said}");
    }
    let limited = whole(&[("max_norm", int(1))], &[]);
    assert!(
        said(&saved(&limited, &model())).contains("an embedding with max_norm (module encoder)")
    );
}

#[test]
fn the_classes_of_modules_tell_their_roles() {
    // V = D = H, no bias, and names that say nothing.
    let tensors = shaped(&[
        ("a.weight", &[V, V]),
        ("b.weight", &[V, V]),
        ("c.weight_ih_l0", &[4 * V, V]),
        ("c.weight_hh_l0", &[4 * V, V]),
    ]);
    assert!(said(&safetensors(&tensors, &[])).starts_with("two ways"));
    let made = |class: Vec<u8>, own: &[&str], prefix: &str| {
        let all: Vec<_> = own
            .iter()
            .map(|own| (*own, parameter(&tensors, &format!("{prefix}.{own}"))))
            .collect();
        module(class, &all, &[], &[])
    };
    let children = [
        ("b", made(torch("sparse", "Embedding"), &["weight"], "b")),
        ("a", made(torch("linear", "Linear"), &["weight"], "a")),
        (
            "c",
            made(torch("rnn", "LSTM"), &["weight_ih_l0", "weight_hh_l0"], "c"),
        ),
    ];
    let file = saved(&module(own("Net"), &[], &children, &[]), &tensors);
    let named = renamed(&tensors, &[("a.", "head."), ("b.", "embed.")]);
    assert_eq!(network(&file), network(&safetensors(&named, &[])));
}
