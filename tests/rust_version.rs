//! No dependency asks for a newer Rust than the crate says it needs.

use std::process::Command;

use serde_json::Value;

/// `1.89` and `1.89.0` as numbers to compare.
fn version(text: &str) -> Vec<u64> {
    let mut parts: Vec<u64> = text.split('.').map(|part| part.parse().unwrap()).collect();
    parts.resize(3, 0);
    parts
}

#[test]
fn no_dependency_needs_a_newer_rust() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--all-features", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours = packages.iter().find(|package| package["name"] == "downhill").unwrap();
    let ours = ours["rust_version"].as_str().unwrap();
    let newer: Vec<String> = packages
        .iter()
        .filter_map(|package| Some((package["name"].as_str()?, package["rust_version"].as_str()?)))
        .filter(|(_, needed)| version(needed) > version(ours))
        .map(|(name, needed)| format!("{name} needs Rust {needed}"))
        .collect();
    assert!(packages.len() > 10 && newer.is_empty(), "we promise {ours}, but {newer:?}");
}
