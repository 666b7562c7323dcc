//! The ground floor that every stage stands on. It knows no stage, no WIT and no Python.
//!
//! - [`UserError`] carries a mistake of the user's, whichever stage has found it; [`Mistake`] is the trait of the stages' own enums.
//! - [`wording`] puts numbers and lists into words.
//! - [`files`] reads files that strangers may have made.
//! - [`ui`] is the one gate through which the program talks.

mod error;
pub mod files;
pub mod ui;
pub mod wording;

pub use error::{Kind, Mistake, UserError};
