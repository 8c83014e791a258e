//! Real and generated panels, cut to a size, with variables in units of any order of magnitude.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use panel::{Column, Factor, Index, Panel};
use testkit::Stream;

/// A data set as its file has it: rows of an entity and a period, numbers alone.
struct Raw {
    name: &'static str,
    entity: Vec<i32>,
    period: Vec<i32>,
    columns: Vec<(String, Vec<f64>)>,
    /// Rows are of one period: there is no panel.
    cross_section: bool,
}

/// What a paper has data on.
pub struct World {
    pub name: &'static str,
    pub panel: Panel,
    /// Columns that vary, for outcomes and regressors.
    pub numbers: Vec<String>,
    /// Columns of zeros and ones.
    pub binary: Vec<String>,
    /// A column of positive numbers to weigh by.
    pub weight: String,
    pub cross_section: bool,
    pub units: usize,
    pub periods: (i32, i32),
    pub balanced: bool,
}

pub const ENTITY: &str = "unit";
pub const PERIOD: &str = "year";
/// What the name of a winsorized variable ends with.
pub const WINSORIZED: &str = "_winsorized";

const PANELS: [&str; 6] =
    ["grunfeld", "produc", "wagepan", "petersen", "hansen1999", "grunfeld_holes"];
const CROSS_SECTIONS: [&str; 3] = ["mroz", "instruments", "mediation_jobs"];
const CHINA: [(&str, &[&str]); 6] = [
    ("nbs_gdp", &["gdp_100m_yuan", "primary_va_100m_yuan", "tertiary_va_100m_yuan"]),
    ("nbs_population", &["population_10k", "urbanisation_rate"]),
    ("nbs_transport", &["transport_density_km_per_km2"]),
    ("nbs_fiscal", &["general_budget_expenditure_100m_yuan", "fsa_pct"]),
    ("pku_dfiic", &["dfiic_aggregate", "dfiic_coverage_breadth"]),
    ("nbs_digital", &["broadband_ports_10k", "ecommerce_sales_100m_yuan"]),
];

fn pool() -> &'static [Raw] {
    static POOL: OnceLock<Vec<Raw>> = OnceLock::new();
    POOL.get_or_init(|| {
        let text = |name: &str| testkit::file(name, "data.csv");
        let panels = PANELS.map(|name| raw(name, &testkit::panel(&text(name)), false));
        let crosses =
            CROSS_SECTIONS.map(|name| raw(name, &testkit::cross_section(&text(name)), true));
        panels.into_iter().chain(crosses).chain([china()]).collect()
    })
}

fn raw(name: &'static str, panel: &Panel, cross_section: bool) -> Raw {
    let codes = panel.index().entity.codes();
    let number = |(name, column): (&String, &Column)| match column {
        Column::Number(values) => Some((name.clone(), values.clone())),
        Column::Category(_) => None,
    };
    Raw {
        name,
        entity: codes.iter().map(|&code| i32::try_from(code).unwrap()).collect(),
        period: panel.index().period.clone(),
        columns: panel.columns().iter().filter_map(number).collect(),
        cross_section,
    }
}

/// The provinces' figures, joined by province and year; what is not known is missing.
fn china() -> Raw {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/data/china");
    let mut rows: BTreeMap<(i32, i32), BTreeMap<String, f64>> = BTreeMap::new();
    let mut names = Vec::new();
    for (file, wanted) in CHINA {
        let mut reader = csv::Reader::from_path(folder.join(file).with_extension("csv")).unwrap();
        let headers: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        names.extend(wanted.iter().map(|name| (*name).to_owned()));
        for record in reader.records() {
            let record = record.unwrap();
            let key = (record[1].parse().unwrap(), record[2].parse().unwrap());
            let row = rows.entry(key).or_default();
            for name in wanted {
                let at = headers.iter().position(|header| header == name).unwrap();
                row.insert((*name).to_owned(), record[at].parse().unwrap_or(f64::NAN));
            }
        }
    }
    let column = |name: &String| {
        let value = |row: &BTreeMap<String, f64>| row.get(name).copied().unwrap_or(f64::NAN);
        (name.clone(), rows.values().map(value).collect())
    };
    Raw {
        name: "china",
        entity: rows.keys().map(|key| key.0).collect(),
        period: rows.keys().map(|key| key.1).collect(),
        columns: names.iter().map(column).collect(),
        cross_section: false,
    }
}

/// A panel from a simple process, with effects, heteroskedastic errors, counts, and holes.
fn generated(stream: &mut Stream) -> Raw {
    let units = 6 + stream.below(30);
    let years = 3 + stream.below(10);
    let absent = [0.0, 0.0, 0.1][stream.below(3)];
    let (mut entity, mut period) = (Vec::new(), Vec::new());
    let mut columns: Vec<(String, Vec<f64>)> = ["y", "x", "m", "z", "w", "count", "d", "q"]
        .map(|name| (name.to_owned(), Vec::new()))
        .into();
    let year_effects: Vec<f64> = (0..years).map(|_| stream.normal()).collect();
    let link = stream.normal();
    for unit in 0..units {
        let effect = 2.0 * stream.normal();
        for (year, shock) in year_effects.iter().enumerate() {
            if stream.uniform() < absent {
                continue;
            }
            entity.push(i32::try_from(unit).unwrap());
            period.push(2000 + i32::try_from(year).unwrap());
            let x = stream.normal() + 0.4 * effect + 0.3 * shock;
            let z = 3.0 + stream.normal() - 0.5 * x;
            let m = 0.8 * link * x + 0.3 * z + stream.normal() + 0.5 * effect;
            let w = (0.5 * stream.normal() + 1.0 + 0.1 * shock).exp();
            let u = (0.3 + 0.5 * x.abs()) * stream.normal();
            let y = 1.0 + 0.7 * x + 0.5 * link * m - 0.2 * z + effect + shock + u;
            let count = (2.0 * w * stream.uniform()).floor();
            let d = f64::from(u8::from(x + stream.normal() > 0.0));
            let q = 0.5 * x + stream.normal();
            for (column, value) in columns.iter_mut().zip([y, x, m, z, w, count, d, q]) {
                column.1.push(value);
            }
        }
    }
    Raw { name: "generated", entity, period, columns, cross_section: false }
}

impl World {
    /// The data of a paper, of which some rows and some variables are used.
    pub fn draw(stream: &mut Stream) -> Self {
        let pool = pool();
        let at = stream.below(pool.len() + 4);
        if at < pool.len() {
            Self::cut(&pool[at], stream)
        } else {
            let raw = generated(stream);
            Self::cut(&raw, stream)
        }
    }

    fn cut(raw: &Raw, stream: &mut Stream) -> Self {
        let keep = raw.keep(stream);
        let pick = |values: &[f64]| -> Vec<f64> { keep.iter().map(|&row| values[row]).collect() };
        let entity: Vec<i32> = keep.iter().map(|&row| raw.entity[row]).collect();
        let period: Vec<i32> = keep.iter().map(|&row| raw.period[row]).collect();
        let index = Index {
            entity_name: ENTITY.into(),
            entity: Factor::from_numbers(&entity),
            period_name: PERIOD.into(),
            period: period.clone(),
        };
        let mut panel = Panel::new(index, []).unwrap();
        let (mut numbers, mut binary, mut weight) = (Vec::new(), Vec::new(), None);
        let holes = stream.below(4) == 0;
        for &at in &stream.order(raw.columns.len()) {
            let (name, values) = (&raw.columns[at].0, pick(&raw.columns[at].1));
            let seen: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
            if seen.len() * 4 < values.len() * 3 || seen.iter().all(|v| *v == seen[0]) {
                continue;
            }
            let positive = seen.iter().all(|v| *v > 0.0);
            let label = label(name);
            if seen.iter().all(|v| *v == 0.0 || *v == 1.0) {
                if seen.len() == values.len() && binary.len() < 3 {
                    panel.insert(label.clone(), Column::Number(values)).unwrap();
                    binary.push(label);
                }
                continue;
            }
            if numbers.len() >= 8 {
                continue;
            }
            let log = positive && stream.below(3) == 0;
            let scale = [1.0, 1.0, 1.0, 0.1, 10.0, 1e-3, 1e3, 1e-5, 100.0][stream.below(9)];
            let gap = holes && stream.below(3) == 0;
            let value = |v: f64| if log { v.ln() } else { v * scale };
            let values: Vec<f64> = values
                .into_iter()
                .map(|v| if gap && stream.below(25) == 0 { f64::NAN } else { value(v) })
                .collect();
            let label = if log { format!("ln_{label}") } else { label };
            if positive && !log && weight.is_none() && !gap && seen.len() == values.len() {
                weight = Some(label.clone());
            }
            if numbers.len() < 3 {
                let twin = winsorized(&values);
                panel.insert(format!("{label}{WINSORIZED}"), Column::Number(twin)).unwrap();
            }
            panel.insert(label.clone(), Column::Number(values)).unwrap();
            numbers.push(label);
        }
        let weight = weight.unwrap_or_else(|| {
            let values = (0..panel.n_rows()).map(|_| 0.5 + stream.uniform()).collect();
            panel.insert("weights", Column::Number(values)).unwrap();
            "weights".to_owned()
        });
        let units = panel.index().entity.n_levels();
        let periods = (*period.iter().min().unwrap(), *period.iter().max().unwrap());
        let span = usize::try_from(periods.1 - periods.0 + 1).unwrap();
        Self {
            name: raw.name,
            balanced: units * span == panel.n_rows(),
            panel,
            numbers,
            binary,
            weight,
            cross_section: raw.cross_section,
            units,
            periods,
        }
    }
}

impl Raw {
    /// Rows: some entities, in a window of periods.
    fn keep(&self, stream: &mut Stream) -> Vec<usize> {
        let n = self.entity.len();
        if self.cross_section {
            let wanted = (60 + stream.below(500)).min(n);
            let mut rows = stream.order(n);
            rows.truncate(wanted);
            rows.sort_unstable();
            return rows;
        }
        let mut entities = self.entity.clone();
        entities.sort_unstable();
        entities.dedup();
        let order = stream.order(entities.len());
        let most = (5 + stream.below(45)).min(entities.len());
        let chosen: Vec<i32> = order[..most].iter().map(|&at| entities[at]).collect();
        let (first, last) = (self.period.iter().min().unwrap(), self.period.iter().max().unwrap());
        let span = usize::try_from(last - first + 1).unwrap();
        let width = if span <= 4 { span } else { 4 + stream.below(span - 3) }.min(16);
        let start = first + i32::try_from(stream.below(span - width + 1)).unwrap();
        let inside = start..start + i32::try_from(width).unwrap();
        let row =
            |&row: &usize| inside.contains(&self.period[row]) && chosen.contains(&self.entity[row]);
        (0..n).filter(row).collect()
    }
}

/// The values between the tenth and the ninetieth percentile, others at these.
fn winsorized(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (numbers::quantile(&sorted, 0.1), numbers::quantile(&sorted, 0.9));
    values.iter().map(|v| if v.is_nan() { *v } else { v.clamp(low, high) }).collect()
}

/// A word that a formula reads as a name, as short as papers have it.
fn label(name: &str) -> String {
    let short: String = name.split('_').take(2).collect::<Vec<_>>().join("_");
    let word: String = short.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    if word == ENTITY || word == PERIOD { format!("v_{word}") } else { word }
}
