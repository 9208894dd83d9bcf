// A small translator: where its decoder looks at each word, whoever writes the words.
(() => {
    'use strict';
    const live = window.lstmLive;
    const { element, show, scientific } = live;

    live.words('attention', {
        title: ['Where does a small translator look?', '小翻译器在看哪里？'],
        about: [
            'An encoder with 32 units in each direction reads English, a decoder with 64 writes French. Trained on {pairs} generated pairs; of {sentences} sentences that it has not seen, it translates {right} word for word. It reads no punctuation.',
            '编码器读英语，每个方向 32 个单元；解码器写法语，64 个单元。用 {pairs} 对生成的句子训练，没见过的 {sentences} 个句子中，{right} 句译得一字不差。不读标点。',
        ],
        source: ['English', '英语'],
        french: ['French', '法语'],
        target: ['French: change a word, and the decoder reads yours', '法语：改动一个词，解码器就读你写的'],
        examples: ['Sentences to start from', '例句'],
        translate: ['Let the model translate', '让模型翻译'],
        unknown: ['not known to the model, and left out:', '模型不认识，已略去：'],
        long: ['Only the first 24 words are read.', '只读前 24 个词。'],
        empty: ['Write at least one English word that the model knows.', '请写至少一个模型认识的英语词。'],
        known: ['The words that the model knows ({source} English, {target} French)', '模型认识的词（英语 {source} 个，法语 {target} 个）'],
        pick: ['Tap a word to add it to its sentence.', '点按一个词，把它加到句子里。'],
        byModel: ['The model wrote this.', '这是模型写的。'],
        byReader: ['You wrote this.', '这是你写的。'],
        label: ['Attention: a row for each French word, a column for each English one', '注意力：每行一个法语词，每列一个英语词'],
        map: ['α: each row sums to 1. At the right, the probability of the row’s word.', 'α：每行之和为 1。右边是这一行的词的概率。'],
        word: ['word', '词'],
        end: ['(end)', '（结束）'],
        theEnd: ['the end', '句子的结束'],
        row: ['{word} looks most at {most}. ', '{word} 主要看 {most}。'],
        probable: ['Its probability is {p}; ', '它的概率是 {p}；'],
        best: ['no word is more probable. ', '没有更可能的词。'],
        other: ['most probable is {best} ({q}). ', '最可能的是 {best}（{q}）。'],
        tap: ['Tap a row, or choose one with the arrow keys.', '点按一行，或用方向键选择。'],
    });

    const EXAMPLES = [
        'They did not look for this red letter yesterday.',
        'The young doctor will see an old green car at the market tomorrow.',
        'She does not often buy this expensive hat.',
        'My neighbours found the tired child in the park this morning.',
    ];
    const LONGEST = 24;
    const FIRST_ID = 4;
    const [UNKNOWN, END] = [1, 3];

    live.widget('attention', async root => {
        const say = live.say('attention');
        const [{ call, translator, text: send }, data] = await Promise.all([live.engine(), live.load('translator')]);
        if (!translator(live.bytes(data.weights))) {
            throw new Error('live/translator.js holds no translator');
        }
        const known = [0, 1].map(language =>
            call('translator_words', [language]).map(point => String.fromCodePoint(point)).join('').split('\n'));
        const word = id => known[1][id - FIRST_ID] ?? say('end');
        // Rows of the map: α and what the decoder says of the word. `at` is the row that is read out.
        let source = [], target = [], rows = [], at = 0;

        // The words of a text that the model knows, with their ids; the others are named.
        const read = (language, text, wrong) => {
            send(text);
            const numbers = call('translator_find', [language]);
            const characters = [...text];
            const found = Array.from({ length: numbers.length / 3 }, (_, n) => {
                const [id, start, end] = numbers.slice(3 * n, 3 * n + 3);
                return { id, text: characters.slice(start, end).join('') };
            });
            const strange = found.filter(({ id }) => id === UNKNOWN).map(one => one.text);
            const usable = found.filter(({ id }) => id !== UNKNOWN);
            wrong.textContent = [
                strange.length ? `${say('unknown')} ${[...new Set(strange)].join(' ')}` : '',
                usable.length > LONGEST ? say('long') : '',
            ].join(' ').trim();
            return usable.slice(0, LONGEST);
        };
        // An elided word is not followed by a space.
        const sentence = ids => {
            const text = ids.map(word).join(' ').replaceAll('\' ', '\'');
            return text.charAt(0).toLocaleUpperCase('fr') + text.slice(1);
        };

        const field = (label, lang, change) => {
            const wrong = element('small', { class: 'live-wrong', role: 'status', id: live.id() });
            const area = element('textarea', {
                rows: 2, maxlength: 300, spellcheck: 'false', lang, 'aria-describedby': wrong.id, oninput: () => change(),
            });
            const node = element('div', {}, element('label', { class: 'live-prompt' }, element('span', {}, label), area), wrong);
            return { area, wrong, node };
        };
        const reads = field(say('source'), 'en', () => again());
        const writes = field(say('target'), 'fr', () => look());
        const by = element('small', { class: 'live-by', role: 'status' });

        // A new source is translated; a target that is changed is read as it is.
        const translate = () => {
            source = read(0, reads.area.value, reads.wrong);
            const ids = source.map(({ id }) => id);
            writes.area.value = ids.length ? sentence(call('translator_write', [ids.length], ids)) : '';
            at = 0;
            look();
        };
        const again = live.eachFrame(translate);
        const look = () => {
            target = read(1, writes.area.value, writes.wrong);
            const [s, t] = [source.length, target.length];
            const ids = [...source, ...target].map(({ id }) => id);
            const answer = s ? call('translator_look', [s, t], ids) : [];
            rows = Array.from({ length: s ? t + 1 : 0 }, (_, n) => {
                const row = answer.slice(n * (s + 3), (n + 1) * (s + 3));
                return { alpha: row.slice(0, s), p: row[s], best: row[s + 1], q: row[s + 2], id: target[n]?.id };
            });
            if (s) {
                const own = call('translator_write', [s], ids.slice(0, s));
                by.textContent = say(own.join() === ids.slice(s).join() ? 'byModel' : 'byReader');
                live.record(root, 'translator_look', [s, t], ids, answer);
            } else {
                by.textContent = say('empty');
            }
            at = Math.min(at, Math.max(0, rows.length - 1));
            draw();
        };

        const map = element('table', { class: 'live-alpha', tabindex: 0, 'aria-label': say('label') });
        const readout = element('p', { class: 'live-key', role: 'status' });
        const choose = row => {
            at = Math.max(0, Math.min(rows.length - 1, row));
            mark();
        };
        map.addEventListener('keydown', event => {
            const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
            if (to !== undefined) {
                event.preventDefault();
                choose(to);
            }
        });
        map.addEventListener('click', event => {
            const row = event.target.closest('tbody tr');
            if (row) {
                choose(row.sectionRowIndex);
            }
        });

        const percent = alpha => `${show(100 * alpha, 0)}${live.chinese ? '' : ' '}%`;
        const draw = () => {
            map.replaceChildren(
                element('thead', {}, element('tr', {}, element('td', {}),
                    source.map(one => element('th', { scope: 'col', lang: 'en' }, element('span', {}, one.text))),
                    element('th', { scope: 'col' }, element('span', {}, element('var', {}, 'p'))))),
                element('tbody', {}, rows.map(({ alpha, p, id }) => element('tr', {},
                    element('th', { scope: 'row', lang: id ? 'fr' : undefined }, word(id)),
                    alpha.map(a => {
                        const cell = element('td', { title: percent(a) }, element('span', { class: 'live-heard' }, percent(a)));
                        cell.style.setProperty('--heat', `color-mix(in srgb, var(--drawn-blue) ${Math.round(100 * a)}%, var(--live-empty))`);
                        return cell;
                    }),
                    element('td', { class: 'live-p' }, element('output', {}, show(p, 2)))))));
            map.hidden = !rows.length;
            mark();
        };
        const mark = () => {
            [...map.tBodies[0].rows].forEach((row, n) => row.classList.toggle('live-pointed', n === at));
            root.dataset.target = target.map(({ id }) => word(id)).join(' ');
            if (!rows.length) {
                readout.replaceChildren();
                return;
            }
            const { alpha, p, best, q, id } = rows[at];
            const order = alpha.map((_, s) => s).sort((a, b) => alpha[b] - alpha[a]).slice(0, 3).filter((s, n) => !n || alpha[s] >= 0.05);
            const most = order.map(s => source[s].text + (live.chinese ? `（${percent(alpha[s])}）` : ` (${percent(alpha[s])})`)).join(live.chinese ? '、' : ', ');
            const named = id => id >= FIRST_ID ? `“${word(id)}”` : say('theEnd');
            const first = named(id);
            const parts = { word: live.chinese ? first : first.charAt(0).toUpperCase() + first.slice(1), most, p: scientific(p), best: named(best), q: scientific(q) };
            const text = say('row') + say('probable') + (best === (id ?? END) ? say('best') : say('other')) + say('tap');
            readout.replaceChildren(...text.split(/\{(\w+)\}/).flatMap((part, n) => n % 2 ? parts[part] : part));
            root.dataset.most = source[order[0]].text;
        };

        // A word that is tapped goes to the end of its sentence.
        const list = (language, area, lang, change) => {
            const order = new Intl.Collator(lang).compare;
            const node = element('p', { class: 'live-words', lang }, [...known[language]].sort(order).flatMap(one => [element('span', {}, one), ' ']));
            node.addEventListener('click', event => {
                if (event.target.matches('span')) {
                    const before = area.value.replace(/[.\s]+$/, '');
                    area.value = before + (before && !before.endsWith('\'') ? ' ' : '') + event.target.textContent;
                    change();
                }
            });
            return node;
        };

        const examples = live.choice({
            legend: say('examples'), value: EXAMPLES[0], options: EXAMPLES.map(one => [one, one]),
            change(one) {
                reads.area.value = one;
                translate();
            },
        });
        reads.area.value = EXAMPLES[0];
        translate();
        root.append(
            live.title(root, say('title')),
            element('p', { class: 'live-note' }, say('about').replace('{pairs}', data.pairs.toLocaleString('en')).replace('{sentences}', data.sentences).replace('{right}', data.right)),
            examples.node,
            element('div', { class: 'live-columns' }, reads.node, writes.node),
            element('div', { class: 'live-row' }, live.button(say('translate'), translate, { class: 'live-main' }), by),
            element('p', { class: 'live-key' }, say('map')),
            element('div', { class: 'live-table' }, map),
            readout,
            element('details', {},
                element('summary', {}, say('known').replace('{source}', known[0].length).replace('{target}', known[1].length)),
                element('p', { class: 'live-key' }, say('pick')),
                element('p', { class: 'live-head' }, say('source')), list(0, reads.area, 'en', translate),
                element('p', { class: 'live-head' }, say('french')), list(1, writes.area, 'fr', look)),
        );
    });
})();
