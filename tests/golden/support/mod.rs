//! Reads the reference data and runs a check on every case of a family.
//!
//! ```ignore
//! use super::support::{Case, run};
//!
//! #[test]
//! fn losses() {
//!     run("losses", &["CTCLoss"], |case: &Case| match case.kind.as_str() {
//!         "MSELoss" => {
//!             let input = case.input("input")?;                      // Tensor { shape, data }
//!             case.close("value", &[loss], &case.expect("value")?.data)
//!         }
//!         _ => case.unknown(),
//!     });
//! }
//! ```
//!
//! The format is described in `tests/golden/README.md`. Another folder can be named by the variable `GOLDEN_DIR`.

use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use serde_json::Value;

/// One entry of a file's `cases`.
#[derive(Clone, Debug)]
#[expect(dead_code, reason = "`source` and `note` are for those who print a case")]
pub struct Case {
    pub name: String,
    pub kind: String,
    pub source: String,
    pub dtype: String,
    pub rtol: f64,
    pub atol: f64,
    pub note: Option<String>,
    pub config: Value,
    pub inputs: Value,
    pub expected: Value,
}

/// An array of the file, row-major. A plain number is read as an array of shape `[]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub data: Vec<f64>,
}

/// The folder with one JSON file per family.
pub fn folder() -> PathBuf {
    std::env::var_os("GOLDEN_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")),
        PathBuf::from,
    )
}

/// The whole file of a family; needed for what stands beside the cases, such as shared data sets.
pub fn document(family: &str) -> Value {
    let path = folder().join(format!("{family}.json"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All cases of a family, in file order.
pub fn load(family: &str) -> Vec<Case> {
    let document = document(family);
    let cases = document["cases"].as_array().unwrap_or_else(|| panic!("{family}: no cases"));
    assert!(!cases.is_empty(), "{family}: no cases");
    cases
        .iter()
        .map(|case| {
            read_case(case)
                .unwrap_or_else(|problem| panic!("{family}: {}: {problem}", case["name"]))
        })
        .collect()
}

fn read_case(case: &Value) -> Result<Case, String> {
    let text = |key: &str| text(&case[key]).map_err(|problem| format!("{key}: {problem}"));
    Ok(Case {
        name: text("name")?,
        kind: text("kind")?,
        source: text("source")?,
        dtype: text("dtype")?,
        rtol: number(&case["rtol"])?,
        atol: number(&case["atol"])?,
        note: case["note"].as_str().map(str::to_owned),
        config: case["config"].clone(),
        inputs: case["inputs"].clone(),
        expected: case["expected"].clone(),
    })
}

/// Checks every case of `family`, prints `golden: N passed, M pending`, and fails at the end if any case failed.
///
/// `pending` lists kinds (or single cases by name) that are not supported yet. They are tried all the same: an entry
/// that matches nothing, or whose cases all pass, fails the test, so that the list can only shrink.
pub fn run(family: &str, pending: &[&str], check: impl Fn(&Case) -> Result<(), String>) {
    let (mut passed, mut failed) = (0, Vec::new());
    // For each pending entry: how many of its cases pass, and how many there are.
    let mut waiting: BTreeMap<&str, (usize, usize)> =
        pending.iter().map(|entry| (*entry, (0, 0))).collect();

    for case in load(family) {
        let result = catch_unwind(AssertUnwindSafe(|| check(&case)))
            .unwrap_or_else(|_| Err("the check panicked (see above)".to_owned()));
        let entry = [case.name.as_str(), case.kind.as_str()]
            .into_iter()
            .find(|entry| waiting.contains_key(entry));
        match (entry.and_then(|entry| waiting.get_mut(entry)), result) {
            (Some((passing, all)), result) => {
                *all += 1;
                *passing += usize::from(result.is_ok());
            }
            (None, Ok(())) => passed += 1,
            (None, Err(problem)) => failed.push(format!("{}: {problem}", case.name)),
        }
    }

    let count: usize = waiting.values().map(|(_, all)| all).sum();
    // Written straight to the standard error, which the test harness does not hold back for tests that pass.
    let mut report = format!("golden: {passed} passed, {count} pending ({family})\n");
    for (entry, (passing, all)) in &waiting {
        report += &format!("  pending: {entry} ({all} cases)\n");
        // Other files may have no case of it, or easier ones.
        if passing == all && std::env::var_os("GOLDEN_DIR").is_none() {
            failed.push(format!(
                "`{entry}` is listed as pending, but {passing} of its {all} cases pass: remove the entry"
            ));
        }
    }
    let _ = std::io::stderr().write_all(report.as_bytes());
    assert!(failed.is_empty(), "{} problems in {family}:\n{}", failed.len(), failed.join("\n"));
}

impl Case {
    /// An input array.
    pub fn input(&self, key: &str) -> Result<Tensor, String> {
        tensor(field(&self.inputs, "inputs", key)?).map_err(|problem| format!("{key}: {problem}"))
    }

    /// An expected array.
    pub fn expect(&self, key: &str) -> Result<Tensor, String> {
        tensor(field(&self.expected, "expected", key)?)
            .map_err(|problem| format!("{key}: {problem}"))
    }

    /// A list of input arrays, such as one per parameter.
    pub fn inputs(&self, key: &str) -> Result<Vec<Tensor>, String> {
        tensors(field(&self.inputs, "inputs", key)?).map_err(|problem| format!("{key}: {problem}"))
    }

    /// A list of expected arrays.
    pub fn expects(&self, key: &str) -> Result<Vec<Tensor>, String> {
        tensors(field(&self.expected, "expected", key)?)
            .map_err(|problem| format!("{key}: {problem}"))
    }

    /// A number of `config`.
    pub fn number(&self, key: &str) -> Result<f64, String> {
        number(field(&self.config, "config", key)?).map_err(|problem| format!("{key}: {problem}"))
    }

    /// A whole number of `config`.
    pub fn count(&self, key: &str) -> Result<usize, String> {
        count(field(&self.config, "config", key)?).map_err(|problem| format!("{key}: {problem}"))
    }

    /// A switch of `config`.
    pub fn flag(&self, key: &str) -> Result<bool, String> {
        let value = field(&self.config, "config", key)?;
        value.as_bool().ok_or_else(|| format!("{key}: {value} is not true or false"))
    }

    /// A string of `config`.
    pub fn text(&self, key: &str) -> Result<String, String> {
        text(field(&self.config, "config", key)?).map_err(|problem| format!("{key}: {problem}"))
    }

    /// Compares with this case's tolerances.
    pub fn close(&self, what: &str, got: &[f64], want: &[f64]) -> Result<(), String> {
        close(what, got, want, self.rtol, self.atol)
    }

    /// The answer to a kind that a check does not know.
    pub fn unknown(&self) -> Result<(), String> {
        Err(format!("kind `{}` is not supported", self.kind))
    }
}

/// `|got - want| <= atol + rtol |want|` for every element; NaN equals NaN, an infinity only itself.
pub fn close(what: &str, got: &[f64], want: &[f64], rtol: f64, atol: f64) -> Result<(), String> {
    if got.len() != want.len() {
        return Err(format!("{what}: {} elements, expected {}", got.len(), want.len()));
    }
    let near = |got: f64, want: f64| {
        got == want
            || (got.is_nan() && want.is_nan())
            || (want.is_finite() && (got - want).abs() <= atol + rtol * want.abs())
    };
    let bad: Vec<usize> = (0..got.len()).filter(|&i| !near(got[i], want[i])).collect();
    match bad.first() {
        None => Ok(()),
        Some(&i) => Err(format!(
            "{what}[{i}]: {:e}, expected {:e} (rtol {rtol:e}, atol {atol:e}); {} of {} elements differ",
            got[i],
            want[i],
            bad.len(),
            got.len()
        )),
    }
}

/// The member `key`, or an error that lists the members there are.
pub fn field<'a>(object: &'a Value, name: &str, key: &str) -> Result<&'a Value, String> {
    object.get(key).ok_or_else(|| {
        let keys: Vec<&String> = object.as_object().map(|o| o.keys().collect()).unwrap_or_default();
        format!("{name} has no `{key}`; it has {keys:?}")
    })
}

/// A number; NaN and the infinities are strings.
pub fn number(value: &Value) -> Result<f64, String> {
    match value {
        Value::String(text) if text == "NaN" => Ok(f64::NAN),
        Value::String(text) if text == "inf" => Ok(f64::INFINITY),
        Value::String(text) if text == "-inf" => Ok(f64::NEG_INFINITY),
        Value::Bool(flag) => Ok(f64::from(u8::from(*flag))),
        _ => value.as_f64().ok_or_else(|| format!("{value} is not a number")),
    }
}

/// A whole number.
pub fn count(value: &Value) -> Result<usize, String> {
    value
        .as_u64()
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| format!("{value} is not a whole number"))
}

/// A string.
pub fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("{value} is not a string"))
}

/// An array of numbers. A plain number has shape `[]`.
pub fn tensor(value: &Value) -> Result<Tensor, String> {
    let Some(shape) = value.get("shape") else {
        return Ok(Tensor { shape: Vec::new(), data: vec![number(value)?] });
    };
    let list = |value: &Value| {
        value
            .as_array()
            .cloned()
            .ok_or_else(|| "not {\"shape\": [...], \"data\": [...]}".to_owned())
    };
    let shape: Vec<usize> = list(shape)?.iter().map(count).collect::<Result<_, _>>()?;
    let data: Vec<f64> = list(&value["data"])?.iter().map(number).collect::<Result<_, _>>()?;
    if shape.iter().product::<usize>() != data.len() {
        return Err(format!("{} elements do not fill the shape {shape:?}", data.len()));
    }
    Ok(Tensor { shape, data })
}

/// A list of arrays.
pub fn tensors(value: &Value) -> Result<Vec<Tensor>, String> {
    let list = value.as_array().ok_or_else(|| "not a list of arrays".to_owned())?;
    list.iter().map(tensor).collect()
}
