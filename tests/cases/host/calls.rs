//! Calls of the guest's exports: one, the same one many times, several at once, one that nobody waits for.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use wasmtime::component::{Func, Val};
use wasmtime::{AsContextMut as _, Trap};

use super::streams::Gathered;
use super::{Held, Running, show, streams, text};

/// A call that takes longer is stuck.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a call ended.
pub enum Outcome {
    /// The passed values and the results, with names in place of handles.
    Returned { given: Vec<Val>, result: Vec<Val> },
    /// `None` for `unreachable`, the guest's own way to trap; otherwise the reason.
    Trapped { reason: Option<String> },
}

impl Outcome {
    pub fn trapped(error: &wasmtime::Error) -> Self {
        let reason = match error.downcast_ref::<Trap>() {
            Some(Trap::UnreachableCodeReached) => None,
            _ => Some(error.root_cause().to_string()),
        };
        Self::Trapped { reason }
    }
}

/// The result of many calls of one function.
pub struct Repeated {
    pub first: Outcome,
    /// The growth of linear memory after the warm-up.
    pub grown: usize,
}

impl Running {
    /// Calls `name(arguments)`, where `name` may be `interface#function`; `names` are given to the handles in the result.
    pub fn call(&mut self, call: &str, names: &[String]) -> Result<Outcome> {
        let (function, arguments) = self.prepare(call)?;
        self.finish(function, &arguments, names)
    }

    /// Calls with values; returns Wasmtime's result.
    pub fn call_values(&mut self, function: Func, arguments: &[Val]) -> wasmtime::Result<Vec<Val>> {
        let count = function.ty(&self.store).results().len();
        let mut results = vec![Val::Bool(false); count];
        let calling = async {
            let called = function.call_async(&mut self.store, arguments, &mut results);
            match tokio::time::timeout(PATIENCE, called).await {
                Ok(ended) => ended,
                Err(_) => Err(wasmtime::Error::msg("the call does not end")),
            }
        };
        self.runtime.block_on(calling)?;
        Ok(results)
    }

    /// The function and its arguments.
    fn prepare(&mut self, call: &str) -> Result<(Func, Vec<Val>)> {
        let (name, arguments) = text::split(call)?;
        let function = self.find(name)?;
        let types: Vec<_> = function
            .ty(&self.store)
            .params()
            .map(|(_, ty)| ty)
            .collect();
        let store = self.store.as_context_mut();
        let values = text::read_arguments(store, &mut self.handles, &types, arguments)
            .with_context(|| format!("in the arguments of `{call}`"))?;
        Ok((function, values))
    }

    fn finish(&mut self, function: Func, arguments: &[Val], names: &[String]) -> Result<Outcome> {
        let given = arguments.to_vec();
        match self.call_values(function, arguments) {
            Ok(results) => {
                let results = self.gather(&results)?;
                Ok(Outcome::Returned {
                    given,
                    result: self.name_handles(&results, names)?,
                })
            }
            Err(error) => Ok(Outcome::trapped(&error)),
        }
    }

    /// Reads streams and futures among the results to their ends.
    fn gather(&mut self, results: &[Val]) -> Result<Vec<Val>> {
        let mut gathering: Vec<Option<Arc<Mutex<Gathered>>>> = Vec::new();
        for result in results {
            gathering.push(streams::gather(&mut self.store, result)?);
        }
        if gathering.iter().all(Option::is_none) {
            return Ok(results.to_vec());
        }
        let ended = || {
            gathering
                .iter()
                .flatten()
                .all(|one| one.lock().expect("no thread panics").ended)
        };
        let start = Instant::now();
        let waiting = self.store.run_concurrent(async |_| {
            while !ended() && start.elapsed() < PATIENCE {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        self.runtime.block_on(waiting)?;
        ensure!(ended(), "a stream or future does not end");
        let values = results
            .iter()
            .zip(&gathering)
            .map(|(result, gathered)| match gathered {
                Some(gathered) => Val::List(std::mem::take(
                    &mut gathered.lock().expect("no thread panics").items,
                )),
                None => result.clone(),
            });
        Ok(values.collect())
    }

    /// Calls `count` times. Every result must be the same; handles in it are dropped before the next call.
    pub fn repeat(&mut self, count: usize, call: &str) -> Result<Repeated> {
        let warm_up = (count / 10).max(1);
        let first = self.call_and_drop(call)?;
        let Outcome::Returned {
            result: expected, ..
        } = &first
        else {
            return Ok(Repeated { first, grown: 0 });
        };
        let mut memory = self.memory();
        // Printed for `benches/memory.md`.
        let mut curve = std::env::var_os("MEMORY_CURVES").map(|_| vec![memory >> 10]);
        for turn in 1..count {
            if turn == warm_up {
                memory = self.memory();
            }
            if let Some(curve) = &mut curve
                && turn % warm_up == 0
            {
                curve.push(self.memory() >> 10);
            }
            if let Some(trapped) = self.call_again(call, expected, turn)? {
                return Ok(Repeated {
                    first: trapped,
                    grown: 0,
                });
            }
        }
        if let Some(curve) = curve {
            eprintln!("KiB over {count} calls of {call}: {curve:?}");
        }
        let mut grown = self.memory() - memory;
        if grown > 0 {
            // Garbage is collected in steps, and the heap may need one more step. A leak continues to grow.
            let memory = self.memory();
            for turn in count..5 * count {
                self.call_again(call, expected, turn)?;
            }
            if self.memory() == memory {
                grown = 0;
            }
        }
        Ok(Repeated { grown, first })
    }

    /// Calls once more; returns the trap if it ends in one.
    fn call_again(&mut self, call: &str, expected: &[Val], turn: usize) -> Result<Option<Outcome>> {
        let notes = self.store.data().notes.len();
        match self.call_and_drop(call)? {
            Outcome::Returned { result, .. } => ensure!(
                result == *expected,
                "call {turn} of `{call}` gave {}, the first gave {}",
                show(&result)?,
                show(expected)?
            ),
            trapped @ Outcome::Trapped { .. } => return Ok(Some(trapped)),
        }
        self.store.data_mut().notes.truncate(notes);
        Ok(None)
    }

    fn call_and_drop(&mut self, call: &str) -> Result<Outcome> {
        let kept = self.handles.len();
        self.unnamed = 0;
        let outcome = self.call(call, &[])?;
        let dropped: Vec<Held> = self.handles.drain(kept.min(self.handles.len())..).collect();
        for held in &dropped {
            if let trapped @ Outcome::Trapped { .. } = self.drop_handle(held)? {
                return Ok(trapped);
            }
        }
        Ok(outcome)
    }

    /// Starts all calls, then lets them run: `(call, result)` in the order in which they ended.
    pub fn together(&mut self, calls: &[String]) -> Result<Vec<(String, Outcome)>> {
        let mut prepared = Vec::new();
        for call in calls {
            let (function, arguments) = self.prepare(call)?;
            let count = function.ty(&self.store).results().len();
            prepared.push((
                call.clone(),
                function,
                arguments,
                vec![Val::Bool(false); count],
            ));
        }
        let mut ended: Vec<(String, wasmtime::Result<Vec<Val>>)> = Vec::new();
        let trap = {
            let ended = &mut ended;
            let running = self.store.run_concurrent(async |accessor| {
                let mut waiting: Vec<_> = prepared
                    .iter_mut()
                    .map(|(call, function, arguments, results)| {
                        let running = async move {
                            let outcome =
                                function.call_concurrent(accessor, arguments, results).await;
                            (call.clone(), outcome.map(|()| results.clone()))
                        };
                        Some(Box::pin(running) as Pin<Box<dyn Future<Output = _>>>)
                    })
                    .collect();
                poll_fn(|context| {
                    for slot in &mut waiting {
                        if let Some(future) = slot
                            && let Poll::Ready(outcome) = future.as_mut().poll(context)
                        {
                            ended.push(outcome);
                            *slot = None;
                        }
                    }
                    if waiting.iter().all(Option::is_none) {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                })
                .await;
            });
            let patient = async { tokio::time::timeout(PATIENCE, running).await };
            match self.runtime.block_on(patient) {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error),
                Err(_) => Some(wasmtime::Error::msg("the calls do not end")),
            }
        };
        let mut outcomes = Vec::new();
        for (call, result) in ended {
            let outcome = match result {
                Ok(results) => {
                    let results = self.gather(&results)?;
                    let result = self.name_handles(&results, &[])?;
                    Outcome::Returned {
                        given: Vec::new(),
                        result,
                    }
                }
                Err(error) => Outcome::trapped(&error),
            };
            outcomes.push((call, outcome));
        }
        if let Some(error) = trap {
            outcomes.push(("all".to_owned(), Outcome::trapped(&error)));
        }
        Ok(outcomes)
    }

    /// Starts a call and drops its future after a while. Returns the outcome if it ended before that.
    ///
    /// Wasmtime 48 then forgets the result. The guest's task is not told, and goes on when the instance runs again.
    pub fn cancel_after(&mut self, time: Duration, call: &str) -> Result<Option<Outcome>> {
        let (function, arguments) = self.prepare(call)?;
        let count = function.ty(&self.store).results().len();
        let mut results = vec![Val::Bool(false); count];
        let running = self.store.run_concurrent(async |accessor| {
            let called = function.call_concurrent(accessor, &arguments, &mut results);
            tokio::time::timeout(time, called).await
        });
        let ended = self.runtime.block_on(running);
        Ok(match ended {
            Ok(Err(_)) => None,
            Ok(Ok(Ok(()))) => {
                let result = self.name_handles(&results, &[])?;
                Some(Outcome::Returned {
                    given: Vec::new(),
                    result,
                })
            }
            Ok(Ok(Err(error))) | Err(error) => Some(Outcome::trapped(&error)),
        })
    }

    /// Lets tasks that the guest left behind go on for a while.
    pub fn wait(&mut self, time: Duration) -> Result<Option<Outcome>> {
        let waiting = self
            .store
            .run_concurrent(async |_| tokio::time::sleep(time).await);
        let ended = self.runtime.block_on(waiting);
        Ok(ended.err().map(|error| Outcome::trapped(&error)))
    }
}
