//! Three ways through the book, with times: `book/tracks.toml`. Each chapter gets a line at its top,
//! its time and difficulty, and a line at its end, what comes next on each track.

mod words;

use crate::Error;
use crate::markdown::line_number;
use serde::Deserialize;
use std::collections::BTreeMap;
use words::{CHINESE, ENGLISH, Words};

/// The table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracks {
    /// Pages to look things up in; they have no time.
    pub reference: Vec<String>,
    /// Chapters that are on no track.
    pub optional: Vec<String>,
    /// The chapters of 30 minutes.
    pub half_hour: Vec<String>,
    /// The chapters of a weekend.
    pub weekend: Vec<String>,
    /// The chapters of each session of a course.
    pub course: Vec<Vec<String>>,
    /// For each chapter: minutes to read, minutes of exercises, difficulty from 1 to 3.
    pub times: BTreeMap<String, (u32, u32, u8)>,
}

/// The table and the titles of the chapters, ready for one language.
#[derive(Clone, Debug, Default)]
pub struct Guide {
    tracks: Tracks,
    titles: BTreeMap<String, String>,
    chinese: bool,
}

impl Tracks {
    /// Reads the table.
    ///
    /// # Errors
    /// [`Error`] with the line of what is not TOML or not such a table.
    pub fn read(path: &str, text: &str) -> Result<Self, Error> {
        let tracks: Self = toml::from_str(text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            Error::new(path, line_number(text, at), e.message())
        })?;
        Ok(tracks)
    }

    /// What is missing or superfluous in the table, for the chapters of the book in their order.
    pub fn mistakes(&self, chapters: &[String]) -> Vec<String> {
        let order = |name: &String| chapters.iter().position(|chapter| chapter == name);
        let mut mistakes = Vec::new();
        for name in self.all() {
            if order(name).is_none() {
                mistakes.push(format!("{name} is on a track and not in SUMMARY.md"));
            }
        }
        let course = self.course.concat();
        for (track, names) in [
            ("half_hour", &self.half_hour),
            ("weekend", &self.weekend),
            ("course", &course),
        ] {
            if !names.is_sorted_by_key(order) {
                mistakes.push(format!("{track} is not in the order of SUMMARY.md"));
            }
        }
        for name in chapters {
            let timed = self.times.contains_key(name);
            if !self.all().any(|one| one == name) {
                let what = "is on no track, nor optional, nor reference";
                mistakes.push(format!("{name} {what}"));
            } else if self.reference.contains(name) == timed {
                let what = if timed {
                    "is reference and has a time"
                } else {
                    "has no time"
                };
                mistakes.push(format!("{name} {what}"));
            }
        }
        let levels = self
            .times
            .iter()
            .filter(|(_, (_, _, level))| !(1..=3).contains(level));
        mistakes
            .extend(levels.map(|(name, _)| format!("the difficulty of {name} is not from 1 to 3")));
        mistakes
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        let lists = [
            &self.reference,
            &self.optional,
            &self.half_hour,
            &self.weekend,
        ];
        lists
            .into_iter()
            .flatten()
            .chain(self.course.iter().flatten())
    }

    fn session(&self, path: &str) -> Option<usize> {
        let holds = |session: &Vec<String>| session.iter().any(|name| name == path);
        self.course.iter().position(holds).map(|n| n + 1)
    }
}

impl Guide {
    /// A guide with these titles.
    pub fn new(tracks: Tracks, titles: BTreeMap<String, String>, chinese: bool) -> Self {
        Self {
            tracks,
            titles,
            chinese,
        }
    }

    fn words(&self) -> &'static Words {
        if self.chinese { &CHINESE } else { &ENGLISH }
    }

    /// The line below a chapter's title; empty for a page that has no time.
    pub fn top(&self, path: &str) -> String {
        let Some(&(read, exercises, level)) = self.tracks.times.get(path) else {
            return String::new();
        };
        let words = self.words();
        let mut line = format!("{}{read}{}", words.read[0], words.read[1]);
        if exercises > 0 {
            let time = self.duration(exercises);
            line += &format!("{}{time}{}", words.exercises[0], words.exercises[1]);
        }
        let level = words.difficulties[usize::from(level - 1)];
        format!(
            "\n<div class=\"track\">\n\n{line}{}{level}\n\n</div>\n\n",
            words.separator
        )
    }

    /// The line at a chapter's end; empty for a page that has no time.
    pub fn end(&self, path: &str) -> String {
        let (tracks, words) = (&self.tracks, self.words());
        if !tracks.times.contains_key(path) {
            return String::new();
        }
        let course = tracks.course.concat();
        let all = [
            (words.half_hour, &tracks.half_hour),
            (words.weekend, &tracks.weekend),
            (words.course, &course),
        ];
        let mut parts = Vec::new();
        for (name, chapters) in all {
            let Some(here) = chapters.iter().position(|chapter| chapter == path) else {
                continue;
            };
            let next = chapters.get(here + 1);
            let mut part = format!("{name}{}", words.colon);
            part += &next.map_or(words.done.to_owned(), |next| self.link(next));
            let session = next.and_then(|next| tracks.session(next));
            let begins = name == words.course && session != tracks.session(path);
            if let Some(session) = session.filter(|_| begins) {
                part += &self.bracketed(&format!(
                    "{}{session}{}",
                    words.session[0], words.session[1]
                ));
            }
            parts.push(part);
        }
        parts.push(format!("[{}](introduction.md#tracks)", words.overview));
        format!(
            "\n<div class=\"track track-next\">\n\n**{}** {}\n\n</div>\n",
            words.next,
            parts.join(words.separator)
        )
    }

    /// The overview: a row for each track, and for each session of the course.
    pub fn table(&self) -> String {
        let (tracks, words) = (&self.tracks, self.words());
        let mut out = words.head.to_owned();
        let mut row = |name: &str, chapters: &[String]| {
            let time = |of: fn(&(u32, u32, u8)) -> u32| -> u32 {
                chapters
                    .iter()
                    .filter_map(|name| tracks.times.get(name))
                    .map(of)
                    .sum()
            };
            let (read, whole) = (time(|t| t.0), time(|t| t.0 + t.1));
            let times = [read, whole].map(|minutes| self.duration(minutes));
            let links: Vec<_> = chapters.iter().map(|name| self.link(name)).collect();
            out += &format!(
                "| {name} | {} | {} |\n",
                times.join(" | "),
                links.join(words.separator)
            );
        };
        row(words.half_hour, &tracks.half_hour);
        row(words.weekend, &tracks.weekend);
        for (n, session) in tracks.course.iter().enumerate() {
            let number = format!("{}{}{}", words.session[0], n + 1, words.session[1]);
            row(
                &format!("{}{}{number}", words.course, words.separator),
                session,
            );
        }
        out
    }

    fn duration(&self, minutes: u32) -> String {
        let words = self.words();
        if minutes < 120 {
            format!("{minutes}{}", words.minutes)
        } else {
            format!("{}{}", minutes.div_ceil(60), words.hours)
        }
    }

    fn link(&self, path: &str) -> String {
        let title = self.titles.get(path).map_or(path, String::as_str);
        format!("[{title}]({path})")
    }

    fn bracketed(&self, words: &str) -> String {
        if self.chinese {
            format!("（{words}）")
        } else {
            format!(" ({words})")
        }
    }
}

#[cfg(test)]
mod tests;
