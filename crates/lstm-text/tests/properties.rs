//! Properties that hold for every text and every cut.

#[path = "properties/subwords.rs"]
mod subwords;

use lstm_text::{Batch, Encoded, Normalization, Streams, Unknown, Vocabulary, Windows, split};
use proptest::prelude::*;

/// Texts with many line ends, accents, Hangul letters and Chinese characters.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        prop::sample::select(vec!['\r', '\n', 'a', 'e', '\u{301}', '\u{323}', 'é', 'ạ']),
        prop::char::range('\u{1100}', '\u{11FF}'),
        prop::char::range('一', '鿿'),
    ];
    prop::collection::vec(character, 1..60).prop_map(String::from_iter)
}

/// N, B and T with B < N and T < N. Every token is its own position plus one, so that no token is the 0
/// of padding and a token at a wrong position is found.
fn cut() -> impl Strategy<Value = (Vec<u32>, usize, usize)> {
    (2..90_usize).prop_flat_map(|n| (Just((1..=n as u32).collect()), 1..n, 1..n))
}

/// Input, target and mask of sequence b.
fn column(batch: &Batch, b: usize) -> Vec<(u32, u32, bool)> {
    let steps = (0..batch.seq_len).map(|t| t * batch.batch_size + b);
    let entry = |i: usize| (batch.inputs[i], batch.targets[i], batch.mask[i]);
    steps.map(entry).collect()
}

proptest! {
    #[test]
    fn decode_inverts_encode(text in text()) {
        let vocabulary = Vocabulary::from_text(&text).unwrap();
        let ids = vocabulary.encode(&text).unwrap();
        prop_assert_eq!(ids.len(), text.chars().count());
        prop_assert!(ids.iter().all(|&id| (id as usize) < vocabulary.len()));
        prop_assert_eq!(vocabulary.decode(&ids).unwrap(), text);
    }

    #[test]
    fn ids_and_characters_are_a_bijection(text in text()) {
        let vocabulary = Vocabulary::from_text(&text).unwrap();
        for id in 0..vocabulary.len() as u32 {
            let character = vocabulary.char(id).unwrap();
            prop_assert_eq!(vocabulary.id(character), Some(id));
            prop_assert!(text.contains(character));
        }
        prop_assert_eq!(vocabulary.char(vocabulary.len() as u32), None);
    }

    #[test]
    fn ids_do_not_depend_on_the_order_of_the_text(
        (text, shuffled) in text().prop_flat_map(|text| {
            let chars: Vec<char> = text.chars().collect();
            (Just(text), Just(chars).prop_shuffle().prop_map(String::from_iter))
        }),
    ) {
        let vocabulary = Vocabulary::from_text(&text).unwrap();
        prop_assert_eq!(&Vocabulary::from_text(&(shuffled + &text)).unwrap(), &vocabulary);
        prop_assert!(vocabulary.chars().is_sorted());
    }

    #[test]
    fn every_character_is_encoded_or_counted(known in text(), text in text()) {
        let vocabulary = Vocabulary::from_text(&known).unwrap();
        let strangers: Vec<char> = text.chars().filter(|&c| !known.contains(c)).collect();
        let rest: String = text.chars().filter(|&c| known.contains(c)).collect();

        let skipped = vocabulary.encode_with(&text, Unknown::Skip).unwrap();
        prop_assert_eq!(vocabulary.decode(&skipped.ids).unwrap(), rest);
        prop_assert_eq!(skipped.unknown.values().sum::<usize>(), strangers.len());
        prop_assert!(strangers.iter().all(|c| skipped.unknown.contains_key(c)));

        let mark = known.chars().next().unwrap();
        let Encoded { ids, unknown } =
            vocabulary.encode_with(&text, Unknown::Replace(mark)).unwrap();
        let replaced = text.replace(strangers.as_slice(), mark.encode_utf8(&mut [0; 4]));
        prop_assert_eq!(vocabulary.decode(&ids).unwrap(), replaced);
        prop_assert_eq!(unknown, skipped.unknown);

        prop_assert_eq!(vocabulary.encode(&text).is_ok(), strangers.is_empty());
    }

    #[test]
    fn normalising_twice_is_normalising_once(text in text(), nfc in any::<bool>()) {
        let normalization = Normalization { nfc };
        let once = normalization.apply(&text);
        prop_assert!(!once.contains('\r'));
        prop_assert_eq!(normalization.apply(&once), once.as_ref());
    }

    #[test]
    fn the_parts_of_a_split_are_the_text(n in 0..500_u32, val_fraction in 0.0..1.0_f64) {
        let tokens: Vec<u32> = (0..n).collect();
        let (train, val) = split(&tokens, val_fraction).unwrap();
        prop_assert_eq!(&[train, val].concat(), &tokens);
        let exact = f64::from(n) * val_fraction;
        let excess = val.len() as f64 - exact;
        prop_assert!((-1e-6..1.0).contains(&excess), "{} tokens for {exact}", val.len());
    }

    #[test]
    fn windows_overlap_in_all_tokens_but_one((tokens, _, seq_len) in cut()) {
        let windows = Windows::new(&tokens, seq_len).unwrap();
        prop_assert_eq!(windows.len(), tokens.len() - seq_len);
        prop_assert_eq!(windows.input(0)[0], tokens[0]);
        prop_assert_eq!(windows.target(windows.len() - 1).last(), tokens.last());
        for i in 0..windows.len() {
            prop_assert_eq!(windows.input(i).len(), seq_len);
            prop_assert_eq!(&windows.input(i)[1..], &windows.target(i)[..seq_len - 1]);
            if i > 0 {
                prop_assert_eq!(windows.input(i), windows.target(i - 1));
            }
        }
    }

    #[test]
    fn a_batch_of_windows_has_them_in_the_order_given(
        ((tokens, _, seq_len), order) in cut().prop_flat_map(|cut| {
            let windows = cut.0.len() - cut.2;
            (Just(cut), prop::collection::vec(0..windows, 1..9))
        }),
    ) {
        let windows = Windows::new(&tokens, seq_len).unwrap();
        let batch = windows.batch(&order);
        prop_assert_eq!((batch.seq_len, batch.batch_size), (seq_len, order.len()));
        prop_assert_eq!(batch.tokens(), seq_len * order.len());
        for (b, &i) in order.iter().enumerate() {
            let (input, target) = (windows.input(i), windows.target(i));
            for (t, entry) in column(&batch, b).into_iter().enumerate() {
                prop_assert_eq!(entry, (input[t], target[t], true));
            }
        }
    }

    #[test]
    fn every_target_comes_exactly_once_an_epoch((tokens, batch_size, seq_len) in cut()) {
        let streams = Streams::new(&tokens, batch_size, seq_len).unwrap();
        let mut targets = Vec::new();
        let mut entries = 0;
        for batch in streams.chunks() {
            prop_assert!(batch.seq_len <= seq_len);
            entries += batch.mask.len();
            for (input, target, mask) in (0..batch_size).flat_map(|b| column(&batch, b)) {
                if mask {
                    prop_assert_eq!(target, input + 1);
                    targets.push(target);
                } else {
                    prop_assert_eq!((input, target), (0, 0));
                }
            }
        }
        prop_assert!(entries - targets.len() < batch_size, "more padding than the last step");
        targets.sort_unstable();
        prop_assert_eq!(targets, &tokens[1..]);
    }

    #[test]
    fn a_chunk_begins_where_the_one_before_it_ended((tokens, batch_size, seq_len) in cut()) {
        let streams = Streams::new(&tokens, batch_size, seq_len).unwrap();
        let chunks: Vec<Batch> = streams.chunks().collect();
        prop_assert_eq!(chunks.len(), streams.len());
        for pair in chunks.windows(2) {
            // Only the last chunk may be short or padded, so a carried state is never a padded one.
            prop_assert_eq!(pair[0].seq_len, seq_len);
            for b in 0..batch_size {
                let (_, target, real) = column(&pair[0], b)[seq_len - 1];
                let (next_input, _, next_real) = column(&pair[1], b)[0];
                prop_assert!(real);
                prop_assert!(!next_real || next_input == target, "stream {b}");
            }
        }
        for b in 0..batch_size {
            let read = chunks.iter().flat_map(|chunk| column(chunk, b));
            let read: Vec<u32> = read.filter(|&(_, _, m)| m).map(|(s, _, _)| s).collect();
            prop_assert!(!read.is_empty(), "stream {b}");
            prop_assert_eq!(read, &tokens[streams.stream(b)]);
        }
    }

    #[test]
    fn columns_put_together_are_the_batch(
        ((tokens, batch_size, seq_len), first, second) in cut().prop_flat_map(|cut| {
            let b = cut.1;
            (Just(cut), 0..=b, 0..=b)
        }),
    ) {
        let streams = Streams::new(&tokens, batch_size, seq_len).unwrap();
        let last = streams.chunk(streams.len() - 1);
        let (first, second) = (first.min(second), first.max(second));
        let parts: Vec<Batch> = [0..first, first..second, second..batch_size]
            .into_iter()
            .filter(|range| !range.is_empty())
            .map(|range| last.columns(range))
            .collect();
        let columns_of = |batch: &Batch| -> Vec<_> {
            (0..batch.batch_size).map(|b| column(batch, b)).collect()
        };
        let together: Vec<_> = parts.iter().flat_map(columns_of).collect();
        prop_assert_eq!(together, columns_of(&last));
        prop_assert_eq!(parts.iter().map(Batch::tokens).sum::<usize>(), last.tokens());
    }
}

#[test]
fn a_chinese_text_comes_back_from_its_streams() {
    let text = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n";
    let vocabulary = Vocabulary::from_text(text).unwrap();
    assert_eq!(vocabulary.len(), 20); // 17 characters, two marks and the line end
    let ids = vocabulary.encode(text).unwrap();
    let chunks = Streams::new(&ids, 1, 5).unwrap();
    let read: Vec<u32> = chunks.chunks().flat_map(|chunk| chunk.targets).collect();
    assert_eq!(format!("床{}", vocabulary.decode(&read).unwrap()), text);
}

#[test]
fn seven_thousand_kinds_of_characters_have_seven_thousand_ids() {
    let text: String = ('一'..).take(7_000).collect();
    let vocabulary = Vocabulary::from_text(&text).unwrap();
    assert_eq!(vocabulary.len(), 7_000);
    let ids = vocabulary.encode(&text).unwrap();
    assert_eq!(ids, (0..7_000).collect::<Vec<u32>>());
    assert_eq!(vocabulary.decode(&ids).unwrap(), text);
}

#[test]
fn a_window_is_a_view_of_the_text() {
    let tokens: Vec<u32> = (0..1_115_394).collect();
    let windows = Windows::new(&tokens, 100).unwrap();
    assert_eq!(windows.len(), 1_115_294);
    assert!(std::ptr::eq(windows.input(77), &tokens[77..177]));
    assert!(std::ptr::eq(windows.target(77), &tokens[78..178]));
}
