// The built book in a browser: `mdbook build book`, then `tests/browser/run`.
//
// Each suite is a function of a `Book`; it calls `book.test(name, async () => …)`, and a test fails by
// throwing. To extend: add a suite here.
import { Book } from './book.mjs';
import { languages } from './languages.mjs';
import { look } from './look.mjs';
import { pages } from './pages.mjs';
import { paper } from './paper.mjs';
import { policy } from './policy.mjs';
import { search } from './search.mjs';
import { widgets } from './widgets.mjs';

const options = { folder: undefined, only: '', screenshots: undefined };
const words = process.argv.slice(2);
while (words.length) {
    const word = words.shift();
    if (word === '--only') {
        options.only = words.shift();
    } else if (word === '--screenshots') {
        options.screenshots = words.shift();
    } else {
        options.folder = word;
    }
}

const book = await Book.open(options);
try {
    for (const suite of [pages, look, paper, languages, search, widgets, policy]) {
        await suite(book);
    }
} finally {
    await book.close();
}
process.exitCode = book.report();
