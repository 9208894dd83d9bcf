//! Operators that run a subgraph: `If` and `Loop`.

use super::{Call, Outputs};
use crate::onnx::graph::Values;
use crate::onnx::graph::body::Body;
use crate::onnx::value::{ElementType, Value, count};
use crate::{ExchangeError, Tensor};

/// The cost of running one node of a body, in multiplications, so that a loop of cheap nodes also
/// exhausts its budget.
const NODE: usize = 1 << 16;

impl<'a> Call<'a> {
    pub(super) fn branch(&mut self) -> Outputs {
        let is_true = self.flag(self.input(0)?)?;
        let body = self.body(if is_true {
            "then_branch"
        } else {
            "else_branch"
        })?;
        body.outputs(&Values::new(), self.scope, self.machine.again())
    }

    /// Runs the body until its condition is false, at most `M` times. The outputs are the values carried
    /// from one iteration to the next, then the scan outputs: one array each, with the values of every
    /// iteration.
    pub(super) fn repeat(&mut self) -> Outputs {
        let body = self.body("body")?;
        let most = match self.optional(0) {
            Some(_) => self.sizes(0)?.first().copied().unwrap_or(0),
            None => usize::MAX,
        };
        let mut goes_on = self
            .optional(1)
            .map_or(Ok(true), |value| self.flag(value))?;
        let carried = (2..self.inputs.len()).map(|n| self.input(n).cloned());
        let mut carried = carried.collect::<Result<Vec<_>, _>>()?;
        // The body also reads the iteration number and the condition, and returns the condition.
        let hands_on = 1 + carried.len();
        if body.inputs.len() != 1 + hands_on || body.outputs.len() < hands_on {
            return Err(self.wrong("its body has another number of inputs or outputs"));
        }
        let mut collected = vec![Vec::new(); body.outputs.len() - hands_on];
        let (before, mut kept) = (self.machine.budget.numbers, 0);
        let mut time = 0;
        while goes_on && time < most {
            let start = self.machine.budget.numbers;
            let clock = [number(time as f64), number(goes_on.into())];
            let given = given(body, clock, carried);
            let mut outputs = body.outputs(&given, self.scope, self.machine.again())?;
            let used = start - self.machine.budget.numbers;
            self.work(&[used.saturating_add(NODE * body.steps.len())])?;
            for (list, value) in collected.iter_mut().zip(outputs.split_off(hands_on)) {
                kept += value.data().len();
                list.push(value);
            }
            goes_on = self.flag(&outputs.remove(0))?;
            carried = outputs;
            // The body's values have been freed, except those that it passes on.
            let handed: usize = carried.iter().map(|value| value.data().len()).sum();
            let left = before.checked_sub(handed + kept);
            self.machine.budget.numbers = left.ok_or_else(|| self.too_large(&[handed, kept]))?;
            time += 1;
        }
        let collected = collected.iter().map(|values| self.stacked(values));
        let collected = collected.collect::<Result<Vec<_>, _>>()?;
        Ok(carried.into_iter().chain(collected).collect())
    }

    /// Stacks values of the same shape into one array with an additional dimension.
    fn stacked(&self, values: &[Value]) -> Result<Value, ExchangeError> {
        let first = values.first();
        let first =
            first.ok_or_else(|| self.wrong("has an output of every time and runs no time"))?;
        if values.iter().any(|value| value.shape() != first.shape()) {
            return Err(self.wrong("an output has another shape from one time to the next"));
        }
        let shape = [&[values.len()], first.shape()].concat();
        let element_type = first.element_type;
        let mut data = Vec::with_capacity(count(&shape).unwrap_or(0));
        values
            .iter()
            .for_each(|value| data.extend_from_slice(value.data()));
        Ok(Value {
            tensor: Tensor::new(&shape, data),
            element_type,
        })
    }

    fn body(&self, name: &str) -> Result<&'a Body, ExchangeError> {
        let body: Option<&'a Body> = self.bodies.get(name);
        body.ok_or_else(|| self.wrong(format!("has no graph {name}")))
    }

    /// A value with a single element as a boolean.
    fn flag(&self, value: &Value) -> Result<bool, ExchangeError> {
        match (value.data(), value.element_type) {
            (&[number], ElementType::Bool) => Ok(number != 0.0),
            _ => Err(self.wrong("its condition is not one truth value")),
        }
    }
}

/// The inputs of a loop's body: the iteration number, the condition, and the carried values.
fn given(body: &Body, [time, goes_on]: [Tensor; 2], carried: Vec<Value>) -> Values {
    let clock = [Value::int(time), Value::bool(goes_on)];
    let values = clock.into_iter().chain(carried);
    body.inputs.iter().cloned().zip(values).collect()
}

fn number(number: f64) -> Tensor {
    Tensor::new(&[], vec![number])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::graph::Graph;
    use crate::onnx::plain::PlainLstm;
    use crate::onnx::proto::{self, Attribute, Model, Node, Opset, ValueInfo};

    /// A loop that starts from a state of ones and runs at most `most` times. In each iteration the next
    /// state is `op_type` of the state and itself.
    fn run(most: i64, op_type: &str) -> Result<Values, ExchangeError> {
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.into())
                .collect::<Vec<String>>()
        };
        let infos = |names: &[&str]| {
            let info = |&name: &&str| ValueInfo {
                name: name.into(),
                ..ValueInfo::default()
            };
            names.iter().map(info).collect::<Vec<_>>()
        };
        let body = proto::Graph {
            node: vec![Node {
                op_type: op_type.into(),
                input: names(&["state", "state"]),
                output: names(&["next"]),
                ..Node::default()
            }],
            input: infos(&["time", "go", "state"]),
            output: infos(&["go", "next", "state"]),
            ..proto::Graph::default()
        };
        let node = Node {
            op_type: "Loop".into(),
            input: names(&["most", "true", "ones"]),
            output: names(&["last", "states"]),
            attribute: vec![Attribute {
                name: "body".into(),
                g: Some(Box::new(body)),
                ..Attribute::default()
            }],
            ..Node::default()
        };
        let constants = [
            Value::int(number(most as f64)).encode("most"),
            Value::bool(number(1.0)).encode("true"),
            Value::float(Tensor::new(&[1, 2], vec![1.0; 2])).encode("ones"),
        ];
        let graph = Graph::new(Model {
            graph: Some(Box::new(proto::Graph {
                node: vec![node],
                initializer: constants.into(),
                output: infos(&["last", "states"]),
                ..proto::Graph::default()
            })),
            opset_import: vec![Opset {
                domain: String::new(),
                version: 15,
            }],
            ..Model::default()
        });
        graph?.run(&Values::new(), 0, &mut PlainLstm)
    }

    #[test]
    fn a_loop_hands_on_its_state_and_collects_it() {
        let values = run(3, "Add").unwrap();
        assert_eq!(values["last"].data(), [8.0, 8.0]);
        assert_eq!(values["states"].shape(), [3, 1, 2]);
        assert_eq!(values["states"].data(), [1.0, 1.0, 2.0, 2.0, 4.0, 4.0]);
    }

    #[test]
    fn a_loop_that_would_not_end_or_grows_is_stopped() {
        for (most, op_type) in [(i64::MAX, "Mul"), (60, "Concat")] {
            let error = run(most, op_type).unwrap_err().to_string();
            assert!(error.contains("too large"), "{op_type}: {error}");
        }
        let error = run(0, "Add").unwrap_err().to_string();
        assert!(error.contains("runs no time"), "{error}");
    }
}
