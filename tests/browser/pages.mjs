// Every page, by http and from a file, wide and narrow, light and dark.
import { equal, holds, noOverflow, nothingWrong } from './book.mjs';
import fs from 'node:fs';
import path from 'node:path';

export async function pages(book) {
    await book.tests(book.pages.flatMap(page => {
        const chinese = page.startsWith('zh-CN/');
        return [[`${page} by http`, async () => {
            const tab = await book.tab();
            await tab.goto(book.address(page));
            equal(await tab.evaluate(() => document.documentElement.lang), chinese ? 'zh-CN' : 'en', 'lang');
            await mathematics(tab);
            await noOverflow(tab);
            nothingWrong(tab);
            await tab.context().close();
        }], [`${page} from a file`, async () => {
            const tab = await book.tab();
            await tab.goto(book.address(page, 'file'));
            nothingWrong(tab);
            await tab.context().close();
        }], [`${page} narrow and dark`, async () => {
            const tab = await book.tab({ narrow: true, theme: 'navy' });
            await tab.goto(book.address(page));
            const [back, text] = await tab.evaluate(() => {
                const { backgroundColor, color } = getComputedStyle(document.querySelector('html'));
                return [backgroundColor, color];
            });
            holds(brightness(back) < 60 && brightness(text) > 120, `dark is ${text} on ${back}`);
            await noOverflow(tab);
            nothingWrong(tab);
            if (book.screenshots) {
                fs.mkdirSync(book.screenshots, { recursive: true });
                const name = page.replaceAll('/', '-').replace('.html', '.png');
                await tab.screenshot({ path: path.join(book.screenshots, name), fullPage: true });
            }
            await tab.context().close();
        }]];
    }));
    await book.test('there are formulas', async () => {
        let formulas = 0;
        for (const page of book.pages.filter(name => !/print|index/.test(name))) {
            formulas += fs.readFileSync(path.join(book.folder, page), 'utf8').split('<math').length - 1;
        }
        holds(formulas > 500, `only ${formulas} formulas in all pages`);
    });
}

function brightness(colour) {
    const [r, g, b] = colour.match(/[\d.]+/g).map(Number);
    return 0.3 * r + 0.59 * g + 0.11 * b;
}

// What is TeX has become MathML, and is seen.
async function mathematics(tab) {
    const { raw, unseen } = await tab.evaluate(() => {
        const raw = [];
        const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const { nodeValue, parentElement } = texts.currentNode;
            if (!parentElement.closest('pre, code, annotation, script, style')
                && /\$\$|\\(frac|sum|sigma|odot|partial|begin|text|mathrm)\b|\{\{#/.test(nodeValue)) {
                raw.push(nodeValue.trim().slice(0, 80));
            }
        }
        const unseen = [...document.querySelectorAll('main math')].filter(math => {
            const { width, height } = math.getBoundingClientRect();
            const folded = math.closest('details:not([open])') || math.closest('[hidden], .live-replaced');
            return !folded && (width < 2 || height < 4);
        });
        return { raw, unseen: unseen.slice(0, 3).map(math => math.textContent) };
    });
    holds(raw.length === 0, `left as it was written: ${raw.join(' | ')}`);
    holds(unseen.length === 0, `formulas without a size: ${unseen.join(' | ')}`);
}
