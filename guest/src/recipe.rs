//! What a stage does, for its key: the tokens of its code. Comments, tests and the layout of the code are no part of them.
//!
//! Comes in: source files of this crate. Goes out: their tokens, a blank between each two.

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The code that every stage runs, besides its own.
const SHARED: [&str; 6] = [
    include_str!("c_sources.rs"),
    include_str!("compile.rs"),
    include_str!("hash.rs"),
    include_str!("patch.rs"),
    include_str!("run.rs"),
    include_str!("unpack.rs"),
];

/// Where the tests begin, which come last in each file.
const TESTS: &str = "\n#[cfg(test)]\nmod tests {";

/// The recipe of a stage whose own code is in these files.
pub fn recipe(own: &[&str]) -> Result<String> {
    let mut recipe = String::new();
    for source in own.iter().chain(&SHARED) {
        recipe += &tokens(source)?;
    }
    Ok(recipe)
}

fn tokens(source: &str) -> Result<String> {
    let code = source.split(TESTS).next().unwrap_or_default();
    let stream: TokenStream = code
        .parse()
        .map_err(|error| anyhow!("a stage's own code does not parse: {error}"))?;
    let mut text = String::new();
    write(stream, &mut text);
    Ok(text)
}

fn write(stream: TokenStream, text: &mut String) {
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            // Comments of documentation are attributes: `#[doc = ".."]` or, for the file, `#![doc = ".."]`.
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                let inner = tokens.next_if(
                    |next| matches!(next, TokenTree::Punct(mark) if mark.as_char() == '!'),
                );
                if tokens.next_if(is_doc).is_none() {
                    text.push_str(if inner.is_some() { "#! " } else { "# " });
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("( ", ") "),
                    Delimiter::Brace => ("{ ", "} "),
                    Delimiter::Bracket => ("[ ", "] "),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            other => {
                text.push_str(&other.to_string());
                text.push(' ');
            }
        }
    }
}

fn is_doc(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket && first.is_some_and(|first| first.to_string() == "doc")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "fn f() -> &'static str {\n    \"a // b\"\n}\n";

    #[test]
    fn comments_layout_and_tests_do_not_count() {
        let changed = format!(
            "//! A file.\n\n/// A function.\n{}// Why.{TESTS}\n    not even Rust\n}}\n",
            CODE.replace("{\n", "{ /* why */\n\n\n")
        );
        assert_eq!(tokens(&changed).unwrap(), tokens(CODE).unwrap());
    }

    #[test]
    fn code_strings_and_attributes_count() {
        for changed in [
            CODE.replace("a // b", "a // c"),
            CODE.replace("f()", "g()"),
            format!("#[inline]\n{CODE}"),
            format!("#![allow(unused)]\n{CODE}"),
        ] {
            assert_ne!(
                tokens(&changed).unwrap(),
                tokens(CODE).unwrap(),
                "{changed}"
            );
        }
    }

    #[test]
    fn a_recipe_has_the_code_that_all_stages_share() {
        let recipe = recipe(&[CODE]).unwrap();
        for (code, name) in [
            (SHARED[1], "compile_all"),
            (SHARED[3], "apply_hunk"),
            (SHARED[4], "SOURCE_DATE_EPOCH"),
            (SHARED[5], "UNUSED"),
        ] {
            assert!(code.contains(name) && recipe.contains(name), "{name}");
        }
        assert!(!recipe.contains("the_top_folder_is_stripped"));
    }
}
