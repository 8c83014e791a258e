//! Synthetic columns, wherever they are written.

use super::{PUBLISHED, STUDY, said, small};

/// In files that are compared, and in files that say that they are real.
#[test]
fn synthetic_columns_are_told_from_others() {
    let folder = small("labels", PUBLISHED);
    let out = folder.0.join("found.dta");
    let (status, text) = said(&["reconstruct", folder.text(), "-o", out.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{text}");
    // Stata's names have no blanks: the labels of its columns say so.
    let names = ["y", "n"]
        .map(|name| (format!("\"{name} (synthetic)\""), format!("\"{name}__synthetic_\"")));
    let stata = names.iter().fold(STUDY.replace("found.csv", "found.dta"), |text, (from, to)| {
        text.replace(from.as_str(), to)
    });
    folder.write("study.toml", &stata);
    let (status, text) = said(&["reconstruct", folder.text(), "--check"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("the same columns as in"), "{text}");
    let fix = format!("y={}", out.to_str().unwrap());
    let (_, text) = said(&["reconstruct", folder.text(), "--fix", &fix]);
    assert!(text.contains("y: 40 of 40 cells kept as in"), "{text}");
    let study = folder.0.join("study.toml");
    for file in ["found.dta", "found.csv"] {
        let out = folder.0.join(file);
        folder.write("study.toml", STUDY);
        said(&["reconstruct", folder.text(), "-o", out.to_str().unwrap()]);
        let text = if file == "found.dta" { stata.clone() } else { STUDY.to_owned() };
        folder.write("study.toml", &text.replace("tier = \"reconstructed\"", "tier = \"real\""));
        let (status, text) = said(&["replicate", study.to_str().unwrap()]);
        assert_eq!(status, Some(2), "{text}");
        assert!(
            text.contains("says that it was solved for, and its [[source]] that it is real"),
            "{text}"
        );
    }
    // In what `ingest` writes, in a figure and in a table of our own.
    let own = "[[figure]]\nid = \"1\"\ntitle = \"y\"\nunit = \"u\"\nfirst = 2000\nlast = 2004\n\
               lines = [{ name = \"y of 0\", entity = \"0\", column = \"y\", times = 1 }]\n\
               [[table]]\nid = \"A\"\ntitle = \"Of our own\"\nherfindahl = \"n\"\n";
    folder.write("study.toml", &format!("{STUDY}\n{own}"));
    let (status, text) = said(&["replicate", study.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("y of 0 (synthetic)"), "{text}");
    let (_, table) = text.split_once("Of our own").unwrap();
    assert!(table.contains("† Reconstructed data are synthetic"), "{text}");
    let all = folder.0.join("all.csv");
    let (status, text) = said(&["ingest", study.to_str().unwrap(), "-o", all.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("solved for, and called so in the file: n, y"), "{text}");
    let text = std::fs::read_to_string(&all).unwrap();
    assert!(text.starts_with("id,year,n (synthetic),x,y (synthetic)\n"), "{text}");
}
