// The picture for link previews: the book's title, and the drawing of a cell from "The LSTM on one page".
import { Book } from './book.mjs';
import path from 'node:path';

const SIZE = { width: 1200, height: 630 };

const book = await Book.open({ only: '' });
const tab = await book.tab({ reducedMotion: 'reduce', viewport: SIZE });
await tab.goto(book.address('one-page.html'));
await tab.evaluate(() => {
    const drawing = document.querySelector('.stages svg');
    const card = document.createElement('div');
    const title = Object.assign(document.createElement('h1'), { textContent: document.querySelector('.menu-title').textContent });
    const about = Object.assign(document.createElement('p'), { textContent: document.querySelector('meta[name="description"]').content });
    const left = document.createElement('div');
    left.append(title, about);
    card.className = 'stages';
    card.append(left, drawing);
    document.body.replaceChildren(card);
    const set = (node, style) => Object.assign(node.style, style);
    set(document.documentElement, { fontSize: '10px' });
    set(document.body, { background: '#fbfaf7', color: '#222', margin: '0' });
    set(card, {
        alignItems: 'center', background: '#fbfaf7', boxSizing: 'border-box', display: 'grid', gap: '40px',
        gridTemplateColumns: '440px 1fr', height: '630px', margin: '0', padding: '50px 60px', width: '1200px',
    });
    set(title, { fontSize: '68px', fontWeight: '700', lineHeight: '1.1', margin: '0 0 24px' });
    set(about, { fontSize: '28px', lineHeight: '1.4', margin: '0' });
    set(drawing, { height: 'auto', maxWidth: 'none', width: '640px' });
});
await tab.screenshot({ path: path.join(book.root, 'book/en/preview.png') });
await book.close();
