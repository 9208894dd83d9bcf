//! Layers on top of each other.

use crate::{BatchState, Dropout, Forward, Input, Parameters, Recurrent, Span};
use nalgebra::DMatrix;

/// A stack of recurrent layers: h of layer l is x of layer l + 1 (E26; `return_sequences` in Keras).
#[derive(Clone, Debug, PartialEq)]
pub struct Stack<R> {
    /// Bottom layer first.
    pub layers: Vec<R>,
}

/// Dropout in a stack: where the masks come from, and how much of each layer's output they zero.
#[derive(Clone, Copy, Debug)]
pub struct StackDropout<'a> {
    /// The masks of this step.
    pub masks: Dropout,
    /// One rate for each layer, applied to its output. E26 has 0 for the last.
    pub rates: &'a [f64],
}

/// What a stack's forward pass leaves.
pub struct StackTape<R: Recurrent> {
    tapes: Vec<R::Tape>,
    /// The output of each layer after dropout, H×(T·B): the next layer's input, and the last one's
    /// is the stack's output.
    outputs: Vec<DMatrix<R::Scalar>>,
    /// h_T, c_T of each layer.
    pub last: Vec<BatchState<R::Scalar>>,
}

impl<R: Recurrent> Drop for StackTape<R> {
    fn drop(&mut self) {
        self.outputs.drain(..).for_each(R::recycle);
    }
}

impl<R: Recurrent> StackTape<R> {
    /// The top layer's h_t of every token, after its dropout, H×(T·B).
    pub fn output(&self) -> &DMatrix<R::Scalar> {
        self.outputs.last().expect("a stack has a layer")
    }
}

/// What a stack's backward pass gives, besides the gradients of its weights.
#[derive(Debug)]
pub struct StackBackward<T> {
    /// The gradient of the matrix that the bottom layer's input holds, as
    /// [`Backward::dinput`](crate::Backward::dinput).
    pub dinput: Option<DMatrix<T>>,
    /// dh_0 and dc_0 of each layer.
    pub dinitial: Vec<BatchState<T>>,
}

impl<R: Recurrent> Stack<R> {
    /// Zero states for `batch_size` sequences, one for each layer.
    pub fn zero_states(&self, batch_size: usize) -> Vec<BatchState<R::Scalar>> {
        self.layers
            .iter()
            .map(|layer| BatchState::zeros(layer.hidden_size(), batch_size))
            .collect()
    }
}

// ANCHOR: stack_forward
impl<R: Recurrent> Stack<R> {
    /// All layers over a batch. `input` is the bottom layer's.
    pub fn forward(
        &self,
        input: Input<'_, R::Scalar>,
        initial: &[BatchState<R::Scalar>],
        span: &Span<'_>,
        dropout: Option<StackDropout<'_>>,
    ) -> StackTape<R> {
        let mut stack = StackTape {
            tapes: Vec::new(),
            outputs: Vec::new(),
            last: Vec::new(),
        };
        for (l, (layer, initial)) in self.layers.iter().zip(initial).enumerate() {
            let input = stack.outputs.last().map_or(input, Input::Dense);
            let Forward {
                mut outputs,
                last,
                tape,
            } = layer.forward(input, initial, span);
            if let Some(StackDropout { masks, rates }) = dropout {
                masks.apply(l, rates[l], &mut outputs, span.batch_size);
            }
            stack.tapes.push(tape);
            stack.outputs.push(outputs);
            stack.last.push(last);
        }
        stack
    }
}
// ANCHOR_END: stack_forward

impl<R: Recurrent> Stack<R> {
    /// The way back through [`forward`](Self::forward), whose arguments are repeated: from the
    /// gradient of the output (H×(T·B)) and of every layer's last state. Gradients of the weights
    /// are *added* to `grad`.
    #[expect(
        clippy::too_many_arguments,
        reason = "the forward pass's four, its tape, two gradients in, one out"
    )]
    pub fn backward(
        &self,
        tape: &StackTape<R>,
        input: Input<'_, R::Scalar>,
        initial: &[BatchState<R::Scalar>],
        span: &Span<'_>,
        dropout: Option<StackDropout<'_>>,
        doutput: DMatrix<R::Scalar>,
        dlast: &[BatchState<R::Scalar>],
        grad: &mut Self,
    ) -> StackBackward<R::Scalar> {
        let mut doutput = Some(doutput);
        let mut dinitial = Vec::new();
        for l in (0..self.layers.len()).rev() {
            let mut dy = doutput
                .take()
                .expect("what a layer above another reads is dense");
            if let Some(StackDropout { masks, rates }) = dropout {
                masks.apply(l, rates[l], &mut dy, span.batch_size);
            }
            let input = match l {
                0 => input,
                _ => Input::Dense(&tape.outputs[l - 1]),
            };
            let back = self.layers[l].backward(
                &tape.tapes[l],
                input,
                &initial[l],
                span,
                &dy,
                &dlast[l],
                &mut grad.layers[l],
            );
            R::recycle(dy);
            doutput = back.dinput;
            dinitial.push(back.dinitial);
        }
        dinitial.reverse();
        StackBackward {
            dinput: doutput,
            dinitial,
        }
    }
}

impl<R: Recurrent> Parameters for Stack<R> {
    type Scalar = R::Scalar;

    fn slices(&self) -> Vec<&[R::Scalar]> {
        self.layers.iter().flat_map(Parameters::slices).collect()
    }

    fn slices_mut(&mut self) -> Vec<&mut [R::Scalar]> {
        self.layers
            .iter_mut()
            .flat_map(Parameters::slices_mut)
            .collect()
    }

    fn parameter_count(&self) -> usize {
        self.layers.iter().map(Parameters::parameter_count).sum()
    }
}
