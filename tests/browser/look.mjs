// How the book looks and is read: the measure of its lines, its title, what is folded, what is asked.
import { equal, holds, nothingWrong } from './book.mjs';
import fs from 'node:fs';
import path from 'node:path';

const TABLE = fs.readFileSync(new URL('../../book/equations.toml', import.meta.url), 'utf8');

// The number of equations.
const EQUATIONS = TABLE.match(/^E\d+ =/gm).length;

export async function look(book) {
    for (const [folder, most] of [['', 76], ['zh-CN/', 37]]) {
        const where = folder || 'en/';
        await book.test(`look: a line of ${where} has at most ${most} characters`, () => measure(book, folder, most));
        await book.test(`look: the title of ${where} fits a phone`, () => title(book, folder));
        await book.test(`look: a guess in ${where} is kept`, () => guess(book, folder));
        await book.test(`look: documentation comments in ${where} fold`, () => comments(book, folder));
        await book.test(`look: a link to ${where} has a picture`, () => preview(book, folder));
    }
    await book.test('look: the names in the table of equations lead to their sources', () => sources(book));
}

// Characters of the longest full line, in the paragraphs without formulas.
async function measure(book, folder, most) {
    const tab = await book.tab();
    await tab.goto(book.address(`${folder}introduction.html`));
    const longest = await tab.evaluate(() => {
        const chinese = document.documentElement.lang.startsWith('zh');
        const lines = [...document.querySelectorAll('main > p')].filter(p => !p.querySelector('math')).flatMap(p => {
            const range = document.createRange();
            const counts = new Map();
            const texts = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                for (let n = 0; n < texts.currentNode.length; n += 1) {
                    range.setStart(texts.currentNode, n);
                    range.setEnd(texts.currentNode, n + 1);
                    const top = Math.round(range.getBoundingClientRect().top / 8);
                    // Between Chinese, a Latin letter takes half a character.
                    const wide = chinese && /[ -~]/.test(texts.currentNode.data[n]) ? 0.55 : 1;
                    counts.set(top, (counts.get(top) ?? 0) + wide);
                }
            }
            return [...counts.values()];
        });
        lines.sort((a, b) => a - b);
        // A line of narrow letters is longer than the others.
        return lines[Math.floor(0.9 * lines.length)];
    });
    holds(longest > 0.75 * most && longest <= most, `most lines have up to ${longest} characters`);
    const width = selector => tab.locator(selector).first().evaluate(node => node.getBoundingClientRect().width);
    await tab.goto(book.address(`${folder}gates.html`));
    holds(await width('main > pre') > 1.2 * await width('main > p'), 'code is wider than prose');
    holds(await width('main > figure, main > .live') > 1.2 * await width('main > p'), 'figures are wider than prose');
    await tab.context().close();
}

async function title(book, folder) {
    const tab = await book.tab({ narrow: true });
    await tab.goto(book.address(`${folder}introduction.html`));
    const [wide, has, below] = await tab.locator('.menu-title').evaluate(node => {
        const bar = document.querySelector('#mdbook-menu-bar').getBoundingClientRect();
        const range = document.createRange();
        range.selectNodeContents(node);
        const words = range.getBoundingClientRect();
        return [words.width, node.clientWidth, words.bottom - bar.bottom];
    });
    holds(wide <= has + 1, `the title is ${wide} wide, and has ${has}`);
    holds(below <= 1, `the title goes ${below} below the bar`);
    await tab.context().close();
}

async function guess(book, folder) {
    const tab = await book.tab();
    await tab.goto(book.address(`${folder}gates.html`));
    const field = tab.locator('.guess textarea');
    await field.fill('0.73');
    // A letter is a letter here, and no command of the page.
    await field.press('ArrowLeft');
    await tab.reload();
    equal(await field.inputValue(), '0.73', 'the guess after a reload');
    const pages = book.pages.filter(page => page.startsWith('zh-CN/') === (folder !== '') && !/print|index/.test(page)
        && /<h2 id="predict"/.test(fs.readFileSync(path.join(book.folder, page), 'utf8')));
    holds(pages.length > 8, `${pages.length} pages ask for a guess`);
    for (const page of pages) {
        await tab.goto(book.address(page), { waitUntil: 'domcontentloaded' });
        equal(await tab.locator('.guess textarea').count(), 1, `fields for a guess in ${page}`);
    }
    nothingWrong(tab);
    await tab.context().close();
}

async function comments(book, folder) {
    const tab = await book.tab();
    await tab.goto(book.address(`${folder}cell.html`));
    await tab.evaluate(() => document.querySelectorAll('details').forEach(one => { one.open = true; }));
    const button = tab.locator('.doc-fold').first();
    const rest = tab.locator('.doc-rest').first();
    holds(!await rest.isVisible(), 'folded at first');
    await button.focus();
    await button.press('Enter');
    holds(await rest.isVisible(), 'the button shows it');
    equal(await button.getAttribute('aria-expanded'), 'true', 'and says so');
    await button.press('Enter');
    holds(!await rest.isVisible(), 'and folds it again');
    nothingWrong(tab);
    await tab.context().close();
}

async function preview(book, folder) {
    const tab = await book.tab();
    await tab.goto(book.address(`${folder}gates.html`));
    const picture = await tab.locator('meta[property="og:image"]').getAttribute('content');
    holds(!/^\w+:|^\//.test(picture), `the picture's path is relative: ${picture}`);
    const file = path.join(book.folder, folder, picture);
    const png = fs.readFileSync(file);
    equal(`${png.readUInt32BE(16)}×${png.readUInt32BE(20)}`, '1200×630', 'the size of the picture');
    await tab.context().close();
}

async function sources(book) {
    const tab = await book.tab();
    for (const folder of ['', 'zh-CN/']) {
        await tab.goto(book.address(`${folder}traceability.html`));
        equal(await tab.locator('.trace').count(), EQUATIONS, 'cards');
        const link = tab.locator('.trace a', { hasText: 'lstm_gates::preactivation' }).first();
        await link.click();
        await tab.waitForURL(/gate\.rs\.txt$/);
        holds((await tab.locator('body').textContent()).includes('pub fn preactivation'), 'the source is shown');
    }
    await tab.context().close();
}
