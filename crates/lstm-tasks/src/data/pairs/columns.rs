//! Which columns of a file are the source and the target. The rows together decide: one row alone can
//! look like something else.

use super::Pair;

/// The columns of a file of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PairColumns {
    /// Source, target and, optionally, an attribution.
    Texts,
    /// Tatoeba's export of pairs: id, source, id, target.
    WithIds,
}

impl PairColumns {
    /// The columns of these rows, each with its line; or why they are not a file of pairs.
    pub fn of(rows: &[(usize, Vec<&str>)]) -> Result<Self, String> {
        let rows = match rows {
            [(_, first), rows @ ..] if is_header(first) => rows,
            rows => rows,
        };
        let every =
            |is: fn(&[&str]) -> bool| !rows.is_empty() && rows.iter().all(|(_, cells)| is(cells));
        if every(is_quoted) {
            return Err(
                "all its texts are in quotation marks, which a program that writes CSV has added; \
                 write them without"
                    .to_owned(),
            );
        }
        if every(is_sentence_list) {
            return Err(
                "its columns look like Tatoeba's list of sentences (id, language, text), which has \
                 no translations"
                    .to_owned(),
            );
        }
        if every(|cells| cells.len() == 3 && is_id(cells[0])) {
            return Err(
                "its first column has only numbers, as if they were ids; keep the columns with the \
                 texts, for example by `cut -f2,3`"
                    .to_owned(),
            );
        }
        let of_four: Vec<_> = rows.iter().filter(|(_, cells)| cells.len() == 4).collect();
        if 2 * of_four.len() <= rows.len() {
            return Ok(Self::Texts);
        }
        let other = of_four.iter().find_map(|(line, cells)| {
            let ids = [cells[0], cells[2]];
            Some((line, ids.into_iter().find(|id| !is_id(id))?))
        });
        match other {
            None => Ok(Self::WithIds),
            Some((line, cell)) => Err(format!(
                "it has 4 columns, which are read as Tatoeba's id, source, id, target if both ids are \
                 numbers in every line, but line {line} has {cell:?}; keep the columns with the \
                 texts, for example by `cut -f1,2`"
            )),
        }
    }

    /// The pair of a row.
    pub fn pair(self, cells: &[&str]) -> Result<Pair, String> {
        let (source, target) = match (self, cells) {
            (Self::Texts, &[source, target] | &[source, target, _])
            | (Self::WithIds, &[_, source, _, target]) => (source, target),
            (Self::Texts, [_]) => {
                return Err("1 column, expected 2 or 3 separated by tabs".to_owned());
            }
            (Self::Texts, &[_, _, _, _]) => return Err("4 columns, expected 2 or 3".to_owned()),
            (Self::Texts, cells) => {
                return Err(format!(
                    "{} columns, expected 2 or 3; keep those with the texts, for example by `cut -f1,2`",
                    cells.len()
                ));
            }
            (Self::WithIds, cells) => {
                let found = lstm_text::counted(cells.len(), "column");
                return Err(format!(
                    "{found}, expected 4 as in the other rows: id, source, id, target"
                ));
            }
        };
        match (source, target) {
            ("", _) => Err("the source is empty".to_owned()),
            (_, "") => Err("the target is empty".to_owned()),
            (source, target) => Ok(Pair {
                source: source.to_owned(),
                target: target.to_owned(),
            }),
        }
    }
}

fn is_id(cell: &str) -> bool {
    !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit())
}

fn is_quoted(cells: &[&str]) -> bool {
    let quoted = |cell: &&str| cell.len() > 1 && cell.starts_with('"') && cell.ends_with('"');
    cells.len() > 1 && cells[..2].iter().all(quoted)
}

fn is_sentence_list(cells: &[&str]) -> bool {
    let is_language = |cell: &str| {
        cell == r"\N" || (cell.len() == 3 && cell.bytes().all(|b| b.is_ascii_lowercase()))
    };
    matches!(cells, [id, language, _text] if is_id(id) && is_language(language))
}

/// Words of which the names of columns are made.
const HEADER: [&str; 22] = [
    "source",
    "target",
    "src",
    "tgt",
    "trg",
    "input",
    "output",
    "id",
    "text",
    "sentence",
    "translation",
    "summary",
    "lang",
    "language",
    "attribution",
    "english",
    "french",
    "chinese",
    "mandarin",
    "en",
    "fr",
    "zh",
];

/// Whether the cells of a first row are names of columns, such as `source_text` or `English`.
pub(super) fn is_header(cells: &[&str]) -> bool {
    cells.len() > 1
        && cells.iter().all(|cell| {
            let words = cell.split(|c: char| matches!(c, ' ' | '_' | '-') || c.is_ascii_digit());
            let mut words = words.filter(|word| !word.is_empty()).peekable();
            let is_named = |word: &str| HEADER.contains(&word.to_lowercase().as_str());
            words.peek().is_some() && words.all(is_named)
        })
}
