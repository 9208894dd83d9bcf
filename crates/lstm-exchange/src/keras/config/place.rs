//! Where the arrays of a layer are in the file.

use super::layer::Record;

/// Where a layer's arrays are in the file.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Place {
    /// The path above the arrays in a Keras 3 file, such as `layers/lstm_1/cell`.
    pub path: String,
    /// The path of the layer itself; a Keras 3 file may store the layer's name there.
    pub layer: String,
    /// The layer's name.
    pub name: String,
    /// The group in a file of the old HDF5 format: the name of the outermost layer.
    pub group: String,
    /// If that group holds the arrays of several layers: the name that marks this layer's arrays.
    pub within: Option<String>,
}

impl Place {
    /// The place of a layer that is preceded by `earlier` layers of the same class in the model's list.
    pub(super) fn below(&self, layer: &Record<'_>, earlier: usize) -> Self {
        let class = match layer.class {
            "TimeDistributed" => "time_distributed".to_owned(),
            class => class.to_lowercase(),
        };
        let is_outermost = self.group.is_empty();
        let path = self.part("layers").part(&numbered(&class, earlier)).path;
        Self {
            layer: path.clone(),
            path,
            name: layer.name.to_owned(),
            group: if is_outermost {
                layer.name
            } else {
                &self.group
            }
            .to_owned(),
            within: (!is_outermost).then(|| layer.name.to_owned()),
        }
    }

    /// The place of a part of this layer.
    pub(super) fn part(&self, name: &str) -> Self {
        let path = match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}/{name}"),
        };
        Self {
            path,
            ..self.clone()
        }
    }

    /// The place of member `n` of a list of cells.
    pub(super) fn member(&self, cell: &Record<'_>, class: &str, n: usize) -> Self {
        Self {
            within: Some(cell.name.to_owned()),
            ..self.part(&numbered(class, n))
        }
    }
}

/// `lstm`, `lstm_1`, `lstm_2` …
fn numbered(class: &str, n: usize) -> String {
    match n {
        0 => class.to_owned(),
        n => format!("{class}_{n}"),
    }
}
