//! The training part and the validation part of a text.

use crate::TextError;

// ANCHOR: split
/// Cuts a text in two: the beginning is for training, the last `val_fraction` for validation.
///
/// The length of the validation part is rounded up to whole tokens. The validation part is the end of
/// the text and not a random choice of windows, because windows overlap: a validation window would
/// share all but a few of its tokens with a training window.
///
/// ```
/// let tokens = [0, 1, 2, 3, 4];
/// let (train, val) = lstm_text::split(&tokens, 0.3)?; // 1.5 tokens, so 2
/// assert_eq!((train, val), (&[0, 1, 2][..], &[3, 4][..]));
/// # Ok::<(), lstm_text::TextError>(())
/// ```
///
/// # Errors
/// If `val_fraction` is not in [0, 1).
pub fn split(tokens: &[u32], val_fraction: f64) -> Result<(&[u32], &[u32]), TextError> {
    if !(0.0..1.0).contains(&val_fraction) {
        return Err(TextError::ValFraction {
            found: val_fraction,
        });
    }
    // A millionth of a token is rounding error, as in 100 · 0.07 = 7.000000000000001.
    let val = (tokens.len() as f64 * val_fraction - 1e-6).ceil();
    Ok(tokens.split_at(tokens.len() - val as usize))
}
// ANCHOR_END: split

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(n: usize, val_fraction: f64) -> (usize, usize) {
        let tokens = vec![0; n];
        let (train, val) = split(&tokens, val_fraction).unwrap();
        (train.len(), val.len())
    }

    #[test]
    fn a_tenth_of_tiny_shakespeare_validates() {
        assert_eq!(lengths(1_115_394, 0.1), (1_003_854, 111_540));
    }

    #[test]
    fn nothing_validates_at_fraction_zero() {
        assert_eq!(lengths(7, 0.0), (7, 0));
        assert_eq!(lengths(7, -0.0), (7, 0));
        assert_eq!(lengths(0, 0.9), (0, 0));
    }

    #[test]
    fn whole_percents_of_whole_hundreds_are_exact() {
        for percent in 0..100 {
            for hundreds in [1, 3, 70] {
                let val = percent * hundreds;
                let expected = (100 * hundreds - val, val);
                let found = lengths(100 * hundreds, percent as f64 / 100.0);
                assert_eq!(found, expected, "{percent} % of {hundreds}00");
            }
        }
    }

    #[test]
    fn a_fraction_out_of_range_is_refused() {
        for (fraction, name) in [
            (1.0, "1"),
            (-0.1, "-0.1"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(
                split(&[1, 2], fraction).unwrap_err().to_string(),
                format!(
                    "validation fraction {name} is out of range, expected at least 0 and below 1"
                )
            );
        }
    }
}
