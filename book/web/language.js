// The way to the other language: the same page, the same section. Both have the same names for both.
(() => {
    'use strict';
    const FOLDER = 'zh-CN/';
    const chinese = document.documentElement.lang.startsWith('zh');
    const buttons = document.querySelector('#mdbook-menu-bar .right-buttons');
    if (!buttons) {
        return;
    }

    // The page's name within its language; both have their pages in one folder and its folders.
    const root = new URL(path_to_root || './', location.href).pathname;
    const page = location.pathname.startsWith(root) ? location.pathname.slice(root.length) : '';
    const other = (path_to_root || './') + (chinese ? '../' : FOLDER) + (page || 'index.html');

    // The last heading that has gone past the middle of the window, or what the address says.
    const section = () => {
        const bar = document.getElementById('mdbook-menu-bar').getBoundingClientRect().bottom;
        const line = Math.max(bar, 0) + innerHeight / 3;
        let found = '';
        for (const heading of document.querySelectorAll('main :is(h1, h2, h3, h4)[id]')) {
            if (heading.getBoundingClientRect().top > line) {
                break;
            }
            found = heading.id;
        }
        // An equation or an answer that the address names says more than the heading above it.
        const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
        if (named && named.getClientRects().length) {
            const top = named.getBoundingClientRect().top;
            if (top >= 0 && top < innerHeight) {
                return named.id;
            }
        }
        return scrollY > 0 ? found : '';
    };

    const link = document.createElement('a');
    link.id = 'language';
    link.className = 'icon-button';
    link.href = other;
    link.lang = link.hreflang = chinese ? 'en' : 'zh-CN';
    link.rel = 'alternate';
    link.textContent = chinese ? 'English' : '中文';
    link.title = chinese ? 'This page in English' : '本页的中文版';
    const aim = () => {
        const id = section();
        link.href = other + (id ? '#' + encodeURIComponent(id) : '');
    };
    // Whichever way it is about to be followed: by mouse, touch, keyboard, or in a new window.
    for (const event of ['pointerenter', 'pointerdown', 'focus', 'click']) {
        link.addEventListener(event, aim);
    }
    buttons.prepend(link);

    // mdBook's own words, which it has in English only.
    if (!chinese) {
        return;
    }
    const words = {
        'mdbook-sidebar-toggle': '目录',
        'mdbook-theme-toggle': '换主题',
        'mdbook-search-toggle': '搜索（/）',
        'mdbook-theme-default_theme': '自动',
        'mdbook-theme-light': '浅色',
        'mdbook-theme-rust': '铁锈',
        'mdbook-theme-coal': '炭黑',
        'mdbook-theme-navy': '海军蓝',
        'mdbook-theme-ayu': '暗夜',
    };
    for (const [id, word] of Object.entries(words)) {
        const element = document.getElementById(id);
        if (!element) {
            continue;
        }
        if (element.classList.contains('theme')) {
            element.textContent = word;
        } else {
            element.title = word;
            element.setAttribute('aria-label', word);
        }
    }
    const label = (selector, word) => {
        for (const element of document.querySelectorAll(selector)) {
            element.title = word;
            element.setAttribute('aria-label', word);
        }
    };
    label('.right-buttons a[href$="print.html"]', '打印全书');
    label('.nav-chapters.previous, .mobile-nav-chapters.previous', '上一章');
    label('.nav-chapters.next, .mobile-nav-chapters.next', '下一章');
    const search = document.getElementById('mdbook-searchbar');
    if (search) {
        search.placeholder = '搜索本书……';
    }
})();
