//! Checks of which files there are.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Finding, finding};
use crate::shell;

/// The page that every crate must stand on.
pub(super) const ARCHITECTURE: &str = "docs/architecture.md";

/// All that the root of the workspace may hold.
const ROOT: [&str; 20] = [
    ".cargo",
    ".ci",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "fixtures",
    "rustfmt.toml",
    "tests",
    "xtask",
];

/// What a reader is promised.
const DOCUMENTS: [&str; 8] = [
    ARCHITECTURE,
    "docs/conventions.md",
    "docs/design.md",
    "docs/performance.md",
    "docs/reconstruction.md",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
];

/// Snapshots that nobody has accepted or refused.
const PENDING: [&str; 2] = [".snap.new", ".pending-snap"];

/// Every file that git knows or would take, and pending snapshots; paths from the root, with `/`.
///
/// In an unpacked archive, without git, all files but those of a build.
pub(super) fn list(root: &Path) -> Result<Vec<String>, String> {
    let mut files = BTreeSet::new();
    let known = ["-co", "--exclude-standard"].as_slice();
    let ignored = ["-oi", "--exclude-standard", "--", "*.snap.new", "*.pending-snap"].as_slice();
    for args in [known, ignored] {
        let Ok(output) = shell::command("git").args(["ls-files", "-z"]).args(args).output() else {
            break;
        };
        let names = String::from_utf8_lossy(&output.stdout);
        files.extend(names.split('\0').filter(|path| root.join(path).is_file()).map(str::to_owned));
    }
    if files.is_empty() {
        walk(root, "", &mut files).map_err(|e| format!("listing files: {e}"))?;
    }
    Ok(files.into_iter().collect())
}

/// Collects the files below a folder.
fn walk(root: &Path, folder: &str, files: &mut BTreeSet<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_file() {
            files.insert(path);
        } else if entry.file_type()?.is_dir() && !["target", "out", ".git"].contains(&&*path) {
            walk(root, &format!("{path}/"), files)?;
        }
    }
    Ok(())
}

/// Nothing stray in the root, and no pending snapshot anywhere.
pub(super) fn strays(files: &[String]) -> Vec<Finding> {
    let cure = "delete it, or add it to `ROOT` in xtask/src/tidy/tree.rs";
    let known = |path: &str| path.split('/').next().is_some_and(|top| ROOT.contains(&top));
    let stray = files.iter().filter(|path| !known(path));
    let pending = files.iter().filter(|path| PENDING.iter().any(|end| path.ends_with(end)));
    stray
        .map(|path| finding(path, 1, "stray in the root", cure))
        .chain(pending.map(|path| finding(path, 1, "pending", "run `cargo insta review`")))
        .collect()
}

/// The documents exist.
pub(super) fn documents(files: &[String]) -> Vec<Finding> {
    DOCUMENTS
        .into_iter()
        .filter(|path| !has(files, path))
        .map(|path| finding(path, 1, "does not exist", "write it"))
        .collect()
}

/// The architecture names every member of the workspace: as `` `name` `` or as a folder `name/`.
pub(super) fn mentions(files: &[String], architecture: &str) -> Vec<Finding> {
    files
        .iter()
        .filter_map(|path| path.strip_suffix("/Cargo.toml")?.rsplit('/').next())
        .filter(|name| {
            !architecture.contains(&format!("`{name}`"))
                && !architecture.contains(&format!("{name}/"))
        })
        .map(|name| {
            finding(ARCHITECTURE, 1, format!("`{name}` is not mentioned"), "say what it is for")
        })
        .collect()
}

/// Every source of data says where it is from and what its bytes are.
pub(super) fn sources(files: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in folders(files, "fixtures/data/") {
        for (name, cure) in [
            ("README.md", "say where the data are from, and under what licence"),
            ("SHA256SUMS", "write it with `sha256sum`"),
        ] {
            if !has(files, &format!("{folder}/{name}")) {
                findings.push(finding(&folder, 1, format!("no {name}"), cure));
            }
        }
    }
    findings
}

/// Every paper is transcribed or a study of its own, and every study explained; and a note for each
/// paper without one.
pub(super) fn papers(files: &[String]) -> (Vec<Finding>, Vec<String>) {
    let (mut findings, mut notes) = (Vec::new(), Vec::new());
    for folder in folders(files, "fixtures/papers/") {
        let has = |name: &str| has(files, &format!("{folder}/{name}"));
        if !has("published.toml") && !has("study.toml") {
            let cure = "transcribe the paper's tables, or write a study of your own";
            findings.push(finding(&folder, 1, "neither published.toml nor study.toml", cure));
        }
        if !has("study.toml") {
            notes.push(format!("{folder} has no study.toml: it waits for its study"));
        } else if !has("README.md") {
            let cure = "say what the study reproduces, and from what data";
            findings.push(finding(&folder, 1, "no README.md", cure));
        }
    }
    (findings, notes)
}

/// Whether a file is listed.
fn has(files: &[String], path: &str) -> bool {
    files.iter().any(|file| file == path)
}

/// The folders directly below one that ends in `/`.
fn folders(files: &[String], below: &str) -> BTreeSet<String> {
    let names = files.iter().filter_map(|path| path.strip_prefix(below)?.split_once('/'));
    names.map(|(name, _)| format!("{below}{name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|&path| path.to_owned()).collect()
    }

    #[test]
    fn strays_and_pending_snapshots_are_found() {
        let files = tree(&["notes.txt", "scratch/a.rs", "crates/panel/a.snap.new", "xtask/a.rs"]);
        let paths: Vec<_> = strays(&files).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["notes.txt", "scratch/a.rs", "crates/panel/a.snap.new"]);
    }

    #[test]
    fn a_missing_document_is_found() {
        assert_eq!(documents(&tree(&DOCUMENTS)), []);
        assert_eq!(documents(&tree(&DOCUMENTS[1..]))[0].path, ARCHITECTURE);
    }

    #[test]
    fn a_crate_that_the_architecture_forgets_is_found() {
        let files = tree(&["Cargo.toml", "crates/panel/Cargo.toml", "tests/Cargo.toml"]);
        assert_eq!(mentions(&files, "`panel` is vocabulary; tests/ asks questions"), []);
        assert_eq!(mentions(&files, "a panel; `tests`").len(), 1);
    }

    #[test]
    fn data_without_a_source_are_found() {
        let files = tree(&["fixtures/data/README.md", "fixtures/data/atlas/a.csv"]);
        assert_eq!(sources(&files).len(), 2);
    }

    #[test]
    fn papers_lack_what_they_lack() {
        let found = |file: &str| {
            let (findings, notes) = papers(&tree(&[&format!("fixtures/papers/a/{file}")]));
            (findings.len(), notes.len())
        };
        // Nothing is said of the paper, and there is no study either.
        assert_eq!(found("README.md"), (1, 1));
        // A study of its own that nobody explains.
        assert_eq!(found("study.toml"), (1, 0));
        assert_eq!(found("published.toml"), (0, 1));
    }

    #[test]
    fn the_workspace_is_listed() {
        let files = list(&shell::root()).unwrap();
        assert!(has(&files, "xtask/src/tidy/tree.rs"));
        assert!(!files.iter().any(|path| path.starts_with("target/")));
    }
}
