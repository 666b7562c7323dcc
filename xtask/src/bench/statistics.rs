//! Summaries of many figures: medians, their spread, means of ratios.

/// The median of some values, and the range of the inner eight tenths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The 10th percentile.
    pub low: f64,
    pub median: f64,
    /// The 90th percentile.
    pub high: f64,
}

impl Spread {
    /// `None` for no values. Percentiles are values that occurred, so with few values the least and the greatest are shown.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let tenth = |tenths: usize| sorted.get(sorted.len() * tenths / 10).copied();
        let half = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            1 => sorted[half],
            _ => (sorted.get(half.checked_sub(1)?)? + sorted.get(half)?) / 2.0,
        };
        Some(Self {
            low: tenth(1)?,
            median,
            high: tenth(9)?,
        })
    }
}

/// The geometric mean of positive values; `None` for no values.
pub fn geometric_mean(values: &[f64]) -> Option<f64> {
    let logarithms: f64 = values.iter().map(|value| value.ln()).sum();
    (!values.is_empty()).then(|| (logarithms / values.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(values: impl IntoIterator<Item = u32>) -> Option<(f64, f64, f64)> {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        Spread::of(&values).map(|spread| (spread.low, spread.median, spread.high))
    }

    #[test]
    fn medians_and_percentiles() {
        assert_eq!(spread([]), None);
        assert_eq!(spread([7]), Some((7.0, 7.0, 7.0)));
        assert_eq!(spread([3, 1]), Some((1.0, 2.0, 3.0)));
        assert_eq!(spread([5, 1, 3]), Some((1.0, 3.0, 5.0)));
        assert_eq!(spread((1..=20).rev()), Some((3.0, 10.5, 19.0)));
    }

    #[test]
    fn geometric_means() {
        assert_eq!(geometric_mean(&[]), None);
        let mean = geometric_mean(&[0.5, 2.0, 8.0]).expect("there are values");
        assert!((mean - 2.0).abs() < 1e-12, "{mean}");
    }
}
