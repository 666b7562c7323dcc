//! A report as tables for people: sizes in kB (1000 bytes), long tables cut.

use std::fmt::Write as _;

use super::Report;

/// The most rows of a long table.
const ROWS: usize = 20;

impl Report {
    /// Tables, each with its heading; JSON also has the omitted rows.
    pub fn text(&self) -> String {
        let tables = [
            self.summary(),
            self.libraries(),
            self.memory(),
            self.packages(),
            self.modules(),
            self.files(),
        ];
        let shown = tables.iter().flatten().map(Table::text);
        shown.collect::<Vec<_>>().join("\n")
    }

    fn summary(&self) -> Option<Table> {
        let sum =
            |part: fn(&super::LibrarySize) -> u64| self.libraries.iter().map(part).sum::<u64>();
        let mut table = Table::new("The component's parts", &["kB"]);
        for (name, size) in [
            ("code of libraries", sum(|library| library.code)),
            ("static data of libraries", sum(|library| library.data)),
            ("heap after the app's import", self.snapshot.heap),
            ("files", self.snapshot.files),
            (
                "code and data of the linker",
                self.other.code + self.other.data,
            ),
            ("types, imports, exports and tables", self.other.sections),
            ("the component around it", self.other.component),
            ("total", self.total),
        ] {
            table.row(name, [kb(size)]);
        }
        Some(table)
    }

    fn libraries(&self) -> Option<Table> {
        let mut table = Table::new("Library", &["code, kB", "data, kB"]);
        for library in &self.libraries {
            table.row(&library.name, [kb(library.code), kb(library.data)]);
        }
        Some(table)
    }

    fn memory(&self) -> Option<Table> {
        let snapshot = &self.snapshot;
        let modules: i64 = self
            .python
            .packages
            .iter()
            .map(|package| package.loaded)
            .sum();
        let carried = self.python.packages.iter();
        let taken: i64 = carried.map(|package| package.carried).sum();
        let mut table = Table::new("Memory at the start", &["kB", "pages of 64 KiB"]);
        let pages = |pages: u64| separated(&pages.to_string());
        table.row("all of it", [kb(snapshot.memory), pages(snapshot.pages)]);
        let stored = kb(snapshot.static_data + snapshot.heap + snapshot.files);
        table.row("stored in the file", [stored, pages(snapshot.stored_pages)]);
        for (name, size) in [
            ("allocated by Python", self.python.memory),
            ("  the interpreter at its start", self.python.start),
            ("  modules", modules),
            ("  taken along for later imports", taken),
            ("  what belongs to no module", self.python.rest),
        ] {
            table.row(name, [kb_signed(size), String::new()]);
        }
        Some(table)
    }

    fn packages(&self) -> Option<Table> {
        let columns = ["modules", "memory, kB", "taken along, kB"];
        let mut table = Table::new("Python package", &columns);
        for package in &self.python.packages {
            table.row(
                &package.name,
                [
                    separated(&package.modules.to_string()),
                    kb_signed(package.loaded),
                    kb_signed(package.carried),
                ],
            );
        }
        table.filled()
    }

    fn modules(&self) -> Option<Table> {
        let mut table = Table::new("Python module", &["memory, kB", "taken along, kB"]);
        let cell = |size: Option<i64>| size.map(kb_signed).unwrap_or_default();
        for module in &self.python.modules {
            table.row(&module.name, [cell(module.loaded), cell(module.carried)]);
        }
        table.filled()
    }

    fn files(&self) -> Option<Table> {
        let mut table = Table::new("File", &["stored, kB", "size, kB"]);
        for file in &self.files {
            table.row(&file.path, [kb(file.stored), kb(file.size)]);
        }
        table.filled()
    }
}

/// A first column of names, and columns of numbers.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(name: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|column| (*column).to_owned());
        let head = std::iter::once(name.to_owned()).chain(columns).collect();
        Self { rows: vec![head] }
    }

    fn row<const N: usize>(&mut self, name: &str, cells: [String; N]) {
        let row = std::iter::once(name.to_owned()).chain(cells);
        self.rows.push(row.collect());
    }

    /// The table, if it has rows.
    fn filled(self) -> Option<Self> {
        (self.rows.len() > 1).then_some(self)
    }

    fn text(&self) -> String {
        let shown = &self.rows[..self.rows.len().min(1 + ROWS)];
        let columns = self.rows[0].len();
        let width = |column: usize| {
            let cells = shown.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in shown {
            let mut line = format!("{:<width$}", row[0], width = widths[0]);
            for (cell, width) in row.iter().zip(&widths).skip(1) {
                // Writing into a string cannot fail.
                let _ = write!(line, "  {cell:>width$}");
            }
            text += line.trim_end();
            text.push('\n');
        }
        let more = self.rows.len() - shown.len();
        if more > 0 {
            text += &format!("... and {} more\n", separated(&more.to_string()));
        }
        text
    }
}

/// Bytes as kB with one decimal, rounded.
fn kb(bytes: u64) -> String {
    let tenths = (bytes + 50) / 100;
    format!("{}.{}", separated(&(tenths / 10).to_string()), tenths % 10)
}

fn kb_signed(bytes: i64) -> String {
    let text = kb(bytes.unsigned_abs());
    if bytes < 0 && text != "0.0" {
        format!("-{text}")
    } else {
        text
    }
}

/// Digits in groups of three.
fn separated(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        let shown = [0, 49, 50, 999, 999_950, 1_234_567_890].map(kb);
        assert_eq!(
            shown,
            ["0.0", "0.0", "0.1", "1.0", "1,000.0", "1,234,567.9"]
        );
        assert_eq!([-49, -1234].map(kb_signed), ["0.0", "-1.2"]);
    }

    #[test]
    fn long_tables_are_cut() {
        let mut table = Table::new("Name", &["kB"]);
        for index in 0..22 {
            table.row(&format!("n{index}"), [kb(index * 100_000)]);
        }
        let text = table.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Name       kB");
        assert_eq!(lines[20], "n19   1,900.0");
        assert_eq!(lines[21..], ["... and 2 more"]);
    }
}
