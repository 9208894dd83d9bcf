//! What the press says about times and tracks, in both languages.

/// The words of one language.
pub struct Words {
    pub read: [&'static str; 2],
    pub exercises: [&'static str; 2],
    pub difficulties: [&'static str; 3],
    pub next: &'static str,
    pub half_hour: &'static str,
    pub weekend: &'static str,
    pub course: &'static str,
    pub session: [&'static str; 2],
    pub colon: &'static str,
    pub separator: &'static str,
    pub done: &'static str,
    pub overview: &'static str,
    pub head: &'static str,
    pub hours: &'static str,
    pub minutes: &'static str,
}

pub const ENGLISH: Words = Words {
    read: ["", " minutes to read"],
    exercises: [", ", " for the exercises"],
    difficulties: ["easy", "medium", "hard"],
    next: "Next:",
    half_hour: "30 minutes",
    weekend: "weekend",
    course: "course",
    session: ["session ", ""],
    colon: ": ",
    separator: " · ",
    done: "you have arrived",
    overview: "all tracks",
    head: "| track | to read | with exercises | chapters |\n|---|---|---|---|\n",
    hours: " hours",
    minutes: " minutes",
};

pub const CHINESE: Words = Words {
    read: ["阅读约 ", " 分钟"],
    exercises: ["，练习约 ", ""],
    difficulties: ["较易", "中等", "较难"],
    next: "接下来：",
    half_hour: "三十分钟",
    weekend: "一个周末",
    course: "十次课",
    session: ["第 ", " 次课"],
    colon: "：",
    separator: " · ",
    done: "到此读完",
    overview: "全部路线",
    head: "| 路线 | 阅读 | 连同练习 | 章节 |\n|---|---|---|---|\n",
    hours: " 小时",
    minutes: " 分钟",
};
