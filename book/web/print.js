// On paper nothing can be unfolded: answers and solutions are printed open, and closed again after.
// And a short listing should stand on one page; a long one would leave half a page empty before it.
(() => {
    'use strict';
    const SHORT = 24;
    for (const listing of document.querySelectorAll('main pre')) {
        const lines = listing.textContent.split('\n').length;
        listing.classList.toggle('short', lines <= SHORT);
    }

    let opened = [];
    const open = () => {
        opened = [...document.querySelectorAll('main details:not([open])')];
        opened.forEach(details => { details.open = true; });
    };
    const close = () => {
        opened.forEach(details => { details.open = false; });
        opened = [];
    };
    addEventListener('beforeprint', open);
    addEventListener('afterprint', close);
    // The page of the whole book prints itself as soon as it is loaded, and is for paper only.
    if (/\/print\.html$/.test(location.pathname)) {
        open();
        opened = [];
    }
})();
