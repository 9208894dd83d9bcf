// Live pages. Each `<div class="live" data-live="NAME" hidden>` becomes the widget NAME, which takes
// the place of the figure behind it. Without scripts, or without WebAssembly, the figure stays.
//
// No number of the LSTM is computed here: the widgets hand theirs to the workspace's crates, compiled
// to WebAssembly (engine.js), and show what comes back.
(() => {
    'use strict';
    const chinese = document.documentElement.lang.startsWith('zh');
    const widgets = new Map();
    const words = new Map();
    const data = new Map();

    // A promise, and the way to keep it.
    const slot = name => {
        if (!data.has(name)) {
            const entry = {};
            entry.promise = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
            data.set(name, entry);
        }
        return data.get(name);
    };

    const live = window.lstmLive = {
        chinese,

        // A widget: builds itself in `root`. It has `await`ed all it needs when it returns.
        widget(name, build) {
            widgets.set(name, build);
        },

        // Texts of a widget by their names, in both languages.
        words(widget, table) {
            words.set(widget, table);
        },

        // The texts of `widget` in the language of the page.
        say(widget) {
            const table = words.get(widget);
            return key => table[key][chinese ? 1 : 0];
        },

        // What a script in the folder `live` brings: a page opened from a file may load nothing else.
        data(name, value) {
            slot(name).resolve(value);
        },

        // Loads that script, once.
        load(name) {
            const entry = slot(name);
            if (!entry.asked) {
                entry.asked = true;
                const script = document.createElement('script');
                script.src = `${path_to_root || './'}${chinese ? '../' : ''}live/${name}.js`;
                script.onerror = () => entry.reject(new Error(`live/${name}.js cannot be loaded`));
                document.head.append(script);
            }
            return entry.promise;
        },

        // Bytes from the text that stands for them.
        bytes(text) {
            return Uint8Array.from(atob(text), c => c.charCodeAt(0));
        },
    };

    const mount = async place => {
        const name = place.dataset.live;
        const build = widgets.get(name);
        if (!build) {
            return;
        }
        const root = document.createElement('div');
        root.className = `live-widget live-${name}`;
        // Elsewhere arrow keys turn the page, and letters are commands.
        root.addEventListener('keydown', event => {
            if (event.key.startsWith('Arrow') || event.target.matches('textarea, input[type="number"]')) {
                event.stopPropagation();
            }
        });
        await build(root);
        place.append(root);
        place.hidden = false;
        const figure = place.nextElementSibling;
        if (figure && figure.matches('figure')) {
            figure.classList.add('live-replaced');
        }
        place.dataset.ready = 'true';
    };

    document.addEventListener('DOMContentLoaded', () => {
        const places = document.querySelectorAll('main .live[data-live]');
        // The whole book on one page is for paper.
        const print = /\/print(\.html)?$/.test(location.pathname);
        if (print || typeof WebAssembly !== 'object') {
            return;
        }
        places.forEach(place => mount(place).catch(error => {
            place.dataset.failed = error.message;
        }));
    });
})();
