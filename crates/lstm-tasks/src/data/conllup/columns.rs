//! The columns of a CoNLL-U Plus file, as its first line names them.

use super::Id;
use lstm_text::counted;

/// The indices of the columns that are read, and the number of all columns.
pub(super) struct Columns {
    pub count: usize,
    pub id: usize,
    pub form: usize,
    pub pred: usize,
    pub spans: usize,
}

impl Columns {
    /// The columns that line 1 names, or what is wrong with it.
    pub fn of(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().zip(1..);
        let header = lines.find_map(|(line, number)| Some((declaration(line)?, number)));
        let (declared, number) = header.ok_or_else(|| without_header(text))?;
        if number > 1 {
            return Err(format!(
                "its columns are named in line {number}, expected in line 1: move the line there"
            ));
        }
        let names = declared.trim().strip_prefix('=');
        let names = names.ok_or("in line 1 there is no = after global.columns")?;
        let names: Vec<&str> = names.split_whitespace().collect();
        Ok(Self {
            count: names.len(),
            id: place(&names, "ID")?,
            form: place(&names, "FORM")?,
            pred: place(&names, "UP:PRED")?,
            spans: place(&names, "UP:ARGSPANS")?,
        })
    }

    /// The cells of a row.
    pub fn cells<'a>(&self, row: &'a str) -> Result<Vec<&'a str>, String> {
        let cells: Vec<&str> = row.split('\t').collect();
        let (found, expected) = (cells.len(), self.count);
        if row.starts_with('#') && (found != expected || self.id == 0) {
            return Err(
                "a comment after the first word of a sentence: comments stand before it, and a \
                 blank line after the last word"
                    .to_owned(),
            );
        }
        if found == expected {
            return Ok(cells);
        }
        let by_spaces = row.split_whitespace().count();
        Err(if by_spaces == expected {
            format!(
                "{} separated by spaces, expected tabs",
                counted(by_spaces, "column")
            )
        } else {
            format!("{}, expected {expected}", counted(found, "column"))
        })
    }

    /// Whether a line before the first word of a sentence is a comment. If FORM is the first column, the
    /// row of a word can begin with `#` too; it has all columns, and a number in the column ID.
    pub fn is_comment(&self, line: &str) -> bool {
        let cells: Vec<&str> = line.split('\t').collect();
        let is_row = cells.len() == self.count && cells[self.id].parse::<Id>().is_ok();
        line.starts_with('#') && !is_row
    }
}

/// What follows `# global.columns` in the line that begins so.
fn declaration(line: &str) -> Option<&str> {
    const NAME: &str = "global.columns";
    let comment = line.strip_prefix('#')?.trim();
    let name = comment.get(..NAME.len())?;
    name.eq_ignore_ascii_case(NAME)
        .then(|| &comment[NAME.len()..])
}

fn place(names: &[&str], name: &str) -> Result<usize, String> {
    let mut places = (0..names.len()).filter(|&n| names[n] == name);
    if let Some(place) = places.next() {
        return match places.next() {
            None => Ok(place),
            Some(_) => Err(format!("it names the column {name} twice")),
        };
    }
    let similar = names.iter().find(|other| other.eq_ignore_ascii_case(name));
    Err(match similar {
        Some(other) => format!("it has no column {name}, only {other}: the case of letters counts"),
        None => format!("it has no column {name} among {}", names.join(" ")),
    })
}

/// Why a file without `# global.columns` cannot be read, and what it may be.
fn without_header(text: &str) -> String {
    let rows = || {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines.filter(|line| !line.starts_with('#')).take(1000)
    };
    let cells = || rows().flat_map(str::split_whitespace);
    let columns = rows().map(|row| row.split('\t').count()).max().unwrap_or(0);
    let is_bracket =
        |cell: &str| cell.ends_with("*)") || (cell.starts_with('(') && cell.ends_with('*'));
    let looks = if cells().any(is_bracket) {
        "; arguments in brackets, (A0* *), look like CoNLL-2005 or CoNLL-2012, which is not read"
    } else if cells().any(|cell| cell == "O") && cells().any(|cell| cell.starts_with("B-")) {
        "; labels such as B-A0 look like a BIO table, which is not read"
    } else if columns > 10 {
        "; so many columns look like Universal PropBank 1 or CoNLL-2009, which give only the heads of \
         arguments and are not read"
    } else if columns == 1 {
        "; nor is it one JSON object on each line"
    } else {
        ""
    };
    let first: String = text
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(40)
        .collect();
    let rows = match columns {
        0 | 1 => String::new(),
        columns => format!(" and rows of {columns} columns"),
    };
    format!("it does not name its columns in line 1, which is {first:?}{rows}{looks}")
}
