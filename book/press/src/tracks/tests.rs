use super::*;

const TABLE: &str = "reference = ['r.md']\noptional = []\nhalf_hour = ['a.md']\n\
    weekend = ['a.md', 'b.md']\ncourse = [['a.md'], ['b.md']]\n\
    [times]\n'a.md' = [10, 0, 1]\n'b.md' = [20, 150, 3]\n";

fn tracks() -> Tracks {
    Tracks::read("t.toml", TABLE).unwrap()
}

fn guide(chinese: bool) -> Guide {
    let titles = [("a.md", "A"), ("b.md", "B")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    Guide::new(tracks(), titles.into(), chinese)
}

#[test]
fn a_chapter_says_its_time_and_what_comes_next() {
    let (english, chinese) = (guide(false), guide(true));
    assert!(
        english
            .top("a.md")
            .contains("\n10 minutes to read · easy\n")
    );
    assert!(
        english
            .top("b.md")
            .contains("20 minutes to read, 3 hours for the exercises · hard")
    );
    assert!(
        chinese
            .top("b.md")
            .contains("阅读约 20 分钟，练习约 3 小时 · 较难")
    );
    assert!(english.end("a.md").contains(
        "**Next:** 30 minutes: you have arrived · weekend: [B](b.md) · course: [B](b.md) (session 2)"
    ));
    assert!(
        chinese
            .end("a.md")
            .contains("十次课：[B](b.md)（第 2 次课）")
    );
    assert_eq!(
        (english.top("r.md"), english.end("r.md")),
        (String::new(), String::new())
    );
}

#[test]
fn the_overview_adds_the_times_up() {
    let table = guide(false).table();
    assert!(
        table.contains("| 30 minutes | 10 minutes | 10 minutes | [A](a.md) |\n"),
        "{table}"
    );
    assert!(
        table.contains("| weekend | 30 minutes | 3 hours | [A](a.md) · [B](b.md) |\n"),
        "{table}"
    );
}

#[test]
fn a_chapter_that_the_table_lacks_is_a_mistake_and_so_is_one_that_the_book_lacks() {
    let mistakes = |chapters: &[&str]| {
        let chapters: Vec<_> = chapters.iter().map(ToString::to_string).collect();
        tracks().mistakes(&chapters).join("; ")
    };
    assert_eq!(mistakes(&["a.md", "b.md", "r.md"]), "");
    assert_eq!(
        mistakes(&["a.md", "b.md", "c.md", "r.md"]),
        "c.md is on no track, nor optional, nor reference"
    );
    assert!(mistakes(&["b.md", "a.md", "r.md"]).contains("weekend is not in the order"));
    assert!(mistakes(&["a.md", "b.md"]).contains("r.md is on a track and not in SUMMARY.md"));
}

#[test]
fn a_table_of_another_kind_is_an_error_with_its_line() {
    let error = Tracks::read("t.toml", &TABLE.replace("[20, 150, 3]", "'x'")).unwrap_err();
    assert_eq!((error.path.as_str(), error.line), ("t.toml", 8));
}
