// Paper. Nothing can be unfolded there, so answers and solutions are printed open; a dark theme's
// listings are printed light; and a short listing stands on one page (a long one would leave half a
// page empty before it). After printing the page is what it was.
(() => {
    'use strict';
    const SHORT = 24;
    for (const listing of document.querySelectorAll('main pre')) {
        const lines = listing.textContent.split('\n').length;
        listing.classList.toggle('short', lines <= SHORT);
    }

    const sheets = ['mdbook-highlight-css', 'mdbook-tomorrow-night-css', 'mdbook-ayu-highlight-css']
        .map(id => document.getElementById(id));
    let back = [];
    const set = (object, key, value) => {
        const before = object[key];
        if (before !== value) {
            back.push(() => { object[key] = before; });
            object[key] = value;
        }
    };
    const prepare = () => {
        document.querySelectorAll('main details').forEach(details => set(details, 'open', true));
        sheets.forEach((sheet, n) => sheet && set(sheet, 'disabled', n > 0));
    };
    const restore = () => {
        back.forEach(undo => undo());
        back = [];
    };
    addEventListener('beforeprint', prepare);
    addEventListener('afterprint', restore);
    // What the book is called, and its chapters, on a page before them.
    const cover = () => {
        const page = document.createElement('section');
        page.className = 'cover';
        const line = (name, text) => {
            const paragraph = document.createElement('p');
            paragraph.className = name;
            paragraph.textContent = text;
            page.append(paragraph);
        };
        line('cover-title', document.title);
        line('cover-about', document.querySelector('meta[name="description"]')?.content ?? '');
        const list = document.createElement('ol');
        for (const heading of document.querySelectorAll('main h1[id]')) {
            const link = document.createElement('a');
            link.href = `#${heading.id}`;
            link.textContent = heading.textContent;
            const item = document.createElement('li');
            item.append(link);
            list.append(item);
        }
        page.append(list);
        document.querySelector('main').prepend(page);
    };
    // The page of the whole book is for paper only, and prints itself as soon as it is loaded.
    if (/\/print\.html$/.test(location.pathname)) {
        cover();
        prepare();
        back = [];
    }
})();
