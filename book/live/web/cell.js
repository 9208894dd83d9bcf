// A cell steps over a sequence.
(() => {
    'use strict';
    const live = window.lstmLive;
    const { element, show, symbol } = live;

    live.words('cell', {
        title: ['One cell over a sequence', '一个单元走过一个序列'],
        presets: ['Preset', '预设'],
        latch: ['latch', '锁存器'],
        latchNote: [
            'x₂ is the flag: at 1 the cell writes tanh(x₁), at 0 it holds what it has.',
            'x₂ 是标志：为 1 时单元写入 tanh(x₁)，为 0 时保持不变。',
        ],
        forget: ['forget bias', '遗忘偏置'],
        forgetNote: [
            'Step 1 writes into the cell; then nothing comes. The forget bias alone decides how long it lasts.',
            '第 1 步写入单元，此后没有输入。能保存多久只由遗忘偏置决定。',
        ],
        counter: ['counter', '计数器'],
        counterNote: [
            'All gates open: the cell adds up its inputs, and grows beyond 1; h does not.',
            '所有门全开：单元把输入累加起来，会超过 1；h 不会。',
        ],
        sequence: ['Inputs, step by step', '各步输入'],
        bias: ['Biases', '偏置'],
        biasOf: ['bias', '偏置'],
        back: ['Back', '后退'],
        step: ['Step', '前进'],
        play: ['Play', '播放'],
        pause: ['Pause', '暂停'],
        reset: ['Reset', '复位'],
        all: ['To the end', '到底'],
        x: ['input', '输入'],
        i: ['input gate', '输入门'],
        f: ['forget gate', '遗忘门'],
        g: ['candidate', '候选值'],
        o: ['output gate', '输出门'],
        c: ['cell state', '细胞状态'],
        h: ['hidden state', '隐藏状态'],
        map: ['Heat map of the inputs, gates and states over the steps', '输入、门与状态随时间步变化的热图'],
        before: ['before step 1: c₀ = 0, h₀ = 0', '第 1 步之前：c₀ = 0，h₀ = 0'],
        wrong: ['numbers between −9 and 9, at most 40', '请输入 −9 到 9 之间的数，最多 40 个'],
        key: ['Gates from 0 to 1: i green, f purple, o gold. All else: blue is below 0, orange above', '门从 0 到 1：i 绿色，f 紫色，o 金色。其余：蓝色小于 0，橙色大于 0'],
        choose: ['Arrow keys and a tap on a column choose the step', '方向键或点按一列选择时间步'],
    });

    const repeat = (n, value) => Array(n).fill(value);

    // Weights in the order of the crates, H = 1: w_x (D numbers), w_h, b of i, f, g, o.
    const PRESETS = {
        latch: () => {
            const values = [0.9, -1.4, 1.1, -0.6, 1.7, -1.2, 0.5, 1.5, -0.8, -1.6, 0.7, 1.2, -1.8, 0.9, -0.5, 1.4, -1.1, 1.6, -0.7, 0.8, -1.5, 1.3, -0.9, 0.4];
            const writes = [3, 13, 18];
            return {
                weights: [[0, 40], [0, -40], [1, 0], [0, 0]],
                biases: [-20, 20, 0, 20],
                xs: [values, values.map((_, t) => writes.includes(t + 1) ? 1 : 0)],
                note: 'latchNote',
            };
        },
        counter: () => ({
            weights: [[0], [0], [1], [0]],
            biases: [8, 8, 0, 8],
            xs: [[1, 1, 0, 1, 0, 0, 1, 1, 1, 0, -1, 0, -1, -1, 0, 1]],
            note: 'counterNote',
        }),
    };
    for (const bias of [0, 1, 3]) {
        PRESETS[`forget${bias}`] = () => ({
            weights: [[6], [0], [3], [0]],
            biases: [-3, bias, 0, 2],
            xs: [[1, ...repeat(15, 0)]],
            note: 'forgetNote',
        });
    }

    // What the crates answer for each step, in their order, and what is shown of it.
    const ANSWER = ['i', 'f', 'g', 'o', 'c', 'tanh', 'h'];
    const SHOWN = ['i', 'f', 'g', 'o', 'c', 'h'];
    const SIGNED = new Set(['x', 'g', 'c', 'h']);
    const LONGEST = 40;

    live.widget('cell', async root => {
        const say = live.say('cell');
        const { call } = await live.engine();
        const still = matchMedia('(prefers-reduced-motion: reduce)');
        let preset, answer = [], at = 0, timer;

        const steps = () => preset.xs[0].length;
        const value = (name, t) => answer[t * ANSWER.length + ANSWER.indexOf(name)];

        const presets = live.choice({
            legend: say('presets'),
            value: 'latch',
            options: [
                ['latch', say('latch')],
                ...[0, 1, 3].map(bias => [`forget${bias}`, `${say('forget')} ${bias}`]),
                ['counter', say('counter')],
            ],
            change: name => open(name),
        });
        const note = element('p', { class: 'live-note' });
        // The step that is shown is chosen on it, as on a slider.
        const map = element('div', { class: 'live-map', tabindex: 0, role: 'slider', 'aria-label': say('map'), 'aria-valuemin': 0 });
        const where = element('output', { class: 'live-where' });
        const readout = element('div', { class: 'live-readout' });
        const inputs = element('div', { class: 'live-sequences' });
        const biases = element('div', { class: 'live-sliders' });

        const stop = () => {
            clearInterval(timer);
            timer = undefined;
            play.textContent = say('play');
        };
        const go = t => {
            at = Math.max(0, Math.min(steps(), t));
            if (at === steps()) {
                stop();
            }
            reveal();
        };
        const play = live.button(say('play'), () => {
            if (timer) {
                return stop();
            }
            // Nothing moves by itself for those who asked for that.
            if (still.matches) {
                return go(steps());
            }
            if (at === steps()) {
                go(0);
            }
            play.textContent = say('pause');
            timer = setInterval(() => root.isConnected ? go(at + 1) : stop(), 350);
        });
        const move = by => () => {
            stop();
            go(at + by);
        };
        map.addEventListener('keydown', event => {
            const by = { ArrowLeft: -1, ArrowRight: 1, Home: -steps(), End: steps() }[event.key];
            if (by) {
                event.preventDefault();
                move(by)();
            }
        });
        map.addEventListener('click', event => {
            const cell = event.target.closest('[data-t]');
            if (cell) {
                stop();
                go(Number(cell.dataset.t) + 1);
            }
        });

        root.append(
            live.title(root, say('title')),
            presets.node,
            note,
            map,
            element('p', { class: 'live-key' }, [say('key'), say('choose'), ''].join(live.chinese ? '。' : '. ').trim()),
            element('div', { class: 'live-row' },
                live.button(say('back'), move(-1)),
                live.button(say('step'), move(1), { class: 'live-main' }),
                play,
                live.button(say('all'), () => move(steps())()),
                live.button(say('reset'), () => {
                    stop();
                    open(preset.name);
                }),
                where),
            readout,
            element('div', { class: 'live-columns' },
                element('div', {}, element('p', { class: 'live-head' }, say('bias')), biases),
                element('div', {}, element('p', { class: 'live-head' }, say('sequence')), inputs)),
        );

        const open = name => {
            stop();
            preset = { name, ...PRESETS[name]() };
            note.textContent = say(preset.note);
            biases.replaceChildren(...['i', 'f', 'g', 'o'].map((k, n) => live.slider({
                label: symbol('b', k), spoken: `${say('biasOf')} b ${k}`,
                min: -20, max: 20, step: 0.1, value: preset.biases[n],
                change(b) {
                    preset.biases[n] = b;
                    recompute();
                },
            }).node));
            inputs.replaceChildren(...preset.xs.map((_, d) => sequence(d)));
            compute();
            go(0);
        };

        // A line of numbers that can be written anew.
        const sequence = d => {
            const message = element('small', { class: 'live-wrong', id: live.id(), role: 'status' });
            const name = symbol('x', preset.xs.length > 1 ? String(d + 1) : 't');
            const field = element('textarea', {
                rows: 2, spellcheck: 'false', 'aria-describedby': message.id,
                'aria-label': `${say('sequence')}, x ${d + 1}`,
                value: preset.xs[d].join('  '),
                oninput() {
                    const numbers = field.value.trim().replaceAll('−', '-').split(/[\s,;，；]+/).map(Number);
                    const right = numbers.length <= LONGEST && field.value.trim() !== ''
                        && numbers.every(x => Number.isFinite(x) && Math.abs(x) <= 9);
                    field.setAttribute('aria-invalid', String(!right));
                    message.textContent = right ? '' : say('wrong');
                    if (right) {
                        stop();
                        const longer = numbers.length !== steps();
                        preset.xs[d] = numbers;
                        // Both inputs have as many steps as the one that was written last.
                        preset.xs.forEach((xs, other) => {
                            if (other !== d) {
                                preset.xs[other] = numbers.map((_, t) => xs[t] ?? 0);
                            }
                        });
                        if (longer) {
                            [...inputs.querySelectorAll('textarea')].forEach((area, other) => {
                                if (other !== d) {
                                    area.value = preset.xs[other].join('  ');
                                }
                            });
                        }
                        compute();
                        go(longer ? steps() : at);
                    }
                },
            });
            return element('label', { class: 'live-sequence' }, name, field, message);
        };

        const compute = () => {
            const d = preset.xs.length;
            const numbers = [
                ...preset.weights.flatMap((wx, k) => [...wx, 0, preset.biases[k]]),
                0, 0,
                ...preset.xs[0].flatMap((_, t) => preset.xs.map(xs => xs[t])),
            ];
            const sizes = [d, 1, steps()];
            answer = call('cell', sizes, numbers);
            live.record(root, 'cell', sizes, numbers, answer);
            draw();
        };
        const recompute = live.eachFrame(() => {
            compute();
            reveal();
        });

        // The map: a row for each name, a column for each step.
        let columns = [];
        const draw = () => {
            const rows = [
                ...preset.xs.map((xs, d) => ['x', symbol('x', preset.xs.length > 1 ? String(d + 1) : 't'), t => xs[t]]),
                ...SHOWN.map(name => [name, symbol(name, 't'), t => value(name, t)]),
            ];
            map.style.setProperty('--steps', steps());
            columns = Array.from({ length: steps() }, () => []);
            map.replaceChildren(...rows.flatMap(([name, label, of], n) => {
                const values = columns.map((_, t) => of(t));
                // What may grow beyond 1 is measured by its largest.
                const scale = SIGNED.has(name) ? Math.max(1, ...values.map(Math.abs)) : 1;
                const gap = n && name !== 'x' && ['i', 'c'].includes(name) ? ' live-gap' : '';
                return [
                    element('span', { class: `live-row-name${gap}` }, label, element('small', {}, say(name))),
                    ...values.map((v, t) => {
                        const cell = element('span', { class: `live-heat${gap}`, 'data-t': t, title: `${name}(${t + 1}) = ${show(v)}` });
                        cell.style.setProperty('--heat', live.shade(v / scale, name));
                        columns[t].push(cell);
                        return cell;
                    }),
                ];
            }), element('span', { class: 'live-row-name' }), ...columns.map((_, t) =>
                element('span', { class: 'live-tick', 'data-t': t }, (t + 1) % 5 === 0 || t === 0 ? String(t + 1) : '')));
        };

        // Only what has been stepped through can be seen.
        const reveal = () => {
            columns.forEach((cells, t) => cells.forEach((cell, row) => {
                const input = row < preset.xs.length;
                cell.classList.toggle('live-later', t >= at && !input);
                cell.classList.toggle('live-now', t === at - 1);
            }));
            where.textContent = at ? (live.chinese ? `第 ${at} / ${steps()} 步` : `step ${at} of ${steps()}`) : say('before');
            const shown = at ? [
                ...preset.xs.map((xs, d) => [symbol('x', preset.xs.length > 1 ? String(d + 1) : 't'), xs[at - 1]]),
                ...SHOWN.map(name => [symbol(name, 't'), value(name, at - 1)]),
            ] : [[symbol('c', '0'), 0], [symbol('h', '0'), 0]];
            readout.replaceChildren(...shown.map(([name, v]) =>
                element('span', {}, name, ' ', element('output', {}, show(v)))));
            map.setAttribute('aria-valuemax', steps());
            map.setAttribute('aria-valuenow', at);
            map.setAttribute('aria-valuetext', `${where.textContent}. ${readout.textContent}`);
            root.dataset.at = at;
        };

        open('latch');
    });
})();
