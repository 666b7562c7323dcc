//! From the decision on what stays to orders for each item.
//!
//! Comes in: the component's imports as WIT, and the names that stay. Goes out: [`Orders`], by names.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{Function, Resolve, SizeAlign, Type, WorldId};

use super::answers::{Answer, Clock};
use super::plan::{self, Kept};
use super::shape::{Reply, reply};

/// What to keep, and what to put in the place of the rest; by the names of the component's imports.
#[derive(Default)]
pub struct Orders {
    pub kept: Kept,
    /// Replies of functions that go, and of those that stay but may get a handle of ours. The others trap.
    pub replies: BTreeMap<String, Reply>,
    /// Functions that stay, and get all calls but those with a handle of ours.
    pub shared: BTreeSet<String>,
    /// Resources that stay, and of which there are handles of ours.
    pub mixed: BTreeSet<String>,
    /// Functions that drop handles of resources that go do nothing. Otherwise they trap.
    pub drops: bool,
}

/// A function of WASI that the component imports.
struct Imported<'a> {
    interface: String,
    function: &'a Function,
    answer: Answer,
}

impl Orders {
    pub fn new(
        resolve: &Resolve,
        world: WorldId,
        kept: Kept,
        answer: impl Fn(&str, &str) -> Answer,
    ) -> Self {
        let mut sizes = SizeAlign::default();
        sizes.fill(resolve);
        let mut functions = Vec::new();
        for (key, id) in plan::wasi(resolve, world) {
            let interface = resolve.name_world_key(key);
            for function in resolve.interfaces[id].functions.values() {
                functions.push(Imported {
                    answer: answer(&interface, &function.name),
                    interface: interface.clone(),
                    function,
                });
            }
        }
        let reply = |import: &Imported<'_>| {
            let reply = reply(resolve, &sizes, import.function, import.answer);
            (import.name(), reply)
        };
        let mut orders = Self {
            replies: functions.iter().map(reply).collect(),
            kept,
            drops: true,
            ..Self::default()
        };
        // A shared function may give a handle of ours for another resource, as a stream does for a pollable.
        while orders.share(resolve, &functions) {}
        orders
    }

    /// Finds the functions that host and answers share. Returns `true` if there are more than before.
    fn share(&mut self, resolve: &Resolve, functions: &[Imported<'_>]) -> bool {
        let before = (self.shared.len(), self.mixed.len());
        for import in functions {
            let is_ours = !self.stays(&import.interface, &import.function.name)
                || self.shared.contains(&import.name());
            let gives_ours = matches!(
                import.answer,
                Answer::Handle | Answer::Clock(Clock::For | Clock::Until)
            );
            let result = import.function.result.as_ref();
            if is_ours
                && gives_ours
                && let Some((interface, resource)) = result.and_then(|ty| resource(resolve, ty))
                && self.stays(&interface, &resource)
            {
                self.mixed.insert(format!("{interface}#{resource}"));
            }
        }
        for import in functions {
            let mut params = import.function.params.iter();
            let takes_ours = params.any(|param| {
                let resource = resource(resolve, &param.ty);
                resource.is_some_and(|(interface, resource)| {
                    self.mixed.contains(&format!("{interface}#{resource}"))
                })
            });
            if takes_ours && self.stays(&import.interface, &import.function.name) {
                self.shared.insert(import.name());
            }
        }
        before != (self.shared.len(), self.mixed.len())
    }

    fn stays(&self, interface: &str, name: &str) -> bool {
        let items = self.kept.get(interface);
        items.is_some_and(|items| items.contains(name))
    }
}

impl Imported<'_> {
    fn name(&self) -> String {
        format!("{}#{}", self.interface, self.function.name)
    }
}

/// The interface and the name of the resource of a handle, or of a list of handles.
fn resource(resolve: &Resolve, ty: &Type) -> Option<(String, String)> {
    let resource = plan::taken(resolve, ty)?;
    let (interface, name) = plan::home(resolve, resource)?;
    Some((resolve.id_of(interface)?, name.to_owned()))
}
