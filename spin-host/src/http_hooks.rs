//! Outbound HTTP: the check against the allowed hosts, then a real request.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::uri::{Authority, Scheme, Uri};
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

use crate::say::say;
use crate::state::Grants;

pub struct OutboundHttp {
    pub grants: Arc<Grants>,
    pub own_address: SocketAddr,
    pub connections: Arc<Semaphore>,
}

type Transfer = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for OutboundHttp {
    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _transfer: Transfer,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Transfer), Error>> + Send> {
        let permitted = self.permit(&mut request);
        let place = self.connections.clone().try_acquire_owned();
        let request = request.map(|body| ReadToTheEnd(Some(body)).boxed_unsync());
        Box::new(async move {
            permitted?;
            let place = place.map_err(|_| Error::ConnectionLimitReached)?;
            let (response, transfer) = default_send_request(request, options).await?;
            // The connection stays open until then.
            let transfer = async move {
                let result = transfer.await;
                drop(place);
                result
            };
            Ok((
                response.map(BodyExt::boxed_unsync),
                Box::new(transfer) as Transfer,
            ))
        })
    }
}

/// A request's body. If the connection does not need it (because the request failed, or declares an empty body), it is read and
/// discarded. A guest that still writes it then learns the result of the request, and not that nobody reads.
struct ReadToTheEnd(Option<WasiBody>);

impl Body for ReadToTheEnd {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match &mut self.0 {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .as_ref()
            .map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for ReadToTheEnd {
    fn drop(&mut self) {
        if let Some(body) = self.0.take() {
            connections::drain(body);
        }
    }
}

impl OutboundHttp {
    /// A request without a host goes to the application itself, if that is allowed.
    fn permit(&self, request: &mut Request<WasiBody>) -> Result<(), Error> {
        let scheme = request.uri().scheme_str().unwrap_or("http").to_owned();
        let hosts = &self.grants.hosts;
        if request.uri().host().is_none_or(str::is_empty) {
            if !hosts.allow_self(&scheme) {
                return self.refuse(&scheme, "self");
            }
            return self
                .redirect_to_self(request)
                .map_err(|_| Error::HttpRequestUriInvalid);
        }
        let authority = request
            .uri()
            .authority()
            .map_or("", Authority::as_str)
            .to_owned();
        if hosts.allow(&authority, &scheme) {
            Ok(())
        } else {
            self.refuse(&scheme, &authority)
        }
    }

    fn refuse(&self, scheme: &str, authority: &str) -> Result<(), Error> {
        say(&format!(
            "`{}` may not send requests to {scheme}://{authority}: `allowed_outbound_hosts` does not have it",
            self.grants.component
        ));
        Err(Error::HttpRequestDenied)
    }

    fn redirect_to_self(&self, request: &mut Request<WasiBody>) -> Result<(), http::Error> {
        let address = self.own_address.to_string();
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(address.parse()?);
        *request.uri_mut() = Uri::from_parts(parts)?;
        request
            .headers_mut()
            .insert(http::header::HOST, HeaderValue::from_str(&address)?);
        Ok(())
    }
}
