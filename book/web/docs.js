// The documentation comments of a listing: the first line stays, the others are folded behind a button.
// Without scripts, and on paper, all of them are there.
(() => {
    'use strict';
    const chinese = document.documentElement.lang.startsWith('zh');
    const say = chinese ? ['展开文档注释', '收起文档注释'] : ['Show the documentation comment', 'Fold the documentation comment'];
    // As many lines stay as they are.
    const SHORT = 2;

    const isComment = node => node.nodeType === Node.ELEMENT_NODE && node.matches('.hljs-comment')
        && /^\/\/[/!]/.test(node.textContent);
    const isSpace = node => node.nodeType === Node.TEXT_NODE && node.textContent.trim() === '';

    // Runs of comments among the nodes of a listing, with the space between them.
    const runs = parent => {
        const found = [];
        let run = [];
        for (const node of [...parent.childNodes, null]) {
            if (node && (isComment(node) || (run.length && isSpace(node)))) {
                run.push(node);
                continue;
            }
            while (run.length && isSpace(run.at(-1))) {
                run.pop();
            }
            if (run.filter(isComment).length > SHORT) {
                found.push(run);
            }
            run = [];
        }
        return found;
    };

    const fold = ([first, ...rest]) => {
        const folded = Object.assign(document.createElement('span'), { className: 'doc-rest', hidden: true });
        const button = Object.assign(document.createElement('button'), { type: 'button', className: 'doc-fold' });
        const set = open => {
            folded.hidden = !open;
            button.setAttribute('aria-expanded', String(open));
            button.setAttribute('aria-label', say[Number(open)]);
            button.title = say[Number(open)];
        };
        button.addEventListener('click', () => set(folded.hidden));
        first.after(button, folded);
        folded.append(...rest);
        set(false);
    };

    document.addEventListener('DOMContentLoaded', () => {
        if (/\/print(\.html)?$/.test(location.pathname)) {
            return;
        }
        // mdBook has coloured the listings by now.
        for (const code of document.querySelectorAll('main pre code.language-rust, main pre code.hljs')) {
            for (const parent of [code, ...code.querySelectorAll('.boring')]) {
                runs(parent).forEach(fold);
            }
        }
    });
})();
