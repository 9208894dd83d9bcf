// "Predict before you run": a field for the guess, which stays in sight beside the answer. It is kept in
// this browser and goes nowhere.
(() => {
    'use strict';
    const chinese = document.documentElement.lang.startsWith('zh');
    const say = chinese
        ? { label: '先写下你的猜测', kept: '只保存在本浏览器中。' }
        : { label: 'Write your guess first', kept: 'Kept in this browser only.' };

    // A browser may forbid its storage; the field works all the same.
    const storage = {
        key: `lstm-guess ${location.pathname.split('/').at(-1)}`,
        read() {
            try {
                return localStorage.getItem(this.key) ?? '';
            } catch (_) {
                return '';
            }
        },
        write(text) {
            try {
                localStorage.setItem(this.key, text);
            } catch (_) {
                // Then it is not kept.
            }
        },
    };

    document.addEventListener('DOMContentLoaded', () => {
        const print = /\/print(\.html)?$/.test(location.pathname);
        // mdBook puts the identifier on the heading; the answer is the first fold behind it.
        let next = print ? null : document.getElementById('predict');
        while (next && !(next.matches('details') && !next.matches('.listing'))) {
            next = next.nextElementSibling;
            if (next?.matches('h1, h2')) {
                return;
            }
        }
        if (!next) {
            return;
        }
        const field = Object.assign(document.createElement('textarea'), { rows: 2, value: storage.read() });
        field.addEventListener('input', () => storage.write(field.value));
        // Elsewhere arrow keys turn the page, and letters are commands.
        field.addEventListener('keydown', event => event.stopPropagation());
        const label = Object.assign(document.createElement('label'), { className: 'guess' });
        const note = Object.assign(document.createElement('small'), { textContent: say.kept });
        const name = Object.assign(document.createElement('span'), { textContent: say.label });
        label.append(name, field, note);
        next.before(label);
    });
})();
