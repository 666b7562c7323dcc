//! Functions, resources and protocols, with both kinds of bodies.

use super::Bodies;
use super::writer::{Writer, in_words};
use crate::plan::python::{Annotation, Direction, Function, Helper, Param, Protocol, Resource};

/// The parameters before those that WIT names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    None,
    Object,
    Class,
}

impl Writer {
    pub fn free_function(&mut self, function: &Function, bodies: Bodies) {
        self.gap();
        self.function(function, Receiver::None, bodies);
    }

    /// Abstract methods look the same in both modes: the app's are called, never these.
    pub fn protocol(&mut self, protocol: &Protocol) {
        self.gap();
        let base = self.helper(Helper::Protocol);
        self.line(&format!("class {}({base}):", protocol.class));
        self.class_body(&protocol.shadowed, |writer| {
            writer.docs(protocol.docs.as_deref());
            for method in &protocol.methods {
                writer.separate();
                writer.abstract_method(method, Receiver::Object);
            }
            if protocol.methods.is_empty() && protocol.docs.is_none() {
                writer.line("pass");
            }
        });
        for name in &protocol.other_names {
            self.line(&format!("{name} = {}", protocol.class));
        }
    }

    pub fn resource(&mut self, resource: &Resource, bodies: Bodies) {
        match resource.direction {
            Direction::Imported => self.imported_resource(resource, bodies),
            Direction::Exported => self.exported_resource(resource),
        }
    }

    fn imported_resource(&mut self, resource: &Resource, bodies: Bodies) {
        self.gap();
        self.line(&format!("class {}:", resource.class));
        self.class_body(&resource.shadowed, |writer| {
            writer.docs(resource.docs.as_deref());
            if let Some(constructor) = &resource.constructor {
                writer.separate();
                writer.function(constructor, Receiver::Object, bodies);
            }
            for method in &resource.methods {
                writer.separate();
                if method.is_static {
                    let decorator = writer.helper(Helper::ClassMethod);
                    writer.line(&format!("@{decorator}"));
                    writer.function(&method.function, Receiver::Class, bodies);
                } else {
                    writer.function(&method.function, Receiver::Object, bodies);
                }
            }
            writer.release(bodies);
        });
    }

    /// The methods that return an imported resource: once, at the end of a `with` block or when the object is
    /// collected.
    fn release(&mut self, bodies: Bodies) {
        let own = self.helper(Helper::SelfType);
        let (class, exception) = (
            self.helper(Helper::Type),
            self.helper(Helper::BaseException),
        );
        let (traceback, boolean) = (
            self.helper(Helper::TracebackType),
            self.helper(Helper::Bool),
        );
        self.separate();
        self.line(&format!("def __enter__(self) -> {own}:"));
        self.indented(|writer| writer.line("return self"));
        self.separate();
        self.line("def __exit__(");
        self.line("    self,");
        // They have defaults, because SDKs of 2024 call the method without arguments.
        self.line(&format!(
            "    exc_type: {class}[{exception}] | None = None,"
        ));
        self.line(&format!("    exc_value: {exception} | None = None,"));
        self.line(&format!("    traceback: {traceback} | None = None,"));
        self.line(&format!(") -> {boolean} | None:"));
        self.indented(|writer| {
            writer.docs(Some("Releases the resource: it cannot be used any more."));
            match bodies {
                Bodies::Stubs => writer.not_implemented(),
                Bodies::Calls(_) => {
                    let runtime = writer.runtime();
                    writer.line(&format!("{runtime}.resource_drop(self)"));
                    writer.line("return None");
                }
            }
        });
        if let Bodies::Calls(_) = bodies {
            self.separate();
            self.line("def __del__(self) -> None:");
            let runtime = self.runtime();
            self.indented(|writer| writer.line(&format!("{runtime}.resource_drop(self)")));
        }
    }

    fn exported_resource(&mut self, resource: &Resource) {
        self.gap();
        let base = self.helper(Helper::Protocol);
        self.line(&format!("class {}({base}):", resource.class));
        self.class_body(&resource.shadowed, |writer| {
            writer.docs(resource.docs.as_deref());
            if let Some(constructor) = &resource.constructor {
                writer.separate();
                writer.abstract_method(constructor, Receiver::Object);
            }
            for method in &resource.methods {
                writer.separate();
                if method.is_static {
                    let decorator = writer.helper(Helper::ClassMethod);
                    writer.line(&format!("@{decorator}"));
                    writer.abstract_method(&method.function, Receiver::Class);
                } else {
                    writer.abstract_method(&method.function, Receiver::Object);
                }
            }
            let bare = resource.constructor.is_none() && resource.methods.is_empty();
            if bare && resource.docs.is_none() {
                writer.line("pass");
            }
        });
    }

    fn abstract_method(&mut self, function: &Function, receiver: Receiver) {
        let decorator = self.helper(Helper::AbstractMethod);
        self.line(&format!("@{decorator}"));
        self.function(function, receiver, Bodies::Stubs);
    }

    fn function(&mut self, function: &Function, receiver: Receiver, bodies: Bodies) {
        let signature = self.signature(function, receiver);
        self.line(&signature);
        self.indented(|writer| {
            writer.function_docs(function);
            match bodies {
                Bodies::Stubs => writer.not_implemented(),
                Bodies::Calls(indices) => {
                    let interface = function.import.interface.as_deref();
                    match indices.import(interface, &function.import.name) {
                        Some(index) => writer.call(function, receiver, index),
                        // The glue leaves out items that the world cannot reach.
                        None => writer.not_implemented(),
                    }
                }
            }
        });
    }

    /// The line that begins a function, without indentation.
    pub fn signature(&mut self, function: &Function, receiver: Receiver) -> String {
        let first = match receiver {
            Receiver::None => None,
            Receiver::Object => Some("self".to_owned()),
            Receiver::Class => Some("cls".to_owned()),
        };
        let mut params: Vec<String> = first.into_iter().collect();
        for Param { name, annotation } in &function.params {
            params.push(format!("{name}: {}", self.annotation(annotation)));
        }
        let result = self.annotation(&function.result);
        let def = if function.is_async {
            "async def"
        } else {
            "def"
        };
        format!(
            "{def} {}({}) -> {result}:",
            function.name,
            params.join(", ")
        )
    }

    /// The runtime unwraps a `result`: it returns the ok payload and raises the error payload.
    fn call(&mut self, function: &Function, receiver: Receiver, index: usize) {
        let mut arguments = vec![index.to_string()];
        if receiver == Receiver::Object {
            arguments.push("self".to_owned());
        }
        arguments.extend(function.params.iter().map(|param| param.name.to_string()));
        let runtime = self.runtime();
        let awaited = if function.is_async { "await " } else { "" };
        let call = format!("{awaited}{runtime}.call_import({})", arguments.join(", "));
        match function.result {
            Annotation::None => self.line(&call),
            Annotation::Plain(_) | Annotation::Of(..) | Annotation::Class(_) => {
                self.line(&format!("return {call}"));
            }
        }
    }

    pub fn not_implemented(&mut self) {
        let error = self.helper(Helper::NotImplementedError);
        self.line(&format!("raise {error}"));
    }

    fn function_docs(&mut self, function: &Function) {
        let raises = function
            .raises
            .as_ref()
            .map(|payload| format!("Raises: `componentize_py_types.Err({})`", in_words(payload)));
        let docs = match (&function.docs, raises) {
            (Some(docs), Some(raises)) => Some(format!("{docs}\n\n{raises}")),
            (Some(docs), None) => Some(docs.clone()),
            (None, raises) => raises,
        };
        self.docs(docs.as_deref());
    }
}
