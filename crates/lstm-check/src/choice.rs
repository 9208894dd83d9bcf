//! Chooses one reading of a recording if its tensors allow several.

use crate::check::{Row, rows};
use crate::explain::explain;
use crate::precision::Allowances;
use crate::recorded::Understood;
use crate::{Finding, Tolerance};

/// The reading that was chosen.
pub(crate) struct Choice {
    pub read: Understood,
    pub allowances: Allowances,
    pub rows: Vec<Row>,
    /// How the recording was read, and why.
    pub notes: Vec<String>,
    /// Whether the numbers disagree but would agree if batch and time were swapped.
    pub is_swapped: bool,
}

/// A reading and the result of its comparison.
struct Candidate {
    read: Understood,
    allowances: Allowances,
    rows: Vec<Row>,
}

impl Candidate {
    fn new(read: Understood, tolerance: Tolerance) -> Self {
        let allowances = Allowances::new(&read, tolerance);
        Self {
            rows: rows(&read, &allowances),
            allowances,
            read,
        }
    }

    fn agrees(&self) -> bool {
        self.rows.iter().all(|row| row.finding.is_ok())
    }

    fn fits(&self) -> bool {
        let is_other_shape = |row: &Row| matches!(row.finding, Finding::Shape { .. });
        !self.rows.iter().any(is_other_shape)
    }
}

/// Chooses the first reading whose numbers agree; if there is none, the first whose shapes fit and whose
/// differences a known mistake explains; otherwise the first whose shapes fit.
///
/// A reading that contradicts the metadata or the format is never chosen. It serves only to detect that
/// batch and time are swapped.
pub(crate) fn choose(readings: Vec<Understood>, tolerance: Tolerance) -> Choice {
    let all = readings
        .into_iter()
        .map(|read| Candidate::new(read, tolerance));
    let (contrary, mut all): (Vec<_>, Vec<_>) = all.partition(|c| c.read.is_contrary);
    let chosen = match all.as_slice() {
        [_] => 0,
        _ => {
            let is_explained =
                |c: &Candidate| c.fits() && !explain(&c.read, &c.allowances).is_empty();
            let first = all.iter().position(Candidate::agrees);
            let first = first.or_else(|| all.iter().position(is_explained));
            let first = first.or_else(|| all.iter().position(Candidate::fits));
            first.unwrap_or(0)
        }
    };
    let mut notes = all[chosen].read.notes.clone();
    notes.extend(note(&all, chosen));
    let own = all.swap_remove(chosen);
    Choice {
        is_swapped: !own.agrees() && contrary.iter().any(|c| c.fits() && c.agrees()),
        read: own.read,
        allowances: own.allowances,
        rows: own.rows,
        notes,
    }
}

/// How the recording was read, if other readings were possible.
fn note(all: &[Candidate], chosen: usize) -> Option<String> {
    let own = &all[chosen];
    let name = &own.read.reading;
    let rivals = all
        .iter()
        .enumerate()
        .filter(|(n, c)| *n != chosen && c.fits());
    let rivals: Vec<&Candidate> = rivals.map(|(_, c)| c).collect();
    let (agreeing, others): (Vec<&Candidate>, Vec<&Candidate>) =
        rivals.iter().partition(|c| c.agrees());
    let names = |some: &[&Candidate]| {
        let name = |c: &&Candidate| {
            if c.read.axes == own.read.axes {
                c.read.reading.clone()
            } else {
                format!("{} (batch and time swapped)", c.read.reading)
            }
        };
        some.iter().map(name).collect::<Vec<_>>().join(" or ")
    };
    if rivals.is_empty() {
        return (!own.read.is_usual).then(|| format!("read as {name}: only so do the shapes fit"));
    }
    Some(if !own.agrees() {
        format!(
            "read as {name}; as {} the numbers do not agree either",
            names(&others)
        )
    } else if !agreeing.is_empty() {
        let names = names(&agreeing);
        format!(
            "read as {name}; as {names} the numbers agree too, and nothing tells which is meant"
        )
    } else {
        let names = names(&others);
        format!("read as {name}: so the numbers agree; as {names} they do not")
    })
}
