//! Texts that are nearly WIT: real ones with tokens removed, doubled, exchanged or inserted from elsewhere.

use super::rng::Rng;

/// Words, numbers, spaces and single signs, so that they give the text again one after the other.
fn tokens(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut start = 0;
    let kind = |char: char| match char {
        '-' | '_' | '%' => 0,
        _ if char.is_alphanumeric() => 0,
        _ if char.is_whitespace() => 1,
        _ => 2,
    };
    let mut before = None;
    for (place, char) in text.char_indices() {
        let now = kind(char);
        if before.is_some_and(|before| before != now || now == 2) {
            all.push(&text[start..place]);
            start = place;
        }
        before = Some(now);
    }
    if start < text.len() {
        all.push(&text[start..]);
    }
    all
}

const OTHERS: &[&str] = &[
    "list<",
    "option<",
    ">",
    "<",
    ",",
    "record",
    "variant",
    "use",
    "{",
    "}",
    "(",
    ")",
    "->",
    "_",
    "async ",
    "stream",
    "future<u8>",
    "map<string, ",
    "borrow<",
    "own<",
    "u8",
    "string",
    "error-context",
    "static ",
    "constructor",
    "%",
    "@unstable(feature = x)",
    "@since(version = 1.0.0)",
    "import ",
    "export ",
    "include ",
    "4294967295",
    "0",
    ";",
    ":",
    "///",
    "/*",
    "result<_, ",
    "tuple<>",
    "list<u8, 3>",
    "resource",
    "type",
    "\u{0}",
    "\u{2028}",
    "é",
];

/// `text` with a few changes, most often one; `others` are texts to take tokens from.
pub fn mutate(rng: &mut Rng, text: &str, others: &[String]) -> String {
    let mut all: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
    for _ in 0..*rng.pick(&[1, 1, 1, 1, 2, 2, 3, 5]) {
        if all.is_empty() {
            break;
        }
        let place = rng.below(all.len());
        match rng.below(6) {
            0 => drop(all.remove(place)),
            1 => all.insert(place, all[place].clone()),
            2 => {
                let other = rng.below(all.len());
                all.swap(place, other);
            }
            3 => all.insert(place, (*rng.pick(OTHERS)).to_owned()),
            4 => all[place] = (*rng.pick(OTHERS)).to_owned(),
            _ => {
                let other: &String = rng.pick(others);
                let other = tokens(other);
                if !other.is_empty() {
                    all[place] = (*rng.pick(&other)).to_owned();
                }
            }
        }
    }
    all.concat()
}
