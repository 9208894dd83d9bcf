//! Tests the translator of the live pages: it translates as well as it states, and its attention in the
//! page is that of the crates.

use crate::page::{Page, TOLERANCE, bytes, call, distance, models};
use lstm_live::native::Models;
use lstm_live::script;
use lstm_live::train_translator::score;
use lstm_live::translator::LONGEST;
use lstm_text::UNKNOWN;

const SOURCE: &str = "They did not look for this red letter yesterday.";
const TARGET: &str = "Hier, ils n'ont pas cherché cette lettre rouge.";

fn page() -> Page {
    let mut page = Page::open();
    page.send(&bytes("translator"));
    assert_eq!(page.number("translator_load", &[]), 1);
    page
}

/// The ids of a text in a language.
fn ids(models: &Models, language: usize, text: &str) -> Vec<f64> {
    let ids = models.translator.words[language].encode(text).unwrap();
    ids.into_iter().map(f64::from).collect()
}

#[test]
fn it_translates_as_well_as_it_states() {
    let script = script::read("translator").unwrap();
    let how = "the translator is stale: `cargo run --release -p lstm-live -- train-translator`";
    let score = score(&models().translator).expect(how);
    assert_eq!(script["sentences"], score.sentences, "{how}");
    assert_eq!(script["right"], score.right, "{how}");
    let recorded = script["held_out_nats"].as_f64().unwrap();
    assert!((score.nats - recorded).abs() < 1e-9, "{score:?}; {how}");
    assert!(score.right * 100 >= score.sentences * 97, "{score:?}");
}

#[test]
fn the_page_knows_the_words_and_finds_them_in_a_text() {
    let (mut page, models) = (page(), models());
    for (language, words) in models.translator.words.iter().enumerate() {
        let len = page.number("translator_words", &[language]);
        let points = page.get(len).into_iter();
        let lines: String = points.map(|p| char::from_u32(p as u32).unwrap()).collect();
        assert!(lines.lines().eq(words.list()));
    }
    page.send("Je vois l’horloge".as_bytes());
    let len = page.number("translator_find", &[1]);
    let found = page.get(len);
    let places: Vec<f64> = found.chunks(3).flat_map(|one| one[1..].to_vec()).collect();
    assert_eq!(places, [0.0, 2.0, 3.0, 7.0, 8.0, 10.0, 10.0, 17.0]);
    assert!(found.iter().step_by(3).all(|&id| id != f64::from(UNKNOWN)));
    page.send("vous".as_bytes());
    assert_eq!(page.number("translator_find", &[1]), 3);
    assert_eq!(page.get(3)[0], f64::from(UNKNOWN));
}

#[test]
fn the_page_translates_and_looks_as_the_crates_do() {
    let (mut page, mut models) = (page(), models());
    let source = ids(&models, 0, SOURCE);
    let write = call("translator_write", &[source.len()], source.clone());
    let target = page.answer(&write);
    assert_eq!(write.answer(&mut models).unwrap(), target);
    assert_eq!(target, ids(&models, 1, TARGET));
    // What the model writes, what the reader writes, and nothing.
    for target in [target, ids(&models, 1, "Marie a vu hier"), vec![]] {
        let (s, t) = (source.len(), target.len());
        let look = call("translator_look", &[s, t], [&source[..], &target].concat());
        let (here, there) = (look.answer(&mut models).unwrap(), page.answer(&look));
        assert_eq!(here.len(), (t + 1) * (s + 3));
        let off = distance(&there, &here);
        assert!(off < TOLERANCE, "off by {off:e}");
        for row in there.chunks(s + 3) {
            let sum: f64 = row[..s].iter().sum();
            assert!((sum - 1.0).abs() < TOLERANCE, "{sum}");
            assert!(row[s] <= row[s + 2]);
        }
    }
}

/// What the chapter says about its live page.
#[test]
fn each_word_looks_where_the_chapter_says() {
    let mut models = models();
    let source = ids(&models, 0, SOURCE);
    let words: Vec<&str> = SOURCE.trim_end_matches('.').split(' ').collect();
    let mut looks = |target: &str, word: usize| {
        let target = ids(&models, 1, target);
        let (s, t) = (source.len(), target.len());
        let look = call("translator_look", &[s, t], [&source[..], &target].concat());
        let rows = look.answer(&mut models).unwrap();
        let row = &rows[word * (s + 3)..][..s + 3];
        let most = (0..s).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
        (words[most], row[s])
    };
    assert_eq!(looks(TARGET, 0).0, "yesterday");
    assert_eq!(looks(TARGET, 5).0, "did");
    assert_eq!(looks(TARGET, 7).0, "letter");
    assert_eq!(looks(TARGET, 8).0, "red");
    let swapped = "Hier, ils n'ont pas cherché cette rouge lettre.";
    let (rouge, lettre) = (looks(swapped, 7), looks(swapped, 8));
    assert_eq!((rouge.0, lettre.0), ("letter", "red"));
    assert!(rouge.1 < 0.01, "{}", rouge.1);
}

#[test]
fn sentences_that_are_too_long_or_have_unknown_ids_get_no_answer() {
    let (mut page, models) = (page(), models());
    let the = ids(&models, 0, "the")[0];
    for (numbers, sizes) in [
        (vec![the; LONGEST + 1], [LONGEST + 1, 0]),
        (vec![3.0], [1, 0]),
        (vec![1e9], [1, 0]),
        (vec![-1.0], [1, 0]),
        (vec![the, 1e9], [1, 1]),
        (vec![], [0, 0]),
    ] {
        page.put(&numbers);
        assert_eq!(page.number("translator_look", &sizes), 0, "{sizes:?}");
    }
    assert_eq!(page.number("translator_words", &[2]), 0);
    page.send(b"the");
    assert_eq!(page.number("translator_find", &[2]), 0);
}
