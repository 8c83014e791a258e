//! Studies of one's own: what they compute is what the commands compute, and what they refuse.
//!
//! ```text
//! methods   a split, a mediation, a threshold, a selection, a match: what the commands compute
//! columns   derived columns and tables of the panel as a whole, by hand
//! refused   what is missing, and what is wrong
//! printed   statements of a text and printed tables, beside ours
//! ```
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::too_many_lines, reason = "studies are long texts")]

#[path = "../common/mod.rs"]
mod common;

mod columns;
mod methods;
mod printed;
mod refused;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{json, panelproof};
use serde_json::Value;

fn reference(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reference");
    std::fs::read_to_string(root.join(name)).unwrap()
}

/// A folder with `study.toml` and `data.csv`.
fn folder(study: &str, data: &str) -> PathBuf {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let name = format!("panelproof-studies-{}-{call}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("study.toml"), study).unwrap();
    std::fs::write(folder.join("data.csv"), data).unwrap();
    folder
}

/// The own tables of a study.
#[track_caller]
fn tables(study: &str, data: &str) -> Value {
    let folder = folder(study, data);
    let all = json(&["replicate", folder.to_str().unwrap()]);
    std::fs::remove_dir_all(folder).unwrap();
    all["papers"][0]["own_tables"].clone()
}

#[track_caller]
fn refuses(study: &str, data: &str, wanted: &[&str]) {
    let folder = folder(study, data);
    let output = panelproof(&["replicate", folder.join("study.toml").to_str().unwrap()]);
    std::fs::remove_dir_all(folder).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    for wanted in wanted {
        assert!(said.contains(wanted), "no `{wanted}` in: {said}");
    }
}

/// A cell of a table: by row label and column.
#[track_caller]
fn cell<'v>(table: &'v Value, row: &str, column: &str) -> &'v Value {
    let names = table["columns"].as_array().unwrap();
    let at = names.iter().position(|name| name == column).unwrap();
    let rows = table["rows"].as_array().unwrap();
    let row = rows.iter().find(|line| line["label"] == row).unwrap_or_else(|| panic!("{rows:?}"));
    &row["cells"][at]
}

#[track_caller]
fn near(got: &Value, want: &Value) {
    let (got, want) = (got.as_f64().unwrap(), want.as_f64().unwrap());
    assert!((got - want).abs() <= 1e-12 * want.abs().max(1e-6), "{got} is not {want}");
}

#[track_caller]
fn same_term(table: &Value, term: &str, column: &str, terms: &Value) {
    let ours = &cell(table, term, column)["estimate"];
    let known = terms.as_array().unwrap().iter().find(|known| known["term"] == term).unwrap();
    near(&ours["value"], &known["estimate"]);
    near(&ours["uncertainty"], &known["std_error"]);
    near(&ours["p_value"], &known["p_value"]);
}

const HEAD: &str = r#"
[study]
title = "A study"

[panel]
entity = "firm"
period = "year"

[[source]]
file = "data.csv"
tier = "real"
"#;

const TABLE: &str =
    "[[table]]\nid = \"1\"\ntitle = \"Fits\"\nstars = [0.1, 0.05]\nuncertainty = \"se\"\n";

const FE: &str = r#"estimator = "fixed-effects", vcov = "cluster firm", like = "reghdfe""#;
