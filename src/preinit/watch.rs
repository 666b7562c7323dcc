//! Asks the observer of a build, every now and then, whether the app's own code may go on: it need not end by itself.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::{Store, UpdateDeadline};

use super::sandbox::Sandbox;
use crate::ui::{Observer, Stopped};

const INTERVAL: Duration = Duration::from_millis(50);

/// Lasts as long as the app's code runs.
pub struct Watch {
    /// Dropping it ends the thread.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// The observer is asked on the thread that runs the app. The engine must have epochs.
    pub fn new(store: &mut Store<Sandbox>, observer: &Arc<dyn Observer>) -> Self {
        let observer = Arc::clone(observer);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| match observer.still_running() {
            ControlFlow::Continue(()) => Ok(UpdateDeadline::Continue(1)),
            ControlFlow::Break(()) => Err(Stopped.into()),
        });
        let engine = store.engine().clone();
        let (running, ended) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            while ended.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        });
        Self {
            running: Some(running),
            thread: Some(thread),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take() {
            // It cannot panic, and if it did, the build would not be worse for it.
            let _ = thread.join();
        }
    }
}
