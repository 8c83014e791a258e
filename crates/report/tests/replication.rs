//! A replication in every form, and the laws that hold of all.

mod sample;

use proptest::prelude::*;
use report::render::Style;
use report::replication::{
    Compared, ComparedCell, ComparedRow, Counts, Explained, Paper, Part, PartKind, Replication,
    Tier, Verdict, html, json, markdown, text,
};
use unicode_width::UnicodeWidthStr;

#[test]
fn as_text() {
    insta::assert_snapshot!(text(&sample::replication(), Style::Plain));
}

#[test]
fn as_markdown() {
    insta::assert_snapshot!(markdown(&sample::replication()));
}

#[test]
fn text_fits_a_terminal() {
    let text = text(&sample::replication(), Style::Plain);
    assert!(text.lines().all(|line| line.width() <= 100));
}

#[test]
fn json_has_the_promised_keys_and_words() {
    let json = json(&sample::replication());
    let value: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let paper = &value["papers"][1];
    assert_eq!(paper["key"], "grunfeld");
    assert_eq!(
        paper["counts"],
        serde_json::json!({"match": 33, "declared": 0, "off": 1, "stale": 0, "not computed": 0})
    );
    let cells = paper["tables"][0]["cells"].as_array().expect("a list");
    let off = cells.iter().find(|cell| cell["verdict"] == "off").expect("one is off");
    assert_eq!((&off["row"], &off["column"]), (&"capital".into(), &"(4) Clustered".into()));
    assert_eq!((&off["part"], &off["tier"]), (&"uncertainty".into(), &"real".into()));
    assert_eq!((&off["printed"], &off["ours"]), (&"0.0527".into(), &"0.0528".into()));
    assert!(off["exact"].as_f64().is_some_and(|exact| (exact - 0.0528).abs() < 0.00005));
    let pending = &value["papers"][0]["tables"][0]["cells"][0];
    assert_eq!(pending["verdict"], "not computed");
    assert!(pending["ours"].is_null() && pending["tier"].is_null());
    let order = ["\"row\"", "\"column\"", "\"part\"", "\"printed\"", "\"ours\"", "\"verdict\""];
    let at = order.map(|key| json.find(key).expect("the key is there"));
    assert!(at.is_sorted());
}

#[test]
fn html_stands_alone() {
    let page = html(&sample::replication());
    for outside in ["<script", "http:", "https:", "@import", "url(", "<link", "<img"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn html_addresses_are_unique_and_lead_somewhere() {
    let page = html(&sample::replication());
    let all = |before: &str| -> Vec<String> {
        let found = page.split(before).skip(1).filter_map(|rest| rest.split('"').next());
        found.map(str::to_owned).collect()
    };
    let mut ids = all(" id=\"");
    let n = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), n, "an id occurs twice");
    let mut links = all("href=\"#");
    links.extend(all("popovertarget=\""));
    links.extend(all("aria-labelledby=\""));
    assert!(links.len() > 40);
    for link in links {
        assert!(ids.contains(&link), "{link} leads nowhere");
    }
}

#[test]
fn html_escapes_what_it_is_given() {
    let evil = "<script>alert('x')</script>\" onload=\"x";
    let part = Part {
        part: PartKind::Value,
        printed: evil.into(),
        interval: None,
        ours: Some(evil.into()),
        exact: Some(f64::NAN),
        verdict: Verdict::Declared,
        tier: Some(Tier::Reconstructed),
        because: Some(evil.into()),
    };
    let cell = ComparedCell { printed: evil.into(), parts: vec![part] };
    let page = html(&Replication {
        papers: vec![Paper {
            key: evil.into(),
            title: evil.into(),
            authors: vec![evil.into()],
            citation: evil.into(),
            tables: vec![Compared {
                id: evil.into(),
                title: evil.into(),
                columns: vec![evil.into()],
                rows: vec![ComparedRow { label: evil.into(), cells: vec![cell] }],
                notes: vec![evil.into()],
                findings: vec![Explained {
                    row: evil.into(),
                    column: evil.into(),
                    says: evil.into(),
                }],
            }],
            account: vec![evil.into()],
            ..Paper::default()
        }],
    });
    assert!(page.contains("&lt;script&gt;"));
    assert!(!page.contains("<script") && !page.contains("\" onload"));
    assert!(!page.contains("NaN"), "a number that is missing prints as a point");
}

#[test]
fn every_form_says_that_reconstructed_is_synthetic() {
    let all = sample::replication();
    let real = Replication { papers: all.papers[..2].to_vec() };
    for render in [html, markdown, |r: &Replication| text(r, Style::Plain)] {
        let says = |r| render(r).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(says(&all).contains("no evidence for the paper"));
        assert!(!says(&real).contains("no evidence for the paper"));
    }
}

#[test]
fn a_declared_cell_links_to_its_reason() {
    let page = html(&sample::replication());
    assert_eq!(page.matches("href=\"#wang-chen-table-2-note-1\"").count(), 6);
    assert!(page.contains("which stands for 1.02235 to 1.02245"));
}

/// Tra's mean is explained by the second finding, its other cells by none.
#[test]
fn a_cell_links_to_the_finding_that_explains_it() {
    let mut all = sample::replication();
    let table = &mut all.papers[0].tables[0];
    let explained = |row: &str, column: &str, says: &str| Explained {
        row: row.to_owned(),
        column: column.to_owned(),
        says: says.to_owned(),
    };
    let (row, column) = (table.rows[7].label.clone(), table.columns[1].clone());
    table.findings = vec![
        explained("no such row", &column, "one"),
        explained(&row, &column, "the mean 1.0224 lies beyond the maximum"),
    ];
    let page = html(&all);
    assert_eq!(page.matches("href=\"#wang-chen-table-2-audit-2\"").count(), 1);
    assert_eq!(page.matches("href=\"#wang-chen-table-2-audit-1\"").count(), 0);
    let item = "id=\"wang-chen-table-2-audit-2\">audit: the mean 1.0224 lies";
    assert_eq!(page.matches(item).count(), 1);
    let cell = page.find("href=\"#wang-chen-table-2-audit-2\"").unwrap();
    let from = page[..cell].rfind("<td").unwrap();
    assert!(page[from..cell].contains(&all.papers[0].tables[0].rows[7].cells[1].printed));
    for lines in [text(&all, Style::Plain), markdown(&all)] {
        assert!(lines.contains("audit: the mean 1.0224 lies beyond the maximum"), "{lines}");
    }
    assert!(json(&all).contains("\"says\": \"the mean 1.0224"));
}

#[test]
fn each_reason_is_given_with_its_own_cells() {
    let mut all = sample::replication();
    all.papers[0].tables[0].rows[8].cells[4].parts[0].because = Some("a typing slip".into());
    let text = text(&all, Style::Plain);
    assert!(text.contains("≈²"));
    assert!(text.contains("¹ Tra mean, sd; Open mean, sd, min: the paper"), "{text}");
    assert!(text.contains("² Open max: a typing slip.\n"), "{text}");
    assert_eq!(html(&all).matches("href=\"#wang-chen-table-2-note-2\"").count(), 1);
}

#[test]
fn what_is_printed_and_not_compared_still_shows() {
    let mut all = sample::replication();
    all.papers[1].tables[0].rows[0].cells[0].parts.truncate(2);
    assert!(html(&all).contains(">0.1156*** (0.0058)<"));
}

#[test]
fn the_legend_names_the_tiers() {
    assert!(html(&sample::replication()).contains("from synthetic data, no evidence"));
}

#[test]
fn a_table_without_a_number_of_ours_is_a_line() {
    let text = text(&sample::replication(), Style::Plain);
    assert!(text.contains("Table 6. Mechanism testing results\n· not computed  Rec, N\n"));
}

#[test]
fn an_absent_uncertainty_of_ours_is_a_dash() {
    let mut all = sample::replication();
    let part = &mut all.papers[1].tables[0].rows[0].cells[0].parts[2];
    (part.ours, part.verdict) = (None, Verdict::NotComputed);
    let text = text(&all, Style::Plain);
    assert!(text.contains("0.1156*** (–)") && text.contains(" ==·"), "{text}");
}

fn any_replication() -> impl Strategy<Value = Replication> {
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    let kind = prop::sample::select(vec![PartKind::Value, PartKind::Uncertainty, PartKind::Stars]);
    let part = (kind, verdict, "[0-9.*农]{0,6}", prop::option::of("[0-9.*]{0,6}"), "[a-c]?");
    let part = part.prop_map(|(part, verdict, printed, ours, because)| Part {
        part,
        verdict,
        printed,
        ours,
        interval: None,
        exact: None,
        tier: None,
        because: Some(because).filter(|because| !because.is_empty()),
    });
    let cell = ("[0-9.*()\n农]{0,9}", prop::collection::vec(part, 0..4))
        .prop_map(|(printed, parts)| ComparedCell { printed, parts });
    let row = ("[a-z农]{0,5}", prop::collection::vec(cell, 0..5))
        .prop_map(|(label, cells)| ComparedRow { label, cells });
    let table = (prop::collection::vec("[a-z]{0,3}", 0..5), prop::collection::vec(row, 0..5))
        .prop_map(|(columns, rows)| Compared { columns, rows, ..Compared::default() });
    let paper =
        prop::collection::vec(table, 0..3).prop_map(|tables| Paper { tables, ..Paper::default() });
    prop::collection::vec(paper, 0..3).prop_map(|papers| Replication { papers })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn counts_add_up(replication in any_replication()) {
        let counts = replication.counts();
        let tables = || replication.papers.iter().flat_map(|paper| &paper.tables);
        prop_assert_eq!(counts.total(), tables().flat_map(Compared::parts).count());
        prop_assert_eq!(counts, tables().map(Compared::counts).sum::<Counts>());
        prop_assert_eq!(counts.failed(), tables().flat_map(Compared::parts)
            .filter(|part| part.verdict.fails()).count());
        for verdict in Verdict::ALL {
            let n = tables().flat_map(Compared::parts).filter(|p| p.verdict == verdict).count();
            prop_assert_eq!(counts.of(verdict), n);
        }
    }

    #[test]
    fn every_part_reaches_the_json(replication in any_replication()) {
        let value: serde_json::Value = serde_json::from_str(&json(&replication)).expect("JSON");
        let lists = value["papers"].as_array().into_iter().flatten()
            .flat_map(|paper| paper["tables"].as_array().into_iter().flatten())
            .filter_map(|table| table["cells"].as_array());
        prop_assert_eq!(lists.map(Vec::len).sum::<usize>(), replication.counts().total());
    }

    #[test]
    fn whatever_the_shape_it_renders(replication in any_replication()) {
        let page = html(&replication);
        prop_assert!(page.ends_with("</html>"));
        let shown = page.matches("<td class=\"cell").count() + page.matches("<td class=\"published").count();
        let printed = replication.papers.iter().flat_map(|p| &p.tables).flat_map(|t| &t.rows)
            .flat_map(|r| &r.cells).filter(|c| !c.printed.trim().is_empty() || !c.parts.is_empty()).count();
        prop_assert!(shown >= printed);
        markdown(&replication);
        text(&replication, Style::Ansi);
    }
}

#[test]
fn a_line_is_not_drawn_across_a_gap() {
    let figure = sample::figure();
    let runs: Vec<usize> = figure.lines[0].runs().iter().map(|run| run.len()).collect();
    assert_eq!(runs, [2, 1]);
    let svg = figure.svg().expect("there is something to draw");
    // One run of two years is joined; three years and a statement are marked.
    let polylines = svg.matches("<polyline").filter(|_| true).count();
    let joined = svg.split("<polyline").filter(|rest| rest.contains("stroke=\"#1F4E79\"")).count();
    assert_eq!((joined, polylines > 0), (1, true));
    let table = report::render::text(&figure.table("", |x| format!("{x}")));
    let line = table.lines().find(|line| line.starts_with("rural")).expect("a row");
    let cells: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(cells, ["rural", report::GAP, "2050", "2170.5", report::GAP, "2490"]);
}

#[test]
fn the_figure_as_svg() {
    insta::assert_snapshot!(sample::figure().svg().expect("there is something to draw"));
}

#[test]
fn nothing_to_draw_is_no_figure() {
    assert_eq!(report::Figure::default().svg(), None);
}

/// Without a paper to compare with there is nothing published above, and no count of verdicts.
#[test]
fn own_studies_alone_have_no_legend_of_comparisons() {
    let mut all = sample::replication();
    assert!(markdown(&all).contains("Published above") && html(&all).contains("Published above"));
    all.papers.retain(|paper| paper.is_own);
    assert!(!all.papers.is_empty());
    for form in [text(&all, Style::Plain), markdown(&all), html(&all)] {
        assert!(!form.contains("Published above") && !form.contains("Verdicts by paper"), "{form}");
        assert!(form.contains(report::replication::OWN), "{form}");
    }
}

#[test]
fn own_tables_figures_and_statements_reach_every_form() {
    let all = sample::replication();
    for form in [text(&all, Style::Plain), markdown(&all), html(&all)] {
        assert!(form.contains(report::replication::OWN), "{form}");
        let held =
            ["Table 2", "L.near", "Figure 1", "the series has 7000", "no such count is public"];
        for held in held {
            assert!(form.contains(held), "{held}: {form}");
        }
    }
    let json: serde_json::Value = serde_json::from_str(&json(&all)).expect("JSON");
    let own = &json["papers"][3]["own_tables"][0]["rows"][1]["cells"][0]["estimate"];
    assert_eq!(own["value"], 1.5e-6);
    assert_eq!(json["papers"][3]["claims"][1]["agrees"], false);
}
