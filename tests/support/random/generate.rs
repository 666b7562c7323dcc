//! Random packages. Sizes are bounded, so that no type becomes too large for a host or for a test's time.

use super::model::{Definition, Form, Function, Interface, Kind, Method, Package, Ty, Use};
use super::names::{Taken, docs};
use super::rng::Rng;

/// The features that may occur.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    pub maps: bool,
    pub fixed_lists: bool,
    pub resources: bool,
    /// `async` functions.
    pub asynchronous: bool,
    /// Streams and futures, in every place.
    pub streams: bool,
    /// Streams and futures of primitive types, as whole parameters and results of asynchronous functions.
    pub plain_streams: bool,
}

const PRIMITIVES: &[&str] = &[
    "bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "char", "string",
];
const KEYS: &[&str] = &[
    "bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "char", "string",
];

/// No type has more parts than this, counted with those of the types that it names.
const LARGEST: usize = 60;

/// A type that can be named at the current place.
#[derive(Clone, Debug)]
struct Visible {
    name: String,
    weight: usize,
    is_resource: bool,
}

/// A random package called `name`; `prefix` tells what the world itself names from that of other worlds.
pub fn package(rng: &mut Rng, name: &str, prefix: &str, features: Features) -> Package {
    let mut interfaces: Vec<Interface> = Vec::new();
    let mut offered: Vec<Vec<Visible>> = Vec::new();
    let mut names = Taken::default();
    // The name of the world.
    names.take("w");
    for _ in 0..rng.between(1, 3) {
        // The app's module for an interface with resources has the interface's name, and would hide one of Python's.
        let name = if features.resources {
            names.plain(rng)
        } else {
            names.name(rng)
        };
        let only_types = rng.percent(20);
        let mut builder = Builder::new(rng, features);
        builder.only_types = only_types;
        for (interface, types) in interfaces.iter().zip(&offered) {
            // It is imported only, so an exported interface must not need any type of it that belongs to an exported one.
            if !(only_types && interface.has_functions()) {
                builder.use_some(interface, types);
            }
        }
        for _ in 0..builder.rng.between(0, 6) {
            builder.define();
        }
        let count = if only_types {
            0
        } else {
            builder.rng.between(1, 4)
        };
        let functions = (0..count).map(|_| builder.function()).collect();
        interfaces.push(Interface {
            name,
            docs: docs(builder.rng),
            uses: builder.uses,
            definitions: builder.definitions,
            functions,
        });
        offered.push(builder.visible);
    }
    let mut builder = Builder::new(
        rng,
        Features {
            resources: false,
            ..features
        },
    );
    builder.prefix = prefix.to_owned();
    for _ in 0..builder.rng.between(0, 2) {
        builder.define();
    }
    let functions = (0..builder.rng.between(0, 2))
        .map(|_| builder.function())
        .collect();
    let mut package = Package {
        name: name.to_owned(),
        interfaces,
        definitions: builder.definitions,
        functions,
    };
    if package.functions.is_empty() && !package.interfaces.iter().any(Interface::has_functions) {
        let mut builder = Builder::new(rng, features);
        builder.prefix = prefix.to_owned();
        builder.definitions = std::mem::take(&mut package.definitions);
        for one in &builder.definitions {
            let bare = one.name.strip_prefix(&format!("{prefix}-"));
            builder.taken.take(bare.unwrap_or(&one.name));
        }
        package.functions.push(builder.function());
        package.definitions = builder.definitions;
    }
    package
}

struct Builder<'a> {
    rng: &'a mut Rng,
    features: Features,
    prefix: String,
    /// Nothing here may be called.
    only_types: bool,
    taken: Taken,
    uses: Vec<Use>,
    definitions: Vec<Definition>,
    visible: Vec<Visible>,
}

impl<'a> Builder<'a> {
    fn new(rng: &'a mut Rng, features: Features) -> Self {
        Self {
            rng,
            features,
            prefix: String::new(),
            only_types: false,
            taken: Taken::default(),
            uses: Vec::new(),
            definitions: Vec::new(),
            visible: Vec::new(),
        }
    }

    fn name(&mut self) -> String {
        if self.prefix.is_empty() {
            return self.taken.name(self.rng);
        }
        let name = self.taken.name(self.rng);
        format!("{}-{}", self.prefix, name.to_lowercase())
    }

    fn use_some(&mut self, interface: &Interface, types: &[Visible]) {
        for one in types {
            if self.rng.percent(70) {
                continue;
            }
            let name = if !self.taken.take(&one.name) {
                self.name()
            } else {
                one.name.clone()
            };
            self.uses.push(Use {
                interface: interface.name.clone(),
                item: one.name.clone(),
                name: name.clone(),
            });
            self.visible.push(Visible {
                name,
                ..one.clone()
            });
        }
    }

    fn define(&mut self) {
        let name = self.name();
        let mut is_resource = false;
        let (kind, weight) = match self
            .rng
            .below(if self.features.resources { 12 } else { 10 })
        {
            0..=2 => self.record(),
            3..=5 => self.variant(),
            6 => {
                let count = if self.rng.percent(4) {
                    self.rng.between(255, 300)
                } else {
                    self.rng.between(1, 7)
                };
                (Kind::Enum(self.members(count)), 1)
            }
            7 => {
                let count = *self.rng.pick(&[1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32]);
                (Kind::Flags(self.members(count)), 1)
            }
            8..=9 => {
                let (ty, weight) = self.ty(3, LARGEST);
                (Kind::Alias(ty), weight)
            }
            _ => {
                is_resource = true;
                self.visible.push(Visible {
                    name: name.clone(),
                    weight: 1,
                    is_resource,
                });
                (self.resource(&name), 1)
            }
        };
        let docs = docs(self.rng);
        if !is_resource {
            self.visible.push(Visible {
                name: name.clone(),
                weight,
                is_resource,
            });
        }
        self.definitions.push(Definition { name, docs, kind });
    }

    fn members(&mut self, count: usize) -> Vec<String> {
        let mut taken = Taken::default();
        (0..count).map(|_| taken.name(self.rng)).collect()
    }

    fn record(&mut self) -> (Kind, usize) {
        let count = if self.rng.percent(8) {
            self.rng.between(10, 22)
        } else {
            self.rng.between(1, 5)
        };
        let mut total = 1;
        let mut fields = Vec::new();
        for name in self.members(count) {
            let (ty, weight) = self.ty(2, LARGEST / count.min(6));
            total += weight;
            fields.push((name, ty));
        }
        (Kind::Record(fields), total)
    }

    fn variant(&mut self) -> (Kind, usize) {
        let many = self.rng.percent(3);
        let count = if many {
            self.rng.between(255, 270)
        } else {
            self.rng.between(1, 6)
        };
        let mut total = 1;
        let mut cases = Vec::new();
        for name in self.members(count) {
            if self.rng.percent(if many { 95 } else { 30 }) {
                cases.push((name, None));
                continue;
            }
            let (ty, weight) = self.ty(2, LARGEST / count.min(6));
            total += weight;
            cases.push((name, Some(ty)));
        }
        (Kind::Variant(cases), total)
    }

    fn resource(&mut self, name: &str) -> Kind {
        let mut taken = Taken::default();
        // A method with its resource's name would clash with the resource in the Component Model.
        taken.take(name);
        let mut methods = Vec::new();
        let count = if self.only_types {
            0
        } else {
            self.rng.between(1, 4)
        };
        for place in 0..count {
            let mut function = self.function();
            function.name = taken.name(self.rng);
            let form = match self.rng.below(3) {
                // Always there, so that a test can make one.
                _ if place == 0 => Form::Constructor,
                1 => Form::Static,
                _ => Form::Method,
            };
            if form == Form::Constructor {
                function.is_async = false;
                function.result = None;
                function.params.truncate(3);
                for (_, ty) in &mut function.params {
                    *ty = Ty::Plain(self.rng.pick::<&str>(PRIMITIVES));
                }
            }
            // WIT's own first parameter.
            for (name, _) in &mut function.params {
                if name.eq_ignore_ascii_case("self") {
                    name.push_str("-too");
                }
            }
            methods.push(Method { form, function });
        }
        Kind::Resource(methods)
    }

    fn function(&mut self) -> Function {
        let name = self.name();
        let count = match self.rng.below(20) {
            0 => self.rng.between(15, 20),
            1..=2 => 0,
            3..=5 => self.rng.between(4, 8),
            _ => self.rng.between(1, 3),
        };
        let mut taken = Taken::default();
        let mut params = Vec::new();
        for _ in 0..count {
            let (ty, _) = self.ty(4, LARGEST / count.clamp(1, 6));
            let ty = match self.a_resource() {
                Some(resource) if self.rng.percent(20) => self.borrow(resource),
                _ => ty,
            };
            params.push((taken.name(self.rng), ty));
        }
        let result = self.rng.percent(85).then(|| match self.rng.percent(30) {
            true => {
                let (ok, err) = (self.payload(3, LARGEST / 2), self.payload(3, LARGEST / 2));
                Ty::Result(ok.0, err.0)
            }
            false => self.ty(4, LARGEST).0,
        });
        let docs = docs(self.rng);
        let is_async = self.features.asynchronous && self.rng.percent(25);
        let mut function = Function {
            name,
            docs,
            is_async,
            params,
            result,
        };
        if is_async && self.features.plain_streams {
            let types = function
                .params
                .iter_mut()
                .map(|(_, ty)| ty)
                .chain(&mut function.result);
            for ty in types {
                if self.rng.percent(25) {
                    *ty = self.plain_stream();
                }
            }
        }
        function
    }

    fn plain_stream(&mut self) -> Ty {
        let item = self.rng.percent(90).then(|| *self.rng.pick(PRIMITIVES));
        let is_char = item == Some("char");
        let item = item.map(|name| Box::new(Ty::Plain(name)));
        // WIT has no streams of characters.
        if is_char || self.rng.percent(35) {
            Ty::Future(item)
        } else {
            Ty::Stream(item)
        }
    }

    /// Borrows may stand in parameters only, at any depth.
    fn borrow(&mut self, resource: String) -> Ty {
        let borrow = Ty::Borrow(resource);
        match self.rng.below(8) {
            0 => Ty::List(Box::new(borrow)),
            1 => Ty::Option(Box::new(borrow)),
            2 => Ty::Tuple(vec![Ty::Plain("string"), borrow]),
            3 => Ty::Result(None, Some(Box::new(borrow))),
            _ => borrow,
        }
    }

    fn a_resource(&mut self) -> Option<String> {
        let all: Vec<&Visible> = self.visible.iter().filter(|one| one.is_resource).collect();
        (!all.is_empty()).then(|| all[self.rng.below(all.len())].name.clone())
    }

    fn payload(&mut self, depth: usize, room: usize) -> (Option<Box<Ty>>, usize) {
        if self.rng.percent(25) {
            return (None, 1);
        }
        let (ty, weight) = self.ty(depth, room);
        (Some(Box::new(ty)), weight)
    }

    /// A type with its weight, which is at most `room` (and at least 1).
    fn ty(&mut self, depth: usize, room: usize) -> (Ty, usize) {
        let named: Vec<Visible> = self
            .visible
            .iter()
            .filter(|one| one.weight <= room)
            .cloned()
            .collect();
        if !named.is_empty() && self.rng.percent(35) {
            let one = self.rng.pick(&named);
            return (Ty::Named(one.name.clone()), one.weight);
        }
        if depth == 0 || room < 4 || self.rng.percent(30) {
            return (Ty::Plain(self.rng.pick::<&str>(PRIMITIVES)), 1);
        }
        let inner = |builder: &mut Self| {
            let (ty, weight) = builder.ty(depth - 1, room - 1);
            (Box::new(ty), weight + 1)
        };
        match self.rng.below(16) {
            0..=3 => {
                let (item, weight) = inner(self);
                (Ty::List(item), weight)
            }
            4..=6 => {
                let (item, weight) = inner(self);
                (Ty::Option(item), weight)
            }
            7..=8 => {
                let (ok, one) = self.payload(depth - 1, room / 2);
                let (err, other) = self.payload(depth - 1, room / 2);
                (Ty::Result(ok, err), one + other + 1)
            }
            9..=10 => self.tuple(depth, room),
            11..=12 if self.features.maps => {
                let (value, weight) = inner(self);
                (Ty::Map(self.rng.pick::<&str>(KEYS), value), weight + 1)
            }
            13 if self.features.fixed_lists => {
                let (item, weight) = self.ty(depth - 1, room / 4);
                let length = if weight > 3 {
                    self.rng.between(1, 3)
                } else {
                    *self.rng.pick(&[1, 2, 3, 4, 7, 16, 17])
                };
                (
                    Ty::Fixed(Box::new(item), u32::try_from(length).expect("small")),
                    weight * length.min(4) + 1,
                )
            }
            14 if self.features.streams => (Ty::Stream(self.payload(depth - 1, room / 2).0), 1),
            15 if self.features.streams => (Ty::Future(self.payload(depth - 1, room / 2).0), 1),
            _ => (Ty::Plain(self.rng.pick::<&str>(PRIMITIVES)), 1),
        }
    }

    fn tuple(&mut self, depth: usize, room: usize) -> (Ty, usize) {
        let count = if self.rng.percent(5) {
            self.rng.between(9, 18)
        } else {
            self.rng.between(1, 4)
        };
        let mut total = 1;
        let mut items = Vec::new();
        for _ in 0..count {
            let (ty, weight) = self.ty(depth - 1, room / count.min(6));
            total += weight;
            items.push(ty);
        }
        (Ty::Tuple(items), total)
    }
}
