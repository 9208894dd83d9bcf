// Search finds words in both languages.
import { equal, holds, nothingWrong } from './book.mjs';

const QUERIES = [
    ['', 'forget gate', 'gates.html'],
    ['', 'carousel', 'bptt.html'],
    ['zh-CN/', '遗忘门', 'gates.html'],
    ['zh-CN/', '误差传送带', 'bptt.html'],
    ['zh-CN/', 'LSTM', ''],
];

// mdBook looks when a key is let go, and a letter that came from an input method lets none go.
async function type(tab, query) {
    const field = tab.locator('#mdbook-searchbar');
    await field.pressSequentially(query, { delay: 10 });
    await field.press('Shift');
}

export async function search(book) {
    for (const by of ['http', 'file']) {
        for (const [folder, query, expected] of QUERIES) {
            await book.test(`search for ${query} (${by})`, async () => {
                const tab = await book.tab();
                await tab.goto(book.address(`${folder}introduction.html`, by));
                await tab.locator('#mdbook-search-toggle').click();
                await type(tab, query);
                const results = tab.locator('#mdbook-searchresults a');
                await results.first().waitFor();
                const links = await results.evaluateAll(all => all.map(a => a.getAttribute('href')));
                holds(links.some(link => link.includes(expected)), `no ${expected} in ${links.join(' ')}`);
                // It leads to a page of the same language in which the words are marked.
                await results.first().click();
                await tab.waitForURL(url => url.search.includes('highlight'));
                equal(tab.url().includes('/zh-CN/'), folder !== '', 'the language');
                await tab.locator('main mark').first().waitFor({ state: 'attached' });
                nothingWrong(tab);
                await tab.context().close();
            });
        }
        await book.test(`what is nowhere is not found (${by})`, async () => {
            const tab = await book.tab();
            for (const [folder, query] of [['', 'xyzzyplugh'], ['zh-CN/', '鹦鹉螺号']]) {
                await tab.goto(book.address(`${folder}introduction.html`, by));
                await tab.locator('#mdbook-search-toggle').click();
                await type(tab, query);
                await tab.waitForTimeout(800);
                equal(await tab.locator('#mdbook-searchresults a').count(), 0, query);
            }
            nothingWrong(tab);
            await tab.context().close();
        });
    }
}
