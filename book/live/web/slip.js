// A slip of paper with four taps: the gates of one cell, set by hand.
(() => {
    'use strict';
    const live = window.lstmLive;
    const { element, svg, show, symbol } = live;

    live.words('slip', {
        title: ['A slip of paper with four taps', '一张纸条，四个阀门'],
        about: [
            'Set the taps of this step and read off what is on the slip (c) and what is read aloud (h). Then take the next step.',
            '拧动这一步的四个阀门，看纸条上写着什么（c）、读出来的是什么（h），再走下一步。',
        ],
        f: ['forget gate: how much is kept', '遗忘门：保留多少'],
        i: ['input gate: how much is written', '输入门：写入多少'],
        g: ['candidate: what would be written', '候选值：要写入什么'],
        o: ['output gate: how much is read aloud', '输出门：读出多少'],
        next: ['Next step', '下一步'],
        back: ['Back', '后退'],
        example: ['The example above', '上面的例子'],
        hold: ['Hold for 5 steps', '保持 5 步'],
        reset: ['Empty slip', '清空纸条'],
        step: ['step', '步'],
        old: ['old slip', '旧纸条'],
        slip: ['slip', '纸条'],
        aloud: ['read aloud', '读出'],
        drawing: [
            'The old slip holds {old}. The forget gate lets {f} of it through and the input gate {i} of the candidate {g}: the slip holds {c}. The output gate lets {o} of its tanh through: {h} is read aloud.',
            '旧纸条上是 {old}。遗忘门让其中的 {f} 通过，输入门让候选值 {g} 的 {i} 通过，纸条上变为 {c}。输出门让其 tanh 的 {o} 通过，读出 {h}。',
        ],
    });

    // In the order of the chapter; the crates have i, f, g, o.
    const TAPS = ['f', 'i', 'g', 'o'];
    const PLACE = { i: 0, f: 1, g: 2, o: 3 };
    // i, f, g, o of the chapter's worked example.
    const EXAMPLE = [[1, 1, 0.8, 0], [0, 1, -0.9, 0], [0, 0.5, 0.3, 1], [0.5, 1, -0.6, 0.5]];
    const LONGEST = 40;

    live.widget('slip', async root => {
        const say = live.say('slip');
        const { call } = await live.engine();
        let steps = [[...EXAMPLE[0]]], answer;

        const sliders = Object.fromEntries(TAPS.map(k => [k, live.slider({
            label: symbol(k, 't'), spoken: say(k), min: k === 'g' ? -1 : 0, max: 1, step: 0.05, value: 0,
            change(value) {
                steps.at(-1)[PLACE[k]] = Math.max(k === 'g' ? -1 : 0, Math.min(1, value));
                redraw();
            },
        })]));
        const settings = element('div', { class: 'live-sliders' }, TAPS.map(k => {
            const node = element('div', { class: `live-tap live-tone-${k}` }, sliders[k].node, element('small', {}, say(k)));
            return node;
        }));

        // The drawing: three values and three pipes, each as wide as its tap is open.
        const pipe = (k, d) => svg('path', { d, class: `live-pipe live-tone-${k}` });
        const pipes = { f: pipe('f', 'M78 60H156'), i: pipe('i', 'M200 152V100'), o: pipe('o', 'M244 60H318') };
        const text = (x, y, name = '') => svg('text', { x, y, 'text-anchor': 'middle', class: name });
        const texts = {
            old: text(42, 66, 'live-number'), c: text(200, 69, 'live-number live-large'), g: text(200, 178, 'live-number'),
            h: text(358, 66, 'live-number'), f: text(117, 40), i: text(232, 130), o: text(281, 40),
        };
        const label = (x, y, words) => {
            const node = text(x, y);
            node.textContent = words;
            return node;
        };
        const drawing = svg('svg', { viewBox: '0 0 400 196', role: 'img', class: 'live-plot live-slip-drawing' },
            Object.values(pipes),
            svg('rect', { x: 8, y: 40, width: 68, height: 40, rx: 4, class: 'live-paper live-faded' }),
            svg('rect', { x: 156, y: 24, width: 88, height: 74, rx: 4, class: 'live-paper' }),
            svg('rect', { x: 320, y: 40, width: 76, height: 40, rx: 20, class: 'live-paper live-faded' }),
            svg('rect', { x: 162, y: 154, width: 76, height: 36, rx: 4, class: 'live-paper live-faded' }),
            label(42, 98, say('old')), label(200, 16, `${say('slip')} c`), label(358, 98, `${say('aloud')} h`), label(148, 178, 'g'),
            Object.values(texts));

        const body = element('tbody', {});
        const heads = ['f', 'i', 'g', 'o', 'c', 'h'];
        const table = element('div', { class: 'live-table' }, element('table', {},
            element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, say('step')),
                heads.map(k => element('th', { scope: 'col' }, symbol(k))))), body));

        const set = next => {
            steps = next.map(step => [...step]);
            TAPS.forEach(k => sliders[k].set(steps.at(-1)[PLACE[k]]));
            draw();
        };
        const result = live.status();
        root.append(
            live.title(root, say('title')),
            element('p', { class: 'live-note' }, say('about')),
            element('div', { class: 'live-columns' }, element('div', {}, settings), element('div', {}, drawing)),
            element('div', { class: 'live-row' },
                live.button(say('next'), () => steps.length < LONGEST && set([...steps, steps.at(-1)]), { class: 'live-main' }),
                live.button(say('back'), () => steps.length > 1 && set(steps.slice(0, -1))),
                live.button(say('hold'), () => set([...steps, ...Array(5).fill([0, 1, 0, 0])].slice(0, LONGEST))),
                live.button(say('example'), () => set(EXAMPLE)),
                live.button(say('reset'), () => set([[0, 0, 0, 0]]))),
            result, table,
        );

        const draw = () => {
            const numbers = steps.flat();
            answer = call('slip', [steps.length], numbers);
            live.record(root, 'slip', [steps.length], numbers, answer);
            const at = steps.length - 1;
            const [i, f, g, o] = steps[at];
            const [c, , h] = answer.slice(3 * at);
            const shown = { old: show(at ? answer[3 * at - 3] : 0), c: show(c), h: show(h), g: show(g, 2), i: show(i, 2), f: show(f, 2), o: show(o, 2) };
            for (const [name, node] of Object.entries(texts)) {
                node.textContent = ['f', 'i', 'o'].includes(name) ? `${name} = ${shown[name]}` : shown[name];
            }
            for (const [k, open] of [['i', i], ['f', f], ['o', o]]) {
                pipes[k].style.strokeWidth = `${(1 + 13 * open).toFixed(1)}px`;
                pipes[k].classList.toggle('live-shut', open === 0);
            }
            const words = Object.entries(shown).reduce((all, [name, value]) => all.replace(`{${name}}`, value), say('drawing'));
            drawing.setAttribute('aria-label', words);
            live.tell(result, words, 1500);
            body.replaceChildren(...steps.map(([i, f, g, o], t) => element('tr', {},
                element('th', { scope: 'row' }, String(t + 1)),
                [f, i, g, o].map(v => element('td', {}, show(v, 2))),
                [answer[3 * t], answer[3 * t + 2]].map(v => element('td', {}, element('output', {}, show(v)))))));
        };
        const redraw = live.eachFrame(draw);
        set(steps);
    });
})();
