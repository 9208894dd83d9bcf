//! Expressing a meaning in Chinese: subject, time, *not* or *will*, place, verb, object.

use super::meaning::{Determiner, Meaning, Phrase, Subject};

pub(super) fn sentence(m: &Meaning) -> String {
    let subject = match &m.subject {
        Subject::Pronoun(pronoun) => ["我", "他", "她", "我们", "他们"][*pronoun].to_owned(),
        Subject::Name(name) => name[2].to_owned(),
        Subject::Phrase(phrase) => noun_phrase(phrase),
    };
    let time = m.time.map_or("", |t| t.zh);
    let place = m.place.map_or("", |p| p[2]);
    let verb = m.verb.zh;
    let predicate = match (m.tense, m.negative, m.often) {
        (0, false, false) => format!("{place}{verb}"),
        (0, false, true) => format!("经常{place}{verb}"),
        (0, true, true) => format!("不经常{place}{verb}"),
        (0, true, false) => match m.verb.zh_not {
            Some(cannot) => format!("{place}{cannot}"),
            None => format!("不{place}{verb}"),
        },
        (1, false, _) => format!("{place}{verb}了"),
        (1, true, _) => format!("没有{place}{verb}"),
        (_, false, _) => format!("会{place}{verb}"),
        (_, true, _) => format!("不会{place}{verb}"),
    };
    format!("{subject}{time}{predicate}{}。", noun_phrase(&m.object))
}

fn noun_phrase(phrase: &Phrase) -> String {
    use Determiner::*;
    let [noun, measure] = phrase.noun.zh;
    let adjective = phrase.adjective.map_or("", |a| a.zh);
    let determiner = match (phrase.determiner, phrase.plural) {
        (The, _) => String::new(),
        (A, false) => format!("一{measure}"),
        (A, true) => "一些".to_owned(),
        (This, false) => format!("这{measure}"),
        (This, true) => "这些".to_owned(),
        (That, false) => format!("那{measure}"),
        (That, true) => "那些".to_owned(),
        // Only one 的 in a phrase.
        (My, _) if adjective.ends_with('的') => "我".to_owned(),
        (My, _) => "我的".to_owned(),
        (Two, _) => format!("两{measure}"),
        (Three, _) => format!("三{measure}"),
    };
    format!("{determiner}{adjective}{noun}")
}
