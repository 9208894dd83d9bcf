//! Subword tokens by byte-pair encoding: a frequent word is one token, a rare word several.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::special::SPECIALS;
use crate::{TextError, pretokenize};

/// The first id of a character. The special ids and the 256 bytes come before it.
const FIRST_CHAR: u32 = SPECIALS + 256;

/// The longest token in bytes. Merges double a token's length, and a file of thirty of them would
/// otherwise fill the memory.
const MAX_TOKEN: usize = 256;

/// A byte-pair vocabulary: the special ids, the 256 bytes, characters, then merged pairs of tokens in
/// the order in which they were learned.
///
/// A character that is not in the vocabulary is encoded as its UTF-8 bytes. So every text can be
/// encoded, and [`decode`](Self::decode) returns it exactly. The vocabulary is serialised as its
/// characters and its merges.
///
/// Source: Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units",
/// ACL 2016. The crate `tokenizers` is not used because it brings 70 other crates even without its
/// features.
///
/// ```
/// use lstm_text::BytePair;
///
/// let vocabulary = BytePair::train(["low low low lower newest newest"], 300)?;
/// let tokens = |text: &str| vocabulary.encode(text).len();
/// assert_eq!((tokens("low"), tokens("newest")), (1, 1));
/// assert_eq!(vocabulary.decode(&vocabulary.encode("slowest 月"))?, "slowest 月");
/// # Ok::<(), lstm_text::TextError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct BytePair {
    /// The bytes of every token; empty for a special id.
    tokens: Vec<Vec<u8>>,
    chars: BTreeMap<char, u32>,
    merges: HashMap<(u32, u32), u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Saved {
    chars: String,
    merges: Vec<(u32, u32)>,
}

#[allow(
    clippy::len_without_is_empty,
    reason = "the 256 bytes are always in it"
)]
impl BytePair {
    /// Learns a vocabulary from texts. It begins with their characters, the most frequent first, as
    /// far as `vocab_size` has room for them. Then the most frequent pair of neighbouring tokens within
    /// a word becomes one token, again and again, until there are `vocab_size` tokens or no pair occurs
    /// twice. Of equally frequent pairs, the one with the lower ids is merged first.
    ///
    /// # Errors
    /// If the texts have no character, or if `vocab_size` has no room for one beside the special ids and
    /// the bytes.
    pub fn train<'a>(
        texts: impl IntoIterator<Item = &'a str>,
        vocab_size: usize,
    ) -> Result<Self, TextError> {
        let least = FIRST_CHAR as usize + 1;
        if vocab_size < least {
            return Err(TextError::SmallVocabulary { vocab_size, least });
        }
        let mut counts: BTreeMap<String, i64> = BTreeMap::new();
        for text in texts {
            for word in pretokenize(&format!(" {text}")) {
                match counts.get_mut(word) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(word.to_owned(), 1)),
                }
            }
        }
        let mut frequent: BTreeMap<char, i64> = BTreeMap::new();
        for (word, count) in &counts {
            for c in word.chars() {
                *frequent.entry(c).or_insert(0) += count;
            }
        }
        let mut chars: Vec<(char, i64)> = frequent.into_iter().collect();
        chars.sort_by_key(|&(c, count)| (Reverse(count), c));
        chars.truncate(vocab_size - FIRST_CHAR as usize);
        let chars = chars.into_iter().map(|(c, _)| c).collect();
        let mut vocabulary = Self::try_from(Saved {
            chars,
            merges: Vec::new(),
        })?;
        vocabulary.learn(&counts, vocab_size);
        Ok(vocabulary)
    }

    // ANCHOR: learn
    fn learn(&mut self, counts: &BTreeMap<String, i64>, vocab_size: usize) {
        let mut words: Vec<(Vec<u32>, i64)> = counts
            .iter()
            .map(|(word, &count)| (self.symbols(word), count))
            .collect();
        let mut pairs: HashMap<(u32, u32), i64> = HashMap::new();
        let mut places: HashMap<(u32, u32), HashSet<usize>> = HashMap::new();
        for (n, (word, count)) in words.iter().enumerate() {
            for pair in neighbours(word) {
                *pairs.entry(pair).or_insert(0) += count;
                places.entry(pair).or_default().insert(n);
            }
        }
        let mut heap: BinaryHeap<_> = pairs.iter().map(|(&p, &n)| (n, Reverse(p))).collect();
        while self.len() < vocab_size {
            let Some((count, Reverse(pair))) = heap.pop() else {
                return;
            };
            // The count has changed since the pair was pushed: push it again with the new count.
            if pairs[&pair] != count {
                heap.push((pairs[&pair], Reverse(pair)));
                continue;
            }
            if count < 2 {
                return;
            }
            let Some(merged) = self.push(pair) else {
                continue;
            };
            let mut changed = BTreeSet::new();
            for n in places.remove(&pair).unwrap_or_default() {
                let (word, count) = &mut words[n];
                for old in neighbours(word) {
                    *pairs.get_mut(&old).expect("it was counted") -= *count;
                }
                merge(word, pair, merged);
                for new in neighbours(word) {
                    *pairs.entry(new).or_insert(0) += *count;
                    places.entry(new).or_default().insert(n);
                    changed.insert(new);
                }
            }
            heap.extend(changed.into_iter().map(|new| (pairs[&new], Reverse(new))));
        }
    }
    // ANCHOR_END: learn

    /// V, the number of ids, special ids and bytes included.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The ids of a text. A space is put before it, as in training.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        for word in pretokenize(&format!(" {text}")) {
            let mut word = self.symbols(word);
            let first = |word: &[u32]| {
                neighbours(word)
                    .filter_map(|p| Some((*self.merges.get(&p)?, p)))
                    .min()
            };
            while let Some((merged, pair)) = first(&word) {
                merge(&mut word, pair, merged);
            }
            ids.extend(word);
        }
        ids
    }

    /// The text of ids: the inverse of [`encode`](Self::encode). A special id has no text, and bytes
    /// that are not valid UTF-8 become `�`.
    ///
    /// # Errors
    /// If an id is V or more.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TextError> {
        let mut bytes = Vec::new();
        for &id in ids {
            bytes.extend_from_slice(self.token(id)?);
        }
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.strip_prefix(' ').unwrap_or(&text).to_owned())
    }

    /// The bytes of one token.
    pub(crate) fn token(&self, id: u32) -> Result<&[u8], TextError> {
        let token = self.tokens.get(id as usize);
        token.map(Vec::as_slice).ok_or(TextError::UnknownToken {
            id,
            vocab_size: self.len(),
        })
    }

    /// The ids of a word's characters; of an unknown character, the ids of its bytes.
    fn symbols(&self, word: &str) -> Vec<u32> {
        let mut symbols = Vec::with_capacity(word.len());
        for c in word.chars() {
            match self.chars.get(&c) {
                Some(&id) => symbols.push(id),
                None => {
                    let mut utf8 = [0; 4];
                    let bytes = c.encode_utf8(&mut utf8).bytes();
                    symbols.extend(bytes.map(|byte| SPECIALS + u32::from(byte)));
                }
            }
        }
        symbols
    }

    /// Adds the token that is `left` and `right` joined; returns its id, or nothing if it is too long.
    fn push(&mut self, (left, right): (u32, u32)) -> Option<u32> {
        let id = self.tokens.len() as u32;
        let [left_token, right_token] = [left, right].map(|id| &self.tokens[id as usize][..]);
        if left_token.len() + right_token.len() > MAX_TOKEN {
            return None;
        }
        let token = [left_token, right_token].concat();
        self.tokens.push(token);
        self.merges.insert((left, right), id);
        Some(id)
    }
}

fn neighbours(word: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    word.windows(2).map(|w| (w[0], w[1]))
}

/// Replaces every such pair in the word by its merged token, from left to right.
fn merge(word: &mut Vec<u32>, (left, right): (u32, u32), merged: u32) {
    let (mut from, mut to) = (0, 0);
    while from < word.len() {
        let pair = word[from] == left && word.get(from + 1) == Some(&right);
        word[to] = if pair { merged } else { word[from] };
        from += 1 + usize::from(pair);
        to += 1;
    }
    word.truncate(to);
}

impl From<BytePair> for Saved {
    fn from(vocabulary: BytePair) -> Self {
        let mut chars: Vec<(u32, char)> =
            vocabulary.chars.iter().map(|(&c, &id)| (id, c)).collect();
        chars.sort_unstable();
        let mut merges: Vec<_> = vocabulary.merges.into_iter().collect();
        merges.sort_by_key(|&(_, id)| id);
        Self {
            chars: chars.into_iter().map(|(_, c)| c).collect(),
            merges: merges.into_iter().map(|(pair, _)| pair).collect(),
        }
    }
}

impl TryFrom<Saved> for BytePair {
    type Error = TextError;

    fn try_from(saved: Saved) -> Result<Self, TextError> {
        let mut tokens = vec![Vec::new(); SPECIALS as usize];
        tokens.extend((0..=u8::MAX).map(|byte| vec![byte]));
        let mut chars = BTreeMap::new();
        for (c, id) in saved.chars.chars().zip(FIRST_CHAR..) {
            tokens.push(c.to_string().into_bytes());
            if chars.insert(c, id).is_some() {
                return Err(TextError::DuplicateToken { token: c.into() });
            }
        }
        if chars.is_empty() {
            return Err(TextError::EmptyVocabulary);
        }
        let mut vocabulary = Self {
            tokens,
            chars,
            merges: HashMap::new(),
        };
        for pair in saved.merges {
            let vocab_size = vocabulary.len();
            if let Some(&id) = [pair.0, pair.1]
                .iter()
                .find(|&&id| id as usize >= vocab_size)
            {
                return Err(TextError::UnknownToken { id, vocab_size });
            }
            if vocabulary.merges.contains_key(&pair) {
                let token = format!("{} {}", pair.0, pair.1);
                return Err(TextError::DuplicateToken { token });
            }
            if vocabulary.push(pair).is_none() {
                let token = format!("{} {}", pair.0, pair.1);
                return Err(TextError::LongToken {
                    token,
                    bytes: MAX_TOKEN,
                });
            }
        }
        Ok(vocabulary)
    }
}
