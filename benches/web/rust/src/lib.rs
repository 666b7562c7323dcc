//! The greeting of `../direct`, written by hand in Rust: the least that a component can take on the same server.

use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

const TEXT: &[u8] = b"Hello, World!\n";

struct Greeting;

impl Guest for Greeting {
    fn handle(_: IncomingRequest, out: ResponseOutparam) {
        let length = TEXT.len().to_string().into_bytes();
        let fields = Fields::from_list(&[("content-length".to_owned(), length)]);
        let response = OutgoingResponse::new(fields.expect("the fields are valid"));
        let body = response.body().expect("the body is taken once");
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().expect("the stream is taken once");
        stream
            .blocking_write_and_flush(TEXT)
            .expect("the host takes the body");
        drop(stream);
        OutgoingBody::finish(body, None).expect("the body is complete");
    }
}

wasi::http::proxy::export!(Greeting);
