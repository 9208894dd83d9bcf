//! Recordings computed again, the mistakes that they reveal, and the committed test vectors.
//!
//! `hostile` is a binary of its own, because it measures the memory of the whole process.

mod variant;
mod vectors;
mod foreign;
mod onnx;
mod backend;
