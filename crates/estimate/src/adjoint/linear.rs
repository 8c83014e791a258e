//! Pooled least squares and the within estimator, backwards.
//!
//! The coefficients with their constant are least squares of `P y` on `[P X, 1]`, where `P` leaves
//! a pooled column as it is, and of one with absorbed effects takes them out and puts its mean back
//! (Stata's `xtreg, fe`). `P` is symmetric, and so what `P y` passes on to `y` is `P` of it.

use std::borrow::Cow;

use ndarray::Array2;
use panel::{Factor, Term};

use super::quality::Correlations;
use super::squares::{Errors, Seeds, Squares, add};
use super::{Cotangent, Gradient};
use crate::absorbed::Absorbed;
use crate::vcov::with_constant;
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
    squares: Squares,
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
        let z: Vec<Vec<f64>> = x.iter().map(|x| about(x)).collect();
        let within = about(&design.y);
        let means: Vec<f64> = if fit.constant {
            x.iter().map(|x| design.mean(x)).collect()
        } else {
            vec![0.0; x.len()]
        };
        let squares = Squares::of_fit(design, fit, z, &within, &means)?;
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
        let by_ssr = cotangent.ssr - r2 / sums.total - within / sums.within;
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

impl Squares {
    /// Of regressors `z` that are orthogonal to the constant, if there is one, and of their means,
    /// which it takes out of itself.
    fn of_fit(
        design: &Design<'_>,
        fit: &Fit,
        z: Vec<Vec<f64>>,
        y: &[f64],
        means: &[f64],
    ) -> Result<Self, Error> {
        let (n, k) = (design.n(), z.len());
        let mut columns = ls::columns(n, k + 1);
        for (mut column, z) in
            columns.columns_mut().into_iter().zip(z.iter().map(|z| &**z).chain([y]))
        {
            column.iter_mut().zip(z).for_each(|(column, z)| *column = *z);
        }
        let turned = |w: &Array2<f64>| {
            let mut columns = columns.clone();
            ls::turn(&mut columns, w);
            ls::products(columns.view())
        };
        let other = || Error::OtherDesign { response: fit.response.clone() };
        let solution = ls::solve(&ls::products(columns.view()), turned).map_err(|_| other())?;
        let root = solution.root;
        let half = ls::left(columns.view(), k).dot(&root);
        let mut w: Vec<Vec<f64>> =
            half.dot(&root.t()).columns().into_iter().map(|w| w.to_vec()).collect();
        let means = fit.constant.then(|| means.to_vec().into());
        let half = with_constant(&root, means.as_ref(), 1.0 / (n as f64).sqrt());
        let mut x = z;
        if let Some(means) = &means {
            let mut last = vec![1.0 / n as f64; n];
            for (w, mean) in w.iter().zip(means) {
                add(&mut last, -mean, w);
            }
            w.push(last);
            for (x, mean) in x.iter_mut().zip(means) {
                for x in x {
                    *x += mean;
                }
            }
            x.push(vec![1.0; n]);
        }
        Ok(Self {
            x,
            w,
            a: half.dot(&half.t()),
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
    /// In the order in which a fit keeps its coefficients: indicators before the constant.
    pub(super) fn seeds(&self, fit: &Fit) -> Result<Seeds, Error> {
        let (p, k) = (fit.beta.len(), fit.terms().len());
        let constant = usize::from(fit.constant);
        let place = |what: &str, shown: &[f64]| {
            let (got, want) = (shown.len(), k + constant);
            if got > want {
                let column = format!("the derivative by {what}");
                return Err(Error::from(panel::Error::Length { column, got, want }));
            }
            let mut all = vec![0.0; p];
            for (j, shown) in shown.iter().enumerate() {
                all[if j < k { j } else { p - 1 }] = *shown;
            }
            Ok(all)
        };
        Ok(Seeds {
            b: place("coefficients", &self.coefficients)?,
            std_errors: place("standard errors", &self.std_errors)?,
            e: vec![0.0; fit.residuals.len()],
        })
    }
}

/// The columns of a fit: those of its design, and indicators that stand in for absorbed factors.
fn regressors<'a>(design: &'a Design<'a>, fit: &Fit) -> Result<Vec<Cow<'a, [f64]>>, Error> {
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
