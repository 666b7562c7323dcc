//! Properties of the examples' programs beyond their READMEs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use anyhow::{Context as _, Result, ensure};

use super::session::Session;

/// `cli-p3`: a line comes back before the next one is there.
pub fn copies_while_it_arrives(session: &Session) -> Result<()> {
    let mut process = session.talk("componentize-py run --timeout 120 cli.wasm upper")?;
    let mut input = process.stdin.take().context("standard input is a pipe")?;
    let mut output = BufReader::new(process.stdout.take().context("standard output is a pipe")?);
    for (line, expected) in [("first\n", "FIRST\n"), ("second\n", "SECOND\n")] {
        input.write_all(line.as_bytes())?;
        let mut seen = String::new();
        output.read_line(&mut seen)?;
        ensure!(seen == expected, "{seen:?} is not {expected:?}");
    }
    drop(input);
    let mut rest = String::new();
    output.read_to_string(&mut rest)?;
    let status = process.wait()?;
    ensure!(status.success() && rest.is_empty(), "{status}, {rest:?}");
    Ok(())
}

/// `tcp`: more than fits into the buffers on the way, in both directions at once.
pub fn exchanges_much(session: &Session) -> Result<()> {
    const TIMES: usize = 100;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || -> Result<usize> {
        let (mut client, _) = listener.accept()?;
        let mut count = 0;
        let mut buffer = [0; 1000];
        loop {
            let read = client.read(&mut buffer)?;
            if read == 0 {
                return Ok(count);
            }
            count += read;
            client.write_all(&buffer[..read].repeat(TIMES))?;
        }
    });
    let text = "0123456789".repeat(5000);
    // The answer is long and always the same byte, so its length tells whether it is complete.
    let printed = session.run(&format!(
        "componentize-py run --network tcp.wasm {address} {text} | tr -d '\\n' | wc -c"
    ))?;
    let received = server.join().expect("the server does not panic")?;
    ensure!(received == text.len(), "{received} bytes arrived");
    ensure!(
        printed.trim() == (text.len() * TIMES).to_string(),
        "{} bytes came back",
        printed.trim()
    );
    Ok(())
}

/// `sandbox`: more attempts of code, each in one instance; the next instance is as good as new.
pub fn keeps_everything_in(session: &Session) -> Result<()> {
    const TRAP: &str = "stopped: a trap, as for anything outside of the sandbox\n";
    const TIME: &str = "stopped: it ran for 2 seconds\n";
    let tries = [
        ("x = 1", "\n"),
        ("print(1, 2); x = 3; [x, \"y\"]", "1 2\n[3, 'y']\n"),
        ("x =", "SyntaxError: invalid syntax, line 1\n"),
        (
            "return 1",
            "SyntaxError: 'return' outside function, line 1\n",
        ),
        ("raise SystemExit(3)", "SystemExit: 3\n"),
        (
            "import socket",
            "ModuleNotFoundError: No module named 'socket'\n",
        ),
        ("import os; dict(os.environ)", "{}\n"),
        (
            "import os; sorted(os.listdir(\"/\"))",
            "['0', 'README.md', 'app.py', 'dev', 'host.py', 'tmp', 'wit']\n",
        ),
        (
            "import os; os.remove(\"host.py\")",
            "OSError: [Errno 69] Read-only file system: 'host.py'\n",
        ),
        ("import time; time.sleep(1)", TRAP),
        ("x = []\nwhile True: x.append(x[:])", "MemoryError\n"),
        (
            "f = lambda: f()\nf()",
            "RecursionError: maximum recursion depth exceeded\n",
        ),
        ("import re; re.match(\"(a+)+$\", \"a\" * 40 + \"b\")", TIME),
        ("10 ** 10 ** 9", TIME),
        // It breaks only its own interpreter.
        ("__builtins__.clear()", TRAP),
        ("len([1])", "1\n"),
    ];
    let arguments: String = tries.iter().map(|(code, _)| format!(" '{code}'")).collect();
    let expected: String = tries.iter().map(|(_, result)| *result).collect();
    let printed = session.run(&format!("python3 host.py{arguments}"))?;
    ensure!(printed == expected, "{printed}\nis not\n{expected}");
    Ok(())
}
