//! One method per kind of type that becomes a class or a name.

use super::writer::Writer;
use crate::plan::python::{Alias, Annotation, Case, Helper, Members, Record, Variant};

impl Writer {
    pub fn record(&mut self, record: &Record) {
        self.gap();
        self.dataclass(&record.class.to_string());
        self.class_body(&record.shadowed, |writer| {
            writer.docs(record.docs.as_deref());
            for field in &record.fields {
                let annotation = writer.annotation(&field.annotation);
                // `dataclass` would take `type.mro` as the default of a field with that name.
                if field.name.as_str() == "mro" {
                    let required = writer.helper(Helper::Field);
                    writer.line(&format!("mro: {annotation} = {required}()"));
                } else {
                    writer.line(&format!("{}: {annotation}", field.name));
                }
                writer.docs(field.docs.as_deref());
            }
        });
    }

    pub fn variant(&mut self, variant: &Variant) {
        for case in &variant.cases {
            self.case(case);
        }
        self.gap();
        let cases: Vec<&str> = variant
            .cases
            .iter()
            .map(|case| case.class.as_str())
            .collect();
        let union = self.helper(Helper::Union);
        self.line(&format!(
            "{} = {union}[{}]",
            variant.class,
            cases.join(", ")
        ));
        self.docs(variant.docs.as_deref());
        for case in &variant.cases {
            if let Some(old_name) = &case.old_name {
                self.line(&format!("{old_name} = {}", case.class));
            }
        }
    }

    fn case(&mut self, case: &Case) {
        self.gap();
        self.dataclass(&case.class.to_string());
        self.indented(|writer| {
            writer.docs(case.docs.as_deref());
            match &case.payload {
                Some(payload) => {
                    let annotation = writer.annotation(payload);
                    writer.line(&format!("value: {annotation}"));
                }
                None if case.docs.is_none() => writer.line("pass"),
                None => {}
            }
        });
    }

    fn dataclass(&mut self, class: &str) {
        let dataclass = self.helper(Helper::Dataclass);
        self.line(&format!("@{dataclass}"));
        self.line(&format!("class {class}:"));
    }

    pub fn enumeration(&mut self, members: &Members) {
        self.members(Helper::Enum, members, |index| index.to_string());
    }

    pub fn flags(&mut self, members: &Members) {
        self.members(Helper::Flag, members, |index| format!("1 << {index}"));
    }

    fn members(&mut self, base: Helper, members: &Members, value: impl Fn(usize) -> String) {
        self.gap();
        let base = self.helper(base);
        self.line(&format!("class {}({base}):", members.class));
        self.indented(|writer| {
            writer.docs(members.docs.as_deref());
            for (index, member) in members.members.iter().enumerate() {
                writer.line(&format!("{} = {}", member.name, value(index)));
                writer.docs(member.docs.as_deref());
            }
        });
    }

    pub fn alias(&mut self, alias: &Alias) {
        self.gap();
        let target = match &alias.target {
            Annotation::None => "None".to_owned(),
            target => self.annotation(target),
        };
        self.line(&format!("{} = {target}", alias.name));
        self.docs(alias.docs.as_deref());
    }
}
