// Search finds words in both languages.
import { equal, holds, nothingWrong } from './book.mjs';

const QUERIES = [
    ['', 'forget gate', 'gates.html'],
    ['', 'carousel', 'carousel.html'],
    ['zh-CN/', '遗忘门', 'gates.html'],
    ['zh-CN/', '误差传送带', 'carousel.html'],
    ['zh-CN/', 'LSTM', ''],
];

// What a reader types, and the page that is wanted at the top.
const FIRST = {
    '': {
        'forget gate bias': 'gates.html#forget-bias',
        'vanishing gradient': 'forgetting.html',
        'gradient check': 'carousel.html',
        'beam search': 'generation.html',
        'PyTorch gate order': 'exchange.html',
        'cell state': 'cell.html',
        'perplexity': 'model.html#perplexity',
        'attention': 'translation.html#attention',
        'truncated backpropagation': 'truncation.html',
        'Viterbi': 'roles.html#viterbi',
        'why is training slow': 'faq.html#slow',
    },
    'zh-CN/': {
        '遗忘门偏置': 'gates.html#forget-bias',
        '梯度消失': 'forgetting.html',
        '梯度检查': 'carousel.html',
        '束搜索': 'generation.html',
        'PyTorch 顺序': 'exchange.html',
        '细胞状态': 'states.html',
        '困惑度': 'model.html#perplexity',
        '注意力': 'translation.html#attention',
        '截断': 'truncation.html',
        '温度': 'sampling.html#temperature',
        '采样': 'sampling.html',
    },
};

// mdBook looks when a key is let go, and a letter that came from an input method lets none go.
async function type(tab, query) {
    const field = tab.locator('#mdbook-searchbar');
    await field.pressSequentially(query, { delay: 10 });
    await field.press('Shift');
}

export async function search(book) {
    for (const [folder, queries] of Object.entries(FIRST)) {
        await book.test(`search in ${folder || 'en/'} puts what explains first`, async () => {
            const tab = await book.tab();
            await tab.goto(book.address(`${folder}introduction.html`));
            await tab.locator('#mdbook-search-toggle').click();
            const wrong = [];
            for (const [query, expected] of Object.entries(queries)) {
                await tab.locator('#mdbook-searchbar').fill('');
                await type(tab, query);
                // The count above the results names the query that they answer.
                await tab.locator('#mdbook-searchresults-header', { hasText: query }).waitFor();
                const link = await tab.locator('#mdbook-searchresults a').first().getAttribute('href');
                if (!link.replace(/\?[^#]*/, '').endsWith(expected) && !link.includes(`${expected}?`)) {
                    wrong.push(`${query}: ${link}`);
                }
            }
            holds(wrong.length === 0, wrong.join('\n'));
            nothingWrong(tab);
            await tab.context().close();
        });
    }
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
