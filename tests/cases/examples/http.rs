//! Properties of the examples' servers beyond their READMEs: streaming in both directions, and concurrency.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};

const PATIENCE: Duration = Duration::from_secs(60);

pub fn check(address: &str) -> Result<()> {
    echoes_while_it_arrives(address).context("echo of two chunks")?;
    echoes_much(address).context("echo of much")?;
    hashes_at_the_same_time(address).context("several requests")?;
    answers_what_it_has(address).context("the first answer before the last")
}

fn connect(address: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn read_until(stream: &mut TcpStream, seen: &mut Vec<u8>, wanted: &str) -> Result<()> {
    let mut buffer = [0; 4096];
    while !seen
        .windows(wanted.len())
        .any(|window| window == wanted.as_bytes())
    {
        let count = stream
            .read(&mut buffer)
            .with_context(|| format!("waiting for {wanted:?}"))?;
        ensure!(
            count > 0,
            "no {wanted:?} in {:?}",
            String::from_utf8_lossy(seen)
        );
        seen.extend_from_slice(&buffer[..count]);
    }
    Ok(())
}

/// The last chunk is not sent before the first has come back.
fn echoes_while_it_arrives(address: &str) -> Result<()> {
    let mut stream = connect(address)?;
    let head = format!(
        "POST /echo HTTP/1.1\r\nhost: {address}\r\ntransfer-encoding: chunked\r\ncontent-type: text/x-test\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    let mut seen = Vec::new();
    for part in ["first", "second"] {
        stream.write_all(format!("{:x}\r\n{part}\r\n", part.len()).as_bytes())?;
        read_until(&mut stream, &mut seen, part)?;
    }
    stream.write_all(b"0\r\n\r\n")?;
    read_until(&mut stream, &mut seen, "0\r\n\r\n")?;
    let text = String::from_utf8_lossy(&seen);
    ensure!(
        text.starts_with("HTTP/1.1 200 ") && text.contains("content-type: text/x-test"),
        "{text}"
    );
    Ok(())
}

/// More than fits into any buffer on the way.
fn echoes_much(address: &str) -> Result<()> {
    let body: Arc<Vec<u8>> = Arc::new((0..6_000_000_u32).map(|i| (i ^ (i >> 9)) as u8).collect());
    let mut stream = connect(address)?;
    let mut writer = stream.try_clone()?;
    let sent = body.clone();
    let head = format!(
        "POST /echo HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let writing = thread::spawn(move || {
        writer
            .write_all(head.as_bytes())
            .and_then(|()| writer.write_all(&sent))
    });
    let (head, echo) = read_response(&mut stream)?;
    writing.join().expect("the writer does not panic")?;
    ensure!(
        echo == *body,
        "another body came back, of {} bytes: {head}",
        echo.len()
    );
    Ok(())
}

/// A server for requests of the component's: calls `answer` with the path, in a thread for each.
fn origin(
    answer: impl Fn(&str, &mut TcpStream) -> Result<()> + Clone + Send + 'static,
) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let answer = answer.clone();
            thread::spawn(move || {
                let mut seen = Vec::new();
                read_until(&mut stream, &mut seen, "\r\n\r\n")?;
                let text = String::from_utf8_lossy(&seen).into_owned();
                let path = text.split(' ').nth(1).context("no path")?;
                answer(path, &mut stream)
            });
        }
    });
    Ok(address)
}

fn body_of(path: &str) -> Vec<u8> {
    path.as_bytes().repeat(50_000)
}

fn hash_of(path: &str) -> String {
    Sha256::digest(body_of(path))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn send_head(path: &str, stream: &mut TcpStream) -> Result<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body_of(path).len()
    );
    Ok(stream.write_all(head.as_bytes())?)
}

fn ask(address: &str, origin: &str, paths: &[&str]) -> Result<TcpStream> {
    let mut stream = connect(address)?;
    let urls: String = paths
        .iter()
        .map(|path| format!("url: http://{origin}{path}\r\n"))
        .collect();
    stream.write_all(
        format!("GET /hash-all HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{urls}\r\n")
            .as_bytes(),
    )?;
    Ok(stream)
}

/// No response begins before all requests are there, and none ends before all are half-way.
fn hashes_at_the_same_time(address: &str) -> Result<()> {
    let paths = ["/a", "/bc", "/def?g=h", "/%20", "/"];
    let barrier = Arc::new(Barrier::new(paths.len()));
    let origin = origin(move |path, stream| {
        barrier.wait();
        send_head(path, stream)?;
        let body = body_of(path);
        let (start, end) = body.split_at(body.len() / 2);
        stream.write_all(start)?;
        barrier.wait();
        Ok(stream.write_all(end)?)
    })?;
    let (head, body) = read_response(&mut ask(address, &origin, &paths)?)?;
    let text = String::from_utf8(body)?;
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    let mut expected = paths.map(|path| format!("http://{origin}{path}: {}", hash_of(path)));
    expected.sort_unstable();
    ensure!(
        head.starts_with("HTTP/1.1 200 ") && lines == expected,
        "{head}{text}"
    );
    Ok(())
}

/// One line arrives while the request for the other still waits for its answer.
fn answers_what_it_has(address: &str) -> Result<()> {
    let (release, released) = channel::<()>();
    let released: Arc<Mutex<Receiver<()>>> = Arc::new(Mutex::new(released));
    let origin = origin(move |path, stream| {
        if path == "/slow" {
            released
                .lock()
                .expect("nobody panics with it")
                .recv_timeout(PATIENCE)?;
        }
        send_head(path, stream)?;
        Ok(stream.write_all(&body_of(path))?)
    })?;
    let mut stream = ask(address, &origin, &["/slow", "/fast"])?;
    let mut seen = Vec::new();
    read_until(&mut stream, &mut seen, &hash_of("/fast"))?;
    ensure!(
        !String::from_utf8_lossy(&seen).contains("/slow"),
        "the slow one was answered too"
    );
    release.send(())?;
    read_until(&mut stream, &mut seen, &hash_of("/slow"))
}

/// The head and the body of a response that ends with the connection.
fn read_response(stream: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    let mut seen = Vec::new();
    stream.read_to_end(&mut seen)?;
    let end = seen
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .context("no head")?
        + 4;
    let head = String::from_utf8_lossy(&seen[..end])
        .to_ascii_lowercase()
        .replace("http/1.1", "HTTP/1.1");
    let mut rest = &seen[end..];
    if !head.contains("transfer-encoding: chunked") {
        return Ok((head, rest.to_vec()));
    }
    let mut body = Vec::new();
    loop {
        let line = rest
            .windows(2)
            .position(|window| window == b"\r\n")
            .context("the body is cut off")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line])?, 16)?;
        ensure!(rest.len() >= line + 4 + size, "the body is cut off");
        body.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 4 + size..];
        if size == 0 {
            return Ok((head, body));
        }
    }
}
