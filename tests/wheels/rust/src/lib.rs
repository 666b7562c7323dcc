use std::collections::HashMap;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// How often each word occurs.
#[pyfunction]
fn count(text: &str) -> PyResult<HashMap<String, usize>> {
    if text.is_empty() {
        return Err(PyValueError::new_err("no words"));
    }
    let mut counts = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    Ok(counts)
}

#[pymodule]
fn eggs(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(count, module)?)
}
