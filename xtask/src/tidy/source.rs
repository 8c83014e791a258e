//! Checks of the text of one file.

use super::{Finding, finding};

/// Marks of unfinished work. Each is written in two halves, so that this file is not a finding.
const MARKS: [&str; 6] = [
    concat!("to", "do!"),
    concat!("unimpl", "emented!"),
    concat!("db", "g!"),
    concat!("#[ig", "nore"),
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
];

/// Paths that exist on one machine only.
const MACHINE: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("../sh", "ared")];

/// A file that one can read in a sitting.
const LINES: usize = 500;

/// Code holds no mark of unfinished work.
pub(super) fn marks(path: &str, text: &str) -> Vec<Finding> {
    if !extension(path, &["rs", "py", "toml"]) {
        return Vec::new();
    }
    let cure = "finish it, or write it into an issue";
    each_line(text, |line| MARKS.into_iter().find(|mark| line.contains(mark)))
        .map(|(at, mark)| finding(path, at, format!("holds `{mark}`"), cure))
        .collect()
}

/// No blanks at the end of a line, no tabs in Rust, one line feed at the end of the file.
pub(super) fn blanks(path: &str, text: &str) -> Vec<Finding> {
    if !extension(path, &["rs", "py", "toml", "md"]) && path != ".ci/run" {
        return Vec::new();
    }
    let mut findings: Vec<_> =
        each_line(text, |line| line.ends_with([' ', '\t', '\r']).then_some(()))
            .map(|(at, ())| finding(path, at, "blanks at the end of the line", "delete them"))
            .collect();
    if extension(path, &["rs"]) {
        let tabs = each_line(text, |line| line.contains('\t').then_some(()));
        findings.extend(tabs.map(|(at, ())| finding(path, at, "a tab", "indent by spaces")));
    }
    if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
        let cure = "end the file with one";
        findings.push(finding(path, text.lines().count(), "not one line feed at the end", cure));
    }
    findings
}

/// No text names a path of one machine.
pub(super) fn machine_paths(path: &str, text: &str) -> Vec<Finding> {
    let cure = "use a path from the root of the workspace";
    each_line(text, |line| MACHINE.into_iter().find(|place| begins(line, place)))
        .map(|(at, place)| finding(path, at, format!("holds the path `{place}`"), cure))
        .collect()
}

/// Whether a path begins with `place`: in an address such as `example.org` + `place` it does not.
fn begins(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-.}>".contains(c))
            || place.starts_with('.')
    })
}

/// A source file is short.
pub(super) fn length(path: &str, text: &str) -> Vec<Finding> {
    let source = path.starts_with("xtask/src/")
        || path.starts_with("crates/") && path.split('/').nth(2) == Some("src");
    let lines = text.lines().count();
    if source && extension(path, &["rs"]) && lines > LINES {
        let message = format!("{lines} lines, more than {LINES}");
        return vec![finding(path, LINES + 1, message, "split the file at a noun")];
    }
    Vec::new()
}

/// The root of a crate says what the crate is.
pub(super) fn crate_doc(path: &str, text: &str) -> Vec<Finding> {
    if (path.ends_with("/src/lib.rs") || path == "xtask/src/main.rs") && !text.starts_with("//!") {
        return vec![finding(path, 1, "no crate documentation", "begin with `//!`")];
    }
    Vec::new()
}

/// Whether the file's name ends in one of these extensions.
fn extension(path: &str, among: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| among.contains(&extension))
}

/// The lines, counted from 1, in which something is seen.
fn each_line<'t, T>(
    text: &'t str,
    see: impl Fn(&'t str) -> Option<T>,
) -> impl Iterator<Item = (usize, T)> {
    text.split('\n').enumerate().filter_map(move |(at, line)| Some((at + 1, see(line)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_found_in_code_and_nowhere_else() {
        for mark in MARKS {
            let text = format!("fine\nnot {mark} fine\n");
            assert_eq!(marks("crates/panel/src/lib.rs", &text)[0].line, 2, "{mark}");
            assert_eq!(marks("fixtures/data/x/raw.csv", &text), []);
        }
        assert_eq!(marks("a.rs", "a method\n"), []);
    }

    #[test]
    fn blanks_and_tabs_are_found() {
        let lines = |path: &str, text: &str| -> Vec<_> {
            blanks(path, text).iter().map(|finding| finding.line).collect()
        };
        assert_eq!(lines("a.rs", "a \nb\n\tc\n"), [1, 3]);
        assert_eq!(lines("a.rs", "a\r\n"), [1]);
        assert_eq!(lines("a.rs", "a\nb"), [2]);
        assert_eq!(lines("a.md", "a\n\n"), [2]);
        assert_eq!(lines("a.py", "\ta\n"), [0; 0]);
        assert_eq!(lines("a.snap", "a \n\n"), [0; 0]);
        assert_eq!(lines("a.rs", ""), [0; 0]);
    }

    #[test]
    fn machine_paths_are_found_but_addresses_are_not() {
        for place in MACHINE {
            for text in [format!("open(\"{place}x\")"), format!("{place}x"), format!("a\n {place}")]
            {
                assert_eq!(machine_paths("README.md", &text).len(), 1, "{text}");
            }
        }
        let address = format!("from example.org{}page.html", MACHINE[1]);
        assert_eq!(machine_paths("README.md", &address), []);
        assert_eq!(machine_paths("README.md", "homework/ and ./work"), []);
    }

    #[test]
    fn a_long_source_is_found() {
        let long = "\n".repeat(LINES + 1);
        assert_eq!(length("crates/panel/src/deep/panel.rs", &long).len(), 1);
        assert_eq!(length("xtask/src/main.rs", &long).len(), 1);
        assert_eq!(length("crates/panel/src/panel.rs", &long[1..]), []);
        assert_eq!(length("crates/panel/tests/laws.rs", &long), []);
    }

    #[test]
    fn a_crate_without_documentation_is_found() {
        assert_eq!(crate_doc("crates/panel/src/lib.rs", "mod a;\n").len(), 1);
        assert_eq!(crate_doc("crates/panel/src/lib.rs", "//! Panels.\n"), []);
        assert_eq!(crate_doc("crates/panel/src/panel.rs", "mod a;\n"), []);
    }
}
