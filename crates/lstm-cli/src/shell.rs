//! Commands to copy.

/// An argument as a POSIX shell reads it back: in single quotes if it needs them.
pub fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./,+@%=:".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn an_argument_is_quoted_if_a_shell_would_change_it() {
        for (argument, expected) in [
            ("lstm-out", "lstm-out"),
            ("/a/模型.txt", "/a/模型.txt"),
            ("my run", "'my run'"),
            ("it's", "'it'\\''s'"),
            ("$(rm -r x)", "'$(rm -r x)'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(argument), expected);
        }
    }
}
