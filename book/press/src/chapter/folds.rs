//! What is folded until the reader asks for it: the section about the article, a listing that solves an
//! exercise, and the hints of an exercise.

use super::Page;
use crate::Error;
use crate::markdown::include;

impl Page<'_> {
    /// A heading; below the first, the chapter's time.
    pub(super) fn heading(&mut self, text: &str, level: usize, id: Option<&str>) {
        if level <= 2 {
            self.end_article();
        }
        self.out += text;
        if !self.has_title {
            self.has_title = true;
            self.out += &self.book.guide.top(&self.chapter.path);
        }
        if level == 2 && id == Some("article") {
            self.in_article = true;
            let summary = self.say("Show the corrections", "展开查看");
            self.out += &format!("\n<details>\n<summary>{summary}</summary>\n\n");
        }
    }

    pub(super) fn end_article(&mut self) {
        if self.in_article {
            self.in_article = false;
            self.out += "\n\n</details>\n\n";
        }
    }

    /// The hints of some exercises, each hint within the one before it.
    pub(super) fn hints(&mut self, at: usize, names: &str) -> Result<(), Error> {
        if names.is_empty() {
            return Err(self.fail(
                at,
                "{{#hints}} needs the name of an exercise: gates::sigmoid",
            ));
        }
        for name in names.split(' ') {
            let hints = self.book.hints.of(name, self.book.is_chinese());
            let hints = hints.ok_or_else(|| {
                let what = format!("book/exercises/hints.toml has no hints for `{name}`");
                self.fail(at, what)
            })?;
            let function = name.rsplit(':').next().unwrap_or(name);
            for (grade, hint) in (1..).zip(hints) {
                let label = self.grade(grade, function);
                self.out += "\n<details class=\"hint\">\n<summary>";
                self.out += &format!("{label}</summary>\n\n{hint}\n");
            }
            self.out += &"\n</details>\n".repeat(hints.len());
        }
        Ok(())
    }

    /// The line on which the reader asks for a hint.
    fn grade(&self, grade: usize, function: &str) -> String {
        match grade {
            1 => {
                let before = self.say("Hint 1 for ", "提示 1（");
                let after = self.say(": what to think about", "）：从哪里想起");
                format!("{before}<code>{function}</code>{after}")
            }
            2 => self
                .say("Hint 2: the formula or the call", "提示 2：公式或调用")
                .into(),
            _ => self
                .say("Hint 3: nearly the code", "提示 3：接近代码")
                .into(),
        }
    }

    fn say(&self, english: &'static str, chinese: &'static str) -> &'static str {
        if self.book.is_chinese() {
            chinese
        } else {
            english
        }
    }

    /// A listing, folded if an exercise asks the reader to write it.
    pub(super) fn code(&mut self, block: &str) {
        let targets = block.lines().filter_map(include);
        let solutions = targets.filter(|target| self.book.solutions.contains(*target));
        let names: Vec<_> = solutions
            .filter_map(|target| target.split_once(':'))
            .map(|(_, anchor)| format!("<code>{anchor}</code>"))
            .collect();
        if self.fold.is_open() || names.is_empty() {
            return self.listing(block);
        }
        let names = names.join(self.say(", ", "、"));
        let why = self.say(
            ": show the code (an exercise asks you to write it)",
            "：展开代码（有一道练习要你自己写，不妨先试一试）",
        );
        self.out += "<details class=\"listing\">\n<summary>";
        self.out += &format!("{names}{why}</summary>\n\n");
        self.listing(block);
        self.out += "\n\n</details>\n\n";
    }
}
