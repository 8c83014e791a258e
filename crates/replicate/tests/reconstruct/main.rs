//! `panelproof reconstruct`, from a small study to a panel.
//!
//! ```text
//! solved    a study that is solved and replicates, conventions, cells that are kept; what wang-chen notices
//! elastic   numbers that cannot hold together
//! indices   an index by its indicators
//! refused   what cannot be asked, and what is said of what nothing moves
//! labels    synthetic columns, wherever they are written
//! ```
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests write files")]

#[path = "../common/mod.rs"]
mod common;

mod elastic;
mod indices;
mod labels;
mod refused;
mod solved;

use std::fmt::Write as _;
use std::path::PathBuf;

use common::panelproof;

/// A folder that is emptied first and removed after.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("panelproof-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    fn text(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn said(arguments: &[&str]) -> (Option<i32>, String) {
    let output = panelproof(arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

const STUDY: &str = r#"
[panel]
entity = "id"
period = "year"

[[source]]
file = "x.csv"
columns = ["x"]
tier = "real"

[[source]]
file = "found.csv"
columns = ["y (synthetic)", "n (synthetic)"]
rename = { "y (synthetic)" = "y", "n (synthetic)" = "n" }
tier = "reconstructed"

[[unknown]]
name = "y"
because = "nobody kept it"
values = { printed = { of = "y", rows = 1 } }
start = { drawn = { mean = 2, sd = 1, along = "x", load = 1, own = 0.5, trend = 0.2, noise = 0.5 } }

[[unknown]]
name = "n"
because = "nobody counted"
values = { count = { of = "n", rows = 1 } }
start = { drawn = { mean = 6, sd = 3, along = "x", load = 0.5, own = 0.5, trend = 0.2, noise = 0.5 } }

[[table]]
id = "1"

[[table]]
id = "2"
rows = { N = "n", R2 = "r2" }
columns = [
  { id = "(1)", estimator = "pooled", model = "y ~ x + n", vcov = "HC1", like = "stata-xtreg" },
]
"#;

const PUBLISHED: &str = r#"
[paper]
id = "small"
title = "A small study"
authors = ["Nobody"]

[[table]]
id = "1"
title = "Descriptive statistics"
kind = "descriptive"
columns = ["variable", "N", "mean", "sd", "min", "max"]
rows = [
  ["y", "40", "2.10", "1.05", "0.20", "4.90"],
  ["n", "40", "6.050", "3.18", "0", "15"],
]

[[table]]
id = "2"
title = "Regression"
kind = "regression"
uncertainty = "standard error"
stars = [0.10, 0.05, 0.01]
columns = ["(1)"]
dependent = ["y"]
rows = [
  ["x", "0.512*** (0.101)"],
  ["n", "0.080** (0.035)"],
  ["N", "40"],
  ["R2", "0.551"],
]
"#;

fn small(name: &str, published: &str) -> Folder {
    let folder = Folder::new(name);
    let mut x = String::from("id,year,x\n");
    for id in 0..8_u32 {
        for year in 0..5_u32 {
            let value = f64::from((id * 37 + year * 17) % 29) / 7.0;
            writeln!(x, "{id},{},{value}", 2000 + year).unwrap();
        }
    }
    folder.write("x.csv", &x);
    folder.write("study.toml", STUDY);
    folder.write("published.toml", published);
    folder
}
