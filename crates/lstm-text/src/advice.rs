//! What error messages advise.

use crate::Reading;

/// What to do if a limit is in the way.
pub(crate) const RAISE: &str =
    "; if you trust it, raise the limit with --max-input, which a resumed run needs again";

/// How to convert a text into UTF-8, and how to see which encoding it is in.
pub(crate) fn conversion(readings: &[Reading]) -> String {
    let shown: Vec<String> = readings.iter().map(ToString::to_string).collect();
    match shown.as_slice() {
        [] => "it reads as text in no common encoding: find out its encoding and convert it by `iconv`, \
               or give another file"
            .to_owned(),
        shown => format!(
            "convert it by the command that gives the right characters: {}",
            shown.join(", or ")
        ),
    }
}

/// How to bring a text into the form of the vocabulary; [`Normalization`](crate::Normalization) has NFC.
pub(crate) fn normalise(form: &str) -> String {
    format!(
        "in the normalisation form {form} more characters of the text are known: \
         convert it, for example by `uconv -x {form}`"
    )
}
