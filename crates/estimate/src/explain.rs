//! Why two standard errors of one model differ.

use std::fmt;

use panel::{Factor, Model, Panel, Term};

use crate::{Constant, Design, Error, Fit, Reference, Rows, Spec, Vcov, linear};

/// Two standard errors of one model, ingredient by ingredient.
///
/// Side 0 is the first spec, side 1 the second; a ratio is the first over the second.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The covariance and the convention of each side.
    pub sides: [Side; 2],
    /// Every choice and count behind the standard errors, in the order of their use.
    pub ingredients: Vec<Ingredient>,
    /// What they come to, a regressor each.
    pub terms: Vec<ExplainedTerm>,
}

/// Whose standard error.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// The covariance estimator.
    pub vcov: Vcov,
    /// The name of the convention.
    pub convention: &'static str,
}

/// One ingredient of both standard errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Ingredient {
    /// What it is called.
    pub name: &'static str,
    /// What it is on each side.
    pub values: [Quantity; 2],
    /// The part of the ratio that is its own; the others act through those.
    pub part: Option<Part>,
}

/// The value of an ingredient.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// It does not apply.
    None,
    /// A count.
    Count(usize),
    /// A factor of the variance and its formula.
    Factor(&'static str, f64),
    /// A choice.
    Text(String),
}

/// The parts whose product is the ratio of two standard errors.
///
/// They are taken one after the other on the way from the second side to the first, in this
/// order: the rows change while everything else, counts and factor included, is as on the second
/// side; then the covariance estimator, without its factor; then the factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Other rows: singletons are kept or dropped.
    Sample,
    /// Another covariance estimator, without its small-sample factor.
    Covariance,
    /// Another form of the factor from rows and parameters; all of that factor where one side
    /// has none.
    Rows,
    /// Another number of parameters `K` in that factor, where both sides count them.
    Parameters,
    /// `G/(G−1)`.
    Clusters,
}

/// The two standard errors of a regressor.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedTerm {
    /// The regressor.
    pub term: Term,
    /// `β̂_j`, which differ only if the rows do.
    pub estimates: [f64; 2],
    /// The standard errors.
    pub std_errors: [f64; 2],
    /// The ratio of each part, in the order of [`Part`]; 1 where nothing changes.
    pub parts: [(Part, f64); 5],
}

/// Explains why the standard errors of a model differ between two specs.
///
/// ```text
/// se = √(c · v)      c = rows(n, K) · [G/(G−1)]      se₀/se₁ = sample · covariance · rows · K · G
/// ```
///
/// Rows are dropped as each side's convention says, so that the samples may differ.
///
/// # Example
///
/// ```
/// use estimate::{Constant, Convention, Part, Spec, explain};
/// use panel::{Column, Factor, Index, Panel};
///
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&[1, 1, 1, 2, 2, 2, 3, 3, 3]),
///     period_name: "t".into(),
///     period: vec![1, 2, 3, 1, 2, 3, 1, 2, 3],
/// };
/// let panel = Panel::new(
///     index,
///     [
///         ("x".into(), Column::Number(vec![0.0, 1.0, 2.0, 0.0, 2.0, 4.0, 1.0, 1.0, 4.0])),
///         ("y".into(), Column::Number(vec![1.0, 1.0, 3.0, 4.0, 5.0, 9.0, 2.0, 3.0, 4.0])),
///     ],
/// )?;
/// let spec = |convention| Spec {
///     vcov: "cluster id".parse().unwrap(),
///     convention,
///     constant: Constant::Mean,
/// };
/// let (stata, plm) = (spec(Convention::STATA_XTREG), spec(Convention::PLM));
/// let explanation = explain(&panel, &"y ~ x | id".parse()?, &stata, &plm)?;
/// let x = &explanation.terms[0];
/// // Three clusters, 3/2; nine rows, two parameters, 8/7.
/// assert!((x.part(Part::Clusters) - 1.5_f64.sqrt()).abs() < 1e-12);
/// assert!((x.part(Part::Rows) - (8.0_f64 / 7.0).sqrt()).abs() < 1e-12);
/// assert!((x.ratio() - (1.5_f64 * 8.0 / 7.0).sqrt()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Beyond`] for slopes by level and instruments; else as [`linear`] for either side, or for
/// the rows of the first under the second.
pub fn explain(
    panel: &Panel,
    model: &Model,
    first: &Spec,
    second: &Spec,
) -> Result<Explanation, Error> {
    let specs = [first, second];
    let design = |spec: &Spec| Design::new(panel, model, spec.convention.singletons);
    let designs = [design(first)?, design(second)?];
    designs[0].plain("an explanation")?;
    let fits = [linear(&designs[0], first)?, linear(&designs[1], second)?];
    let same_rows = first.convention.singletons == second.convention.singletons;
    // The second side on the first side's rows.
    let between = if same_rows { None } else { Some(linear(&designs[0], second)?) };
    let between = between.as_ref().unwrap_or(&fits[1]);

    let [near, far] = [Factors::new(&fits[0], first), Factors::new(between, second)];
    let counts = |factors: &Factors| matches!(factors.form, Form::Residual | Form::LessOne);
    let both_count = counts(&near) && counts(&far);
    let left = |factors: &Factors| factors.n - factors.k;
    let parameters = if both_count { left(&far) / left(&near) } else { 1.0 };
    let terms = designs[0].terms.iter().enumerate();
    let terms = terms.map(|(j, term)| {
        let se = |fit: &Fit| fit.stderror()[j];
        // Of the covariance without its factor.
        let bare = |fit: &Fit, factors: &Factors| se(fit) / (factors.rows * factors.groups).sqrt();
        ExplainedTerm {
            term: term.clone(),
            estimates: [fits[0].coef()[j], fits[1].coef()[j]],
            std_errors: [se(&fits[0]), se(&fits[1])],
            parts: [
                (Part::Sample, se(between) / se(&fits[1])),
                (Part::Covariance, bare(&fits[0], &near) / bare(between, &far)),
                (Part::Rows, (near.rows / far.rows / parameters).sqrt()),
                (Part::Parameters, parameters.sqrt()),
                (Part::Clusters, (near.groups / far.groups).sqrt()),
            ],
        }
    });
    let terms = terms.collect();
    let sides =
        specs.map(|spec| Side { vcov: spec.vcov.clone(), convention: spec.convention.name });
    let columns = [0, 1].map(|side| column(&designs[side], &fits[side], specs[side]));
    let [left, right] = columns;
    let ingredients = left.into_iter().zip(right).map(|((name, part, left), (_, _, right))| {
        Ingredient { name, values: [left, right], part }
    });
    Ok(Explanation { sides, ingredients: ingredients.collect(), terms })
}

/// How rows and parameters make a factor.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    One,
    Residual,
    LessOne,
    /// In a way that is not taken apart.
    Whole,
}

/// The factor `c` of a fit, taken apart. Where it is not known how, all of it is `rows`.
struct Factors {
    n: f64,
    /// The parameters that it counts.
    k: f64,
    form: Form,
    rows: f64,
    groups: f64,
}

impl Factors {
    fn new(fit: &Fit, spec: &Spec) -> Self {
        let correction = fit.correction();
        let (n, k) = (correction.n as f64, correction.k_counted as f64);
        let (form, total, groups) = match (&spec.vcov, correction.n_clusters) {
            // The uncorrected variance is û'û/n.
            (Vcov::Iid, _) => (Form::Residual, n / (n - k), 1.0),
            (Vcov::Cluster(_), Some(n_clusters)) => {
                let g = n_clusters as f64;
                let form = match spec.convention.rows {
                    Rows::One => Form::One,
                    Rows::Residual => Form::Residual,
                    Rows::LessOne => Form::LessOne,
                };
                let groups = if spec.convention.groups { g / (g - 1.0) } else { 1.0 };
                (form, correction.factor, groups)
            }
            #[allow(clippy::float_cmp)] // Exactly none.
            _ if correction.factor == 1.0 => (Form::One, 1.0, 1.0),
            (Vcov::Robust(_), _) => (Form::Residual, correction.factor, 1.0),
            _ => (Form::Whole, correction.factor, 1.0),
        };
        Self { n, k, form, rows: total / groups, groups }
    }
}

/// The ingredients of one side: name, the part of the ratio that is its own, value.
fn column(
    design: &Design<'_>,
    fit: &Fit,
    spec: &Spec,
) -> Vec<(&'static str, Option<Part>, Quantity)> {
    let (correction, factors) = (fit.correction(), Factors::new(fit, spec));
    let slopes = fit.terms().len();
    let within = !design.absorb.is_empty();
    let levels: usize = design
        .absorb
        .iter()
        .map(|(_, factor): &(_, std::borrow::Cow<'_, Factor>)| factor.n_levels())
        .sum();
    let own_constant = usize::from(!within && design.constant);
    let constant = match &spec.constant {
        _ if !within && design.constant => "estimated".to_owned(),
        _ if !within => "none".to_owned(),
        Constant::Omit => "absorbed, not reported".to_owned(),
        Constant::Mean => "absorbed, mean of the effects".to_owned(),
        Constant::Omitting(_) => "absorbed, a level left out".to_owned(),
    };
    let rows = match factors.form {
        Form::One => Quantity::Factor("1", 1.0),
        Form::Residual => Quantity::Factor("n/(n−K)", factors.rows),
        Form::LessOne => Quantity::Factor("(n−1)/(n−K)", factors.rows),
        Form::Whole => Quantity::Factor("all of c", factors.rows),
    };
    let clustered = |quantity: Quantity| match correction.n_clusters {
        Some(_) => quantity,
        None => Quantity::None,
    };
    let groups = match (spec.convention.groups, correction.n_clusters) {
        (_, None) => Quantity::None,
        _ if !matches!(spec.vcov, Vcov::Cluster(_)) => Quantity::None,
        (true, _) => Quantity::Factor("G/(G−1)", factors.groups),
        (false, _) => Quantity::Factor("1", 1.0),
    };
    let tail = match correction.reference {
        Reference::Normal => "normal".to_owned(),
        Reference::T(df) => format!("t({df})"),
        Reference::Satterthwaite(df) => format!("t({df:.2})"),
    };
    let not_counted = correction.k_all - correction.k_counted;
    vec![
        ("covariance", Some(Part::Covariance), Quantity::Text(spec.vcov.to_string())),
        ("rows n", Some(Part::Sample), Quantity::Count(correction.n)),
        ("singleton rows dropped", None, Quantity::Count(design.sample.n_singletons())),
        ("slopes k", None, Quantity::Count(slopes)),
        ("constant", None, Quantity::Text(constant)),
        ("absorbed effects", None, Quantity::Count(levels)),
        (
            "redundant effects",
            None,
            Quantity::Count((levels + slopes + own_constant).saturating_sub(correction.k_all)),
        ),
        ("nested effects, not counted", None, clustered(Quantity::Count(not_counted))),
        ("parameters counted K", Some(Part::Parameters), Quantity::Count(correction.k_counted)),
        ("factor from rows", Some(Part::Rows), rows),
        ("clusters G", None, correction.n_clusters.map_or(Quantity::None, Quantity::Count)),
        ("factor from clusters", Some(Part::Clusters), groups),
        ("factor c", None, Quantity::Factor("c", factors.rows * factors.groups)),
        ("statistics compared with", None, Quantity::Text(tail)),
    ]
}

impl Ingredient {
    /// Whether the sides differ in it.
    pub fn differs(&self) -> bool {
        self.values[0] != self.values[1]
    }
}

impl ExplainedTerm {
    /// `se₀ / se₁`.
    pub fn ratio(&self) -> f64 {
        self.std_errors[0] / self.std_errors[1]
    }

    /// The ratio that a part contributes.
    pub fn part(&self, part: Part) -> f64 {
        self.parts.iter().find(|(other, _)| *other == part).map_or(1.0, |(_, ratio)| *ratio)
    }
}

impl Explanation {
    /// Rows of a table about a regressor: ingredient, first side, second side, and by how much its
    /// own part multiplies the standard error (empty for ingredients that act through others, and
    /// for parts that change nothing). The last row holds the standard errors and their ratio.
    ///
    /// `None` if the model has no such regressor.
    pub fn table(&self, term: &Term) -> Option<Vec<[String; 4]>> {
        let term = self.terms.iter().find(|explained| explained.term == *term)?;
        let effect = |part: Option<Part>| match part.map(|part| term.part(part)) {
            Some(ratio) if !is_one(ratio) => format!("× {ratio:.6}"),
            _ => String::new(),
        };
        let rows = self.ingredients.iter().map(|ingredient| {
            let [left, right] = ingredient.values.each_ref().map(ToString::to_string);
            [ingredient.name.to_owned(), left, right, effect(ingredient.part)]
        });
        let [left, right] = term.std_errors.map(|se| format!("{se:.10}"));
        let last = ["standard error".to_owned(), left, right, format!("× {:.6}", term.ratio())];
        Some(rows.chain([last]).collect())
    }

    /// The difference in one sentence; `None` if the model has no such regressor.
    pub fn sentence(&self, term: &Term) -> Option<String> {
        let term = self.terms.iter().find(|explained| explained.term == *term)?;
        let [first, second] = &self.sides;
        if is_one(term.ratio()) {
            return Some(format!(
                "the standard error of `{}` is the same under {first} and {second}.",
                term.term
            ));
        }
        let parts = term.parts.iter().filter(|(_, ratio)| !is_one(*ratio));
        let parts: Vec<String> =
            parts.map(|(part, ratio)| format!("× {ratio:.6} from {part}")).collect();
        Some(format!(
            "the standard error of `{}` under {first} is {:.6} times that under {second}: {}.",
            term.term,
            term.ratio(),
            parts.join(", ")
        ))
    }
}

/// But for rounding.
fn is_one(ratio: f64) -> bool {
    (ratio - 1.0).abs() < 1e-12
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.convention, self.vcov)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("–"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Factor("1", _) => f.write_str("1"),
            Self::Factor("c", value) => write!(f, "{value:.8}"),
            Self::Factor(formula, value) => write!(f, "{formula} = {value:.8}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sample => "the rows in use",
            Self::Covariance => "the covariance estimator",
            Self::Rows => "the factor from rows",
            Self::Parameters => "the parameters counted",
            Self::Clusters => "G/(G−1)",
        })
    }
}
