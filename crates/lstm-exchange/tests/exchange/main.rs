//! Models to and from each format. The tests of a format need its feature: `cargo test -p lstm-exchange
//! --all-features` runs all.

#[cfg(feature = "pytorch")]
mod pytorch;
#[cfg(feature = "keras")]
mod keras;
#[cfg(all(feature = "onnx", feature = "pytorch"))]
mod onnx;
#[cfg(feature = "pytorch")]
mod carried;
