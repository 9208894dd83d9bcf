// A network learns a text in the page: the crates do each step, in slices of time between which the page
// can be used.
(() => {
    'use strict';
    const live = window.lstmLive;
    const { element, svg, show, symbol } = live;

    live.words('learner', {
        title: ['A model learns your text', '让模型学习你的文本'],
        about: [
            'The tour\'s network with one layer, in this page: embedding, LSTM, head, Adam, eight streams with windows of 32 steps. The text stays here: a page of this book can send nothing.',
            '导览里的网络，一层，就在本页训练：嵌入、LSTM、输出层、Adam，8 条数据流，窗口 32 步。文本不会离开本页：本书的页面无法发送任何数据。',
        ],
        text: ['Text to learn (at first, the sentences of this chapter)', '要学习的文本（起初是本章的句子）'],
        cells: ['Cells', '单元数'],
        start: ['Learn', '开始学习'],
        stop: ['Stop', '停止'],
        on: ['Go on', '继续'],
        anew: ['Start anew', '重新开始'],
        temperature: ['temperature', '温度'],
        write: ['Write now', '现在写一段'],
        short: ['The text needs at least 256 characters and at most 200,000.', '文本至少 256 个字符，至多 200000 个字符。'],
        failed: ['The loss is no number any more: start anew.', '损失已不是有限的数，请重新开始。'],
        ready: ['Ready.', '就绪。'],
        sizes: ['{v} kinds of characters, {n} characters, {w} weights. ', '{v} 种字符，共 {n} 个字符，{w} 个权重。'],
        now: ['step {step}, {loss} nats per character, {speed} characters a second', '第 {step} 步，每字符 {loss} 奈特，每秒 {speed} 个字符'],
        plot: ['Training loss in nats per character against steps', '训练损失（每字符奈特数）随步数的变化'],
        axis: ['steps', '步数'],
        loss: ['nats per character', '每字符奈特数'],
        guessing: ['guessing', '瞎猜'],
        samples: ['What it writes, the newest first', '模型写出的文本，新的在前'],
        sample: ['step {step}, loss {loss}', '第 {step} 步，损失 {loss}'],
    });

    // A slice of learning; then the page has its turn.
    const SLICE = 20;
    // A sample after these seconds, then after longer and longer ones.
    const FIRST_SAMPLE = 2;
    const SAMPLE = 160;
    const KEPT = 12;
    const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [420, 200, 44, 410, 12, 160];

    // The sentences of the chapter, without formulas.
    const chapter = () => [...document.querySelectorAll('main p, main li')]
        .filter(one => !one.querySelector('math, .live-widget') && !one.closest('.live-widget, .track, .track-next'))
        .map(one => one.textContent.replace(/\s+/g, ' ').trim()).filter(line => line.length > 30)
        .join('\n') + '\n';

    live.widget('learner', async root => {
        const say = live.say('learner');
        const { call, text: send } = await live.engine();
        let cells = 64, temperature = 0.7, about, losses = [], smooth, running = false, timer;
        let seconds = 0, due = FIRST_SAMPLE;

        const field = element('textarea', { rows: 5, spellcheck: 'false', 'aria-label': say('text'), value: chapter(), maxlength: 200_000 });
        const state = live.status();
        const sizes = live.choice({
            legend: say('cells'), value: cells, options: [32, 64, 128].map(n => [n, `H = ${n}`]),
            change(n) {
                cells = n;
                forget();
            },
        });
        const warm = live.slider({
            label: [say('temperature'), ' ', symbol('τ')], spoken: say('temperature'), min: 0, max: 2, step: 0.05, value: temperature,
            change(tau) { temperature = Math.max(0, Math.min(2, tau)); },
        });
        const main = live.button(say('start'), () => running ? stop() : start(), { class: 'live-main' });
        const write = live.button(say('write'), () => about && sample());

        const grid = svg('g', { class: 'live-grid' });
        const curve = svg('path', { class: 'live-curve' });
        const plot = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', class: 'live-plot', 'aria-label': say('plot') }, grid, curve);
        const samples = element('div', { class: 'live-samples', role: 'log', 'aria-label': say('samples'), tabindex: 0 });

        const forget = () => {
            stop();
            [about, losses, smooth, seconds, due] = [undefined, [], undefined, 0, FIRST_SAMPLE];
            main.textContent = say('start');
            samples.replaceChildren();
            delete root.dataset.steps;
            live.tell(state, say('ready'));
            draw();
        };
        const start = () => {
            if (!about) {
                // Every start has other weights in a page; the tests name theirs.
                const seed = Number(root.dataset.seed ?? Math.floor(Math.random() * 1e9));
                send(field.value.normalize('NFC'));
                about = call('learner_start', [cells, seed]);
                if (!about.length) {
                    about = undefined;
                    live.tell(state, say('short'));
                    return;
                }
                // Noise, to begin with.
                sample();
            }
            running = true;
            main.textContent = say('stop');
            root.dataset.running = 'true';
            timer = setTimeout(slice, 0);
        };
        const stop = () => {
            running = false;
            clearTimeout(timer);
            main.textContent = about ? say('on') : say('start');
            delete root.dataset.running;
        };
        const slice = () => {
            if (!running || !root.isConnected) {
                return;
            }
            const from = performance.now();
            do {
                const answer = call('learner_step');
                if (!answer.length) {
                    stop();
                    live.tell(state, say('failed'));
                    return;
                }
                losses.push(answer[1]);
                smooth = smooth === undefined ? answer[1] : smooth + 0.05 * (answer[1] - smooth);
            } while (performance.now() - from < SLICE);
            seconds += (performance.now() - from) / 1000;
            if (seconds > due) {
                due = 1.6 * seconds;
                sample();
            }
            again();
            timer = setTimeout(slice, 0);
        };
        const sample = () => {
            const points = call('learner_sample', [SAMPLE], [temperature]);
            const words = points.map(point => String.fromCodePoint(point)).join('');
            const head = say('sample').replace('{step}', losses.length).replace('{loss}', show(smooth ?? Math.log(about[0]), 2));
            samples.prepend(element('div', {}, element('small', {}, head), element('p', { class: 'live-sample-text' }, words)));
            while (samples.children.length > KEPT) {
                samples.lastChild.remove();
            }
        };

        field.addEventListener('input', forget);
        root.append(
            live.title(root, say('title')),
            element('p', { class: 'live-note' }, say('about')),
            element('label', { class: 'live-prompt' }, element('span', {}, say('text')), field),
            element('div', { class: 'live-columns' },
                element('div', { class: 'live-row' }, element('span', {}, say('cells')), sizes.node),
                element('div', { class: 'live-sliders' }, warm.node)),
            element('div', { class: 'live-row' }, main, live.button(say('anew'), forget), write),
            state,
            element('div', { class: 'live-columns' }, element('div', {}, plot),
                element('div', {}, element('p', { class: 'live-head' }, say('samples')), samples)),
        );

        const draw = () => {
            const guessing = about ? Math.log(about[0]) : 4;
            const top = Math.max(guessing, 1) * 1.15, last = Math.max(losses.length, 10);
            const x = n => LEFT + n / last * (RIGHT - LEFT);
            const y = loss => BOTTOM - Math.min(loss, top) / top * (BOTTOM - TOP);
            const text = (at, words, anchor) => svg('text', { x: at[0], y: at[1], 'text-anchor': anchor }, words);
            grid.replaceChildren(
                ...Array.from({ length: Math.floor(top) + 1 }, (_, n) => [
                    svg('path', { d: `M${LEFT} ${y(n)}H${RIGHT}` }), text([LEFT - 6, y(n) + 4], String(n), 'end'),
                ]).flat(),
                ...about ? [svg('path', { d: `M${LEFT} ${y(guessing)}H${RIGHT}`, class: 'live-guide' }),
                    text([RIGHT, y(guessing) - 5], `${say('guessing')}, ln ${about[0]}`, 'end')] : [],
                text([LEFT, BOTTOM + 17], '0', 'middle'), text([RIGHT, BOTTOM + 17], String(last), 'end'),
                text([(LEFT + RIGHT) / 2, BOTTOM + 34], `${say('loss')} · ${say('axis')}`, 'middle'),
            );
            // One point for each pixel: the mean of the steps there.
            const width = Math.max(1, Math.ceil(losses.length / (RIGHT - LEFT)));
            let d = '';
            for (let n = 0; n < losses.length; n += width) {
                const part = losses.slice(n, n + width);
                d += `${n ? 'L' : 'M'}${x(n).toFixed(1)} ${y(part.reduce((a, b) => a + b) / part.length).toFixed(1)}`;
            }
            curve.setAttribute('d', d);
            if (about && losses.length) {
                const speed = Math.round(losses.length * 256 / Math.max(seconds, 0.001) / 100) * 100;
                const now = say('now').replace('{step}', losses.length).replace('{loss}', show(smooth, 3)).replace('{speed}', String(speed));
                const all = say('sizes').replace('{v}', about[0]).replace('{n}', about[1]).replace('{w}', about[2]);
                // Aloud now and then, not sixty times a second.
                live.tell(state, all + now, 5000);
                plot.setAttribute('aria-label', `${say('plot')}: ${now}`);
                root.dataset.steps = losses.length;
                root.dataset.losses = JSON.stringify(losses.slice(0, 20));
            }
        };
        const again = live.eachFrame(draw);
        forget();
    });
})();
