//! Chapter on generating text: E31. `cargo test -p exercises generation::`

/// ((5 + n)/6)^α, by which the log-probability of n tokens is divided (E31).
pub fn length_penalty(n: usize, alpha: f64) -> f64 {
    todo!("(5 + n) / 6 to the power alpha")
}
