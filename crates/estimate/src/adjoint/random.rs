//! Random effects, backwards: least squares of `v − θ_g v̄_g`, and what `θ` itself rests on.
//!
//! ```text
//! θ_g = 1 − (1 + T_g r)^(−1/2)     r = σ̂_u²/σ̂_e²     θ̄_g = −Σ_{i∈g} (ȳ*_i ȳ_g + Σ_j X̄*_ij x̄_gj + c̄*_i)
//! ```
//!
//! `r` is a number of the data alone: its gradient is worked out once. Both variances are quadratic
//! forms of least-squares residuals, whose slopes drop out of a derivative because they minimise it.

use std::borrow::Cow;

use ndarray::{Array1, Array2};
use panel::Factor;

use super::linear::regressors;
use super::quality::Correlations;
use super::squares::{Squares, add};
use super::{Cotangent, Gradient};
use crate::groups::{Groups, between_gram, grand_means};
use crate::random_effects::{Errors, means_about};
use crate::{Components, Design, Effect, Error, Fit, Random, RandomSpec, ls};

/// A random-effects fit made ready.
#[derive(Debug)]
pub(super) struct RandomEffects<'a> {
    design: &'a Design<'a>,
    fit: &'a Fit,
    groups: Groups<'a>,
    entity: Cow<'a, Factor>,
    theta: Vec<f64>,
    /// `dθ_g/dr`.
    bend: Vec<f64>,
    ratio: Ratio,
    squares: Squares<'a>,
    /// `y − θ_g ȳ_g`.
    y: Vec<f64>,
    /// `x'β̂`.
    fitted: Vec<f64>,
    /// Means by group of the regressors, then of the response.
    means: Vec<Vec<f64>>,
}

/// The derivatives of `r` by the columns; none where the variance of the effects is set to zero.
#[derive(Debug)]
struct Ratio {
    by_x: Vec<Vec<f64>>,
    by_y: Vec<f64>,
}

impl<'a> RandomEffects<'a> {
    pub(super) fn new(
        design: &'a Design<'a>,
        spec: &RandomSpec,
        random: &'a Random,
    ) -> Result<Self, Error> {
        let fit = &random.fit;
        let x = regressors(design, fit)?;
        let other = || Error::OtherDesign { response: fit.response.clone() };
        let effect = match spec.effect {
            Effect::Individual => random.entity,
            Effect::Time => random.period,
            Effect::TwoWays => {
                return Err(Error::NoDerivative { of: "random effects in two ways".to_owned() });
            }
        };
        let effect = effect.ok_or_else(other)?;
        let r = effect / random.idiosyncratic;
        let columns: Vec<&[f64]> = x.iter().map(|x| &**x).chain([&*design.y]).collect();
        let ratio = Ratio::new(design, spec, [effect, random.idiosyncratic], &columns)?;
        let groups = Groups::of(design, spec.effect)?.pop().ok_or_else(other)?;
        let theta: Vec<f64> =
            groups.sizes.iter().map(|size| 1.0 - 1.0 / (1.0 + size * r).sqrt()).collect();
        let bend = groups.sizes.iter().map(|size| 0.5 * size * (1.0 + size * r).powf(-1.5));
        let bend = bend.collect();
        let quasi = |v: &[f64]| quasi(&groups, &theta, v);
        let grand = grand_means(&columns);
        let about =
            |(v, grand): (&&[f64], &f64)| quasi(&v.iter().map(|v| v - grand).collect::<Vec<f64>>());
        let mut z: Vec<Vec<f64>> = columns.iter().zip(&grand).map(about).collect();
        let about_mean = z.pop().ok_or_else(other)?;
        let one = quasi(&vec![1.0; design.n()]);
        let k = z.len();
        let squares = Squares::of_fit(design, fit, (z, Some(one)), &about_mean, &grand[..k])?;
        let mut fitted = vec![0.0; design.n()];
        for (x, b) in x.iter().zip(&squares.b) {
            add(&mut fitted, *b, x);
        }
        let means = columns.iter().map(|column| groups.means(column)).collect();
        let (y, entity) = (quasi(&design.y), design.entities());
        Ok(Self { design, fit, groups, entity, theta, bend, ratio, squares, y, fitted, means })
    }

    pub(super) fn pull(&self, cotangent: &Cotangent) -> Result<Gradient, Error> {
        let (design, fit) = (self.design, self.fit);
        let mut seeds = cotangent.seeds(fit)?;
        let sums = fit.sums();
        let (n, left) = (fit.correction.n as f64, (fit.correction.n - fit.correction.k_all) as f64);
        let r2 = cotangent.r2 + cotangent.r2_adjusted * (n - 1.0) / left;
        let within = cotangent.r2_within + cotangent.r2_within_adjusted * (n - 1.0) / left;
        add(&mut seeds.e, 2.0 * (cotangent.by_ssr(fit) - r2 / sums.total), &self.squares.e);
        let mut squared = Correlations { y: vec![0.0; design.n()], fitted: vec![0.0; design.n()] };
        squared.within(&design.y, &self.fitted, &self.entity, within);
        squared.between(&design.y, &self.fitted, &self.entity, cotangent.r2_between);
        squared.overall(&design.y, &self.fitted, cotangent.r2_overall);
        for (seed, x) in seeds.b.iter_mut().zip(&design.x) {
            *seed += ls::dot(x, &squared.fitted);
        }

        let pulled = self.squares.pull(seeds);
        let mut by_y = pulled.y.clone();
        let mean = ls::sum(&self.y) / n;
        let by_total = 2.0 * r2 * sums.residual / sums.total.powi(2);
        by_y.iter_mut().zip(&self.y).for_each(|(sum, y)| *sum += by_total * (y - mean));
        let k = design.x.len();
        let mut by_columns: Vec<Vec<f64>> = (0..=k).map(|j| pulled.column(j)).collect();
        // The last column is what became of ones, whose mean is one in every group.
        let ones = by_columns.split_off(k).concat();
        let mut by_theta = vec![0.0; self.theta.len()];
        for (i, &code) in self.groups.factor.codes().iter().enumerate() {
            by_theta[code as usize] -= ones[i];
        }
        for (by_column, means) in by_columns.iter().chain([&by_y]).zip(&self.means) {
            for (c, &code) in by_column.iter().zip(self.groups.factor.codes()) {
                by_theta[code as usize] -= c * means[code as usize];
            }
        }
        let by_r = ls::dot(&by_theta, &self.bend);

        let quasi = |v: &[f64]| quasi(&self.groups, &self.theta, v);
        let mut outcome = quasi(&by_y);
        add(&mut outcome, by_r, &self.ratio.by_y);
        add(&mut outcome, 1.0, &squared.y);
        Ok(Gradient::new(design, &outcome, |j| {
            let mut column = quasi(&by_columns[j]);
            add(&mut column, by_r, &self.ratio.by_x[j]);
            add(&mut column, self.squares.b[j], &squared.fitted);
            column
        }))
    }
}

/// `v − θ_g v̄_g`, which is symmetric.
fn quasi(groups: &Groups<'_>, theta: &[f64], v: &[f64]) -> Vec<f64> {
    let share: Vec<f64> = groups.means(v).iter().zip(theta).map(|(mean, t)| t * mean).collect();
    v.iter().zip(groups.factor.codes()).map(|(v, &code)| v - share[code as usize]).collect()
}

impl Ratio {
    /// `dr = (dσ̂_u² − r dσ̂_e²) / σ̂_e²`; `columns` are the regressors and the response.
    fn new(
        design: &Design<'_>,
        spec: &RandomSpec,
        [effect, sigma2]: [f64; 2],
        columns: &[&[f64]],
    ) -> Result<Self, Error> {
        let swamy_arora = matches!(
            spec.components,
            Components::SwamyArora | Components::SwamyAroraStata | Components::SwamyAroraHarmonic
        );
        if !swamy_arora {
            let of = format!("`{}` variance components", spec.components);
            return Err(Error::NoDerivative { of });
        }
        let (n, k) = (design.n(), columns.len() - 1);
        let mut ratio = Self { by_x: vec![vec![0.0; n]; k], by_y: vec![0.0; n] };
        if effect <= 0.0 {
            return Ok(ratio);
        }
        let groups = Groups::of(design, spec.effect)?;
        let means = means_about(&groups, columns, &grand_means(columns));
        let (errors, projected) = Errors::new(design, &groups, &means)?;
        let total = errors.total();
        let within = errors.within_groups(&total);
        let mut u = projected.off(columns[k]);
        for (x, b) in columns[..k].iter().zip(&within.beta).filter(|(_, b)| **b != 0.0) {
            add(&mut u, -b, &projected.off(x));
        }
        let (groups, means) = (&groups[0], &means[0]);
        let left_within = (n - groups.n() - within.rank) as f64;
        let weighted = spec.components == Components::SwamyArora;
        let (between, residual) = errors.of_means(0, weighted, &total)?;
        let left = (groups.n() - between.rank) as f64;
        let mut by_means = ByMeans::new(groups, &means[..k]);
        let by_sigma2 = if spec.components == Components::SwamyAroraHarmonic {
            by_means.sum_of_squares(&residual, &between.beta, |_| 1.0 / left);
            -1.0 / groups.harmonic_mean()
        } else {
            let of_means = errors.of_means(0, true, &total)?.0.solve(&Array2::eye(k + 1));
            let divisor = n as f64 - by_means.trace(&of_means, |divisor| effect / divisor);
            by_means.sum_of_squares(&residual, &between.beta, |size| size / divisor);
            if !weighted {
                // These slopes do not minimise a weighted sum.
                let bread = between.solve(&Array2::eye(k + 1));
                by_means.slopes(&residual, &between.beta, &bread, |size| size / divisor);
            }
            -left / divisor
        };
        let by_within = 2.0 * (by_sigma2 - effect / sigma2) / (left_within * sigma2);
        let row = |c: f64, by_means: &[f64]| {
            let codes = groups.factor.codes().iter();
            let row = |(u, &code): (&f64, &u32)| {
                let code = code as usize;
                c * u + by_means[code] / (groups.sizes[code] * sigma2)
            };
            u.iter().zip(codes).map(row).collect::<Vec<f64>>()
        };
        ratio.by_y = row(by_within, &by_means.y);
        let slopes = within.beta.iter().zip(&by_means.x);
        ratio.by_x = slopes.map(|(b, by_means)| row(-b * by_within, by_means)).collect();
        Ok(ratio)
    }
}

/// Derivatives by the means of groups, `z_g = [1, x̄_g]` and `ȳ_g`.
struct ByMeans<'g> {
    groups: &'g Groups<'g>,
    means: &'g [Vec<f64>],
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
}

impl<'g> ByMeans<'g> {
    fn new(groups: &'g Groups<'g>, means: &'g [Vec<f64>]) -> Self {
        let zero = || vec![0.0; groups.n()];
        Self { groups, means, x: means.iter().map(|_| zero()).collect(), y: zero() }
    }

    /// `z_g`.
    fn z(&self, g: usize) -> Array1<f64> {
        std::iter::once(1.0).chain(self.means.iter().map(|means| means[g])).collect()
    }

    /// Adds those of `Σ w(T_g) u_g²` with slopes held.
    fn sum_of_squares(&mut self, u: &[f64], b: &Array1<f64>, w: impl Fn(f64) -> f64) {
        for (g, (u, size)) in u.iter().zip(&self.groups.sizes).enumerate() {
            let by_u = 2.0 * w(*size) * u;
            self.y[g] += by_u;
            for (x, b) in self.x.iter_mut().zip(b.iter().skip(1)) {
                x[g] -= b * by_u;
            }
        }
    }

    /// Adds those of the same by way of slopes of an unweighted regression, `bread` its `(Z'Z)⁻¹`.
    fn slopes(&mut self, u: &[f64], b: &Array1<f64>, bread: &Array2<f64>, w: impl Fn(f64) -> f64) {
        let mut by_b = Array1::zeros(b.len());
        for (g, (u, size)) in u.iter().zip(&self.groups.sizes).enumerate() {
            by_b.scaled_add(-2.0 * w(*size) * u, &self.z(g));
        }
        let lambda = bread.dot(&by_b);
        for (g, u) in u.iter().enumerate() {
            let by_y = self.z(g).dot(&lambda);
            self.y[g] += by_y;
            for (j, x) in self.x.iter_mut().enumerate() {
                x[g] += lambda[j + 1] * u - b[j + 1] * by_y;
            }
        }
    }

    /// `tr(B⁻¹C)` with `B = Σ T z z'` and `C = Σ T² z z'`; adds its derivatives times
    /// `by_trace(n − tr)`.
    fn trace(&mut self, inverse: &Array2<f64>, by_trace: impl Fn(f64) -> f64) -> f64 {
        let half = inverse.dot(&between_gram(self.groups, self.means, |size| size * size));
        let trace = half.diag().sum();
        let by_trace = by_trace(self.groups.sizes.iter().sum::<f64>() - trace);
        let other = half.dot(inverse);
        for (g, size) in self.groups.sizes.iter().enumerate() {
            let z = self.z(g);
            let by_z = (inverse.dot(&z) * *size - other.dot(&z)) * (2.0 * size * by_trace);
            for (x, by_z) in self.x.iter_mut().zip(by_z.iter().skip(1)) {
                x[g] += by_z;
            }
        }
        trace
    }
}
