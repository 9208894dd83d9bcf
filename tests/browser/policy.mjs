// The content-security policy: nothing that the pages do is against it, and it refuses what it should.
import { equal, holds, nothingWrong } from './book.mjs';

// What the widgets and the other suites do not touch: mdBook's own pages and controls.
async function controls(book, folder) {
    const tab = await book.tab();
    await tab.goto(book.address(`${folder}404.html`));
    await tab.goto(book.address(`${folder}introduction.html`));
    await tab.locator('#mdbook-theme-toggle').click();
    await tab.locator('#mdbook-theme-coal').click();
    holds(await tab.evaluate(() => document.documentElement.classList.contains('coal')), 'the theme changes');
    await tab.locator('#mdbook-sidebar-toggle').click();
    await tab.locator('#mdbook-search-toggle').click();
    await tab.locator('#mdbook-searchbar').pressSequentially('LSTM');
    await tab.locator('#mdbook-searchresults a').first().waitFor();
    await tab.locator('#mdbook-searchbar').press('Enter');
    await tab.keyboard.press('Escape');
    await tab.keyboard.press('?');
    await tab.goto(book.address(`${folder}gates.html`));
    await tab.locator('pre').first().hover();
    await tab.locator('pre .clip-button').first().click();
    nothingWrong(tab);
    await tab.context().close();
}

// Without scripts the table of contents is a page of its own, in a frame.
async function contents(book, folder) {
    const tab = await book.tab({ javaScriptEnabled: false });
    await tab.goto(book.address(`${folder}introduction.html`));
    const links = await tab.frameLocator('iframe').locator('a').count();
    holds(links > 15, `${links} links in the table of contents`);
    nothingWrong(tab);
    await tab.context().close();
}

// In a page: everything that a page with someone else's text in it could try.
async function attack() {
    const refused = [];
    addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective));
    const add = (name, attributes, text = '') => {
        const element = document.createElement(name);
        Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
        element.textContent = text;
        document.body.append(element);
        return element;
    };
    window.broken = [];
    add('script', {}, 'window.broken.push("script")');
    add('script', { src: 'data:text/javascript,window.broken.push("data")' });
    add('button', { onclick: 'window.broken.push("handler")' }).click();
    add('a', { href: 'javascript:void window.broken.push("address")' }).click();
    try {
        new Function('window.broken.push("eval")')();
    } catch (_) {
        // As it should be.
    }
    add('style', {}, 'body { outline: 9px solid red }');
    const styled = add('p', { style: 'outline: 9px solid red' });
    for (const element of [document.body, styled]) {
        if (getComputedStyle(element).outlineStyle !== 'none') {
            window.broken.push('style');
        }
    }
    add('img', { src: 'http://127.0.0.1:9/x.png' });
    add('form', { action: 'http://127.0.0.1:9/' }).submit();
    await fetch('http://127.0.0.1:9/').then(() => window.broken.push('fetch'), () => {});
    // Only a page that mdbook serves may connect, to its own server.
    const { content } = document.querySelector('meta[http-equiv="Content-Security-Policy" i]');
    if (!content.includes('connect-src')) {
        await fetch('index.html').then(() => window.broken.push('own fetch'), () => {});
    }
    await new Promise(done => setTimeout(done, 300));
    return { refused: [...new Set(refused)].sort().join(' '), broken: window.broken.join(' ') };
}

export async function policy(book) {
    for (const folder of ['', 'zh-CN/']) {
        await book.test(`policy: mdBook's own pages and controls in ${folder || 'en/'} keep to it`, () => controls(book, folder));
        await book.test(`policy: the frame with the contents in ${folder || 'en/'} keeps to it`, () => contents(book, folder));
    }
    for (const by of ['http', 'file']) {
        await book.test(`policy: it refuses foreign scripts, styles and requests (${by})`, async () => {
            const context = await book.browser.newContext();
            const page = await context.newPage();
            await page.goto(book.address('introduction.html', by));
            // From a timer: what is evaluated from outside may use `eval`.
            const run = `new Promise(done => setTimeout(() => done((${attack})())))`;
            const { refused, broken } = await page.evaluate(run);
            equal(broken, '', 'what was not refused');
            equal(refused, 'connect-src form-action img-src script-src script-src-attr script-src-elem style-src-attr style-src-elem', 'what was refused');
            await context.close();
        });
    }
    await book.test('policy: no page has tried anything against it', async () => {
        equal([...new Set(book.refused)].join('\n'), '', 'what was refused');
    });
}
