//! The names of a recording's tensors, for one direction or two.

use crate::Recording;

/// The prefixes of the names.
pub(super) struct Names {
    /// `""` for a single direction, `fw.` and `bw.` for two.
    prefixes: Vec<&'static str>,
}

impl Names {
    pub fn read(recording: &Recording) -> Self {
        let is_single = recording.has("kernel") || recording.has("recurrent_kernel");
        Self {
            prefixes: if is_single {
                vec![""]
            } else {
                vec!["fw.", "bw."]
            },
        }
    }

    pub fn directions(&self) -> usize {
        self.prefixes.len()
    }

    /// The full name of a direction's tensor. `part` is `""`, `"grad."` or `"fresh."`.
    pub fn name(&self, direction: usize, part: &str, name: &str) -> String {
        format!("{part}{}{name}", self.prefixes[direction])
    }

    /// A tensor's full names in all directions.
    pub fn all(&self, part: &str, name: &str) -> Vec<String> {
        (0..self.directions())
            .map(|n| self.name(n, part, name))
            .collect()
    }
}
