//! Chapter on summarisation: E30. `cargo test -p exercises summarisation::`

/// p(w) of every word w, V (E30): `p_vocab` has V numbers, `alpha` one for each word of `source`.
pub fn mixture(p_gen: f64, p_vocab: &[f64], alpha: &[f64], source: &[u32]) -> Vec<f64> {
    todo!("a word that stands twice in the source is copied from both places")
}
