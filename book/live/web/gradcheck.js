// Three ways to one gradient, and what a mistake does to the third.
(() => {
    'use strict';
    const live = window.lstmLive;
    const { element, show, scientific, symbol } = live;

    live.words('gradcheck', {
        title: ['A gradient, three times', '同一个梯度，算三遍'],
        about: [
            'A layer with D = 2 and H = 3 over T = 6 steps, from states that are not 0. Its loss looks at every h and at the last c. Choose one of its numbers, then move it.',
            '一层 LSTM：D = 2，H = 3，T = 6 步，初始状态不为 0。损失看每一步的 h 和最后的 c。先选一个数，再移动它。',
        ],
        mistake: ['Mistake in the backward pass', '反向传播中的错误'],
        none: ['none', '无'],
        carousel: ['no carousel term (E11)', '缺 CEC 项（E11）'],
        inputSlope: ['σ′ of i missing (E12)', '缺 i 的 σ′（E12）'],
        candidateSlope: ['tanh′ of g missing (E14)', '缺 g 的 tanh′（E14）'],
        swapped: ['i and f exchanged (E16)', 'i 与 f 对调（E16）'],
        newCell: ['cₜ for cₜ₋₁ (E13)', 'cₜ₋₁ 误作 cₜ（E13）'],
        transposed: ['W_h not transposed (E9)', 'W_h 未转置（E9）'],
        way: ['way', '方法'],
        central: ['central difference', '中心差分'],
        dual: ['dual number', '对偶数'],
        bptt: ['BPTT, E9–E17', 'BPTT，E9–E17'],
        apart: ['BPTT is off by', 'BPTT 的相对误差'],
        worstCentral: ['worst of all 90, against differences: ', '90 个数中最差（对中心差分）：'],
        worstDual: ['worst of all 90, against dual numbers: ', '90 个数中最差（对对偶数）：'],
        agree: ['agree', '一致'],
        part: ['differ', '不一致'],
        loss: ['loss', '损失'],
        all: ['All numbers of the layer; the colour says how far BPTT is from the dual number', '这一层的全部数；颜色表示 BPTT 与对偶数相差多少'],
        key: ['relative error: 10⁻¹⁵ or less', '相对误差：10⁻¹⁵ 或更小'],
        struck: ['struck out: BPTT is wrong', '划掉的：BPTT 错了'],
        reset: ['Reset', '复位'],
        error: ['relative error', '相对误差'],
    });

    const [D, H, T] = [2, 3, 6];
    const SIZES = [D, H, T];
    // In the order of the crates.
    const MISTAKES = ['none', 'carousel', 'inputSlope', 'candidateSlope', 'swapped', 'newCell', 'transposed'];
    // What rounding explains.
    const LIMITS = { dual: 1e-12, central: 1e-6 };

    // θ as the crates have it: column by column.
    const TENSORS = [
        ...['i', 'f', 'g', 'o'].flatMap(k => [
            { letter: 'W', below: `x${k}`, rows: H, columns: D },
            { letter: 'W', below: `h${k}`, rows: H, columns: H },
            { letter: 'b', below: k, rows: H, columns: 1 },
        ]),
        { letter: 'h', below: '0', rows: H, columns: 1 },
        { letter: 'c', below: '0', rows: H, columns: 1 },
        { letter: 'x', below: 't', rows: D, columns: T },
    ];
    const PLACES = TENSORS.flatMap(tensor =>
        Array.from({ length: tensor.rows * tensor.columns }, (_, n) =>
            ({ tensor, row: n % tensor.rows, column: Math.floor(n / tensor.rows) })));
    const index = ({ tensor, row, column }) =>
        tensor.columns === 1 ? `[${row + 1}]` : `[${row + 1},${column + 1}]`;
    const named = place => [symbol(place.tensor.letter, place.tensor.below), element('small', {}, index(place))];
    const spoken = place => `${place.tensor.letter} ${place.tensor.below} ${index(place)}`;

    live.widget('gradcheck', async root => {
        const say = live.say('gradcheck');
        const { call } = await live.engine();
        const n = PLACES.length;
        const start = call('gradcheck_start', SIZES);
        let theta = start.slice(0, n), mistake = 0, chosen = 10, answer;
        const lossWeights = start.slice(n);
        // Parts of the answer, in the order of the crates.
        const [BPTT, DUAL, CENTRAL, OFF_DUAL, OFF_CENTRAL] = [0, 1, 2, 3, 4];
        const of = (part, k) => answer[1 + part * n + k];

        // Every number of the layer is a square to choose.
        const squares = PLACES.map((place, k) => element('button', {
            type: 'button', role: 'radio', class: 'live-square', tabindex: -1, onclick: () => choose(k, true),
        }));
        let from = 0;
        const tensors = TENSORS.map(tensor => {
            const cells = squares.slice(from, from += tensor.rows * tensor.columns);
            const grid = element('span', { class: 'live-matrix' }, cells);
            grid.style.setProperty('--rows', tensor.rows);
            return element('div', { class: 'live-tensor' },
                element('span', { class: 'live-tensor-name', 'aria-hidden': 'true' }, symbol(tensor.letter, tensor.below)), grid);
        });
        const picker = element('div', {
            class: 'live-tensors', role: 'radiogroup', 'aria-label': say('all'),
            onkeydown(event) {
                const { rows } = PLACES[chosen].tensor;
                const by = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -rows, ArrowRight: rows }[event.key];
                if (by) {
                    event.preventDefault();
                    choose((chosen + by + n) % n, true);
                }
            },
        }, tensors);

        const handle = element('div', {});
        const mistakes = live.choice({
            legend: say('mistake'),
            value: 0,
            options: MISTAKES.map((name, n) => [n, say(name)]),
            change(n) {
                mistake = n;
                draw();
            },
        });
        const reset = live.button(say('reset'), () => {
            theta = start.slice(0, n);
            mistake = 0;
            mistakes.set(0);
            choose(10, false);
        });

        const line = (name, label) => {
            const cells = { value: element('output', {}), apart: element('output', {}), mark: element('span', { class: 'live-mark' }) };
            cells.row = element('tr', { class: `live-${name}` },
                element('th', { scope: 'row' }, label), element('td', {}, cells.value),
                element('td', {}, cells.apart, ' ', cells.mark));
            return cells;
        };
        const lines = {
            central: line('central', say('central')),
            dual: line('dual', say('dual')),
            bptt: line('bptt', say('bptt')),
        };
        const head = element('th', { scope: 'col' });
        const worst = { central: element('p', { class: 'live-worst' }), dual: element('p', { class: 'live-worst' }) };
        const loss = element('output', {});

        root.append(
            live.title(root, say('title')),
            element('p', { class: 'live-note' }, say('about')),
            element('div', { class: 'live-columns' },
                element('div', {},
                    picker,
                    element('p', { class: 'live-key live-scale' },
                        element('span', {}, say('key')), element('span', { class: 'live-ramp', 'aria-hidden': 'true' }), element('span', {}, '1'),
                        element('span', {}, element('span', { class: 'live-sample', 'aria-hidden': 'true' }), ' ', say('struck')))),
                element('div', {},
                    handle,
                    element('p', { class: 'live-head' }, say('mistake')), mistakes.node,
                    element('div', { class: 'live-table' }, element('table', {},
                        element('thead', {}, element('tr', {},
                            element('th', { scope: 'col' }, say('way')), head, element('th', { scope: 'col' }, say('apart')))),
                        element('tbody', {}, lines.central.row, lines.dual.row, lines.bptt.row))),
                    worst.central, worst.dual,
                    element('div', { class: 'live-row' },
                        reset, element('span', {}, `${say('loss')} L = `, loss)))),
        );

        const choose = (k, focus) => {
            chosen = k;
            const place = PLACES[k];
            handle.replaceChildren(live.slider({
                label: named(place), spoken: spoken(place), min: -3, max: 3, value: theta[k],
                change(value) {
                    theta[k] = value;
                    redraw();
                },
            }).node);
            head.replaceChildren('∂L/∂', ...named(place));
            squares.forEach((square, other) => {
                square.setAttribute('aria-checked', String(other === k));
                square.tabIndex = other === k ? 0 : -1;
            });
            if (focus) {
                squares[k].focus();
            }
            draw();
        };

        // From green at rounding to orange at 1.
        const heat = off => {
            const part = Math.round(100 * Math.max(0, Math.min(1, (Math.log10(off || 1e-17) + 15) / 15)));
            return `color-mix(in srgb, var(--drawn-orange) ${part}%, var(--drawn-green))`;
        };
        const judge = (cells, off, limit) => {
            const right = off < limit;
            cells.apart.replaceChildren(...scientific(off));
            cells.mark.textContent = right ? `✓ ${say('agree')}` : `✗ ${say('part')}`;
            cells.row.classList.toggle('live-wrong', !right);
            cells.row.classList.toggle('live-right', right);
        };

        const draw = () => {
            const numbers = [...theta, ...lossWeights];
            const sizes = [...SIZES, mistake];
            answer = call('gradcheck', sizes, numbers);
            live.record(root, 'gradcheck', sizes, numbers, answer);
            squares.forEach((square, k) => {
                const off = of(OFF_DUAL, k);
                square.style.setProperty('--heat', heat(off));
                square.classList.toggle('live-off', off >= LIMITS.dual);
                square.setAttribute('aria-label', `${spoken(PLACES[k])}, ${say('error')} ${off.toExponential(1)}`);
                square.title = square.getAttribute('aria-label');
            });
            lines.central.value.textContent = show(of(CENTRAL, chosen), 12);
            lines.dual.value.textContent = show(of(DUAL, chosen), 12);
            lines.bptt.value.textContent = show(of(BPTT, chosen), 12);
            judge(lines.central, of(OFF_CENTRAL, chosen), LIMITS.central);
            judge(lines.dual, of(OFF_DUAL, chosen), LIMITS.dual);
            lines.bptt.row.classList.toggle('live-wrong', of(OFF_DUAL, chosen) >= LIMITS.dual);
            loss.textContent = show(answer[0], 6);
            // For each tensor the worst against the dual numbers and against the differences, with places.
            const rows = TENSORS.map((_, m) => answer.slice(1 + 5 * n + 4 * m).slice(0, 4));
            for (const [name, at, text] of [['dual', 0, 'worstDual'], ['central', 2, 'worstCentral']]) {
                const top = rows.reduce((a, b) => b[at] > a[at] ? b : a);
                worst[name].replaceChildren(say(text),
                    element('output', {}, ...scientific(top[at])), ' ', ...named(PLACES[top[at + 1]]));
                worst[name].classList.toggle('live-wrong', top[at] >= LIMITS[name]);
                worst[name].classList.toggle('live-right', top[at] < LIMITS[name]);
            }
        };
        const redraw = live.eachFrame(draw);
        choose(chosen, false);
    });
})();
