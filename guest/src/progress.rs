//! The messages of a running build.

/// Receives the steps of a build as they begin. Steps may come from several threads.
pub trait Progress: Sync {
    /// A step begins: a short phrase like `building wasi-libc`.
    fn step(&self, message: &str);
}

/// Prints each step as a line on stderr.
pub struct Lines;

impl Progress for Lines {
    fn step(&self, message: &str) {
        eprintln!("{message}");
    }
}

/// Prints nothing.
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _message: &str) {}
}
