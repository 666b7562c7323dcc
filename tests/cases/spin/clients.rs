//! Limits for clients of a served application: they may not harm others, its instances or the server's end, over HTTP/1 and
//! HTTP/2. `crates/connections` has the details of connections; here are the real program and its instances.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use h2::client::SendRequest;
use h2::{Reason, RecvStream};
use http::Request;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::app::{PATIENCE, Running};
use super::hostile::{COMPONENTS, application, get, up};
use crate::support::components::build;

fn serve(component: &Path, options: &[&str]) -> Result<Running> {
    up(&application(component, "")?, options)
}

fn ask(running: &Running, request: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(running.address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

fn line(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n")
}

/// All that comes before the connection ends, or is reset.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn read_until(stream: &mut TcpStream, wanted: &str) -> Result<()> {
    let mut text = String::new();
    let mut byte = [0];
    while !text.ends_with(wanted) {
        stream.read_exact(&mut byte).context(text.clone())?;
        text.push(byte[0].into());
    }
    Ok(())
}

/// Waits until it has no more sockets than this.
fn sockets(running: &Running, wanted: usize) -> Result<()> {
    let begin = Instant::now();
    while running.sockets() > wanted {
        ensure!(begin.elapsed() < PATIENCE, "{} sockets", running.sockets());
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// A client of HTTP/2 that has room for this much of each response, and its connection.
async fn http2(running: &Running, window: u32) -> Result<(SendRequest<Bytes>, JoinHandle<()>)> {
    let stream = tokio::net::TcpStream::connect(running.address).await?;
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(window);
    let (client, connection) = builder.handshake(stream).await?;
    let driver = tokio::spawn(async move { drop(connection.await) });
    Ok((client, driver))
}

async fn body(client: &mut SendRequest<Bytes>, path: &str) -> Result<(u16, RecvStream)> {
    let request = Request::get(format!("http://here{path}")).body(())?;
    let (response, _) = client.send_request(request, true)?;
    let response = timeout(PATIENCE, response).await??;
    Ok((response.status().as_u16(), response.into_body()))
}

/// Reads to its end, or to an error.
async fn whole(mut body: RecvStream) -> Result<String, h2::Error> {
    let mut text = String::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        text.push_str(&String::from_utf8_lossy(&data));
    }
    Ok(text)
}

pub fn clients_that_do_not_read() -> Result<()> {
    let running = serve(&COMPONENTS[0], &["--timeout", "4"])?;
    let before = running.sockets();
    let clients: Vec<_> = (0..16)
        .map(|_| ask(&running, &line("/big?64")))
        .collect::<Result<_>>()?;
    running.said("\"GET /big?64\" 200")?;
    sockets(&running, before)?;
    // It can stop while there are others.
    let more: Vec<_> = (0..4)
        .map(|_| ask(&running, &line("/big?64")))
        .collect::<Result<_>>()?;
    let begin = Instant::now();
    let (status, log) = running.end()?;
    ensure!(status.success(), "{status}: {log}");
    ensure!(begin.elapsed() < Duration::from_secs(60));
    drop((clients, more));
    Ok(())
}

pub fn a_window_of_zero() -> Result<()> {
    let running = serve(&COMPONENTS[0], &["--timeout", "4"])?;
    let before = running.sockets();
    Runtime::new()?.block_on(async {
        let (mut client, driver) = http2(&running, 0).await?;
        let (status, mut body) = body(&mut client, "/").await?;
        ensure!(status == 200, "{status}");
        let end = timeout(PATIENCE, body.data()).await?;
        let error = end.context("it looks whole")?.err();
        let reason = error.as_ref().and_then(h2::Error::reason);
        ensure!(reason == Some(Reason::CANCEL), "{error:?}");
        timeout(PATIENCE, driver).await??;
        Ok(())
    })?;
    sockets(&running, before)?;
    let (status, log) = running.end()?;
    ensure!(status.success(), "{status}: {log}");
    Ok(())
}

/// Sends all of them at once, with few instances: most have not been read when the signal comes.
pub fn a_stop_drops_nothing_that_has_arrived() -> Result<()> {
    for (component, kept) in [(0, false), (0, true), (1, false)] {
        let running = serve(&COMPONENTS[component], &["--max-instances", "4"])?;
        let begin = || {
            let mut stream = ask(&running, if kept { "" } else { "G" })?;
            if kept {
                stream.write_all(line("/count").as_bytes())?;
                read_until(&mut stream, "0\r\n\r\n")?;
            }
            Ok(stream)
        };
        let mut clients: Vec<TcpStream> = (0..48).map(|_| begin()).collect::<Result<_>>()?;
        let request = line("/wait?0.05");
        for client in &mut clients {
            let request = if kept { &request } else { &request[1..] };
            client.write_all(request.as_bytes())?;
        }
        running.signal()?;
        for client in clients {
            let answer = rest(client);
            ensure!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer:?}");
            ensure!(answer.contains("waited"), "{answer}");
        }
        let (status, log) = running.end()?;
        ensure!(status.success(), "{status}: {log}");
        ensure!(!log.contains("aborted"), "{log}");
    }
    Ok(())
}

/// A second signal does not wait for a request that never ends.
pub fn a_stop_at_once() -> Result<()> {
    let running = serve(&COMPONENTS[0], &["--timeout", "600"])?;
    let client = ask(&running, &line("/wait?10000"))?;
    running.said("waiting")?;
    running.signal()?;
    running.said("Stopping after 1 more")?;
    let (status, log) = running.end()?;
    ensure!(status.code() == Some(1), "{status}: {log}");
    ensure!(
        log.contains("error: 1 request had no whole answer"),
        "{log}"
    );
    drop(client);
    Ok(())
}

/// The instance is ended, long before its time limit.
pub fn clients_that_leave() -> Result<()> {
    let options = ["--timeout", "600", "--max-instances", "1"];
    for component in &*COMPONENTS {
        let running = serve(component, &options)?;
        let began = Instant::now();
        for target in ["/wait?500", "/loop"] {
            let client = ask(&running, &line(target))?;
            running.said(if target == "/loop" {
                "looping"
            } else {
                "waiting"
            })?;
            drop(client);
            // There is only one place, so this waits for the other.
            let next = get(&running, "/")?;
            ensure!(next.contains("Hello, World!"), "{next}");
        }
        running.said("component `it` was given up: its client has left")?;
        ensure!(began.elapsed() < Duration::from_secs(80));
    }
    // Streams of a connection that goes on: before the head, and after it.
    let running = serve(&COMPONENTS[0], &options)?;
    Runtime::new()?.block_on(async {
        let (mut client, _driver) = http2(&running, 1 << 16).await?;
        for path in ["/wait?500", "/drip"] {
            let request = Request::get(format!("http://here{path}")).body(())?;
            let (response, mut stream) = client.send_request(request, false)?;
            let kept = if path == "/drip" {
                let mut body = timeout(PATIENCE, response).await??.into_body();
                let begun = body.data().await.context("it has begun")??;
                ensure!(begun == "begun", "{begun:?}");
                (None, Some(body))
            } else {
                running.said("waiting")?;
                (Some(response), None)
            };
            stream.send_reset(Reason::CANCEL);
            let (_, next) = body(&mut client, "/").await?;
            let next = timeout(PATIENCE, whole(next)).await??;
            ensure!(next == "Hello, World!", "{next}");
            drop(kept);
        }
        Ok(())
    })?;
    running.said("\"GET /drip\" 200 5 bytes, aborted")
}

/// Others are answered, and lose nothing by it.
pub fn clients_that_send_no_body() -> Result<()> {
    for component in &*COMPONENTS {
        let running = serve(component, &["--max-instances", "4", "--timeout", "120"])?;
        let request = "POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: 100000\r\n\r\n";
        let silent: Vec<TcpStream> = (0..32)
            .map(|_| ask(&running, request))
            .collect::<Result<_>>()?;
        let first = silent.iter().take(4);
        let mut drips: Vec<TcpStream> =
            first.map(TcpStream::try_clone).collect::<Result<_, _>>()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let dripping = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                for stream in &mut drips {
                    let _ = stream.write_all(b"x");
                }
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        let begin = Instant::now();
        for _ in 0..4 {
            let answer = get(&running, "/")?;
            ensure!(answer.contains("Hello, World!"), "{answer}");
        }
        let elapsed = begin.elapsed();
        stop.store(true, Ordering::Relaxed);
        dripping.join().expect("it does not panic");
        ensure!(elapsed < Duration::from_secs(60), "{elapsed:?}");
        running
            .said("component `it` was given up: its client sent or took too little, too slowly")?;
    }
    Ok(())
}

/// The first generation's trigger takes requests whole, so the host waits for them.
pub fn requests_as_records() -> Result<()> {
    let component = build("spin/records", "examples/spin-matrices/wit", "http-trigger");
    let options = ["--max-instances", "1", "--timeout", "60"];
    let running = serve(&component, &options)?;
    let post = "POST / HTTP/1.1\r\nhost: here\r\nconnection: close\r\ncontent-length: 4\r\n\r\n";
    let answer = rest(ask(&running, &format!("{post}text"))?);
    ensure!(answer.ends_with("got text"), "{answer}");
    let silent = ask(&running, post)?;
    let begin = Instant::now();
    // The first may be faster than the other.
    for _ in 0..2 {
        let answer = get(&running, "/")?;
        ensure!(answer.ends_with("got nothing"), "{answer}");
    }
    let answer = rest(silent);
    ensure!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    running.said("gave no answer: its client sent too little of the request, too slowly")?;
    // There is only one place, so the next request waits for the instance of the client that has left.
    let client = ask(&running, &line("/loop"))?;
    running.said("looping")?;
    drop(client);
    let answer = get(&running, "/")?;
    ensure!(answer.ends_with("got nothing"), "{answer}");
    ensure!(begin.elapsed() < Duration::from_secs(50));
    let running = serve(&component, &["--timeout", "1"])?;
    let answer = get(&running, "/loop")?;
    ensure!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    running.said("gave no answer: it ran for too long")
}

/// A request that finds no place in time is told so, and that it is not at fault.
pub fn no_place_becomes_free() -> Result<()> {
    let running = serve(&COMPONENTS[0], &["--max-instances", "1", "--timeout", "2"])?;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(ask(
            &running,
            &line("/loop").replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"),
        )?);
    }
    let mut answers: Vec<String> = clients.into_iter().map(rest).collect();
    answers.sort();
    ensure!(answers[0].starts_with("HTTP/1.1 500 "), "{answers:?}");
    let last = answers.last().context("there are three")?;
    ensure!(last.starts_with("HTTP/1.1 503 "), "{answers:?}");
    ensure!(last.contains("\r\nretry-after: 1\r\n"), "{last}");
    let answer = get(&running, "/")?;
    ensure!(answer.contains("Hello, World!"), "{answer}");
    Ok(())
}

pub fn odd_methods_and_old_clients() -> Result<()> {
    let running = serve(&COMPONENTS[0], &[])?;
    for method in ["PRINT", "PRI"] {
        let request = format!("{method} / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = rest(ask(&running, &request)?);
        ensure!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    let answer = rest(ask(&running, "GET /target HTTP/1.0\r\n\r\n")?);
    ensure!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    let here = format!("Scheme_Http {}", running.address);
    ensure!(answer.ends_with(&here), "{answer}");
    for hosts in [
        "",
        "host: a b\r\n",
        "host: a\r\nhost: b\r\n",
        "host: user@a\r\n",
    ] {
        let request = format!("GET / HTTP/1.1\r\n{hosts}connection: close\r\n\r\n");
        let answer = rest(ask(&running, &request)?);
        ensure!(answer.starts_with("HTTP/1.1 400 "), "{hosts}: {answer}");
    }
    let request = "GET http://one/target HTTP/1.1\r\nhost: two\r\nconnection: close\r\n\r\n";
    let answer = rest(ask(&running, request)?);
    ensure!(answer.contains("Scheme_Http one"), "{answer}");
    Ok(())
}

/// With HTTP/2, too, a response whose component fails after its head is reset, and others are whole.
pub fn streams_that_fail_after_the_head() -> Result<()> {
    for (component, path) in COMPONENTS.iter().zip(["/raise-late", "/abort-late"]) {
        let running = serve(component, &[])?;
        Runtime::new()?.block_on(async {
            let (mut client, _driver) = http2(&running, 1 << 16).await?;
            let (_, fine) = body(&mut client, "/").await?;
            ensure!(whole(fine).await? == "Hello, World!");
            let request = Request::get(format!("http://here{path}")).body(())?;
            let (response, _) = client.send_request(request, true)?;
            // It depends on who is faster whether the head is sent.
            let late = timeout(PATIENCE, async { whole(response.await?.into_body()).await });
            let late = late.await?;
            let reason = late.as_ref().err().and_then(h2::Error::reason);
            ensure!(reason == Some(Reason::INTERNAL_ERROR), "{path}: {late:?}");
            let (_, fine) = body(&mut client, "/").await?;
            ensure!(whole(fine).await? == "Hello, World!");
            Ok(())
        })?;
        running.said(&format!("\"GET {path}\" 200 4 bytes, aborted"))?;
        running.said("component `it` failed")?;
    }
    Ok(())
}
