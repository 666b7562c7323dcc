//! The way of a response's head from an instance to the task that waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Response;
use tokio::sync::oneshot;
use wasmtime_wasi_http::WasiBody;

use super::failure::Failure;

/// The receiver of the head of the response, used once.
pub type Answer = oneshot::Sender<Result<Response<WasiBody>, Failure>>;

/// An answer with several holders, one of which uses it: the object through which the component sets its response, and
/// the tasks that report failures.
#[derive(Clone)]
pub struct Outcome(Arc<Mutex<State>>);

enum State {
    Open(Answer),
    Responded,
    Failed,
}

impl Outcome {
    pub fn new(answer: Answer) -> Self {
        Self(Arc::new(Mutex::new(State::Open(answer))))
    }

    /// Only the first of several has an effect.
    pub fn send(&self, response: Result<Response<WasiBody>, Failure>) {
        let mut state = self.lock();
        if !matches!(*state, State::Open(_)) {
            return;
        }
        let next = match response {
            Ok(_) => State::Responded,
            Err(_) => State::Failed,
        };
        if let State::Open(answer) = std::mem::replace(&mut *state, next) {
            // The client may have left.
            let _ = answer.send(response);
        }
    }

    pub fn is_open(&self) -> bool {
        matches!(*self.lock(), State::Open(_))
    }

    /// Returns `true` if the component has set a response.
    pub fn is_response(&self) -> bool {
        matches!(*self.lock(), State::Responded)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
