//! A transcription from its TOML: as written, then checked and typed.

use std::{collections::BTreeSet, ops::Range, str::FromStr};

use serde::Deserialize;
use toml::Spanned;

use crate::{
    Claim, Effects, Error, Kind, Location, Number, Paper, Printed, Row, Series, SeriesValue, Table,
    Threshold, Transcription, Uncertainty,
};

impl Transcription {
    /// Reads a transcription from TOML. `name` is what errors call the text: its path.
    ///
    /// ```toml
    /// [paper]                              # id, title, authors; doi, published, panel if known
    /// id = "wang-chen"
    /// title = "The Impact and Mechanism of Rural E-Commerce Development"
    /// authors = ["Ge Wang", "Hao Chen"]
    /// panel = { unit = "province", units = 30, time = "year", first = 2014, last = 2022 }
    ///
    /// [[table]]
    /// id = "3"
    /// title = "Baseline regression results"
    /// kind = "regression"                  # see `Kind` for the others, and for what a row holds
    /// uncertainty = "standard error"       # or "t statistic", "z statistic", "p value"
    /// stars = [0.10, 0.05, 0.01]           # one star below 0.10, two below 0.05, …
    /// columns = ["(1)", "(2)"]
    /// dependent = ["Rir", "Rir"]
    /// rows = [
    ///   ["Rec", "0.0340*** (0.0041)", ""], # a label, then a cell for each column
    ///   ["N", "270", "'269a"],             # words, whatever they look like, behind an apostrophe
    /// ]
    ///
    /// [[claim]]
    /// rows = [
    ///   # section, what, value, unit, qualifier
    ///   ["4.1", "tea output", "8000", "tons/year", "more than"],
    /// ]
    /// ```
    ///
    /// A table may also hold `threshold = { variable, value }` and `effects = { total, direct,
    /// indirect }`, and a paper `[[series]]` with `id`, `title` and `values = [{ year, name,
    /// value, unit, growth, target }]`. Unknown keys are errors.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] if the text is not TOML of this form; [`Error::Cell`] for
    /// the first cell that cannot be read; the other variants for tables, rows and columns that
    /// do not fit together. Each names the place as `file:line:column`.
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let file = File { name, text };
        let written: Written = toml::from_str(text).map_err(|error| Error::Syntax {
            at: file.at(error.span().unwrap_or_default()),
            message: error.message().trim().replace('\n', "; "),
        })?;
        let mut ids = BTreeSet::new();
        for WrittenTable { id, .. } in &written.tables {
            if !ids.insert(id.get_ref()) {
                let (at, table) = (file.at(id.span()), id.get_ref().clone());
                return Err(Error::DuplicateTable { at, table });
            }
        }
        Ok(Self {
            paper: written.paper,
            tables: written
                .tables
                .into_iter()
                .map(|it| file.table(it))
                .collect::<Result<_, _>>()?,
            series: written
                .series
                .into_iter()
                .map(|it| file.series(it))
                .collect::<Result<_, _>>()?,
            claims: written.claims.into_iter().flat_map(|block| block.rows).map(claim).collect(),
        })
    }
}

/// The file as TOML has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    paper: Paper,
    #[serde(default, rename = "table")]
    tables: Vec<WrittenTable>,
    #[serde(default)]
    series: Vec<WrittenSeries>,
    #[serde(default, rename = "claim")]
    claims: Vec<WrittenClaims>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    id: Spanned<String>,
    title: String,
    kind: Kind,
    uncertainty: Option<Uncertainty>,
    stars: Option<Spanned<Vec<f64>>>,
    threshold: Option<WrittenThreshold>,
    columns: Option<Spanned<Vec<String>>>,
    dependent: Option<Spanned<Vec<String>>>,
    rows: Vec<Spanned<Vec<Spanned<String>>>>,
    effects: Option<WrittenEffects>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenThreshold {
    variable: String,
    value: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEffects {
    total: Spanned<String>,
    direct: Spanned<String>,
    indirect: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSeries {
    id: String,
    title: String,
    values: Vec<WrittenValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenValue {
    year: i32,
    name: String,
    value: Spanned<String>,
    unit: String,
    growth: Option<Spanned<String>>,
    target: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenClaims {
    rows: Vec<[String; 5]>,
}

/// A text and its name, to say where in it something stands.
struct File<'a> {
    name: &'a str,
    text: &'a str,
}

impl File<'_> {
    fn at(&self, span: Range<usize>) -> Location {
        Location::of(self.name, self.text, span.start)
    }

    fn table(&self, written: WrittenTable) -> Result<Table, Error> {
        let kind = written.kind;
        let id = written.id.get_ref().as_str();
        let headers = match &written.columns {
            Some(columns) => columns.get_ref().clone(),
            None if kind == Kind::ThresholdRegression => vec!["(1)".to_owned()],
            None => Vec::new(),
        };
        if headers.len() <= kind.stub() {
            let (at, table) = (self.at(written.id.span()), id.to_owned());
            return Err(Error::NoColumns { at, table });
        }
        let (stub, columns) = headers.split_at(kind.stub());
        if let Some(column) = first_repeated(columns) {
            let at = self.at(written.columns.as_ref().map(Spanned::span).unwrap_or_default());
            return Err(Error::DuplicateColumn {
                at,
                table: id.to_owned(),
                column: column.clone(),
            });
        }
        let dependent = match &written.dependent {
            Some(names) if names.get_ref().len() != columns.len() => {
                return Err(Error::Length {
                    at: self.at(names.span()),
                    table: id.to_owned(),
                    row: "dependent".to_owned(),
                    expected: columns.len(),
                    got: names.get_ref().len(),
                });
            }
            names => names.as_ref().map(|names| names.get_ref().clone()).unwrap_or_default(),
        };
        let mut labels = BTreeSet::new();
        let mut rows = Vec::new();
        for row in &written.rows {
            let typed = self.row(id, kind, columns, row)?;
            if !labels.insert(typed.label.clone()) {
                let (at, table) = (self.at(row.span()), id.to_owned());
                return Err(Error::DuplicateRow { at, table, row: typed.label });
            }
            rows.push(typed);
        }
        let threshold = written.threshold.map(|it| {
            let value = self.read(id, "threshold", "value", &it.value)?;
            Ok(Threshold { variable: it.variable, value })
        });
        let effects = written.effects.map(|it| {
            let effect = |column, text| self.read(id, "effects", column, text);
            Ok(Effects {
                total: effect("total", &it.total)?,
                direct: effect("direct", &it.direct)?,
                indirect: effect("indirect", &it.indirect)?,
            })
        });
        Ok(Table {
            title: written.title,
            kind,
            uncertainty: written.uncertainty,
            stars: written.stars.map_or(Ok(Vec::new()), |stars| self.thresholds(id, stars))?,
            threshold: threshold.transpose()?,
            stub: stub.to_vec(),
            columns: columns.to_vec(),
            dependent,
            rows,
            effects: effects.transpose()?,
            id: written.id.into_inner(),
        })
    }

    fn row(
        &self,
        table: &str,
        kind: Kind,
        columns: &[String],
        written: &Spanned<Vec<Spanned<String>>>,
    ) -> Result<Row, Error> {
        let strings = written.get_ref();
        let labels = kind.stub().max(1);
        let label = strings.get(labels - 1).map(|label| label.get_ref().clone());
        let (Some(label), true) = (label.clone(), strings.len() == labels + columns.len()) else {
            return Err(Error::Length {
                at: self.at(written.span()),
                table: table.to_owned(),
                row: label.unwrap_or_default(),
                expected: labels + columns.len(),
                got: strings.len(),
            });
        };
        let cell =
            |(column, text): (&String, &Spanned<String>)| match text.get_ref().strip_prefix('\'') {
                _ if kind.is_prose() => Ok(Printed::text(text.get_ref())),
                Some(words) => Ok(Printed::text(words)),
                None => self.read(table, &label, column, text),
            };
        let cells = columns.iter().zip(&strings[labels..]).map(cell).collect::<Result<_, _>>()?;
        let group = (labels == 2).then(|| strings[0].get_ref().clone());
        Ok(Row { group, label, cells })
    }

    fn series(&self, written: WrittenSeries) -> Result<Series, Error> {
        let id = written.id.as_str();
        let value = |it: WrittenValue| {
            let number = |column, text| self.read::<Number>(id, &it.name, column, text);
            Ok(SeriesValue {
                year: it.year,
                value: number("value", &it.value)?,
                growth: it.growth.as_ref().map(|text| number("growth", text)).transpose()?,
                target: it.target.as_ref().map(|text| number("target", text)).transpose()?,
                unit: it.unit,
                name: it.name,
            })
        };
        let values = written.values.into_iter().map(value).collect::<Result<_, _>>()?;
        Ok(Series { id: written.id, title: written.title, values })
    }

    fn thresholds(&self, table: &str, stars: Spanned<Vec<f64>>) -> Result<Vec<f64>, Error> {
        let fall = stars.get_ref().is_sorted_by(|a, b| a > b);
        if fall && stars.get_ref().iter().all(|p| (0.0..=1.0).contains(p)) {
            Ok(stars.into_inner())
        } else {
            Err(Error::Thresholds { at: self.at(stars.span()), table: table.to_owned() })
        }
    }

    fn read<T: FromStr<Err = Error>>(
        &self,
        table: &str,
        row: &str,
        column: &str,
        text: &Spanned<String>,
    ) -> Result<T, Error> {
        text.get_ref().parse().map_err(|because| Error::Cell {
            at: self.at(text.span()),
            table: table.to_owned(),
            row: row.to_owned(),
            column: column.to_owned(),
            because: Box::new(because),
        })
    }
}

/// A claim's value is prose ("2005-2012") unless it reads as a number.
fn claim([section, subject, value, unit, qualifier]: [String; 5]) -> Claim {
    let value = value.parse().unwrap_or_else(|_| Printed::text(value));
    Claim { section, subject, value, unit, qualifier }
}

fn first_repeated(names: &[String]) -> Option<&String> {
    let mut seen = BTreeSet::new();
    names.iter().find(|name| !seen.insert(*name))
}
