// The book, served and opened: what all suites share.
import { chromium } from 'playwright-core';
import fs from 'node:fs';
import http from 'node:http';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const TYPES = {
    '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
    '.png': 'image/png', '.txt': 'text/plain', '.woff2': 'font/woff2', '.woff': 'font/woff', '.ttf': 'font/ttf',
};
const NARROW = { width: 360, height: 740 };
const WIDE = { width: 1280, height: 900 };

// A Chromium that is installed.
function browser() {
    const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
    const places = (process.env.PATH ?? '').split(path.delimiter)
        .flatMap(folder => names.map(name => path.join(folder, name)));
    const found = process.env.CHROMIUM ?? places.find(place => fs.existsSync(place));
    if (!found) {
        throw new Error('no Chromium on the PATH: install it, or name it in CHROMIUM');
    }
    return found;
}

function serve(folder) {
    const server = http.createServer((request, response) => {
        const { pathname } = new URL(request.url, 'http://book');
        const file = path.join(folder, decodeURIComponent(pathname));
        if (!file.startsWith(folder) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) {
            response.writeHead(404).end();
            return;
        }
        response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' });
        fs.createReadStream(file).pipe(response);
    });
    return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function walk(folder, within = '') {
    return fs.readdirSync(path.join(folder, within), { withFileTypes: true }).flatMap(entry => {
        const name = within ? `${within}/${entry.name}` : entry.name;
        return entry.isDirectory() ? walk(folder, name) : [name];
    });
}

export class Book {
    static async open({ folder = path.join(ROOT, 'book/html'), only, screenshots }) {
        const book = new Book();
        book.folder = path.resolve(folder);
        if (!fs.existsSync(path.join(book.folder, 'index.html'))) {
            throw new Error(`${book.folder} holds no book: build it first, with \`mdbook build book\``);
        }
        // What mdBook makes for its own use is no page of the book.
        book.pages = walk(book.folder).filter(name => name.endsWith('.html') && !/(^|\/)(toc|404)\.html$/.test(name));
        book.root = ROOT;
        book.only = only;
        // What pages have tried against their content-security policy.
        book.refused = [];
        book.screenshots = screenshots;
        book.server = await serve(book.folder);
        book.origin = `http://127.0.0.1:${book.server.address().port}`;
        book.browser = await chromium.launch({ executablePath: browser(), args: ['--no-sandbox'] });
        book.counts = { passed: 0, failed: [] };
        return book;
    }

    async close() {
        await this.browser.close();
        this.server.close();
    }

    // Where a page is, by `http` or by `file`.
    address(page, by = 'http') {
        return by === 'http' ? `${this.origin}/${page}` : pathToFileURL(path.join(this.folder, page)).href;
    }

    async test(name, run) {
        // Words with a bar between them: any of them.
        if (this.only && !this.only.split('|').some(word => name.includes(word))) {
            return;
        }
        try {
            await run();
            this.counts.passed += 1;
        } catch (error) {
            this.counts.failed.push(name);
            const lines = error.message.split('\n').map(line => line.slice(0, 300));
            console.log(`FAILED  ${name}\n        ${lines.join('\n        ')}`);
        }
    }

    // Several tests, as many at a time as the machine has processors.
    async tests(list) {
        const rest = [...list];
        const work = async () => {
            while (rest.length) {
                await this.test(...rest.shift());
            }
        };
        await Promise.all(Array.from({ length: availableParallelism() }, work));
    }

    report() {
        const { passed, failed } = this.counts;
        console.log(`${passed} passed, ${failed.length} failed; ${this.pages.length} pages of ${this.folder}`);
        return failed.length || !passed ? 1 : 0;
    }

    // A tab that is `narrow` or not, in a theme. What goes wrong in it is kept: `tab.wrong`.
    async tab({ narrow = false, theme = 'light', ...rest } = {}) {
        const context = await this.browser.newContext({ viewport: narrow ? NARROW : WIDE, ...rest });
        await context.addInitScript(name => localStorage.setItem('mdbook-theme', name), theme);
        await context.exposeBinding('policyRefuses', (_, what) => this.refused.push(what));
        await context.addInitScript(() => addEventListener('securitypolicyviolation', event => {
            window.policyRefuses(`${location.href}: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
        }));
        // Pages left behind by `mdbook serve` listen for changes; here nobody would answer them.
        await context.routeWebSocket(/__livereload$/, () => {});
        const tab = await context.newPage();
        // The whole book on one page takes its time on a busy machine; how long is no question here.
        tab.setDefaultTimeout(120_000);
        tab.wrong = [];
        tab.on('console', message => {
            if (['error', 'warning'].includes(message.type())) {
                tab.wrong.push(`console: ${message.text()}`);
            }
        });
        tab.on('pageerror', error => tab.wrong.push(`error: ${error.message}`));
        tab.on('requestfailed', request => {
            // A page that is left takes back what it asked for.
            if (request.failure()?.errorText !== 'net::ERR_ABORTED') {
                tab.wrong.push(`cannot be loaded: ${request.url()}`);
            }
        });
        tab.on('response', response => {
            if (response.status() >= 400) {
                tab.wrong.push(`${response.status()}: ${response.url()}`);
            }
        });
        tab.on('request', request => {
            const own = [`${this.origin}/`, pathToFileURL(this.folder).href, 'data:', 'blob:'];
            if (!own.some(start => request.url().startsWith(start))) {
                tab.wrong.push(`leaves the book: ${request.url()}`);
            }
        });
        return tab;
    }
}

// Fails with what went wrong in a tab since it was opened.
export function nothingWrong(tab) {
    if (tab.wrong.length) {
        throw new Error(tab.wrong.join('\n'));
    }
}

export function equal(found, expected, what) {
    if (found !== expected) {
        throw new Error(`${what}: ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
    }
}

export function holds(condition, what) {
    if (!condition) {
        throw new Error(what);
    }
}

// No part of the page is wider than the window.
export async function noOverflow(tab) {
    const wide = await tab.evaluate(() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) {
            return [];
        }
        // What is cut off or scrolls in a box of its own does not count.
        const boxed = element => {
            for (let box = element.parentElement; box; box = box.parentElement) {
                if (getComputedStyle(box).overflowX !== 'visible' && box !== document.body) {
                    return true;
                }
            }
            return false;
        };
        return [...document.querySelectorAll('main *')]
            .filter(element => element.getBoundingClientRect().right > width + 1 && !boxed(element))
            .slice(0, 4)
            .map(element => `${element.tagName.toLowerCase()}.${element.className} ${element.textContent.trim().slice(0, 60)}`)
            .concat(`the page is ${document.documentElement.scrollWidth} wide`);
    });
    holds(wide.length === 0, `wider than the window: ${wide.join(' | ')}`);
}
