// A small model goes on with what is typed, coloured by one of its cells.
(() => {
    'use strict';
    const live = window.lstmLive;
    const { element, show, symbol } = live;

    live.words('writer', {
        title: ['A small model writes', '小模型写作'],
        about: [
            'One layer of 128 cells, trained on the sentences of this book and of its code ({nats} nats per character on sentences it has not seen). It knows words, and no facts.',
            '一层 128 个单元，用本书和代码注释里的英文句子训练（在没见过的句子上每字符 {nats} 奈特）。它会写英文单词，但不懂事实。',
        ],
        prompt: ['You begin', '你来开头'],
        temperature: ['temperature', '温度'],
        more: ['Continue', '继续写'],
        anew: ['Write anew', '重写'],
        colour: ['Colour by', '着色依据'],
        unit: ['unit', '单元'],
        found: ['Cells that follow', '几个有含义的单元'],
        sentence: ['place in the sentence', '在句中的位置'],
        word: ['place in the word', '在词中的位置'],
        space: ['spaces', '空格'],
        text: ['What was typed, and how the model goes on', '你写的开头与模型的续写'],
        next: ['What may come next', '下一个字符的概率'],
        unknown: ['not known to the model:', '模型不认识：'],
        of: ['unit {unit} after {what}: ', '单元 {unit} 读入{what}之后：'],
        blank: ['a space', '“空格”'],
        newline: ['an end of line', '“换行”'],
        tap: ['Tap a character for its number, or go there with the arrow keys. Gates from 0 to 1: i green, f purple, o gold. All else: blue is below 0, orange above.', '点按一个字符看它的数，也可用方向键移动。门从 0 到 1：i 绿色，f 紫色，o 金色。其余：蓝色小于 0，橙色大于 0。'],
    });

    // What the crates answer for a character, H numbers each.
    const ANSWER = ['i', 'f', 'g', 'o', 'c', 'tanh', 'h'];
    const CHOICES = [['c', 'c'], ['tanh', 'tanh c'], ['i', 'i'], ['f', 'f'], ['g', 'g'], ['o', 'o'], ['h', 'h']];
    // The letter is slanted, tanh is not.
    const lettered = label => element('span', {}, label.startsWith('tanh ') ? 'tanh ' : '', element('var', {}, label.at(-1)));
    const AT_ONCE = 160;
    const LONGEST = 2000;
    const LIKELIEST = 8;
    const START = 'The forget gate ';

    live.widget('writer', async root => {
        const say = live.say('writer');
        const [{ call, number, model }, data] = await Promise.all([live.engine(), live.load('model')]);
        if (!model(live.bytes(data.weights))) {
            throw new Error('live/model.js holds no model');
        }
        const characters = call('writer_vocabulary').map(point => String.fromCodePoint(point));
        const ids = new Map(characters.map((c, id) => [c, id]));
        let temperature = 0.6, seed = 1, quantity = 'c', unit = data.cells[0].unit, prompt = START;
        // Each character read: its id, and what the crates said of it.
        let read = [], typed = 0, spans = [], pointed;

        const units = () => read[0].answer.length / ANSWER.length;
        const value = ({ answer }) => answer[ANSWER.indexOf(quantity) * units() + unit];

        const step = id => {
            read.push({ id, answer: call('writer_read', [id]) });
        };
        // Draws characters until there are `length` behind the prompt, and to the end of the sentence
        // if that is near.
        const write = length => {
            const written = () => read.length - typed;
            while (read.length < LONGEST && (written() < length
                || (written() < 1.5 * length && characters[read.at(-1).id] !== '\n'))) {
                step(number('writer_next', [seed, read.length], [temperature]));
            }
        };
        const known = text => {
            const left = new Set();
            const characters = [...text.replaceAll('’', '\'').replaceAll('–', '-')].filter(c => {
                if (!ids.has(c)) {
                    left.add(c);
                }
                return ids.has(c);
            });
            unknown.textContent = left.size ? `${say('unknown')} ${[...left].join(' ')}` : '';
            return characters;
        };
        // From the end of a line before it: so do all sentences that the model has seen begin.
        const begin = length => {
            call('writer_reset');
            read = [];
            ['\n', ...known(prompt)].forEach(c => step(ids.get(c)));
            typed = read.length;
            pointed = undefined;
            write(length);
            draw();
        };

        const unknown = element('small', { class: 'live-wrong', role: 'status', id: live.id() });
        const field = element('textarea', {
            rows: 2, maxlength: 400, value: START, spellcheck: 'false', 'aria-describedby': unknown.id,
            'aria-label': say('prompt'), lang: 'en',
            oninput() {
                prompt = field.value;
                again();
            },
        });
        const warm = live.slider({
            label: [say('temperature'), ' ', symbol('τ')], spoken: say('temperature'), min: 0, max: 2, step: 0.05, value: temperature,
            change(tau) {
                temperature = Math.max(0, tau);
                again();
            },
        });
        const again = live.eachFrame(() => begin(AT_ONCE));

        const text = element('div', { class: 'live-text', lang: 'en', role: 'img', tabindex: 0 });
        const readout = element('p', { class: 'live-key', role: 'status' });
        const bars = element('div', { class: 'live-bars', role: 'img' });
        const colours = live.choice({
            legend: say('colour'),
            value: quantity,
            options: CHOICES.map(([name, label]) => [name, lettered(label), label]),
            change(name) {
                quantity = name;
                paint();
            },
        });
        text.addEventListener('keydown', event => {
            const last = spans.length - 1;
            const to = { ArrowLeft: (pointed ?? last) - 1, ArrowRight: (pointed ?? last) + 1, Home: 0, End: last }[event.key];
            if (to !== undefined) {
                event.preventDefault();
                pointed = Math.max(0, Math.min(last, to));
                paint();
                spans[pointed].scrollIntoView({ block: 'nearest' });
            }
        });
        text.addEventListener('click', event => {
            const place = spans.indexOf(event.target);
            if (place >= 0) {
                pointed = place;
                paint();
            }
        });

        const draw = () => {
            spans = read.slice(1).map(({ id }, n) =>
                element('span', { class: n + 1 < typed ? 'live-typed' : '' }, characters[id]));
            text.replaceChildren(...spans);
            const whole = read.slice(1).map(({ id }) => characters[id]).join('');
            text.setAttribute('aria-label', `${say('text')}: ${whole}`);
            paint();
            const p = call('writer_distribution', [], [temperature]);
            const order = p.map((_, id) => id).sort((a, b) => p[b] - p[a]).slice(0, LIKELIEST);
            const name = id => ({ ' ': '␣', '\n': '↵' })[characters[id]] ?? characters[id];
            bars.replaceChildren(...order.map(id => {
                const fill = element('span', { class: 'live-bar-fill' });
                fill.style.cssText = `left:0;width:${(100 * p[id]).toFixed(1)}%`;
                return element('span', { class: 'live-next' }, element('code', {}, name(id)),
                    element('span', { class: 'live-bar' }, fill), element('output', {}, show(p[id], 3)));
            }));
            bars.setAttribute('aria-label', `${say('next')}: ${order.map(id => `${name(id)} ${show(p[id], 3)}`).join(', ')}`);
            root.dataset.text = whole;
            root.dataset.seed = seed;
            root.dataset.typed = typed - 1;
            live.record(root, 'writer', [], [temperature, ...read.map(({ id }) => id)], [...read.at(-1).answer, ...p]);
        };

        const paint = () => {
            // What may grow beyond 1 is measured by its largest.
            const scale = quantity === 'c' ? Math.max(1, ...read.map(one => Math.abs(value(one)))) : 1;
            spans.forEach((span, n) => {
                span.style.setProperty('--heat', live.shade(value(read[n + 1]) / scale, quantity));
                span.classList.toggle('live-pointed', n === pointed);
            });
            const shown = read[(pointed ?? spans.length - 1) + 1];
            const c = characters[shown.id];
            const name = { ' ': say('blank'), '\n': say('newline') }[c] ?? `“${c}”`;
            const label = CHOICES.find(([key]) => key === quantity)[1];
            readout.replaceChildren(lettered(label), ' ', say('of').replace('{unit}', unit + 1).replace('{what}', name),
                element('output', {}, show(value(shown))), live.chinese ? '。' : '. ', say('tap'));
        };

        // Everything is there once the first characters are read: H is then known.
        begin(AT_ONCE);
        const chosen = live.slider({
            label: say('unit'), spoken: say('unit'), min: 1, max: units(), step: 1, value: unit + 1,
            change(n) {
                unit = Math.max(1, Math.min(units(), Math.round(n))) - 1;
                const known = data.cells.find(cell => cell.unit === unit);
                found.set(known && quantity === 'c' ? known.follows : undefined);
                paint();
            },
        });
        const found = live.choice({
            legend: say('found'),
            value: data.cells[0].follows,
            options: data.cells.map(({ follows }) => [follows, say(follows)]),
            change(name) {
                quantity = 'c';
                colours.set('c');
                ({ unit } = data.cells.find(({ follows }) => follows === name));
                chosen.set(unit + 1);
                paint();
            },
        });
        root.append(
            live.title(root, say('title')),
            element('p', { class: 'live-note' }, say('about').replace('{nats}', data.held_out_nats.toFixed(2))),
            element('label', { class: 'live-prompt' }, element('span', {}, say('prompt')), field),
            unknown,
            element('div', { class: 'live-columns' },
                element('div', { class: 'live-sliders' }, warm.node),
                element('div', { class: 'live-row' },
                    live.button(say('more'), () => {
                        write(read.length - typed + AT_ONCE);
                        draw();
                    }, { class: 'live-main' }),
                    live.button(say('anew'), () => {
                        seed += 1;
                        begin(AT_ONCE);
                    }))),
            text,
            element('div', { class: 'live-row' }, element('span', {}, say('colour')), colours.node),
            element('div', { class: 'live-row' }, element('span', {}, say('found')), found.node),
            element('div', { class: 'live-sliders' }, chosen.node),
            readout,
            element('p', { class: 'live-head' }, say('next')),
            bars,
        );
    });
})();
