// Windows over a sequence: what the truncated gradient misses.
(() => {
    'use strict';
    const live = window.lstmLive;
    const { element, svg, show, symbol } = live;

    live.words('truncation', {
        title: ['What a window hides', '窗口遮住了什么'],
        about: [
            'A layer of 16 units reads 48 steps; the loss reads every h. States go on from window to window, gradients stop at the edges.',
            '一层 16 个单元读 48 步，损失看每一步的 h。状态越过窗口边界继续，梯度在边界处停下。',
        ],
        window: ['window', '窗口'],
        bias: ['forget bias', '遗忘偏置'],
        strip: [
            'The gradient at each step: outlined the whole one, filled what the windows make of it, too little or too much. Arrows cross an edge forwards only.',
            '每一步的梯度：空心框为完整梯度，实心为按窗口截断的结果，可能偏小，也可能偏大。箭头只向前越过边界。',
        ],
        stripLabel: ['Windows of {window} steps over 48 steps, {edges} edges', '48 步上长为 {window} 步的窗口，{edges} 条边界'],
        plot: ['Relative error of the gradient against the window', '梯度的相对误差随窗口的变化'],
        error: ['The gradient of all weights is off by {error} of its length.', '全部权重的梯度，误差为其长度的 {error}。'],
        none: ['One window holds all steps: the gradient is exact.', '一个窗口装下了所有步：梯度是精确的。'],
        reset: ['Reset', '复位'],
    });

    const STEPS = 48;
    const START = { window: 8, bias: 1 };
    const [WIDTH, LEFT, RIGHT, TOP, BOTTOM] = [420, 44, 410, 12, 150];
    const across = window => LEFT + (window - 1) / (STEPS - 1) * (RIGHT - LEFT);
    const up = error => BOTTOM - Math.min(error, 1) * (BOTTOM - TOP);
    const PITCH = 8;

    live.widget('truncation', async root => {
        const say = live.say('truncation');
        const { call } = await live.engine();
        let { window, bias } = START;

        const text = (x, y, anchor, words) => svg('text', { x, y, 'text-anchor': anchor }, words);
        const grid = svg('g', { class: 'live-grid' },
            [0, 0.5, 1].flatMap(y => [svg('path', { d: `M${LEFT} ${up(y)}H${RIGHT}` }), text(LEFT - 6, up(y) + 4, 'end', show(y, y % 1 ? 1 : 0))]),
            [1, 8, 16, 24, 32, 40, 48].flatMap(n => [svg('path', { d: `M${across(n)} ${TOP}V${BOTTOM}` }), text(across(n), BOTTOM + 17, 'middle', String(n))]),
            text((LEFT + RIGHT) / 2, BOTTOM + 35, 'middle', say('window')));
        const curve = svg('path', { class: 'live-curve' });
        const point = svg('circle', { class: 'live-point', r: 7 });
        const plot = svg('svg', { viewBox: `0 0 ${WIDTH} 190`, role: 'img', class: 'live-plot' }, grid, curve, point);
        const strip = svg('svg', { viewBox: `0 0 ${STEPS * PITCH + 8} 92`, role: 'img', class: 'live-plot live-strip' });
        const result = live.status();

        const windows = live.slider({
            label: say('window'), spoken: say('window'), min: 1, max: STEPS, step: 1, value: window,
            change(n) {
                window = Math.max(1, Math.min(STEPS, Math.round(n)));
                redraw();
            },
        });
        const biases = live.slider({
            label: symbol('b', 'f'), spoken: say('bias'), min: -2, max: 5, step: 0.1, value: bias,
            change(b) {
                bias = b;
                redraw();
            },
        });
        root.append(
            live.title(root, say('title')),
            element('p', { class: 'live-note' }, say('about')),
            element('div', { class: 'live-columns' },
                element('div', { class: 'live-sliders' }, windows.node, biases.node),
                element('div', { class: 'live-row' }, live.button(say('reset'), () => {
                    ({ window, bias } = START);
                    windows.set(window);
                    biases.set(bias);
                    draw();
                }))),
            strip,
            element('p', { class: 'live-key' }, say('strip')),
            element('p', { class: 'live-head' }, say('plot')),
            plot,
            result,
        );

        const draw = () => {
            const answer = call('truncation', [window], [bias]);
            live.record(root, 'truncation', [window], [bias], answer);
            const errors = answer.slice(0, STEPS), part = answer.slice(STEPS, 2 * STEPS), whole = answer.slice(2 * STEPS);
            curve.setAttribute('d', errors.map((e, n) => `${n ? 'L' : 'M'}${across(n + 1).toFixed(1)} ${up(e).toFixed(1)}`).join(''));
            point.setAttribute('cx', across(window));
            point.setAttribute('cy', up(errors[window - 1]));
            const words = window === STEPS ? say('none') : say('error').replace('{error}', `${show(100 * errors[window - 1], 0)} %`);
            live.tell(result, words, 1500);
            plot.setAttribute('aria-label', `${say('plot')}. ${words}`);

            const top = Math.max(...whole, ...part), x = t => 4 + t * PITCH;
            const bar = (v, t, name) => svg('rect', {
                x: x(t) + 1, y: (64 - 56 * v / top).toFixed(1), width: PITCH - 2, height: (56 * v / top).toFixed(1), class: name,
            });
            const edges = Array.from({ length: Math.ceil(STEPS / window) - 1 }, (_, n) => (n + 1) * window);
            strip.replaceChildren(
                ...part.map((v, t) => bar(v, t, 'live-seen')), ...whole.map((v, t) => bar(v, t, 'live-all')),
                ...edges.flatMap(t => [
                    svg('path', { d: `M${x(t)} 4V68`, class: 'live-edge' }),
                    svg('path', { d: `M${x(t) - 6} 78H${x(t) + 6}M${x(t) + 2} 74L${x(t) + 6} 78L${x(t) + 2} 82`, class: 'live-forward' }),
                ]));
            strip.setAttribute('aria-label', say('stripLabel').replace('{window}', window).replace('{edges}', edges.length));
        };
        const redraw = live.eachFrame(draw);
        draw();
    });
})();
