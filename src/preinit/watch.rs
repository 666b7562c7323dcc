//! Asks regularly whether the app's own code, which may never end, may go on: the observer of the build, and the clock.
//! The app's activity comes from the app itself ([`Activity`]).

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use wasmtime::{Store, UpdateDeadline};

use super::sandbox::Sandbox;
use ground::ui::{Observer, Stopped, Ui};

const INTERVAL: Duration = Duration::from_millis(50);

/// The limits of the app's import.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    pub timeout: Option<Duration>,
    /// Bytes of memory.
    pub max_memory: Option<usize>,
}

impl Limits {
    /// Returns `true` if something may end the import from outside, for which the code must be compiled.
    pub fn interrupt(&self, ui: &Ui) -> bool {
        ui.observer().is_some() || self.timeout.is_some()
    }
}

/// The app's code has run for this long.
#[derive(Debug, thiserror::Error)]
#[error("the app ran for too long")]
pub struct TimedOut(pub Duration);

/// The current activity of the app's code. `runtime/bundle.py` reports it by looking for files of this name.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    kind: String,
    name: String,
}

impl Activity {
    /// The directory of those files.
    const NOTE: &str = ".componentize-py-activity/";

    /// Reads a note from the path of a file that never exists.
    pub fn read(path: &str) -> Option<Self> {
        let (kind, name) = path.split_once(Self::NOTE)?.1.split_once(':')?;
        Some(Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
        })
    }

    /// Returns `true` if any code of the app has begun to run.
    pub fn has_begun(&self) -> bool {
        !self.kind.is_empty()
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let name = &self.name;
        match self.kind.as_str() {
            "" => formatter.write_str("the start of Python"),
            "create" => write!(formatter, "the construction of class `{name}`"),
            "compile" => write!(
                formatter,
                "the compilation of `{name}`, which may yet be imported,"
            ),
            _ => write!(formatter, "the import of `{name}`"),
        }
    }
}

/// Lasts as long as the app's code runs.
pub struct Watch {
    check: Arc<Check>,
    /// Dropping it ends the thread.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Check {
    observer: Option<Arc<dyn Observer>>,
    end: Option<(Instant, Duration)>,
}

impl Check {
    fn may_go_on(&self) -> wasmtime::Result<()> {
        if let Some(observer) = &self.observer
            && let ControlFlow::Break(()) = observer.still_running()
        {
            return Err(Stopped.into());
        }
        match self.end {
            Some((end, limit)) if Instant::now() >= end => Err(TimedOut(limit).into()),
            _ => Ok(()),
        }
    }
}

impl Watch {
    /// `None` if nothing could end it. The observer is asked on the thread that runs the app. The engine must have
    /// epochs.
    pub fn new(store: &mut Store<Sandbox>, limits: &Limits, ui: &Ui) -> Option<Self> {
        if !limits.interrupt(ui) {
            return None;
        }
        let check = Arc::new(Check {
            observer: ui.observer().cloned(),
            end: limits
                .timeout
                .and_then(|limit| Some((Instant::now().checked_add(limit)?, limit))),
        });
        store.set_epoch_deadline(1);
        let asked = Arc::clone(&check);
        store.epoch_deadline_callback(move |_| {
            asked.may_go_on()?;
            Ok(UpdateDeadline::Continue(1))
        });
        let engine = store.engine().clone();
        let (running, ended) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            while ended.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        });
        Some(Self {
            check,
            running: Some(running),
            thread: Some(thread),
        })
    }

    /// While the app waits for the host, no code runs that epochs could interrupt.
    pub async fn over<T>(
        &self,
        work: impl Future<Output = wasmtime::Result<T>>,
    ) -> wasmtime::Result<T> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result,
                () = tokio::time::sleep(INTERVAL) => self.check.may_go_on()?,
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take() {
            // It cannot panic, and a panic would not harm the build.
            let _ = thread.join();
        }
    }
}

/// Runs the app's code under a watch, if there is one.
pub async fn watched<T>(
    watch: Option<&Watch>,
    work: impl Future<Output = wasmtime::Result<T>>,
) -> wasmtime::Result<T> {
    match watch {
        Some(watch) => watch.over(work).await,
        None => work.await,
    }
}
