//! A study that is solved and replicates, and conventions that are tried.

use std::path::Path;

use super::{Folder, PUBLISHED, STUDY, said, small};

#[test]
fn a_small_study_is_solved_and_replicates() {
    let folder = small("small", PUBLISHED);
    let study = folder.0.join("study.toml");
    let study = study.to_str().unwrap();
    let before = said(&["replicate", study]);
    assert!(before.1.contains("nobody kept it"), "{}", before.1);
    for seed in ["1", "2"] {
        let out = folder.0.join("found.csv");
        let found =
            said(&["reconstruct", folder.text(), "--seed", seed, "-o", out.to_str().unwrap()]);
        assert_eq!(found.0, Some(0), "{}", found.1);
        let after = said(&["replicate", study]);
        assert_eq!(after.0, Some(0), "{}", after.1);
        assert!(after.1.contains("=†") && !after.1.contains("not computed  y"), "{}", after.1);
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.starts_with("id,year,n (synthetic),y (synthetic)"), "{text}");
        for line in text.lines().skip(1) {
            let count = line.split(',').nth(2).unwrap();
            assert!(count.parse::<u32>().is_ok(), "{count} is no count");
        }
        // How columns go with real ones is told: by hand, from the file.
        let x = std::fs::read_to_string(folder.0.join("x.csv")).unwrap();
        let column = |text: &str, at: usize| -> Vec<f64> {
            let cell = |line: &str| line.split(',').nth(at).unwrap().parse().unwrap();
            text.lines().skip(1).map(cell).collect()
        };
        let (x, y) = (column(&x, 2), column(&text, 3));
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let product = |v: &[f64], w: &[f64]| -> f64 {
            let (a, b) = (mean(v), mean(w));
            v.iter().zip(w).map(|(v, w)| (v - a) * (w - b)).sum()
        };
        let r = product(&x, &y) / (product(&x, &x) * product(&y, &y)).sqrt();
        let (_, below) = found.1.split_once("How they go together").unwrap();
        let line = below.lines().find(|line| line.starts_with('y')).unwrap();
        assert!(line.trim_end().ends_with(&format!("{r:.2}")), "{r}: {line}");
        let again = said(&["reconstruct", folder.text(), "--seed", seed, "--check"]);
        assert!(again.1.contains("the same columns as in"), "{}", again.1);
    }
    let other = said(&["reconstruct", folder.text(), "--seed", "1", "--check"]);
    assert_eq!(other.0, Some(1));
    assert!(other.1.contains("other columns than in"), "{}", other.1);
}

#[test]
fn conventions_are_tried_and_columns_fixed() {
    let folder = small("tried", PUBLISHED);
    let (status, text) = said(&["reconstruct", folder.text(), "--try", "vcov=HC1,iid"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("vcov=HC1") && text.contains("vcov=iid"), "{text}");
    for (tried, expected) in [
        ("vcov=HC9", "HC9"),
        ("omitted-region=first", "omitted-region=first"),
        ("x=1", "no convention `x`"),
    ] {
        let (status, text) = said(&["reconstruct", folder.text(), "--try", tried]);
        assert_eq!(status, Some(2), "{text}");
        assert!(text.contains(expected), "{text}");
    }
    let kept = "id,year,y\n0,2000,1.75\n3,2002,2.5\n";
    folder.write("kept.csv", kept);
    let (file, out) = (folder.0.join("kept.csv"), folder.0.join("found.csv"));
    let fix = format!("y={}", file.to_str().unwrap());
    let (status, text) =
        said(&["reconstruct", folder.text(), "--fix", &fix, "-o", out.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{text}");
    let found = std::fs::read_to_string(&out).unwrap();
    for (key, y) in [("0,2000,", ",1.75"), ("3,2002,", ",2.5")] {
        let row = found.lines().find(|line| line.starts_with(key)).unwrap();
        assert!(row.ends_with(y), "{row}");
    }
    assert!(text.contains("y: 2 of 40 cells kept as in"), "{text}");
    // A known cell at a printed end is one of those that are there.
    let three = STUDY.replacen("{ of = \"y\", rows = 1 }", "{ of = \"y\", rows = 3 }", 1);
    folder.write("study.toml", &three);
    folder.write("kept.csv", "id,year,y\n0,2000,4.9\n");
    said(&["reconstruct", folder.text(), "--fix", &fix, "-o", out.to_str().unwrap()]);
    let found = std::fs::read_to_string(&out).unwrap();
    assert_eq!(found.lines().filter(|line| line.ends_with(",4.9")).count(), 3, "{found}");
    folder.write("study.toml", STUDY);
    folder.write("kept.csv", "id,year,y\n99,2000,1.75\n0,2000,1.75\n");
    let (_, text) = said(&["reconstruct", folder.text(), "--fix", &fix]);
    assert!(text.contains("y: 1 of 40 cells kept") && text.contains("99 2000 the first"), "{text}");
    folder.write("kept.csv", "id,year,y\n99,2000,1.75\n");
    let (status, text) = said(&["reconstruct", folder.text(), "--fix", &fix]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("none of its rows"), "{text}");
    let (status, text) = said(&["reconstruct", folder.text(), "--fix", &fix.replace("y=", "w=")]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("`w` is not unknown"), "{text}");
}

/// The panel of wang-chen prints as published under the conventions of its study, and no others.
#[test]
fn another_convention_is_noticed_in_named_cells() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let paper = root.join("papers/wang-chen");
    let study = std::fs::read_to_string(paper.join("study.toml")).unwrap();
    let cases = [
        ("vcov = \"HC1\"", "vcov = \"HC0\""),
        ("vcov = \"HC1\"", "vcov = \"iid\""),
        ("ib2022.year | province", "ib2015.year | province"),
        ("components = \"swar\"", "components = \"walhus\""),
        ("information = \"observed\", small-sample", "information = \"expected\", small-sample"),
        ("Rec-third == 3 of 3", "Rec-third == 2 of 3"),
    ];
    for (from, to) in cases {
        let folder = Folder::new("convention");
        std::fs::create_dir_all(folder.0.join("papers/wang-chen")).unwrap();
        std::os::unix::fs::symlink(
            root.canonicalize().unwrap().join("data"),
            folder.0.join("data"),
        )
        .unwrap();
        for file in ["published.toml", "reconstructed.csv"] {
            std::fs::copy(paper.join(file), folder.0.join("papers/wang-chen").join(file)).unwrap();
        }
        assert!(study.contains(from), "{from}");
        folder.write("papers/wang-chen/study.toml", &study.replace(from, to));
        let (status, text) = said(&["replicate", "wang-chen", "--fixtures", folder.text()]);
        assert_eq!(status, Some(1), "{from} -> {to}: {text}");
    }
}
