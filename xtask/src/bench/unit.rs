//! The units of figures, and their form for readers.

use anyhow::{Result, bail};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unit {
    Nanoseconds,
    Bytes,
    PerSecond,
    /// The speed as a multiple of the first subject's.
    TimesFaster,
}

impl Unit {
    const ALL: [Self; 4] = [
        Self::Nanoseconds,
        Self::Bytes,
        Self::PerSecond,
        Self::TimesFaster,
    ];

    /// The form in raw runs.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Bytes => "B",
            Self::PerSecond => "1/s",
            Self::TimesFaster => "times",
        }
    }

    pub fn parse(symbol: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|unit| unit.symbol() == symbol) {
            Some(unit) => Ok(unit),
            None => bail!("`{symbol}` is no unit"),
        }
    }

    pub fn more_is_better(self) -> bool {
        match self {
            Self::Nanoseconds | Self::Bytes => false,
            Self::PerSecond | Self::TimesFaster => true,
        }
    }

    pub fn show(self, value: f64) -> String {
        match self {
            Self::Nanoseconds => match value {
                time if time < 1e3 => format!("{time:.0} ns"),
                time if time < 1e6 => format!("{:.2} us", time / 1e3),
                time if time < 1e9 => format!("{:.2} ms", time / 1e6),
                time => format!("{:.2} s", time / 1e9),
            },
            Self::Bytes => match value {
                bytes if bytes < 1e3 => format!("{bytes:.0} B"),
                bytes if bytes < 1e6 => format!("{:.1} kB", bytes / 1e3),
                bytes if bytes < 1e9 => format!("{:.2} MB", bytes / 1e6),
                bytes => format!("{:.2} GB", bytes / 1e9),
            },
            Self::PerSecond => format!("{value:.0}/s"),
            Self::TimesFaster => format!("{value:.2} x"),
        }
    }
}

/// More decimals where two would be too few.
pub fn show_ratio(ratio: f64) -> String {
    match ratio {
        small if small < 0.1 => format!("{small:.3}"),
        ratio => format!("{ratio:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_as_they_are_written() {
        for unit in Unit::ALL {
            assert_eq!(Unit::parse(unit.symbol()).expect("it is known"), unit);
        }
        assert!(Unit::parse("us").is_err());
    }

    #[test]
    fn figures_are_short() {
        for (unit, value, shown) in [
            (Unit::Nanoseconds, 999.0, "999 ns"),
            (Unit::Nanoseconds, 1_500.0, "1.50 us"),
            (Unit::Nanoseconds, 2_345_678.0, "2.35 ms"),
            (Unit::Nanoseconds, 4.8e9, "4.80 s"),
            (Unit::Bytes, 12.0, "12 B"),
            (Unit::Bytes, 12_340.0, "12.3 kB"),
            (Unit::Bytes, 18_300_000.0, "18.30 MB"),
            (Unit::Bytes, 1.25e9, "1.25 GB"),
            (Unit::PerSecond, 427.6, "428/s"),
            (Unit::TimesFaster, 1.254, "1.25 x"),
        ] {
            assert_eq!(unit.show(value), shown);
        }
        assert_eq!(show_ratio(0.0123), "0.012");
        assert_eq!(show_ratio(1.239), "1.24");
    }
}
