// Search for Chinese. mdBook's index knows words between spaces, and Chinese has none; but the index
// also holds the text of every section. A query with a Chinese character is looked up there, letter
// by letter; any other query goes where it always went. What is found is put in the order in which
// a reader wants it: first where a matter is explained, then where it is practised and listed.
(() => {
    'use strict';
    const CHINESE = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[\ud840-\ud87f]/;
    const BEFORE = 24, AFTER = 72;
    const SHARE = 0.2;
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

    // What lists a matter, and what asks about it, comes behind what explains it.
    const LISTS = /^(errata|faq|glossary|traceability|reading)\.html|#(exercises|programs|questions|tests|article|predict|today|superseded)$/;

    // `found`, the best first: the section's own worth, and a share of what its page says altogether.
    const ordered = (found, query) => {
        const phrase = query.trim().toLowerCase();
        const pages = new Map();
        const rated = found.map(one => {
            const url = window.search.doc_urls[one.ref] ?? '';
            const page = url.split('#')[0];
            // A heading that is hardly more than the query is what was looked for, wherever it stands.
            const meant = phrase.length >= 0.6 * one.doc.title.length;
            const named = one.doc.title.toLowerCase().includes(phrase) ? 2 : 1;
            const said = one.doc.body.toLowerCase().includes(phrase) ? 1.5 : 1;
            const own = one.score * named * said * (LISTS.test(url) && !(meant && named > 1) ? 0.05 : 1);
            pages.set(page, (pages.get(page) ?? 0) + own);
            return { one, page, own };
        });
        // The best first, and among equals the order of the book.
        const worth = ({ own, page }) => own + SHARE * pages.get(page);
        return rated.sort((a, b) => worth(b) - worth(a) || a.one.ref - b.one.ref).map(({ one }) => one);
    };

    // 遗忘门偏置 is found where 遗忘门的偏置 stands.
    const bare = text => text.toLowerCase().replaceAll('的', '') || text;

    const lookUp = (documents, terms) => {
        const found = [], sought = terms.map(bare);
        for (const [ref, doc] of Object.entries(documents)) {
            const title = bare(doc.title), body = bare(doc.body);
            const all = sought.every(term => title.includes(term) || body.includes(term));
            if (!all) {
                continue;
            }
            let score = 0;
            for (const term of sought) {
                score += 20 * count(title, term) + count(body, term);
            }
            found.push({ ref, score, doc });
        }
        return found;
    };

    index.prototype.search = function(query, options) {
        const chinese = CHINESE.test(query);
        const results = chinese ? [] : usual.call(this, query, options);
        const inChinese = document.documentElement.lang.startsWith('zh');
        // In a Chinese page a Latin word may touch Chinese ones, where the usual search misses it.
        if (!chinese && (results.length > 0 || !inChinese)) {
            return ordered(results, query);
        }
        const terms = query.toLowerCase().split(/[\s\u3000]+/).filter(term => term);
        const found = terms.length ? lookUp(this.documentStore.docs, terms) : [];
        return ordered(found, query)
            .map(({ doc, ...rest }) => ({ ...rest, doc: { ...doc, body: teaser(doc.body, terms) } }));
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
