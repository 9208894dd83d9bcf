//! The committed module, called as a page calls it.

use lstm_live::native::{Call, Models};
use lstm_live::script;
use wasmi::{Engine, Instance, Linker, Memory, Module, Store, Val};

/// Relative to the larger of the number and 1. The module has another libm and sums in another order.
/// Measured against glibc: 4.3e-15.
pub const TOLERANCE: f64 = 1e-12;

/// The committed module, called as a page calls it.
pub struct Page {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
    mailbox: usize,
}

impl Page {
    pub fn open() -> Self {
        let script = script::read("module").unwrap();
        let wasm = script::to_bytes(&script["wasm"]).unwrap();
        let engine = Engine::default();
        let module = Module::new(&engine, &wasm).unwrap();
        assert_eq!(module.imports().count(), 0, "a page provides no functions");
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine)
            .instantiate_and_start(&mut store, &module)
            .unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        let mut page = Self {
            store,
            instance,
            memory,
            mailbox: 0,
        };
        page.mailbox = page.number("mailbox", &[]);
        page
    }

    pub fn number(&mut self, name: &str, arguments: &[usize]) -> usize {
        let function = self
            .instance
            .get_func(&self.store, &format!("live_{name}"))
            .unwrap_or_else(|| panic!("the module has no live_{name}"));
        let arguments: Vec<Val> = arguments.iter().map(|&n| Val::I32(n as i32)).collect();
        let results = function.ty(&self.store).results().len();
        let mut result = vec![Val::I32(0); results];
        function
            .call(&mut self.store, &arguments, &mut result)
            .unwrap();
        result.first().map_or(0, |v| v.i32().unwrap() as usize)
    }

    pub fn put(&mut self, numbers: &[f64]) {
        for (n, v) in numbers.iter().enumerate() {
            let place = self.mailbox + 8 * n;
            self.memory
                .write(&mut self.store, place, &v.to_le_bytes())
                .unwrap();
        }
    }

    pub fn get(&self, len: usize) -> Vec<f64> {
        let mut bytes = vec![0; 8 * len];
        self.memory
            .read(&self.store, self.mailbox, &mut bytes)
            .unwrap();
        let number = |b: &[u8]| f64::from_le_bytes(b.try_into().unwrap());
        bytes.chunks(8).map(number).collect()
    }

    /// Writes a model or a text to the address from `live_bytes`.
    pub fn send(&mut self, bytes: &[u8]) {
        let place = self.number("bytes", &[bytes.len()]);
        self.memory.write(&mut self.store, place, bytes).unwrap();
    }

    pub fn answer(&mut self, call: &Call) -> Vec<f64> {
        self.put(&call.numbers);
        let len = self.number(&call.name, &call.arguments);
        self.get(len)
    }
}

/// The bytes of a model in `book/en/live/NAME.js`.
pub fn bytes(name: &str) -> Vec<u8> {
    script::to_bytes(&script::read(name).unwrap()["weights"]).unwrap()
}

pub fn models() -> Models {
    Models::read().unwrap()
}

pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let pairs = a.iter().zip(b);
    pairs.fold(0.0, |m: f64, (a, b)| {
        m.max((a - b).abs() / b.abs().max(1.0))
    })
}

pub fn call(name: &str, arguments: &[usize], numbers: Vec<f64>) -> Call {
    Call {
        name: name.to_owned(),
        arguments: arguments.to_vec(),
        numbers,
    }
}
