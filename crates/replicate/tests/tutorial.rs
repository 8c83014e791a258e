//! `docs/tutorial.md` shows what is printed, and the studies that it shows are the files it names.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn bare(text: &str) -> String {
    text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The blocks of a page in their order: language and text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap()).collect()
}

/// Runs a command of the page where its paths exist and what it writes harms nothing.
fn printed(command: &str, folder: &Path) -> String {
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let run = Command::new(env!("CARGO_BIN_EXE_panelproof"))
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(run.status.success(), "{command}: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn the_tutorial_shows_what_is_printed() {
    let folder = std::env::temp_dir().join(format!("panelproof-tutorial-{}", std::process::id()));
    let data = folder.join("fixtures/ingest");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::create_dir_all(folder.join("fixtures/papers")).unwrap();
    std::fs::create_dir_all(folder.join("target")).unwrap();
    for entry in std::fs::read_dir(root().join("fixtures/ingest")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, data.join(path.file_name().unwrap())).unwrap();
        }
    }

    let page = std::fs::read_to_string(root().join("docs/tutorial.md")).unwrap();
    let blocks = blocks(&page);
    let studies: Vec<&str> =
        blocks.iter().filter(|(language, _)| *language == "toml").map(|block| block.1).collect();
    for (shown, file) in studies.iter().zip(["ten-lines.toml", "urbanisation.toml"]) {
        assert_eq!(bare(shown), bare(&std::fs::read_to_string(data.join(file)).unwrap()), "{file}");
    }
    assert_eq!(studies.len(), 2);
    let lines = studies[0].lines().filter(|line| !line.is_empty()).count();
    assert_eq!(lines, 10, "the study has ten lines, as the page says");

    let mut ran = 0;
    for pair in blocks.windows(2) {
        if let [("console", command), ("text", shown)] = pair {
            assert_eq!(bare(shown), bare(&printed(command, &folder)), "{command}");
            ran += 1;
        }
    }
    assert_eq!(ran, 4);
    assert!(data.parent().unwrap().parent().unwrap().join("target/urban.dta").is_file());
    std::fs::remove_dir_all(&folder).unwrap();
}
