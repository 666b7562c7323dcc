//! Wheels and other ZIP files on the search path.
//!
//! Their content lies in `not-packed` before it is packed. No package can have this name, so it is found in the archives alone.

use std::io::Write as _;
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{APP, Project, fs};

/// Puts the files below a directory of the project into an archive of it, under `prefix`.
fn pack(project: &Project, directory: &str, archive: &str, prefix: &str) {
    let root = project.root.join(directory);
    let mut writer =
        ZipWriter::new(fs::File::create(project.root.join(archive)).expect("can be made"));
    let mut open = vec![root.clone()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).expect("can be listed") {
            let path = entry.expect("can be listed").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).expect("below the root");
            let name = format!("{prefix}{}", name.to_str().expect("names are text"));
            writer
                .start_file(name, SimpleFileOptions::default())
                .expect("can be packed");
            let content = fs::read(&path).expect("can be read");
            writer.write_all(&content).expect("can be packed");
        }
    }
    writer.finish().expect("can be packed");
}

fn refused(project: &Project, archive: &str) -> String {
    let output = project.build(&["-p", ".", "-p", archive], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!project.root.join("out.wasm").exists());
    String::from_utf8(output.stderr).expect("messages are text")
}

/// Python, WIT and data; under any name, and with the file named as the user knows it.
#[test]
fn packages_in_archives() {
    let project = Project::new();
    project.sdk("not-packed");
    project.write("not-packed/sdk/data.txt", "from the archive");
    let app = format!(
        "import importlib.resources, pkgutil\n{APP}\n\
         assert pkgutil.get_data('sdk', 'data.txt') == b'from the archive'\n\
         assert importlib.resources.read_text('sdk', 'data.txt') == 'from the archive'\n\
         assert sdk.__file__.endswith('/sdk/__init__.py'), sdk.__file__\n"
    );
    project.write("app.py", &app);
    for (archive, prefix, named) in [
        ("sdk-1.0-py3-none-any.whl", "", "sdk-1.0-py3-none-any.whl"),
        (
            "sdk-2.0-py3-none-any.whl",
            "sdk-2.0.data/purelib/",
            "sdk-2.0-py3-none-any.whl",
        ),
        ("sdk.zip", "lib/deep/", "sdk.zip/lib/deep"),
        ("sdk.bundle", "", "sdk.bundle"),
    ] {
        pack(&project, "not-packed", archive, prefix);
        project.assert_builds(&["-p", ".", "-p", named], &[]);
        fs::remove_file(project.root.join("out.wasm")).expect("it was built");
    }
    // A fault in an archive is reported with its place in the archive.
    project.write(
        "not-packed/sdk/the wit/world.wit",
        "package a:sdk;\nworld guest {\n",
    );
    pack(&project, "not-packed", "broken.whl", "");
    let message = refused(&project, "broken.whl");
    assert!(message.contains("broken.whl/sdk/the wit"), "{message}");
    assert!(!message.contains("/archive-"), "{message}");
}

/// The app may lie in one, too, and its exceptions show their place.
#[test]
fn apps_in_archives() {
    let project = Project::new();
    project.sdk("not-packed");
    project.write(
        "not-packed/late.py",
        &format!("{APP}raise ValueError('late')\n"),
    );
    fs::rename(
        project.root.join("app.py"),
        project.root.join("not-packed/app.py"),
    )
    .expect("can be moved");
    pack(&project, "not-packed", "all.zip", "");
    project.assert_builds(&["-p", "all.zip"], &[]);
    fs::remove_file(project.root.join("out.wasm")).expect("it was built");
    fs::rename(
        project.root.join("not-packed/late.py"),
        project.root.join("not-packed/app.py"),
    )
    .expect("can be moved");
    pack(&project, "not-packed", "all.zip", "");
    let message = refused(&project, "all.zip");
    assert!(message.contains("\"all.zip/app.py\", line 8"), "{message}");
}

/// Its Python may do without the files compiled for another system, so the build goes on with a warning.
#[test]
fn wheels_for_other_systems() {
    let project = Project::new();
    project.sdk("not-packed");
    project.write(
        "not-packed/sdk/_fast.cpython-314-x86_64-linux-gnu.so",
        "machine code",
    );
    let wheel = "sdk-1.0-cp314-cp314-manylinux_2_17_x86_64.whl";
    pack(&project, "not-packed", wheel, "");
    let output = project.build(&["-p", ".", "-p", wheel], &[]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{message}");
    let warning = format!("warning: `{wheel}` is built for `manylinux_2_17_x86_64`");
    assert!(message.contains(&warning), "{message}");

    fs::remove_file(project.root.join("out.wasm")).expect("it was built");
    project.write("app.py", &format!("import sdk._fast\n{APP}"));
    let message = refused(&project, wheel);
    assert!(
        message.contains(&format!(
            "{wheel}/sdk/_fast.cpython-314-x86_64-linux-gnu.so"
        )),
        "{message}"
    );
}

/// Small files that unpack to more than any disk has.
#[test]
fn bombs() {
    let project = Project::new();
    let bomb = |name: &str, files: usize, size: usize, claimed: Option<u32>| {
        let file = project.root.join(name);
        let mut writer = ZipWriter::new(fs::File::create(&file).expect("can be made"));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let zeros = vec![0; size];
        for index in 0..files {
            writer
                .start_file(format!("f{index}"), options)
                .expect("can be packed");
            writer.write_all(&zeros).expect("can be packed");
        }
        writer.finish().expect("can be packed");
        if let Some(claimed) = claimed {
            claim(&file, size, claimed);
        }
    };
    bomb("one.zip", 1, (512 << 20) + 1, None);
    let message = refused(&project, "one.zip");
    assert!(
        message.starts_with("error: `one.zip` has too much in it, at `f0`"),
        "{message}"
    );
    // Its directory claims that there is next to nothing in it.
    bomb("liar.zip", 1, 600 << 20, Some(10));
    let message = refused(&project, "liar.zip");
    assert!(message.starts_with("error: `liar.zip` "), "{message}");
    // None of them is too large.
    bomb("sum.zip", 3, 400 << 20, None);
    let message = refused(&project, "sum.zip");
    assert!(
        message.starts_with("error: `sum.zip` has too much in it, at `f2`"),
        "{message}"
    );
    bomb("many.zip", 100_001, 0, None);
    let message = refused(&project, "many.zip");
    assert!(
        message.starts_with("error: `many.zip` has 100001 entries"),
        "{message}"
    );
}

/// Few entries that stand for many directories.
#[test]
fn bombs_of_directories() {
    let project = Project::new();
    let bomb = |name: &str, entries: usize, levels: usize| {
        let file = project.root.join(name);
        let mut writer = ZipWriter::new(fs::File::create(&file).expect("can be made"));
        for index in 0..entries {
            let name = format!("d{index}/{}f", "x/".repeat(levels - 1));
            writer
                .start_file(name, SimpleFileOptions::default())
                .expect("can be packed");
        }
        writer.finish().expect("can be packed");
    };
    bomb("deep.zip", 1, 65);
    let message = refused(&project, "deep.zip");
    let error = "error: `deep.zip` has more than 64 directories within each other, at `d0/x/x/";
    assert!(message.starts_with(error), "{message}");
    bomb("broad.zip", 2000, 64);
    let message = refused(&project, "broad.zip");
    let error = "error: `broad.zip` has more than 100000 directories in it, at `d15";
    assert!(message.starts_with(error), "{message}");
    // The deepest that is allowed.
    bomb("fine.zip", 10, 64);
    project.sdk(".");
    project.assert_builds(&["-p", ".", "-p", "fine.zip"], &[]);
}

/// Replaces an uncompressed size wherever the archive tells it.
fn claim(file: &Path, size: usize, claimed: u32) {
    let mut bytes = fs::read(file).expect("can be read");
    let old = u32::try_from(size)
        .expect("it is not that large")
        .to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| bytes[*at..at + 4] == old)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&claimed.to_le_bytes());
    }
    fs::write(file, bytes).expect("can be written");
}

/// Whatever is damaged in an archive, the build ends with an error of the user's or goes on without it.
#[test]
fn damaged_archives() {
    let project = Project::new();
    project.sdk("not-packed");
    pack(&project, "not-packed", "sdk.whl", "");
    let whole = fs::read(project.root.join("sdk.whl")).expect("can be read");
    fs::remove_dir_all(project.root.join("not-packed")).expect("can be removed");
    for step in 1..40 {
        let at = whole.len() * step / 40;
        let mut damaged = whole.clone();
        match step % 3 {
            0 => damaged.truncate(at),
            1 => damaged[at] ^= 0x55,
            _ => damaged[at..].rotate_left(1),
        }
        fs::write(project.root.join("sdk.whl"), &damaged).expect("can be written");
        let output = project.build(&["-p", ".", "-p", "sdk.whl"], &[]);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "step {step}: {message}"
        );
    }
}
