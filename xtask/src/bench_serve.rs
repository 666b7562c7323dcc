//! `cargo xtask bench serve`: `benches/serve/app.py` built by this tool and by `componentize-py==0.25.1`, both served by our own
//! `serve` in turn, and asked by `wrk`. Prints the table of `benches/serve.md`.
//!
//! `wrk` is taken from the path, else (on Debian and its kin) unpacked from its package without installing it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::bench::{ours, peer};
use crate::process::run;

/// Each tool's component is asked for each path this often, in turn.
const ROUNDS: usize = 5;
const CONNECTIONS: &str = "-c4";
const SECONDS: &str = "-d5";
const PATHS: [&str; 2] = ["/", "/work"];
/// `USER_HZ`, which Linux fixes for programs.
const TICKS_PER_SECOND: f64 = 100.0;

struct Subject {
    name: &'static str,
    component: PathBuf,
    /// The first start, which compiles, and the next.
    starts: [Duration; 2],
    /// By path.
    rounds: [Vec<Round>; PATHS.len()],
}

/// What one run of `wrk` says.
struct Round {
    per_second: f64,
    p50: f64,
    p99: f64,
    /// Milliseconds of processor time that the server took for a request, where the system tells.
    processor: f64,
}

pub fn bench(root: &Path, guest: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    guest(root)?;
    let ours = ours(root)?;
    let folder = root.join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let wrk = Wrk::find(&folder)?;
    let mut subjects = Vec::new();
    for (name, tool) in [
        ("componentize-py 0.25.1", peer(&folder)?),
        ("this tool", ours.clone()),
    ] {
        let component = folder.join(format!("serve-{}.wasm", subjects.len()));
        build(root, &tool, &component)?;
        let starts = [
            start(&ours, &folder, &component, true)?,
            start(&ours, &folder, &component, false)?,
        ];
        subjects.push(Subject {
            name,
            component,
            starts,
            rounds: Default::default(),
        });
    }
    // One unmeasured round each.
    for round in 0..=ROUNDS {
        for subject in &mut subjects {
            let server = Server::start(&ours, &folder, &subject.component)?;
            for (path, rounds) in PATHS.iter().zip(&mut subject.rounds) {
                let result = wrk.ask(&server, path)?;
                if round > 0 {
                    rounds.push(result);
                }
            }
        }
    }
    report(&mut subjects);
    Ok(())
}

fn build(root: &Path, tool: &Path, component: &Path) -> Result<()> {
    run(Command::new(tool)
        .current_dir(root)
        .args(["-q", "-d", "wit/wasi-0.2", "-w", "wasi:http/proxy@0.2.12"])
        .args(["componentize", "app", "-p", "benches/serve", "-o"])
        .arg(component))
}

/// How long it takes to listen, with or without compiled code.
fn start(tool: &Path, folder: &Path, component: &Path, empty: bool) -> Result<Duration> {
    let compiled = cache(folder).join("componentize-py/compiled");
    if empty && compiled.exists() {
        std::fs::remove_dir_all(&compiled)?;
    }
    let start = Instant::now();
    drop(Server::start(tool, folder, component)?);
    Ok(start.elapsed())
}

/// One of its own, so that the first start is one.
fn cache(folder: &Path) -> PathBuf {
    folder.join("serve-cache")
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(tool: &Path, folder: &Path, component: &Path) -> Result<Self> {
        let mut child = Command::new(tool)
            .env("COMPONENTIZE_PY_CACHE", cache(folder))
            .args(["serve", "--addr", "127.0.0.1:0"])
            .arg(component)
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start {}", tool.display()))?;
        let mut lines = BufReader::new(child.stderr.take().context("it is piped")?).lines();
        let line = lines.next().context("the server ended")??;
        let address = line
            .strip_prefix("Serving on ")
            .with_context(|| format!("the server said: {line}"))?;
        let address = address.trim_end_matches('/').to_owned();
        // Its log has a reader, as it would in earnest.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address })
    }

    /// Seconds of processor time so far; zero where the system does not tell.
    fn processor(&self) -> f64 {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = |index: usize| {
            fields
                .get(index)
                .and_then(|text| text.parse::<f64>().ok())
                .unwrap_or(0.0)
        };
        (ticks(11) + ticks(12)) / TICKS_PER_SECOND
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The load generator and the folder of its libraries.
struct Wrk {
    program: PathBuf,
    libraries: Option<PathBuf>,
}

impl Wrk {
    fn find(folder: &Path) -> Result<Self> {
        let on_path = Command::new("wrk")
            .arg("-v")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if on_path.is_ok() {
            return Ok(Self {
                program: PathBuf::from("wrk"),
                libraries: None,
            });
        }
        let folder = folder.join("wrk");
        let program = folder.join("usr/bin/wrk");
        if !program.exists() {
            std::fs::create_dir_all(&folder)?;
            let hint = "`wrk` is not there and could not be downloaded; install it";
            run(Command::new("apt-get").current_dir(&folder).args([
                "download",
                "wrk",
                "libluajit-5.1-2",
            ]))
            .context(hint)?;
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "deb") {
                    run(Command::new("dpkg-deb").arg("-x").arg(path).arg(&folder)).context(hint)?;
                }
            }
        }
        Ok(Self {
            program,
            libraries: Some(folder.join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH))),
        })
    }

    fn ask(&self, server: &Server, path: &str) -> Result<Round> {
        let mut command = Command::new(&self.program);
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        let before = server.processor();
        let output = command
            .args(["-t1", CONNECTIONS, SECONDS, "--latency"])
            .arg(format!("{}{path}", server.address))
            .output()
            .context("failed to start wrk")?;
        let processor = server.processor() - before;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "wrk failed:\n{text}");
        for trouble in ["Non-2xx", "Socket errors"] {
            ensure!(
                !text.contains(trouble),
                "not every request was answered:\n{text}"
            );
        }
        let requests = text
            .lines()
            .find(|line| line.contains(" requests in "))
            .and_then(first_word);
        let requests: f64 = requests.context("wrk does not say how many")?.parse()?;
        Ok(Round {
            per_second: value(&text, "Requests/sec:")?.parse()?,
            p50: milliseconds(value(&text, "50%")?)?,
            p99: milliseconds(value(&text, "99%")?)?,
            processor: processor * 1e3 / requests,
        })
    }
}

fn first_word(line: &str) -> Option<&str> {
    line.split_whitespace().next()
}

/// What stands behind a label that a line begins with.
fn value<'a>(text: &'a str, label: &str) -> Result<&'a str> {
    let rest = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(label));
    rest.and_then(first_word)
        .with_context(|| format!("wrk does not say `{label}`:\n{text}"))
}

/// `950.00us`, `4.20ms`, `1.02s`
fn milliseconds(text: &str) -> Result<f64> {
    let unit = text
        .find(|c: char| c.is_ascii_alphabetic())
        .context("a time has a unit")?;
    let factor = match &text[unit..] {
        "us" => 1e-3,
        "ms" => 1.0,
        _ => 1e3,
    };
    Ok(text[..unit].parse::<f64>()? * factor)
}

fn report(subjects: &mut [Subject]) {
    println!("| path | built by | requests/s | p50 | p99 | processor time |");
    println!("|---|---|---|---|---|---|");
    for (index, path) in PATHS.iter().enumerate() {
        let mut rates = Vec::new();
        for subject in subjects.iter() {
            let rounds = &subject.rounds[index];
            let rate = median(rounds, |round| round.per_second);
            println!(
                "| `{path}` | {} | {rate:.0} | {:.1} ms | {:.1} ms | {:.2} ms |",
                subject.name,
                median(rounds, |round| round.p50),
                median(rounds, |round| round.p99),
                median(rounds, |round| round.processor),
            );
            rates.push((rate, median(rounds, |round| round.processor)));
        }
        let ((their_rate, their_time), (our_rate, our_time)) = (rates[0], rates[1]);
        println!(
            "| | ratio | {:.2} | | | {:.2} |",
            our_rate / their_rate,
            our_time / their_time
        );
    }
    println!("\n| built by | first start | next start |\n|---|---|---|");
    for Subject { name, starts, .. } in subjects {
        println!(
            "| {name} | {:.1} s | {:.2} s |",
            starts[0].as_secs_f64(),
            starts[1].as_secs_f64()
        );
    }
}

fn median(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> f64 {
    let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
