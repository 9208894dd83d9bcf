//! The drawings that are no plots: boxes, arrows and words.

mod attention;
mod backward;
mod copy;
mod sketch;
mod spans;
mod streams;
mod trellis;
mod windows;

/// All drawings, each with the name of its file.
pub fn drawings() -> Vec<(&'static str, String)> {
    vec![
        ("backward.svg", backward::drawing()),
        ("windows.svg", windows::drawing()),
        ("encoder_decoder.svg", attention::drawing()),
        ("copy.svg", copy::drawing()),
        ("trellis.svg", trellis::drawing()),
        ("spans.svg", spans::drawing()),
        ("streams.svg", streams::drawing()),
    ]
}
