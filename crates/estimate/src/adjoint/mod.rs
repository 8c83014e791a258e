//! Derivatives of what estimators give by the data that they were given.

mod linear;
mod quality;
mod squares;

use std::collections::BTreeMap;

use panel::{Name, Panel, Term};

use crate::{Design, Error, Estimator, Fit};
use linear::Linear;

/// How much a scalar depends on what a fit gives: its partial derivatives by those numbers.
///
/// What is zero, or not there, does not matter to it. A single printed number is a single one:
/// `std_errors: vec![0.0, 1.0]` is the standard error of the second coefficient.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cotangent {
    /// By `β̂`, in the order of [`Fit::coefficients`]; may be shorter.
    pub coefficients: Vec<f64>,
    /// By their standard errors, in the same order; may be shorter.
    pub std_errors: Vec<f64>,
    /// By the residual sum of squares.
    pub ssr: f64,
    /// By [`RSquared::r2`](crate::RSquared::r2),
    pub r2: f64,
    /// by its adjusted form,
    pub r2_adjusted: f64,
    /// by R² within,
    pub r2_within: f64,
    /// by its adjusted form,
    pub r2_within_adjusted: f64,
    /// by R² between,
    pub r2_between: f64,
    /// and by R² overall.
    pub r2_overall: f64,
}

/// A scalar's derivatives by the columns of a model, a number a row of the panel: zero where the
/// model does not use the row.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// By the response.
    pub outcome: (Term, Vec<f64>),
    /// By regressors, but indicators: those are constants.
    pub terms: Vec<(Term, Vec<f64>)>,
}

impl Gradient {
    fn new(design: &Design<'_>, outcome: &[f64], column: impl Fn(usize) -> Vec<f64>) -> Self {
        let spread = |values: &[f64]| {
            let mut by_row = vec![0.0; design.sample.n_panel()];
            values.iter().enumerate().for_each(|(i, v)| by_row[design.sample.row(i)] = *v);
            by_row
        };
        let data = design.terms.iter().enumerate();
        let data = data.filter(|(_, term)| !matches!(term, Term::Level(..)));
        Self {
            outcome: (design.response.clone(), spread(outcome)),
            terms: data.map(|(j, term)| (term.clone(), spread(&column(j)))).collect(),
        }
    }

    /// By the columns of the panel that the terms read, a column once.
    ///
    /// # Errors
    ///
    /// Those of [`Panel::pull_back`].
    pub fn by_column(&self, panel: &Panel) -> Result<BTreeMap<Name, Vec<f64>>, Error> {
        let mut columns = BTreeMap::<Name, Vec<f64>>::new();
        for (term, by_term) in std::iter::once(&self.outcome).chain(&self.terms) {
            for (name, values) in panel.pull_back(term, by_term)? {
                if let Some(sum) = columns.get_mut(&name) {
                    squares::add(sum, 1.0, &values);
                } else {
                    columns.insert(name, values);
                }
            }
        }
        Ok(columns)
    }
}

/// A fit made ready for its reverse pass: projected columns, bread and residuals are at hand.
///
/// A pass costs a few operations a row and a regressor, so that it is cheaper to ask for
/// the gradients of many numbers of one fit one by one than to differentiate any of them
/// numerically. Numbers are the fit's own, and so are its small-sample factors: nothing is
/// estimated a second time, and a convention has no second rule.
///
/// What is discrete is held: which rows are used, levels of factors, degrees of freedom.
///
/// ```
/// use estimate::{Adjoint, Constant, Convention, Cotangent, Design, Singletons, Spec, Vcov, pooled};
/// # use panel::{Column, Factor, Index, Panel};
/// # let index = Index {
/// #     entity_name: "id".into(), entity: Factor::from_numbers(&[1, 2, 3, 4]),
/// #     period_name: "t".into(), period: vec![1; 4],
/// # };
/// # let panel = Panel::new(index, [
/// #     ("x".into(), Column::Number(vec![-1.0, -1.0, 1.0, 1.0])),
/// #     ("y".into(), Column::Number(vec![1.0, 2.0, 4.0, 3.0])),
/// # ])?;
/// let design = Design::new(&panel, &"y ~ x".parse()?, Singletons::Keep)?;
/// let convention = Convention::STATA_XTREG;
/// let fit = pooled(&design, &Spec { vcov: Vcov::Iid, convention, constant: Constant::Mean })?;
/// let adjoint = Adjoint::linear(&design, &fit)?;
/// // The slope is (y₃ + y₄ − y₁ − y₂)/4.
/// let slope = Cotangent { coefficients: vec![1.0], ..Cotangent::default() };
/// assert_eq!(adjoint.pull(&slope)?.outcome.1, [-0.25, -0.25, 0.25, 0.25]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Adjoint<'a> {
    of: Kind<'a>,
}

#[derive(Debug)]
enum Kind<'a> {
    Linear(Linear<'a>),
}

impl<'a> Adjoint<'a> {
    /// Of [`pooled`](crate::pooled) or [`fixed_effects`](crate::fixed_effects); `design` is the one
    /// that the fit was made from.
    ///
    /// # Errors
    ///
    /// [`Error::NoDerivative`] for another estimator and for standard errors but iid, HC0, HC1 and
    /// those clustered in one way; [`Error::Beyond`] for weights, slopes by level and instruments;
    /// [`Error::OtherDesign`].
    pub fn linear(design: &'a Design<'a>, fit: &'a Fit) -> Result<Self, Error> {
        design.plain("a derivative")?;
        match fit.estimator {
            Estimator::Pooled | Estimator::FixedEffects => {
                Ok(Self { of: Kind::Linear(Linear::new(design, fit)?) })
            }
            _ => Err(Error::NoDerivative { of: "this estimator".to_owned() }),
        }
    }

    /// The derivatives by the data of a scalar that depends on the fit as `cotangent` says.
    ///
    /// # Errors
    ///
    /// [`Error::Panel`] if the cotangent has more coefficients than the fit.
    pub fn pull(&self, cotangent: &Cotangent) -> Result<Gradient, Error> {
        match &self.of {
            Kind::Linear(linear) => linear.pull(cotangent),
        }
    }
}
