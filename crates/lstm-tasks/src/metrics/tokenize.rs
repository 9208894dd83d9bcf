//! The tokens of each metric. They are part of its definition: other tokens give other scores.

/// How BLEU cuts a text into tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BleuTokens {
    /// Words and punctuation marks by the rules of mteval-v13a, the default of `sacrebleu`.
    #[default]
    Words,
    /// Every character that is not a space, for Chinese: `sacrebleu --tokenize char`.
    Characters,
}

impl BleuTokens {
    /// The tokens of a text.
    ///
    /// ```
    /// use lstm_tasks::metrics::BleuTokens;
    ///
    /// let words = BleuTokens::Words.split("It's 1,250.50 (net), or so...");
    /// assert_eq!(words, ["It's", "1,250.50", "(", "net", ")", ",", "or", "so", ".", ".", "."]);
    /// assert_eq!(BleuTokens::Characters.split("我 OK。"), ["我", "O", "K", "。"]);
    /// ```
    pub fn split(self, text: &str) -> Vec<String> {
        match self {
            Self::Words => mteval_13a(text),
            Self::Characters => text
                .chars()
                .filter(|c| !c.is_whitespace())
                .map(String::from)
                .collect(),
        }
    }
}

/// The rules in their order: decode entities; then put spaces around symbols, around a full stop or
/// comma without a digit before it, around one without a digit after it, and around a hyphen after a
/// digit.
fn mteval_13a(text: &str) -> Vec<String> {
    let mut text = text
        .replace("<skipped>", "")
        .replace("-\n", "")
        .replace('\n', " ");
    for (entity, character) in [
        ("&quot;", "\""),
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ] {
        text = text.replace(entity, character);
    }
    let mut apart = String::from(" ");
    for c in text.chars() {
        match c {
            '{'..='~' | '['..='`' | ' '..='&' | '('..='+' | ':'..='@' | '/' => {
                apart.extend([' ', c, ' ']);
            }
            _ => apart.push(c),
        }
    }
    apart.push(' ');
    let mark = |c: char| c == '.' || c == ',';
    let digit = |c: char| c.is_ascii_digit();
    let text = pairs(
        &apart,
        |a, b| !digit(a) && mark(b),
        |a, b| vec![a, ' ', b, ' '],
    );
    let text = pairs(
        &text,
        |a, b| mark(a) && !digit(b),
        |a, b| vec![' ', a, ' ', b],
    );
    let text = pairs(
        &text,
        |a, b| digit(a) && b == '-',
        |a, b| vec![a, ' ', b, ' '],
    );
    text.split_whitespace().map(str::to_owned).collect()
}

/// Replaces pairs of characters from left to right. Replaced pairs do not overlap, as with a regular
/// expression.
fn pairs(
    text: &str,
    matches: impl Fn(char, char) -> bool,
    put: impl Fn(char, char) -> Vec<char>,
) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(2 * text.len());
    let mut n = 0;
    while n < chars.len() {
        match chars.get(n + 1) {
            Some(&next) if matches(chars[n], next) => {
                out.extend(put(chars[n], next));
                n += 2;
            }
            _ => {
                out.push(chars[n]);
                n += 1;
            }
        }
    }
    out
}

/// The tokens of ROUGE in the package `rouge-score` without its stemmer, which is the default: lower
/// case, then runs of a–z and 0–9.
///
/// ```
/// use lstm_tasks::metrics::rouge_tokens;
///
/// assert_eq!(rouge_tokens("The C++11 library, isn't it?"), ["the", "c", "11", "library", "isn", "t", "it"]);
/// ```
pub fn rouge_tokens(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit()))
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect()
}
