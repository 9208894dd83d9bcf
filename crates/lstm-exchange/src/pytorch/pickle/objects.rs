//! The instructions that name classes, call functions and make instances.

use super::globals::{expect_harmless, modern};
use super::heap::{Node, Object};
use super::machine::{Done, Machine};
use super::{Fault, MOST_OF_NAME, calls};

impl Machine<'_> {
    /// Instructions that name classes and functions, call them, and make instances.
    pub(super) fn object(&mut self, code: u8) -> Done {
        match code {
            b'c' => {
                let (module, name) = (self.input.line()?, self.input.line()?);
                let name = modern(module, name);
                self.global(name)
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                match (self.heap.text(module), self.heap.text(name)) {
                    (Some(module), Some(name)) => self.global(modern(module, name)),
                    _ => Err(Fault::new(
                        "its pickle names a class by something that is no text",
                    )),
                }
            }
            b'R' => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                let made = calls::reduce(self.heap, function, arguments)?;
                self.push(made)
            }
            0x81 => {
                self.pop()?;
                self.instance()
            }
            0x92 => {
                self.pop()?;
                self.pop()?;
                self.instance()
            }
            b'b' => self.build(),
            b'Q' => {
                let id = self.pop()?;
                let made = calls::persistent(self.heap, id)?;
                self.push(made)
            }
            b'i' => {
                let (module, name) = (self.input.line()?, self.input.line()?);
                Err(Fault::Global(modern(module, name)))
            }
            b'o' => {
                let class = self.marked()?.first().copied();
                Err(class.map_or_else(|| unknown(code), |class| calls::refused(self.heap, class)))
            }
            _ => Err(unknown(code)),
        }
    }

    fn global(&mut self, name: String) -> Done {
        if name.len() > MOST_OF_NAME {
            return Err(Fault::new("the name of a class in it is too long"));
        }
        expect_harmless(&name)?;
        self.add(Node::Global(name.into()))
    }

    fn instance(&mut self) -> Done {
        let class = self.pop()?;
        let made = calls::instance(self.heap, class)?;
        self.push(made)
    }

    /// Sets the attributes of an instance. Attributes of a dict or a tensor are ignored: weights do not
    /// need them.
    fn build(&mut self) -> Done {
        let state = self.pop()?;
        let top = self.top()?;
        if let Node::Object(object) = self.heap.get_mut(top) {
            let Object { state: own, .. } = object.as_mut();
            *own = Some(state);
        }
        Ok(())
    }
}

fn unknown(code: u8) -> Fault {
    Fault::new(format!(
        "its pickle has instruction {code:#04x}, which no file of PyTorch needs"
    ))
}
