//! Properties of words, subword tokens and decoders.

use crate::text;
use lstm_text::{BEGIN, BytePair, Tokenizer, Vocabulary, WordVocabulary, pretokenize};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// Texts of few different words and characters, so that pairs repeat.
fn repetitive() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "low", "lower", "est", " ", "  ", "l'", "’", "月", "光", "12", ".", "aaaa", "é", "\n", "'",
    ]);
    prop::collection::vec(part, 1..30).prop_map(|parts| parts.concat())
}

/// Byte-pair encoding in its simplest form: count all pairs, merge the most frequent pair, repeat. Of
/// equally frequent pairs, the one with the lower ids is merged.
fn naive_tokens(text: &str, chars: &[char], merges: usize) -> Vec<Vec<u8>> {
    let text = format!(" {text}");
    let mut tokens: Vec<String> = chars.iter().map(char::to_string).collect();
    let mut words: Vec<Vec<usize>> = pretokenize(&text)
        .map(|w| {
            w.chars()
                .map(|c| chars.iter().position(|&k| k == c).unwrap())
                .collect()
        })
        .collect();
    for _ in 0..merges {
        let mut counts = std::collections::BTreeMap::new();
        for pair in words.iter().flat_map(|w| w.windows(2)) {
            *counts.entry((pair[0], pair[1])).or_insert(0) += 1;
        }
        let Some((&(a, b), &count)) = counts
            .iter()
            .max_by_key(|(p, n)| (**n, std::cmp::Reverse(**p)))
        else {
            break;
        };
        if count < 2 {
            break;
        }
        tokens.push(format!("{}{}", tokens[a], tokens[b]));
        for word in &mut words {
            let mut n = 0;
            while n + 1 < word.len() {
                if (word[n], word[n + 1]) == (a, b) {
                    word.splice(n..n + 2, [tokens.len() - 1]);
                }
                n += 1;
            }
        }
    }
    tokens.into_iter().map(String::into_bytes).collect()
}

proptest! {
    #[test]
    fn words_put_together_are_the_text(text in text(), other in repetitive()) {
        for text in [text, other] {
            prop_assert_eq!(pretokenize(&text).collect::<String>(), text.clone());
            prop_assert!(pretokenize(&text).all(|word| !word.is_empty()));
        }
    }

    #[test]
    fn words_decode_to_the_text_they_encode(text in prop_oneof![text(), repetitive()]) {
        let vocabulary = WordVocabulary::from_texts([text.as_str()], 1, usize::MAX).unwrap();
        prop_assert_eq!(vocabulary.decode(&vocabulary.encode(&text)).unwrap(), text.as_str());
        let saved = serde_json::to_string(&vocabulary).unwrap();
        prop_assert_eq!(serde_json::from_str::<WordVocabulary>(&saved).unwrap(), vocabulary);
    }

    #[test]
    fn subwords_decode_to_any_text_they_encode(
        learnt in repetitive(), text in prop_oneof![text(), repetitive()], size in 261..330_usize
    ) {
        let vocabulary = BytePair::train([learnt.as_str()], size).unwrap();
        prop_assert!(vocabulary.len() <= size);
        for text in [&learnt, &text] {
            let ids = vocabulary.encode(text);
            prop_assert_eq!(&vocabulary.decode(&ids).unwrap(), text);
        }
        let saved = serde_json::to_string(&vocabulary).unwrap();
        let loaded: BytePair = serde_json::from_str(&saved).unwrap();
        prop_assert_eq!(loaded.encode(&text), vocabulary.encode(&text));
        prop_assert_eq!(loaded, vocabulary);
    }

    #[test]
    fn a_decoder_gives_the_text_that_decode_gives(
        learnt in text(), text in text(), size in 261..330_usize,
        any_ids in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        swap in any::<prop::sample::Index>(),
    ) {
        let characters = Tokenizer::from(Vocabulary::from_text(&(learnt.clone() + &text)).unwrap());
        let subwords = Tokenizer::Subwords(BytePair::train([learnt.as_str()], size).unwrap());
        for tokenizer in [characters, subwords] {
            // A text, a text that is cut anywhere, two tokens in the wrong order, and any ids at all.
            let whole = tokenizer.encode(&text).unwrap();
            let cut = whole[swap.index(whole.len())..].to_vec();
            let mut swapped = whole.clone();
            let place = swap.index(whole.len());
            swapped.swap(place, whole.len() - 1);
            let any = any_ids.iter().map(|i| i.index(tokenizer.len()) as u32).collect();
            for ids in [whole, cut, swapped, any] {
                let mut decoder = tokenizer.decoder();
                let mut decoded = String::new();
                for (n, &id) in ids.iter().enumerate() {
                    decoded += &decoder.push(id).unwrap();
                    let expected = tokenizer.decode(&ids[..=n]).unwrap();
                    let waiting = decoder.clone().finish();
                    prop_assert_eq!(decoded.clone() + &waiting, expected);
                    // Only the beginning of one character waits.
                    prop_assert!(matches!(&*waiting, "" | "\u{FFFD}"), "{waiting:?}");
                }
            }
        }
    }

    #[test]
    fn pairs_are_learnt_as_counting_them_anew_each_time_would(text in repetitive(), merges in 0..20_usize) {
        let size_of_chars = BytePair::train([text.as_str()], 0).err().map(|_| {
            format!(" {text}").chars().collect::<std::collections::BTreeSet<_>>().len()
        }).unwrap();
        let size = 260 + size_of_chars + merges;
        let vocabulary = BytePair::train([text.as_str()], size).unwrap();
        let token = |id: u32| vocabulary.decode(&[id]).unwrap();
        let chars: Vec<char> = (260..260 + size_of_chars as u32)
            .map(|id| token(id).chars().next().unwrap_or(' '))
            .collect();
        let naive = naive_tokens(&text, &chars, merges);
        prop_assert_eq!(vocabulary.len(), 260 + naive.len());
        for (id, expected) in (260..).zip(naive) {
            let expected = String::from_utf8(expected).unwrap();
            prop_assert_eq!(token(id), expected.strip_prefix(' ').unwrap_or(&expected));
        }
    }
}

#[test]
fn a_token_has_256_bytes_at_most() {
    // Token 260 is a, and each of 261 … 268 is the one before it twice.
    let load = |more: &str| {
        let doubled: Vec<String> = (260..268).map(|id| format!("[{id},{id}]")).collect();
        let merges = doubled.join(",") + more;
        serde_json::from_str::<BytePair>(&format!(r#"{{"chars":"a","merges":[{merges}]}}"#))
    };
    let vocabulary = load("").unwrap();
    assert_eq!(vocabulary.decode(&[268]).unwrap(), "a".repeat(256));
    let message = load(",[268,260]").unwrap_err().to_string();
    assert!(message.contains("more than 256 bytes"), "{message}");
}

#[test]
fn merges_that_double_a_token_again_and_again_are_refused() {
    let merges: Vec<String> = (0..31)
        .map(|n| match n {
            0 => "[260,260]".to_owned(),
            n => format!("[{0},{0}]", 260 + n),
        })
        .collect();
    let json = format!(r#"{{"chars":"a","merges":[{}]}}"#, merges.join(","));
    let message = serde_json::from_str::<BytePair>(&json)
        .unwrap_err()
        .to_string();
    assert!(message.contains("more than 256 bytes"), "{message}");
    // Training makes no such token either, so what it makes can be loaded.
    let long = "-".repeat(5000);
    let vocabulary = BytePair::train([long.as_str()], 400).unwrap();
    let saved = serde_json::to_string(&vocabulary).unwrap();
    assert_eq!(
        serde_json::from_str::<BytePair>(&saved).unwrap(),
        vocabulary
    );
    assert!(vocabulary.encode(&long).len() >= 5000 / 256);
}

#[test]
fn vocabularies_of_words_are_checked_when_they_are_loaded() {
    fn message<V: DeserializeOwned + Debug>(json: &str) -> String {
        serde_json::from_str::<V>(json).unwrap_err().to_string()
    }
    let (words, pairs) = (message::<WordVocabulary>, message::<BytePair>);
    assert_eq!(
        words(r#"["a","b","a"]"#),
        "vocabulary has \"a\" twice; list every token once"
    );
    assert!(words("[]").starts_with("no word is frequent enough"));
    assert!(pairs(r#"{"chars":"aba","merges":[]}"#).starts_with("vocabulary has \"a\" twice"));
    assert!(pairs(r#"{"chars":"","merges":[]}"#).starts_with("a vocabulary has no characters"));
    assert!(pairs(r#"{"chars":"ab","merges":[[260,262]]}"#).starts_with("id 262 is out of range"));
    assert!(
        pairs(r#"{"chars":"ab","merges":[[260,261],[260,261]]}"#).contains("\"260 261\" twice")
    );
    assert!(
        BytePair::train([""], 300).is_ok(),
        "the space before a text is a character"
    );
    assert!(WordVocabulary::from_texts(["a b"], 2, 9).is_err());
    for (vocab_size, is_enough) in [(0, false), (260, false), (261, true)] {
        assert_eq!(BytePair::train(["ab"], vocab_size).is_ok(), is_enough);
    }
    assert_eq!(
        BytePair::train(["ab"], 100).unwrap_err().to_string(),
        "a vocabulary of 100 subwords is too small, expected at least 261: 4 special ids, 256 bytes and \
         one character"
    );
}

/// Bytes of subword tokens as ids: the special ids come first.
fn byte_ids(bytes: &[u8]) -> Vec<u32> {
    bytes.iter().map(|&byte| 4 + u32::from(byte)).collect()
}

#[test]
fn a_decoder_waits_for_the_bytes_of_a_character() {
    let tokenizer = Tokenizer::Subwords(BytePair::train(["a"], 300).unwrap());
    let decode = |bytes: &[u8]| {
        let mut decoder = tokenizer.decoder();
        let texts: Vec<String> = byte_ids(bytes)
            .iter()
            .map(|&id| decoder.push(id).unwrap())
            .collect();
        (texts.join("|"), decoder.finish())
    };
    let decoded = |texts: &str, rest: &str| (texts.to_owned(), rest.to_owned());
    let moon = "🌙".as_bytes();
    assert_eq!(decode(moon), decoded("|||🌙", ""));
    assert_eq!(decode(&moon[..3]), decoded("||", "�"));
    // A byte that cannot continue the character shows that it will never be complete.
    assert_eq!(decode(b"\xE6\x9Ca"), decoded("||�a", ""));
    assert_eq!(decode(b"\xE6\xE6\x9C\x88"), decoded("|�||月", ""));
    assert_eq!(decode(b"\xFF\x88b"), decoded("�|�|b", ""));
    // One space before the text is the encoder's, the second is the text's.
    assert_eq!(decode(b"  c"), decoded("| |c", ""));
    assert_eq!(decode(b"\xE6 c"), decoded("|� |c", ""));
    // A special id has no text, so the encoder's space can still follow it.
    let mut decoder = tokenizer.decoder();
    assert_eq!(decoder.push(BEGIN).unwrap(), "");
    assert_eq!(decoder.push(byte_ids(b" ")[0]).unwrap(), "");
    assert_eq!(decoder.push(byte_ids(b" ")[0]).unwrap(), " ");
}

#[test]
fn a_decoder_names_an_id_that_is_out_of_range() {
    let characters = Tokenizer::from(Vocabulary::from_text("ab").unwrap());
    let subwords = Tokenizer::Subwords(BytePair::train(["ab"], 300).unwrap());
    for tokenizer in [characters, subwords] {
        let ids = [1, 0, 1000];
        let mut decoder = tokenizer.decoder();
        decoder.push(ids[0]).unwrap();
        decoder.push(ids[1]).unwrap();
        let expected = tokenizer.decode(&ids).unwrap_err();
        assert_eq!(decoder.push(ids[2]).unwrap_err(), expected);
    }
}

#[test]
fn an_apostrophe_ends_a_word_only_if_another_follows() {
    for (text, words) in [
        ("l'an", vec!["l'", "an"]),
        ("l’été", vec!["l’", "été"]),
        ("dogs' ears", vec!["dogs", "'", " ears"]),
        ("dogs'", vec!["dogs", "'"]),
        (" 'tis", vec![" '", "tis"]),
        ("a''b", vec!["a", "'", "'", "b"]),
        ("  a ", vec![" ", " a", " "]),
    ] {
        assert_eq!(pretokenize(text).collect::<Vec<_>>(), words, "{text}");
    }
}

#[test]
fn a_word_vocabulary_counts_its_special_ids_and_shows_an_unknown_word() {
    let words = WordVocabulary::from_texts(["the cat the dog"], 2, 10).unwrap();
    assert_eq!(words.words(), [" the"]);
    assert_eq!(words.len(), 5);
    let words = Tokenizer::Words(words);
    let ids = words.encode("the cat").unwrap();
    assert_eq!(words.decode(&ids).unwrap(), "the \u{FFFD}");
    assert_eq!(words.decode(&[ids[0], BEGIN]).unwrap(), "the");
}

#[test]
fn a_subword_vocabulary_needs_room_for_one_character() {
    // Four special ids, 256 bytes and the character.
    assert!(BytePair::train(["aaaa"], 260).is_err());
    assert_eq!(BytePair::train(["aaaa"], 261).unwrap().len(), 261);
}
