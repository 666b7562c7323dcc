//! A package with one world, and its text. It can be cut down to one function, for minimal cases.

use std::collections::BTreeSet;
use std::fmt::Write as _;

#[derive(Clone, Debug)]
pub struct Package {
    /// `test:w017`
    pub name: String,
    pub interfaces: Vec<Interface>,
    /// Types of the world itself.
    pub definitions: Vec<Definition>,
    /// Functions that the world imports and exports directly.
    pub functions: Vec<Function>,
}

#[derive(Clone, Debug)]
pub struct Interface {
    pub name: String,
    pub docs: Vec<&'static str>,
    pub uses: Vec<Use>,
    pub definitions: Vec<Definition>,
    pub functions: Vec<Function>,
}

/// `use interface.{item as name};`
#[derive(Clone, Debug)]
pub struct Use {
    pub interface: String,
    pub item: String,
    pub name: String,
}

#[derive(Clone, Debug)]
pub struct Definition {
    pub name: String,
    pub docs: Vec<&'static str>,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Record(Vec<(String, Ty)>),
    Variant(Vec<(String, Option<Ty>)>),
    Enum(Vec<String>),
    Flags(Vec<String>),
    Alias(Ty),
    Resource(Vec<Method>),
}

#[derive(Clone, Debug)]
pub struct Method {
    pub form: Form,
    pub function: Function,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Constructor,
    Method,
    Static,
}

#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    pub docs: Vec<&'static str>,
    pub is_async: bool,
    pub params: Vec<(String, Ty)>,
    pub result: Option<Ty>,
}

#[derive(Clone, Debug)]
pub enum Ty {
    Plain(&'static str),
    List(Box<Ty>),
    Fixed(Box<Ty>, u32),
    Map(&'static str, Box<Ty>),
    Option(Box<Ty>),
    Result(Option<Box<Ty>>, Option<Box<Ty>>),
    Tuple(Vec<Ty>),
    Named(String),
    Borrow(String),
    Stream(Option<Box<Ty>>),
    Future(Option<Box<Ty>>),
}

impl Ty {
    fn write(&self, out: &mut String) {
        let optional = |out: &mut String, ty: &Option<Box<Ty>>| match ty {
            Some(ty) => ty.write(out),
            None => out.push('_'),
        };
        let around = |out: &mut String, name: &str, ty: &Ty| {
            out.push_str(name);
            out.push('<');
            ty.write(out);
        };
        match self {
            Ty::Plain(name) => out.push_str(name),
            Ty::Named(name) => write!(out, "%{name}").expect("a string"),
            Ty::Borrow(name) => write!(out, "borrow<%{name}>").expect("a string"),
            Ty::List(item) => around(out, "list", item),
            Ty::Option(item) => around(out, "option", item),
            Ty::Fixed(item, length) => {
                around(out, "list", item);
                write!(out, ", {length}").expect("a string");
            }
            Ty::Map(key, value) => {
                write!(out, "map<{key}, ").expect("a string");
                value.write(out);
            }
            Ty::Tuple(items) => {
                out.push_str("tuple<");
                for (place, item) in items.iter().enumerate() {
                    out.push_str(if place > 0 { ", " } else { "" });
                    item.write(out);
                }
            }
            Ty::Result(None, None) => out.push_str("result"),
            Ty::Result(ok, None) => {
                out.push_str("result<");
                optional(out, ok);
            }
            Ty::Result(ok, err) => {
                out.push_str("result<");
                optional(out, ok);
                out.push_str(", ");
                optional(out, err);
            }
            Ty::Stream(None) => out.push_str("stream"),
            Ty::Future(None) => out.push_str("future"),
            Ty::Stream(Some(item)) => around(out, "stream", item),
            Ty::Future(Some(item)) => around(out, "future", item),
        }
        let bare = matches!(
            self,
            Ty::Plain(_)
                | Ty::Named(_)
                | Ty::Borrow(_)
                | Ty::Result(None, None)
                | Ty::Stream(None)
                | Ty::Future(None)
        );
        if !bare {
            out.push('>');
        }
    }

    /// The names that it mentions.
    pub fn names(&self, into: &mut BTreeSet<String>) {
        match self {
            Ty::Plain(_) => {}
            Ty::Named(name) | Ty::Borrow(name) => {
                into.insert(name.clone());
            }
            Ty::List(item) | Ty::Fixed(item, _) | Ty::Map(_, item) | Ty::Option(item) => {
                item.names(into)
            }
            Ty::Result(ok, err) => [ok, err]
                .into_iter()
                .flatten()
                .for_each(|ty| ty.names(into)),
            Ty::Tuple(items) => items.iter().for_each(|ty| ty.names(into)),
            Ty::Stream(item) | Ty::Future(item) => item.iter().for_each(|ty| ty.names(into)),
        }
    }
}

impl Function {
    pub fn names(&self, into: &mut BTreeSet<String>) {
        self.params
            .iter()
            .map(|(_, ty)| ty)
            .chain(&self.result)
            .for_each(|ty| ty.names(into));
    }

    fn write(&self, out: &mut String, indent: &str, before: &str, keyword: &str) {
        docs(out, indent, &self.docs);
        write!(out, "{indent}{before}").expect("a string");
        if keyword != "constructor" {
            write!(out, "%{}: {keyword}", self.name).expect("a string");
            out.push_str(if self.is_async { "async func" } else { "func" });
        } else {
            out.push_str("constructor");
        }
        out.push('(');
        for (place, (name, ty)) in self.params.iter().enumerate() {
            out.push_str(if place > 0 { ", " } else { "" });
            write!(out, "%{name}: ").expect("a string");
            ty.write(out);
        }
        out.push(')');
        if let Some(ty) = &self.result {
            out.push_str(" -> ");
            ty.write(out);
        }
        out.push_str(";\n");
    }
}

impl Definition {
    pub fn names(&self, into: &mut BTreeSet<String>) {
        match &self.kind {
            Kind::Record(fields) => fields.iter().for_each(|(_, ty)| ty.names(into)),
            Kind::Variant(cases) => cases
                .iter()
                .filter_map(|(_, ty)| ty.as_ref())
                .for_each(|ty| ty.names(into)),
            Kind::Enum(_) | Kind::Flags(_) => {}
            Kind::Alias(ty) => ty.names(into),
            Kind::Resource(methods) => methods
                .iter()
                .for_each(|method| method.function.names(into)),
        }
    }

    fn write(&self, out: &mut String, indent: &str) {
        docs(out, indent, &self.docs);
        let inner = format!("{indent}  ");
        let (keyword, name) = (self.kind.keyword(), &self.name);
        match &self.kind {
            Kind::Alias(ty) => {
                write!(out, "{indent}type %{name} = ").expect("a string");
                ty.write(out);
                out.push_str(";\n");
                return;
            }
            Kind::Record(_)
            | Kind::Variant(_)
            | Kind::Enum(_)
            | Kind::Flags(_)
            | Kind::Resource(_) => {
                writeln!(out, "{indent}{keyword} %{name} {{").expect("a string");
            }
        }
        match &self.kind {
            Kind::Record(fields) => {
                for (name, ty) in fields {
                    write!(out, "{inner}%{name}: ").expect("a string");
                    ty.write(out);
                    out.push_str(",\n");
                }
            }
            Kind::Variant(cases) => {
                for (name, ty) in cases {
                    write!(out, "{inner}%{name}").expect("a string");
                    if let Some(ty) = ty {
                        out.push('(');
                        ty.write(out);
                        out.push(')');
                    }
                    out.push_str(",\n");
                }
            }
            Kind::Enum(members) | Kind::Flags(members) => {
                for name in members {
                    writeln!(out, "{inner}%{name},").expect("a string");
                }
            }
            Kind::Resource(methods) => {
                for method in methods {
                    method.function.write(
                        out,
                        &inner,
                        "",
                        match method.form {
                            Form::Constructor => "constructor",
                            Form::Method => "",
                            Form::Static => "static ",
                        },
                    );
                }
            }
            Kind::Alias(_) => {}
        }
        writeln!(out, "{indent}}}").expect("a string");
    }
}

impl Kind {
    fn keyword(&self) -> &'static str {
        match self {
            Kind::Record(_) => "record",
            Kind::Variant(_) => "variant",
            Kind::Enum(_) => "enum",
            Kind::Flags(_) => "flags",
            Kind::Alias(_) => "type",
            Kind::Resource(_) => "resource",
        }
    }
}

fn docs(out: &mut String, indent: &str, lines: &[&str]) {
    for line in lines {
        writeln!(out, "{indent}/// {line}").expect("a string");
    }
}

impl Package {
    /// The whole file. Interfaces with functions are imported and exported, the others follow from `use`.
    pub fn text(&self) -> String {
        let mut out = format!("package {};\n", self.name);
        for interface in &self.interfaces {
            out.push('\n');
            docs(&mut out, "", &interface.docs);
            writeln!(out, "interface %{} {{", interface.name).expect("a string");
            for Use {
                interface,
                item,
                name,
            } in &interface.uses
            {
                writeln!(out, "  use %{interface}.{{%{item} as %{name}}};").expect("a string");
            }
            for definition in &interface.definitions {
                definition.write(&mut out, "  ");
            }
            for function in &interface.functions {
                function.write(&mut out, "  ", "", "");
            }
            out.push_str("}\n");
        }
        out.push_str("\nworld w {\n");
        for definition in &self.definitions {
            definition.write(&mut out, "  ");
        }
        for Interface { name, .. } in self.interfaces.iter().filter(|one| one.has_functions()) {
            writeln!(out, "  import %{name};\n  export %{name};").expect("a string");
        }
        for function in &self.functions {
            function.write(&mut out, "  ", "import ", "");
            function.write(&mut out, "  ", "export ", "");
        }
        out.push_str("}\n");
        out
    }

    /// Only one function and the types that it needs; `interface` is a plain name.
    pub fn cut(&self, interface: Option<&str>, function: &str) -> Package {
        let mut cut = self.clone();
        let keep = |functions: &mut Vec<Function>, here: bool| {
            functions.retain(|one| here && one.name == function)
        };
        keep(&mut cut.functions, interface.is_none());
        for one in &mut cut.interfaces {
            keep(&mut one.functions, interface == Some(&one.name));
        }
        prune(
            &mut cut.definitions,
            &mut Vec::new(),
            &cut.functions,
            BTreeSet::new(),
        );
        let mut wanted: BTreeSet<(String, String)> = BTreeSet::new();
        // Later interfaces use earlier ones.
        for one in cut.interfaces.iter_mut().rev() {
            let named = wanted
                .iter()
                .filter(|(owner, _)| *owner == one.name)
                .map(|(_, item)| item.clone())
                .collect();
            prune(&mut one.definitions, &mut one.uses, &one.functions, named);
            wanted.extend(
                one.uses
                    .iter()
                    .map(|used| (used.interface.clone(), used.item.clone())),
            );
        }
        cut.interfaces.retain(|one| {
            one.has_functions() || !one.definitions.is_empty() || !one.uses.is_empty()
        });
        cut
    }
}

impl Interface {
    /// Returns `true` if it has anything that can be called.
    pub fn has_functions(&self) -> bool {
        !self.functions.is_empty()
            || self
                .definitions
                .iter()
                .any(|one| matches!(&one.kind, Kind::Resource(methods) if !methods.is_empty()))
    }
}

/// Definitions come after those that they mention.
fn prune(
    definitions: &mut Vec<Definition>,
    uses: &mut Vec<Use>,
    functions: &[Function],
    mut needed: BTreeSet<String>,
) {
    functions
        .iter()
        .for_each(|function| function.names(&mut needed));
    for definition in definitions.iter().rev() {
        if needed.contains(&definition.name) {
            definition.names(&mut needed);
        }
    }
    definitions.retain(|definition| needed.contains(&definition.name));
    uses.retain(|used| needed.contains(&used.name));
}
