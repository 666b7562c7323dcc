//! Mistakes in worlds that are valid WIT: features that Python or the Component Model does not support.

use derive_more::Display;
use ground::{Kind, Mistake};

/// A part of a world that cannot have bindings.
#[derive(Debug, Display)]
pub enum PlanError {
    #[display("{what} not supported yet: `{place}`")]
    WitNotSupportedYet {
        /// "async functions are", "the type `stream` is".
        what: &'static str,
        /// `ns:pkg/interface#function`, or a type's name in the same form.
        place: String,
    },
    #[display("{kind} `{place}` is empty, which the Component Model does not allow")]
    EmptyType { kind: &'static str, place: String },
    #[display("names `{first}` and `{second}` clash in {place}")]
    NamesClash {
        /// "`ns:pkg/interface`", "the parameters of `function`".
        place: String,
        first: String,
        second: String,
    },
    #[display("world `{world}` is not possible in the Component Model")]
    WorldInvalid {
        world: String,
        /// The validator's own words.
        reason: String,
    },
    #[display("`{place}` has a list of {length} items, and {limit} are supported")]
    FixedListTooLong {
        place: String,
        length: u32,
        limit: u32,
    },
    #[display("`{place}` spells out to more than {limit} values, which is too large")]
    TypeTooLarge { place: String, limit: u64 },
    #[display("`{place}` is nested deeper than {limit} levels")]
    TypeTooDeep { place: String, limit: u32 },
    #[display("flags `{place}` has {count} members, and the Component Model allows 32")]
    TooManyFlags { place: String, count: usize },
    #[display("`{name}` is not a Python module name")]
    ModuleNameInvalid { name: String },
    #[display("interfaces `{first}` and `{second}` would both be the Python module `{module}`")]
    ModuleNameTaken {
        module: String,
        first: String,
        second: String,
    },
}

impl Mistake for PlanError {
    fn kind(&self) -> Kind {
        match self {
            Self::ModuleNameInvalid { .. } | Self::ModuleNameTaken { .. } => Kind::Config,
            _ => Kind::Wit,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::WitNotSupportedYet { .. } => "leave it out of the world for now",
            Self::EmptyType { .. } => "give it at least one member",
            Self::NamesClash { .. } => {
                "rename one of them: the Component Model ignores case, and takes a method that is called like its resource for the resource"
            }
            Self::WorldInvalid { .. } => "change what the message names",
            Self::FixedListTooLong { .. } => "use a list whose length is free",
            Self::TypeTooLarge { .. } | Self::TypeTooDeep { .. } => {
                "pass parts of it in several calls, or as resources"
            }
            Self::TooManyFlags { .. } => "split it into several types",
            Self::ModuleNameInvalid { .. } => {
                "use letters, digits and underscores, no leading digit, and no Python keyword"
            }
            Self::ModuleNameTaken { .. } => {
                "give one of them another name with `--import-interface-name` or `--export-interface-name`"
            }
        };
        Some(hint.to_owned())
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::WorldInvalid { reason, .. } => Some(reason),
            _ => None,
        }
    }
}
