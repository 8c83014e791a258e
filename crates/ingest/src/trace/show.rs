//! A trace as a tree of lines.

use std::fmt;

use super::{Cell, Origin, Taken, Trace, Value};

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        self.lines("", "", &mut lines);
        lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl Trace {
    /// Lines of the tree; the first begins with `first`, the others with `rest`.
    fn lines(&self, first: &str, rest: &str, out: &mut Vec<String>) {
        let unit = self.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
        let Self { column, entity, period, value, tier, .. } = self;
        out.push(format!("{first}{column} of {entity} in {period}: {value}{unit} ({tier})"));
        match &self.origin {
            Origin::Key => out.push(format!("{rest}   the key of the row")),
            Origin::NoRow { file } => {
                out.push(format!("{rest}   {file} has no row for it"));
            }
            Origin::Cell(cell) => {
                out.extend(cell.lines().into_iter().map(|line| format!("{rest}   {line}")));
            }
            Origin::Made { from, steps } => {
                let arms =
                    |last: bool| if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
                let (arm, below) = arms(steps.is_empty());
                from.lines(&format!("{rest}{arm}"), &format!("{rest}{below}"), out);
                let mut before = &from.value;
                for (at, taken) in steps.iter().enumerate() {
                    let (arm, below) = arms(at + 1 == steps.len());
                    out.push(format!("{rest}{arm}{}", taken.line(before)));
                    for (at, by) in taken.by.iter().enumerate() {
                        let (inner, deeper) = arms(at + 1 == taken.by.len());
                        let (first, rest) =
                            (format!("{rest}{below}{inner}"), format!("{rest}{below}{deeper}"));
                        by.lines(&first, &rest, out);
                    }
                    before = &taken.after;
                }
            }
        }
    }
}

impl Taken {
    fn line(&self, before: &Value) -> String {
        let Self { step, after, .. } = self;
        if after.same(before) {
            format!("{step}: {after}, unchanged")
        } else {
            format!("{step}: {before} becomes {after}")
        }
    }
}

impl Cell {
    fn lines(&self) -> Vec<String> {
        let text = self.text.as_ref().map_or_else(String::new, |text| format!(" \"{text}\""));
        let label = self.label.as_ref().map_or_else(String::new, |own| format!(", for `{own}`"));
        let mut lines = vec![format!("{}, `{}`{text}{label}", self.place, self.column)];
        lines.push(format!("sha256 {}", self.sha256));
        lines.extend(self.provenance.clone());
        lines
    }
}

impl Value {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(x), Self::Number(y)) => {
                x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()
            }
            (a, b) => a == b,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(x) if x.is_nan() => f.write_str("missing"),
            Self::Number(x) => write!(f, "{x}"),
            Self::Label(label) if label.is_empty() => f.write_str("missing"),
            Self::Label(label) => f.write_str(label),
        }
    }
}
