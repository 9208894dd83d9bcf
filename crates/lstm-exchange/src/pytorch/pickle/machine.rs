//! The stack machine.

use super::heap::{Heap, Id, Node};
use super::input::Input;
use super::{Fault, MOST_OBJECTS};
use std::collections::HashMap;

pub(super) struct Machine<'a> {
    pub(super) heap: &'a mut Heap,
    pub(super) input: Input<'a>,
    len: usize,
    stack: Vec<Id>,
    /// The marks: heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
}

pub(super) type Done = Result<(), Fault>;

impl<'a> Machine<'a> {
    pub fn new(heap: &'a mut Heap, bytes: &'a [u8]) -> Self {
        Self {
            heap,
            input: Input::new(bytes),
            len: bytes.len(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        }
    }

    /// Carries out all instructions. Returns the object on top of the stack and the number of bytes
    /// read.
    pub fn run(mut self) -> Result<(Id, usize), Fault> {
        loop {
            let code = self.input.u8()?;
            if code == b'.' {
                return Ok((self.pop()?, self.len - self.input.left()));
            }
            let is_done = self.constant(code)? || self.container(code)? || self.memory(code)?;
            if !is_done {
                self.object(code)?;
            }
            let most = MOST_OBJECTS;
            if self.heap.len().max(self.stack.len()).max(self.memo.len()) > most {
                return Err(Fault::new(format!("it makes more than {most} objects")));
            }
        }
    }

    pub(super) fn pop(&mut self) -> Result<Id, Fault> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(Fault::new("an instruction of its pickle lacks an operand"));
        }
        Ok(self.stack.pop().expect("it is higher than its floor"))
    }

    pub(super) fn top(&self) -> Result<Id, Fault> {
        let top = self.stack.last().copied();
        top.ok_or_else(|| Fault::new("an instruction of its pickle lacks an operand"))
    }

    pub(super) fn push(&mut self, id: Id) -> Done {
        self.stack.push(id);
        Ok(())
    }

    pub(super) fn add(&mut self, node: Node) -> Done {
        let id = self.heap.add(node);
        self.push(id)
    }

    /// Pops everything pushed since the last mark.
    pub(super) fn marked(&mut self) -> Result<Vec<Id>, Fault> {
        let mark = self.marks.pop();
        let mark = mark.ok_or_else(|| Fault::new("its pickle uses a mark that it never set"))?;
        Ok(self.stack.split_off(mark))
    }

    fn marked_pairs(&mut self) -> Result<Vec<(Id, Id)>, Fault> {
        let marked = self.marked()?;
        let (pairs, rest) = marked.as_chunks();
        if !rest.is_empty() {
            return Err(Fault::new("a dict of its pickle has a key without a value"));
        }
        Ok(pairs.iter().map(|&[key, value]| (key, value)).collect())
    }

    /// Instructions for tuples, lists, sets and dicts.
    fn container(&mut self, code: u8) -> Result<bool, Fault> {
        let done = match code {
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            b')' => self.push(Heap::EMPTY),
            b']' | 0x8f => self.add(Node::List(Vec::new())),
            b'}' => self.add(Node::Dict(Vec::new())),
            b't' => self
                .marked()
                .and_then(|all| self.add(Node::Tuple(all.into()))),
            b'l' | 0x91 => self.marked().and_then(|all| self.add(Node::List(all))),
            b'd' => self
                .marked_pairs()
                .and_then(|all| self.add(Node::Dict(all))),
            0x85..=0x87 => self.tuple(code - 0x84),
            b'a' => self.pop().and_then(|one| self.extend(vec![one])),
            b'e' | 0x90 => self.marked().and_then(|all| self.extend(all)),
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set(vec![(key, value)])
            }
            b'u' => self.marked_pairs().and_then(|pairs| self.set(pairs)),
            _ => return Ok(false),
        };
        done.map(|()| true)
    }

    fn tuple(&mut self, count: u8) -> Done {
        let all: Result<Vec<Id>, Fault> = (0..count).map(|_| self.pop()).collect();
        let mut all = all?;
        all.reverse();
        self.add(Node::Tuple(all.into()))
    }

    fn extend(&mut self, all: Vec<Id>) -> Done {
        let top = self.top()?;
        match self.heap.get_mut(top) {
            Node::List(elements) => elements.extend(all),
            Node::Object(object) => object.elements.extend(all),
            Node::Other => {}
            _ => {
                return Err(Fault::new(
                    "its pickle appends to something that is no list",
                ));
            }
        }
        Ok(())
    }

    fn set(&mut self, pairs: Vec<(Id, Id)>) -> Done {
        let top = self.top()?;
        match self.heap.get_mut(top) {
            Node::Dict(items) => items.extend(pairs),
            Node::Object(object) => object.items.extend(pairs),
            Node::Other => {}
            _ => {
                return Err(Fault::new(
                    "its pickle sets an entry of something that is no dict",
                ));
            }
        }
        Ok(())
    }

    /// Instructions for the stack and the memo.
    fn memory(&mut self, code: u8) -> Result<bool, Fault> {
        let done = match code {
            0x80 => match self.input.u8()? {
                0..=5 => Ok(()),
                protocol => Err(Fault::new(format!(
                    "it has pickle protocol {protocol}, expected 0 to 5"
                ))),
            },
            0x95 => self.input.u64().map(drop),
            b'0' if self.marks.last() == Some(&self.stack.len()) => {
                self.marks.pop();
                Ok(())
            }
            b'0' => self.pop().map(drop),
            b'1' => self.marked().map(drop),
            b'2' => self.top().and_then(|top| self.push(top)),
            b'p' => self.input.line().and_then(number).and_then(|n| self.put(n)),
            b'q' => self.input.u8().and_then(|n| self.put(n.into())),
            b'r' => self.input.u32().and_then(|n| self.put(n.into())),
            0x94 => self.put(self.memo.len() as u64),
            b'g' => self
                .input
                .line()
                .and_then(number)
                .and_then(|n| self.fetch(n)),
            b'h' => self.input.u8().and_then(|n| self.fetch(n.into())),
            b'j' => self.input.u32().and_then(|n| self.fetch(n.into())),
            _ => return Ok(false),
        };
        done.map(|()| true)
    }

    fn put(&mut self, n: u64) -> Done {
        let top = self.top()?;
        self.memo.insert(n, top);
        Ok(())
    }

    fn fetch(&mut self, n: u64) -> Done {
        let found = self.memo.get(&n).copied();
        let found = found.ok_or_else(|| Fault::new(format!("its pickle never stored object {n}")));
        self.push(found?)
    }
}

fn number(line: &str) -> Result<u64, Fault> {
    line.parse()
        .map_err(|_| Fault::new(format!("{line:?} of its pickle is no number")))
}
