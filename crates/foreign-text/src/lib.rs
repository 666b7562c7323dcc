//! Text from strangers, made safe to show: names of files, of libraries and in WIT, tracebacks, request targets.
//!
//! Comes in: any text. Goes out: the same text, with everything spelled out that a terminal would obey or a reader could not
//! see: control characters (escape sequences among them), overrides of the writing direction, zero-width characters, separators
//! of lines and paragraphs. The spelling is that of JSON, `\u001b`, so JSON may pass through, too.
//!
//! Code that writes to a terminal or a log calls this once, at the gate through which everything goes, and adds colours
//! afterwards.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text as a single line: line breaks are spelled out, so that it cannot pose as two.
pub fn line(text: &str) -> Cow<'_, str> {
    spelled_out(text, |c| c == '\t')
}

/// The text with its lines and tabs, such as a traceback.
pub fn lines(text: &str) -> Cow<'_, str> {
    // The only carriage return that does not move the cursor backwards.
    let text = match text.contains("\r\n") {
        true => Cow::Owned(text.replace("\r\n", "\n")),
        false => Cow::Borrowed(text),
    };
    let keeps = |c| matches!(c, '\t' | '\n');
    match text {
        Cow::Borrowed(text) => spelled_out(text, keeps),
        Cow::Owned(text) => Cow::Owned(spelled_out(&text, keeps).into_owned()),
    }
}

fn spelled_out(text: &str, keeps: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_kept = |c: char| is_visible(c) || keeps(c);
    if text.chars().all(is_kept) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_kept(c) {
            safe.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    Cow::Owned(safe)
}

/// Returns `true` if a reader sees the character. Spaces other than the usual one count as invisible.
fn is_visible(c: char) -> bool {
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    // These are letters by category, but drawn as nothing.
    if matches!(
        c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}'
    ) {
        return false;
    }
    // The standard library exposes its table of printable characters only here. The character follows another one, because a
    // combining mark would be escaped at the start.
    let mut pair = [0; 5];
    pair[0] = b'a';
    let length = 1 + c.encode_utf8(&mut pair[1..]).len();
    let escaped = std::str::from_utf8(&pair[..length]).map(|pair| pair.escape_debug().nth(1));
    escaped == Ok(Some(c))
}

#[cfg(test)]
mod tests {
    use super::{line, lines};

    #[test]
    fn ordinary_text_is_untouched() {
        for text in [
            "",
            "plain",
            "C:\\path \"quoted\" 'x' `y`",
            "Ünï 北京 ελληνικά हिन्दी עברית 👋🏽 ⚠\u{fe0f}",
            "a\tb",
        ] {
            assert!(
                matches!(line(text), std::borrow::Cow::Borrowed(same) if same == text),
                "{text}"
            );
            assert_eq!(lines(text), text);
        }
    }

    #[test]
    fn what_a_terminal_obeys_is_spelled_out() {
        assert_eq!(line("\u{1b}[31mred\u{7}"), "\\u001b[31mred\\u0007");
        assert_eq!(line("a\rb\u{8}c\0"), "a\\u000db\\u0008c\\u0000");
        assert_eq!(
            line("\u{7f}\u{80}\u{9b}31m\u{9d}0;x\u{9f}"),
            "\\u007f\\u0080\\u009b31m\\u009d0;x\\u009f"
        );
    }

    #[test]
    fn what_no_reader_sees_is_spelled_out() {
        let ranges = [
            '\u{ad}'..='\u{ad}',
            '\u{61c}'..='\u{61c}',
            '\u{115f}'..='\u{1160}',
            '\u{180e}'..='\u{180e}',
            '\u{200b}'..='\u{200f}',
            '\u{2028}'..='\u{202e}',
            '\u{2060}'..='\u{206f}',
            '\u{3164}'..='\u{3164}',
            '\u{feff}'..='\u{feff}',
            '\u{fff9}'..='\u{fffb}',
        ];
        for c in ranges.into_iter().flatten() {
            let expected = format!("a\\u{:04x}b", u32::from(c));
            assert_eq!(line(&format!("a{c}b")), expected);
            assert_eq!(lines(&format!("a{c}b")), expected);
        }
        // Tags take two units, as in JSON.
        assert_eq!(line("\u{e0041}"), "\\udb40\\udc41");
    }

    #[test]
    fn line_breaks() {
        assert_eq!(line("a\nerror: b"), "a\\u000aerror: b");
        assert_eq!(lines("a\nb\r\nc\rd\u{85}e"), "a\nb\nc\\u000dd\\u0085e");
    }

    #[test]
    fn json_stays_json() {
        assert_eq!(
            lines("{\"\u{9b}\u{202e}\": 1}\n"),
            "{\"\\u009b\\u202e\": 1}\n"
        );
    }
}
