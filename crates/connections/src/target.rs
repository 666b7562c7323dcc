//! The host that a request is for.

use std::net::SocketAddr;

use http::uri::{Authority, Scheme};
use http::{Method, Request, Uri, Version, header};

/// Gives the request a URI with scheme and authority, which `wasi:http` requires and HTTP/1.1 has in a header. HTTP/1.0 need
/// not have an authority; then it is the address at which the client reached us. The error says, for the client, why that
/// cannot be done.
pub fn absolute<B>(
    mut request: Request<B>,
    server: SocketAddr,
) -> Result<Request<B>, &'static str> {
    if *request.method() == Method::CONNECT {
        return Err("this server is not a proxy");
    }
    let mut parts = request.uri().clone().into_parts();
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => Authority::try_from(host.as_bytes()).ok(),
        (Some(_), Some(_)) => return Err("the request has several `host` headers"),
        // HTTP/2 has a separate field for it.
        (None, _) if request.version() == Version::HTTP_2 => parts.authority.clone(),
        (None, _) if request.version() <= Version::HTTP_10 => {
            Authority::try_from(server.to_string()).ok()
        }
        (None, _) => return Err("the request has no `host` header"),
    };
    // `user@host` is an authority, but a client may not use one here.
    let is_plain = |authority: &Authority| !authority.as_str().contains('@');
    let host = host
        .filter(is_plain)
        .ok_or("the `host` header is not valid")?;
    let authority = parts.authority.take().unwrap_or(host);
    if !is_plain(&authority) {
        return Err("the request's target is not valid");
    }
    parts.authority = Some(authority);
    parts.scheme = Some(Scheme::HTTP);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| "the request has no path")?;
    Ok(request)
}
