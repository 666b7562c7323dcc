//! What the host says on standard error: the one gate, since much of it is what clients and components wrote.

/// A line. What a terminal would obey in it is spelled out.
pub fn say(text: &str) {
    eprintln!("{}", foreign_text::line(text));
}
