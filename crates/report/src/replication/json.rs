//! A replication as JSON, for programs.

use serde::Serialize;

use super::{
    Claim, Compared, Counts, Deviation, Own, Paper, Part, PartKind, Replication, SourceLine, Tier,
    Verdict,
};

/// A replication as pretty JSON with keys in a fixed order, ending in a newline.
///
/// ```text
/// { "papers": [ { "key", "title", "authors", "citation",
///     "tables": [ { "id", "title",
///         "cells": [ { "row", "column", "part", "printed", "ours", "exact", "verdict", "tier", "because" } ],
///         "counts", "notes", "findings" } ],
///     "counts": { "match", "declared", "off", "stale", "not computed" },
///     "own_tables": [ { "id", "title", "columns", "dependent", "rows", "decimals", "notes" } ],
///     "figures": [ { "id", "title", "unit", "first", "last", "lines", "notes" } ],
///     "claims": [ { "section", "subject", "stated", "status", "agrees", "says" } ],
///     "is_own", "deviations", "account", "sources" } ],
///   "counts" }
/// ```
///
/// A cell is a part of a printed cell; a number that is not finite is `null`.
///
/// # Panics
///
/// Never: strings, numbers and lists serialise.
pub fn json(replication: &Replication) -> String {
    let view = ReplicationView {
        papers: replication.papers.iter().map(PaperView::of).collect(),
        counts: replication.counts(),
    };
    serde_json::to_string_pretty(&view).expect("plain data serialise") + "\n"
}

#[derive(Serialize)]
struct ReplicationView<'a> {
    papers: Vec<PaperView<'a>>,
    counts: Counts,
}

#[derive(Serialize)]
struct PaperView<'a> {
    key: &'a str,
    title: &'a str,
    authors: &'a [String],
    citation: &'a str,
    tables: Vec<TableView<'a>>,
    counts: Counts,
    is_own: bool,
    own_tables: &'a [Own],
    figures: &'a [crate::Figure],
    claims: &'a [Claim],
    deviations: &'a [Deviation],
    account: &'a [String],
    sources: &'a [SourceLine],
}

#[derive(Serialize)]
struct TableView<'a> {
    id: &'a str,
    title: &'a str,
    cells: Vec<CellView<'a>>,
    counts: Counts,
    notes: &'a [String],
    findings: &'a [super::Explained],
}

#[derive(Serialize)]
struct CellView<'a> {
    row: &'a str,
    column: &'a str,
    part: PartKind,
    printed: &'a str,
    ours: Option<&'a str>,
    exact: Option<f64>,
    verdict: Verdict,
    tier: Option<Tier>,
    because: Option<&'a str>,
}

impl<'a> PaperView<'a> {
    fn of(paper: &'a Paper) -> Self {
        PaperView {
            key: &paper.key,
            title: &paper.title,
            authors: &paper.authors,
            citation: &paper.citation,
            tables: paper.tables.iter().map(TableView::of).collect(),
            counts: paper.counts(),
            is_own: paper.is_own,
            own_tables: &paper.own,
            figures: &paper.figures,
            claims: &paper.claims,
            deviations: &paper.deviations,
            account: &paper.account,
            sources: &paper.sources,
        }
    }
}

impl<'a> TableView<'a> {
    fn of(table: &'a Compared) -> Self {
        let cells = table.rows.iter().flat_map(|row| {
            row.cells.iter().enumerate().flat_map(move |(j, cell)| {
                let column = table.columns.get(j).map_or("", String::as_str);
                cell.parts.iter().map(move |part| CellView::of(&row.label, column, part))
            })
        });
        TableView {
            id: &table.id,
            title: &table.title,
            cells: cells.collect(),
            counts: table.counts(),
            notes: &table.notes,
            findings: &table.findings,
        }
    }
}

impl<'a> CellView<'a> {
    fn of(row: &'a str, column: &'a str, part: &'a Part) -> Self {
        CellView {
            row,
            column,
            part: part.part,
            printed: &part.printed,
            ours: part.ours.as_deref(),
            exact: part.exact,
            verdict: part.verdict,
            tier: part.tier,
            because: part.because.as_deref(),
        }
    }
}
