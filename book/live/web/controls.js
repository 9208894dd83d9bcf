// What the widgets are built of.
(() => {
    'use strict';
    const live = window.lstmLive;
    let count = 0;

    // An identifier that no other element has.
    live.id = () => `live-${++count}`;

    const build = (node, properties, children) => {
        for (const [key, value] of Object.entries(properties)) {
            if (key.startsWith('on')) {
                node.addEventListener(key.slice(2), value);
            } else if (key === 'value') {
                node.value = value;
            } else if (value === true) {
                node.setAttribute(key, '');
            } else if (value !== false && value !== undefined) {
                node.setAttribute(key, value);
            }
        }
        node.append(...children.flat());
        return node;
    };

    live.element = (tag, properties = {}, ...children) =>
        build(document.createElement(tag), properties, children);

    live.svg = (tag, properties = {}, ...children) =>
        build(document.createElementNS('http://www.w3.org/2000/svg', tag), properties, children);

    const { element } = live;

    // A number as it is read: a real minus, and the same width at the same number of digits.
    live.show = (value, digits = 3) => {
        const text = value.toFixed(digits);
        return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−');
    };

    // A small or large number, as 1.2·10⁻⁷.
    live.scientific = value => {
        if (value === 0 || (value >= 0.01 && value < 10_000)) {
            return [live.show(value, value ? 2 : 0)];
        }
        const [mantissa, exponent] = value.toExponential(1).split('e');
        const power = String(Number(exponent)).replace('-', '−');
        return [`${mantissa.replace('-', '−')}·10`, element('sup', {}, power)];
    };

    // Letters are slanted, digits and signs are not.
    const script = (tag, text) => element(tag, {},
        text.split(/(\p{L}+)/u).filter(part => part).map(part => /\p{L}/u.test(part) ? element('var', {}, part) : part));

    // A letter with what stands below it, and above that: x_t, W_xi, a^i_t.
    live.symbol = (letter, below = '', above = '') => element('span', { class: 'live-symbol' },
        element('var', {}, letter),
        above ? element('span', { class: 'live-scripts' }, script('sup', above), script('sub', below))
            : below ? script('sub', below) : '');

    // A slider and a field for one number. `spoken` names it for those who do not see its symbol.
    live.slider = ({ label, spoken, min, max, step = 0.01, value, change }) => {
        const range = element('input', { type: 'range', min, max, step, 'aria-label': spoken });
        const field = element('input', {
            type: 'number', min, max, step, 'aria-label': spoken, inputmode: 'decimal',
        });
        const set = (number, from) => {
            if (from !== range) {
                range.value = number;
            }
            if (from !== field) {
                field.value = String(Number(number.toFixed(6)));
            }
        };
        const moved = event => {
            const number = event.target.valueAsNumber;
            // A field that is being typed into may hold no number yet.
            if (Number.isFinite(number) && Math.abs(number) <= 1000) {
                set(number, event.target);
                change(number);
            }
        };
        range.addEventListener('input', moved);
        field.addEventListener('input', moved);
        const node = element('div', { class: 'live-slider' },
            element('span', { class: 'live-slider-label', 'aria-hidden': 'true' }, label), range, field);
        set(value);
        return { node, set };
    };

    // One of several, by radio buttons. `options` are [value, what it looks like, what it is called].
    live.choice = ({ legend, options, value, change, look = 'live-choice' }) => {
        const name = live.id();
        const inputs = new Map();
        const node = element('div', { class: look, role: 'radiogroup', 'aria-label': legend },
            options.map(([key, content, spoken]) => {
                const input = element('input', {
                    type: 'radio', name, 'aria-label': spoken, onchange: () => change(key),
                });
                input.checked = key === value;
                inputs.set(key, input);
                return element('label', {}, input, element('span', {}, content));
            }));
        return {
            node,
            // Without a key, none.
            set(key) {
                inputs.forEach((input, of) => { input.checked = of === key; });
            },
        };
    };

    live.button = (text, click, properties = {}) =>
        element('button', { type: 'button', onclick: click, ...properties }, text);

    // The head of a widget: what it is, and whose numbers it shows.
    live.title = (root, text) => {
        const id = live.id();
        root.setAttribute('role', 'group');
        root.setAttribute('aria-labelledby', id);
        return element('p', { class: 'live-title' },
            element('strong', { id }, text),
            element('small', {}, live.chinese
                ? '数值由本项目的 crate 算出（WebAssembly）'
                : 'every number by the crates, in WebAssembly'));
    };

    // Calls `draw` at most once a frame.
    live.eachFrame = draw => {
        let waiting = false;
        return () => {
            if (!waiting) {
                waiting = true;
                requestAnimationFrame(() => {
                    waiting = false;
                    draw();
                });
            }
        };
    };

    // A line of text for everybody, and for screen readers when it is told.
    live.status = () => {
        const seen = element('span', { 'aria-hidden': 'true' });
        const heard = element('span', { class: 'live-heard', role: 'status' });
        return element('p', { class: 'live-key live-status' }, seen, heard);
    };

    // Shows a text, and says it at most once in `pause` milliseconds.
    live.tell = (line, text, pause = 0) => {
        const [seen, heard] = line.children;
        seen.textContent = text;
        if (!pause || performance.now() - Number(line.dataset.said ?? -Infinity) > pause) {
            line.dataset.said = performance.now();
            heard.textContent = text;
        }
    };

    // The gates' colours, the same in all pictures of the book. What has a sign is blue below 0 and orange
    // above.
    const TONES = { i: 'green', f: 'purple', o: 'gold' };
    live.tone = (name, value = 1) => TONES[name] ?? (value < 0 ? 'blue' : 'orange');

    // The colour of a number by its name: a gate from 0 up to 1, anything else from −1 to 1.
    live.shade = (value, name) => {
        const part = Math.round(Math.min(Math.abs(value), 1) * 100);
        return `color-mix(in srgb, var(--drawn-${live.tone(name, value)}) ${part}%, var(--live-empty))`;
    };
})();
