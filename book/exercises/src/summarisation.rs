//! Chapter on summarisation: E30. `cargo test -p exercises summarisation::`

/// The distribution over all words, for a decoder that may copy from the source.
///
/// ```text
/// p(w) = p_gen p_vocab(w) + (1 − p_gen) Σ_{s: w_s = w} α_s        (E30)
/// ```
/// Shapes: `p_vocab` and the result V; `alpha` and `source`, the ids w_s, S.
pub fn mixture(p_gen: f64, p_vocab: &[f64], alpha: &[f64], source: &[u32]) -> Vec<f64> {
    todo!("a word that occurs twice in the source is copied from both places")
}
