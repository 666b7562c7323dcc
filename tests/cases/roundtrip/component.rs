//! A component of several worlds: built with the real tool, loaded, and its functions called and judged.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use bindings::plan::{Naming, plan};
use bindings::world::{ResolvedWorld, WorldRequest, resolve};
use wasmtime::component::Val;
use wit_parser::{FunctionKind, Type};

use super::app::{self, Target};
use super::host::{Host, Outcome, Running};
use super::show::show;
use super::values::{same, size, value};
use crate::random::rng::{Rng, mix};

/// A world to test.
#[derive(Clone, Debug)]
pub struct World {
    pub seed: u64,
    /// `test:w17`; the world in it is called `w`.
    pub package: String,
    /// The beginning of the names of the world's own functions.
    pub prefix: String,
    pub text: String,
    /// Calls that a kept case lists, as `key(arguments) -> answer` in WAVE.
    pub calls: Vec<String>,
}

/// Additional exports of the app, for the harness.
const PROBE: &str = "package roundtrip:probe;
world probe {
  export roundtrip-look: func() -> string;
  export roundtrip-shown: func() -> string;
}
";

/// The values of one call.
#[derive(Clone, Debug)]
pub struct Call {
    pub arguments: Vec<Val>,
    pub answer: Option<Val>,
}

pub struct Component {
    pub world: ResolvedWorld,
    pub targets: Vec<Target>,
    pub host: Host,
}

impl Component {
    /// Builds and loads it.
    pub fn build(worlds: &[World]) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let root = directory.path();
        let mut files = vec![root.join("probe.wit")];
        let mut names = vec!["roundtrip:probe/probe".to_owned()];
        fs_err::write(&files[0], PROBE)?;
        for (place, world) in worlds.iter().enumerate() {
            files.push(root.join(format!("{place}.wit")));
            fs_err::write(&files[place + 1], &world.text)?;
            names.push(format!("{}/w", world.package));
        }
        let world = resolve(&WorldRequest {
            wit_paths: &files,
            worlds: &names,
            ..WorldRequest::default()
        })
        .context("the generator makes valid WIT")?;
        let plan = plan(&world, &[Naming::default()])?;
        for (module, text) in app::texts(&world, &plan)? {
            fs_err::write(root.join(format!("{module}.py")), text)?;
        }
        let passing = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/roundtrip/passing.py");
        fs_err::copy(passing, root.join("passing.py"))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_componentize-py"));
        command.current_dir(root);
        command.args(
            files
                .iter()
                .flat_map(|file| ["-d".as_ref(), file.as_os_str()]),
        );
        command.args(names.iter().flat_map(|name| ["-w", name]));
        let output = command
            .args(["componentize", "app", "-o", "app.wasm"])
            .output()?;
        ensure!(
            output.status.success(),
            "the build failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut targets = app::targets(&world, true);
        targets.retain(|target| !target.function.name.starts_with("roundtrip-"));
        let constructors = targets
            .iter()
            .filter(|one| matches!(one.function.kind, FunctionKind::Constructor(_)));
        let constructors = constructors.map(|one| {
            let call = calls(&world, one, 0, 1).remove(0);
            (one.key(), call)
        });
        let host = load(&root.join("app.wasm"), constructors.collect())?;
        Ok(Self {
            world,
            targets,
            host,
        })
    }

    /// The world that contains a function.
    pub fn owner<'a>(&self, target: &Target, worlds: &'a [World]) -> &'a World {
        let ours = |world: &&World| match &target.interface {
            Some(interface) => interface
                .split_once('/')
                .is_some_and(|(package, _)| package == world.package),
            None => target
                .function
                .name
                .starts_with(&format!("{}-", world.prefix)),
        };
        worlds
            .iter()
            .find(ours)
            .expect("every function is of one world")
    }

    pub fn calls(&self, target: &Target, seed: u64, count: usize) -> Vec<Call> {
        calls(&self.world, target, seed, count)
    }

    /// Calls and compares the values that Python saw, those that the import received, and those that came back. `None` if
    /// all are right.
    pub fn judge(
        &self,
        running: &mut Running,
        target: &Target,
        call: &Call,
        shown: bool,
    ) -> Result<Option<Fault>> {
        let outcome = running.call(&target.key(), call)?;
        if let Some(fault) = compared(target, &outcome)? {
            return Ok(Some(fault));
        }
        if shown {
            let actual = running.ask("roundtrip-shown")?;
            let expected = self.expected(target, &outcome.sent);
            if actual != expected {
                let what = format!("Python saw other values:\n  sent {expected}\n  seen {actual}");
                return Ok(Some(Fault { what, fatal: false }));
            }
        }
        Ok(None)
    }

    /// The same for several calls in flight at once, without the values that Python saw.
    pub fn judge_together(
        &self,
        running: &mut Running,
        calls: &[(&Target, &Call)],
    ) -> Result<Option<Fault>> {
        let keys: Vec<String> = calls.iter().map(|(target, _)| target.key()).collect();
        let keyed: Vec<_> = keys
            .iter()
            .map(String::as_str)
            .zip(calls.iter().map(|(_, call)| *call))
            .collect();
        let outcomes = running.together(&keyed)?;
        for (outcome, (target, _)) in outcomes.iter().zip(calls) {
            if let Some(fault) = compared(target, outcome)? {
                return Ok(Some(fault));
            }
        }
        Ok(None)
    }

    fn expected(&self, target: &Target, call: &Call) -> String {
        let resolve = &self.world.resolve;
        let types = target
            .function
            .params
            .iter()
            .map(|param| param.ty)
            .chain(target.function.result);
        let values = call.arguments.iter().chain(&call.answer);
        let texts: Vec<String> = types
            .zip(values)
            .map(|(ty, value): (Type, _)| show(resolve, &ty, value))
            .collect();
        texts.join("|")
    }
}

/// Compares the values that the import received, and those that came back, with those that were sent.
fn compared(target: &Target, outcome: &Outcome) -> Result<Option<Fault>> {
    let key = target.key();
    let call = &outcome.sent;
    let fault = |what: String, fatal: bool| Ok(Some(Fault { what, fatal }));
    let Some(returned) = &outcome.returned else {
        return fault(format!("it trapped: {}", outcome.stderr), true);
    };
    if !outcome.stderr.is_empty() {
        return fault(format!("it printed: {}", outcome.stderr), false);
    }
    match outcome.seen.as_slice() {
        [(name, given)] if *name == key => {
            let alike = given.len() == call.arguments.len()
                && given
                    .iter()
                    .zip(&call.arguments)
                    .all(|(given, sent)| same(given, sent));
            if !alike {
                return fault(
                    format!("the import was given {given:?}\n  for {:?}", call.arguments),
                    false,
                );
            }
        }
        other => return fault(format!("not one call of the import, but {other:?}"), false),
    }
    if !outcome.held.is_empty() {
        return fault(
            format!("resources are still held: {:?}", outcome.held),
            true,
        );
    }
    match (returned, &call.answer) {
        (Some(returned), Some(answer)) if same(returned, answer) => Ok(None),
        (None, None) => Ok(None),
        _ => fault(
            format!("it returned {returned:?}\n  for {:?}", call.answer),
            false,
        ),
    }
}

/// The same calls for the same seed, independent of the rest of the component.
fn calls(world: &ResolvedWorld, target: &Target, seed: u64, count: usize) -> Vec<Call> {
    let resolve = &world.resolve;
    let name = target
        .key()
        .bytes()
        .fold(seed, |seed, byte| mix(seed, u64::from(byte)));
    let room = if target.function.params.len() > 8 {
        4
    } else {
        12
    };
    let one = |number: usize| {
        let rng = &mut Rng::new(mix(name, number as u64));
        let params = target.function.params.iter();
        Call {
            arguments: params
                .map(|param| value(rng, resolve, &param.ty, room))
                .collect(),
            answer: target
                .function
                .result
                .map(|ty| value(rng, resolve, &ty, 12)),
        }
    };
    (0..count).map(one).collect()
}

/// Compiling takes memory and both cores, so it is done for one component at a time.
fn load(path: &Path, constructors: Vec<(String, Call)>) -> Result<Host> {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    Host::load(path, constructors)
}

/// The value with lists in place of types that WAVE does not have.
fn listed(value: &Val) -> Val {
    let all = |items: &[Val]| items.iter().map(listed).collect::<Vec<_>>();
    let boxed = |value: &Option<Box<Val>>| value.as_deref().map(|value| Box::new(listed(value)));
    match value {
        Val::Map(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(key, value)| Val::Tuple(vec![key.clone(), listed(value)]));
            Val::List(pairs.collect())
        }
        Val::List(items) | Val::FixedLengthList(items) => Val::List(all(items)),
        Val::Tuple(items) => Val::Tuple(all(items)),
        Val::Record(fields) => Val::Record(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), listed(value)))
                .collect(),
        ),
        Val::Variant(name, payload) => Val::Variant(name.clone(), boxed(payload)),
        Val::Option(payload) => Val::Option(boxed(payload)),
        Val::Result(Ok(payload)) => Val::Result(Ok(boxed(payload))),
        Val::Result(Err(payload)) => Val::Result(Err(boxed(payload))),
        other => other.clone(),
    }
}

/// The fault of a call.
#[derive(Debug)]
pub struct Fault {
    pub what: String,
    /// The instance cannot be used any more.
    pub fatal: bool,
}

impl Call {
    pub fn size(&self) -> usize {
        self.arguments.iter().chain(&self.answer).map(size).sum()
    }

    /// The values in WAVE, which has no payloads of NaNs, and shows maps as lists of pairs and resources as numbers.
    pub fn text(&self, key: &str) -> String {
        let wave = |value: &Val| {
            listed(value)
                .to_wave()
                .unwrap_or_else(|_| format!("{value:?}"))
        };
        let arguments: Vec<String> = self.arguments.iter().map(wave).collect();
        match &self.answer {
            Some(answer) => format!("{key}({}) -> {}", arguments.join(", "), wave(answer)),
            None => format!("{key}({})", arguments.join(", ")),
        }
    }

    /// Reads the output of `text`, if WAVE has all the types.
    pub fn parse(running: &mut Running, text: &str) -> Result<(String, Self)> {
        let (call, answer) = match text.rsplit_once(" -> ") {
            Some((call, answer)) => (call, Some(answer)),
            None => (text, None),
        };
        let (interface, call) = match call.split_once('#') {
            Some((interface, call)) if !interface.contains('(') => (Some(interface), call),
            _ => (None, call),
        };
        let call = wasmtime::component::wasm_wave::untyped::UntypedFuncCall::parse(call)?;
        let key = match interface {
            Some(interface) => format!("{interface}#{}", call.name()),
            None => call.name().to_owned(),
        };
        let ty = running.function_type(&key)?;
        let types: Vec<_> = ty.params().map(|(_, ty)| ty).collect();
        let answer = match (ty.results().next(), answer) {
            (Some(ty), Some(text)) => Some(Val::from_wave(&ty, text)?),
            _ => None,
        };
        Ok((
            key,
            Self {
                arguments: call.to_wasm_params(&types)?,
                answer,
            },
        ))
    }
}
