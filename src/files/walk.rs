//! Takes directories and files of the search path into the tree. Links are followed as the sandbox follows them.

use std::collections::HashMap;
use std::fs::FileType;
use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use ground::Mistake as _;
use ground::files::{self, Unusable};

use super::Sources;
use super::error::FilesError;
use super::patterns::Choice;
use super::tree::{Node, Tree};
use crate::project::NotThere;
use crate::scratch;

/// The most bytes in one file, which the guest reads at once.
pub const LARGEST_FILE: u64 = 512 << 20;
/// The marks of private keys that are stored as text, and the largest file that is searched for them.
const KEY_MARKS: [&[u8]; 3] = [
    b"PRIVATE KEY-----",
    b"PRIVATE KEY BLOCK-----",
    b"PuTTY-User-Key-File-",
];
const LARGEST_KEY: u64 = 1 << 20;

/// The tree so far.
pub struct Walk<'a> {
    sources: &'a Sources<'a>,
    /// The user's directories where an installer has put packages, by their names in the guest.
    installed: Vec<String>,
    pub tree: Tree,
    pub refused: Vec<(String, Unusable)>,
    pub secrets: Vec<String>,
    /// Directories in the tree: their real paths, and the first path of each in the guest.
    taken: HashMap<PathBuf, String>,
}

/// A directory on the way.
struct Place<'a> {
    guest: String,
    /// Its path below the root, for patterns; empty for the root itself.
    below: String,
    /// The real path.
    host: PathBuf,
    /// The real path of the mounted directory with it.
    mount: PathBuf,
    /// The real paths of the directories above: no link leads a walk back up.
    above: &'a [PathBuf],
    is_installed: bool,
    /// Everything in it is taken, and not only what the user asks for by name.
    is_taken: bool,
}

/// A name in a directory.
struct Entry {
    guest: String,
    /// Its path below the root, for patterns.
    below: String,
    path: PathBuf,
    /// The real path, to which `path` leads.
    host: PathBuf,
    /// The real path of the mounted directory with it.
    mount: PathBuf,
    is_link: bool,
}

impl<'a> Walk<'a> {
    pub fn new(sources: &'a Sources<'a>) -> Self {
        Self {
            sources,
            installed: sources.path.installed(),
            tree: Tree::new(),
            refused: Vec::new(),
            secrets: Vec::new(),
            taken: HashMap::new(),
        }
    }

    /// Takes a directory of the guest whole, or a file.
    pub fn take(&mut self, guest: &str) -> Result<()> {
        self.walk(guest.trim_end_matches('/'), true)
    }

    /// Takes files that nothing but the user's patterns ask for.
    pub fn take_included(&mut self) -> Result<()> {
        if self.sources.patterns.have_included() {
            for root in &self.sources.path.roots {
                self.walk(&root.guest, false)?;
            }
        }
        Ok(())
    }

    fn walk(&mut self, guest: &str, is_taken: bool) -> Result<()> {
        let mounts = self.sources.mounts.iter();
        let containing = mounts.filter(|mount| below(guest, &mount.guest).is_some());
        let Some(mount) = containing.max_by_key(|mount| mount.guest.len()) else {
            return Ok(()); // no file of the search path
        };
        let roots = self.sources.path.roots.iter();
        let mut roots = roots.filter(|root| below(guest, &root.guest).is_some());
        let root = roots.next();
        let in_root = root.and_then(|root| below(guest, &root.guest));
        let is_installed =
            root.is_some_and(|root| !root.own || self.installed.contains(&root.guest));
        let in_mount = below(guest, &mount.guest).unwrap_or_default();
        let grounds = &self.sources.path.grounds;
        let Ok(host) = grounds.follow(&mount.host, Path::new(in_mount)) else {
            return Ok(()); // its module came from elsewhere
        };
        if !host.is_dir() {
            let Some((parent, name)) = guest.rsplit_once('/') else {
                return Ok(());
            };
            let is_wanted =
                self.choose(in_root.unwrap_or(name), false, is_installed) != Choice::LeftOut;
            if is_wanted && is_taken {
                self.tree.make_directory(parent);
                self.file(guest, host, false, is_installed)?;
            }
            return Ok(());
        }
        if is_taken {
            self.take_directory(guest, &host);
        }
        self.directory(&Place {
            guest: guest.to_owned(),
            below: in_root.unwrap_or_default().to_owned(),
            host,
            mount: mount.host.clone(),
            above: &[],
            is_installed,
            is_taken,
        })
    }

    fn choose(&self, below: &str, is_directory: bool, is_installed: bool) -> Choice {
        self.sources
            .patterns
            .choose(below, is_directory, is_installed)
    }

    fn directory(&mut self, place: &Place<'_>) -> Result<()> {
        let mut above = place.above.to_vec();
        above.push(place.host.clone());
        for (name, kind) in files::entries(&place.host) {
            self.entry(place, &above, &name, kind)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        place: &Place<'_>,
        above: &[PathBuf],
        name: &str,
        kind: FileType,
    ) -> Result<()> {
        let Some(entry) = self.found(place, name, kind) else {
            return Ok(());
        };
        let is_directory = entry.host.is_dir();
        let choice = self.choose_entry(place, &entry, is_directory);
        let is_wanted = choice == Choice::Included || choice == Choice::Taken && place.is_taken;
        let is_file_wanted = is_wanted && !self.is_hidden(name);
        if (is_directory && is_wanted || is_file_wanted)
            && let Some(target) = self.link(place, &entry)
        {
            self.tree.insert(&entry.guest, Node::Link(target));
            return Ok(());
        }
        let is_included = choice == Choice::Included;
        if is_directory {
            self.subdirectory(place, above, entry, is_wanted, is_included)
        } else if is_file_wanted {
            self.file(&entry.guest, entry.host, is_included, place.is_installed)
        } else {
            Ok(())
        }
    }

    /// Decides about an entry. A link does not bring along what is left out in its own place.
    fn choose_entry(&self, place: &Place<'_>, entry: &Entry, is_directory: bool) -> Choice {
        let choice = self.choose(&entry.below, is_directory, place.is_installed);
        if !entry.is_link || choice != Choice::Taken {
            return choice;
        }
        let inside = entry.host.strip_prefix(&place.mount).ok();
        match inside.and_then(Path::to_str) {
            Some(inside) if !inside.is_empty() => {
                let inside = inside.replace('\\', "/");
                self.choose(&inside, is_directory, place.is_installed)
            }
            _ => choice,
        }
    }

    /// The place behind a name in a directory; `None` if there is nothing that may be read.
    fn found(&mut self, place: &Place<'_>, name: &str, kind: FileType) -> Option<Entry> {
        let below = match place.below.as_str() {
            "" => name.to_owned(),
            before => format!("{before}/{name}"),
        };
        let mut entry = Entry {
            guest: format!("{}/{name}", place.guest),
            below,
            path: place.host.join(name),
            host: place.host.join(name),
            mount: place.mount.clone(),
            is_link: kind.is_symlink(),
        };
        let mut mounts = self.sources.mounts.iter();
        if let Some(overlay) = mounts.find(|mount| mount.guest == entry.guest) {
            entry.host = overlay.host.clone();
            entry.mount = overlay.host.clone();
        } else if entry.is_link {
            let grounds = &self.sources.path.grounds;
            match grounds.follow(&place.host, Path::new(name)) {
                Ok(real) => entry.host = real,
                Err(NotThere::Missing) => return None,
                Err(NotThere::Stray(stray)) => {
                    let choice = self.choose(&entry.below, false, place.is_installed);
                    if place.is_taken && choice != Choice::LeftOut {
                        let target = stray.target;
                        self.refused.push((entry.guest, Unusable::Stray { target }));
                    }
                    return None;
                }
            }
        }
        Some(entry)
    }

    fn subdirectory(
        &mut self,
        place: &Place<'_>,
        above: &[PathBuf],
        entry: Entry,
        is_wanted: bool,
        is_included: bool,
    ) -> Result<()> {
        let is_left_alone = is_foreign(&entry.host) && !is_included;
        if is_left_alone || self.is_root(&entry.host) {
            return Ok(());
        }
        // Links may lead to each other, and back up: each directory is walked once by way of a link.
        if is_wanted
            && entry.is_link
            && let Some(first) = self.taken.get(&entry.host)
        {
            self.tree.insert(&entry.guest, Node::Link(first.clone()));
            return Ok(());
        }
        if above.contains(&entry.host) {
            return Ok(());
        }
        if is_wanted {
            self.take_directory(&entry.guest, &entry.host);
        } else if !self.sources.patterns.have_included() {
            return Ok(());
        }
        self.directory(&Place {
            guest: entry.guest,
            below: entry.below,
            host: entry.host,
            mount: entry.mount,
            above,
            is_installed: place.is_installed,
            is_taken: is_wanted,
        })
    }

    fn take_directory(&mut self, guest: &str, host: &Path) {
        self.taken
            .entry(host.to_owned())
            .or_insert_with(|| guest.to_owned());
        self.tree.make_directory(guest);
    }

    /// The target of a link that stays a link: it leads to something else that is taken with the same directory. Others become copies.
    fn link(&self, place: &Place<'_>, entry: &Entry) -> Option<String> {
        if !entry.is_link || !place.is_taken {
            return None;
        }
        let target = std::fs::read_link(&entry.path).ok()?;
        let inside = entry.host.strip_prefix(&place.mount).ok()?;
        let is_plain = stays_inside(&place.mount, &place.host, &target);
        let mut so_far = String::new();
        for part in inside.components() {
            let name = part.as_os_str().to_str()?;
            so_far = if so_far.is_empty() {
                name.to_owned()
            } else {
                format!("{so_far}/{name}")
            };
            let is_directory = place.mount.join(&so_far).is_dir();
            if self.choose(&so_far, is_directory, place.is_installed) == Choice::LeftOut {
                return None;
            }
        }
        // In an installed package, the target may lie in another one, which is not taken.
        let top = place.below.split('/').next().unwrap_or_default();
        if place.is_installed && !inside.starts_with(top) {
            return None;
        }
        is_plain.then(|| target.to_str().map(|text| text.replace('\\', "/")))?
    }

    /// Takes a file by its real path.
    fn file(
        &mut self,
        guest: &str,
        host: PathBuf,
        is_included: bool,
        is_installed: bool,
    ) -> Result<()> {
        let Ok(metadata) = std::fs::metadata(&host) else {
            return Ok(());
        };
        if let Some(kind) = files::kind(&metadata) {
            self.refused.push((guest.to_owned(), Unusable::Kind(kind)));
            return Ok(());
        }
        if let Err(error) = std::fs::File::open(&host) {
            let reason = Unusable::Unreadable(error.to_string());
            self.refused.push((guest.to_owned(), reason));
            return Ok(());
        }
        let size = metadata.len();
        if size > LARGEST_FILE {
            let path = self.sources.path.show_guest_path(guest);
            let limit = LARGEST_FILE;
            return FilesError::TooLarge { path, size, limit }.raise();
        }
        if !is_included && holds_key(&host, size, is_installed) {
            self.secrets.push(guest.to_owned());
            return Ok(());
        }
        self.tree.insert(guest, Node::File(host));
        Ok(())
    }

    fn is_hidden(&self, name: &str) -> bool {
        self.sources.hidden.iter().any(|hidden| hidden == name)
            || name.starts_with("_componentize_py_")
    }

    /// Another directory of the search path, which has its own place.
    fn is_root(&self, host: &Path) -> bool {
        self.sources.path.roots.iter().any(|root| root.host == host)
    }
}

/// Whether a link's target stays inside the mounted directory on its whole way: in the guest, the directories above have other
/// names.
fn stays_inside(mount: &Path, directory: &Path, target: &Path) -> bool {
    let Ok(below) = directory.strip_prefix(mount) else {
        return false;
    };
    let mut depth = below.components().count();
    target.components().all(|part| match part {
        Component::CurDir => true,
        Component::Normal(_) => {
            depth += 1;
            true
        }
        Component::ParentDir if depth > 0 => {
            depth -= 1;
            true
        }
        Component::ParentDir | Component::RootDir | Component::Prefix(_) => false,
    })
}

/// The rest of a guest path below another.
pub fn below<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(root)?;
    if rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix('/')
    }
}

/// A virtual environment, the folder of a build tool's results, or the temporary files of one of our builds.
fn is_foreign(directory: &Path) -> bool {
    ["pyvenv.cfg", "CACHEDIR.TAG", scratch::LOCK]
        .iter()
        .any(|mark| directory.join(mark).is_file())
}

/// Whether a file has a private key in it. Files of packages that only tell about keys may have such a mark within their text.
fn holds_key(host: &Path, size: u64, is_installed: bool) -> bool {
    let is_python = host.extension().is_some_and(|extension| extension == "py");
    if is_python || size > LARGEST_KEY || size < KEY_MARKS[0].len() as u64 {
        return false;
    }
    let text = files::read_real(host, LARGEST_KEY).unwrap_or_default();
    let is_key = text.starts_with(b"-----BEGIN") || text.starts_with(KEY_MARKS[2]);
    (is_key || !is_installed)
        && KEY_MARKS
            .iter()
            .any(|mark| memchr::memmem::find(&text, mark).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_leave_the_directory_on_their_way_do_not_stay_inside() {
        let stays =
            |target: &str| stays_inside(Path::new("/m"), Path::new("/m/a"), Path::new(target));
        assert!(stays("b") && stays("../b") && stays("./../a/b"));
        assert!(!stays("../../m/b") && !stays("/m/b") && !stays("../../b"));
    }
}
