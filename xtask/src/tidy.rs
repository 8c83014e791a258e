//! `cargo xtask tidy`: what clippy cannot check. Every finding is reported, not the first.

mod manifest;
mod source;
mod sums;
mod tree;

use std::fmt;
use std::process::ExitCode;

use crate::shell;

/// Something out of order, and what would mend it.
#[derive(Debug, PartialEq)]
struct Finding {
    path: String,
    line: usize,
    message: String,
    cure: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.path, self.line, self.message, self.cure)
    }
}

/// A finding at a line, counted from 1.
fn finding(path: &str, line: usize, message: impl Into<String>, cure: &'static str) -> Finding {
    Finding { path: path.to_owned(), line, message: message.into(), cure }
}

/// A check of one text file, given its path from the root; it knows itself which paths it concerns.
type Check = fn(&str, &str) -> Vec<Finding>;

const TEXTS: [Check; 7] = [
    manifest::shape,
    manifest::arrows,
    source::marks,
    source::blanks,
    source::machine_paths,
    source::length,
    source::crate_doc,
];

/// Checks the tree; fails if anything is found.
pub(crate) fn run(args: &[String]) -> Result<ExitCode, String> {
    shell::no_more(args)?;
    let root = shell::root();
    let files = tree::list(&root)?;
    let mut findings = Vec::new();
    let mut notes = Vec::new();

    for path in &files {
        let bytes = std::fs::read(root.join(path)).map_err(|e| format!("{path}: {e}"))?;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        findings.extend(TEXTS.iter().flat_map(|check| check(path, &text)));
        if path == tree::ARCHITECTURE {
            findings.extend(tree::mentions(&files, &text));
        }
    }
    findings.extend(tree::strays(&files));
    findings.extend(tree::documents(&files));
    findings.extend(tree::sources(&files));
    let (papers, waiting) = tree::papers(&files);
    findings.extend(papers);
    notes.extend(waiting);
    let (sums, skipped) = sums::verify(&root, &files)?;
    findings.extend(sums);
    notes.extend(skipped);

    for note in &notes {
        eprintln!("note: {note}");
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
