//! The classes that an application has to define, as lines to copy into it.

use super::functions::Receiver;
use super::writer::Writer;
use crate::plan::python::{Function, Helper, Item, Module, Required};

/// A class that an application has to define.
#[derive(Clone, Debug, Default)]
pub struct RequiredClass {
    pub name: String,
    /// Names of its methods, and their `def` lines with decorators, indented as in a class.
    pub methods: Vec<(String, String)>,
}

/// The classes that a module asks of the application. `qualifier` is the name that stands before the module's own types where the
/// lines go; those classes themselves are the application's.
pub fn required(module: &Module, qualifier: Option<&str>) -> Vec<RequiredClass> {
    let classes: Vec<Required> = module.items.iter().filter_map(Item::required).collect();
    let own: Vec<String> = classes.iter().map(|one| one.class.to_string()).collect();
    let print = |class: &Required| {
        let mut writer = Writer::new(class.shadowed.clone());
        if let Some(qualifier) = qualifier {
            writer = writer.away(qualifier, own.clone());
        }
        let constructor = class.constructor.map(|function| (function, false));
        let methods = constructor.iter().chain(&class.methods);
        RequiredClass {
            name: class.class.to_string(),
            methods: methods
                .map(|(function, is_static)| {
                    (
                        function.name.to_string(),
                        lines(&mut writer, function, *is_static),
                    )
                })
                .collect(),
        }
    };
    classes.iter().map(print).collect()
}

fn lines(writer: &mut Writer, function: &Function, is_static: bool) -> String {
    if !is_static {
        return writer.signature(function, Receiver::Object);
    }
    let decorator = writer.helper(Helper::ClassMethod);
    let signature = writer.signature(function, Receiver::Class);
    format!("@{decorator}\n    {signature}")
}
