//! The real data: four variables of a published table, digit for digit, and their checksums.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read fixtures")]

use std::path::{Path, PathBuf};

use ingest::{Loaded, Spec, Tier, load};
use sha2::{Digest, Sha256};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/data")
}

fn china() -> Loaded {
    let spec: Spec = toml::from_str(
        r#"
        [panel]
        entity = "province"
        period = "year"
        first = 2014
        last = 2022
        where = ["province != Tibet"]

        [[source]]
        file = "china/pku_dfiic.csv"
        columns = ["dfiic_aggregate"]
        tier = "real"
        provenance = "PKU Institute of Digital Finance, index of digital financial inclusion"

        [[source]]
        file = "china/nbs_population.csv"
        columns = ["urban_population_10k", "population_10k"]
        rename = { urban_population_10k = "urban" }
        tier = "real"

        [[source]]
        file = "china/nbs_gdp.csv"
        columns = ["gdp_per_capita_yuan_derived"]
        tier = "real"

        [[source]]
        file = "china/nbs_fiscal.csv"
        columns = ["fsa_pct"]
        tier = "real"

        [[variable]]
        name = "Digi-fini"
        from = "dfiic_aggregate"
        steps = [{ winsorize = { low = 0.01, high = 0.99, percentiles = "linear" } }]

        [[variable]]
        name = "Urban"
        from = "urban"
        steps = [{ over = "population_10k" }, { winsorize = { low = 0.01, high = 0.99, percentiles = "linear" } }]

        [[variable]]
        name = "Eco"
        from = "gdp_per_capita_yuan_derived"
        steps = ["log", { winsorize = { low = 0.01, high = 0.99, percentiles = "linear" } }]

        [[variable]]
        name = "Fsa"
        from = "fsa_pct"
        steps = [{ winsorize = { low = 0.01, high = 0.99, percentiles = "linear" } }]
        "#,
    )
    .unwrap();
    load(&spec, &data()).unwrap()
}

/// Printed precision is the tolerance: mean, sd, min and max as the paper prints them.
#[test]
fn moments_are_the_published_ones() {
    let Loaded { panel, tiers, .. } = china();
    assert_eq!(panel.n_rows(), 270);
    for (variable, printed) in [
        ("Digi-fini", ["292.0716", "71.9774", "160.45", "447.73"]),
        ("Urban", ["0.6204", "0.1101", "0.4273", "0.8930"]),
        ("Eco", ["11.0019", "0.4235", "10.2416", "12.1608"]),
        ("Fsa", ["11.4815", "3.5051", "4.2622", "18.6579"]),
    ] {
        let x = panel.values(&panel::Term::var(variable)).unwrap();
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let sd = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let (min, max) = x.iter().fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
        let ours: Vec<String> = [mean, sd, min, max]
            .iter()
            .zip(printed)
            .map(|(x, printed)| {
                let decimals = printed.split('.').nth(1).unwrap().len();
                format!("{x:.decimals$}")
            })
            .collect();
        assert_eq!(ours, printed, "{variable}");
        assert_eq!(tiers[variable], Tier::Real);
    }
}

#[test]
fn account_says_what_happened() {
    let expected = "\
china/pku_dfiic.csv: 403 rows read, 270 kept; left out: 124 outside 2014..2022, 9 by `province != Tibet`
china/nbs_population.csv: 372 rows read, 270 kept; left out: 93 outside 2014..2022, 9 by `province != Tibet`
china/nbs_population.csv: joined to 270 of 270 rows
china/nbs_gdp.csv: 372 rows read, 270 kept; left out: 93 outside 2014..2022, 9 by `province != Tibet`
china/nbs_gdp.csv: joined to 270 of 270 rows
china/nbs_fiscal.csv: 372 rows read, 270 kept; left out: 93 outside 2014..2022, 9 by `province != Tibet`
china/nbs_fiscal.csv: joined to 270 of 270 rows
Digi-fini: dfiic_aggregate, winsorize 0.01 0.99 linear
Digi-fini: 3 cells raised to 160.45 (Gansu 2014, Guizhou 2014, Qinghai 2014), 3 cells lowered to 447.731 (Beijing 2022, Shanghai 2021, Shanghai 2022)
Urban: urban, over population_10k, winsorize 0.01 0.99 linear
Urban: 3 cells raised to 0.427298 (Gansu 2014, Guizhou 2014, Yunnan 2014), 3 cells lowered to 0.893018 (Shanghai 2020, Shanghai 2021, Shanghai 2022)
Eco: gdp_per_capita_yuan_derived, log, winsorize 0.01 0.99 linear
Eco: 3 cells raised to 10.2416 (Gansu 2014, Gansu 2015, Guizhou 2014), 3 cells lowered to 12.1608 (Beijing 2021, Beijing 2022, Shanghai 2022)
Fsa: fsa_pct, winsorize 0.01 0.99 linear
Fsa: 3 cells raised to 4.26218 (Shanghai 2014, Shanghai 2022, Tianjin 2022), 3 cells lowered to 18.6579 (Heilongjiang 2016, Inner Mongolia 2018, Xinjiang 2020)
";
    assert_eq!(china().account.to_string(), expected);
}

/// Every data file is listed, and every listed file is what it was when it was listed.
#[test]
fn checksums_hold() {
    let folder = data().join("china");
    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let mut listed: Vec<&str> = Vec::new();
    for line in sums.lines() {
        let (sum, file) = line.split_once("  ").unwrap();
        let bytes = std::fs::read(folder.join(file)).unwrap();
        assert_eq!(format!("{:x}", Sha256::digest(bytes)), sum, "{file}");
        listed.push(file);
    }
    let mut found: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|file| !["README.md", "SHA256SUMS"].contains(&file.as_str()))
        .collect();
    found.sort();
    assert_eq!(listed, found);
    let population = china().files[1].clone();
    assert!(sums.contains(&format!("{}  nbs_population.csv", population.sha256)));
    assert_eq!(
        (population.rows, population.columns),
        (372, vec!["population_10k".into(), "urban".into()])
    );
}
