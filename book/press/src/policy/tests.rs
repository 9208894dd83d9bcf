use super::*;

const HEAD: &str = "<html><head><!-- <script> --><meta charset=\"UTF-8\"></head>";

fn changed(html: &str, up: &str) -> (String, Files) {
    let mut files = Files::new();
    let html = Page::new(html, up, &mut files).with_policy();
    (html.unwrap(), files)
}

#[test]
fn the_policy_is_the_first_thing_in_the_head_behind_the_encoding() {
    let (html, files) = changed(&format!("{HEAD}<p>é</p>"), "");
    let meta = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
    let head = "<html><head><!-- <script> --><meta charset=\"UTF-8\">";
    assert_eq!(html, format!("{head}\n{meta}</head><p>é</p>"));
    assert!(files.is_empty());
    assert!(!POLICY.contains("unsafe-inline") && !POLICY.contains('"'));
}

#[test]
fn scripts_become_files_with_the_same_text_in_the_same_places() {
    let text = "\nif (a<b && '<p>') { é = 1; }\n";
    let page = format!("{HEAD}門<script>{text}</script><script src=\"a.js\"></script><i></i>");
    let (html, files) = changed(&page, "../");
    let name = format!("{}.js", name_of(text));
    assert_eq!(files, Files::from([(name.clone(), text.to_owned())]));
    assert!(html.ends_with(&format!(
        "門<script src=\"../inline/{name}\"></script><script src=\"a.js\"></script><i></i>"
    )));
}

#[test]
fn equal_scripts_share_a_file_and_different_ones_have_their_own() {
    let page = format!("{HEAD}<script>a</script><script>b</script><script>a</script>");
    let (html, files) = changed(&page, "");
    assert_eq!(files.len(), 2);
    let of = |text: &str| html.matches(&format!("{}.js", name_of(text))).count();
    assert_eq!((of("a"), of("b")), (2, 1));
}

#[test]
fn style_attributes_become_rules_of_a_linked_file() {
    let cell = "<td style=\"content: '&amp;'\" id=\"x\">1</td>";
    let (html, files) = changed(&format!("{HEAD}{cell}{cell}"), "../");
    let mark = name_of("content: '&'");
    let rule = format!("[data-style=\"{mark}\"]:not(#_#_) {{ content: '&' }}\n");
    assert_eq!(files, Files::from([(format!("{mark}.css"), rule)]));
    let link = format!("<link rel=\"stylesheet\" href=\"../inline/{mark}.css\"></head>");
    assert_eq!(html.matches(&link).count(), 1);
    let cell = format!("<td data-style=\"{mark}\" id=\"x\">1</td>");
    assert!(html.ends_with(&format!("{cell}{cell}")), "{html}");
}

#[test]
fn only_a_page_that_mdbook_serves_may_connect_and_only_to_its_own_server() {
    let page = format!("{HEAD}<script>const socket = new WebSocket(address);</script>");
    let (html, _) = changed(&page, "");
    assert!(html.contains(&format!("content=\"{POLICY}; connect-src 'self'\"")));
    assert!(!POLICY.contains("connect-src"));
}

#[test]
fn a_page_without_a_head_is_refused() {
    let refused = Page::new("<p>", "", &mut Files::new()).with_policy();
    assert_eq!(
        refused.unwrap_err(),
        "the page has no <head> for the policy"
    );
}
