//! WIT text in the form of older tools, changed to today's spelling: text in, text out.
//!
//! Until 2024 `f32` and `f64` were `float32` and `float64`, and some of today's keywords were ordinary names; a `%` in
//! front makes them names again. Words that cannot have been names then are left alone: they are errors in any version.

use std::collections::BTreeSet;

/// Keywords that were added after 2022, when the first tools read WIT.
const NEW_KEYWORDS: [&str; 8] = [
    "async",
    "borrow",
    "constructor",
    "error-context",
    "include",
    "map",
    "own",
    "with",
];

const DECLARING: [&str; 8] = [
    "interface",
    "world",
    "resource",
    "record",
    "variant",
    "enum",
    "flags",
    "type",
];

/// The contents of a pair of braces, as far as names are concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Braces {
    /// Cases of a variant or enum, members of flags.
    Cases,
    /// Names of a `use`, or after `with`.
    Used,
    Other,
}

pub fn modernised(text: &str) -> String {
    let words = words(text);
    // Places among the words, in order.
    let mut names = Vec::new();
    let mut declared = BTreeSet::new();
    let mut braces = Vec::new();
    let mut nested = 0usize;
    for (index, word) in words.iter().enumerate() {
        match word.text {
            "{" => braces.push(kind_of_braces(&words, index)),
            "}" => drop(braces.pop()),
            "(" | "<" => nested += 1,
            ")" | ">" => nested = nested.saturating_sub(1),
            text if NEW_KEYWORDS.contains(&text) => {
                let within = braces.last().copied().unwrap_or(Braces::Other);
                if is_type_name(&words, index, within) {
                    declared.insert(text);
                    names.push(index);
                } else if is_name(&words, index)
                    || (within == Braces::Cases && nested == 0 && starts_case(&words, index))
                {
                    names.push(index);
                }
            }
            _ => {}
        }
    }
    let is_reference = |index: usize| {
        declared.contains(&words[index].text)
            && at(&words, index + 1) != "<"
            && matches!(before(&words, index), ":" | "<" | "," | "(" | "->" | "=")
    };
    let mut new = String::with_capacity(text.len());
    let mut rest = 0;
    for (index, word) in words.iter().enumerate() {
        new.push_str(&text[rest..word.start]);
        match word.text {
            "float32" => new.push_str("f32"),
            "float64" => new.push_str("f64"),
            keyword => {
                if names.binary_search(&index).is_ok() || is_reference(index) {
                    new.push('%');
                }
                new.push_str(keyword);
            }
        }
        rest = word.start + word.text.len();
    }
    new + &text[rest..]
}

/// Returns `true` if a type or an interface gets this name here, or is brought in by it.
fn is_type_name(words: &[Word], index: usize, within: Braces) -> bool {
    let previous = before(words, index);
    let declares = DECLARING.contains(&previous) && !is_name(words, index - 1);
    let is_used = within == Braces::Used && matches!(previous, "{" | ",");
    declares || is_used || (previous == "as" && at(words, index + 1) != ":")
}

/// Returns `true` if a word stands where only a name can.
fn is_name(words: &[Word], index: usize) -> bool {
    let (previous, next) = (before(words, index), at(words, index + 1));
    let of_package = previous == ":" && index >= 3 && words[index - 3].text == "package";
    let whole_item = matches!(previous, "import" | "export" | "include" | "use")
        && matches!(next, ";" | "as" | "with" | ".");
    next == ":" || next == "/" || previous == "/" || of_package || whole_item
}

fn starts_case(words: &[Word], index: usize) -> bool {
    matches!(before(words, index), "{" | "," | ")")
}

fn kind_of_braces(words: &[Word], index: usize) -> Braces {
    let kind = index.checked_sub(2).map_or("", |kind| words[kind].text);
    match (kind, before(words, index)) {
        ("variant" | "enum" | "flags", _) => Braces::Cases,
        (_, "." | "with") => Braces::Used,
        _ => Braces::Other,
    }
}

fn before<'a>(words: &[Word<'a>], index: usize) -> &'a str {
    index
        .checked_sub(1)
        .map_or("", |previous| words[previous].text)
}

fn at<'a>(words: &[Word<'a>], index: usize) -> &'a str {
    words.get(index).map_or("", |word| word.text)
}

struct Word<'a> {
    start: usize,
    text: &'a str,
}

/// Names, keywords and punctuation, without comments. `my-float32` is one word, and so is `%float32`.
fn words(text: &str) -> Vec<Word<'_>> {
    let is_word = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '%');
    let mut words = Vec::new();
    let mut start = 0;
    while let Some(char) = text[start..].chars().next() {
        let rest = &text[start..];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            length_of_comment(rest)
        } else if rest.starts_with("->") {
            2
        } else if is_word(char) {
            rest.find(|char| !is_word(char)).unwrap_or(rest.len())
        } else {
            char.len_utf8()
        };
        let is_comment = rest.starts_with("//") || rest.starts_with("/*");
        if !is_comment && !char.is_whitespace() {
            words.push(Word {
                start,
                text: &rest[..length],
            });
        }
        start += length;
    }
    words
}

/// Comments of this kind nest.
fn length_of_comment(text: &str) -> usize {
    let (mut depth, mut position) = (0, 0);
    while position < text.len() {
        let rest = &text[position..];
        if rest.starts_with("/*") {
            (depth, position) = (depth + 1, position + 2);
        } else if rest.starts_with("*/") {
            (depth, position) = (depth - 1, position + 2);
            if depth == 0 {
                return position;
            }
        } else {
            position += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::modernised;

    fn check(old: &str, new: &str) {
        assert_eq!(modernised(old), new);
        assert_eq!(modernised(new), new, "what is new stays as it is");
    }

    #[test]
    fn floats() {
        check(
            "f: func(a: float32, my-float32: list<float64>) -> float32; // %float32 floats",
            "f: func(a: f32, my-float32: list<f64>) -> f32; // %float32 floats",
        );
    }

    #[test]
    fn names_of_declarations_and_references_to_them() {
        check(
            "interface map { record async { own: u8, with: list<async> } f: func(map: async) -> async; }",
            "interface %map { record %async { %own: u8, %with: list<%async> } f: func(%map: %async) -> %async; }",
        );
        check(
            "type error-context = string; f: func() -> result<_, error-context>;",
            "type %error-context = string; f: func() -> result<_, %error-context>;",
        );
    }

    #[test]
    fn cases_and_members() {
        check(
            "enum e { map, async } flags with { own, a } variant v { with(tuple<u8, e>), map }",
            "enum e { %map, %async } flags %with { %own, a } variant v { %with(tuple<u8, e>), %map }",
        );
    }

    #[test]
    fn packages_uses_and_worlds() {
        check(
            "package async:map@1.0.0; use own:with/map as async; world include { import map; export a:b/async; use map.{own, b as borrow}; }",
            "package %async:%map@1.0.0; use %own:%with/%map as %async; world %include { import %map; export a:b/%async; use %map.{%own, b as %borrow}; }",
        );
    }

    #[test]
    fn keywords_of_today() {
        for text in [
            "resource thing { constructor(a: u8); f: static func(a: borrow<thing>) -> own<thing>; g: async func(); }",
            "f: func(a: map<string, u8>, b: error-context) -> result<_, error-context>;",
            "world w { include a with { b as c } include d:e/f; export run: async func(); }",
            "/* map: /* async: */ own: */ /// with: x\ninterface i {}",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn as_many_names_as_fit() {
        let start = std::time::Instant::now();
        let number = 400_000;
        let new = modernised(&"own: u8, type map = u8; ".repeat(number));
        assert_eq!(new, "%own: u8, type %map = u8; ".repeat(number));
        // Less than a second; it would take minutes to compare each word with each name.
        assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    }
}
