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

#[rustfmt::skip]
pub(super) const PEOPLE: &[Noun] = &[
    Noun { kind: 'q', en: ["man", "men"], fr: ["homme", "hommes"], feminine: false, zh: ["男人", "个"] },
    Noun { kind: 'q', en: ["woman", "women"], fr: ["femme", "femmes"], feminine: true, zh: ["女人", "个"] },
    Noun { kind: 'q', en: ["girl", "girls"], fr: ["fille", "filles"], feminine: true, zh: ["女孩", "个"] },
    Noun { kind: 'q', en: ["boy", "boys"], fr: ["garçon", "garçons"], feminine: false, zh: ["男孩", "个"] },
    Noun { kind: 'p', en: ["child", "children"], fr: ["enfant", "enfants"], feminine: false, zh: ["孩子", "个"] },
    Noun { kind: 'p', en: ["teacher", "teachers"], fr: ["professeur", "professeurs"], feminine: false, zh: ["老师", "位"] },
    Noun { kind: 'p', en: ["doctor", "doctors"], fr: ["médecin", "médecins"], feminine: false, zh: ["医生", "位"] },
    Noun { kind: 'p', en: ["student", "students"], fr: ["étudiant", "étudiants"], feminine: false, zh: ["学生", "个"] },
    Noun { kind: 'p', en: ["neighbour", "neighbours"], fr: ["voisin", "voisins"], feminine: false, zh: ["邻居", "个"] },
    Noun { kind: 'p', en: ["singer", "singers"], fr: ["chanteuse", "chanteuses"], feminine: true, zh: ["歌手", "位"] },
];

#[rustfmt::skip]
pub(super) const THINGS: &[Noun] = &[
    Noun { kind: 't', en: ["book", "books"], fr: ["livre", "livres"], feminine: false, zh: ["书", "本"] },
    Noun { kind: 't', en: ["letter", "letters"], fr: ["lettre", "lettres"], feminine: true, zh: ["信", "封"] },
    Noun { kind: 't', en: ["newspaper", "newspapers"], fr: ["journal", "journaux"], feminine: false, zh: ["报纸", "份"] },
    Noun { kind: 't', en: ["apple", "apples"], fr: ["pomme", "pommes"], feminine: true, zh: ["苹果", "个"] },
    Noun { kind: 't', en: ["car", "cars"], fr: ["voiture", "voitures"], feminine: true, zh: ["汽车", "辆"] },
    Noun { kind: 't', en: ["bicycle", "bicycles"], fr: ["vélo", "vélos"], feminine: false, zh: ["自行车", "辆"] },
    Noun { kind: 't', en: ["key", "keys"], fr: ["clé", "clés"], feminine: true, zh: ["钥匙", "把"] },
    Noun { kind: 't', en: ["table", "tables"], fr: ["table", "tables"], feminine: true, zh: ["桌子", "张"] },
    Noun { kind: 't', en: ["chair", "chairs"], fr: ["chaise", "chaises"], feminine: true, zh: ["椅子", "把"] },
    Noun { kind: 't', en: ["hat", "hats"], fr: ["chapeau", "chapeaux"], feminine: false, zh: ["帽子", "顶"] },
    Noun { kind: 't', en: ["coat", "coats"], fr: ["manteau", "manteaux"], feminine: false, zh: ["外套", "件"] },
    Noun { kind: 't', en: ["bag", "bags"], fr: ["sac", "sacs"], feminine: false, zh: ["包", "个"] },
    Noun { kind: 't', en: ["computer", "computers"], fr: ["ordinateur", "ordinateurs"], feminine: false, zh: ["电脑", "台"] },
    Noun { kind: 't', en: ["umbrella", "umbrellas"], fr: ["parapluie", "parapluies"], feminine: false, zh: ["雨伞", "把"] },
    Noun { kind: 't', en: ["watch", "watches"], fr: ["montre", "montres"], feminine: true, zh: ["手表", "块"] },
    Noun { kind: 't', en: ["clock", "clocks"], fr: ["horloge", "horloges"], feminine: true, zh: ["钟", "座"] },
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

#[rustfmt::skip]
pub(super) const OF_THINGS: &[Adjective] = &[
    Adjective { en: "red", fr: ["rouge", "rouges", "rouge", "rouges"], fr_vowel: "rouge", before: false, zh: "红色的" },
    Adjective { en: "black", fr: ["noir", "noirs", "noire", "noires"], fr_vowel: "noir", before: false, zh: "黑色的" },
    Adjective { en: "white", fr: ["blanc", "blancs", "blanche", "blanches"], fr_vowel: "blanc", before: false, zh: "白色的" },
    Adjective { en: "green", fr: ["vert", "verts", "verte", "vertes"], fr_vowel: "vert", before: false, zh: "绿色的" },
    Adjective { en: "expensive", fr: ["cher", "chers", "chère", "chères"], fr_vowel: "cher", before: false, zh: "昂贵的" },
    Adjective { en: "small", fr: ["petit", "petits", "petite", "petites"], fr_vowel: "petit", before: true, zh: "小" },
    Adjective { en: "big", fr: ["grand", "grands", "grande", "grandes"], fr_vowel: "grand", before: true, zh: "大" },
    Adjective { en: "beautiful", fr: ["beau", "beaux", "belle", "belles"], fr_vowel: "bel", before: true, zh: "漂亮的" },
    Adjective { en: "new", fr: ["nouveau", "nouveaux", "nouvelle", "nouvelles"], fr_vowel: "nouvel", before: true, zh: "新" },
    Adjective { en: "old", fr: ["vieux", "vieux", "vieille", "vieilles"], fr_vowel: "vieil", before: true, zh: "旧" },
];

#[rustfmt::skip]
pub(super) const OF_PEOPLE: &[Adjective] = &[
    Adjective { en: "young", fr: ["jeune", "jeunes", "jeune", "jeunes"], fr_vowel: "jeune", before: true, zh: "年轻的" },
    Adjective { en: "happy", fr: ["heureux", "heureux", "heureuse", "heureuses"], fr_vowel: "heureux", before: false, zh: "快乐的" },
    Adjective { en: "tired", fr: ["fatigué", "fatigués", "fatiguée", "fatiguées"], fr_vowel: "fatigué", before: false, zh: "疲倦的" },
    Adjective { en: "famous", fr: ["célèbre", "célèbres", "célèbre", "célèbres"], fr_vowel: "célèbre", before: false, zh: "著名的" },
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

#[rustfmt::skip]
pub(super) const VERBS: &[Verb] = &[
    Verb { objects: "pt", en: ["see", "sees", "saw"], fr: ["vois", "voit", "voyons", "voient"], participle: "vu", future: "verr", zh: "看见", zh_not: Some("看不见") },
    Verb { objects: "pt", en: ["find", "finds", "found"], fr: ["trouve", "trouve", "trouvons", "trouvent"], participle: "trouvé", future: "trouver", zh: "找到", zh_not: Some("找不到") },
    Verb { objects: "pt", en: ["look for", "looks for", "looked for"], fr: ["cherche", "cherche", "cherchons", "cherchent"], participle: "cherché", future: "chercher", zh: "寻找", zh_not: None },
    Verb { objects: "t", en: ["buy", "buys", "bought"], fr: ["achète", "achète", "achetons", "achètent"], participle: "acheté", future: "achèter", zh: "买", zh_not: None },
    Verb { objects: "t", en: ["sell", "sells", "sold"], fr: ["vends", "vend", "vendons", "vendent"], participle: "vendu", future: "vendr", zh: "卖", zh_not: None },
    Verb { objects: "t", en: ["choose", "chooses", "chose"], fr: ["choisis", "choisit", "choisissons", "choisissent"], participle: "choisi", future: "choisir", zh: "挑选", zh_not: None },
    Verb { objects: "t", en: ["receive", "receives", "received"], fr: ["reçois", "reçoit", "recevons", "reçoivent"], participle: "reçu", future: "recevr", zh: "收到", zh_not: Some("收不到") },
    Verb { objects: "p", en: ["help", "helps", "helped"], fr: ["aide", "aide", "aidons", "aident"], participle: "aidé", future: "aider", zh: "帮助", zh_not: None },
    Verb { objects: "p", en: ["invite", "invites", "invited"], fr: ["invite", "invite", "invitons", "invitent"], participle: "invité", future: "inviter", zh: "邀请", zh_not: None },
    Verb { objects: "p", en: ["thank", "thanks", "thanked"], fr: ["remercie", "remercie", "remercions", "remercient"], participle: "remercié", future: "remercier", zh: "感谢", zh_not: None },
];

/// A time expression and its tense: 0 present, 1 past, 2 future.
#[derive(Debug)]
pub(super) struct Time {
    pub(super) tense: usize,
    pub(super) en: &'static str,
    pub(super) fr: &'static str,
    pub(super) zh: &'static str,
}

#[rustfmt::skip]
pub(super) const TIMES: &[Time] = &[
    Time { tense: 0, en: "every day", fr: "tous les jours", zh: "每天" },
    Time { tense: 0, en: "every week", fr: "toutes les semaines", zh: "每个星期" },
    Time { tense: 1, en: "yesterday", fr: "hier", zh: "昨天" },
    Time { tense: 1, en: "last week", fr: "la semaine dernière", zh: "上个星期" },
    Time { tense: 1, en: "this morning", fr: "ce matin", zh: "今天早上" },
    Time { tense: 2, en: "tomorrow", fr: "demain", zh: "明天" },
    Time { tense: 2, en: "next week", fr: "la semaine prochaine", zh: "下个星期" },
    Time { tense: 2, en: "tonight", fr: "ce soir", zh: "今天晚上" },
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
