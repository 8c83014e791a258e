//! A transcription as TOML.

use std::fmt::{self, Display, Formatter};

use crate::{Claim, Kind, Paper, Printed, Row, Series, Table, Transcription};

/// The TOML that [`Transcription::parse`] reads back to the same value. Comments are not kept.
impl Display for Transcription {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        paper(f, &self.paper)?;
        for it in &self.tables {
            table(f, it)?;
        }
        for it in &self.series {
            series(f, it)?;
        }
        if self.claims.is_empty() { Ok(()) } else { claims(f, &self.claims) }
    }
}

fn paper(f: &mut Formatter<'_>, paper: &Paper) -> fmt::Result {
    writeln!(f, "[paper]\nid = {}\ntitle = {}", quoted(&paper.id), quoted(&paper.title))?;
    writeln!(f, "authors = {}", array(&paper.authors))?;
    if let Some(doi) = &paper.doi {
        writeln!(f, "doi = {}", quoted(doi))?;
    }
    if let Some(published) = &paper.published {
        writeln!(f, "published = {}", quoted(published))?;
    }
    if let Some(panel) = &paper.panel {
        writeln!(
            f,
            "panel = {{ unit = {}, units = {}, time = {}, first = {}, last = {} }}",
            quoted(&panel.unit),
            panel.units,
            quoted(&panel.time),
            panel.first,
            panel.last
        )?;
    }
    Ok(())
}

fn table(f: &mut Formatter<'_>, table: &Table) -> fmt::Result {
    writeln!(f, "\n[[table]]\nid = {}\ntitle = {}", quoted(&table.id), quoted(&table.title))?;
    writeln!(f, "kind = \"{}\"", table.kind)?;
    if let Some(uncertainty) = table.uncertainty {
        writeln!(f, "uncertainty = \"{uncertainty}\"")?;
    }
    if !table.stars.is_empty() {
        // At least two decimals, as papers write them: 0.10.
        let stars: Vec<String> =
            table.stars.iter().map(|p| format!("{:0<4}", format!("{p:?}"))).collect();
        writeln!(f, "stars = [{}]", stars.join(", "))?;
    }
    if let Some(threshold) = &table.threshold {
        let (variable, value) = (quoted(&threshold.variable), quoted(&threshold.value));
        writeln!(f, "threshold = {{ variable = {variable}, value = {value} }}")?;
    }
    let unheaded = table.kind == Kind::ThresholdRegression && table.columns == ["(1)"];
    if !unheaded {
        writeln!(f, "columns = {}", array(table.stub.iter().chain(&table.columns)))?;
    }
    if !table.dependent.is_empty() {
        writeln!(f, "dependent = {}", array(&table.dependent))?;
    }
    writeln!(f, "rows = [")?;
    for Row { group, label, cells } in &table.rows {
        let labels = group.iter().chain([label]).map(quoted);
        line(f, labels.chain(cells.iter().map(|cell| quoted(written(cell, table.kind)))))?;
    }
    writeln!(f, "]")?;
    if let Some(effects) = &table.effects {
        let [total, direct, indirect] =
            [&effects.total, &effects.direct, &effects.indirect].map(quoted);
        writeln!(f, "effects = {{ total = {total}, direct = {direct}, indirect = {indirect} }}")?;
    }
    Ok(())
}

/// A cell's text; words that would be read as something else stand behind an apostrophe.
fn written(cell: &Printed, kind: Kind) -> String {
    let text = cell.to_string();
    let plain = kind.is_prose() || !text.starts_with('\'') && text.parse().as_ref() == Ok(cell);
    if plain { text } else { format!("'{text}") }
}

fn series(f: &mut Formatter<'_>, series: &Series) -> fmt::Result {
    writeln!(f, "\n[[series]]\nid = {}\ntitle = {}", quoted(&series.id), quoted(&series.title))?;
    writeln!(f, "values = [")?;
    for it in &series.values {
        let [name, value, unit] = [quoted(&it.name), quoted(&it.value), quoted(&it.unit)];
        write!(f, "  {{ year = {}, name = {name}, value = {value}, unit = {unit}", it.year)?;
        if let Some(growth) = &it.growth {
            write!(f, ", growth = {}", quoted(growth))?;
        }
        if let Some(target) = &it.target {
            write!(f, ", target = {}", quoted(target))?;
        }
        writeln!(f, " }},")?;
    }
    writeln!(f, "]")
}

fn claims(f: &mut Formatter<'_>, claims: &[Claim]) -> fmt::Result {
    writeln!(f, "\n[[claim]]\nrows = [")?;
    for Claim { section, subject, value, unit, qualifier } in claims {
        line(
            f,
            [quoted(section), quoted(subject), quoted(value), quoted(unit), quoted(qualifier)],
        )?;
    }
    writeln!(f, "]")
}

/// One row of an array of arrays.
fn line(f: &mut Formatter<'_>, strings: impl IntoIterator<Item = String>) -> fmt::Result {
    let strings: Vec<String> = strings.into_iter().collect();
    writeln!(f, "  [{}],", strings.join(", "))
}

fn array<'a>(strings: impl IntoIterator<Item = &'a String>) -> String {
    let strings: Vec<String> = strings.into_iter().map(quoted).collect();
    format!("[{}]", strings.join(", "))
}

/// A TOML string.
fn quoted(text: impl Display) -> String {
    toml::Value::String(text.to_string()).to_string()
}
