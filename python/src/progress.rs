//! A build that Python observes: a callback receives its stages, and signals like Ctrl-C end it.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use ground::ui::Observer;
use pyo3::prelude::*;

pub struct Progress {
    callback: Option<Py<PyAny>>,
    /// The exception that has ended the build.
    exception: Mutex<Option<PyErr>>,
}

impl Progress {
    pub fn new(callback: Option<Py<PyAny>>) -> Self {
        Self {
            callback,
            exception: Mutex::new(None),
        }
    }

    pub fn take_exception(&self) -> Option<PyErr> {
        self.slot().take()
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<PyErr>> {
        self.exception
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The build holds no lock of Python's: it is taken for each question.
    fn ask(&self, question: impl FnOnce(Python<'_>) -> PyResult<()>) -> ControlFlow<()> {
        let answer = Python::attach(|py| {
            // Runs handlers of pending signals; that of SIGINT raises KeyboardInterrupt.
            py.check_signals()?;
            question(py)
        });
        match answer {
            Ok(()) => ControlFlow::Continue(()),
            Err(exception) => {
                *self.slot() = Some(exception);
                ControlFlow::Break(())
            }
        }
    }
}

impl Observer for Progress {
    fn stage(&self, name: &str) -> ControlFlow<()> {
        self.ask(|py| match &self.callback {
            Some(callback) => callback.call1(py, (name,)).map(drop),
            None => Ok(()),
        })
    }

    fn still_running(&self) -> ControlFlow<()> {
        self.ask(|_| Ok(()))
    }
}
