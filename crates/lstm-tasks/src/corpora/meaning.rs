//! The meaning of a sentence, independent of any language.

use super::draw::{once_in, one};
use super::lexicon::*;
use rand::{Rng, RngExt};

#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) subject: Subject,
    pub(super) verb: &'static Verb,
    pub(super) object: Phrase,
    /// 0 present, 1 past, 2 future.
    pub(super) tense: usize,
    pub(super) negative: bool,
    pub(super) often: bool,
    pub(super) time: Option<&'static Time>,
    pub(super) place: Option<&'static [&'static str; 3]>,
}

#[derive(Debug)]
pub(super) enum Subject {
    /// 0 I, 1 he, 2 she, 3 we, 4 they.
    Pronoun(usize),
    Name(&'static [&'static str; 3]),
    Phrase(Phrase),
}

/// A determiner, an adjective perhaps, and a noun.
#[derive(Debug)]
pub(super) struct Phrase {
    pub(super) determiner: Determiner,
    pub(super) plural: bool,
    pub(super) adjective: Option<&'static Adjective>,
    pub(super) noun: &'static Noun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Determiner {
    The,
    /// A or some.
    A,
    /// This or these.
    This,
    /// That or those.
    That,
    My,
    Two,
    Three,
}

impl Subject {
    /// The index of the person in a table of je, il, nous, ils.
    pub(super) fn person(&self) -> usize {
        match self {
            Self::Pronoun(pronoun) => [0, 1, 1, 2, 3][*pronoun],
            Self::Name(_) => 1,
            Self::Phrase(phrase) => [1, 3][usize::from(phrase.plural)],
        }
    }
}

/// Draws a meaning that English and the other language each express in exactly one way, so that
/// translation is a function in both directions. Chinese has no article and no plural, so *the* and
/// *my books* are not drawn for it; French has no short word for *that*.
pub(super) fn draw(rng: &mut impl Rng, tongue: Tongue) -> Meaning {
    use Determiner::*;
    let negative = once_in(rng, 3);
    let tense = rng.random_range(0..3);
    let often = tense == 0 && once_in(rng, 3);
    // "Not … every day" can mean never or only on some days, and languages differ in which it means. So
    // in the present tense, a negated verb has no time, nor has one with "often".
    let may_have_time = tense != 0 || !(often || negative);
    let times: Vec<&'static Time> = TIMES.iter().filter(|t| t.tense == tense).collect();
    // Chinese expresses an indefinite or counted noun differently as a subject and after a negation. So
    // subjects are definite, and in Chinese also the objects of negated verbs.
    let definite: &[Determiner] = match tongue {
        Tongue::French => &[The, The, This, My],
        Tongue::Chinese => &[This, That, My],
    };
    let any: &[Determiner] = match tongue {
        Tongue::French => &[The, A, A, This, My, Two, Three],
        Tongue::Chinese => &[A, A, This, That, My, Two, Three],
    };
    let subject = match rng.random_range(0..4) {
        0 => Subject::Pronoun(rng.random_range(0..5)),
        1 => Subject::Name(one(rng, NAMES)),
        _ => Subject::Phrase(phrase(rng, PEOPLE, definite, tongue)),
    };
    let verb = one(rng, VERBS);
    let nouns = if verb.objects.contains('p') && (verb.objects == "p" || once_in(rng, 3)) {
        PEOPLE
    } else {
        THINGS
    };
    let determiners = match (negative, tongue) {
        (false, _) => any,
        (true, Tongue::French) => &[The, A, A, This, My],
        (true, Tongue::Chinese) => definite,
    };
    let object = phrase(rng, nouns, determiners, tongue);
    Meaning {
        subject,
        verb,
        object,
        tense,
        negative,
        often,
        time: (may_have_time && !once_in(rng, 4)).then(|| *one(rng, &times)),
        place: once_in(rng, 3).then(|| one(rng, PLACES)),
    }
}

fn phrase(
    rng: &mut impl Rng,
    nouns: &'static [Noun],
    determiners: &[Determiner],
    tongue: Tongue,
) -> Phrase {
    use Determiner::*;
    let noun = one(rng, nouns);
    let determiner = match *one(rng, determiners) {
        My if noun.kind == 'q' => This,
        determiner => determiner,
    };
    let adjectives = if noun.kind != 't' {
        OF_PEOPLE
    } else {
        OF_THINGS
    };
    let plural = match determiner {
        Two | Three => true,
        My if tongue == Tongue::Chinese => false,
        _ => once_in(rng, 3),
    };
    Phrase {
        determiner,
        plural,
        adjective: once_in(rng, 2).then(|| one(rng, adjectives)),
        noun,
    }
}
