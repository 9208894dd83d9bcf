// The crates. A call puts numbers into the mailbox, names sizes, and takes the answer from the
// mailbox; book/live/src/lib.rs lists the calls.
(() => {
    'use strict';
    const live = window.lstmLive;

    const start = async () => {
        const { wasm } = await live.load('module');
        const { instance } = await WebAssembly.instantiate(live.bytes(wasm), {});
        const { memory, ...exported } = instance.exports;
        const mailbox = exported.live_mailbox();
        // Memory may grow and move; a view is made anew each time.
        const view = len => new Float64Array(memory.buffer, mailbox, len);

        const call = (name, sizes = [], numbers = []) => {
            view(numbers.length).set(numbers);
            const len = exported[`live_${name}`](...sizes);
            return Array.from(view(len || 0));
        };

        // A call that answers with one number, and leaves the mailbox as it is.
        const number = (name, sizes = [], numbers = []) => {
            view(numbers.length).set(numbers);
            return exported[`live_${name}`](...sizes);
        };

        const send = bytes => {
            const place = exported.live_bytes(bytes.length);
            new Uint8Array(memory.buffer, place, bytes.length).set(bytes);
        };
        const model = bytes => {
            send(bytes);
            return exported.live_writer_load() === 1;
        };
        const translator = bytes => {
            send(bytes);
            return exported.live_translator_load() === 1;
        };
        const text = words => send(new TextEncoder().encode(words));

        return { call, number, model, translator, text };
    };

    let started;
    live.engine = () => started ??= start();

    // Leaves in `root` what was asked and what came back, for tests.
    live.record = (root, name, sizes, numbers, answer) => {
        root.dataset.call = JSON.stringify({ call: name, arguments: sizes, numbers });
        root.dataset.answer = JSON.stringify(answer);
    };
})();
