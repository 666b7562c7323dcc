//! The foundation of every stage. It knows no stage, no WIT and no Python.
//!
//! - [`UserError`] carries a mistake of the user's, whichever stage found it; [`Mistake`] is the trait of the stages'
//!   own enums.
//! - [`wording`] puts numbers and lists into words.
//! - [`files`] reads files that strangers may have made.
//! - [`ui`] is the one gate for the program's output.

#![deny(missing_docs)]

mod error;
pub mod files;
pub mod ui;
pub mod wording;

pub use error::{Kind, Mistake, UserError};
