//! WIT documentation as Python docstrings: any text in, lines of valid source out.

/// The lines of a docstring, delimiters included, without indentation.
pub fn lines(docs: &str) -> Vec<String> {
    let mut lines = vec!["\"\"\"".to_owned()];
    lines.extend(docs.lines().map(|line| escaped(line.trim_end())));
    lines.push("\"\"\"".to_owned());
    lines
}

/// A quote ends the string only with two others, so one of three is escaped. Control characters
/// and separators that Python or editors take for line ends become escapes.
fn escaped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut quotes = 0;
    for char in line.chars() {
        quotes = if char == '"' { quotes + 1 } else { 0 };
        match char {
            '\\' => text.push_str("\\\\"),
            '"' if quotes == 3 => {
                text.push_str("\\\"");
                quotes = 0;
            }
            '\t' => text.push(char),
            '\u{2028}' | '\u{2029}' | '\u{85}' => text.push_str(&python_escape(char)),
            char if char.is_control() => text.push_str(&python_escape(char)),
            char => text.push(char),
        }
    }
    text
}

fn python_escape(char: char) -> String {
    format!("\\u{:04x}", char as u32)
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn quotes_and_backslashes_stay_inside() {
        assert_eq!(lines(r#"a """ b \ "" c""#)[1], r#"a ""\" b \\ "" c""#);
        assert_eq!(lines(&"\"".repeat(6))[1], r#"""\"""\""#);
    }

    #[test]
    fn nothing_but_our_line_ends() {
        assert_eq!(
            lines("a\u{2028}b\u{0}\r\n\nc"),
            ["\"\"\"", "a\\u2028b\\u0000", "", "c", "\"\"\""]
        );
    }
}
