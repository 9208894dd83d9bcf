use super::*;
use crate::policy::POLICY;

/// What every page starts with.
fn head() -> String {
    format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">")
}

/// A site without mistakes: one chapter and the table, in two languages.
fn files() -> Vec<(&'static str, String)> {
    let chapter = |words: &str| {
        format!(
            "{}<main><h1 id=\"cell\">{words}</h1><div class=\"equation\" id=\"E6\"><math></math>\
             <a class=\"number\" href=\"traceability.html#trace-E6\">(E6)</a></div>\
             <pre><code>let $$ = 1;</code></pre><a href=\"https://doi.org/x\">paper</a></main>",
            head()
        )
    };
    let table = head()
        + "<main><h1 id=\"t\"></h1><i id=\"trace-E6\"></i><a href=\"cell.html#E6\">E6</a></main>";
    vec![
        ("index.html", chapter("The cell")),
        ("cell.html", chapter("The cell")),
        ("traceability.html", table.clone()),
        ("zh-CN/cell.html", chapter("细胞")),
        ("zh-CN/traceability.html", table),
    ]
}

fn errors(change: impl Fn(&str, String) -> String) -> Vec<String> {
    let pages = files().into_iter().map(|(path, html)| {
        let html = change(path, html);
        (path.to_owned(), Page::read(&html))
    });
    let pages: BTreeMap<_, _> = pages.collect();
    let site = Site {
        files: pages.keys().cloned().collect(),
        pages,
    };
    let mut errors = Vec::new();
    for (path, page) in &site.pages {
        errors.extend(page.errors.iter().map(|(_, what)| what.clone()));
        let broken = page
            .links
            .iter()
            .filter_map(|link| site.follow(path, page, link).err());
        errors.extend(broken);
    }
    errors.extend(
        ["", SECOND]
            .map(|language| site.equations(language).1)
            .concat(),
    );
    errors.extend(site.parity());
    errors
}

/// The errors when `from` becomes `to` in one page.
fn broken(page: &str, from: &str, to: &str) -> String {
    errors(|path, html| {
        if path == page {
            assert!(html.contains(from), "{from}");
            html.replace(from, to)
        } else {
            html
        }
    })
    .join("\n")
}

#[test]
fn a_complete_book_has_no_errors() {
    assert_eq!(errors(|_, html| html), [""; 0]);
}

/// Makes each change on a page; the check must say what is told.
fn all_reported(page: &str, changes: &[(&str, &str, &str)]) {
    for (from, to, told) in changes {
        let errors = broken(page, from, to);
        assert!(errors.contains(told), "{to}: {errors}");
    }
}

#[test]
fn every_kind_of_mistake_is_reported() {
    let changes = [
        ("trace-E6\"", "trace-E7\"", "has no id `trace-E7`"),
        (
            "href=\"traceability",
            "href=\"table",
            "there is no zh-CN/table.html",
        ),
        ("<math>", "<math><merror>", "not valid TeX"),
        ("</h1>", "</h1><p>$$x$$", "`$$` was not replaced"),
        ("</h1>", "</h1>**甲。**乙", "`**` was not replaced"),
        ("</h1>", "</h1>{{#live x}}", "`{{#` was not replaced"),
        (
            "</h1>",
            "</h1><img src=\"http://x.y/z\">",
            "from another site",
        ),
        (
            "</h1>",
            "</h1><script src=\"//x.y/z\"></script>",
            "from another site",
        ),
        ("</h1>", "</h1><p id=\"cell\">", "on the page twice"),
        ("id=\"E6\"", "id=\"E5\"", "no page defines E6"),
        (
            "id=\"cell\"",
            "id=\"zelle\"",
            "differ: `h1 #cell` against `h1 #zelle`",
        ),
        ("= 1", "= 2", "differ: `listing"),
        (
            "</h1>",
            "</h1><div class=\"live\" data-live=\"x\"></div>",
            "against `live x`",
        ),
        (
            "</h1>",
            "</h1><figure data-figure=\"x\"></figure>",
            "against `figure x`",
        ),
    ];
    all_reported("zh-CN/cell.html", &changes);
    let second = broken(
        "traceability.html",
        "</main>",
        "<div class=\"equation\" id=\"E6\"></div>",
    );
    assert!(second.contains("E6 is defined in cell.html, traceability.html"));
    let unlinked = broken("traceability.html", "cell.html#E6", "cell.html#cell");
    assert!(unlinked.contains("does not link to cell.html#E6"));
}

#[test]
fn what_the_policy_forbids_is_reported() {
    let changes = [
        ("<main>", "<script>x</script><main>", "a script in the page"),
        ("<main>", "<style>x</style><main>", "a style in the page"),
        (
            "<main>",
            "<main style=\"color:red\">",
            "a style in the page",
        ),
        (
            "<main>",
            "<main onclick=\"x\">",
            "a handler in an attribute",
        ),
        ("doi.org", "x\" onclick=\"y", "a handler in an attribute"),
        ("https://doi.org/x", "javascript:x", "forbids `javascript:`"),
        (
            "<meta",
            "<link href=\"cell.html\"><meta",
            "stands before the policy",
        ),
        (
            "default-src 'none'",
            "default-src *",
            "not the press's policy",
        ),
        ("<meta", "<metal", "no content-security policy"),
    ];
    all_reported("cell.html", &changes);
}

#[test]
fn paths_are_followed_as_a_browser_does() {
    assert_eq!(join("zh-CN/a.html", "../b.html"), "b.html");
    assert_eq!(join("zh-CN/a.html", "./c/d.css"), "zh-CN/c/d.css");
    assert_eq!(join("a.html", "zh-CN/"), "zh-CN/");
    assert_eq!(decoded("%E9%97%A8-1"), "门-1");
    assert!(Page::style("@import url('https://x')").errors.len() == 1);
    assert!(Page::style("a{background:url(data:x)}").errors.is_empty());
    assert!(Page::script("\nx.setAttribute('style', 'a')").errors[0].0 == 2);
    assert!(Page::script("x.style.cssText = 'a'").errors.is_empty());
}

#[test]
fn links_have_their_lines_and_scripts_and_comments_have_none() {
    let page = Page::read(&format!(
        "<!doctype html>{}\n<!-- <a href=x> -->\n<script>if (a<b) '<a href=x>$$'</script>\n\
         <style>a {{ color: red }} /* ** */</style>\n<noscript>\n<iframe src='toc.html'></iframe>\n\
         </noscript>\n<p title='>'><a href=b.html?q&amp;r>门</a> 1 < 2",
        head()
    ));
    let links: Vec<_> = page
        .links
        .iter()
        .map(|link| (link.line, link.target.as_str()))
        .collect();
    assert_eq!(links, [(6, "toc.html"), (8, "b.html?q&r")]);
    let lines: Vec<_> = page.errors.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4], "script and style belong into files");
}
