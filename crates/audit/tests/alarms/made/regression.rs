//! From columns to a printed regression table.

use estimate::{Coefficient, Constant, Fit, Hc, Vcov};
use testkit::Stream;

use super::column::{Column, Effects, Method};
use super::data::{ENTITY, PERIOD};
use super::paper::{Cell, Facts, Paper, Row, Table};
use super::print::{Digits, Style};

/// How a paper's regression tables look.
#[derive(Debug, Clone)]
pub struct Layout {
    pub style: Style,
    pub brackets: Brackets,
    pub stars: Vec<f64>,
    /// Whether the table says what its stars and its brackets mean.
    pub legend: bool,
    pub note: bool,
    pub dependent: bool,
    pub constant: &'static str,
    pub n: Option<&'static str>,
    pub r2: Option<R2>,
    pub adjusted: bool,
    pub statistics: bool,
    /// Whether rows such as `Year FE` are printed.
    pub effects: bool,
    pub yes: [&'static str; 2],
    /// Whether t statistics are printed without their sign, as old programs did.
    pub absolute: bool,
    /// Whether rows have decimals of their own.
    pub mixed: bool,
    pub tests: Tests,
    /// Whether t and p have rows of their own below the estimates.
    pub beside: bool,
}

/// What stars come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tests {
    #[default]
    TwoSided,
    /// Of effects above zero; of those below it there are no stars.
    OneSided,
    /// A p value that is another than that of t.
    Bootstrap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brackets {
    Se,
    T,
    Z,
    P,
    None,
}

/// Which R² stands in the row `R2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum R2 {
    /// What the program of the column prints.
    Program,
    Full,
    Within,
    Adjusted,
    Overall,
}

/// A column of a table, and how much of it is printed.
pub struct Shown {
    pub column: Column,
    /// Terms of which only `Controls: YES` is printed.
    pub hidden: Vec<String>,
    /// What the table calls a term, where that is not its own name.
    pub called: Vec<(String, String)>,
    /// Whether its rows are said to be a sample that it shares.
    pub shares: bool,
    pub header: Option<String>,
}

impl Shown {
    pub fn plain(column: Column) -> Self {
        Self { column, hidden: Vec::new(), called: Vec::new(), shares: true, header: None }
    }

    fn label(&self, term: &str) -> String {
        let called = self.called.iter().find(|(of, _)| of == term);
        called.map_or_else(|| term.to_owned(), |(_, called)| called.clone())
    }

    fn is_indicator(term: &str) -> bool {
        term.starts_with(&format!("{PERIOD}::"))
    }

    /// Whether a coefficient has a row of its own.
    fn printed(&self, term: &str, indicators: bool) -> bool {
        if Self::is_indicator(term) { indicators } else { !self.hidden.iter().any(|of| of == term) }
    }
}

/// What is printed of a coefficient.
type Text<'t> = &'t dyn Fn(&Coefficient) -> String;

impl Layout {
    pub fn draw(stream: &mut Stream) -> Self {
        let one = |stream: &mut Stream, from: &[&'static str]| from[stream.below(from.len())];
        let stars: &[f64] = match stream.below(5) {
            0 => &[0.05, 0.01, 0.001],
            1 => &[0.1, 0.05, 0.01, 0.001],
            2 => &[0.05, 0.01],
            _ => &[0.1, 0.05, 0.01],
        };
        let brackets = match stream.below(8) {
            0..4 => Brackets::Se,
            4 | 5 => Brackets::T,
            6 => [Brackets::Z, Brackets::P][stream.below(2)],
            _ => [Brackets::P, Brackets::None][stream.below(2)],
        };
        let r2 = match stream.below(8) {
            0 => None,
            1 | 2 => Some(R2::Full),
            3 => Some(R2::Within),
            4 => Some(R2::Adjusted),
            5 => Some(R2::Overall),
            _ => Some(R2::Program),
        };
        Self {
            style: Style::draw(stream),
            brackets,
            stars: stars.to_vec(),
            legend: stream.below(8) > 0,
            note: stream.below(5) > 0,
            dependent: stream.below(5) > 0,
            constant: one(stream, &["Constant", "Constant", "_cons", "Intercept", "(Intercept)"]),
            n: match stream.below(8) {
                0 => None,
                1..=4 => Some("N"),
                _ => Some(one(stream, &["Observations", "Obs.", "Obs", "Number of observations"])),
            },
            r2,
            adjusted: stream.below(4) == 0,
            statistics: stream.below(3) == 0,
            effects: stream.below(5) > 0,
            yes: [["YES", "NO"], ["Yes", "No"], ["Y", "N"], ["Yes", ""], ["✓", ""]]
                [stream.below(5)],
            absolute: stream.below(8) == 0,
            mixed: stream.below(8) == 0,
            tests: Tests::TwoSided,
            beside: false,
        }
    }

    /// Habits that authors have and programs do not, from a stream of their own.
    pub fn habits(&mut self, stream: &mut Stream) {
        self.style.twice = stream.below(8) == 0;
        self.tests = match stream.below(12) {
            0 => Tests::OneSided,
            1 => Tests::Bootstrap,
            _ => Tests::TwoSided,
        };
        self.beside = stream.below(8) == 0;
    }

    fn stars_of(&self, c: &Coefficient) -> usize {
        let p = match self.tests {
            Tests::TwoSided => c.p_value,
            Tests::OneSided if c.estimate > 0.0 => 0.5 * c.p_value,
            Tests::OneSided => 1.0,
            // By the digits of the estimate: less or more than p, up to twelve times.
            Tests::Bootstrap => {
                c.p_value * (5.0 * (c.estimate.to_bits() % 101) as f64 / 100.0 - 2.5).exp()
            }
        };
        usize::from(published::stars_for(p, &self.stars))
    }

    /// Rows of t and p below one of coefficients.
    fn rows_below(&self, label: &str, of: &dyn Fn(Text<'_>) -> Vec<Cell>) -> Vec<Row> {
        let (t, p) = (self.style.with(Digits::Fixed(2)), self.style.with(Digits::Fixed(3)));
        let t_text =
            |c: &Coefficient| t.number(if self.absolute { c.statistic.abs() } else { c.statistic });
        let p_text = |c: &Coefficient| p.number(c.p_value);
        let mut rows = Vec::new();
        if matches!(self.brackets, Brackets::Se | Brackets::P | Brackets::None) {
            rows.push(Row::new(format!("{label}: t"), of(&t_text)));
        }
        if self.brackets != Brackets::P {
            rows.push(Row::new(format!("{label}: p"), of(&p_text)));
        }
        rows
    }

    pub fn cell(&self, c: &Coefficient) -> Cell {
        let inside = match self.brackets {
            Brackets::Se => Some(c.std_error),
            Brackets::T | Brackets::Z if self.absolute => Some(c.statistic.abs()),
            Brackets::T | Brackets::Z => Some(c.statistic),
            Brackets::P => Some(c.p_value),
            Brackets::None => None,
        };
        let style = match (self.brackets, self.style.digits) {
            // Programs print t with two or three decimals whatever the estimates have.
            (Brackets::T | Brackets::Z, Digits::Fixed(4 | 5)) => self.style.with(Digits::Fixed(2)),
            (Brackets::P, Digits::Fixed(2)) => self.style.with(Digits::Fixed(3)),
            _ => self.style,
        };
        Cell::Number {
            estimate: self.style.number(c.estimate),
            stars: self.stars_of(c),
            uncertainty: inside.map(|x| style.number(x)),
        }
    }

    fn r2_of(kind: R2, column: &Column) -> Option<f64> {
        if let Some(pseudo) = column.pseudo_r2 {
            return Some(pseudo);
        }
        let r2 = column.r2?;
        let like = column.ask.errors.like.name;
        let absorbed =
            !matches!(column.ask.effects, Effects::None | Effects::Indicators { unit: false });
        match (kind, &column.ask.method) {
            (R2::Program, Method::Random(_)) | (R2::Overall, _) => r2.overall,
            (R2::Program, Method::Between) => Some(r2.r2),
            (R2::Program, _)
                if absorbed
                    && matches!(like, "stata-xtreg" | "plm" | "plm-sss" | "linearmodels") =>
            {
                Some(r2.within)
            }
            (R2::Program | R2::Full, _) => Some(r2.r2),
            (R2::Within, _) => Some(r2.within),
            (R2::Adjusted, _) => Some(r2.adjusted),
        }
    }
}

/// A regression table of columns that are estimated already; `None` if there is nothing to print.
pub fn table(
    paper: &mut Paper,
    layout: &Layout,
    stream: &mut Stream,
    shown: &[Shown],
    title: &str,
) -> Option<String> {
    if shown.is_empty() {
        return None;
    }
    let id = (paper.tables.len() + 1).to_string();
    let indicators = stream.below(4) == 0;
    let headers: Vec<String> = shown
        .iter()
        .enumerate()
        .map(|(at, shown)| match &shown.header {
            Some(header) => format!("({}) {header}", at + 1),
            None => format!("({})", at + 1),
        })
        .collect();
    let is_constant = |term: &str| term == Fit::CONSTANT;
    let mut labels: Vec<String> = Vec::new();
    for shown in shown {
        for c in &shown.column.coefficients {
            let label = shown.label(&c.term);
            if !is_constant(&c.term)
                && shown.printed(&c.term, indicators)
                && !labels.contains(&label)
            {
                labels.push(label);
            }
        }
    }
    let cells = |of: &dyn Fn(&Shown) -> Option<Cell>| -> Vec<Cell> {
        shown.iter().map(|shown| of(shown).unwrap_or_else(Cell::blank)).collect()
    };
    let mut rows: Vec<Row> = Vec::new();
    for label in labels {
        let mut layout = layout.clone();
        if layout.mixed {
            layout.style = layout.style.with(Digits::Fixed(2 + stream.below(5)));
        }
        let found = |shown: &Shown| {
            let mut all = shown.column.coefficients.iter();
            let found = all.find(|c| {
                !is_constant(&c.term)
                    && shown.printed(&c.term, indicators)
                    && shown.label(&c.term) == label
            });
            found.cloned()
        };
        rows.push(Row::slopes(label.clone(), cells(&|shown| Some(layout.cell(&found(shown)?)))));
        if layout.beside {
            let of = |text: Text<'_>| cells(&|shown| Some(Cell::number(text(&found(shown)?))));
            rows.extend(layout.rows_below(&label, &of));
        }
    }
    let hides_constant = stream.below(8) == 0;
    if !hides_constant
        && shown.iter().any(|shown| shown.column.coefficient(Fit::CONSTANT).is_some())
    {
        let of = |shown: &Shown| Some(layout.cell(shown.column.coefficient(Fit::CONSTANT)?));
        rows.push(Row::slopes(layout.constant, cells(&of)));
    }
    let [yes, no] = layout.yes;
    let says = |is: bool| Some(Cell::Words(if is { yes } else { no }.to_owned()));
    if shown.iter().any(|shown| !shown.hidden.is_empty()) {
        let label = ["Control variables", "Controls", "Control Variables"][stream.below(3)];
        rows.push(Row::new(label, cells(&|shown| says(!shown.hidden.is_empty()))));
    }
    if layout.effects && shown.iter().any(|shown| shown.column.ask.effects != Effects::None) {
        let kind = stream.below(3);
        let unit =
            [format!("{ENTITY} FE"), "Unit fixed effects".to_owned(), "Individual FE".to_owned()];
        let period = ["Year FE".to_owned(), "Year dummies".to_owned(), format!("{PERIOD} FE")];
        rows.push(Row::new(
            unit[kind].clone(),
            cells(&|shown| says(shown.column.ask.effects.unit())),
        ));
        rows.push(Row::new(
            period[kind].clone(),
            cells(&|shown| says(shown.column.ask.effects.period())),
        ));
    }
    if let Some(label) = layout.n {
        let of = |shown: &Shown| Some(Cell::number(layout.style.count(shown.column.n)));
        rows.push(Row::new(label, cells(&of)));
    }
    let style = match layout.style.digits {
        Digits::Adaptive(_) => layout.style.with(Digits::Fixed(3)),
        _ => layout.style,
    };
    let number = |x: f64| Some(Cell::number(style.number(x)));
    if let Some(kind) = layout.r2 {
        let label = match kind {
            R2::Adjusted => ["Adjusted R2", "Adj. R2", "Adjusted R-squared"][stream.below(3)],
            R2::Within => ["Within R2", "R2 (within)", "R2"][stream.below(3)],
            R2::Overall => ["R2", "Overall R2"][stream.below(2)],
            _ => ["R2", "R2", "R-squared", "R²"][stream.below(4)],
        };
        let pseudo = shown.iter().any(|shown| shown.column.pseudo_r2.is_some());
        let pseudo = pseudo && !matches!(kind, R2::Adjusted | R2::Overall | R2::Within);
        let label = if pseudo && stream.below(2) == 0 { "Pseudo R2" } else { label };
        let row = cells(&|shown| number(Layout::r2_of(kind, &shown.column)?));
        rows.push(Row::new(label, row));
        if layout.adjusted && kind != R2::Adjusted {
            let of = |shown: &Shown| {
                let r2 = shown.column.r2?;
                number(if kind == R2::Within { r2.within_adjusted } else { r2.adjusted })
            };
            rows.push(Row::new("Adjusted R2", cells(&of)));
        }
    }
    if layout.statistics {
        let two = layout.style.with(Digits::Fixed(2));
        let number = |x: f64| Some(Cell::number(two.number(x)));
        match stream.below(6) {
            4 if layout.r2 != Some(R2::Within) && layout.r2 != Some(R2::Overall) => {
                let within =
                    |shown: &Shown| Some(Cell::number(style.number(shown.column.r2?.within)));
                rows.push(Row::new("R2 (within)", cells(&within)));
                let between =
                    |shown: &Shown| Some(Cell::number(style.number(shown.column.r2?.between?)));
                rows.push(Row::new("R2 (between)", cells(&between)));
                let overall =
                    |shown: &Shown| Some(Cell::number(style.number(shown.column.r2?.overall?)));
                rows.push(Row::new("R2 (overall)", cells(&overall)));
            }
            5 => {
                let count = |shown: &Shown| Some(Cell::number(shown.column.clusters?.to_string()));
                rows.push(Row::new("Number of clusters", cells(&count)));
            }
            0 => rows.push(Row::new("F", cells(&|shown| number(shown.column.f?.statistic)))),
            1 => rows.push(Row::new(
                "Log likelihood",
                cells(&|shown| number(shown.column.log_likelihood?)),
            )),
            2 => {
                let count = |shown: &Shown| Some(Cell::number(shown.column.groups.to_string()));
                rows.push(Row::new("Number of units", cells(&count)));
            }
            _ => {
                let of = |shown: &Shown| Some(Cell::number(style.number(shown.column.sigma?)));
                rows.push(Row::new("RMSE", cells(&of)));
            }
        }
    }
    rows.retain(|row| row.cells.iter().any(|cell| *cell != Cell::blank()));
    if rows.is_empty() {
        return None;
    }
    for (shown, header) in shown.iter().zip(&headers) {
        paper.columns.push(facts(shown, &format!("{id}/{header}"), indicators, layout.n.is_some()));
    }
    let dependent = |shown: &Shown| shown.label(&shown.column.ask.outcome);
    paper.tables.push(Table {
        id: id.clone(),
        kind: "regression",
        uncertainty: match layout.brackets {
            _ if !layout.note => None,
            Brackets::Se => Some("standard error"),
            Brackets::T => Some("t statistic"),
            Brackets::Z => Some("z statistic"),
            Brackets::P => Some("p value"),
            Brackets::None => None,
        },
        stars: if layout.legend { layout.stars.clone() } else { Vec::new() },
        columns: headers,
        stub: 0,
        dependent: if layout.dependent {
            shown.iter().map(dependent).collect()
        } else {
            Vec::new()
        },
        rows,
        threshold: None,
        effects: None,
    });
    paper.about.push(format!("{id}: {title}"));
    Some(id)
}

fn facts(shown: &Shown, id: &str, indicators: bool, n_printed: bool) -> Facts {
    let Column { ask, n, rows, clusters, .. } = &shown.column;
    let with_indicators = matches!(ask.effects, Effects::Indicators { .. })
        || ask.effects == Effects::Both
            && (ask.errors.like.absorbs_first_only
                || matches!(ask.constant, Constant::Omitting(_)));
    let mut absorbs = Vec::new();
    if ask.effects.unit() {
        absorbs.push(ENTITY.to_owned());
    }
    let printed =
        shown.column.coefficients.iter().any(|c| Shown::is_indicator(&c.term)) && indicators;
    if ask.effects.period() && !printed {
        absorbs.push(PERIOD.to_owned());
    }
    let printed =
        shown.column.coefficients.iter().any(|c| Shown::is_indicator(&c.term)) && indicators;
    Facts {
        id: id.to_owned(),
        n: *n,
        outcome: shown.label(&ask.outcome),
        absorbs,
        indicators: with_indicators && !printed,
        errors: match &ask.errors.vcov {
            _ if ask.method == Method::Instrument(String::new()) => "other",
            Vcov::Iid => "iid",
            Vcov::Robust(Hc::Hc0) => "HC0",
            Vcov::Robust(Hc::Hc1) => "HC1",
            Vcov::Robust(Hc::Hc2) => "HC2",
            Vcov::Robust(_) => "HC3",
            Vcov::Cluster(_) | Vcov::Multiway(_) => "cluster",
            _ => "other",
        },
        clusters: *clusters,
        unprinted: shown.hidden.len(),
        estimator: match (&ask.method, &ask.weights) {
            (Method::Ls, None) => "ls",
            (Method::Random(_), _) => "random-effects",
            (Method::Instrument(by), _) if !by.is_empty() => "iv",
            (Method::Binary(estimate::Link::Probit), _) => "probit",
            (Method::Binary(_), _) => "logit",
            _ => "other",
        },
        n_printed,
        rows: if shown.shares { rows.clone() } else { Vec::new() },
        ask: ask.clone(),
        weights: ask.weights.as_ref().map(ToString::to_string),
    }
}
