// What is left of a gradient in a plain recurrent network: a product with a factor for each step.
(() => {
    'use strict';
    const live = window.lstmLive;
    const { element, svg, show, symbol, scientific } = live;

    live.words('vanish', {
        title: ['A product of fifty factors', '五十个因子的乘积'],
        kind: ['Network', '网络'],
        one: ['one unit', '一个单元'],
        many: ['32 units', '32 个单元'],
        oneNote: [
            'hₜ = tanh(w hₜ₋₁). Each step back multiplies the gradient by w (1 − hₜ²).',
            'hₜ = tanh(w hₜ₋₁)。每往回一步，梯度乘以 w (1 − hₜ²)。',
        ],
        manyNote: [
            'W_h stretches every vector by the factor s; the inputs are random. Each step back multiplies the gradient by s and by the slopes of tanh.',
            'W_h 把每个向量都拉长为 s 倍，输入是随机的。每往回一步，梯度乘以 s，再乘以 tanh 的斜率。',
        ],
        weight: ['weight w', '权重 w'],
        start: ['start h 0', '起点 h 0'],
        factor: ['factor s', '倍数 s'],
        linear: ['as if every slope were 1', '假设斜率都为 1'],
        real: ['with the slopes of tanh', '乘上 tanh 的斜率'],
        axis: ['steps back', '往回的步数'],
        left: ['Left of the gradient after 20 steps: {linear} without the slopes, {real} with them. ', '往回 20 步，梯度还剩：不计斜率 {linear}，计入斜率 {real}。'],
        vanishes: ['It vanishes.', '梯度消失。'],
        explodes: ['It explodes.', '梯度爆炸。'],
        keeps: ['In 50 steps it neither vanishes nor explodes.', '50 步之内既没有消失，也没有爆炸。'],
        stays: ['After 50 steps the unit is at h = {h}.', '50 步以后，单元停在 h = {h}。'],
        plot: ['What is left of the gradient against the distance, on a logarithmic axis', '剩余梯度随距离变化的曲线，纵轴为对数刻度'],
        reset: ['Reset', '复位'],
    });

    const STEPS = 50;
    const STARTS = { one: [1.3733, 0.8], many: [1.5] };
    // The plot: powers of ten from −REACH to REACH.
    const REACH = 12;
    const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [420, 250, 52, 410, 12, 206];
    const across = n => LEFT + n / STEPS * (RIGHT - LEFT);
    const up = value => {
        const power = value > 0 ? Math.log10(value) : -Infinity;
        return BOTTOM - (Math.max(-REACH, Math.min(REACH, power)) + REACH) / (2 * REACH) * (BOTTOM - TOP);
    };

    live.widget('vanish', async root => {
        const say = live.say('vanish');
        const { call } = await live.engine();
        let kind = 'one', numbers = [...STARTS.one];

        const grid = svg('g', { class: 'live-grid' });
        const text = (x, y, anchor, words) => svg('text', { x, y, 'text-anchor': anchor }, words);
        for (const power of [-12, -8, -4, 0, 4, 8, 12]) {
            const y = up(10 ** power);
            const label = text(LEFT - 6, y + 4, 'end', '10');
            label.append(svg('tspan', { dy: -5, 'font-size': 9 }, String(power).replace('-', '−')));
            grid.append(svg('path', { d: `M${LEFT} ${y}H${RIGHT}` }), label);
        }
        for (const n of [0, 10, 20, 30, 40, 50]) {
            grid.append(svg('path', { d: `M${across(n)} ${TOP}V${BOTTOM}` }), text(across(n), BOTTOM + 17, 'middle', String(n)));
        }
        grid.append(text((LEFT + RIGHT) / 2, BOTTOM + 36, 'middle', say('axis')));
        const curves = { linear: svg('path', { class: 'live-slope' }), real: svg('path', { class: 'live-curve' }) };
        const plot = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', class: 'live-plot' }, grid, curves.linear, curves.real);

        const note = element('p', { class: 'live-note' });
        const handles = element('div', { class: 'live-sliders' });
        const result = element('p', { role: 'status' });
        const choice = live.choice({
            legend: say('kind'), value: kind, options: [['one', say('one')], ['many', say('many')]],
            change(name) {
                kind = name;
                build();
            },
        });
        const slider = (label, spoken, place, min, max) => live.slider({
            label, spoken, min, max, step: 0.01, value: numbers[place],
            change(value) {
                numbers[place] = Math.max(min, Math.min(max, value));
                redraw();
            },
        }).node;
        const build = () => {
            numbers = [...STARTS[kind]];
            note.textContent = say(`${kind}Note`);
            handles.replaceChildren(...kind === 'one'
                ? [slider(symbol('w'), say('weight'), 0, -3, 3), slider(symbol('h', '0'), say('start'), 1, -1, 1)]
                : [slider(symbol('s'), say('factor'), 0, 0.2, 3)]);
            draw();
        };
        root.append(
            live.title(root, say('title')),
            element('div', { class: 'live-row' }, choice.node, live.button(say('reset'), () => build())),
            note, handles, plot,
            element('p', { class: 'live-key live-lines' },
                element('span', {}, say('real')), element('span', { class: 'live-dashes' }, say('linear'))),
            result,
        );

        const draw = () => {
            const sizes = [kind === 'one' ? 0 : 1];
            const answer = call('vanish', sizes, numbers);
            live.record(root, 'vanish', sizes, numbers, answer);
            const linear = answer.slice(0, STEPS + 1), real = answer.slice(STEPS + 1, 2 * STEPS + 2);
            for (const [name, values] of [['linear', linear], ['real', real]]) {
                curves[name].setAttribute('d', values.map((v, n) => `${n ? 'L' : 'M'}${across(n).toFixed(1)} ${up(v).toFixed(1)}`).join(''));
            }
            const last = real[STEPS];
            const verdict = say(last < 0.01 ? 'vanishes' : last > 100 ? 'explodes' : 'keeps');
            const [before, between, after] = say('left').split(/\{linear\}|\{real\}/);
            const end = kind === 'one' ? ` ${say('stays').replace('{h}', show(answer.at(-1)))}` : '';
            const parts = [before, element('output', {}, scientific(linear[20])), between,
                element('output', {}, scientific(real[20])), after, element('strong', {}, verdict), end];
            result.replaceChildren(...parts.flat());
            root.dataset.verdict = verdict;
            plot.setAttribute('aria-label', `${say('plot')}. ${result.textContent}`);
        };
        const redraw = live.eachFrame(draw);
        build();
    });
})();
