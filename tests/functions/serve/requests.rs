//! Requests that are slow, odd or of another kind than `GET` over HTTP/1.

use super::*;

#[tokio::test]
async fn clients_that_are_slow_to_ask() {
    let server = Server::start(&P2, &["--idle-timeout", "1"]);
    for beginning in ["", "P", "GET / HTTP/1.1\r\nhost: x\r\n"] {
        let mut stream = std::net::TcpStream::connect(server.address).unwrap();
        stream.write_all(beginning.as_bytes()).unwrap();
        let mut answer = String::new();
        match stream.read_to_string(&mut answer) {
            Ok(_) => assert!(
                answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
                "after `{beginning}`: {answer}"
            ),
            // The server did not read what we sent.
            Err(error) => assert_eq!(
                error.kind(),
                std::io::ErrorKind::ConnectionReset,
                "after `{beginning}`"
            ),
        }
    }
    // The same for one that has been answered.
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[tokio::test]
async fn odd_requests() {
    let server = Server::start(&P2, &[]);
    let ask = |request: &str| {
        let mut stream = std::net::TcpStream::connect(server.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        std::io::BufReader::new(stream)
            .read_line(&mut line)
            .unwrap();
        line.trim_end().to_owned()
    };
    assert_eq!(ask("GET / HTTP/1.1\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    assert_eq!(
        ask("GET / HTTP/1.1\r\nhost: a b\r\n\r\n"),
        "HTTP/1.1 400 Bad Request"
    );
    for hosts in [
        "host: a\r\nhost: a",
        "host: a\r\nhost: b",
        "host: user@a",
        "host: user:word@a",
    ] {
        assert_eq!(
            ask(&format!("GET / HTTP/1.1\r\n{hosts}\r\n\r\n")),
            "HTTP/1.1 400 Bad Request",
            "{hosts}"
        );
    }
    assert_eq!(
        ask("GET http://user@a/ HTTP/1.1\r\nhost: a\r\n\r\n"),
        "HTTP/1.1 400 Bad Request"
    );
    assert_eq!(
        ask("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n"),
        "HTTP/1.1 400 Bad Request"
    );
    assert_eq!(ask("nonsense\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    assert_eq!(server.get("/").await, ok("Hello, World!"));
}

#[tokio::test]
async fn heads_have_no_body() {
    both(&[], async |server| {
        let mut connection = server.connect().await;
        let response = connection.send("HEAD", "/", full("")).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(
            response
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .is_empty()
        );
        assert_eq!(connection.get("/count").await, ok("1"));
        let log = server.log();
        assert!(!log.contains("error"), "{log}");
    })
    .await;
}

#[tokio::test]
async fn http2_without_tls() {
    let server = Server::start(&P2, &[]);
    let stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let executor = hyper_util::rt::TokioExecutor::new();
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io)
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = http::Request::get(format!("http://{}/target", server.address))
        .body(full(""))
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, format!("Scheme_Http {}", server.address));
}
