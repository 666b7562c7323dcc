//! The classes that an application has to define, as lines to copy into it.

use super::functions::Receiver;
use super::writer::Writer;
use crate::plan::python::{
    Direction, Function, Helper, Item, Module, Protocol, Resource, Shadowed,
};

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
    let classes = module.items.iter().filter_map(|item| match item {
        Item::Protocol(protocol) => Some(Class::of_protocol(protocol)),
        Item::Resource(resource) if resource.direction == Direction::Exported => {
            Some(Class::of_resource(resource))
        }
        _ => None,
    });
    let classes: Vec<Class> = classes.collect();
    let own: Vec<String> = classes.iter().map(|class| class.name.clone()).collect();
    let print = |class: &Class| {
        let mut writer = Writer::new(class.shadowed.clone());
        if let Some(qualifier) = qualifier {
            writer = writer.away(qualifier, own.clone());
        }
        let signature = |(function, receiver): &(&Function, Receiver)| {
            let decorator = match receiver {
                Receiver::Class => format!("@{}\n    ", writer.helper(Helper::ClassMethod)),
                Receiver::None | Receiver::Object => String::new(),
            };
            let signature = writer.signature(function, *receiver);
            (function.name.to_string(), decorator + &signature)
        };
        RequiredClass {
            name: class.name.clone(),
            methods: class.methods.iter().map(signature).collect(),
        }
    };
    classes.iter().map(print).collect()
}

struct Class<'a> {
    name: String,
    shadowed: &'a Shadowed,
    methods: Vec<(&'a Function, Receiver)>,
}

impl<'a> Class<'a> {
    fn of_protocol(protocol: &'a Protocol) -> Self {
        let methods = protocol.methods.iter();
        Self {
            name: protocol.class.to_string(),
            shadowed: &protocol.shadowed,
            methods: methods.map(|method| (method, Receiver::Object)).collect(),
        }
    }

    fn of_resource(resource: &'a Resource) -> Self {
        let constructor = resource.constructor.iter();
        let constructor = constructor.map(|function| (function, Receiver::Object));
        let methods = resource.methods.iter().map(|method| {
            let receiver = match method.is_static {
                true => Receiver::Class,
                false => Receiver::Object,
            };
            (&method.function, receiver)
        });
        Self {
            name: resource.class.to_string(),
            shadowed: &resource.shadowed,
            methods: constructor.chain(methods).collect(),
        }
    }
}
