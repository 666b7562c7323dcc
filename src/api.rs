//! The two commands as methods, for programs that use this library.

use std::sync::Arc;

use anyhow::Result;
use ground::ui::{Observer, Ui};

use crate::pipeline;
use crate::report::Report;
use crate::settings::{Bindings, Componentize};

impl Componentize {
    /// Builds the component and writes it. Errors hold a [`ground::UserError`] if the input is at fault.
    pub fn run(&self) -> Result<()> {
        self.run_observed(None)
    }

    /// The same as `run`; the observer may end it.
    pub fn run_observed(&self, observer: Option<Arc<dyn Observer>>) -> Result<()> {
        let ui = Ui::new(self.verbosity).observed_by(observer);
        pipeline::componentize(self, &ui)
    }

    /// Builds the component, writes it, and returns what makes up its size, for which the app is imported twice. Prints
    /// nothing.
    pub fn build(&self) -> Result<Report> {
        pipeline::report(self, &Ui::new(self.verbosity))
    }
}

impl Bindings {
    /// Writes the files; the directory is created.
    pub fn run(&self) -> Result<()> {
        self.run_observed(None)
    }

    /// The same as `run`; the observer may end it.
    pub fn run_observed(&self, observer: Option<Arc<dyn Observer>>) -> Result<()> {
        let ui = Ui::new(self.verbosity).observed_by(observer);
        pipeline::bindings(self, &ui)
    }
}
