// Long names in code, of tests and of files, break behind `_`, `/` and `::` and not in the middle of
// a word, where a column or a phone is too narrow for them.
(() => {
    'use strict';
    const LONG = 12;
    for (const code of document.querySelectorAll('main :not(pre) > code')) {
        const text = code.textContent;
        if (text.length < LONG || code.childElementCount) {
            continue;
        }
        const parts = text.split(/(?<=[_/]|::)(?=\w)/);
        code.replaceChildren(...parts.flatMap((part, n) => n ? [document.createElement('wbr'), part] : [part]));
    }
})();
