//! Reports of events and their headlines. They have thousands of different names and numbers. In a
//! vocabulary of a few hundred subword tokens none of these is one token, so a model generates the
//! headline most easily by copying them from the report.

use super::draw::{self, Corpus, once_in, one};
use super::say_english::capital;
use crate::data::Pair;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

/// Reports of two to four sentences with their headlines.
///
/// ```
/// let corpus = lstm_tasks::corpora::headlines(7, 3);
/// assert_eq!(corpus.train.len(), 3);
/// ```
pub fn headlines(seed: u64, train: usize) -> Corpus<Pair> {
    draw::corpus(seed, train, draw_report, |pair| pair.source.clone())
}

#[rustfmt::skip]
const DAYS: &[&str] = &[
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
];
const TIMES: &[&str] = &["in the morning", "in the evening", "at noon", "at night"];
#[rustfmt::skip]
const BUILDINGS: &[&str] = &[
    "warehouse", "hotel", "school", "theatre", "bakery", "library", "factory",
];
const PLANTS: &[&str] = &["factory", "laboratory", "office", "shop", "restaurant"];
const JOBS: &[&str] = &["teacher", "farmer", "doctor", "lawyer", "singer", "baker"];
#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "physics", "poetry", "chemistry", "music", "painting", "peace",
];
const WEATHER: &[&str] = &[
    "It had rained since the morning.",
    "The roads to the town were closed for hours.",
    "Nobody had expected it.",
    "Many people came to see it.",
    "More is to be known tomorrow.",
];
const BEGINNINGS: &[&str] = &[
    "Bar", "Cel", "Dor", "Fen", "Gal", "Hol", "Kal", "Lim", "Mor", "Nar", "Pel", "Ros", "Sal",
    "Tor", "Var", "Wil",
];
const MIDDLES: &[&str] = &["a", "e", "i", "o", "an", "en", "ing", "or"];
const TOWN_ENDS: &[&str] = &[
    "burg", "ford", "ville", "mouth", "stad", "by", "ton", "port",
];
const NAME_ENDS: &[&str] = &["ski", "sen", "mann", "ez", "ini", "ov", "ley", "ard"];
const FIRST_NAMES: &[&str] = &[
    "Anna", "Boris", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Lena",
    "Mario",
];

fn name(rng: &mut impl Rng, ends: &[&str]) -> String {
    [one(rng, BEGINNINGS), one(rng, MIDDLES), one(rng, ends)]
        .into_iter()
        .copied()
        .collect()
}

/// The parts that every event has: a town, a person, a time and a number.
type Event = (String, String, String, u32);

/// The two sentences about an event, and the headline.
type Report = [String; 3];

fn draw_report(rng: &mut ChaCha8Rng) -> Pair {
    let town = name(rng, TOWN_ENDS);
    let person = format!("{} {}", one(rng, FIRST_NAMES), name(rng, NAME_ENDS));
    let day = one(rng, DAYS);
    let when = if once_in(rng, 2) {
        format!("on {day}")
    } else {
        format!("on {day} {}", one(rng, TIMES))
    };
    let event = (town, person, when, rng.random_range(3..1000));
    let report = match rng.random_range(0..6) {
        0 => fire,
        1 => earthquake,
        2 => company,
        3 => game,
        4 => election,
        _ => prize,
    };
    let [lead, more, headline] = report(rng, &event);
    let mut sentences = vec![lead, more];
    for _ in 0..rng.random_range(0..3) {
        let place = rng.random_range(0..=sentences.len());
        sentences.insert(place, (*one(rng, WEATHER)).to_owned());
    }
    sentences.dedup();
    Pair {
        source: capital(&sentences.join(" ")),
        target: headline,
    }
}

fn fire(rng: &mut ChaCha8Rng, (town, person, when, number): &Event) -> Report {
    let building = one(rng, BUILDINGS);
    [
        format!("A fire destroyed a {building} in {town} {when}."),
        format!("{number} people were hurt, said {person} of the police."),
        format!("Fire destroys {building} in {town}, {number} hurt"),
    ]
}

fn earthquake(rng: &mut ChaCha8Rng, (town, person, when, number): &Event) -> Report {
    let magnitude = format!("{}.{}", rng.random_range(4..9), rng.random_range(0..10));
    [
        format!("An earthquake of magnitude {magnitude} shook {town} {when}."),
        format!("The mayor, {person}, said that {number} houses were damaged."),
        format!("Magnitude {magnitude} earthquake shakes {town}, {number} houses damaged"),
    ]
}

fn company(rng: &mut ChaCha8Rng, (town, person, when, number): &Event) -> Report {
    let (company, plant) = (name(rng, &["tec", "soft", "bank", "air"]), one(rng, PLANTS));
    [
        format!("The company {company} will open a new {plant} in {town} next year."),
        format!("Its director {person} said {when} that it will employ {number} people."),
        format!("{company} to open {plant} in {town}, {number} jobs"),
    ]
}

fn game(rng: &mut ChaCha8Rng, (town, person, when, number): &Event) -> Report {
    let losers = name(rng, TOWN_ENDS);
    let (lost, more) = (rng.random_range(0..4), rng.random_range(1..4));
    let score = format!("{}-{lost}", lost + more);
    let home = one(rng, &["at home", "away from home"]);
    [
        format!("The team of {town} beat the team of {losers} {score} {home} {when}."),
        format!("{number} people saw {person} score the last goal."),
        format!("{town} beats {losers} {score}"),
    ]
}

fn election(rng: &mut ChaCha8Rng, (town, person, when, number): &Event) -> Report {
    let job = one(rng, JOBS);
    let percent = rng.random_range(51..90);
    [
        format!("{person}, a {job}, was elected mayor of {town} {when}."),
        format!("In a town of {number} voters, {percent} percent were for the {job}."),
        format!("{person} elected mayor of {town} with {percent} percent"),
    ]
}

fn prize(rng: &mut ChaCha8Rng, (town, person, when, number): &Event) -> Report {
    let field = one(rng, FIELDS);
    [
        format!("The prize for {field} goes to {person}, it was announced {when}."),
        format!("The winner was born in {town} and receives {number} thousand euros."),
        format!("{person} of {town} wins {field} prize"),
    ]
}
