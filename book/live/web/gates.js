// One step of the four gates: every number in it can be moved.
(() => {
    'use strict';
    const live = window.lstmLive;
    const { element, svg, show, symbol } = live;

    live.words('gates', {
        title: ['Four gates, one step', '四个门，一个时间步'],
        size: ['Size of the layer', '层的大小'],
        block: ['Block', '选一块'],
        unit: ['Unit', '单元'],
        i: ['input gate', '输入门'],
        f: ['forget gate', '遗忘门'],
        g: ['candidate', '候选值'],
        o: ['output gate', '输出门'],
        seen: ['What all four see', '四块都看到的'],
        own: ['What this block has for itself', '这一块自己的权重'],
        slope: [', slope ', '，斜率 '],
        pre: ['pre-activation', '预激活值'],
        itsSlope: ['its slope', '它的斜率'],
        plot: ['The curve of the block with the point at its pre-activation', '这一块的激活曲线，圆点在预激活值处'],
        weight: ['weight', '权重'],
        bias: ['bias', '偏置'],
        input: ['input', '输入'],
        hidden: ['previous hidden state', '上一步隐藏状态'],
        reset: ['Reset', '复位'],
    });

    const BLOCKS = ['i', 'f', 'g', 'o'];

    // What the widget starts from: for each block w_x, w_h (column by column) and b.
    const STARTS = {
        1: {
            x: [1], h: [0.5],
            blocks: [[[1.2], [-0.8], [0.3]], [[-0.5], [1], [1]], [[1.5], [0.7], [0]], [[0.6], [0.4], [-0.5]]],
        },
        2: {
            x: [1, -0.5], h: [0.5, -0.3],
            blocks: [
                [[1.2, -0.7, 0.4, 0.9], [-0.8, 0.5, 0.6, 1.1], [0.3, -0.2]],
                [[-0.5, 0.8, 1.1, -0.4], [1, -0.9, 0.2, 0.7], [1, 1]],
                [[1.5, -1.2, 0.6, 0.8], [0.7, 0.3, -1, 0.5], [0, 0]],
                [[0.6, 0.2, -0.9, 1.3], [0.4, -0.6, 0.8, -0.2], [-0.5, 0.5]],
            ],
        },
    };

    // The plot: a from −REACH to REACH, on a card of WIDTH × HEIGHT.
    const [WIDTH, HEIGHT, REACH] = [360, 240, 8];
    const [LEFT, RIGHT, TOP, BOTTOM] = [34, 350, 14, 200];
    const across = a => LEFT + (Math.max(-REACH, Math.min(REACH, a)) + REACH) / (2 * REACH) * (RIGHT - LEFT);

    live.widget('gates', async root => {
        const say = live.say('gates');
        const { call } = await live.engine();
        let size = 1, block = 0, unit = 0, state, answer;

        const copy = start => ({
            x: [...start.x],
            h: [...start.h],
            blocks: start.blocks.map(tensors => tensors.map(tensor => [...tensor])),
        });

        // Number `what` (0 pre-activation, 1 value, 2 slope) of a block in the unit that is shown.
        const of = (k, what) => answer[(3 * k + what) * size + unit];

        // The four blocks, each with its value.
        const cards = BLOCKS.map(k => ({
            value: element('output', {}),
            bar: element('span', { class: `live-bar-fill live-tone-${k}` }),
            name: say(k),
        }));
        const blocks = live.choice({
            legend: say('block'),
            look: 'live-cards',
            value: 0,
            options: BLOCKS.map((k, n) => [n, [
                symbol(k, 't'), cards[n].value, element('small', {}, cards[n].name),
                element('span', { class: 'live-bar' }, cards[n].bar),
            ], `${k}, ${cards[n].name}`]),
            change(n) {
                block = n;
                build();
            },
        });

        const sizes = live.choice({
            legend: say('size'),
            value: 1,
            options: [[1, 'D = H = 1'], [2, 'D = H = 2']],
            change(n) {
                [size, unit] = [n, 0];
                state = copy(STARTS[size]);
                build();
            },
        });
        const reset = live.button(say('reset'), () => {
            state = copy(STARTS[size]);
            build();
        });

        // The plot.
        const grid = svg('g', { class: 'live-grid' });
        const curve = svg('path', { class: 'live-curve' });
        const slope = svg('path', { class: 'live-slope' });
        const guides = svg('path', { class: 'live-guide' });
        const point = svg('circle', { class: 'live-point', r: 7 });
        const plot = svg('svg', {
            viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': say('plot'), class: 'live-plot',
        }, grid, slope, curve, guides, point);

        const key = element('p', { class: 'live-key live-lines' });
        const sum = element('p', { class: 'live-sum' });
        const seen = element('div', { class: 'live-sliders' });
        const own = element('div', { class: 'live-sliders' });
        const units = element('div', { class: 'live-row' });

        root.append(
            live.title(root, say('title')),
            element('div', { class: 'live-row' }, sizes.node, units, reset),
            blocks.node,
            element('div', { class: 'live-columns' },
                element('div', {}, plot, key, sum),
                element('div', {},
                    element('p', { class: 'live-head' }, say('seen')), seen,
                    element('p', { class: 'live-head' }, say('own')), own)),
        );

        // A slider for each number in sight.
        const slider = (label, spoken, array, index, reach) => live.slider({
            label, spoken, min: -reach, max: reach, step: 0.05, value: array[index],
            change(value) {
                array[index] = value;
                redraw();
            },
        }).node;
        const number = n => size === 1 ? '' : String(n + 1);

        const build = () => {
            const k = BLOCKS[block];
            const [wx, wh, b] = state.blocks[block];
            // The unit is chosen where there is more than one.
            units.replaceChildren(...size === 1 ? [] : [live.choice({
                legend: say('unit'),
                value: unit,
                options: [[0, `${say('unit')} 1`], [1, `${say('unit')} 2`]],
                change(n) {
                    unit = n;
                    build();
                },
            }).node]);
            seen.replaceChildren(
                ...state.x.map((_, d) =>
                    slider(symbol('x', number(d) || 't'), `${say('input')} ${number(d)}`, state.x, d, 3)),
                ...state.h.map((_, m) =>
                    slider(symbol('h', number(m) || 't−1'), `${say('hidden')} ${number(m)}`, state.h, m, 1)),
            );
            const place = column => size === 1 ? '' : `[${unit + 1},${column + 1}]`;
            own.replaceChildren(
                ...state.x.map((_, d) => slider([symbol('W', `x${k}`), element('small', {}, place(d))],
                    `${say('weight')} W x${k} ${place(d)}`, wx, d * size + unit, 5)),
                ...state.h.map((_, m) => slider([symbol('W', `h${k}`), element('small', {}, place(m))],
                    `${say('weight')} W h${k} ${place(m)}`, wh, m * size + unit, 5)),
                slider([symbol('b', k), element('small', {}, size === 1 ? '' : `[${unit + 1}]`)],
                    `${say('bias')} b ${k}`, b, unit, 8),
            );
            drawCurve();
            draw();
        };

        let up;
        const drawCurve = () => {
            const signed = block === 2;
            root.dataset.block = BLOCKS[block];
            const [low, high] = signed ? [-1, 1] : [0, 1];
            up = y => BOTTOM - (y - low) / (high - low) * (BOTTOM - TOP);
            const points = call('curve', [signed ? 1 : 0, 121], [-REACH, REACH]);
            const path = offset => {
                let d = '';
                for (let n = 0; n < points.length; n += 3) {
                    d += `${n ? 'L' : 'M'}${across(points[n]).toFixed(1)} ${up(points[n + offset]).toFixed(1)}`;
                }
                return d;
            };
            curve.setAttribute('d', path(1));
            slope.setAttribute('d', path(2));
            const label = (x, y, anchor, text) => svg('text', { x, y, 'text-anchor': anchor }, text);
            grid.replaceChildren(
                ...[low, (low + high) / 2, high].flatMap(y => [
                    svg('path', { d: `M${LEFT} ${up(y)}H${RIGHT}` }),
                    label(LEFT - 6, up(y) + 4, 'end', show(y, Number.isInteger(y) ? 0 : 1)),
                ]),
                ...[-8, -4, 0, 4, 8].flatMap(a => [
                    svg('path', { d: `M${across(a)} ${TOP}V${BOTTOM}` }),
                    label(across(a), BOTTOM + 17, 'middle', show(a, 0)),
                ]),
                label((LEFT + RIGHT) / 2, BOTTOM + 35, 'middle', `${say('pre')} a`),
            );
            key.replaceChildren(
                element('span', {}, signed ? 'tanh' : 'σ', '(', element('var', {}, 'a'), ')'),
                element('span', { class: 'live-dashes' }, say('itsSlope')),
            );
        };

        const draw = () => {
            const numbers = [...state.blocks.flat(2), ...state.x, ...state.h];
            answer = call('gates', [size, size], numbers);
            live.record(root, 'gates', [size, size], numbers, answer);
            cards.forEach((card, k) => {
                const value = of(k, 1);
                card.value.textContent = show(value);
                const [from, to] = k === 2 ? [Math.min(0, value), Math.max(0, value)] : [0, value];
                const [left, width] = k === 2 ? [50 + 50 * from, 50 * (to - from)] : [0, 100 * to];
                card.bar.style.cssText = `left:${left.toFixed(1)}%;width:${width.toFixed(1)}%`;
            });
            const [a, y, rise] = [0, 1, 2].map(what => of(block, what));
            const [px, py] = [across(a), up(y)];
            point.setAttribute('cx', px);
            point.setAttribute('cy', py);
            guides.setAttribute('d', `M${px} ${BOTTOM}V${py}H${LEFT}`);
            // The sum as it is written, and what the crates make of it.
            const [wx, wh, b] = state.blocks[block];
            const signed = (value, first) => {
                const text = show(Math.abs(value), 2);
                return value < 0 ? (first ? `−${text}` : ` − ${text}`) : (first ? text : ` + ${text}`);
            };
            const factor = value => value < 0 ? `(${show(value, 2)})` : show(value, 2);
            const terms = [
                ...state.x.map((x, d) => [wx[d * size + unit], x]),
                ...state.h.map((h, m) => [wh[m * size + unit], h]),
            ];
            const k = BLOCKS[block];
            sum.replaceChildren(
                element('span', {}, symbol('a', 't', k), ' = ',
                    ...terms.flatMap(([w, v], n) => [
                        element('span', { class: 'live-whole' }, `${signed(w, n === 0).trim()} · ${factor(v)}`), ' ',
                    ]),
                    signed(b[unit]).trim(), ' = ', element('output', { class: 'live-a' }, show(a))),
                element('span', {}, symbol(k, 't'), ` = ${block === 2 ? 'tanh' : 'σ'}(`, symbol('a', 't', k), ') = ',
                    element('output', { class: 'live-y' }, show(y)),
                    say('slope'), element('output', { class: 'live-rise' }, show(rise))),
            );
        };

        const redraw = live.eachFrame(draw);
        state = copy(STARTS[1]);
        build();
    });
})();
