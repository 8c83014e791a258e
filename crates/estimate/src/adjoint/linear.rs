//! Pooled least squares and the within estimator, backwards.
//!
//! The coefficients with their constant are least squares of `P y` on `[P X, 1]`, where `P` leaves
//! a pooled column as it is, and of one with absorbed effects takes them out and puts its mean back
//! (Stata's `xtreg, fe`). `P` is symmetric, and so what `P y` passes on to `y` is `P` of it.

use std::borrow::Cow;

use ndarray::Array2;
use panel::{Factor, Term};

use super::quality::Correlations;
use super::squares::{Columns, Errors, Seeds, Squares, add};
use super::{Cotangent, Gradient, place};
use crate::absorbed::Absorbed;
use crate::indicators::Regressors;
use crate::within::Projected;
use crate::{Design, Error, Fit, Hc, Vcov, ls};

/// A linear fit made ready.
#[derive(Debug)]
pub(super) struct Linear<'a> {
    design: &'a Design<'a>,
    fit: &'a Fit,
    /// Regressors, and indicators that stand in for absorbed factors.
    x: Vec<Cow<'a, [f64]>>,
    entity: Cow<'a, Factor>,
    /// `M_D`; `None` where nothing is absorbed.
    projected: Option<Projected<'a>>,
    squares: Squares<'a>,
    /// `y` without what the effects explain.
    within: Vec<f64>,
}

impl<'a> Linear<'a> {
    pub(super) fn new(design: &'a Design<'a>, fit: &'a Fit) -> Result<Self, Error> {
        let x = regressors(design, fit)?;
        let projected = design.absorbs().then(|| {
            let mut blocks = design.blocks();
            if fit.n_indicators > 0 {
                blocks.truncate(1);
            }
            Projected::new(Absorbed::new(&blocks, None), vec![&*design.y])
        });
        let about = |v: &[f64]| match &projected {
            Some(projected) => projected.off(v),
            None if design.constant => {
                let mean = design.mean(v);
                v.iter().map(|v| v - mean).collect()
            }
            None => v.to_vec(),
        };
        let within = about(&design.y);
        // One with effects that are taken out may have indicators, too, and those are projected.
        let sparse = if projected.is_none() { Regressors::of(design) } else { None };
        let squares = if let Some((regressors, inverse)) = sparse {
            Squares::new(design, fit, Columns::Sparse(regressors), inverse)?
        } else {
            let z: Vec<Vec<f64>> = x.iter().map(|x| about(x)).collect();
            let means: Vec<f64> = if fit.constant {
                x.iter().map(|x| design.mean(x)).collect()
            } else {
                vec![0.0; x.len()]
            };
            let one = fit.constant.then(|| vec![1.0; design.n()]);
            Squares::of_fit(design, fit, (z, one), &within, &means)?
        };
        let entity = design.entities();
        Ok(Self { design, fit, x, entity, projected, squares, within })
    }

    pub(super) fn pull(&self, cotangent: &Cotangent) -> Result<Gradient, Error> {
        let (design, fit, y) = (self.design, self.fit, &*self.design.y);
        let mut seeds = cotangent.seeds(fit)?;
        let sums = fit.sums();
        let (n, left) = (fit.correction.n as f64, (fit.correction.n - fit.correction.k_all) as f64);
        let centred = design.absorbs() || design.constant;
        let adjusted = cotangent.r2_adjusted * (n - f64::from(u8::from(centred))) / left;
        let r2 = cotangent.r2 + adjusted;
        let within = cotangent.r2_within + cotangent.r2_within_adjusted * (n - 1.0) / left;
        let by_ssr = cotangent.by_ssr(fit) - r2 / sums.total - within / sums.within;
        add(&mut seeds.e, 2.0 * by_ssr, &self.squares.e);

        let mut squared = Correlations { y: vec![0.0; design.n()], fitted: Vec::new() };
        let correlated = cotangent.r2_overall != 0.0 || cotangent.r2_between != 0.0;
        if correlated {
            squared.fitted = vec![0.0; design.n()];
            let mut fitted = vec![0.0; design.n()];
            for (x, b) in self.x.iter().zip(&self.squares.b) {
                add(&mut fitted, *b, x);
            }
            squared.overall(y, &fitted, cotangent.r2_overall);
            squared.between(y, &fitted, &self.entity, cotangent.r2_between);
            for (seed, x) in seeds.b.iter_mut().zip(&self.x) {
                *seed += ls::dot(x, &squared.fitted);
            }
        }

        let pulled = self.squares.pull(seeds);
        let mut outcome = self.through(&pulled.y);
        add(&mut outcome, 2.0 * within * sums.residual / sums.within.powi(2), &self.within);
        add(&mut outcome, 1.0, &squared.y);
        let by_total = 2.0 * r2 * sums.residual / sums.total.powi(2);
        let mean = if centred { design.mean(y) } else { 0.0 };
        outcome.iter_mut().zip(y).for_each(|(sum, y)| *sum += by_total * (y - mean));
        Ok(Gradient::new(design, &outcome, |j| {
            let mut column = self.through(&pulled.column(j));
            add(&mut column, self.squares.b[j], &squared.fitted);
            column
        }))
    }

    /// `P v`.
    fn through(&self, v: &[f64]) -> Vec<f64> {
        let Some(projected) = &self.projected else { return v.to_vec() };
        let mut left = projected.off(v);
        if self.fit.constant {
            let mean = self.design.mean(v);
            for left in &mut left {
                *left += mean;
            }
        }
        left
    }
}

impl<'a> Squares<'a> {
    /// Of regressors `z` about `means` and of what `one` became, which is the last: `z` and the means
    /// times `one` are the columns of `X`.
    pub(super) fn of_fit(
        design: &Design<'_>,
        fit: &Fit,
        (mut z, one): (Vec<Vec<f64>>, Option<Vec<f64>>),
        y: &[f64],
        means: &[f64],
    ) -> Result<Self, Error> {
        let k = z.len();
        z.extend(one);
        let p = z.len();
        let mut columns = ls::columns(design.n(), p + 1);
        let values = z.iter().map(|z| &**z).chain([y]);
        for (mut column, z) in columns.columns_mut().into_iter().zip(values) {
            column.iter_mut().zip(z).for_each(|(column, z)| *column = *z);
        }
        let turned = |w: &Array2<f64>| {
            let mut columns = columns.clone();
            ls::turn(&mut columns, w);
            ls::products(columns.view())
        };
        let other = || Error::OtherDesign { response: fit.response.clone() };
        let solution = ls::solve(&ls::products(columns.view()), turned).map_err(|_| other())?;
        // c = γ − x̄'β, with γ the coefficient of `one` beside columns about their means.
        let mut back = Array2::eye(p);
        if p > k {
            for (j, mean) in means.iter().enumerate() {
                back[[k, j]] = -mean;
            }
        }
        let half = back.dot(&solution.root);
        let w = ls::left(columns.view(), p).dot(&solution.root).dot(&half.t());
        if let Some((one, slopes)) = z[..].split_last_mut().filter(|_| p > k) {
            for (x, mean) in slopes.iter_mut().zip(means) {
                add(x, *mean, one);
            }
        }
        let w = w.columns().into_iter().map(|w| w.to_vec()).collect();
        Self::new(design, fit, Columns::Dense { x: z, w }, half.dot(&half.t()))
    }

    /// With `A` in the order of the fit's coefficients.
    fn new(
        design: &Design<'_>,
        fit: &Fit,
        columns: Columns<'a>,
        a: Array2<f64>,
    ) -> Result<Self, Error> {
        Ok(Self {
            columns,
            a,
            b: fit.beta.to_vec(),
            e: fit.residuals.clone(),
            std_errors: fit.vcov.diag().iter().map(|v| v.sqrt()).collect(),
            errors: Errors::of(design, fit)?,
        })
    }
}

impl Errors {
    pub(super) fn of(design: &Design<'_>, fit: &Fit) -> Result<Self, Error> {
        let correction = fit.correction();
        let left = (correction.n - correction.k_all) as f64;
        Ok(match &fit.spec.0 {
            Vcov::Iid => Self::Iid { s2: fit.sums.residual / left, left },
            Vcov::Robust(Hc::Hc0 | Hc::Hc1) => Self::Rows { factor: correction.factor },
            Vcov::Cluster(by) => {
                let group = design.clusters(by)?;
                let (codes, n) = (group.codes().to_vec(), group.n_levels());
                Self::Clusters { factor: correction.factor, codes, n }
            }
            other => return Err(Error::NoDerivative { of: format!("`{other}` standard errors") }),
        })
    }
}

impl Cotangent {
    /// By `û'û` itself and by the log-likelihood, `−n/2 ln û'û` and a constant.
    pub(super) fn by_ssr(&self, fit: &Fit) -> f64 {
        let n = fit.correction.n as f64;
        self.ssr - 0.5 * self.log_likelihood * n / fit.sums.residual
    }

    /// In the order in which a fit keeps its coefficients: indicators before the constant.
    pub(super) fn seeds(&self, fit: &Fit) -> Result<Seeds, Error> {
        let (p, k) = (fit.beta.len(), fit.terms().len());
        let places = |what: &str, shown: &[f64]| {
            let mut all = place(what, shown, k + usize::from(fit.constant))?;
            let constant = all.split_off(k);
            all.resize(p - constant.len(), 0.0);
            all.extend(constant);
            Ok::<_, Error>(all)
        };
        Ok(Seeds {
            b: places("coefficients", &self.coefficients)?,
            std_errors: places("standard errors", &self.std_errors)?,
            e: vec![0.0; fit.residuals.len()],
        })
    }
}

/// The columns of a fit: those of its design, and indicators that stand in for absorbed factors.
pub(super) fn regressors<'a>(
    design: &'a Design<'a>,
    fit: &Fit,
) -> Result<Vec<Cow<'a, [f64]>>, Error> {
    let other = || Error::OtherDesign { response: fit.response.clone() };
    if fit.response != design.response
        || fit.terms() != design.terms
        || fit.residuals.len() != design.n()
    {
        return Err(other());
    }
    let mut columns: Vec<Cow<'a, [f64]>> = design.x.iter().map(|x| Cow::Borrowed(&**x)).collect();
    for term in &fit.terms[design.terms.len()..] {
        let Term::Level(name, label) = term else { return Err(other()) };
        let factor = design.absorb.iter().find(|(by, _)| by == name).ok_or_else(other)?;
        let code = factor.1.labels().position(|level| level == *label).ok_or_else(other)?;
        let indicator = |&c: &u32| f64::from(u8::from(c as usize == code));
        columns.push(Cow::Owned(factor.1.codes().iter().map(indicator).collect()));
    }
    Ok(columns)
}
