//! The variances of effects and errors.

use ndarray::{Array1, Array2, Axis, Slice};
use panel::Factor;
use rayon::prelude::*;

use super::moments::Both;
use super::spec::{Components, Negative, RandomSpec};
use crate::cholesky::Cholesky;
use crate::groups::{Groups, between_gram};
use crate::ls;
use crate::within::{Projected, components};
use crate::{Design, EffectsError, Error};

/// A column whose variation in a direction is less than this share of all of it has none.
const NOISE: f64 = 1e-20;
/// A column of which the columns before it leave less than this share is spanned.
const RANK: f64 = 1e-11;
/// Residuals of this share of the response are rounding noise.
const EXACT: f64 = 1e-24;

/// Estimated variances, one an effect.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Variances {
    pub(crate) idiosyncratic: f64,
    /// Of the effects, in the order of the groups; not negative.
    pub(crate) effects: Vec<f64>,
    /// The estimate that was set to zero, by effect.
    pub(crate) negative: Vec<Option<f64>>,
}

/// A design and its groups, with the columns `[X, y]` about their means.
pub(crate) struct Errors<'d> {
    design: &'d Design<'d>,
    groups: &'d [Groups<'d>],
    /// Means by group of `[X, y]`, less the mean of all rows.
    means: &'d [Vec<Vec<f64>>],
    balanced: bool,
    k: usize,
    /// Within groups of all effects: `(k + 1) × (k + 1)`.
    within: Array2<f64>,
    /// `Σ T z̄ z̄'` by effect, with `z = [1, X, y]`.
    between: Vec<Array2<f64>>,
    /// `[X, y]'[X, y]` about the means.
    about_means: Array2<f64>,
}

/// Least squares from a Gram matrix `[Z, y]'[Z, y]`, redundant columns left out.
pub(crate) struct Regression {
    pub(crate) beta: Array1<f64>,
    factor: Cholesky,
    pub(crate) rank: usize,
}

impl Regression {
    /// `scale[j]` is the variation of column `j` by which its share here is judged.
    fn new(gram: &Array2<f64>, scale: &[f64]) -> Self {
        let k = gram.ncols() - 1;
        let mut square = ls::left(ls::top(gram.view(), k), k).to_owned();
        for j in 0..k {
            if square[[j, j]] <= NOISE * scale[j] {
                square.row_mut(j).fill(0.0);
                square.column_mut(j).fill(0.0);
            }
        }
        let (factor, spanned) = Cholesky::new(&square, RANK);
        let mut moment = gram.column(k).slice_axis(Axis(0), Slice::from(..k)).to_owned();
        for &j in &spanned {
            moment[j] = 0.0;
        }
        Self { beta: factor.solve(moment.view()), factor, rank: k - spanned.len() }
    }

    /// `tr(A⁻¹ B)` over the columns that are left.
    pub(super) fn trace(&self, b: &Array2<f64>) -> f64 {
        (0..self.beta.len()).map(|j| self.factor.solve(b.column(j))[j]).sum()
    }

    /// `A⁻¹ B` over the columns that are left.
    pub(crate) fn solve(&self, b: &Array2<f64>) -> Array2<f64> {
        let k = self.beta.len();
        let mut solved = Array2::zeros((k, k));
        for j in 0..k {
            solved.column_mut(j).assign(&self.factor.solve(b.column(j)));
        }
        solved
    }
}

impl<'d> Errors<'d> {
    pub(crate) fn new(
        design: &'d Design<'d>,
        groups: &'d [Groups<'d>],
        means: &'d [Vec<Vec<f64>>],
    ) -> Result<(Self, Projected<'d>), Error> {
        let factors: Vec<&Factor> = groups.iter().map(|groups| &*groups.factor).collect();
        let columns = design.x.iter().chain([&design.y]).map(|x| &**x).collect();
        let mut projected = Projected::new(&factors, columns);
        let within = projected.gram()?;
        let between: Vec<Array2<f64>> = groups
            .iter()
            .zip(means)
            .map(|(groups, means)| between_gram(groups, means, |size| size))
            .collect();
        let balanced = is_balanced(design)?;
        let k = design.terms.len();
        let about_means = if groups.len() > 1 && !balanced {
            products_about_means(design)
        } else {
            // What effects leave is orthogonal to them, and they to each other.
            Array2::from_shape_fn((k + 1, k + 1), |(i, j)| {
                within[[i, j]] + between.iter().map(|gram| gram[[i + 1, j + 1]]).sum::<f64>()
            })
        };
        let errors = Self { design, groups, means, balanced, k, within, between, about_means };
        Ok((errors, projected))
    }

    /// The variation of a column about its mean; of the ones about zero.
    pub(crate) fn total(&self) -> Vec<f64> {
        let n = self.design.n() as f64;
        std::iter::once(n).chain(self.about_means.diag().iter().copied()).collect()
    }

    pub(crate) fn variances(
        &self,
        projected: &Projected<'_>,
        spec: &RandomSpec,
    ) -> Result<Variances, Error> {
        let (n, k) = (self.design.n(), self.k);
        let total = self.total();
        let names = || self.groups.iter().map(|groups| groups.by.clone()).collect();
        let response = self.design.response.clone();
        if self.within[[k, k]] <= NOISE * total[k + 1] {
            return Err(Error::NoVariation { term: response, effects: names() });
        }
        // Levels of all effects, less one for every component that two effects connect.
        let levels = match self.groups {
            [entities, periods] => {
                let (entity, period) = (&entities.factor, &periods.factor);
                entities.n() + periods.n() - components(entity, period)
            }
            groups => groups.iter().map(Groups::n).sum(),
        };
        let within = self.within_groups(&total);
        if n <= levels + within.rank {
            return Err(Error::NoDegreesOfFreedom { n, k: levels + within.rank });
        }
        let q_within: f64 = projected
            .map(|_, z| {
                let mut u = z.column(k).to_owned();
                for (x, b) in z.columns().into_iter().zip(&within.beta) {
                    u.scaled_add(-b, &x);
                }
                u.dot(&u)
            })
            .into_iter()
            .sum();
        if q_within <= EXACT * self.within[[k, k]] {
            return Err(Error::PerfectFit { response });
        }
        let invariant = |j: &usize| self.within[[*j, *j]] <= NOISE * total[j + 1];
        let refuse = matches!(spec.components, Components::Amemiya | Components::Nerlove);
        if let Some(j) = (0..k).find(invariant).filter(|_| refuse) {
            let term = self.design.terms[j].clone();
            let components = spec.components.to_string();
            return Err(EffectsError::NotWithin { term, effects: names(), components }.into());
        }
        let left = (n - levels) as f64;
        if let (false, [_, _]) = (self.balanced, self.groups) {
            let (sigma2, effects) =
                self.two_with_holes(spec.components, &within, q_within, left, &total)?;
            return self.truncate(sigma2, effects, spec);
        }
        let (idiosyncratic, effects) = match spec.components {
            Components::SwamyArora
            | Components::SwamyAroraStata
            | Components::SwamyAroraHarmonic => {
                let sigma2 = q_within / (left - within.rank as f64);
                let between = |g: usize| self.swamy_arora(g, spec.components, sigma2, &total);
                let effects = (0..self.groups.len()).map(between).collect::<Result<_, _>>()?;
                (sigma2, effects)
            }
            Components::WallaceHussain => self.wallace_hussain(left, &total),
            Components::Amemiya => {
                let slopes = if self.balanced { 0.0 } else { within.rank as f64 };
                let sigma2 = q_within / (left - slopes);
                let effect = |(g, q): (usize, f64)| self.amemiya(g, q, sigma2, &within);
                let effects = self.forms(&within.beta).into_iter().enumerate().map(effect);
                (sigma2, effects.collect())
            }
            Components::Nerlove => {
                let variance = |(g, q): (usize, f64)| {
                    let groups = self.groups[g].n() as f64;
                    q / n as f64 * groups / (groups - 1.0)
                };
                let forms = self.forms(&within.beta).into_iter().enumerate();
                (q_within / n as f64, forms.map(variance).collect())
            }
        };
        self.truncate(idiosyncratic, effects, spec)
    }

    /// Two effects in a panel with holes: no effect's form is free of the other's variance.
    fn two_with_holes(
        &self,
        components: Components,
        within: &Regression,
        q_within: f64,
        left: f64,
        total: &[f64],
    ) -> Result<(f64, Vec<f64>), Error> {
        let (n, k) = (self.design.n() as f64, self.k);
        let both = Both { n, groups: self.groups, means: self.means, k };
        let sigma2 = q_within / (left - within.rank as f64);
        let effects = match components {
            Components::Amemiya => {
                let forms = self.forms(&within.beta);
                let between = [0, 1].map(|g| self.between_slopes(g));
                both.amemiya([forms[0], forms[1]], within, between, sigma2)
            }
            Components::WallaceHussain => {
                let pooled = self.pooled(total);
                let beta: Array1<f64> = pooled.beta.iter().skip(1).copied().collect();
                let forms = self.forms(&beta);
                let forms = [self.pooled_within(&beta), forms[0], forms[1]];
                let mut within = Array2::zeros((k + 1, k + 1));
                for ((i, j), sum) in self.within.indexed_iter().filter(|((i, j), _)| i.max(j) < &k)
                {
                    within[[i + 1, j + 1]] = *sum;
                }
                let [sigma2, u, lambda] = both.wallace_hussain(forms, &pooled, &within, left);
                return Ok((sigma2, vec![u, lambda]));
            }
            Components::SwamyArora => {
                let (one, other) = (self.of_means(0, true, total)?, self.of_means(1, true, total)?);
                let form = |g: usize, (_, residual): &(Regression, Vec<f64>)| {
                    let sizes = &self.groups[g].sizes;
                    residual.iter().zip(sizes).map(|(u, size)| size * u * u).sum()
                };
                both.swamy_arora([form(0, &one), form(1, &other)], [&one.0, &other.0], sigma2)
            }
            other => {
                let asked = other.to_string();
                return Err(EffectsError::UnbalancedTwoWays { asked }.into());
            }
        };
        Ok((sigma2, effects.to_vec()))
    }

    fn truncate(
        &self,
        idiosyncratic: f64,
        mut effects: Vec<f64>,
        spec: &RandomSpec,
    ) -> Result<Variances, Error> {
        let response = self.design.response.clone();
        if idiosyncratic <= 0.0 {
            return Err(Error::PerfectFit { response });
        }
        let mut negative = vec![None; effects.len()];
        for ((variance, negative), groups) in effects.iter_mut().zip(&mut negative).zip(self.groups)
        {
            if *variance >= 0.0 {
                continue;
            }
            if spec.negative == Negative::Refuse {
                let (by, variance) = (groups.by.clone(), *variance);
                return Err(EffectsError::NegativeVariance { by, variance }.into());
            }
            *negative = Some(*variance);
            *variance = 0.0;
        }
        Ok(Variances { idiosyncratic, effects, negative })
    }

    /// `Σ T_i (ū_i − ū)²` of `u = y − Xβ` by effect.
    fn forms(&self, beta: &Array1<f64>) -> Vec<f64> {
        let form = |(means, groups): (&Vec<Vec<f64>>, &Groups<'_>)| {
            let residual = combine(&means[self.k], &means[..self.k], beta.iter().copied(), 0.0);
            residual.iter().zip(&groups.sizes).map(|(u, size)| size * u * u).sum()
        };
        self.means.iter().zip(self.groups).map(form).collect()
    }

    /// The within regression.
    pub(crate) fn within_groups(&self, total: &[f64]) -> Regression {
        Regression::new(&self.within, &total[1..])
    }

    /// The regression of group means, and its residuals.
    pub(crate) fn of_means(
        &self,
        g: usize,
        weighted: bool,
        total: &[f64],
    ) -> Result<(Regression, Vec<f64>), Error> {
        let (groups, means, k) = (&self.groups[g], &self.means[g], self.k);
        let gram = between_gram(groups, means, |size| if weighted { size } else { 1.0 });
        // Rows of an unweighted regression stand for several.
        let rows = gram[[0, 0]] / self.design.n() as f64;
        let scale: Vec<f64> = total.iter().map(|total| total * rows).collect();
        let regression = Regression::new(&gram, &scale);
        let beta = &regression.beta;
        let residual = combine(&means[k], &means[..k], beta.iter().skip(1).copied(), beta[0]);
        if groups.n() <= regression.rank {
            let (by, k) = (groups.by.clone(), regression.rank);
            return Err(EffectsError::TooFewGroups { by, n_groups: groups.n(), k }.into());
        }
        Ok((regression, residual))
    }

    fn swamy_arora(
        &self,
        g: usize,
        components: Components,
        sigma2: f64,
        total: &[f64],
    ) -> Result<f64, Error> {
        let (groups, means, k) = (&self.groups[g], &self.means[g], self.k);
        let weighted = components == Components::SwamyArora;
        let (regression, residual) = self.of_means(g, weighted, total)?;
        let left = (groups.n() - regression.rank) as f64;
        if components == Components::SwamyAroraHarmonic {
            let ssr: f64 = residual.iter().map(|u| u * u).sum();
            return Ok(ssr / left - sigma2 / groups.harmonic_mean());
        }
        let ssr: f64 = residual.iter().zip(&groups.sizes).map(|(u, size)| size * u * u).sum();
        let sums = between_gram(groups, &means[..k], |size| size * size);
        let trace = if weighted {
            regression.trace(&sums)
        } else {
            Regression::new(&self.between[g], total).trace(&sums)
        };
        Ok((ssr - left * sigma2) / (self.design.n() as f64 - trace))
    }

    /// The pooled regression, about the means.
    fn pooled(&self, total: &[f64]) -> Regression {
        let mut gram = Array2::zeros((self.k + 2, self.k + 2));
        gram[[0, 0]] = self.design.n() as f64;
        for ((i, j), sum) in self.about_means.indexed_iter() {
            gram[[i + 1, j + 1]] = *sum;
        }
        Regression::new(&gram, total)
    }

    /// Quadratic forms of pooled residuals.
    fn wallace_hussain(&self, left: f64, total: &[f64]) -> (f64, Vec<f64>) {
        let (n, k) = (self.design.n() as f64, self.k);
        let pooled = self.pooled(total);
        let beta: Array1<f64> = pooled.beta.iter().skip(1).copied().collect();
        let forms = self.forms(&beta);
        let q_within = self.pooled_within(&beta);
        if self.balanced {
            let sigma2 = q_within / left;
            let each = |(groups, q): (&Groups<'_>, f64)| {
                (q / groups.n() as f64 - sigma2) / (n / groups.n() as f64)
            };
            return (sigma2, self.groups.iter().zip(forms).map(each).collect());
        }
        // One effect: two moments, linear in two variances.
        let square = |gram: &Array2<f64>| ls::left(ls::top(gram.view(), k + 1), k + 1).to_owned();
        let between = pooled.solve(&square(&self.between[0]));
        let sums = between_gram(&self.groups[0], &self.means[0][..k], |size| size * size);
        let sums = pooled.solve(&sums);
        let trace = |a: &Array2<f64>| a.diag().sum();
        let groups = self.groups[0].n() as f64;
        let cross = trace(&between.dot(&sums));
        let within_of_errors = n - groups - (pooled.rank as f64 - trace(&between));
        let within_of_effects = trace(&sums) - cross;
        let between_of_errors = groups - trace(&between);
        let between_of_effects = n - 2.0 * trace(&sums) + cross;
        let determinant =
            within_of_errors * between_of_effects - within_of_effects * between_of_errors;
        let sigma2 = (q_within * between_of_effects - within_of_effects * forms[0]) / determinant;
        let effect = (within_of_errors * forms[0] - between_of_errors * q_within) / determinant;
        (sigma2, vec![effect])
    }

    /// `Σ T x̄ x̄'` about the mean.
    fn between_slopes(&self, g: usize) -> Array2<f64> {
        let x = self.between[g].slice_axis(Axis(0), Slice::from(1..=self.k));
        x.slice_axis(Axis(1), Slice::from(1..=self.k)).to_owned()
    }

    /// `Σ (u − ū_i − …)²` of pooled residuals.
    fn pooled_within(&self, beta: &Array1<f64>) -> f64 {
        let a: Vec<f64> = beta.iter().map(|b| -b).chain([1.0]).collect();
        let a = Array1::from(a);
        a.dot(&self.within.dot(&a))
    }

    /// The quadratic form `q` of within residuals.
    fn amemiya(&self, g: usize, q: f64, sigma2: f64, within: &Regression) -> f64 {
        let (n, groups) = (self.design.n() as f64, &self.groups[g]);
        if self.balanced {
            return (q / groups.n() as f64 - sigma2) / (n / groups.n() as f64);
        }
        let x = self.between_slopes(g);
        let squares: f64 = groups.sizes.iter().map(|size| size * size).sum();
        (q - (groups.n() as f64 - 1.0 + within.trace(&x)) * sigma2) / (n - squares / n)
    }
}

/// `[X, y]'[X, y]`, of columns about their means.
fn products_about_means(design: &Design<'_>) -> Array2<f64> {
    let about = |column: &[f64]| {
        let mean = ls::sum(column) / column.len() as f64;
        column.iter().map(|v| v - mean).collect::<Vec<f64>>()
    };
    let columns: Vec<&[f64]> = design.x.iter().chain([&design.y]).map(|x| &**x).collect();
    let columns: Vec<Vec<f64>> = columns.into_par_iter().map(about).collect();
    let k = columns.len();
    let product = |(i, j): (usize, usize)| ls::dot(&columns[i], &columns[j]);
    Array2::from_shape_fn((k, k), product)
}

/// `y − c − Xβ`.
fn combine(y: &[f64], x: &[Vec<f64>], beta: impl Iterator<Item = f64>, c: f64) -> Vec<f64> {
    let mut left: Vec<f64> = y.iter().map(|y| y - c).collect();
    for (x, b) in x.iter().zip(beta) {
        left.iter_mut().zip(x).for_each(|(left, x)| *left -= b * x);
    }
    left
}

/// Whether every entity is observed in every period that occurs.
pub(crate) fn is_balanced(design: &Design<'_>) -> Result<bool, Error> {
    let index = design.panel.index();
    let names = [&index.entity_name, &index.period_name];
    let levels: Vec<usize> = names
        .par_iter()
        .map(|by| Ok(design.group(by)?.n_levels()))
        .collect::<Result<_, Error>>()?;
    Ok(levels[0] * levels[1] == design.n())
}
