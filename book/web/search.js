// Search for Chinese. mdBook's index knows words between spaces, and Chinese has none; but the index
// also holds the text of every section. A query with a Chinese character is looked up there, letter
// by letter; any other query goes where it always went.
(() => {
    'use strict';
    const CHINESE = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[\ud840-\ud87f]/;
    const BEFORE = 24, AFTER = 72;
    const index = window.elasticlunr && window.elasticlunr.Index;
    if (!index) {
        return;
    }
    const usual = index.prototype.search;

    // Where a term stands first, and the text about it. The spaces let mdBook mark the term.
    const teaser = (text, terms) => {
        const lower = text.toLowerCase();
        const places = terms.map(term => lower.indexOf(term)).filter(at => at >= 0);
        const at = places.length ? Math.min(...places) : 0;
        const from = Math.max(0, at - BEFORE), to = Math.min(text.length, at + AFTER);
        let cut = text.slice(from, to);
        for (const term of terms) {
            const pattern = term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
            cut = cut.replace(new RegExp(pattern, 'gi'), ' $& ');
        }
        cut = cut.replace(/\s+/g, ' ').trim();
        return (from > 0 ? '…' : '') + ' ' + cut + ' ' + (to < text.length ? '…' : '');
    };

    const count = (text, term) => text.split(term).length - 1;

    const lookUp = (documents, terms) => {
        const found = [];
        for (const [ref, doc] of Object.entries(documents)) {
            const title = doc.title.toLowerCase(), body = doc.body.toLowerCase();
            const all = terms.every(term => title.includes(term) || body.includes(term));
            if (!all) {
                continue;
            }
            let score = 0;
            for (const term of terms) {
                score += 20 * count(title, term) + count(body, term);
            }
            const shown = { ...doc, body: teaser(doc.body, terms) };
            found.push({ ref, score, doc: shown });
        }
        // The best first, and among equals the order of the book.
        return found.sort((a, b) => b.score - a.score || a.ref - b.ref);
    };

    index.prototype.search = function(query, options) {
        const chinese = CHINESE.test(query);
        const results = chinese ? [] : usual.call(this, query, options);
        const inChinese = document.documentElement.lang.startsWith('zh');
        // In a Chinese page a Latin word may touch Chinese ones, where the usual search misses it.
        if (!chinese && (results.length > 0 || !inChinese)) {
            return results;
        }
        const terms = query.toLowerCase().split(/[\s\u3000]+/).filter(term => term);
        return terms.length ? lookUp(this.documentStore.docs, terms) : [];
    };

    // The count above the results, in Chinese.
    const header = document.getElementById('mdbook-searchresults-header');
    if (header && document.documentElement.lang.startsWith('zh')) {
        new MutationObserver(() => {
            const text = header.textContent;
            const match = /^(No|\d+) search results? for '(.*)'[.:]$/s.exec(text);
            if (match) {
                header.textContent = match[1] === 'No'
                    ? `没有找到“${match[2]}”。`
                    : `“${match[2]}”：${match[1]} 条结果`;
            }
        }).observe(header, { childList: true, characterData: true, subtree: true });
    }
})();
