//! Where the files have the arrays of a layer.

use super::layer::Record;

/// Where a file has a layer's arrays.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Place {
    /// Below which path a file of Keras 3 has them, such as `layers/lstm_1/cell`.
    pub path: String,
    /// The path of the layer itself, where such a file may have the layer's name.
    pub layer: String,
    /// The layer's name.
    pub name: String,
    /// The group in a file of the old format: the name of the outermost layer.
    pub group: String,
    /// A name that is part of the arrays' names there, if the group holds the arrays of several layers.
    pub within: Option<String>,
}

impl Place {
    /// The place of a model's layer that follows `earlier` layers of the same class in the model's list.
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
