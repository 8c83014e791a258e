//! Outputs of other software on public data, of which no number goes unread.
//!
//! A case is a folder, `fixtures/reference/<name>`, of two files:
//!
//! ```text
//! data.csv         the first column is the entity, the second the period; or rows without keys
//! reference.json   [{model, software, call, vcov, notes, term, estimate, std_error, …}, …]
//! ```
//!
//! The texts of a record say what was computed. Its numbers are either compared or deferred with
//! a reason, one by one; [`Case::finish`] fails on every number that was neither.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use panel::{Column, Factor, Index, Panel};
use serde_json::Value;

use crate::relative_gap;

/// The fields that may hold text: everything else is a number, or a mistake.
const TEXTS: [&str; 12] = [
    "model",
    "software",
    "call",
    "vcov",
    "notes",
    "term",
    "test",
    "alternative",
    "covariate",
    "variant",
    "grid",
    "inequality",
];

/// Reference records on one data set.
#[derive(Debug)]
pub struct Case {
    name: String,
    panel: Panel,
    records: Vec<Record>,
}

/// One row of another program's output.
#[derive(Debug, Clone)]
pub struct Record {
    at: usize,
    texts: BTreeMap<String, String>,
    numbers: BTreeMap<String, Number>,
    deferred: Option<String>,
    complaints: Vec<String>,
}

#[derive(Debug, Clone)]
struct Number {
    value: f64,
    fate: Fate,
}

#[derive(Debug, Clone, PartialEq)]
enum Fate {
    Unread,
    Compared,
    Deferred(String),
}

/// What became of the records of a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Records of which at least one number was compared.
    pub compared: usize,
    /// Numbers compared.
    pub numbers: usize,
    /// Records deferred as a whole, by reason.
    pub deferred: BTreeMap<String, usize>,
    /// Numbers deferred in records of which others were compared, by reason.
    pub deferred_numbers: BTreeMap<String, usize>,
}

impl Case {
    /// Reads `fixtures/reference/<name>`, whose data are a panel.
    pub fn load(name: &str) -> Self {
        Self::new(name, panel(&file(name, "data.csv")), &file(name, "reference.json"))
    }

    /// Reads `fixtures/reference/<name>`, whose data are rows without keys.
    pub fn load_rows(name: &str) -> Self {
        Self::new(name, cross_section(&file(name, "data.csv")), &file(name, "reference.json"))
    }

    /// A case from the texts of its two files.
    pub fn parse(name: &str, data: &str, reference: &str) -> Self {
        Self::new(name, panel(data), reference)
    }

    /// A case from the texts of its two files, whose data are rows without keys.
    pub fn parse_rows(name: &str, data: &str, reference: &str) -> Self {
        Self::new(name, cross_section(data), reference)
    }

    fn new(name: &str, panel: Panel, reference: &str) -> Self {
        let records: Vec<Value> = serde_json::from_str(reference).unwrap();
        assert!(!records.is_empty(), "{name}: no records");
        Self {
            name: name.to_owned(),
            panel,
            records: records.iter().enumerate().map(|(at, value)| Record::new(at, value)).collect(),
        }
    }

    /// The data, rows sorted by entity and period.
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// The records, in the order of the file.
    pub fn records(&mut self) -> &mut [Record] {
        &mut self.records
    }

    /// Fails on every number that differs, and on every one that nobody looked at.
    pub fn finish(self) -> Summary {
        let mut summary = Summary::default();
        let mut complaints = Vec::new();
        for record in &self.records {
            complaints.extend(record.complaints.iter().cloned());
            let unread: Vec<&str> = record.unread().collect();
            if !unread.is_empty() {
                let visited = unread.len() < record.numbers.len();
                let what = if visited { unread.join(", ") } else { "the whole record".to_owned() };
                complaints.push(format!("{record}: neither compared nor deferred: {what}"));
            }
            let n = record.numbers.values().filter(|n| n.fate == Fate::Compared).count();
            summary.numbers += n;
            summary.compared += usize::from(n > 0);
            if let Some(reason) = &record.deferred {
                *summary.deferred.entry(reason.clone()).or_default() += 1;
                continue;
            }
            for number in record.numbers.values() {
                if let Fate::Deferred(reason) = &number.fate {
                    *summary.deferred_numbers.entry(reason.clone()).or_default() += 1;
                }
            }
        }
        if !complaints.is_empty() {
            let mut message = format!("{}: {} complaints\n", self.name, complaints.len());
            for complaint in complaints.iter().take(60) {
                let _ = writeln!(message, "  {complaint}");
            }
            panic!("{message}");
        }
        summary
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let deferred: usize = self.deferred.values().sum();
        writeln!(f, "{} records compared in {} numbers", self.compared, self.numbers)?;
        writeln!(f, "{deferred} records deferred")?;
        for (reason, count) in &self.deferred {
            writeln!(f, "  {count:4}  {reason}")?;
        }
        writeln!(f, "{} more numbers deferred", self.deferred_numbers.values().sum::<usize>())?;
        for (reason, count) in &self.deferred_numbers {
            writeln!(f, "  {count:4}  {reason}")?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let software = self.text("software").split(' ').next().unwrap_or_default();
        let (model, call, term) = (self.text("model"), self.text("call"), self.text("term"));
        write!(f, "#{} {model} · {software} · {call} · `{term}`", self.at)
    }
}

impl Record {
    fn new(at: usize, value: &Value) -> Self {
        let (mut texts, mut numbers) = (BTreeMap::new(), BTreeMap::new());
        flatten("", value, &mut texts, &mut numbers);
        Self { at, texts, numbers, deferred: None, complaints: Vec::new() }
    }

    /// A field that says what was computed; empty if the record has no such field.
    pub fn text(&self, field: &str) -> &str {
        self.texts.get(field).map_or("", String::as_str)
    }

    /// The published value of a numeric field, if there is one. Looking is not comparing.
    pub fn published(&self, field: &str) -> Option<f64> {
        self.numbers.get(field).map(|number| number.value)
    }

    /// Compares a number with ours, relative to the larger of the two.
    ///
    /// `field` is a path: `std_error`, `model_level.F_or_chisq.df[1]`.
    pub fn compare(&mut self, field: &str, ours: f64, tolerance: f64) {
        let gap = self.read(field).map(|theirs| (theirs, relative_gap(ours, theirs)));
        self.judge(field, ours, gap, tolerance);
    }

    /// Compares a number with ours by their absolute difference.
    ///
    /// For a number that its program computed as a difference: it has no relative precision.
    pub fn compare_absolutely(&mut self, field: &str, ours: f64, tolerance: f64) {
        let gap = self.read(field).map(|theirs| (theirs, (ours - theirs).abs()));
        self.judge(field, ours, gap, tolerance);
    }

    fn judge(&mut self, field: &str, ours: f64, gap: Option<(f64, f64)>, tolerance: f64) {
        match gap {
            None => self.complaints.push(format!("{self}: no number `{field}` to compare with")),
            Some((_, gap)) if gap <= tolerance => {}
            Some((theirs, gap)) => self.complaints.push(format!(
                "{self}: `{field}` ours {ours:.17e}, theirs {theirs:.17e}: apart by {gap:.1e}"
            )),
        }
    }

    /// Leaves a number uncompared, and says why.
    pub fn defer(&mut self, field: &str, reason: &str) {
        match self.numbers.get_mut(field) {
            Some(Number { fate: fate @ Fate::Unread, .. }) => {
                *fate = Fate::Deferred(reason.to_owned());
            }
            _ => self.complaints.push(format!("{self}: no unread number `{field}` to defer")),
        }
    }

    /// Leaves all numbers of the record uncompared, and says why.
    pub fn defer_all(&mut self, reason: &str) {
        self.deferred = Some(reason.to_owned());
        for field in self.unread().map(str::to_owned).collect::<Vec<_>>() {
            self.defer(&field, reason);
        }
    }

    /// The paths of all numeric fields.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.numbers.keys().map(String::as_str)
    }

    /// Numbers that are neither compared nor deferred.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        let unread = self.numbers.iter().filter(|(_, number)| number.fate == Fate::Unread);
        unread.map(|(field, _)| field.as_str())
    }

    fn read(&mut self, field: &str) -> Option<f64> {
        let number = self.numbers.get_mut(field)?;
        number.fate = Fate::Compared;
        Some(number.value)
    }
}

/// Sorts the leaves of a record into texts and numbers. A number in quotes is a number; null is
/// what its program did not report.
fn flatten(
    path: &str,
    value: &Value,
    texts: &mut BTreeMap<String, String>,
    numbers: &mut BTreeMap<String, Number>,
) {
    let mut number = |value| numbers.insert(path.to_owned(), Number { value, fate: Fate::Unread });
    match value {
        Value::Null => {}
        Value::Number(value) => {
            number(value.as_f64().unwrap());
        }
        Value::String(text) => {
            let leaf = path.rsplit('.').next().unwrap_or_default();
            if TEXTS.contains(&leaf) {
                texts.insert(path.to_owned(), text.clone());
            } else {
                let value = text.parse();
                number(value.unwrap_or_else(|_| panic!("`{path}` is a text: \"{text}\"")));
            }
        }
        Value::Bool(_) => panic!("`{path}` is neither a text nor a number"),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                flatten(&format!("{path}[{i}]"), item, texts, numbers);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(&format!("{path}{dot}{name}"), item, texts, numbers);
            }
        }
    }
}

/// The text of a file of `fixtures/reference/<case>`.
pub fn file(case: &str, name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reference");
    let path: PathBuf = root.join(case).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A panel from CSV: the first two columns are the entity and the period.
pub fn panel(csv: &str) -> Panel {
    let mut columns = cells(csv).into_iter();
    let (entity_name, entity) = columns.next().unwrap();
    let (period_name, period) = columns.next().unwrap();
    let whole: Option<Vec<i32>> = entity.iter().map(|cell| cell.parse().ok()).collect();
    let index = Index {
        entity_name,
        entity: match whole {
            Some(whole) => Factor::from_numbers(&whole),
            None => Factor::from_names(entity.iter().map(|cell| Some(cell.as_str()))),
        },
        period_name,
        period: period.iter().map(|cell| cell.parse().unwrap()).collect(),
    };
    Panel::new(index, columns.map(|(name, cells)| (name, column(&cells)))).unwrap()
}

/// A panel from CSV without keys: every row is its own entity, `_row`, in period `_t` 0.
pub fn cross_section(csv: &str) -> Panel {
    let columns = cells(csv);
    let n = columns.first().map_or(0, |(_, cells)| cells.len());
    let index = Index {
        entity_name: "_row".to_owned(),
        entity: Factor::from_numbers(&(1..).take(n).collect::<Vec<i32>>()),
        period_name: "_t".to_owned(),
        period: vec![0; n],
    };
    Panel::new(index, columns.into_iter().map(|(name, cells)| (name, column(&cells)))).unwrap()
}

/// Names of columns, and their cells.
fn cells(csv: &str) -> Vec<(String, Vec<String>)> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let mut columns: Vec<(String, Vec<String>)> =
        reader.headers().unwrap().iter().map(|name| (name.to_owned(), Vec::new())).collect();
    for row in reader.records() {
        for ((_, column), cell) in columns.iter_mut().zip(&row.unwrap()) {
            column.push(cell.to_owned());
        }
    }
    columns
}

/// A column of numbers is a number column.
fn column(cells: &[String]) -> Column {
    let number = |cell: &String| match cell.as_str() {
        "" | "NA" => Some(f64::NAN),
        cell => cell.parse().ok(),
    };
    match cells.iter().map(number).collect::<Option<Vec<f64>>>() {
        Some(numbers) => Column::Number(numbers),
        None => Column::Category(Factor::from_names(cells.iter().map(|c| Some(c.as_str())))),
    }
}

#[cfg(test)]
mod tests {
    use super::Case;

    const DATA: &str = "id,year,x,where\n1,2001,0.5,east\n1,2002,NA,west\n2,2001,3,east\n";
    const RECORDS: &str = r#"[
        {"model": "m", "software": "s 1", "call": "a", "term": "x", "estimate": 2, "std_error": 1.0,
         "statistic": null, "model_level": {"n": 3, "f": {"test": "F", "df": [1, 2], "p": "0.5"}}},
        {"model": "m", "software": "s 1", "call": "b", "term": null, "estimate": 4}
    ]"#;

    fn case() -> Case {
        Case::parse("toy", DATA, RECORDS)
    }

    fn compare_all(case: &mut Case) {
        let fields = [
            ("estimate", 2.0),
            ("std_error", 1.0),
            ("model_level.n", 3.0),
            ("model_level.f.df[0]", 1.0),
            ("model_level.f.df[1]", 2.0),
            ("model_level.f.p", 0.5),
        ];
        for (field, value) in fields {
            case.records()[0].compare(field, value, 0.0);
        }
    }

    #[test]
    fn all_read() {
        let mut case = case();
        assert_eq!(case.panel().n_rows(), 3);
        compare_all(&mut case);
        case.records()[1].defer_all("later");
        let summary = case.finish();
        assert_eq!((summary.compared, summary.numbers), (1, 6));
        assert_eq!(summary.deferred["later"], 1);
        assert!(summary.deferred_numbers.is_empty());
    }

    #[test]
    #[should_panic(expected = "neither compared nor deferred: model_level.f.p")]
    fn one_number_unread() {
        let mut case = case();
        for (field, value) in [("estimate", 2.0), ("std_error", 1.0), ("model_level.n", 3.0)] {
            case.records()[0].compare(field, value, 0.0);
        }
        case.records()[0].defer("model_level.f.df[0]", "later");
        case.records()[0].compare_absolutely("model_level.f.df[1]", 2.0, 0.0);
        case.records()[1].defer_all("later");
        case.finish();
    }

    #[test]
    #[should_panic(expected = "#1 m · s · b · ``: neither compared nor deferred: the whole record")]
    fn one_record_unread() {
        let mut case = case();
        compare_all(&mut case);
        case.finish();
    }

    #[test]
    #[should_panic(expected = "#1 m · s · b · ``: `estimate` ours 4.5")]
    fn one_number_off() {
        let mut case = case();
        compare_all(&mut case);
        case.records()[1].compare("estimate", 4.5, 1e-9);
        case.finish();
    }

    #[test]
    #[should_panic(expected = "no number `estimat` to compare with")]
    fn a_field_that_is_not_there() {
        let mut case = case();
        compare_all(&mut case);
        case.records()[1].defer_all("later");
        case.records()[1].compare("estimat", 4.0, 1e-9);
        case.finish();
    }

    #[test]
    #[should_panic(expected = "no unread number `estimate` to defer")]
    fn a_number_is_not_deferred_after_it_was_compared() {
        let mut case = case();
        compare_all(&mut case);
        case.records()[0].defer("estimate", "it differs");
        case.records()[1].defer_all("later");
        case.finish();
    }

    #[test]
    #[should_panic(expected = "`model_level.se` is a text")]
    fn an_unknown_text() {
        Case::parse("toy", DATA, r#"[{"model": "m", "model_level": {"se": "robust"}}]"#);
    }
}
