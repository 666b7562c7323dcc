//! `bench python`: the programs of `benches/python/app.py` in both components, in turn. The host checks that both return the
//! same.

use anyhow::{Context as _, Result};

use super::Bench;
use super::calls::measure;
use super::measured::Measured;
use super::statistics::geometric_mean;
use super::table::comparison;
use super::targets::FASTER;
use super::tools::{App, SUBJECTS, components};
use super::unit::{Unit, show_ratio};

const ROUNDS: usize = 10;

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let app = App::of(bench.root.join("benches/python"), "programs");
    let components = components(&bench.tools()?, &bench.folder, "python", &app)?;
    let printed = measure(bench, "python", ROUNDS, &components)?;
    let mut measured = Measured::of(SUBJECTS);
    measured.add_printed(&printed, &components, str::to_owned)?;
    let programs = comparison(&measured, "program", |row| Some(format!("`{}`", row.name)));
    let faster = times_faster(&measured).context("not every program was measured for both")?;
    measured.add(0, FASTER, Unit::TimesFaster, 1.0);
    measured.add(1, FASTER, Unit::TimesFaster, faster);
    let report = format!(
        "{programs}\nGeometric mean: {} times faster.\n",
        show_ratio(faster)
    );
    Ok((measured, report))
}

/// The geometric mean over the programs, from medians.
fn times_faster(measured: &Measured) -> Option<f64> {
    let rows = measured.rows();
    let ratios: Option<Vec<f64>> = rows.iter().map(|row| row.ratio()).collect();
    geometric_mean(&ratios?).map(f64::recip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_over_all_programs() {
        let mut measured = Measured::of(SUBJECTS);
        for (row, theirs, ours) in [("calls", 40.0, 10.0), ("json", 10.0, 10.0)] {
            measured.add(0, row, Unit::Nanoseconds, theirs);
            measured.add(1, row, Unit::Nanoseconds, ours);
        }
        let faster = times_faster(&measured).expect("both were measured");
        assert!((faster - 2.0).abs() < 1e-12, "{faster}");
        measured.add(1, "dicts", Unit::Nanoseconds, 3.0);
        assert_eq!(times_faster(&measured), None);
    }
}
