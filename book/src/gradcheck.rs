//! A gradient check of a backward pass without the carousel, for the layer of the live page.

use lstm_live::gradcheck::{TENSORS, disagreements};
use lstm_live::mistake::Mistake;
use lstm_plot::{Axis, Bar, BarChart, PlotError, bar_chart};

/// D, H and T of the live page.
const SIZES: (usize, usize, usize) = (2, 3, 6);

/// The largest difference of each tensor from the dual numbers.
pub fn without_the_carousel() -> Result<String, PlotError> {
    let bars = TENSORS
        .iter()
        .zip(disagreements(SIZES, Some(Mistake::Carousel)));
    bar_chart(&BarChart {
        title: "The error of the gradient of each tensor without the carousel".to_owned(),
        axis: Axis::logarithmic("difference, relative", &[0.01, 0.1, 1.0, 10.0]),
        notes: String::new(),
        bars: bars
            .map(|(name, value)| Bar {
                name: (*name).to_owned(),
                value,
                note: format!("{value:.2}"),
                is_limit: false,
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statement of the page about its figure.
    #[test]
    fn every_tensor_shows_the_mistake() {
        let without = disagreements(SIZES, Some(Mistake::Carousel));
        assert!(without.iter().all(|&off| off > 0.02), "{without:?}");
        assert!(without[13] > 5.0, "c_0: {}", without[13]);
        let with = disagreements(SIZES, None);
        assert!(with.iter().all(|&off| off < 1e-13), "{with:?}");
    }
}
