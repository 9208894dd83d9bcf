//! The names of a recording's tensors, for one direction or two.

use crate::Recording;

/// How names are built.
pub(super) struct Names {
    /// `""` for a single direction, `fw.` and `bw.` for two.
    prefixes: Vec<&'static str>,
    /// Whether names are `fw.grad.kernel` instead of `grad.fw.kernel`.
    is_prefix_first: bool,
}

impl Names {
    pub fn read(recording: &Recording) -> Self {
        let is_single = recording.has("kernel") || recording.has("recurrent_kernel");
        let mut names = recording.tensors.keys();
        Self {
            prefixes: if is_single {
                vec![""]
            } else {
                vec!["fw.", "bw."]
            },
            is_prefix_first: names.any(|name| {
                let rest = ["fw.", "bw."].iter().find_map(|p| name.strip_prefix(p));
                rest.is_some_and(|rest| rest.starts_with("grad.") || rest.starts_with("fresh."))
            }),
        }
    }

    pub fn directions(&self) -> usize {
        self.prefixes.len()
    }

    /// The full name of a direction's tensor. `part` is `""`, `"grad."` or `"fresh."`.
    pub fn name(&self, direction: usize, part: &str, name: &str) -> String {
        let prefix = self.prefixes[direction];
        if self.is_prefix_first {
            format!("{prefix}{part}{name}")
        } else {
            format!("{part}{prefix}{name}")
        }
    }

    /// Whether the recording has one of the tensors for any direction.
    pub fn any(&self, recording: &Recording, part: &str, names: &[&str]) -> bool {
        let has = |name: &&str| {
            let mut directions = 0..self.directions();
            directions.any(|n| recording.has(&self.name(n, part, name)))
        };
        names.iter().any(has)
    }
}
