//! How functions that f2c has written call each other.
//!
//! Comes in: a file as f2c writes it. Goes out: the same with calls as gfortran's, but for the lengths of strings. They are still given
//! to the functions of f2c's own library, which work on strings.

use std::iter::Peekable;
use std::str::Chars;

/// Functions of f2c's library that need lengths.
const WITH_LENGTHS: [&str; 4] = ["s_copy", "s_cat", "s_cmp", "i_len"];
/// f2c's comment before a subroutine's type.
const SUBROUTINE: &str = "/* Subroutine */";
const LENGTH: &str = "ftnlen";
/// The ending of the name of a string's length.
const OF_LENGTH: &str = "_len";

pub fn as_gfortran(text: &str) -> String {
    let tokens = tokens(text);
    let mut rewriter = Rewriter {
        tokens: &tokens,
        at: 0,
    };
    rewriter.file().concat()
}

struct Rewriter<'a> {
    tokens: &'a [String],
    at: usize,
}

impl Rewriter<'_> {
    fn file(&mut self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let (mut depth, mut in_subroutine) = (0_usize, false);
        while let Some(token) = self.tokens.get(self.at) {
            match token.as_str() {
                "(" => {
                    self.list(&mut out);
                    continue;
                }
                SUBROUTINE => in_subroutine |= depth == 0,
                "int" if last(&out).is_some_and(|last| last == SUBROUTINE) => {
                    out.push("void".to_owned());
                    self.at += 1;
                    continue;
                }
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    in_subroutine &= depth > 0;
                }
                "0" if in_subroutine && last(&out).is_some_and(|last| last == "return") => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            out.push(token.clone());
            self.at += 1;
        }
        out
    }

    /// Copies what is between parentheses, without lengths if these are arguments or parameters.
    fn list(&mut self, out: &mut Vec<String>) {
        shorten_name(out);
        let before = last(out).unwrap_or_default().to_owned();
        let is_call =
            before == ")" || is_name(&before) && !["return", "if", "while"].contains(&&*before);
        self.at += 1;
        let mut items: Vec<Vec<String>> = vec![Vec::new()];
        while let Some(token) = self.tokens.get(self.at) {
            let item = items.last_mut().expect("there is always an item");
            match token.as_str() {
                "(" => {
                    self.list(item);
                    continue;
                }
                ")" => break,
                "," => items.push(Vec::new()),
                _ => item.push(token.clone()),
            }
            self.at += 1;
        }
        self.at += 1;
        if WITH_LENGTHS.contains(&&*before) {
            items.iter_mut().for_each(|item| self.measure(item));
        } else if is_call {
            items.retain(|item| !is_length(item));
        }
        out.push("(".to_owned());
        out.extend(items.join(&",".to_owned()));
        out.push(")".to_owned());
    }

    /// A string that was given without its length ends with a zero.
    fn measure(&self, item: &mut Vec<String>) {
        let [name] = &significant(item)[..] else {
            return;
        };
        let Some(name) = name.strip_suffix(OF_LENGTH) else {
            return;
        };
        // f2c keeps its names apart from those of C.
        let other = format!("{name}__");
        let name = if self.tokens.contains(&other) {
            &other
        } else {
            name
        };
        *item = vec![format!(" ({LENGTH})strlen({name})")];
    }
}

/// f2c adds a second underscore to names that have one already.
fn shorten_name(out: &mut [String]) {
    if let Some(name) = out.last_mut()
        && let Some(start) = name.strip_suffix("__")
        && start.contains('_')
        && is_name(start)
    {
        name.pop();
    }
}

fn is_length(item: &[String]) -> bool {
    let words = significant(item);
    match words[..] {
        [LENGTH] | [LENGTH, _] | ["(", LENGTH, ")", _] => true,
        [name] => name.ends_with(OF_LENGTH),
        _ => false,
    }
}

fn is_blank(token: &str) -> bool {
    token.starts_with(char::is_whitespace)
}

fn significant(tokens: &[String]) -> Vec<&str> {
    let is_comment = |token: &str| token.starts_with("/*");
    let words = tokens.iter().map(String::as_str);
    words
        .filter(|word| !is_blank(word) && !is_comment(word))
        .collect()
}

/// The last token that is not blank.
fn last(tokens: &[String]) -> Option<&str> {
    tokens
        .iter()
        .map(String::as_str)
        .rfind(|token| !is_blank(token))
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

/// Names and numbers, blanks, comments, strings, and single characters.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        let mut token = String::from(first);
        if first.is_ascii_alphanumeric() || first == '_' {
            take_while(&mut rest, &mut token, |one| {
                one.is_ascii_alphanumeric() || one == '_'
            });
        } else if first.is_whitespace() {
            take_while(&mut rest, &mut token, char::is_whitespace);
        } else if first == '"' || first == '\'' {
            take_string(&mut rest, &mut token, first);
        } else if first == '/' && rest.peek() == Some(&'*') {
            while !token.ends_with("*/") || token.len() < 4 {
                let Some(next) = rest.next() else { break };
                token.push(next);
            }
        }
        found.push(token);
    }
    found
}

fn take_while(rest: &mut Peekable<Chars>, token: &mut String, fits: impl Fn(char) -> bool) {
    while let Some(next) = rest.next_if(|&next| fits(next)) {
        token.push(next);
    }
}

fn take_string(rest: &mut Peekable<Chars>, token: &mut String, quote: char) {
    while let Some(next) = rest.next() {
        token.push(next);
        if next == '\\' {
            token.extend(rest.next());
        } else if next == quote {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::as_gfortran;

    #[test]
    fn subroutines_return_nothing_and_lengths_are_left_out() {
        let text = "/* Subroutine */ int x_(char *side, integer *n, ftnlen side_len)\n{\n    extern /* Subroutine */ int y_(char *, ftnlen);\n    \
                    extern logical lsame_(char *, char *, ftnlen, ftnlen);\n    if (lsame_(side, \"L)\", side_len, (ftnlen)1)) {\n\t\
                    y_(side, (\n\t    ftnlen)1);\n\treturn 0;\n    }\n    return 0;\n}\n";
        let expected = "/* Subroutine */ void x_(char *side, integer *n)\n{\n    extern /* Subroutine */ void y_(char *);\n    \
                        extern logical lsame_(char *, char *);\n    if (lsame_(side, \"L)\")) {\n\ty_(side);\n\treturn ;\n    }\n    \
                        return ;\n}\n";
        assert_eq!(as_gfortran(text), expected);
    }

    #[test]
    fn functions_of_the_library_keep_lengths() {
        let text = "integer f_(char *name__, ftnlen name_len)\n{\n    s_copy(a, name__, (ftnlen)2, name_len);\n    return 0;\n}\n";
        let expected = "integer f_(char *name__)\n{\n    s_copy(a, name__, (ftnlen)2, (ftnlen)strlen(name__));\n    return 0;\n}\n";
        assert_eq!(as_gfortran(text), expected);
    }

    #[test]
    fn names_have_one_underscore() {
        assert_eq!(
            as_gfortran("chla_transtype__(a__, i__1);"),
            "chla_transtype_(a__, i__1);"
        );
    }

    #[test]
    fn an_expression_in_parentheses_is_no_call() {
        assert_eq!(
            as_gfortran("x = (a_len) + (ftnlen)1;"),
            "x = (a_len) + (ftnlen)1;"
        );
    }
}
