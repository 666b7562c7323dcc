//! Instances of `wasi:http/handler` at work, each of which answers several requests at once: which of them gets a
//! request, and when they end.
//!
//! A request that is given to an instance has a [`Seat`] there. An instance whose request ended badly gets no more
//! requests, and ends when the others have ended.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

use connections::{Exchange, Place};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use wasmtime::component::Accessor;

use super::failure::Failure;
use super::idle::REST;
use super::instance::Instance;
use super::log::Log;
use super::outcome::Outcome;
use super::together::Job;
use crate::{Output, StoreState};

/// All instances that may be given requests.
#[derive(Default)]
pub struct Crew(Mutex<Vec<Arc<Worker>>>);

/// The parts of a request that its instance needs to report a failure.
#[derive(Clone)]
pub struct Member {
    pub exchange: Exchange,
    pub outcome: Outcome,
    /// Kept until the last request's instance has ended, so that there are never more instances than places.
    pub place: Arc<Place>,
}

/// One instance, as others see it.
pub struct Worker {
    limit: u32,
    jobs: mpsc::UnboundedSender<Job>,
    stdout: Output,
    stderr: Output,
    state: Mutex<State>,
    /// Told when its instance shall end.
    stop: Notify,
    /// Told when another request comes.
    company: Notify,
    quiet: Arc<Quiet>,
}

/// Told when the app has no tasks any more. A store keeps one waker for that, so all who wait for it share this one.
#[derive(Default)]
struct Quiet(Notify);

impl Wake for Quiet {
    fn wake(self: Arc<Self>) {
        self.0.notify_waiters();
    }
}

struct State {
    /// The requests that it has been given and that have not ended, by their numbers; `true` if they have begun.
    members: BTreeMap<u64, (Member, bool)>,
    /// The number of requests that it has been given.
    requests: u32,
    /// It gets no more requests.
    is_closed: bool,
    /// It computes without a break: a request had to be taken back.
    is_blocked: bool,
    /// The beginning of its idle time, if it has no members.
    since: Instant,
    /// The place of the last request, until the instance has ended.
    place: Option<Arc<Place>>,
    has_ended: bool,
}

/// A request's place in an instance.
pub struct Seat {
    worker: Arc<Worker>,
    number: u64,
    did_well: bool,
}

impl Crew {
    /// A seat in an instance: in one that is idle, else in the least busy if there are as many as processors. `None` if
    /// there should be another instance.
    pub fn seat(&self, number: u64, member: &Member) -> Option<Seat> {
        let mut workers = self.lock();
        workers.retain(|worker| !worker.lock().is_closed);
        let seats = |worker: &&Arc<Worker>| worker.lock().members.len();
        let idle = workers.iter().rev().find(|worker| seats(worker) == 0);
        let worker = idle.or_else(|| {
            let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
            let able = workers.iter().filter(|worker| !worker.lock().is_blocked);
            able.min_by_key(seats)
                .filter(|_| workers.len() >= processors)
        })?;
        worker.seat(number, member)
    }

    /// A seat in a new instance.
    pub fn join(&self, worker: &Arc<Worker>, number: u64, member: &Member) -> Seat {
        let seat = worker.seat(number, member);
        self.lock().push(worker.clone());
        seat.expect("nobody else has seen it")
    }

    /// Ends an instance that has been idle for long. Only one at a time: until it has ended, it takes the room of another.
    pub fn dismiss_old(&self, now: Instant) {
        for worker in self.lock().iter() {
            let mut state = worker.lock();
            let is_idle = state.members.is_empty() && !state.is_closed;
            if is_idle && now.duration_since(state.since) >= REST {
                state.is_closed = true;
                worker.stop.notify_one();
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Worker>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// It sends its jobs to `jobs`.
    pub fn new(limit: u32, jobs: mpsc::UnboundedSender<Job>, instance: &Instance) -> Self {
        let (stdout, stderr) = instance.output();
        let state = State {
            members: BTreeMap::new(),
            requests: 0,
            is_closed: false,
            is_blocked: false,
            since: Instant::now(),
            place: None,
            has_ended: false,
        };
        Self {
            limit,
            jobs,
            stdout,
            stderr,
            state: Mutex::new(state),
            stop: Notify::new(),
            company: Notify::new(),
            quiet: Arc::default(),
        }
    }

    /// `None` if it gets no more requests.
    fn seat(self: &Arc<Self>, number: u64, member: &Member) -> Option<Seat> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        state.requests += 1;
        state.is_closed = state.requests >= self.limit;
        state.members.insert(number, (member.clone(), false));
        drop(state);
        self.company.notify_waiters();
        Some(Seat {
            worker: self.clone(),
            number,
            did_well: false,
        })
    }

    /// Notes that the instance does not compute without a break: it has looked for requests, if only to find that one had
    /// been taken back.
    pub fn note_break(&self) {
        self.lock().is_blocked = false;
    }

    /// Notes that the instance has begun this request.
    pub fn begin(&self, number: u64) {
        let mut state = self.lock();
        let has_company = state.members.values().any(|(_, has_begun)| *has_begun);
        if let Some((_, has_begun)) = state.members.get_mut(&number) {
            *has_begun = true;
        }
        if has_company {
            self.stderr.continue_as(state.prefix());
        } else {
            self.stderr.begin(state.prefix());
        }
    }

    /// Returns `true` if there are other requests than one.
    fn has_company(&self) -> bool {
        self.lock().members.len() > 1
    }

    /// Waits until there are other requests than one.
    pub async fn company(&self) {
        loop {
            let mut company = std::pin::pin!(self.company.notified());
            company.as_mut().enable();
            if self.has_company() {
                return;
            }
            company.await;
        }
    }

    /// Waits until the app has no tasks any more.
    pub async fn quiet(&self, accessor: &Accessor<StoreState>) {
        let waker = Waker::from(self.quiet.clone());
        let is_quiet = || {
            let mut context = Context::from_waker(&waker);
            accessor.poll_no_interesting_tasks(&mut context).is_ready()
        };
        loop {
            let mut quiet = std::pin::pin!(self.quiet.0.notified());
            quiet.as_mut().enable();
            if is_quiet() {
                return;
            }
            quiet.await;
        }
    }

    /// Waits until its instance shall end.
    pub async fn stopped(&self) {
        self.stop.notified().await;
    }

    /// Ends the requests that have begun, because their instance has failed. To be called before its store is dropped,
    /// and with it the writing ends of the bodies.
    pub fn fail(&self, failure: &Failure, log: Log) {
        let mut state = self.lock();
        state.is_closed = true;
        let begun = state.members.iter().filter(|(_, (_, begun))| *begun);
        for (number, (member, _)) in begun {
            member.exchange.fail();
            log.error(*number, failure);
            member.outcome.send(Err(failure.clone()));
        }
    }

    /// Lets it get no more requests.
    pub fn close(&self) {
        self.lock().is_closed = true;
    }

    /// Notes that there is no instance any more.
    pub fn ended(&self) {
        let mut state = self.lock();
        state.has_ended = true;
        let place = state.place.take();
        drop(state);
        drop(place);
    }

    /// Passes on incomplete last lines.
    pub fn finish_output(&self) {
        self.stdout.finish();
        self.stderr.finish();
    }

    fn leave(&self, number: u64, did_well: bool) {
        let mut state = self.lock();
        let member = state.members.remove(&number);
        state.is_closed |= !did_well;
        if state.members.is_empty() {
            self.finish_output();
            state.since = Instant::now();
            if state.is_closed && !state.has_ended {
                state.place = member.map(|(member, _)| member.place);
                self.stop.notify_one();
            }
        } else {
            self.stderr.continue_as(state.prefix());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The numbers of the requests that have begun. Which of them prints cannot be told.
    fn prefix(&self) -> String {
        let begun = self.members.iter().filter(|(_, (_, begun))| *begun);
        let numbers: Vec<_> = begun.map(|(number, _)| number.to_string()).collect();
        format!("[{}] ", numbers.join(","))
    }
}

impl Seat {
    /// Gives the instance its request.
    pub fn work(&self, job: Job) {
        // If the instance has ended meanwhile, the job is dropped, which shows.
        let _ = self.worker.jobs.send(job);
    }

    /// Leaves an instance that may get other requests.
    pub fn leave(mut self) {
        self.did_well = true;
    }

    /// Gives the instance no more requests until it looks for some.
    pub fn suspect(&self) {
        self.worker.lock().is_blocked = true;
    }

    /// Gives the instance requests again, since it has begun with one.
    pub fn trust(&self) {
        self.worker.note_break();
    }

    /// Leaves an instance that did not begin the request.
    pub fn take_back(self) {
        let mut state = self.worker.lock();
        state.requests -= 1;
        // Without other requests nobody waits for what it computes.
        state.is_closed |= state.members.len() == 1;
        drop(state);
        self.leave();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.worker.leave(self.number, self.did_well);
    }
}
