// The live pages: they start, they can be used with the keyboard, and they show the crates' numbers.
import { equal, holds, noOverflow, nothingWrong } from './book.mjs';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const TOLERANCE = 1e-12;
// A difference divides the rounding of a loss by its step.
const TOLERANCE_OF_DIFFERENCES = 1e-9;
// Twenty training steps in f32, added up in another order; less than 3.2e-5 was measured.
const TOLERANCE_OF_LEARNING = 3e-4;

// These take no figure's place; the text says all of it in words or in a table.
const WITHOUT_FIGURE = new Set(['vanish', 'slip', 'learner', 'attention']);
const figureOf = (tab, name) => tab.locator(`[data-live="${name}"] + figure`);

// What was asked and answered in the pages, to be held to the crates at the end.
const asked = [];

export async function widgets(book) {
    const scenarios = { vanish, slip, gates, cell, gradcheck, truncation, learner, writer, attention };
    const tests = [];
    for (const [name, scenario] of Object.entries(scenarios)) {
        for (const folder of ['', 'zh-CN/']) {
            const page = find(book, name, folder);
            const where = `${folder || 'en/'}${name}`;
            await book.test(`${where} has a page`, async () => {
                holds(page, `no page of ${folder || 'the English book'} has data-live="${name}"`);
            });
            if (!page) {
                continue;
            }
            for (const by of ['http', 'file']) {
                tests.push([`${where} runs (${by})`, async () => {
                    const tab = await book.tab({ reducedMotion: 'reduce' });
                    const root = await start(book, tab, page, name, by);
                    // The learner asks nothing before it is started.
                    if (await root.getAttribute('data-call')) {
                        await note(root, where);
                    }
                    await scenario({ tab, root, where });
                    await everyControlHasAName(root);
                    await focusIsSeen(root);
                    equal(tab.url().split('#')[0], book.address(page, by), 'no key has turned the page');
                    nothingWrong(tab);
                    await tab.context().close();
                }]);
            }
            tests.push([`${where} fits a phone`, async () => {
                const tab = await book.tab({ narrow: true, theme: 'navy', hasTouch: true, isMobile: true });
                const root = await start(book, tab, page, name);
                await scenario({ tab, root, where, narrow: true });
                await noOverflow(tab);
                const widget = await root.evaluate(node => [node.scrollWidth, node.clientWidth]);
                holds(widget[0] <= widget[1], `the widget is ${widget[0]} wide, and has ${widget[1]}`);
                if (book.screenshots) {
                    fs.mkdirSync(book.screenshots, { recursive: true });
                    const file = path.join(book.screenshots, `live-${where.replace('/', '-')}.png`);
                    await root.screenshot({ path: file });
                }
                nothingWrong(tab);
                await tab.context().close();
            }], [`${where} is ${WITHOUT_FIGURE.has(name) ? 'nothing' : 'a figure'} without WebAssembly, without scripts, and on paper`, async () => {
                const without = await book.tab();
                await without.addInitScript(() => { delete globalThis.WebAssembly; });
                await figureStays(book, without, page, name);
                await figureStays(book, await book.tab({ javaScriptEnabled: false }), page, name);
                const paper = await book.tab();
                const root = await start(book, paper, page, name);
                await paper.emulateMedia({ media: 'print' });
                holds(!await root.isVisible(), 'the widget is printed');
                holds(WITHOUT_FIGURE.has(name) || await figureOf(paper, name).isVisible(), 'the figure is printed');
                await paper.context().close();
            }]);
        }
    }
    await book.tests(tests);
    await book.test('the pages show the numbers of the crates', async () => compare(book));
}

function find(book, name, folder) {
    return book.pages.find(page => page.startsWith('zh-CN/') === (folder !== '') && !page.endsWith('print.html')
        && fs.readFileSync(path.join(book.folder, page), 'utf8').includes(`data-live="${name}"`));
}

async function start(book, tab, page, name, by) {
    await tab.goto(book.address(page, by));
    const place = tab.locator(`[data-live="${name}"]`);
    await place.and(tab.locator('[data-ready], [data-failed]')).waitFor({ state: 'attached' });
    equal(await place.getAttribute('data-failed'), null, 'the reason it did not start');
    const root = place.locator('.live-widget');
    await root.scrollIntoViewIfNeeded();
    equal(await figureOf(tab, name).count(), WITHOUT_FIGURE.has(name) ? 0 : 1, 'figures behind it');
    holds(!await figureOf(tab, name).isVisible(), 'the figure is replaced');
    return root;
}

async function figureStays(book, tab, page, name) {
    await tab.goto(book.address(page));
    await tab.waitForTimeout(300);
    holds(WITHOUT_FIGURE.has(name) || await figureOf(tab, name).isVisible(), 'the figure is seen');
    holds(!await tab.locator(`[data-live="${name}"]`).isVisible(), 'the widget is not');
    nothingWrong(tab);
    await tab.context().close();
}

// Keeps what the widget asked last; the frame that draws it has gone by.
async function note(root, where) {
    await drawn(root);
    const { call, answer } = await root.evaluate(node => ({ ...node.dataset }));
    asked.push({ where, call, answer: JSON.parse(answer) });
    return asked.at(-1).answer;
}

// A widget draws in the frame after an input.
async function drawn(root) {
    await root.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function everyControlHasAName(root) {
    const nameless = await root.evaluate(node => [...node.querySelectorAll('input, button, textarea, [tabindex="0"]')]
        .filter(one => !one.getAttribute('aria-label') && !one.textContent.trim() && !one.closest('label')?.textContent.trim())
        .map(one => one.outerHTML.slice(0, 80)));
    holds(nameless.length === 0, `controls without a name: ${nameless.join(' | ')}`);
}

// Whatever the Tab key comes to has a line about it.
async function focusIsSeen(root) {
    const unseen = await root.evaluate(node => [...node.querySelectorAll('input, button, textarea, [tabindex="0"]')]
        .filter(one => one.tabIndex >= 0 && one.getClientRects().length)
        .filter(one => {
            one.focus({ focusVisible: true, preventScroll: true });
            const marked = one.matches('[type="radio"]') ? one.nextElementSibling : one;
            return one === document.activeElement && getComputedStyle(marked).outlineStyle === 'none';
        })
        .map(one => one.outerHTML.slice(0, 80)));
    holds(unseen.length === 0, `focus is not seen: ${unseen.join(' | ')}`);
}

// Chooses by the keyboard.
const pick = radio => radio.press('Space');
const shown = async locator => Number((await locator.textContent()).replace('−', '-'));
const near = (a, b, digits) => Math.abs(a - b) <= 0.500001 * 10 ** -digits;

async function vanish({ root, where }) {
    const first = await note(root, where);
    equal(first.length, 3 * 51, 'one unit: two products and its states');
    holds(near(first[51 + 20] / 7.6e-7, 1, 2), 'the worked example: 7.6e-7 after 20 steps');
    const verdict = () => root.getAttribute('data-verdict');
    const vanished = await verdict();
    const w = root.locator('.live-sliders input[type=number]');
    await w.nth(1).fill('0');
    await note(root, where);
    holds(await verdict() !== vanished, 'at h = 0 it explodes');
    const exploded = await verdict();
    await w.first().fill('0.9');
    await note(root, where);
    equal(await verdict(), vanished, 'below 1 it vanishes');
    await pick(root.locator('.live-choice input').nth(1));
    const many = await note(root, where);
    equal(many.length, 2 * 51, '32 units: two products');
    holds(many[50] > 6e8 && many[101] < 1, 'without the slopes it explodes, with them it does not');
    const slider = root.locator('input[type=range]');
    await slider.focus();
    await slider.press('ArrowLeft');
    await slider.press('ArrowRight');
    await note(root, where);
    await w.first().fill('0.8');
    await note(root, where);
    equal(await verdict(), vanished, 'a small s vanishes');
    holds((await root.locator('svg').getAttribute('aria-label')).includes(vanished), 'the plot says so in words');
    holds(exploded !== vanished, 'two verdicts');
    await root.getByRole('button').click();
    await note(root, where);
}

async function slip({ root, where }) {
    const buttons = root.getByRole('button');
    // Next, back, hold, the example, an empty slip.
    await buttons.nth(3).click();
    const example = await note(root, where);
    for (const [place, value] of [[0, 0.8], [3, 0.8], [6, 0.4], [8, 0.380], [9, 0.1], [11, 0.050]]) {
        holds(near(example[place], value, 3), `number ${place} of the worked example`);
    }
    equal(await root.locator('tbody tr').count(), 4, 'four steps');
    await buttons.nth(4).click();
    equal((await note(root, where))[0], 0, 'an empty slip');
    // f, i, g, o.
    const taps = root.locator('input[type=number]');
    await taps.nth(1).fill('1');
    await taps.nth(2).fill('-0.6');
    holds(near((await note(root, where))[0], -0.6, 9), 'written');
    await buttons.nth(2).click();
    const held = await note(root, where);
    holds(near(held.at(-3), -0.6, 9) && held.at(-1) === 0, 'held for five steps, unheard');
    const output = root.locator('input[type=range]').nth(3);
    await output.focus();
    await output.press('End');
    holds(near((await note(root, where)).at(-1), Math.tanh(-0.6), 9), 'read aloud');
    holds((await root.locator('svg').getAttribute('aria-label')).includes('−0.600'), 'the drawing says it in words');
    await buttons.nth(1).click();
    equal((await note(root, where)).length, 3 * 5, 'a step back');
    await buttons.nth(0).click();
    await note(root, where);
}

async function truncation({ root, where }) {
    const first = await note(root, where);
    equal(first.length, 3 * 48, 'errors, and the gradient at each step');
    const error = async () => (await note(root, where))[7];
    const usual = await error();
    const [window, bias] = [0, 1].map(n => root.locator('input[type=number]').nth(n));
    await bias.fill('4');
    holds(await error() > usual, 'a layer that remembers loses more');
    await bias.fill('-2');
    holds(await error() < usual, 'a layer that forgets loses less');
    const edges = () => root.locator('.live-edge').count();
    await window.fill('12');
    await note(root, where);
    equal(await edges(), 3, 'edges of four windows');
    await root.locator('input[type=range]').first().focus();
    await root.locator('input[type=range]').first().press('End');
    const whole = await note(root, where);
    equal(await edges(), 0, 'edges of one window');
    holds(whole.slice(48, 96).every((v, t) => v === whole[96 + t]), 'one window misses nothing');
    await root.getByRole('button').click();
    equal(await error(), usual, 'after a reset');
}

async function learner({ tab, root, where }) {
    const steps = async () => Number(await root.getAttribute('data-steps') ?? 0);
    const [main, anew, write] = [0, 1, 2].map(n => root.getByRole('button').nth(n));
    holds((await root.locator('textarea').inputValue()).length > 1000, 'it starts with the text of the chapter');
    await root.locator('textarea').fill('too short');
    await main.click();
    equal(await root.getAttribute('data-running'), null, 'a text that is too short is refused');
    const text = 'The cell keeps it.\nThe gate lets it go.\n'.repeat(12);
    await root.locator('textarea').fill(text);
    await root.evaluate(node => { node.dataset.seed = '1'; });
    await pick(root.locator('.live-choice input').first());
    await main.press('Enter');
    await tab.waitForFunction(node => Number(node.dataset.steps) >= 40, await root.elementHandle());
    // The page can be used while it learns.
    await root.locator('input[type=number]').fill('0.5');
    await main.click();
    const stopped = await steps();
    await tab.waitForTimeout(200);
    equal(await steps(), stopped, 'steps after it was stopped');
    const losses = JSON.parse(await root.getAttribute('data-losses'));
    asked.push({
        where,
        call: JSON.stringify({ call: 'learner', arguments: [32, 1, losses.length], numbers: [...text].map(c => c.codePointAt(0)) }),
        answer: losses,
    });
    holds(losses.at(-1) < losses[0], `the loss falls from ${losses[0]} to ${losses.at(-1)}`);
    const samples = await root.locator('.live-sample-text').count();
    await write.click();
    equal(await root.locator('.live-sample-text').count(), Math.min(samples + 1, 12), 'a sample on request');
    await main.click();
    await tab.waitForFunction(([node, from]) => Number(node.dataset.steps) > from, [await root.elementHandle(), stopped]);
    await anew.click();
    equal(await steps(), 0, 'after a fresh start');
    equal(await root.locator('.live-sample-text').count(), 0, 'samples after a fresh start');
}

async function gates({ root, where }) {
    const cards = root.locator('.live-cards label');
    for (const [block, key] of ['i', 'f', 'g', 'o'].entries()) {
        await pick(cards.nth(block).locator('input'));
        const slider = root.locator('.live-sliders input[type=range]').last();
        await slider.focus();
        await slider.press('ArrowRight');
        await slider.press('ArrowLeft');
        await slider.press('ArrowRight');
        const answer = await note(root, where);
        holds(near(await shown(cards.nth(block).locator('output')), answer[3 * block + 1], 3), `${key} is shown`);
        holds(near(await shown(root.locator('.live-a')), answer[3 * block], 3), `a of ${key} is shown`);
        holds(near(await shown(root.locator('.live-rise')), answer[3 * block + 2], 3), `the slope of ${key} is shown`);
    }
    await pick(root.locator('.live-choice input').nth(1));
    equal((await note(root, where)).length, 4 * 3 * 2, 'four blocks of two units');
    await root.locator('.live-sliders input[type=number]').first().fill('-1.25');
    await note(root, where);
    await root.getByRole('button').first().click();
    await note(root, where);
}

async function cell({ root, where, narrow }) {
    const steps = async () => Number(await root.getAttribute('data-at'));
    const buttons = root.getByRole('button');
    equal(await steps(), 0, 'at first');
    // Back, step, play, to the end, reset.
    await buttons.nth(3).click();
    equal(await steps(), 24, 'to the end');
    const gate = name => root.locator('.live-heat').evaluateAll((all, start) =>
        [...new Set(all.filter(one => one.title.startsWith(start)).map(one => one.style.getPropertyValue('--heat').match(/drawn-(\w+)/)[1]))].join(' '), `${name}(`);
    for (const [name, tone] of [['i', 'green'], ['f', 'purple'], ['o', 'gold']]) {
        equal(await gate(name), tone, `the colour of ${name}`);
    }
    await buttons.nth(4).click();
    equal(await steps(), 0, 'after a reset');
    await buttons.nth(1).click();
    await buttons.nth(1).click();
    await buttons.nth(1).click();
    equal(await steps(), 3, 'three steps');
    const answer = await note(root, where);
    const readout = root.locator('.live-readout output');
    // x_1, x_2, i, f, g, o, c, h of step 3.
    for (const [place, of] of [[2, 0], [3, 1], [4, 2], [5, 3], [6, 4], [7, 6]]) {
        holds(near(await shown(readout.nth(place)), answer[2 * 7 + of], 3), `number ${place} of step 3 is shown`);
    }
    await root.locator('.live-map').press('ArrowRight');
    equal(await steps(), 4, 'an arrow key steps on');
    equal(await root.locator('.live-map').getAttribute('aria-valuenow'), '4', 'and says so');
    if (!narrow) {
        // Nothing moves by itself where that is not wanted.
        await buttons.nth(2).click();
        equal(await steps(), 24, 'played to the end at once');
    }
    for (const preset of [1, 2, 3, 4]) {
        await pick(root.locator('.live-choice input').nth(preset));
        await note(root, where);
    }
    const field = root.locator('textarea').first();
    await field.fill('1 0 0 −0.5');
    equal((await note(root, where)).length, 4 * 7, 'four steps');
    await field.fill('1 0 zero');
    equal(await field.getAttribute('aria-invalid'), 'true', 'what is no number is said to be none');
    await root.locator('.live-sliders input[type=number]').nth(1).fill('2.5');
    await note(root, where);
}

async function gradcheck({ root, where }) {
    const mark = name => root.locator(`tr.live-${name} .live-mark`).textContent();
    await root.locator('.live-square[tabindex="0"]').press('ArrowDown');
    const slider = root.locator('input[type=number]');
    await slider.fill('1.5');
    await note(root, where);
    for (const name of ['central', 'dual']) {
        holds((await mark(name)).startsWith('✓'), `${name} agrees`);
    }
    equal(await root.locator('.live-off').count(), 0, 'numbers that disagree');
    const mistakes = root.locator('.live-choice input');
    equal(await mistakes.count(), 7, 'no mistake, and six');
    // Some change every number, others those of one block.
    for (const [mistake, least] of [[1, 40], [2, 20], [3, 20], [4, 20], [5, 20], [6, 40]]) {
        await pick(mistakes.nth(mistake));
        await note(root, where);
        const off = await root.locator('.live-off').count();
        holds(off >= least && off <= 90, `mistake ${mistake}: ${off} numbers disagree`);
    }
    await pick(mistakes.nth(1));
    await note(root, where);
    for (const name of ['central', 'dual']) {
        holds((await mark(name)).startsWith('✗'), `${name} parts when the carousel is dropped`);
    }
    await root.getByRole('button').last().click();
    await note(root, where);
    holds((await mark('dual')).startsWith('✓'), 'a reset brings the carousel back');
}

async function writer({ root, where }) {
    const text = () => root.getAttribute('data-text');
    const first = await text();
    await root.locator('textarea').fill('Nobody knows ');
    await note(root, where);
    const second = await text();
    holds(second.startsWith('Nobody knows ') && second.length > 150, `it goes on with what is typed: ${second}`);
    holds(second !== first, 'another beginning, another text');
    await root.getByRole('button').first().click();
    await note(root, where);
    const third = await text();
    holds(third.startsWith(second) && third.length > second.length + 100, 'it continues');
    await root.getByRole('button').nth(1).click();
    await note(root, where);
    holds(await text() !== second, 'it writes anew');
    const words = (await text()).split(/\s+/);
    holds(words.length > 15 && words.length < 100, `it writes words: ${words.length}`);
    const pointed = () => root.locator('.live-text span').evaluateAll(all => all.findIndex(span => span.matches('.live-pointed')));
    await root.locator('.live-text').press('Home');
    await root.locator('.live-text').press('ArrowRight');
    equal(await pointed(), 1, 'the character that the keys have gone to');
    const heat = () => root.locator('.live-text span').nth(20).evaluate(span => span.style.getPropertyValue('--heat'));
    const before = await heat();
    await pick(root.locator('.live-choice').first().locator('input').nth(2));
    holds(await heat() !== before, 'another number, another colour');
    // Cold: the likeliest, whatever the seed.
    await root.locator('.live-sliders input[type=number]').first().fill('0');
    const answer = await note(root, where);
    equal(Math.max(...answer.slice(7 * 128)), 1, 'at τ = 0 one character is certain');
    await root.locator('textarea').fill('中文 é');
    await note(root, where);
    holds((await root.locator('small.live-wrong').textContent()).includes('中'), 'what it does not know is said');
    await root.locator('textarea').fill('');
    await note(root, where);
}

async function attention({ root, where }) {
    const [source, target] = [0, 1].map(n => root.locator('textarea').nth(n));
    const columns = async () => await root.locator('.live-alpha thead th').count() - 1;
    const rows = root.locator('.live-alpha tbody tr');
    // α of row n, then p, the most probable word and its probability.
    const row = async n => {
        const [answer, width] = [await note(root, where), await columns() + 3];
        equal(answer.length, width * await rows.count(), 'a row for each word and the end');
        return answer.slice(n * width, (n + 1) * width);
    };
    equal(await root.getAttribute('data-target'), 'Hier ils n\' ont pas cherché cette lettre rouge', 'its translation');
    equal([await columns(), await rows.count()].join(), '9,10', 'columns and rows');
    for (let n = 0; n < 10; n += 1) {
        const alpha = (await row(n)).slice(0, 9);
        holds(Math.abs(alpha.reduce((sum, a) => sum + a) - 1) < TOLERANCE, `row ${n} sums to 1`);
        equal((await rows.nth(n).locator('td').nth(6).textContent()).replace(' ', ''), `${(100 * alpha[6]).toFixed(0)}%`, 'a cell in words');
    }
    const map = root.locator('.live-alpha');
    await map.press('End');
    await map.press('ArrowUp');
    equal(await rows.nth(8).getAttribute('class'), 'live-pointed', 'the row that the keys have gone to');
    equal(await root.getAttribute('data-most'), 'red', 'rouge looks at');
    holds((await root.locator('p.live-key[role=status]').textContent()).includes('red'), 'and says so');
    const usual = (await row(8))[9];
    // Forced: the adjective where English has it.
    await target.fill('Hier, ils n’ont pas cherché cette rouge lettre.');
    const forced = await row(7);
    holds(forced[9] < 0.5 * usual, `rouge before lettre is improbable: ${forced[9]}`);
    await root.getByRole('button').click();
    equal((await row(8))[9], usual, 'the model translates again');
    await source.fill('She bought a zebra.');
    await note(root, where);
    const wrong = root.locator('small.live-wrong');
    holds((await wrong.first().textContent()).includes('zebra'), 'what it does not know is said');
    equal(await columns(), 3, 'and left out');
    await root.locator('summary').click();
    await root.locator('.live-words span', { hasText: /^apple$/ }).click();
    equal(await source.inputValue(), 'She bought a zebra apple', 'a word that was tapped');
    await pick(root.locator('.live-choice input').nth(1));
    await note(root, where);
    equal(await columns(), 13, 'words of the second example');
    await source.fill('…');
    await drawn(root);
    holds(!await map.isVisible(), 'no word, no map');
    await pick(root.locator('.live-choice input').first());
    await note(root, where);
}

// Every answer again, by the crates as this machine compiles them.
function compare(book) {
    holds(asked.length > 0, 'nothing was asked');
    const command = process.env.CARGO ?? 'cargo';
    const lines = execFileSync(command, ['run', '--quiet', '--locked', '--package', 'lstm-live', '--', 'numbers'], {
        cwd: book.root, encoding: 'utf8', input: asked.map(({ call }) => call).join('\n'), maxBuffer: 1 << 28,
    }).trim().split('\n');
    equal(lines.length, asked.length, 'answers');
    let worst = 0;
    asked.forEach(({ where, call, answer }, n) => {
        const crates = JSON.parse(lines[n]);
        holds(Array.isArray(crates), `${where}: the crates have no answer to ${call.slice(0, 200)}`);
        equal(answer.length, crates.length, `${where}: numbers`);
        answer.forEach((value, place) => {
            const off = Math.abs(value - crates[place]) / Math.max(1, Math.abs(crates[place]));
            const limit = where.endsWith('gradcheck') ? limitOf(place) : where.endsWith('learner') ? TOLERANCE_OF_LEARNING : TOLERANCE;
            worst = Math.max(worst, off / limit);
            holds(off <= limit, `${where}: number ${place} is ${value} in the page, ${crates[place]} by the crates`);
        });
    });
    console.log(`${asked.length} answers compared; the worst is ${(100 * worst).toFixed(1)} % of what is allowed`);
}

// L, BPTT, dual numbers; then differences and what is measured with them; places of the worst are
// places of rounding, and anything may be there.
function limitOf(place) {
    const n = 90;
    const tail = place - 1 - 5 * n;
    if (place <= 2 * n) {
        return TOLERANCE;
    }
    if (tail < 0) {
        return TOLERANCE_OF_DIFFERENCES * 10;
    }
    return tail % 2 === 1 ? Infinity : TOLERANCE_OF_DIFFERENCES * 10;
}
