//! A replication as a study yields it: cells that match, are declared, are off, are not computed.

use report::replication::{
    Claim, ClaimStatus, Compared, ComparedCell, ComparedRow, Deviation, Own, OwnCell, OwnRow,
    Paper, Part, PartKind, Replication, SourceLine, Tier, Verdict,
};
use report::{Figure, Line};

const DECLARED: &str = "the paper names neither the yearbook's edition nor the treatment of \
    Tibet; with the 2023 edition the moments differ in the third digit";

/// A part, its rounding interval taken from its decimals.
fn part(part: PartKind, printed: &str, ours: Option<&str>, verdict: Verdict) -> Part {
    let half = printed
        .split_once('.')
        .map_or(0.5, |(_, d)| 0.5 * 0.1_f64.powi(i32::try_from(d.len()).expect("few decimals")));
    let interval = printed.parse().ok().map(|x: f64| [x - half, x + half]);
    let exact = ours.and_then(|ours| ours.parse().ok()).map(|x: f64| x + half * 0.317_5);
    Part {
        part,
        printed: printed.into(),
        interval,
        ours: ours.map(Into::into),
        exact,
        verdict,
        tier: ours.map(|_| Tier::Real),
        because: (verdict == Verdict::Declared).then(|| DECLARED.into()),
    }
}

/// A cell with one value.
fn value(printed: &str, ours: Option<&str>) -> ComparedCell {
    let verdict = match ours {
        Some(ours) if ours == printed => Verdict::Match,
        Some(_) => Verdict::Declared,
        None => Verdict::NotComputed,
    };
    let parts = vec![part(PartKind::Value, printed, ours, verdict)];
    ComparedCell { printed: printed.into(), parts }
}

/// A cell `value stars (uncertainty)`, with ours; parts that differ are off.
fn estimate(printed: [&str; 3], ours: [&str; 3], tier: Tier) -> ComparedCell {
    let kinds = [PartKind::Value, PartKind::Stars, PartKind::Uncertainty];
    let parts = (0..3).map(|i| {
        let verdict = if printed[i] == ours[i] { Verdict::Match } else { Verdict::Off };
        Part { tier: Some(tier), ..part(kinds[i], printed[i], Some(ours[i]), verdict) }
    });
    let [v, s, u] = printed;
    ComparedCell { printed: format!("{v}{s} ({u})"), parts: parts.collect() }
}

fn words(text: &str) -> ComparedCell {
    ComparedCell { printed: text.into(), parts: Vec::new() }
}

fn row(label: &str, cells: Vec<ComparedCell>) -> ComparedRow {
    ComparedRow { label: label.into(), cells }
}

fn pending(label: &str, printed: &[&str]) -> ComparedRow {
    row(label, printed.iter().map(|printed| value(printed, None)).collect())
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// Table 2 of Wang & Chen: four variables match, two are declared, four are not computed.
fn descriptive() -> Compared {
    let same = |label, cells: &[&str]| {
        row(label, cells.iter().map(|cell| value(cell, Some(cell))).collect())
    };
    let differs = |label, cells: &[(&str, &str)]| {
        row(label, cells.iter().map(|(printed, ours)| value(printed, Some(ours))).collect())
    };
    Compared {
        id: "2".into(),
        title: "Descriptive statistics of the variables".into(),
        columns: strings(&["N", "mean", "sd", "min", "max"]),
        rows: vec![
            pending("Rir", &["270", "0.2830", "0.1833", "0.0690", "0.8838"]),
            pending("Rec", &["270", "2.2513", "2.2029", "0.0000", "7.3956"]),
            same("Digi-fini", &["270", "292.0716", "71.9774", "160.45", "447.73"]),
            pending("Rev", &["270", "0.3150", "0.4823", "0.0326", "2.8385"]),
            same("Fsa", &["270", "11.4815", "3.5051", "4.2622", "18.6579"]),
            pending("Rhc", &["270", "1.6189", "0.2579", "1.1644", "2.1517"]),
            same("Urban", &["270", "0.6204", "0.1101", "0.4273", "0.8930"]),
            differs(
                "Tra",
                &[
                    ("270", "270"),
                    ("1.0224", "1.0219"),
                    ("0.5318", "0.5311"),
                    ("0.1103", "0.1103"),
                    ("2.1929", "2.1929"),
                ],
            ),
            differs(
                "Open",
                &[
                    ("270", "270"),
                    ("0.2476", "0.2491"),
                    ("0.2379", "0.2402"),
                    ("0.0123", "0.0076"),
                    ("0.9964", "1.0133"),
                ],
            ),
            same("Eco", &["270", "11.0019", "0.4235", "10.2416", "12.1608"]),
        ],
        notes: strings(&["Winsorised at the 1st and 99th percentiles; n = 270."]),
        findings: Vec::new(),
    }
}

fn mechanism() -> Compared {
    Compared {
        id: "6".into(),
        title: "Mechanism testing results".into(),
        columns: strings(&["(1)", "(2)", "(3)"]),
        rows: vec![
            pending("Rec", &["4.7234", "0.0194", "0.0088"]),
            row("Province FE", vec![words("Yes"), words("Yes"), words("Yes")]),
            pending("N", &["270", "270", "270"]),
        ],
        notes: Vec::new(),
        findings: Vec::new(),
    }
}

fn grunfeld(tier: Tier) -> Compared {
    let e = |printed, ours| estimate(printed, ours, tier);
    let off =
        if tier == Tier::Real { ["0.3101", "***", "0.0174"] } else { ["0.3100", "**", "0.0174"] };
    Compared {
        id: "1".into(),
        title: "Gross investment of ten firms, 1935–1954".into(),
        columns: strings(&["(1) Pooled", "(2) Within", "(3) Random", "(4) Clustered"]),
        rows: vec![
            row(
                "value",
                vec![
                    e(["0.1156", "***", "0.0058"], ["0.1156", "***", "0.0058"]),
                    e(["0.1101", "***", "0.0119"], ["0.1101", "***", "0.0119"]),
                    e(["0.1098", "***", "0.0105"], ["0.1098", "***", "0.0105"]),
                    e(["0.1101", "***", "0.0152"], ["0.1101", "***", "0.0152"]),
                ],
            ),
            row(
                "capital",
                vec![
                    e(["0.2307", "***", "0.0255"], ["0.2307", "***", "0.0255"]),
                    e(["0.3101", "***", "0.0174"], off),
                    e(["0.3081", "***", "0.0172"], ["0.3081", "***", "0.0172"]),
                    e(["0.3101", "***", "0.0527"], ["0.3101", "***", "0.0528"]),
                ],
            ),
            row(
                "Constant",
                vec![
                    e(["-42.7144", "***", "9.5117"], ["-42.7144", "***", "9.5117"]),
                    words(""),
                    e(["-57.8344", "**", "28.8989"], ["-57.8344", "**", "28.8989"]),
                    words(""),
                ],
            ),
            row("Firm FE", ["NO", "YES", "NO", "YES"].map(words).into()),
            row("N", ["200"; 4].map(|n| value(n, Some(n))).into()),
        ],
        notes: strings(&["Standard errors in parentheses. * p < 0.10, ** p < 0.05, *** p < 0.01."]),
        findings: Vec::new(),
    }
}

/// Two regressions side by side.
fn own() -> Own {
    let estimate = |value, uncertainty, p_value, stars| OwnCell::Estimate {
        value,
        uncertainty,
        p_value,
        stars,
    };
    let row = |label: &str, cells, ruled| OwnRow { label: label.into(), cells, ruled };
    Own {
        id: "2".into(),
        title: "Growth <and> neighbours".into(),
        columns: strings(&["(1)", "(2)"]),
        dependent: strings(&["growth", "growth"]),
        rows: vec![
            row("L.own", vec![estimate(-0.2, 0.1, 0.04, 2), OwnCell::Blank], false),
            row("L.near", vec![estimate(1.5e-6, 2e-6, 0.4, 0), estimate(0.3, 0.01, 0.0, 3)], false),
            row("year effects", vec![OwnCell::Words("yes".into()), OwnCell::Blank], true),
            row("n", vec![OwnCell::Count(62.0), OwnCell::Count(62.0)], false),
            row("p", vec![OwnCell::P(0.000_01), OwnCell::Number(f64::NAN)], false),
        ],
        decimals: 4,
        notes: strings(&["standard errors in brackets; * p < 0.1"]),
        is_reconstructed: false,
    }
}

/// Two years, a gap, one year.
pub(crate) fn figure() -> Figure {
    Figure {
        id: "1".into(),
        title: "Sales & growth".into(),
        unit: "bn yuan".into(),
        first: 2019,
        last: 2023,
        lines: vec![
            Line {
                name: "rural".into(),
                points: vec![(2020, 2050.0), (2021, 2170.5), (2023, 2490.0)],
                stated: false,
            },
            Line { name: "stated".into(), points: vec![(2023, 2490.0)], stated: true },
        ],
        notes: strings(&["2019 and 2022 are not known"]),
        is_reconstructed: false,
    }
}

fn claims() -> Vec<Claim> {
    let claim = |status, agrees, says: &str| Claim {
        section: "4.1".into(),
        subject: "tea".into(),
        stated: "8000 tons".into(),
        status,
        agrees,
        says: says.into(),
    };
    vec![
        claim(ClaimStatus::Internal, Some(true), "table 1 says the same"),
        claim(ClaimStatus::Data, Some(false), "the series has 7000"),
        claim(ClaimStatus::Arithmetic, None, "8000 / 1.1 = 7273"),
        claim(ClaimStatus::NotCheckable, None, "no such count is public"),
    ]
}

/// Three papers: published descriptives, a benchmark with an `off`, and a reconstruction.
pub(crate) fn replication() -> Replication {
    let deviation = |cell: &str, because: &str, used| Deviation {
        cell: cell.into(),
        because: because.into(),
        since: "2026-11-20".into(),
        used,
    };
    Replication {
        papers: vec![
            Paper {
                key: "wang-chen".into(),
                title: "The Impact and Mechanism of Rural E-Commerce Development on Rural \
                        Industrial Revitalization: Evidence from China"
                    .into(),
                authors: strings(&["Ge Wang", "Hao Chen"]),
                citation: "Sustainability, 2025".into(),
                tables: vec![descriptive(), mechanism()],
                own: Vec::new(),
                figures: Vec::new(),
                claims: Vec::new(),
                is_own: false,
                deviations: vec![
                    deviation("2 / Tra, Open", DECLARED, 6),
                    deviation(
                        "3 / (4) / Constant / stars",
                        "the paper prints two where p < 0.01",
                        0,
                    ),
                ],
                account: strings(&[
                    "china/pku_dfiic.csv: 403 rows in, 279 in 2014–2022, 9 of Tibet dropped, 270 out.",
                ]),
                sources: vec![SourceLine {
                    file: "fixtures/data/china/pku_dfiic.csv".into(),
                    sha256: "9f2c41d07b6be1f3c9f7a1f4f5f6cf1a8c2ad0cf1d6a0a24a9a5b1f2c3d4e5f6"
                        .into(),
                    provenance: "Peking University Digital Financial Inclusion Index of China"
                        .into(),
                }],
            },
            Paper {
                key: "grunfeld".into(),
                title: "The Determinants of Corporate Investment".into(),
                authors: strings(&["Yehuda Grunfeld"]),
                citation: "PhD thesis, University of Chicago, 1958".into(),
                tables: vec![grunfeld(Tier::Real)],
                ..Paper::default()
            },
            Paper {
                key: "农村电商".into(),
                title: "A panel on which the estimators print the table".into(),
                authors: strings(&["陈晓", "孙伟"]),
                citation: "Reconstructed for a test".into(),
                tables: vec![grunfeld(Tier::Reconstructed)],
                ..Paper::default()
            },
            Paper {
                key: "villages".into(),
                title: "A study of our own".into(),
                is_own: true,
                own: vec![own()],
                figures: vec![figure()],
                claims: claims(),
                ..Paper::default()
            },
        ],
    }
}
