//! OpenSSL as two static libraries, for CPython's `_ssl` and `_hashlib`.
//!
//! Comes in: the crate that bundles its source, a sysroot. Goes out: a folder with `include/openssl` and `lib`. Perl configures it
//! and writes the generated files; the C files are compiled like those of the other libraries.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::c_sources::CSources;
use crate::compile::{Unit, compile_all};
use crate::hash::Key;
use crate::libc::Libc;
use crate::recipe::recipe;
use crate::run::{command, jobs, run};
use crate::toolchain::Toolchain;
use crate::{Build, hash, stage};

const PACKAGE: &str = "openssl-src";
/// In the order in which they are linked.
const LIBRARIES: [&str; 2] = ["ssl", "crypto"];

/// What a component cannot have, or cannot use.
const WITHOUT_PARTS: &str = "apps asm async atexit autoload-config comp dgram docs dso dtls engine fips-securitychecks http ktls \
    legacy makedepend module quic sctp secure-memory shared srtp ssl-trace tests thread-pool threads ui-console";
/// What neither TLS 1.2 and 1.3 nor Python's `ssl` and `hashlib` use.
const WITHOUT_ALGORITHMS: &str = "argon2 aria bf camellia cast cmp cms ct dsa ec2m gost idea integrity-only-ciphers lms md4 mdc2 \
    ml-dsa nextprotoneg ocb ocsp rc2 rc4 rc5 rfc3779 seed siphash siv slh-dsa sm2 sm4 srp tls-deprecated-ec ts whirlpool";
/// Where it looks for certificates unless `SSL_CERT_FILE` or `SSL_CERT_DIR` says otherwise: `cert.pem` and `certs` in there.
const CERTIFICATES: &str = "/etc/ssl";

const FLAGS: [&str; 8] = [
    "-DNDEBUG",
    "-DL_ENDIAN",
    "-DOPENSSL_BUILDING_OPENSSL",
    // Addresses of sockets in the file system have no name in wasi-libc.
    "-DOPENSSL_NO_UNIX_SOCK",
    // Its errors name functions.
    "-DOPENSSL_NO_FILENAMES",
    "-DENGINESDIR=\"\"",
    "-DMODULESDIR=\"\"",
    "-D_WASI_EMULATED_GETPID",
];
/// Folders with headers, in the source and in the build folder. The last one is for generated files, whose headers lie beside
/// their templates.
const INCLUDES: [&str; 7] = [
    "",
    "crypto",
    "include",
    "providers/common/include",
    "providers/fips/include",
    "providers/implementations/include",
    "providers/implementations/ciphers",
];

/// Says how sockets are read and written.
const SOCKETS: &str = "include/internal/sockets.h";

pub struct OpenSsl {
    pub folder: PathBuf,
    pub key: String,
}

/// The flags that link it.
pub fn link_flags() -> impl Iterator<Item = String> {
    LIBRARIES.iter().map(|name| format!("-l{name}"))
}

pub fn key(build: &Build, libc: &str) -> Result<String> {
    Ok(Key::new("openssl")
        .text("libc", libc)
        .text("recipe", &recipe(&[include_str!("openssl.rs")])?)
        .text("target", include_str!("openssl/target.conf"))
        .text("sources", include_str!("openssl/sources.pl"))
        .file(&build.c_sources().join("Cargo.lock"))?
        .finish())
}

pub fn build(build: &Build, toolchain: &Toolchain, libc: &Libc) -> Result<OpenSsl> {
    let key = key(build, &libc.key)?;
    let folder = build.cache.stage("openssl", &key);
    stage::build(&folder, |folder| {
        build.progress.step("building OpenSSL");
        let source = CSources::locate(&build.c_sources())?
            .folder(PACKAGE)?
            .join("openssl")
            .canonicalize()?;
        let scratch = folder.join("build");
        configure(folder, &source, &scratch)?;
        let sources = generate(folder, &scratch)?;
        adapt(&source, &scratch)?;
        compile(folder, &source, &scratch, &sources, toolchain, libc)?;
        for from in [&source, &scratch] {
            copy_headers(
                &from.join("include/openssl"),
                &folder.join("include/openssl"),
            )?;
        }
        Ok(fs_err::remove_dir_all(scratch)?)
    })?;
    Ok(OpenSsl { folder, key })
}

fn configure(folder: &Path, source: &Path, scratch: &Path) -> Result<()> {
    fs_err::create_dir_all(scratch)?;
    let target = folder.join("target.conf");
    fs_err::write(&target, include_str!("openssl/target.conf"))?;
    let without = WITHOUT_PARTS.split_whitespace();
    let without = without.chain(WITHOUT_ALGORITHMS.split_whitespace());
    run(
        command("perl")
            .arg(source.join("Configure"))
            .arg("guest")
            .arg(format!("--config={}", target.display()))
            .arg("--prefix=/python")
            .arg(format!("--openssldir={CERTIFICATES}"))
            // `modules/_sslrandom.c` is its only source of random numbers.
            .arg("--with-rand-seed=none")
            .args(without.map(|feature| format!("no-{feature}")))
            .current_dir(scratch),
        &folder.join("configure.log"),
    )
    .context("failed to configure OpenSSL")
}

/// Writes the generated files, and returns the C files of each library.
fn generate(folder: &Path, scratch: &Path) -> Result<BTreeMap<String, Vec<PathBuf>>> {
    let output = command("perl")
        .args(["-I.", "-Mconfigdata", "-e"])
        .arg(include_str!("openssl/sources.pl"))
        .current_dir(scratch)
        .output()
        .context("failed to run `perl`")?;
    if !output.status.success() {
        let talk = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        bail!("OpenSSL's list of sources cannot be read\n{talk}");
    }
    let mut generated = Vec::new();
    let mut sources: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        match line.split_once(' ').context("a line has two words")? {
            ("make", file) => generated.push(file.to_owned()),
            (library, file) => sources
                .entry(library.to_owned())
                .or_default()
                .push(file.into()),
        }
    }
    run(
        command("make")
            .args(["-j", &jobs()])
            .args(&generated)
            .current_dir(scratch),
        &folder.join("generate.log"),
    )
    .context("failed to generate OpenSSL's sources")?;
    Ok(sources)
}

/// Puts a header into the build folder, whose headers come first. wasi-libc's `read` and `write` wait, even for a socket that does
/// not block.
fn adapt(source: &Path, scratch: &Path) -> Result<()> {
    let mut header = fs_err::read_to_string(source.join(SOCKETS))?;
    for (from, to) in [
        ("read((s), (b), (n))", "recv((s), (b), (n), 0)"),
        ("write((s), (b), (n))", "send((s), (b), (n), 0)"),
    ] {
        ensure!(header.contains(from), "`{SOCKETS}` lacks `{from}`");
        header = header.replace(from, to);
    }
    let target = scratch.join(SOCKETS);
    if let Some(folder) = target.parent() {
        fs_err::create_dir_all(folder)?;
    }
    Ok(fs_err::write(target, header)?)
}

fn compile(
    folder: &Path,
    source: &Path,
    scratch: &Path,
    sources: &BTreeMap<String, Vec<PathBuf>>,
    toolchain: &Toolchain,
    libc: &Libc,
) -> Result<()> {
    let log = folder.join("build.log");
    let flags = format!(
        "--sysroot={} -O2 -fPIC -fvisibility=hidden -fdata-sections -w -ffile-prefix-map={}/=/ -ffile-prefix-map={}/=/",
        libc.sysroot.display(),
        source.display(),
        scratch.display(),
    );
    let mut arguments: Vec<String> = FLAGS.map(str::to_owned).into();
    arguments.push(format!("-DOPENSSLDIR=\"{CERTIFICATES}\""));
    for include in INCLUDES {
        for root in [scratch, source] {
            arguments.push(format!("-I{}", root.join(include).display()));
        }
    }
    let mut units = Vec::new();
    let mut ends = Vec::new();
    for name in LIBRARIES {
        for file in &sources[&format!("lib{name}")] {
            units.push(unit(file, source, scratch)?);
        }
        ends.push(units.len());
    }
    // Both at once, so that no core waits for the last file of the first.
    compile_all(toolchain, &flags, &arguments, &units, &log)?;

    fs_err::create_dir_all(folder.join("lib"))?;
    let mut start = 0;
    for (name, end) in LIBRARIES.iter().zip(ends) {
        run(
            toolchain
                .command(&toolchain.program("ar").to_string_lossy())?
                .arg("rcsD")
                .arg(folder.join("lib").join(format!("lib{name}.a")))
                .args(units[start..end].iter().map(|unit| &unit.object)),
            &log,
        )?;
        start = end;
    }
    Ok(())
}

/// A file of the source, or one that was generated, with an object in the build folder: files in different folders have one name.
fn unit(file: &Path, source: &Path, scratch: &Path) -> Result<Unit> {
    let path = scratch.join(file).canonicalize()?;
    let scratch = scratch.canonicalize()?;
    let below = path.strip_prefix(source).or(path.strip_prefix(&scratch))?;
    let folder = below.parent().context("a file has a folder")?;
    let folder = scratch.join("objects").join(folder);
    Unit::new(path.clone(), &folder)
}

/// Copies the headers of a folder into `target`.
fn copy_headers(from: &Path, target: &Path) -> Result<()> {
    fs_err::create_dir_all(target)?;
    for file in hash::files_below(from)? {
        if file.extension().is_some_and(|extension| extension == "h") {
            fs_err::copy(&file, target.join(file.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}
