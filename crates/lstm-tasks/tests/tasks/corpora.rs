//! Properties of every sentence of the generated corpora.

use lstm_tasks::corpora::*;
use lstm_tasks::data::{Pair, arguments_of, labels_of};
use std::collections::{HashMap, HashSet};

const SEED: u64 = 20240229;

fn sources(pairs: &[Pair]) -> HashSet<&str> {
    pairs.iter().map(|p| p.source.as_str()).collect()
}

/// Sources are distinct, the parts are disjoint, translation is a function in both directions, and every
/// word of the held-out part occurs in the training part.
fn assert_translates(corpus: &Corpus<Pair>, characters: bool) {
    let (train, held_out) = (sources(&corpus.train), sources(&corpus.held_out));
    assert_eq!(train.len(), corpus.train.len());
    assert!(train.is_disjoint(&held_out));
    assert!(held_out.len() * 14 > train.len() && held_out.len() * 7 < train.len());
    let all = || corpus.train.iter().chain(&corpus.held_out);
    let mut back: HashMap<&str, &str> = HashMap::new();
    for pair in all() {
        let first = *back.entry(&pair.target).or_insert(&pair.source);
        assert_eq!(first, pair.source, "both are {:?}", pair.target);
    }
    let tokens = |text: &str| -> Vec<String> {
        if characters {
            text.chars().map(String::from).collect()
        } else {
            text.split([' ', '\'']).map(str::to_owned).collect()
        }
    };
    let known: HashSet<String> = corpus
        .train
        .iter()
        .flat_map(|p| tokens(&p.target))
        .collect();
    for pair in &corpus.held_out {
        for token in tokens(&pair.target) {
            assert!(known.contains(&token), "{token:?} of {:?}", pair.target);
        }
    }
}

#[test]
fn english_and_french_translate_each_other_in_one_way() {
    let corpus = english_french(SEED, 20_000);
    assert_translates(&corpus, false);
    for pair in corpus.train.iter().chain(&corpus.held_out) {
        let text = &pair.target;
        let words: Vec<&str> = text.split(' ').collect();
        for two in words.windows(2) {
            let vowel = two[1].starts_with(['a', 'e', 'i', 'o', 'u', 'h', 'é']);
            let elides = [
                "je", "Je", "ne", "le", "Le", "la", "La", "de", "ma", "ce", "beau", "nouveau",
            ];
            assert!(!(vowel && elides.contains(&two[0])), "{text}");
        }
        assert!(
            !text.contains(" de le ") && !text.contains("pas des ") && !text.contains("pas un"),
            "{text}"
        );
    }
}

#[test]
fn english_and_chinese_translate_each_other_in_one_way() {
    let corpus = english_chinese(SEED, 20_000);
    assert_translates(&corpus, true);
    for pair in corpus.train.iter().chain(&corpus.held_out) {
        let text = &pair.target;
        assert!(!text.contains(' ') && text.ends_with('。'), "{text}");
        assert!(!(text.contains("没有") && text.contains('了')), "{text}");
    }
}

#[test]
fn a_headline_copies_its_names_and_numbers_from_the_report() {
    let corpus = headlines(SEED, 5_000);
    assert!(sources(&corpus.train).is_disjoint(&sources(&corpus.held_out)));
    let mut unseen = 0;
    let learnt: HashSet<&str> = corpus
        .train
        .iter()
        .flat_map(|p| p.target.split(' '))
        .collect();
    for pair in corpus.train.iter().chain(&corpus.held_out) {
        for word in pair.target.split([' ', ',']).filter(|w| !w.is_empty()) {
            let named = word.chars().any(|c| c.is_ascii_digit())
                || word.starts_with(char::is_uppercase) && word.len() > 4;
            let known = ["Magnitude"].contains(&word);
            assert!(
                !named || known || pair.source.contains(word),
                "{word:?} of {pair:?}"
            );
        }
    }
    for pair in &corpus.held_out {
        unseen += usize::from(pair.target.split(' ').any(|word| !learnt.contains(word)));
    }
    // A model cannot generate these without copying.
    assert!(
        unseen * 20 > corpus.held_out.len(),
        "{unseen} of {}",
        corpus.held_out.len()
    );
}

#[test]
fn roles_are_spans_of_their_sentence_around_its_verb() {
    let corpus = roles(SEED, 5_000);
    let texts = |part: &[lstm_tasks::data::Sentence]| -> HashSet<String> {
        part.iter().map(|s| s.words.join(" ")).collect()
    };
    assert!(texts(&corpus.train).is_disjoint(&texts(&corpus.held_out)));
    let mut labels = HashSet::new();
    for sentence in corpus.train.iter().chain(&corpus.held_out) {
        for frame in &sentence.frames {
            let of_words = labels_of(&frame.arguments, sentence.words.len());
            assert_eq!(arguments_of(&of_words), frame.arguments, "{sentence:?}");
            assert_eq!(of_words[frame.predicate], "B-V", "{sentence:?}");
            labels.extend(frame.arguments.iter().map(|a| a.label.clone()));
        }
    }
    let mut labels: Vec<_> = labels.into_iter().collect();
    labels.sort();
    assert_eq!(
        labels,
        [
            "A0", "A1", "A2", "AM-LOC", "AM-MOD", "AM-NEG", "AM-TMP", "R-A0", "R-A1", "V"
        ]
    );
}

#[test]
fn a_corpus_is_a_function_of_its_seed() {
    assert_eq!(english_french(1, 50), english_french(1, 50));
    assert_ne!(english_french(1, 50), english_french(2, 50));
    assert_eq!(roles(1, 50), roles(1, 50));
}
