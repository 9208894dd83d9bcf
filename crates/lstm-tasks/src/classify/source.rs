//! Where the sequences of a run come from. The run stores it, so that a resumed run reads the same ones.

use super::split::split;
use super::{ClassifySettings, generated};
use crate::data::{Labelled, LabelledColumns, Labels, Sequence, read_labelled};
use crate::error::quoted;
use crate::{Files, TasksError};
use lstm_text::{InputLimit, counted};
use lstm_train::Fingerprint;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A source of sequences with a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ClassSource {
    /// [`generated::words`].
    Generated,
    /// Files, which are read by [`read_labelled`].
    Files {
        /// The file to train on, and one to validate on.
        files: Files,
        /// The columns to read.
        columns: LabelledColumns,
    },
}

/// The sequences of a source, in three parts.
#[derive(Clone, Debug)]
pub struct ClassData {
    /// The training part.
    pub train: Vec<Labelled>,
    /// The validation part.
    pub val: Vec<Labelled>,
    /// The test part.
    pub test: Vec<Labelled>,
    /// What was missing, counted.
    pub warnings: Vec<String>,
    /// The fingerprint of the files, by which a resumed run notices that they have changed.
    pub fingerprint: Fingerprint,
}

impl ClassData {
    /// The sequences of all parts.
    pub fn all(&self) -> impl Iterator<Item = &Labelled> {
        self.train.iter().chain(&self.val).chain(&self.test)
    }
}

impl ClassSource {
    /// The columns of the source.
    #[must_use]
    pub fn columns(&self) -> LabelledColumns {
        match self {
            Self::Generated => generated::columns(),
            Self::Files { columns, .. } => columns.clone(),
        }
    }
}

impl ClassifySettings {
    /// Reads or generates the sequences.
    ///
    /// # Errors
    /// As [`read_labelled`]; if there are not two classes, or too few examples for the classes; and if the
    /// validation file has a class that the training file does not have.
    pub fn read(&self, limit: InputLimit) -> Result<ClassData, TasksError> {
        let name = self.source.to_string();
        let (all, own_val, text, mut warnings) = match &self.source {
            ClassSource::Generated => {
                let words = generated::words();
                let text: String = words.iter().map(in_a_line).collect();
                (words, None, text, Vec::new())
            }
            ClassSource::Files { files, columns } => {
                let read = |path| read_labelled(path, columns, Labels::Needed, limit);
                let mut file = read(&files.train)?;
                // A pipe can be read only once.
                let val = match &files.val {
                    Some(path) if *path == files.train => Some(file.clone()),
                    Some(path) => Some(read(path)?),
                    None => None,
                };
                if let Some(val) = &val {
                    file.text += &val.text;
                    file.warnings.extend(val.warnings.clone());
                }
                (file.all, val, file.text, file.warnings)
            }
        };
        let classes = classes(&name, &all)?;
        if let Some(val) = &own_val {
            expect_known(&val.name, &val.all, &self.source.columns().label, &classes)?;
        }
        let [train, mut val, test] = split(all, self.held_out, self.seed);
        val.extend(own_val.into_iter().flat_map(|val| val.all));
        for (what, part) in [("validate", &val), ("test", &test)] {
            warnings.extend(unmeasured(&name, what, part, &classes));
        }
        Ok(ClassData {
            fingerprint: Fingerprint::new(&name, &text),
            train,
            val,
            test,
            warnings,
        })
    }
}

fn in_a_line(one: &Labelled) -> String {
    match &one.sequence {
        Sequence::Text(text) => format!("{text}\t{}\n", one.label),
        Sequence::Series { .. } => unreachable!("words are texts"),
    }
}

/// The names of the classes in alphabetical order.
fn classes(name: &str, all: &[Labelled]) -> Result<Vec<String>, TasksError> {
    let classes: BTreeSet<&String> = all.iter().map(|one| &one.label).collect();
    if let [only] = classes.iter().collect::<Vec<_>>().as_slice() {
        let why = format!(
            "every example has the label {only:?}; there is nothing to tell apart, give examples of \
             another class"
        );
        return Err(TasksError::table(name, why));
    }
    if all.len() < 2 * classes.len() {
        let why = format!(
            "{} have {} different labels, and a class needs two examples on average; give more examples, or \
             name the column with the class by --label",
            counted(all.len(), "example"),
            classes.len()
        );
        return Err(TasksError::table(name, why));
    }
    Ok(classes.into_iter().cloned().collect())
}

/// Refuses a label that is not the name of a class; `column` is its column in the file `name`.
pub(super) fn expect_known<'a>(
    name: &str,
    all: impl IntoIterator<Item = &'a Labelled>,
    column: &str,
    classes: &[String],
) -> Result<(), TasksError> {
    const SHOWN: usize = 10;
    let Some(other) = all.into_iter().find(|one| !classes.contains(&one.label)) else {
        return Ok(());
    };
    Err(TasksError::Cell {
        name: name.to_owned(),
        line: other.line,
        column: column.to_owned(),
        why: format!(
            "the training part has no class {:?}; it has {}; correct the label, or train on examples of the \
             class",
            other.label,
            quoted(classes.iter().map(String::as_str), SHOWN)
        ),
    })
}

/// A warning about classes of which a part has no example, though it has some of others.
fn unmeasured(name: &str, what: &str, part: &[Labelled], classes: &[String]) -> Option<String> {
    let present: BTreeSet<&String> = part.iter().map(|one| &one.label).collect();
    let absent: Vec<&String> = classes
        .iter()
        .filter(|class| !present.contains(class))
        .collect();
    if part.is_empty() || absent.is_empty() {
        return None;
    }
    let first = absent[0];
    Some(format!(
        "{name}: {} too small to have an example to {what} on, {first:?} for one",
        match absent.len() {
            1 => "1 class is".to_owned(),
            n => format!("{n} classes are"),
        }
    ))
}

impl fmt::Display for ClassSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generated => f.write_str("words of three invented languages"),
            Self::Files { files, .. } => write!(f, "{}", files.train.display()),
        }
    }
}
