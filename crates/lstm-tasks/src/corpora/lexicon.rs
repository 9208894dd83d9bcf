//! The lexicon of the grammar in three languages.

/// The language that is paired with English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tongue {
    French,
    Chinese,
}

#[derive(Debug)]
pub(super) struct Noun {
    /// Singular and plural.
    pub(super) en: [&'static str; 2],
    /// Singular and plural.
    pub(super) fr: [&'static str; 2],
    pub(super) feminine: bool,
    /// The noun and its measure word.
    pub(super) zh: [&'static str; 2],
    /// `p` person, `q` person without possessive (*ma femme* would mean my wife), `t` thing.
    pub(super) kind: char,
}

const fn noun(
    kind: char,
    en: [&'static str; 2],
    fr: [&'static str; 2],
    feminine: bool,
    zh: [&'static str; 2],
) -> Noun {
    Noun {
        en,
        fr,
        feminine,
        zh,
        kind,
    }
}

#[rustfmt::skip]
pub(super) const PEOPLE: &[Noun] = &[
    noun('q', ["man", "men"], ["homme", "hommes"], false, ["男人", "个"]),
    noun('q', ["woman", "women"], ["femme", "femmes"], true, ["女人", "个"]),
    noun('q', ["girl", "girls"], ["fille", "filles"], true, ["女孩", "个"]),
    noun('q', ["boy", "boys"], ["garçon", "garçons"], false, ["男孩", "个"]),
    noun('p', ["child", "children"], ["enfant", "enfants"], false, ["孩子", "个"]),
    noun('p', ["teacher", "teachers"], ["professeur", "professeurs"], false, ["老师", "位"]),
    noun('p', ["doctor", "doctors"], ["médecin", "médecins"], false, ["医生", "位"]),
    noun('p', ["student", "students"], ["étudiant", "étudiants"], false, ["学生", "个"]),
    noun('p', ["neighbour", "neighbours"], ["voisin", "voisins"], false, ["邻居", "个"]),
    noun('p', ["singer", "singers"], ["chanteuse", "chanteuses"], true, ["歌手", "位"]),
];

#[rustfmt::skip]
pub(super) const THINGS: &[Noun] = &[
    noun('t', ["book", "books"], ["livre", "livres"], false, ["书", "本"]),
    noun('t', ["letter", "letters"], ["lettre", "lettres"], true, ["信", "封"]),
    noun('t', ["newspaper", "newspapers"], ["journal", "journaux"], false, ["报纸", "份"]),
    noun('t', ["apple", "apples"], ["pomme", "pommes"], true, ["苹果", "个"]),
    noun('t', ["car", "cars"], ["voiture", "voitures"], true, ["汽车", "辆"]),
    noun('t', ["bicycle", "bicycles"], ["vélo", "vélos"], false, ["自行车", "辆"]),
    noun('t', ["key", "keys"], ["clé", "clés"], true, ["钥匙", "把"]),
    noun('t', ["table", "tables"], ["table", "tables"], true, ["桌子", "张"]),
    noun('t', ["chair", "chairs"], ["chaise", "chaises"], true, ["椅子", "把"]),
    noun('t', ["hat", "hats"], ["chapeau", "chapeaux"], false, ["帽子", "顶"]),
    noun('t', ["coat", "coats"], ["manteau", "manteaux"], false, ["外套", "件"]),
    noun('t', ["bag", "bags"], ["sac", "sacs"], false, ["包", "个"]),
    noun('t', ["computer", "computers"], ["ordinateur", "ordinateurs"], false, ["电脑", "台"]),
    noun('t', ["umbrella", "umbrellas"], ["parapluie", "parapluies"], false, ["雨伞", "把"]),
    noun('t', ["watch", "watches"], ["montre", "montres"], true, ["手表", "块"]),
    noun('t', ["clock", "clocks"], ["horloge", "horloges"], true, ["钟", "座"]),
];

/// English, French, Chinese.
pub(super) const NAMES: &[[&str; 3]] = &[
    ["Mary", "Marie", "玛丽"],
    ["Paul", "Paul", "保罗"],
    ["Anna", "Anna", "安娜"],
    ["Lucy", "Lucie", "露西"],
    ["Peter", "Pierre", "彼得"],
];

#[derive(Debug)]
pub(super) struct Adjective {
    pub(super) en: &'static str,
    /// Masculine singular and plural, feminine singular and plural.
    pub(super) fr: [&'static str; 4],
    /// Masculine singular before a vowel.
    pub(super) fr_vowel: &'static str,
    pub(super) before: bool,
    pub(super) zh: &'static str,
}

const fn adjective(
    en: &'static str,
    fr: [&'static str; 4],
    fr_vowel: &'static str,
    before: bool,
    zh: &'static str,
) -> Adjective {
    Adjective {
        en,
        fr,
        fr_vowel,
        before,
        zh,
    }
}

#[rustfmt::skip]
pub(super) const OF_THINGS: &[Adjective] = &[
    adjective("red", ["rouge", "rouges", "rouge", "rouges"], "rouge", false, "红色的"),
    adjective("black", ["noir", "noirs", "noire", "noires"], "noir", false, "黑色的"),
    adjective("white", ["blanc", "blancs", "blanche", "blanches"], "blanc", false, "白色的"),
    adjective("green", ["vert", "verts", "verte", "vertes"], "vert", false, "绿色的"),
    adjective("expensive", ["cher", "chers", "chère", "chères"], "cher", false, "昂贵的"),
    adjective("small", ["petit", "petits", "petite", "petites"], "petit", true, "小"),
    adjective("big", ["grand", "grands", "grande", "grandes"], "grand", true, "大"),
    adjective("beautiful", ["beau", "beaux", "belle", "belles"], "bel", true, "漂亮的"),
    adjective("new", ["nouveau", "nouveaux", "nouvelle", "nouvelles"], "nouvel", true, "新"),
    adjective("old", ["vieux", "vieux", "vieille", "vieilles"], "vieil", true, "旧"),
];

#[rustfmt::skip]
pub(super) const OF_PEOPLE: &[Adjective] = &[
    adjective("young", ["jeune", "jeunes", "jeune", "jeunes"], "jeune", true, "年轻的"),
    adjective("happy", ["heureux", "heureux", "heureuse", "heureuses"], "heureux", false, "快乐的"),
    adjective("tired", ["fatigué", "fatigués", "fatiguée", "fatiguées"], "fatigué", false, "疲倦的"),
    adjective("famous", ["célèbre", "célèbres", "célèbre", "célèbres"], "célèbre", false, "著名的"),
];

#[derive(Debug)]
pub(super) struct Verb {
    /// Base, third person singular, past.
    pub(super) en: [&'static str; 3],
    /// Present of je, il, nous, ils.
    pub(super) fr: [&'static str; 4],
    pub(super) participle: &'static str,
    /// The stem of the future, to which -ai, -a, -ons, -ont are added.
    pub(super) future: &'static str,
    pub(super) zh: &'static str,
    /// The negated form of a verb with a result complement, which does not take 不 before it.
    pub(super) zh_not: Option<&'static str>,
    /// The kinds of nouns it can have as object.
    pub(super) objects: &'static str,
}

const fn verb(
    objects: &'static str,
    en: [&'static str; 3],
    fr: [&'static str; 4],
    participle: &'static str,
    future: &'static str,
    zh: &'static str,
    zh_not: Option<&'static str>,
) -> Verb {
    Verb {
        en,
        fr,
        participle,
        future,
        zh,
        zh_not,
        objects,
    }
}

#[rustfmt::skip]
pub(super) const VERBS: &[Verb] = &[
    verb("pt", ["see", "sees", "saw"], ["vois", "voit", "voyons", "voient"], "vu", "verr", "看见", Some("看不见")),
    verb("pt", ["find", "finds", "found"], ["trouve", "trouve", "trouvons", "trouvent"], "trouvé", "trouver", "找到", Some("找不到")),
    verb("pt", ["look for", "looks for", "looked for"], ["cherche", "cherche", "cherchons", "cherchent"], "cherché", "chercher", "寻找", None),
    verb("t", ["buy", "buys", "bought"], ["achète", "achète", "achetons", "achètent"], "acheté", "achèter", "买", None),
    verb("t", ["sell", "sells", "sold"], ["vends", "vend", "vendons", "vendent"], "vendu", "vendr", "卖", None),
    verb("t", ["choose", "chooses", "chose"], ["choisis", "choisit", "choisissons", "choisissent"], "choisi", "choisir", "挑选", None),
    verb("t", ["receive", "receives", "received"], ["reçois", "reçoit", "recevons", "reçoivent"], "reçu", "recevr", "收到", Some("收不到")),
    verb("p", ["help", "helps", "helped"], ["aide", "aide", "aidons", "aident"], "aidé", "aider", "帮助", None),
    verb("p", ["invite", "invites", "invited"], ["invite", "invite", "invitons", "invitent"], "invité", "inviter", "邀请", None),
    verb("p", ["thank", "thanks", "thanked"], ["remercie", "remercie", "remercions", "remercient"], "remercié", "remercier", "感谢", None),
];

/// A time expression and its tense: 0 present, 1 past, 2 future.
#[derive(Debug)]
pub(super) struct Time {
    pub(super) tense: usize,
    pub(super) en: &'static str,
    pub(super) fr: &'static str,
    pub(super) zh: &'static str,
}

const fn time(tense: usize, en: &'static str, fr: &'static str, zh: &'static str) -> Time {
    Time { tense, en, fr, zh }
}

pub(super) const TIMES: &[Time] = &[
    time(0, "every day", "tous les jours", "每天"),
    time(0, "every week", "toutes les semaines", "每个星期"),
    time(1, "yesterday", "hier", "昨天"),
    time(1, "last week", "la semaine dernière", "上个星期"),
    time(1, "this morning", "ce matin", "今天早上"),
    time(2, "tomorrow", "demain", "明天"),
    time(2, "next week", "la semaine prochaine", "下个星期"),
    time(2, "tonight", "ce soir", "今天晚上"),
];

/// English, French, Chinese.
pub(super) const PLACES: &[[&str; 3]] = &[
    ["in the garden", "dans le jardin", "在花园里"],
    ["in the park", "dans le parc", "在公园里"],
    ["in the street", "dans la rue", "在街上"],
    ["at the market", "au marché", "在市场上"],
    ["at the station", "à la gare", "在火车站"],
    ["at school", "à l'école", "在学校"],
];
