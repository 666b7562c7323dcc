//! Applications of the published Spin SDKs, end to end: built by the command in their manifest with our componentize-py, served by
//! `spin-host`, asked over HTTP. Redis is a real server; outbound requests go to a server of the test's own.
//!
//! Each example is a test, and so is each application in `tests/spin/apps`. Virtual environments (and Redis, where the system has
//! none) are made once, in the user's cache. Nothing is ever skipped.
//!
//! The longer answers lie in `expected` of those applications, what is said of hostile ones in `tests/spin/expected`.

mod app;
mod clients;
mod hostile;
mod readme;
mod servers;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use app::{Application, Response, example, fixture};
use libtest_mimic::Trial;
use servers::{Facts, Redis};

use crate::support::golden::check_file;
use crate::support::suite::Suite;

/// With this as its first argument, the program is `spin-host`: the library's whole command, in a separate process.
pub const HOST: &str = "--as-spin-host";

/// The program's work when a test starts it as `spin-host`.
pub fn as_host() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let program = arguments.next();
    if arguments.next()? != HOST {
        return None;
    }
    Some(spin_host::cli::main(program.into_iter().chain(arguments)))
}

type Test = fn() -> Result<()>;

const TESTS: [(&str, Test); 28] = [
    ("hello", hello),
    ("request", request),
    ("outbound", outbound),
    ("redis", redis),
    ("key_value", key_value),
    ("sqlite", sqlite),
    ("variables", variables),
    ("llm", llm),
    ("hello_async", hello_async),
    ("matrices", matrices),
    ("async4", async4),
    ("streaming", streaming),
    ("limits", limits),
    ("failures_after_the_head", hostile::failures_after_the_head),
    ("clients_that_leave", clients::clients_that_leave),
    (
        "clients_that_do_not_read",
        clients::clients_that_do_not_read,
    ),
    ("a_window_of_zero", clients::a_window_of_zero),
    (
        "a_stop_drops_nothing_that_has_arrived",
        clients::a_stop_drops_nothing_that_has_arrived,
    ),
    ("a_stop_at_once", clients::a_stop_at_once),
    (
        "clients_that_send_no_body",
        clients::clients_that_send_no_body,
    ),
    ("requests_as_records", clients::requests_as_records),
    ("no_place_becomes_free", clients::no_place_becomes_free),
    (
        "odd_methods_and_old_clients",
        clients::odd_methods_and_old_clients,
    ),
    (
        "streams_that_fail_after_the_head",
        clients::streams_that_fail_after_the_head,
    ),
    ("the_log", hostile::the_log),
    ("files", hostile::files),
    ("refusals", hostile::refusals),
    ("links_in_the_state", hostile::links_in_the_state),
];

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("spin");
    for (name, test) in TESTS {
        suite.test(name, test);
    }
    suite.trials()
}

fn expect(response: &Response, status: u16, body: &str) -> Result<()> {
    ensure!(
        response.status == status && response.body == body,
        "expected {status} {body:?}, got {} {:?}; it said:\n{}",
        response.status,
        response.body,
        response.log
    );
    Ok(())
}

/// The answer that a file holds.
fn expect_file(response: &Response, file: &Path, test: &str) -> Result<()> {
    expect(response, 200, &response.body)?;
    check_file(file, &format!("{}\n", response.body), test)
}

fn hello() -> Result<()> {
    let application = Application::build(&example("spin-hello"))?;
    let running = application.up(&[])?;
    application.check_readme(&running)?;
    let response = running.get("/")?;
    ensure!(
        response.headers.contains("content-type: text/plain"),
        "{}",
        response.headers
    );
    expect(&running.get("/.well-known/spin/health")?, 200, "OK")?;
    running.said("\"GET /hello\" 200")?;
    let (status, log) = running.end()?;
    ensure!(status.success(), "it did not end in order: {log}");
    Ok(())
}

fn request() -> Result<()> {
    let application = Application::build(&example("spin-request"))?;
    let running = application.up(&[])?;
    application.check_readme(&running)?;
    running.said("Ada\n<class 'str'>\n['__add__',")?;
    expect(
        &running.get("/")?,
        200,
        "Practicing reading the request object",
    )?;
    expect(&running.send("POST", "/", b"no JSON")?, 500, "")?;
    running.said("JSONDecodeError")
}

fn outbound() -> Result<()> {
    let facts = Facts::start()?;
    let application = Application::build(&example("spin-outbound"))?;
    let running = application.up(&["--variable", &format!("host={}", facts.url())])?;
    application.check_readme(&running)?;
    running.said(&format!(
        "`refused` may not send requests to {}: `allowed_outbound_hosts` does not have it",
        facts.url()
    ))?;
    running.said("Err: ErrorCode_HttpRequestDenied()")?;
    let requests = facts.requests.lock().expect("not poisoned");
    ensure!(*requests == ["GET /animals/json HTTP/1.1"], "{requests:?}");
    Ok(())
}

fn redis() -> Result<()> {
    let server = Redis::start()?;
    let application = Application::build(&example("spin-redis"))?;
    let running = application.up(&["--variable", &format!("redis_address={}", server.url())])?;
    application.check_readme(&running)?;
    ensure!(server.get("foo")? == "bar" && server.get("testIncr")? == "1");
    drop(server);
    expect(&running.get("/hello")?, 500, "")
}

fn key_value() -> Result<()> {
    let application = Application::build(&example("spin-key-value"))?;
    let running = application.up(&[])?;
    application.check_readme(&running)?;
    expect(&running.get("/other")?, 404, "no such key")?;
    expect(&running.send("PUT", "/other", "pêche".as_bytes())?, 204, "")?;
    expect(&running.get("/other")?, 200, "pêche")?;
    expect(&running.get("/")?, 200, "/fruit\n/other")?;
    expect(&running.send("DELETE", "/fruit", b"")?, 204, "")?;
    expect(&running.send("HEAD", "/fruit", b"")?, 404, "")?;
    drop(running);
    // The value is still there after a restart.
    expect(&application.up(&[])?.get("/")?, 200, "/other")
}

fn sqlite() -> Result<()> {
    let application = Application::build(&example("spin-sqlite"))?;
    let running = application.up(&[])?;
    application.check_readme(&running)?;
    drop(running);
    let running = application.up(&[])?;
    let both = r#"[{"id": 1, "text": "write it", "done": 0}, {"id": 2, "text": "x'); DROP TABLE todos", "done": 0}]"#;
    expect(
        &running.send("POST", "/", b"x'); DROP TABLE todos")?,
        200,
        both,
    )
}

fn variables() -> Result<()> {
    let application = Application::build(&example("spin-variables"))?;
    let missing = application.refused(&[])?;
    ensure!(
        missing.contains("`password` is required and has no value: set `SPIN_VARIABLE_PASSWORD`"),
        "{missing}"
    );
    let running = application.up(&["--variable", "password=secret"])?;
    application.check_readme(&running)?;
    expect(&running.send("POST", "/", b"guess")?, 401, "wrong password")
}

fn llm() -> Result<()> {
    let application = Application::build(&example("spin-llm"))?;
    application.check_readme(&application.up(&[])?)
}

fn hello_async() -> Result<()> {
    let facts = Facts::start()?;
    let application = Application::build(&example("spin-hello-async"))?;
    let running = application.up(&["--variable", &format!("host={}", facts.url())])?;
    application.check_readme(&running)?;
    ensure!(facts.requests.lock().expect("not poisoned").len() == 3);
    Ok(())
}

fn matrices() -> Result<()> {
    let application = Application::build_with(&example("spin-matrices"), &["numpy"])?;
    let running = application.up(&[])?;
    application.check_readme(&running)?;
    expect(&running.get("/")?, 400, "")?;
    expect(
        &running.send("POST", "/multiply", b"[1]")?,
        500,
        "ValueError: not enough values to unpack (expected 2, got 1)",
    )?;
    drop(running);
    // The other options, and the default compiler.
    let arguments = [
        "--build",
        "--from",
        "spin.toml",
        "--state-dir",
        "elsewhere",
        "--max-instances",
        "1",
        "--compiler",
        "cranelift",
    ];
    let running = application.up(&arguments)?;
    running.said("Component built successfully")?;
    ensure!(
        application.has("elsewhere/key_value.db"),
        "the state is not where it should be"
    );
    expect(&running.get("/")?, 400, "")
}

fn async4() -> Result<()> {
    let server = Redis::start()?;
    let running = Application::build(&fixture("async4"))?
        .up(&["--variable", &format!("redis={}", server.url())])?;
    let answer = running.send("PUT", "/path?query", "körper".as_bytes())?;
    let file = fixture("async4").join("expected/answer.json");
    expect_file(&answer, &file, "spin/async4")?;
    ensure!(server.get("async4")? == "42");
    Ok(())
}

/// The class is that of the SDK's own bindings, though the SDK does not define the world.
fn streaming() -> Result<()> {
    let running = Application::build(&fixture("streaming"))?.up(&[])?;
    let body = "körper ".repeat(2_000);
    let answer = running.send("POST", "/path?query", body.as_bytes())?;
    let shouted: Vec<u8> = body.bytes().map(|byte| byte.to_ascii_uppercase()).collect();
    let end = " /path?query 16000 spin_sdk.wit.imports.wasi_http_types_0_3_0_rc_2026_03_15";
    let expected = String::from_utf8(shouted)? + end;
    expect(&answer, 201, &expected)
}

/// An application may harm itself, but not the server; a refusal tells it why.
fn limits() -> Result<()> {
    let application = Application::build(&fixture("limits"))?;
    let running = application.up(&["--timeout", "2", "--max-memory", "128"])?;
    for (path, said) in [
        ("/fail", "ValueError: on purpose"),
        ("/loop", "component `limits` failed: guest timed out"),
        (
            "/granted/a/query",
            "component `granted` failed: guest timed out",
        ),
        ("/eat", "MemoryError"),
        ("/abort", "wasm trap"),
    ] {
        expect(&running.get(path)?, 500, "")?;
        running.said(said)?;
        expect(&running.get("/fine")?, 200, "\"fine\"")?;
    }
    for path in [
        "refused",
        "granted/refused",
        "granted/bounds",
        "granted/itself",
        "granted/surroundings",
        "granted/drafts",
        "granted/connections",
        "granted/many",
        "granted/flood",
    ] {
        let place = format!("/{}", path.replace("granted/", "granted/a-thing/deeper/"));
        let file = fixture("limits").join(format!("expected/{}.json", path.replace('/', "-")));
        expect_file(&running.get(&place)?, &file, "spin/limits")?;
    }
    expect(&running.get("/granted/a/handles")?, 500, "")?;
    running.said("resource table has no free keys")?;
    expect(&running.get("/fine")?, 200, "\"fine\"")?;
    running.said("`limits` may not connect to redis://127.0.0.1:6379: `allowed_outbound_hosts` does not have it")?;
    ensure!(
        !running.log().contains("secret"),
        "a password was said:\n{}",
        running.log()
    );
    let full = format!("http://{}/url", running.address);
    expect(&running.get(&full)?, 200, &format!("{full:?}"))?;
    Ok(())
}
