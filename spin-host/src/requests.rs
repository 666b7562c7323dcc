//! One request: its fresh instance, the call in the form that the instance wants, and the end when its time is over.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use wasmtime::component::GuestTaskId;
use wasmtime::{Engine, Store, StoreContextMut, UpdateDeadline};
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, ProxyHandler, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState,
    WorkerStatus,
};
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _};

use crate::app::{Loaded, Trigger};
use crate::interfaces::inbound::HttpTriggerPre;
use crate::interfaces::inbound::exports::fermyon::spin::inbound_http as records;
use crate::interfaces::inbound::fermyon::spin::http_types::Method as RecordMethod;
use crate::limits::{Bounds, GivenUp};
use crate::parts::Parts;
use crate::say::say;
use crate::state::{Grants, State};

/// The first generation's trigger takes requests whole, so their size is limited.
const RECORD_BODY: usize = 16 << 20;

/// The reason why a component gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("as many instances as there may be are busy (`--max-instances`)")]
    Busy,
    #[error("its client sent too little of the request, too slowly")]
    Slow,
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

/// Answers `request` with `component`, or returns the reason why it could not.
pub async fn answer(
    engine: &Engine,
    component: &Loaded,
    parts: &Arc<Parts>,
    bounds: Bounds,
    request: Request<WasiBody>,
) -> Result<Response<WasiBody>, Failure> {
    let fresh = Fresh {
        engine: engine.clone(),
        grants: component.grants.clone(),
        parts: parts.clone(),
        bounds: bounds.clone(),
    };
    let answer = match &component.trigger {
        Trigger::WasiHttp(pre) => {
            let handler = ProxyHandler::new(Handler {
                fresh,
                pre: pre.clone(),
            });
            // The instance runs in a separate task.
            let waiting = bounds.exchange.waiting();
            let answer = handler.handle((), request).await;
            waiting.over();
            answer.map_err(anyhow::Error::from)
        }
        Trigger::Records(pre) => tokio::select! {
            answer = answer_with_records(&fresh, pre, request) => answer,
            _ = bounds.over() => Err(anyhow!("it ran for too long")),
        },
    };
    answer.map_err(|error| match bounds.given_up() {
        Some(GivenUp::Slow) => Failure::Slow,
        Some(GivenUp::TimedOut | GivenUp::Left) | None => Failure::Failed(error),
    })
}

/// Makes stores for one component.
#[derive(Clone)]
struct Fresh {
    engine: Engine,
    grants: Arc<Grants>,
    parts: Arc<Parts>,
    bounds: Bounds,
}

impl Fresh {
    fn store(&self) -> wasmtime::Result<Store<State>> {
        let state = State::new(
            &self.grants,
            &self.parts,
            self.bounds.limits.memory,
            self.bounds.place.clone(),
        )?;
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.memory);
        // At each tick the guest lets others run, and the task that waits for it can see that it is late.
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
        Ok(store)
    }
}

/// Wasmtime's handler asks this for instances, and for the lifetime of each. Our instances answer one request each.
struct Handler {
    fresh: Fresh,
    pre: Arc<ProxyPre<State>>,
}

impl HandlerState for Handler {
    type StoreData = State;
    type WorkerExpiration = Deadline;
    type WorkerState = OneRequest;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, Deadline, OneRequest>> {
        let bounds = self.fresh.bounds.clone();
        let time = bounds.limits.time;
        let deadline = Deadline(Box::pin(async move {
            bounds.over().await;
        }));
        let mut store = self.fresh.store()?;
        let proxy = tokio::time::timeout(time, self.pre.instantiate_async(&mut store)).await??;
        Ok(Instance {
            store,
            proxy,
            view: |state| state.http(),
            expiration: deadline,
            state: OneRequest(self.fresh.clone()),
        })
    }
}

/// Done when the instance is to be ended.
struct Deadline(Pin<Box<dyn Future<Output = ()> + Send + Sync>>);

impl WorkerExpiration for Deadline {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        _: WorkerStatus,
        _: Instant,
    ) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

/// Keeps the bounds of the instance, for the task that asks how it ended.
struct OneRequest(Fresh);

impl WorkerState for OneRequest {
    type StoreData = State;
    type RequestData = ();

    fn should_accept_request(&self, _concurrent: usize, _total: usize) -> ShouldAccept {
        ShouldAccept::Never
    }

    fn on_request_start(
        &self,
        _store: StoreContextMut<'_, State>,
        _data: (),
        _task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        Box::pin(std::future::pending())
    }

    fn drop(&self, store: Store<State>, result: wasmtime::Result<()>) {
        let Fresh { bounds, grants, .. } = &self.0;
        let Err(error) = result else { return };
        // This must happen before the store is dropped.
        bounds.exchange.fail();
        let component = &grants.component;
        let given_up = bounds.given_up();
        if given_up == Some(GivenUp::Left) {
            say(&format!(
                "component `{component}` was given up: its client has left"
            ));
        } else if given_up == Some(GivenUp::Slow) {
            say(&format!(
                "component `{component}` was given up: its client sent or took too little, too slowly"
            ));
        } else if let Some(limit) = store.data().memory.exhausted() {
            let limit = limit >> 20;
            say(&format!(
                "component `{component}` wanted more memory than {limit} MiB (`--max-memory`), and failed: {error:#}"
            ));
        } else {
            say(&format!("component `{component}` failed: {error:#}"));
        }
    }
}

async fn answer_with_records(
    fresh: &Fresh,
    pre: &HttpTriggerPre<State>,
    request: Request<WasiBody>,
) -> Result<Response<WasiBody>> {
    let request = to_record(request).await?;
    let mut store = fresh.store()?;
    let instance = pre.instantiate_async(&mut store).await?;
    let response = instance
        .fermyon_spin_inbound_http()
        .call_handle_request(&mut store, &request)
        .await?;
    from_record(response)
}

async fn to_record(request: Request<WasiBody>) -> Result<records::Request> {
    let (parts, body) = request.into_parts();
    let method = match parts.method {
        Method::GET => RecordMethod::Get,
        Method::POST => RecordMethod::Post,
        Method::PUT => RecordMethod::Put,
        Method::DELETE => RecordMethod::Delete,
        Method::PATCH => RecordMethod::Patch,
        Method::HEAD => RecordMethod::Head,
        Method::OPTIONS => RecordMethod::Options,
        other => anyhow::bail!("`fermyon:spin/inbound-http` has no method {other}"),
    };
    let headers = parts.headers.iter().map(|(name, value)| {
        (
            name.to_string(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    let body = Limited::new(body, RECORD_BODY)
        .collect()
        .await
        .map_err(|error| anyhow::anyhow!(error))?
        .to_bytes();
    Ok(records::Request {
        method,
        uri: parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        headers: headers.collect(),
        params: Vec::new(),
        body: (!body.is_empty()).then(|| body.to_vec()),
    })
}

fn from_record(record: records::Response) -> Result<Response<WasiBody>> {
    let body = Full::new(Bytes::from(record.body.unwrap_or_default()));
    let mut response = Response::new(body.map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = http::StatusCode::from_u16(record.status)
        .context("the component answered with no HTTP status")?;
    for (name, value) in record.headers.unwrap_or_default() {
        let name = HeaderName::from_bytes(name.as_bytes())
            .with_context(|| format!("`{name}` is not a valid header name"))?;
        response
            .headers_mut()
            .append(name, HeaderValue::from_str(&value)?);
    }
    Ok(response)
}
