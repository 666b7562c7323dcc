//! Components for narrow worlds, and a host that offers at most what `wasi:http/proxy` has.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use wasmtime::component::{Component, Linker, ResourceTable, Val};
use wasmtime::{Config, Engine, OptLevel, Store};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Resolve, WorldId, WorldItem};

use crate::support::copy_all;
use crate::support::golden::root;

const APP: &str = include_str!("app.py.txt");

const HANDLER: &str = r#"
from wit_world import exports


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request, response_out) -> None:
        pass

"#;

struct Host {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: Default::default(),
        }
    }
}

/// A world, and the component that was built for it.
pub struct Built {
    _directory: tempfile::TempDir,
    pub bytes: Vec<u8>,
    resolve: Resolve,
    world: WorldId,
}

/// `items` are those of the world beside its `probe`; `deps` is its other WIT, or `None` for all of WASI 0.2.
pub fn build(items: &str, deps: Option<&str>, options: &[&str]) -> Built {
    let directory = tempfile::tempdir().unwrap();
    let wit = directory.path().join("wit");
    match deps {
        Some(deps) => {
            fs::create_dir_all(wit.join("deps/other")).unwrap();
            fs::write(wit.join("deps/other/other.wit"), deps).unwrap();
        }
        None => {
            let wasi = root().join("wit/wasi-0.2");
            copy_all(&wasi.join("deps"), &wit.join("deps")).unwrap();
            fs::create_dir_all(wit.join("deps/http")).unwrap();
            fs::copy(wasi.join("http.wit"), wit.join("deps/http/http.wit")).unwrap();
        }
    }
    let is_async = items.contains("async func");
    let probe = match is_async {
        true => "",
        false => "export probe: func() -> string;",
    };
    let text = format!("package example:narrow;\n\nworld narrow {{\n  {items}\n  {probe}\n}}\n");
    fs::write(wit.join("world.wit"), text).unwrap();
    let head = match items.contains("wasi:http/proxy") {
        true => HANDLER,
        false => "",
    };
    let app = APP.replace("HEAD", head);
    let app = app.replace("ASYNC", if is_async { "async " } else { "" });
    fs::write(directory.path().join("app.py"), app).unwrap();
    let bytes = componentize(
        directory.path(),
        &directory.path().join("venv"),
        &[],
        options,
    );
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(&wit).unwrap();
    let world = resolve.select_world(&[package], Some("narrow")).unwrap();
    Built {
        _directory: directory,
        bytes,
        resolve,
        world,
    }
}

pub fn componentize(
    directory: &Path,
    environment: &Path,
    shared: &[&str],
    options: &[&str],
) -> Vec<u8> {
    fs::create_dir_all(environment.join("lib/python3.14/site-packages")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_componentize-py"))
        .args(shared)
        .args(["componentize", "app", "-o", "out/app.wasm"])
        .args(options)
        .current_dir(directory)
        .env("VIRTUAL_ENV", environment)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    fs::read(directory.join("out/app.wasm")).unwrap()
}

/// The number of functions by the interface that a component imports.
pub fn imports(bytes: &[u8]) -> BTreeMap<String, usize> {
    let DecodedWasm::Component(resolve, world) = decode(bytes).unwrap() else {
        panic!("it is not a component");
    };
    let count = |item: &WorldItem| match item {
        WorldItem::Interface { id, .. } => resolve.interfaces[*id].functions.len(),
        WorldItem::Function(_) | WorldItem::Type { .. } => 1,
    };
    let imports = resolve.worlds[world].imports.iter();
    imports
        .map(|(key, item)| (resolve.name_world_key(key), count(item)))
        .collect()
}

impl Built {
    pub fn fits_its_world(&self) -> bool {
        wit_component::targets(&self.resolve, self.world, &self.bytes).is_ok()
    }

    /// The outcome of a function and the output, in a host that offers at most what `wasi:http/proxy` has.
    pub fn call(&self, function: &str, results: &mut [Val]) -> (wasmtime::Result<()>, String) {
        let engine = Engine::new(
            // Compiling takes most of the time.
            Config::new()
                .wasm_component_model_async(true)
                .cranelift_opt_level(OptLevel::None),
        )
        .unwrap();
        let component = Component::new(&engine, &self.bytes).unwrap();
        let mut linker = Linker::<Host>::new(&engine);
        wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(&mut linker).unwrap();
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
        let output = MemoryOutputPipe::new(1 << 16);
        let wasi = WasiCtxBuilder::new()
            .stdin(MemoryInputPipe::new("a line\n"))
            .stdout(output.clone())
            .stderr(output.clone())
            .build();
        let host = Host {
            wasi,
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
        };
        let mut store = Store::new(&engine, host);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let outcome = runtime.block_on(async {
            let instance = linker.instantiate_async(&mut store, &component).await?;
            let function = instance.get_func(&mut store, function).unwrap();
            function.call_async(&mut store, &[], results).await
        });
        let output = String::from_utf8(output.contents().to_vec()).unwrap();
        (outcome, output)
    }

    /// The lines of `probe`, and the output.
    pub fn probe(&self) -> (BTreeMap<String, String>, String) {
        let mut results = [Val::Bool(false)];
        let (outcome, output) = self.call("probe", &mut results);
        outcome.unwrap();
        let [Val::String(text)] = results else {
            panic!("{results:?}");
        };
        let lines = text.lines().map(|line| line.split_once(' ').unwrap());
        let lines = lines.map(|(name, outcome)| (name.to_owned(), outcome.to_owned()));
        (lines.collect(), output)
    }
}
