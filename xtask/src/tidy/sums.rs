//! Checksums of the fixtures: `sha256sum` reads every `SHA256SUMS` below `fixtures/`.

use std::path::Path;

use super::{Finding, finding};
use crate::shell;

/// Findings, and a note if there is no `sha256sum` on this machine.
pub(super) fn verify(
    root: &Path,
    files: &[String],
) -> Result<(Vec<Finding>, Option<String>), String> {
    let mut findings = Vec::new();
    for path in files.iter().filter(|p| p.starts_with("fixtures/") && p.ends_with("/SHA256SUMS")) {
        let file = root.join(path);
        let sums = std::fs::read_to_string(&file).map_err(|e| format!("{path}: {e}"))?;
        let folder = file.parent().unwrap_or(root);
        let mut command = shell::command("sha256sum");
        command.args(["--check", "--quiet", "--strict", "SHA256SUMS"]);
        let Ok(output) = command.current_dir(folder).env("LC_ALL", "C").output() else {
            return Ok((findings, Some("no `sha256sum`: the fixtures are not checked".into())));
        };
        if !output.status.success() {
            findings.extend(failures(path, &sums, &String::from_utf8_lossy(&output.stdout)));
        }
    }
    Ok((findings, None))
}

/// One finding a file that fails; a list that fails without naming a file is itself malformed.
fn failures(path: &str, sums: &str, printed: &str) -> Vec<Finding> {
    let cure = "restore the file; if it was meant to change, say so in README.md and sum it anew";
    let findings: Vec<_> = printed
        .lines()
        .filter_map(|line| line.split_once(": FAILED"))
        .map(|(name, _)| {
            let at = sums.lines().position(|line| line.ends_with(name)).unwrap_or(0);
            finding(path, at + 1, format!("`{name}` is not what was summed"), cure)
        })
        .collect();
    if findings.is_empty() {
        return vec![finding(path, 1, "is malformed", "write it with `sha256sum`")];
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_fails_is_a_finding_at_its_line() {
        let sums = "00  a.csv\n11  b.csv\n22  c.csv\n";
        let printed = "b.csv: FAILED\nc.csv: FAILED open or read\n";
        let lines: Vec<_> = failures("SHA256SUMS", sums, printed).iter().map(|f| f.line).collect();
        assert_eq!(lines, [2, 3]);
        assert_eq!(failures("SHA256SUMS", "nonsense\n", "")[0].message, "is malformed");
    }
}
