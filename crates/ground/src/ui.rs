//! The one gate for the program's output: stdout is data, stderr is talk.
//!
//! Comes in: messages of the stages. Goes out: text, or nothing with `-q`; a spinner only on a terminal. A program that
//! uses the library may observe the build ([`Observer`]) and end it.
//!
//! Messages quote strangers: names of files, of libraries and in WIT, output of an app. So every text passes
//! `foreign_text` here, last, and only our own colours are added to it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{Kind, UserError};

/// The amount of output that the user wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Warnings, progress and the result.
    #[default]
    Normal,
    /// Also the time of each stage, the app's output, and wasm frames in errors.
    Verbose,
}

/// Receives the progress of a build. With `Break` the build ends with [`Stopped`], and nothing is written.
pub trait Observer: Send + Sync {
    /// A stage begins.
    fn stage(&self, name: &str) -> ControlFlow<()>;
    /// The app's own code is running, which may take any time: called every now and then.
    fn still_running(&self) -> ControlFlow<()>;
}

/// The failure of a build that its observer has ended.
#[derive(Debug, thiserror::Error)]
#[error("the build was stopped")]
pub struct Stopped;

/// The output gate of one run.
pub struct Ui {
    verbosity: Verbosity,
    spinner: Option<ProgressBar>,
    observer: Option<Arc<dyn Observer>>,
    /// Messages that need not be repeated.
    said: Mutex<BTreeSet<String>>,
}

impl Ui {
    /// The gate for a run; a spinner turns if standard error is a terminal.
    pub fn new(verbosity: Verbosity) -> Self {
        let animated = verbosity == Verbosity::Normal && std::io::stderr().is_terminal();
        Self {
            verbosity,
            spinner: animated.then(spinner),
            observer: None,
            said: Mutex::default(),
        }
    }

    /// Lets an observer look on.
    pub fn observed_by(mut self, observer: Option<Arc<dyn Observer>>) -> Self {
        self.observer = observer;
        self
    }

    /// The observer, if there is one.
    pub fn observer(&self) -> Option<&Arc<dyn Observer>> {
        self.observer.as_ref()
    }

    /// Returns `true` with `-v`.
    pub fn is_verbose(&self) -> bool {
        self.verbosity == Verbosity::Verbose
    }

    /// Runs one stage of the build, showing its name while it lasts.
    pub fn stage<T>(&self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        if let Some(observer) = &self.observer
            && observer.stage(name).is_break()
        {
            return Err(Stopped.into());
        }
        if let Some(spinner) = &self.spinner {
            spinner.set_message(name);
        }
        let start = Instant::now();
        let result = work();
        if self.is_verbose() {
            let milliseconds = start.elapsed().as_secs_f64() * 1e3;
            eprintln!("{milliseconds:8.1} ms  {name}");
        }
        result
    }

    /// Shows more about the stage that is running, on a terminal.
    pub fn progress(&self, text: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(foreign_text::line(text).into_owned());
        }
    }

    /// Prints something that the user should know although the build goes on.
    pub fn warn(&self, message: impl AsRef<str>) {
        if self.verbosity != Verbosity::Quiet {
            let message = foreign_text::lines(message.as_ref());
            let message = continued(&message);
            self.talk(&format!("{}: {message}\n", paint("warning", YELLOW)));
        }
    }

    /// The same for a message that several stages may have.
    pub fn warn_once(&self, message: String) {
        if self.is_new(&message) {
            self.warn(message);
        }
    }

    /// A line for `-v` only, which several stages may have.
    pub fn detail_once(&self, line: String) {
        if self.is_new(&line) {
            self.detail(format!("{line}\n"));
        }
    }

    fn is_new(&self, text: &str) -> bool {
        // A panic while it was held leaves it intact.
        let said = self.said.lock();
        said.unwrap_or_else(PoisonError::into_inner)
            .insert(text.to_owned())
    }

    /// Text for `-v` only.
    pub fn detail(&self, text: impl AsRef<str>) {
        if self.is_verbose() {
            self.talk(&foreign_text::lines(text.as_ref()));
        }
    }

    /// Asks a question, on a terminal: `true` only if the user says yes.
    pub fn asks(&self, question: &str) -> bool {
        let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if self.verbosity == Verbosity::Quiet || !is_terminal {
            return false;
        }
        let ask = || {
            eprint!("{} [y/N] ", foreign_text::line(question));
            let mut answer = String::new();
            let is_read = std::io::stdin().read_line(&mut answer).is_ok();
            is_read && ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
        };
        match &self.spinner {
            Some(spinner) => spinner.suspend(ask),
            None => ask(),
        }
    }

    /// The one line of data at the end of a command.
    pub fn report(&self, line: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
        if self.verbosity != Verbosity::Quiet {
            // A closed pipe is the reader's business: the component is already written.
            let _ = writeln!(std::io::stdout(), "{}", foreign_text::line(line));
        }
    }

    /// Requested data, which `-q` does not suppress. JSON means the same afterwards.
    pub fn data(&self, text: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
        let _ = std::io::stdout().write_all(foreign_text::lines(text).as_bytes());
    }

    /// Prints text that is safe to show.
    fn talk(&self, text: &str) {
        let print = || eprint!("{text}");
        match &self.spinner {
            Some(spinner) => spinner.suspend(print),
            None => print(),
        }
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_style(
        ProgressStyle::with_template("{spinner} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Exit code for a mistake in the user's input.
pub const USER_ERROR: u8 = 1;
/// Exit code for a bug of this tool; a panic ends with the same code.
pub const BUG: u8 = 101;

/// Prints an error as `error:`, its causes, the guest's messages, and `hint:`; returns the exit code.
pub fn print_error(error: &anyhow::Error) -> u8 {
    let explained = Explained::new(error);
    eprint!("{}", explained.text());
    explained.exit_code
}

/// An error in the parts that the user sees, all of them safe to show.
pub struct Explained {
    /// The error itself.
    pub message: String,
    /// The errors that led to it.
    pub causes: Vec<String>,
    /// The message of the guest or of the WIT parser, with lines of its own.
    pub detail: Option<String>,
    /// The next thing to do.
    pub hint: Option<String>,
    /// The input that is at fault, if any.
    pub kind: Option<Kind>,
    /// The exit code of the command.
    pub exit_code: u8,
}

impl Explained {
    /// Takes an error apart.
    pub fn new(error: &anyhow::Error) -> Self {
        let user = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<UserError>());
        // Refusals of the file system are not bugs of this tool, wherever they surface.
        let is_io = error.chain().any(|cause| cause.is::<std::io::Error>());
        let is_bug = user.is_none() && !is_io;
        let hint = match user {
            Some(user) => user.hint(),
            None if is_bug => Some(
                "this is a bug in componentize-py, not in your app: please report it with the command and the lines above"
                    .to_owned(),
            ),
            None => None,
        };
        let safe = |text: &str| foreign_text::lines(text).into_owned();
        Self {
            message: safe(&error.to_string()),
            causes: causes(error).iter().map(|cause| safe(cause)).collect(),
            detail: user.and_then(UserError::detail).map(safe),
            hint: hint.as_deref().map(safe),
            kind: user.map(UserError::kind),
            exit_code: if is_bug { BUG } else { USER_ERROR },
        }
    }

    fn text(&self) -> String {
        let mut text = format!("{}: {}\n", paint("error", RED), continued(&self.message));
        for cause in &self.causes {
            let _ = writeln!(text, "  caused by: {}", continued(cause.trim_end()));
        }
        if let Some(detail) = &self.detail {
            let _ = write!(text, "\n{}\n", beneath(detail.trim_end()));
        }
        if let Some(hint) = &self.hint {
            let _ = write!(text, "\n{}: {}\n", paint("hint", CYAN), beneath(hint));
        }
        text
    }
}

/// Text whose further lines cannot be taken for separate messages.
fn continued(text: &str) -> String {
    text.replace('\n', "\n    ")
}

/// Text with several lines, none of which can pose as a message of the tool.
fn beneath(text: &str) -> String {
    let poses = |line: &str| {
        let line = line.trim_start();
        ["error:", "warning:", "hint:", "caused by:"]
            .iter()
            .any(|label| line.starts_with(label))
    };
    let quoted = |line: &str| match poses(line) {
        true => format!("    {line}"),
        false => line.to_owned(),
    };
    let lines: Vec<String> = text.split('\n').map(quoted).collect();
    lines.join("\n")
}

/// Some error types repeat their source in their own text; it is then left out.
fn causes(error: &anyhow::Error) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    let mut previous = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !previous.ends_with(&cause) {
            causes.push(cause.clone());
            previous = cause;
        }
    }
    causes
}

const RED: u8 = 31;
const YELLOW: u8 = 33;
const CYAN: u8 = 36;

/// Bold colour on a terminal, plain text elsewhere or when `NO_COLOR` is set and not empty.
fn paint(word: &str, colour: u8) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if plain || !std::io::stderr().is_terminal() {
        word.to_owned()
    } else {
        format!("\u{1b}[1;{colour}m{word}\u{1b}[0m")
    }
}
