//! Generating one line for every text.

use super::load;
use crate::args::GenerateTextArgs;
use crate::error::CliError;
use crate::settings::workers;
use crate::terminal::print_output;
use crate::text::texts;
use lstm_fast::Fast;
use lstm_plot::{HeatMap, PlotError, Range, Rows, Tone, heat_map};
use lstm_tasks::{Transducer, Transduction};
use lstm_train::{create_file, expect_absent};

pub fn run(transduction: Transduction, args: &GenerateTextArgs) -> Result<(), CliError> {
    let model = load(transduction, &args.model)?;
    let workers = workers(args.model.threads)?;
    let (beam, length_penalty) = (args.model.beam, args.model.length_penalty);
    let mut plot = args.plot.as_deref();
    plot.map_or(Ok(()), expect_absent)?;
    for texts in texts(&args.texts, args.input.limit()) {
        let all = workers.map(texts?, |text: String, _team| {
            let generated = model.generate(&text, beam, length_penalty);
            generated.map(|found| (text, found.into_iter().next()))
        });
        for one in all {
            let (text, best) = one?;
            print_output(best.as_ref().map_or("", |best| &best.text))?;
            if let (Some(path), Some(best)) = (plot.take(), best) {
                let svg = attention(&model, &text, &best.tokens).map_err(CliError::plot(path))?;
                create_file(path, svg.as_bytes())?;
            }
        }
    }
    Ok(())
}

/// A row for every generated token, a column for every token of the source.
fn attention(
    model: &Transducer<Fast>,
    source: &str,
    generated: &[u32],
) -> Result<String, PlotError> {
    let (columns, tokens, alpha) = model.attention_map(source, generated);
    let widths = columns.iter().map(|token| token.chars().count());
    let widest = widths.max().unwrap_or(1);
    let groups = tokens.into_iter().zip(alpha.column_iter());
    heat_map(&HeatMap {
        title: "Attention over the source (across) at each step of the target (down)".to_owned(),
        columns,
        groups: groups
            .map(|(name, alpha)| Rows {
                name,
                range: Range::Unit(Tone::Blue),
                values: vec![alpha.iter().copied().collect()],
            })
            .collect(),
        cell_width: (8 * widest + 10) as f64,
        cell_height: 22.0,
    })
}
