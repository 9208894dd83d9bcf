// The whole book on paper: nothing is cut off, all is open, and a PDF comes out.
import { equal, holds, nothingWrong } from './book.mjs';

// A4 within the margins of the style sheet, in CSS pixels.
const WIDTH = Math.floor((210 - 2 * 18) / 25.4 * 96);
const CHAPTERS = 20;

export async function paper(book) {
    await book.tests(book.pages.filter(page => page.endsWith('print.html')).map(page => [`${page} on paper`, async () => {
        const tab = await book.tab({ theme: 'navy', viewport: { width: WIDTH, height: 1000 } });
        // The page prints itself, and here nobody could close the dialogue.
        await tab.addInitScript(() => { window.print = () => {}; });
        await tab.emulateMedia({ media: 'print' });
        await tab.goto(book.address(page));
        const { wide, cut, folded, live, white, chapters } = await tab.evaluate(look);
        holds(wide.length === 0, `wider than the paper: ${wide.join(' | ')}`);
        holds(cut.length === 0, `cut off in its box: ${cut.join(' | ')}`);
        equal(folded, 0, 'answers that are not open');
        equal(live, 0, 'widgets on paper');
        equal(white, 'rgb(255, 255, 255)', 'the paper');
        holds(chapters >= CHAPTERS, `${chapters} chapters in the list`);
        const pdf = await tab.pdf({ preferCSSPageSize: true });
        const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
        // Each chapter begins on a page of its own, and takes some.
        holds(pages > 5 * CHAPTERS && pages < 20 * chapters, `a PDF of ${pages} pages`);
        holds(/\/MediaBox\s*\[0 0 59\d[.\d]* 84\d/.test(pdf.toString('latin1')), 'its pages are A4');
        nothingWrong(tab);
        await tab.context().close();
    }]));
}

// In the page: what is too wide, cut, folded.
function look() {
    const all = [...document.querySelectorAll('main *')].filter(one => !one.closest('svg, .live')
        && (one.localName === 'math' || !one.closest('math')));
    const said = one => `${one.localName}.${one.className} ${one.textContent.trim().slice(0, 60)}`;
    const { left, right } = document.querySelector('main').getBoundingClientRect();
    const outside = one => {
        const box = one.getBoundingClientRect();
        return box.width > 0 && (box.right > right + 1 || box.left < left - 1);
    };
    const boxed = one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible';
    return {
        wide: all.filter(outside).slice(0, 4).map(said),
        cut: all.filter(boxed).slice(0, 4).map(said),
        folded: [...document.querySelectorAll('main details')].filter(one => one.lastElementChild.getClientRects().length === 0).length,
        live: [...document.querySelectorAll('main .live')].filter(one => one.getClientRects().length > 0).length,
        white: getComputedStyle(document.body).backgroundColor,
        chapters: document.querySelectorAll('.cover li a').length,
    };
}
