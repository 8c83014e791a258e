//! Checks of `Cargo.toml`: what every crate states, and which way the arrows point.

use super::{Finding, finding};

/// Which members of the workspace a member may depend on.
///
/// Tests of any member may also use `testkit`. This is the drawing in `docs/architecture.md`.
const ARROWS: [(&str, &[&str]); 14] = [
    ("panel", &[]),
    ("numbers", &[]),
    ("published", &[]),
    ("audit", &["published", "numbers"]),
    ("ingest", &["panel"]),
    ("estimate", &["panel", "numbers"]),
    ("index", &["panel", "numbers"]),
    ("causal", &["panel", "numbers", "estimate"]),
    ("reconstruct", &["numbers"]),
    ("report", &["estimate"]),
    (
        "replicate",
        &[
            "panel",
            "numbers",
            "published",
            "audit",
            "ingest",
            "estimate",
            "index",
            "causal",
            "reconstruct",
            "report",
        ],
    ),
    ("testkit", &["panel"]),
    (
        "tests",
        &[
            "panel",
            "published",
            "audit",
            "ingest",
            "estimate",
            "index",
            "causal",
            "report",
            "replicate",
            "testkit",
        ],
    ),
    ("xtask", &[]),
];

/// What the tests of a member may use besides: an auditor that reads tables is held against tables that
/// the estimators made.
const IN_TESTS: [(&str, &[&str]); 1] = [("audit", &["panel", "estimate", "causal", "index"])];

/// A line `key = value` of a manifest, or the header of a dependency's own section.
struct Entry<'t> {
    section: &'t str,
    key: &'t str,
    value: &'t str,
    line: usize,
}

/// Every crate describes itself, and takes its lints and `publish = false` from the workspace.
pub(super) fn shape(path: &str, text: &str) -> Vec<Finding> {
    if !path.ends_with("Cargo.toml") {
        return Vec::new();
    }
    let entries = entries(text);
    let value = |section: &str, key: &str| {
        let entry = entries.iter().find(|e| e.section == section && e.key == key);
        entry.map_or("", |e| e.value.trim_matches('"'))
    };
    let mut findings = Vec::new();
    let mut require = |holds: bool, message: &str, cure: &'static str| {
        if !holds {
            findings.push(finding(path, 1, message, cure));
        }
    };
    if path == "Cargo.toml" {
        let kept = value("workspace.package", "publish") == "false";
        require(kept, "crates may be published", "set `publish = false` in `[workspace.package]`");
    } else {
        let described = !value("package", "description").is_empty();
        require(described, "no description", "add `description` to `[package]`");
        let kept = value("package", "publish.workspace") == "true";
        require(kept, "may be published", "add `publish.workspace = true` to `[package]`");
        let linted = value("lints", "workspace") == "true";
        require(linted, "not under the workspace's lints", "add `workspace = true` to `[lints]`");
    }
    findings
}

/// Dependencies within the workspace follow [`ARROWS`]; polars is for `ingest` alone.
pub(super) fn arrows(path: &str, text: &str) -> Vec<Finding> {
    if !path.ends_with("Cargo.toml") {
        return Vec::new();
    }
    let entries = entries(text);
    let Some(name) = entries.iter().find(|e| e.section == "package" && e.key == "name") else {
        return Vec::new();
    };
    let member = name.value.trim_matches('"');
    let Some((_, allowed)) = ARROWS.iter().find(|(crate_, _)| *crate_ == member) else {
        let cure = "add it to `ARROWS` in xtask/src/tidy/manifest.rs, and to docs/architecture.md";
        return vec![finding(path, name.line, format!("`{member}` has no arrows"), cure)];
    };
    let mut findings = Vec::new();
    for entry in entries.iter().filter(|e| e.section.contains("dependencies")) {
        let on = entry.key.split('.').next().unwrap_or_default().trim_matches('"');
        let internal = ARROWS.iter().any(|(crate_, _)| *crate_ == on);
        let more = IN_TESTS.iter().any(|(crate_, on_)| *crate_ == member && on_.contains(&on));
        let in_tests = entry.section.contains("dev-dependencies") && (on == "testkit" || more);
        if internal && !allowed.contains(&on) && !in_tests {
            let message = format!("`{member}` depends on `{on}`, against the arrows");
            let cure = "move the code to where the arrows allow it";
            findings.push(finding(path, entry.line, message, cure));
        }
        if on.starts_with("polars") && member != "ingest" {
            let message = format!("`{member}` depends on `{on}`");
            findings.push(finding(path, entry.line, message, "leave polars to `ingest`"));
        }
        if entry.value.contains("package") && entry.value.contains('{') {
            let message = format!("`{on}` is another name for a package");
            findings.push(finding(path, entry.line, message, "call it by its own name"));
        }
    }
    findings
}

/// The entries of a manifest, as far as these checks need them: one a line.
fn entries(text: &str) -> Vec<Entry<'_>> {
    let mut section = "";
    let mut entries = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = header.trim_matches(['[', ']']);
            if let Some((table, key)) = section.rsplit_once('.')
                && table.ends_with("dependencies")
            {
                section = table;
                entries.push(Entry { section, key, value: "", line: at + 1 });
                section = "";
            }
        } else if let Some((key, value)) = line.split_once('=')
            && !line.starts_with('#')
        {
            entries.push(Entry { section, key: key.trim(), value: value.trim(), line: at + 1 });
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
[package]
name = \"estimate\"
description = \"Estimators\"
publish.workspace = true

[lints]
workspace = true

[dependencies]
faer.workspace = true
panel.workspace = true

[dev-dependencies]
testkit.workspace = true
";

    fn lines(findings: &[Finding]) -> Vec<usize> {
        findings.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn what_a_crate_must_state_is_missed() {
        assert_eq!(shape("crates/estimate/Cargo.toml", GOOD), []);
        for line in ["description = \"Estimators\"\n", "publish.workspace = true\n", "[lints]\n"] {
            let bad = GOOD.replace(line, "");
            assert_eq!(shape("crates/estimate/Cargo.toml", &bad).len(), 1, "{line}");
        }
        assert_eq!(shape("Cargo.toml", "[workspace.package]\npublish = false\n"), []);
        assert_eq!(shape("Cargo.toml", "[workspace.package]\npublish = true\n").len(), 1);
    }

    #[test]
    fn an_arrow_that_points_the_wrong_way_is_found() {
        let check = |text: &str| lines(&arrows("crates/estimate/Cargo.toml", text));
        assert_eq!(check(GOOD), [0; 0]);
        assert_eq!(check(&GOOD.replace("panel.", "ingest.")), [11]);
        assert_eq!(check(&GOOD.replace("testkit.", "report.")), [14]);
        assert_eq!(check(&GOOD.replace("faer.", "testkit.")), [10]);
        assert_eq!(check(&format!("{GOOD}[build-dependencies.replicate]\n")), [15]);
        assert_eq!(check(&format!("{GOOD}x = {{ package = \"ingest\", path = \"\" }}\n")), [15]);
    }

    #[test]
    fn polars_outside_ingest_is_found() {
        let polars = GOOD.replace("faer.", "polars.");
        assert_eq!(lines(&arrows("crates/estimate/Cargo.toml", &polars)), [10]);
        let ingest = polars.replace("estimate", "ingest");
        assert_eq!(arrows("crates/ingest/Cargo.toml", &ingest), []);
    }

    #[test]
    fn a_crate_without_arrows_is_found() {
        let text = GOOD.replace("estimate", "utils");
        assert_eq!(lines(&arrows("crates/utils/Cargo.toml", &text)), [2]);
    }
}
