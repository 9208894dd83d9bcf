// The way to the other language: the same page, the same section, and back.
import { equal, holds, nothingWrong } from './book.mjs';
import path from 'node:path';

export async function languages(book) {
    const english = book.pages.filter(page => !page.startsWith('zh-CN/'));
    for (const by of ['http', 'file']) {
        await book.test(`every page has its other language (${by})`, async () => {
            const tab = await book.tab();
            for (const page of english.filter(name => book.pages.includes(`zh-CN/${name}`))) {
                await tab.goto(book.address(page, by), { waitUntil: 'domcontentloaded' });
                const there = await tab.locator('#language').evaluate(link => link.href);
                equal(there, book.address(`zh-CN/${page}`, by), page);
                await tab.goto(there, { waitUntil: 'domcontentloaded' });
                const back = await tab.locator('#language').evaluate(link => link.href);
                equal(back, book.address(page, by), `zh-CN/${page}`);
            }
            nothingWrong(tab);
            await tab.context().close();
        });
        await book.test(`the switch lands on the same section (${by})`, async () => {
            const tab = await book.tab();
            await tab.goto(book.address('gates.html', by));
            // A section in the middle, as a reader comes to it.
            const id = await tab.evaluate(() => {
                const headings = [...document.querySelectorAll('main h2[id]')];
                const heading = headings[Math.floor(headings.length / 2)];
                heading.scrollIntoView();
                return heading.id;
            });
            await tab.waitForTimeout(200);
            await tab.locator('#language').click();
            await tab.waitForURL(url => url.pathname.includes('/zh-CN/'));
            equal(path.posix.basename(new URL(tab.url()).pathname), 'gates.html', 'the page');
            equal(new URL(tab.url()).hash, `#${id}`, 'the section');
            holds(await tab.locator(`#${id}`).isVisible(), 'the section is there');
            nothingWrong(tab);
            await tab.context().close();
        });
    }
}
