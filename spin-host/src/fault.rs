//! The user's mistakes, with hints. Everything else is an error of the system or of ours.

use std::net::SocketAddr;
use std::path::PathBuf;

/// A mistake in an application or in how it is served.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("there is no `{path}`")]
    ManifestMissing { path: PathBuf },
    #[error("`{path}` is not a plain file, or is too large")]
    NotAFile { path: PathBuf },
    #[error("component `{component}` has not been built: there is no `{path}`")]
    NotBuilt { component: String, path: PathBuf },
    #[error("the source of component `{component}` is not a file")]
    SourceRemote { component: String },
    #[error("`{source_path}` in `files` is not a directory")]
    NotADirectory { source_path: PathBuf },
    #[error("`{source_path}` in `files` leads out of the application's directory, to `{path}`")]
    FilesOutside { source_path: PathBuf, path: PathBuf },
    #[error("the pattern `{pattern}` in `files` is not supported")]
    FilesPattern { pattern: String },
    #[error("`.spin` leads out of the application's directory, to `{path}`")]
    StateOutside { path: PathBuf },
    #[error("cannot listen on {address}: {reason}")]
    AddressUnavailable {
        address: SocketAddr,
        reason: std::io::Error,
    },
}

impl Fault {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::ManifestMissing { .. } => {
                "run it in the directory of a Spin application, or name one with `--from`"
            }
            Self::NotAFile { .. } => {
                "manifests have at most 1 MiB and components 1 GiB; devices and pipes are not read"
            }
            Self::NotBuilt { .. } => "run `spin-host build`, or serve with `--build`",
            Self::SourceRemote { .. } => {
                "download the component and name the file; spin-host fetches nothing"
            }
            Self::NotADirectory { .. } | Self::FilesPattern { .. } => {
                "write `{ source = \"DIRECTORY\", destination = \"/PATH\" }`, with a directory of the application's"
            }
            Self::FilesOutside { .. } => {
                "copy what the component needs into the application's directory: it sees nothing else"
            }
            Self::StateOutside { .. } => "choose a directory for the state with `--state-dir`",
            Self::AddressUnavailable { .. } => {
                "choose another address with `--listen`; port 0 takes a free one"
            }
        }
    }
}
