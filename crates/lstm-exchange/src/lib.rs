//! Other people's LSTMs: recorded, computed again, and carried to and fro.

pub mod variant;
