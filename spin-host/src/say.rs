//! Output on standard error: the one gate, since much of the text comes from clients and components.

/// Prints a line. Characters that a terminal would obey are spelled out.
pub fn say(text: &str) {
    eprintln!("{}", foreign_text::line(text));
}
