//! Models whose weights are numbers and whose outputs are not, and runs that explode.

use crate::hostile::{
    App, CLASSIFIER, FORECASTER, LABELER, LANGUAGE_MODEL, SUMMARIZER, TRANSLATOR,
};
use crate::tool::{Place, words};
use lstm_fast::Fast;
use lstm_model::Parameters;
use lstm_tasks::classify::ClassifierDescription;
use lstm_tasks::forecast::ForecasterDescription;
use lstm_tasks::{LabelerDescription, LanguageDescription, TransducerDescription};
use lstm_train::{Description, StoredModel, write_model};

/// Writes the model of the run in `out` to `bad.safetensors`, with the largest weights that are finite.
fn write_overflowing<D: Description>(place: &Place) {
    let model = StoredModel::<D>::read(&place.path("out")).unwrap();
    let (description, mut network) = model.network::<Fast>().unwrap();
    for weights in network.slices_mut() {
        weights.fill(3e38);
    }
    write_model(&place.path("bad.safetensors"), &description, &network).unwrap();
}

#[test]
fn a_model_that_computes_no_numbers_is_an_error_in_every_command_that_computes() {
    type Case<'a> = (&'a App, fn(&Place), &'a [&'a str]);
    let cases: [Case<'_>; 6] = [
        (
            &LANGUAGE_MODEL,
            write_overflowing::<LanguageDescription>,
            &[
                "eval --text data",
                "generate --length 5",
                "generate --length 5 --temperature 0",
                "generate --length 5 --half",
                "generate --length 5 --beam 2",
            ],
        ),
        (
            &TRANSLATOR,
            write_overflowing::<TransducerDescription>,
            &[
                "translate eval --pairs data",
                "translate eval --pairs data --beam 1 --out new",
                "translate run cat",
            ],
        ),
        (
            &SUMMARIZER,
            write_overflowing::<TransducerDescription>,
            &["summarize eval --records data", "summarize run fire"],
        ),
        (
            &LABELER,
            write_overflowing::<LabelerDescription>,
            &["label eval --sentences data", "label run eats"],
        ),
        (
            &FORECASTER,
            write_overflowing::<ForecasterDescription>,
            &["forecast run --data data"],
        ),
        (
            &CLASSIFIER,
            write_overflowing::<ClassifierDescription>,
            &[
                "classify eval --data data",
                "classify run ab",
                "classify run --input data",
            ],
        ),
    ];
    for (app, write, commands) in cases {
        let place = app.place();
        write(&place);
        for command in commands {
            let output = place.run(&words(&format!("{command} --model bad.safetensors")));
            let told = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{command}: {told}");
            let expected = "error: the model's outputs are not finite numbers";
            assert!(told.contains(expected), "{command}: {told}");
            assert!(!place.path("new").exists(), "{command}");
        }
    }
}

#[test]
fn an_exploding_run_is_told_once_and_early_and_ends_with_an_error_if_it_computes_no_numbers() {
    for app in [
        &LANGUAGE_MODEL,
        &TRANSLATOR,
        &SUMMARIZER,
        &LABELER,
        &CLASSIFIER,
    ] {
        let place = Place::new();
        place.write("data", app.content.repeat(20));
        let train = format!(
            "{} {} data --threads 1 --hidden 8 --schedule constant",
            app.train, app.data[0]
        );
        let explodes = format!("{train} --out out --lr 100 --clip 0 --steps 60 --eval-every 5");
        let output = place.run(&words(&explodes));
        let told = String::from_utf8(output.stderr).unwrap();
        let warnings: Vec<&str> = told
            .lines()
            .filter(|line| line.contains("exploded"))
            .collect();
        assert_eq!(warnings.len(), 1, "{}: {told}", app.train);
        let step = warnings[0].split("at step ").nth(1).unwrap();
        let step: u64 = step.split(',').next().unwrap().parse().unwrap();
        assert!(step <= 10, "{}: {told}", app.train);
        // The largest learning rate that f32 weights survive for a step.
        let ends = format!("{train} --out new --lr 1e38 --clip 0 --steps 60 --eval-every 5");
        let output = place.run(&words(&ends));
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{}: {told}", app.train);
        assert!(told.contains("is not finite at step"), "{told}");
        assert!(told.contains("lower learning rate"), "{told}");
    }
}

#[test]
fn a_loss_that_rounding_makes_negative_is_no_reason_to_refuse_a_run() {
    let place = Place::new();
    place.write("data", LABELER.content.repeat(20));
    let options =
        "--threads 1 --hidden 8 --schedule constant --lr 100 --clip 0 --steps 60 --eval-every 5";
    let train = format!("label train --sentences data --val data --out out {options}");
    place.ok(&words(&train));
    let best = place.header("out")["state"]["progress"]["best"].clone();
    assert!(best["val_loss"].as_f64().unwrap() < 0.0, "{best}");
    place.ok(&words("label train --resume out --lr 1e-3 --steps 61"));
}
