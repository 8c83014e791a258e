//! Audits as text, Markdown and HTML: nothing is lost, nothing breaks out, links lead somewhere.

use proptest::prelude::*;
use report::audit::{
    Agreeing, Because, Convention, Counts, Finding, Marked, MarkedCell, MarkedRow, Place, Repair,
    Report, Verdict, html, markdown, text,
};
use report::render::Style;

fn place(column: &str, row: &str, part: &str) -> Place {
    Place { column: column.into(), row: row.into(), part: part.into() }
}

fn cell(text: &str, address: &str, verdict: Verdict, findings: &[usize]) -> MarkedCell {
    let is_number = text.contains(|c: char| c.is_ascii_digit());
    MarkedCell {
        text: text.into(),
        address: address.into(),
        is_number,
        verdict,
        findings: findings.into(),
    }
}

/// An audit with one of everything.
#[expect(clippy::too_many_lines, reason = "data")]
fn sample() -> Report {
    let impossible = Finding {
        check: "added-regressor".into(),
        verdict: Verdict::Impossible,
        cells: vec![
            place("2/(1)", "x", "estimate"),
            place("2/(1)", "x", "uncertainty"),
            place("2/(2)", "x", "stars"),
        ],
        printed: Some([0.288_35, 0.288_45]),
        implied: Some([0.282_31, f64::INFINITY]),
        explanation: "0.1204 + 0.2732 · 0.5930 is in [0.28231, 0.2825]; 0.2884 is printed".into(),
        repairs: (0..5)
            .map(|k| Repair {
                cell: "2/(2)/x/estimate".into(),
                with: None,
                edit: "one digit changed".into(),
                from: "0.1204".into(),
                to: format!("0.12{k}4"),
                mends: vec![1, 2],
                share: 0.25,
            })
            .collect(),
        ..Finding::default()
    };
    let assumed = |explanation: &str| Finding {
        check: "constant".into(),
        verdict: Verdict::NeedsAssumption,
        assumption: "effects are indicators".into(),
        cells: vec![place("2/(2)", "Constant", "estimate")],
        explanation: explanation.into(),
        ..Finding::default()
    };
    let row = |label: &str, cells| MarkedRow { label: label.into(), cells };
    Report {
        key: "table.csv".into(),
        remarks: vec!["table.csv:3: not read <as> a number".into()],
        tables: vec![
            Marked {
                title: "Table 2. Roads".into(),
                columns: vec!["(1)".into(), "(2)".into()],
                rows: vec![
                    row(
                        "x",
                        vec![
                            cell("0.2884*** (0.0536)", "2/(1)/x", Verdict::Impossible, &[1]),
                            cell(
                                "0.1204** (0.0568)",
                                "2/(2)/x",
                                Verdict::Impossible,
                                &[1, 2, 3, 4],
                            ),
                        ],
                    ),
                    row(
                        "Constant",
                        vec![
                            cell("", "2/(1)/Constant", Verdict::Unchecked, &[]),
                            cell("8.2", "2/(2)/Constant", Verdict::NeedsAssumption, &[2, 3]),
                        ],
                    ),
                    row(
                        "N",
                        vec![
                            cell("320", "2/(1)/N", Verdict::Consistent, &[]),
                            cell("320", "2/(2)/N", Verdict::Unchecked, &[]),
                        ],
                    ),
                ],
            },
            Marked {
                title: "Table 9. Not read".into(),
                columns: vec!["value".into()],
                rows: vec![row("y", vec![cell("1", "9/value/y", Verdict::Unchecked, &[])])],
            },
        ],
        findings: vec![
            impossible,
            assumed("constant = 1; 2 is printed"),
            assumed("constant = 3; 4 is printed"),
        ],
        agreeing: vec![Agreeing { check: "stars".into(), explanations: vec!["** agrees".into()] }],
        conventions: vec![Convention {
            what: "brackets".into(),
            is: "standard error".into(),
            columns: vec!["2/(1)".into()],
            supports: 2,
            against: vec!["2/(1)/x/uncertainty".into()],
        }],
        inferred: vec![Because {
            what: "2/(1), 2/(2): the same rows".into(),
            because: "one N".into(),
        }],
        unchecked: vec![
            Because { what: "a".into(), because: "a dash".into() },
            Because { what: "b".into(), because: "a dash".into() },
        ],
        counts: Counts {
            cells: 6,
            equations: 4,
            consistent: 1,
            needs_assumption: 2,
            impossible: 1,
            unchecked: 2,
        },
        ..Report::default()
    }
}

#[test]
fn every_form_says_what_was_found_in_the_order_of_a_referee() {
    let order = [
        "1 cannot hold",
        "What cannot all be right",
        "0.1204 + 0.2732",
        "0.1204 → 0.1204",
        "one of 2 other single edits",
        "What holds only under an assumption",
        "effects are indicators",
        "constant = 3; 4 is printed",
        "The tables, marked",
        "8.2",
        "Conventions that the numbers tell",
        "against it 2/(1)/x/uncertainty",
        "Taken for granted",
        "What cannot be checked",
        "a; b",
        "What agrees",
        "stars: 1",
    ];
    let page = html(&sample());
    let page = &page[page.find("<main").expect("a page has a main part")..].replace("&#x2f;", "/");
    let unescaped = markdown(&sample()).replace('\\', "");
    for shown in [text(&sample(), Style::Plain).replace('\n', " "), unescaped, page.clone()] {
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut from = 0;
        for wanted in order {
            let at = shown[from..].find(wanted);
            assert!(at.is_some(), "no `{wanted}` from here on: {}", &shown[from..]);
            from += at.unwrap_or(0);
        }
    }
    let shown = text(&sample(), Style::Plain);
    assert!(shown.contains("printed 0.28835 to 0.28845; implied at least 0.28231"), "{shown}");
    assert!(shown.contains("✗1,2,3…") && shown.contains("?2,3"), "{shown}");
    assert!(shown.contains("2/(1): x, x (brackets); 2/(2): x (stars)"), "{shown}");
    assert!(shown.contains("No equation reads a cell of: Table 9. Not read."), "{shown}");
    assert_eq!(shown.matches("Holds if effects are indicators").count(), 1, "said once for both");
    assert!(text(&sample(), Style::Ansi).contains("\u{1b}[1;31m✗"));
}

/// Of three findings that cannot hold, one edit mends two: that is said once, in every form, and nothing of the third.
#[test]
fn an_edit_that_mends_several_findings_is_said() {
    let mut report = sample();
    let edit = report.findings[0].repairs[0].clone();
    let of = |mends: &[usize]| report::audit::Repair { mends: mends.to_vec(), ..edit.clone() };
    let finding = |mends: &[usize]| report::audit::Finding {
        verdict: Verdict::Impossible,
        repairs: vec![of(mends)],
        ..report.findings[0].clone()
    };
    let all = [finding(&[1]), finding(&[2, 3]), finding(&[2, 3])];
    report.findings = all.to_vec();
    for page in [html(&report), markdown(&report), text(&report, Style::Plain)] {
        assert_eq!(page.matches("One edit would mend 2 of these 3: ").count(), 1, "{page}");
        assert_eq!(page.matches("One edit").count(), 1);
    }
    report.findings.truncate(1);
    assert!(!text(&report, Style::Plain).contains("One edit"));
}

#[test]
fn an_audit_of_nothing_says_so() {
    let none = Report { key: "t".into(), ..Report::default() };
    assert!(
        text(&none, Style::Plain).contains("0 numbers in 0 equations: nothing could be checked.")
    );
    assert!(
        markdown(&none).starts_with("# Audit of t\n")
            && html(&none).contains("<title>Audit of t</title>")
    );
}

#[test]
fn a_page_stands_alone_and_its_links_lead_somewhere() {
    let page = html(&sample());
    assert!(!page.contains("http") && !page.contains("<script") && !page.contains("<link"));
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
    let ids: Vec<&str> =
        page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let links = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next());
    let dead: Vec<&str> = links.filter(|link| !ids.contains(link)).collect();
    // The cells' numbers 4 are of findings that this sample does not have.
    assert_eq!(dead, Vec::<&str>::new());
    for link in ["#t0r0c0", "#t0r1c1", "#finding-1"] {
        assert!(page.contains(&format!("href=\"{link}\"")), "{link}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_out_and_every_shape_renders(
        words in prop::collection::vec("[<>&\"'|*`\\[\\]\\\\ a-z0-9(é表\n\u{1b}]{0,12}", 12),
        columns in 0..14_usize,
        rows in 0..4_usize,
        ends in prop::option::of([any::<f64>(), any::<f64>()]),
    ) {
        let word = |k: usize| format!("<i>zz{}", words[k % words.len()]);
        let table = Marked {
            title: word(0),
            columns: (0..columns).map(word).collect(),
            rows: (0..rows)
                .map(|i| MarkedRow {
                    label: word(i),
                    cells: (0..columns).map(|j| cell(&word(i + j), &word(j), Verdict::Impossible, &[i])).collect(),
                })
                .collect(),
        };
        let mut report = sample();
        report.tables.push(table);
        report.title = word(1);
        report.findings[0].explanation = word(2);
        report.findings[0].printed = ends;
        report.findings[1].assumption = word(3);
        report.remarks.push(word(4));
        let plain = text(&report, Style::Plain);
        prop_assert!(!plain.contains('\x1b'), "no escape");
        markdown(&report);
        let page = html(&report);
        prop_assert!(page.contains("zz") && !page.contains("<i>"));
    }
}
