//! Tests the committed files of the live pages: the module is made from the current sources and
//! computes the same as the crates, and the writer's model has the loss that it states.

use crate::page::{Page, TOLERANCE, bytes, call, distance, models};
use lstm_live::mailbox::CAPACITY;
use lstm_live::writer::Writer;
use lstm_live::{follows, script, sources, train};
use lstm_model::{Purpose, Reader};
use rand::RngExt;
use std::fs;

/// As [`TOLERANCE`]; central differences divide the rounding of a loss by 1.2e-5. Measured: 4.8e-11.
const TOLERANCE_OF_DIFFERENCES: f64 = 1e-9;

#[test]
fn the_module_is_made_from_these_sources() {
    let script = script::read("module").unwrap();
    let how = "the live pages' module is stale: `cargo run -p lstm-live -- build`";
    assert_eq!(script["sources"], sources::hash().unwrap(), "{how}");
    let packages: Vec<String> = serde_json::from_value(script["packages"].clone()).unwrap();
    assert!(packages.len() > 10);
    assert_eq!(sources::missing(&packages).unwrap(), None, "{how}");
}

#[test]
fn the_module_computes_what_the_crates_compute() {
    let (mut page, mut models) = (Page::open(), models());
    let mut rng = Purpose::Check.rng(1, 0, 0);
    let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| rng.random_range(-2.0..2.0)).collect() };
    let weights = |d: usize, h: usize| 4 * (h * d + h * h + h);
    let mut calls = vec![
        call("curve", &[0, 61], vec![-6.0, 6.0]),
        call("curve", &[1, 61], vec![-800.0, 800.0]),
    ];
    for (d, h, t) in [(1, 1, 24), (2, 2, 5), (3, 1, 7), (2, 3, 6)] {
        calls.push(call("gates", &[d, h], draw(weights(d, h) + d + h)));
        calls.push(call(
            "cell",
            &[d, h, t],
            draw(weights(d, h) + 2 * h + t * d),
        ));
    }
    calls.push(call("slip", &[10], draw(40)));
    calls.push(call("truncation", &[8], vec![1.0]));
    calls.push(call("vanish", &[0], vec![1.3, 0.8]));
    calls.push(call("vanish", &[1], vec![1.2, 0.0]));
    for call in &calls {
        let here = call.answer(&mut models).unwrap();
        let there = page.answer(call);
        let off = distance(&there, &here);
        assert!(off < TOLERANCE, "{}: off by {off:e}", call.name);
    }
}

#[test]
fn the_gradients_in_the_page_are_those_of_the_crates() {
    let (mut page, mut models) = (Page::open(), models());
    let (d, h, t) = (2, 3, 6);
    let start = call("gradcheck_start", &[d, h, t], vec![]);
    let theta = start.answer(&mut models).unwrap();
    assert_eq!(page.answer(&start), theta, "drawn, not computed");
    let n = theta.len() - (t + 1) * h;
    for mistake in 0..=6 {
        let call = call("gradcheck", &[d, h, t, mistake], theta.clone());
        let (here, there) = (call.answer(&mut models).unwrap(), page.answer(&call));
        let exact = 1 + 2 * n;
        let off = distance(&there[..exact], &here[..exact]);
        assert!(off < TOLERANCE, "off by {off:e}");
        let off = distance(&there[exact..][..n], &here[exact..][..n]);
        assert!(off < TOLERANCE_OF_DIFFERENCES, "off by {off:e}");
        // The differences of the gradients are rounding, unless there is a mistake.
        let apart = there[exact + n..][..2 * n].iter().zip(&here[exact + n..]);
        for (there, here) in apart {
            assert!((there - here).abs() < 1e-8, "{there} {here}");
        }
        let worst = there[exact + 3 * n..].iter().step_by(2);
        assert_eq!(worst.clone().count(), 30);
        assert!((worst.fold(0.0, |m: f64, &w| m.max(w)) < 1e-7) == (mistake == 0));
    }
}

#[test]
fn the_writer_in_the_page_reads_and_writes_as_the_network_does() {
    let (mut page, mut models) = (Page::open(), models());
    let bytes = bytes("model");
    page.send(&bytes);
    assert_eq!(page.number("writer_load", &[]), 1);
    let v = page.number("writer_vocabulary", &[]);
    let points: Vec<f64> = models
        .writer
        .vocabulary()
        .iter()
        .map(|&c| f64::from(u32::from(c)))
        .collect();
    assert_eq!(page.get(v), points);

    let spec = Writer::load(&bytes).unwrap();
    let mut reader = spec.network().reader(1);
    page.number("writer_reset", &[]);
    let (mut ids, mut mailbox) = (vec![0.7], vec![0.0; CAPACITY]);
    let prime = "The cell "
        .chars()
        .map(|c| points.iter().position(|&p| p == f64::from(u32::from(c))));
    let mut next: Vec<usize> = prime.collect::<Option<_>>().unwrap();
    for place in 0..200 {
        let id = if next.is_empty() {
            page.put(&[0.7]);
            let there = page.number("writer_next", &[3, place]);
            mailbox[0] = 0.7;
            assert_eq!(models.writer.next(&mailbox, 3, place), Some(there));
            there
        } else {
            next.remove(0)
        };
        ids.push(id as f64);
        let len = page.number("writer_read", &[id]);
        let mut there = page.get(len);
        page.put(&[0.7]);
        let len = page.number("writer_distribution", &[]);
        there.extend(page.get(len));
        // All characters so far, read by the crates.
        let here = call("writer", &[], ids.clone())
            .answer(&mut models)
            .unwrap();
        let off = distance(&there, &here);
        assert!(off < TOLERANCE, "character {place}: off by {off:e}");
        // The same, read by lstm-model's reader.
        reader.read(&[id as u32]);
        mailbox[0] = 1.0;
        models.writer.distribution(&mut mailbox).unwrap();
        let network = lstm_model::softmax(reader.logits());
        assert!(distance(&mailbox[..v], &network) < TOLERANCE);
    }
}

/// Twenty steps in `f32`, whose sums the module adds up in another order. Measured: less than 3.2e-5.
const TOLERANCE_OF_LEARNING: f64 = 3e-4;

#[test]
fn the_learner_in_the_page_has_the_losses_of_the_crates() {
    let (mut page, mut models) = (Page::open(), models());
    let text = "The cell keeps it.\nThe gate lets it go.\n".repeat(12);
    page.send(text.as_bytes());
    let len = page.number("learner_start", &[32, 1]);
    assert_eq!(page.get(len)[1], text.chars().count() as f64);
    let points = text.chars().map(|c| f64::from(u32::from(c))).collect();
    let here = call("learner", &[32, 1, 20], points).answer(&mut models);
    let there: Vec<f64> = (0..20)
        .map(|_| {
            let len = page.number("learner_step", &[]);
            page.get(len)[1]
        })
        .collect();
    let off = distance(&there, &here.unwrap());
    assert!(off < TOLERANCE_OF_LEARNING, "off by {off:e}");
    assert!(there[19] < there[0], "{there:?}");
    page.put(&[0.7]);
    let len = page.number("learner_sample", &[30]);
    let sample = page.get(len);
    let known = |&p: &f64| text.chars().any(|c| f64::from(u32::from(c)) == p);
    assert!(sample.len() == 30 && sample.iter().all(known));
}

#[test]
fn the_writer_has_the_loss_that_it_states() {
    let script = script::read("model").unwrap();
    let recorded = script["held_out_nats"].as_f64().unwrap();
    let text = fs::read_to_string(train::held_out()).unwrap();
    let loss = train::loss(&models().writer, &text).expect("it knows the characters");
    let how = "the live pages' model is stale: `cargo run --release -p lstm-live -- train`";
    assert!(
        (loss - recorded).abs() < 1e-6,
        "{loss} is not {recorded}; {how}"
    );
    assert!(loss < 1.5, "{loss} nats per character");
    let recorded = script["cells"].as_array().unwrap();
    let found = follows::find(&mut models().writer, &text).unwrap();
    assert_eq!(found.len(), recorded.len());
    for ((what, follows), recorded) in found.into_iter().zip(recorded) {
        assert_eq!(recorded["follows"], what, "{how}");
        assert_eq!(recorded["unit"], follows.unit, "{how}");
        let correlation = recorded["correlation"].as_f64().unwrap();
        assert!((follows.correlation - correlation).abs() < 1e-6, "{how}");
        assert!(correlation.abs() > 0.4, "{what}: {correlation}");
    }
}

#[test]
fn invalid_calls_get_no_answer() {
    let mut page = Page::open();
    assert_eq!(page.number("gates", &[0, 1]), 0);
    assert_eq!(page.number("cell", &[64, 64, 64]), 0);
    assert_eq!(page.number("curve", &[2, 9]), 0);
    assert_eq!(page.number("writer_read", &[0]), 0, "there is no model yet");
    assert_eq!(page.number("writer_load", &[]), 0);
    assert_eq!(
        page.number("translator_look", &[1, 1]),
        0,
        "nor a translator"
    );
    assert_eq!(page.number("translator_load", &[]), 0);
    assert_eq!(page.number("learner_step", &[]), 0, "nothing to learn yet");
    assert_eq!(page.number("learner_start", &[32, 1]), 0, "an empty text");
    assert_eq!(page.number("vanish", &[2]), 0);
    assert_eq!(page.number("slip", &[41]), 0);
}
