//! Pooled models with indicators of all levels of a factor but one: the effects are absorbed and
//! their coefficients found after. The design has a column for each indicator; no work is done on them.
//!
//! ```text
//! y = Fφ + Dβ + u        F = [1, indicators]: one entry of each factor a row
//! D = D* + FC            C = G F'D,  G = (F'F)⁻¹,  D* = M_F D as fixed effects project it
//! β̂ = W W'D*'y           φ̂ = G F'(y − Dβ̂),  W W' = (D*'D*)⁻¹
//! V̂ = c · B Z'ΩZ B'      Z = [F, D*W],  B = [G, −CW; 0, W]
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;

use ndarray::{Array1, Array2, Axis, Slice};
use panel::{Factor, Name, Term};

use crate::absorbed::Absorbed;
use crate::cholesky::Cholesky;
use crate::linear::{EXACT, everyone, project_and_solve};
use crate::vcov::{Counted, Inference, check_variances, outer_products};
use crate::{Design, Error, Estimator, Fit, Hc, Note, Spec, Sums, Vcov, ls};

/// The fit of a pooled model that has such indicators; `None` if it has none, or if it is not plain
/// enough: weights, leverage, regressors that indicators span.
///
/// # Errors
///
/// Those of [`crate::pooled`].
pub(crate) fn fit(design: &Design<'_>, spec: &Spec) -> Result<Option<Fit>, Error> {
    let robust =
        matches!(spec.vcov, Vcov::Iid | Vcov::Robust(Hc::Hc0 | Hc::Hc1) | Vcov::Cluster(_));
    if !robust || !design.constant || design.root.is_some() {
        return Ok(None);
    }
    let Some(sets) = Indicators::of(design) else { return Ok(None) };
    let everyone = everyone(design);
    let counted = Counted::new(design, spec, &everyone.iter().collect::<Vec<_>>(), 0)?;
    let Some(solved) = Solved::new(design, &sets) else { return Ok(None) };
    let residuals = &solved.residuals;

    let ssr = ls::dot(residuals, residuals);
    let total = design.sum_of_squares_about(&design.y, true);
    if ssr <= EXACT * EXACT * total {
        return Err(Error::PerfectFit { response: design.response.clone() });
    }
    let n = residuals.len();
    let sigma2 = ssr / (n - counted.correction.k_all) as f64;
    let meat = match (&spec.vcov, counted.groups.first()) {
        (Vcov::Iid, _) => solved.products(&sets, &vec![sigma2.sqrt(); n]),
        (_, Some(group)) => solved.cluster_products(&sets, group),
        (_, None) => solved.products(&sets, residuals),
    };
    let covariance = solved.bread.dot(&meat).dot(&solved.bread.t()) * counted.correction.factor;
    check_variances(design, &spec.vcov, &covariance, &solved.lengths, ssr / n as f64)?;
    let mut notes = Note::of_sample(&design.sample);
    notes.extend(counted.few_clusters(&spec.vcov));
    Ok(Some(Fit {
        response: design.response.clone(),
        terms: design.terms.clone(),
        n_indicators: 0,
        beta: solved.beta,
        vcov: covariance,
        constant: true,
        sums: Sums { residual: ssr, within: total, total },
        correction: counted.correction,
        inference: Inference::default(),
        spec: (spec.vcov.clone(), spec.convention.name),
        log_jacobian: 0.0,
        estimator: Estimator::Pooled,
        n_entities: design.n_entities(),
        sample: design.sample.clone(),
        residuals: solved.residuals,
        notes,
    }))
}

/// Sets of indicators among the regressors: `F`, and where things stand beside it.
#[derive(Debug)]
pub(crate) struct Indicators<'d> {
    factors: Vec<(Name, Cow<'d, Factor>)>,
    /// Where every row has its ones among `φ`, the constant first, a level that is left out at `m`.
    ones: Vec<usize>,
    /// The length of `φ`.
    m: usize,
    /// The other regressors.
    others: Vec<usize>,
    /// Of every regressor and the constant, the place among `[φ, β]`.
    place: Vec<usize>,
}

impl<'d> Indicators<'d> {
    /// None if no factor has all levels but one among the regressors, or if nothing else is there.
    pub(crate) fn of(design: &'d Design<'_>) -> Option<Self> {
        let mut named: Vec<(&Name, BTreeMap<&str, usize>)> = Vec::new();
        let mut others = Vec::new();
        let mut place = vec![0; design.terms.len() + 1];
        let mut m = 1;
        for (j, term) in design.terms.iter().enumerate() {
            let Term::Level(name, label) = term else {
                others.push(j);
                continue;
            };
            let at = named.iter().position(|(own, _)| *own == name).unwrap_or_else(|| {
                named.push((name, BTreeMap::new()));
                named.len() - 1
            });
            if named[at].1.insert(label, m).is_some() {
                return None;
            }
            (place[j], m) = (m, m + 1);
        }
        if named.is_empty() || others.is_empty() {
            return None;
        }
        others.iter().enumerate().for_each(|(d, &j)| place[j] = m + d);
        let width = 1 + named.len();
        let mut ones = vec![0; design.n() * width];
        let mut factors = Vec::new();
        for (at, (name, places)) in named.into_iter().enumerate() {
            let factor = design.group(name).ok()?;
            let levels = factor.labels().map(|label| places.get(&*label).copied().unwrap_or(m));
            let levels: Vec<usize> = levels.collect();
            let left_out = levels.iter().filter(|&&place| place == m).count();
            let complete = levels.len() == places.len() + 1 && left_out == 1;
            if !complete || factor.codes().contains(&Factor::MISSING) {
                return None;
            }
            for (ones, &code) in ones.chunks_exact_mut(width).zip(factor.codes()) {
                ones[1 + at] = levels[code as usize];
            }
            factors.push((name.clone(), factor));
        }
        Some(Self { factors, ones, m, others, place })
    }

    /// The places of a row's ones, row by row.
    fn rows(&self) -> std::slice::ChunksExact<'_, usize> {
        self.ones.chunks_exact(1 + self.factors.len())
    }

    /// `F'v`.
    fn sums(&self, v: impl IntoIterator<Item = f64>) -> Array1<f64> {
        let mut sums = vec![0.0; self.m + 1];
        for (ones, v) in self.rows().zip(v) {
            for &a in ones {
                sums[a] += v;
            }
        }
        sums.truncate(self.m);
        sums.into()
    }

    /// `F' diag(w²) F`.
    fn products(&self, w: &[f64]) -> Array2<f64> {
        let width = self.m + 1;
        let mut products = vec![0.0; width * width];
        for (ones, w) in self.rows().zip(w) {
            for &a in ones {
                let row = &mut products[a * width..][..width];
                for &b in ones {
                    row[b] += w * w;
                }
            }
        }
        let mut own = Array2::zeros((self.m, self.m));
        for (mut row, all) in own.rows_mut().into_iter().zip(products.chunks_exact(width)) {
            row.as_slice_mut().unwrap_or_default().copy_from_slice(&all[..self.m]);
        }
        own
    }
}

/// The regressors of such a model, the constant last: `X` without its zeros.
#[derive(Debug)]
pub(crate) struct Regressors<'d> {
    sets: Indicators<'d>,
    others: Vec<&'d [f64]>,
}

impl<'d> Regressors<'d> {
    /// They and `(X'X)⁻¹`; none as [`fit`].
    pub(crate) fn of(design: &'d Design<'_>) -> Option<(Self, Array2<f64>)> {
        let sets = Indicators::of(design).filter(|_| design.constant && design.root.is_none())?;
        let solved = Solved::new(design, &sets)?;
        let gram = solved.products(&sets, &vec![1.0; design.n()]);
        let inverse = solved.bread.dot(&gram).dot(&solved.bread.t());
        let others = sets.others.iter().map(|&j| &*design.x[j]).collect();
        Some((Self { sets, others }, inverse))
    }

    /// `X'v`.
    pub(crate) fn across(&self, v: &[f64]) -> Vec<f64> {
        let mut all = self.sets.sums(v.iter().copied()).to_vec();
        all.extend(self.others.iter().map(|x| ls::dot(x, v)));
        self.sets.place.iter().map(|&at| all[at]).collect()
    }

    /// `Xc`.
    pub(crate) fn along(&self, c: &[f64]) -> Vec<f64> {
        let m = self.sets.m;
        let mut effects = vec![0.0; m + 1];
        let mut slopes = vec![0.0; self.others.len()];
        for (&at, c) in self.sets.place.iter().zip(c) {
            *at.checked_sub(m).map_or(&mut effects[at.min(m)], |d| &mut slopes[d]) = *c;
        }
        let one = |ones: &[usize]| ones.iter().map(|&a| effects[a]).sum();
        let mut v: Vec<f64> = self.sets.rows().map(one).collect();
        for (x, b) in self.others.iter().zip(slopes) {
            v.iter_mut().zip(*x).for_each(|(v, x)| *v += b * x);
        }
        v
    }
}

/// The solution in the order of the regressors, the constant last, and what its covariance is made of.
struct Solved {
    beta: Array1<f64>,
    residuals: Vec<f64>,
    /// `D*W`, columns contiguous.
    z: Array2<f64>,
    /// `B`, its rows in that order and its columns in that of `Z`.
    bread: Array2<f64>,
    /// The diagonal of `(X'X)⁻¹`.
    lengths: Vec<f64>,
}

impl Solved {
    /// None where regressors and indicators span one another: the general way says which do.
    fn new(design: &Design<'_>, sets: &Indicators<'_>) -> Option<Self> {
        let Indicators { factors, m, others, .. } = sets;
        let (m, d, n) = (*m, others.len(), design.n());
        let within = Design {
            panel: design.panel,
            sample: design.sample.clone(),
            response: design.response.clone(),
            y: Cow::Borrowed(&*design.y),
            terms: others.iter().map(|&j| design.terms[j].clone()).collect(),
            x: others.iter().map(|&j| Cow::Borrowed(&*design.x[j])).collect(),
            constant: false,
            absorb: (factors.iter())
                .map(|(name, factor)| (name.clone(), Cow::Borrowed(&**factor)))
                .collect(),
            slopes: Vec::new(),
            instruments: None,
            root: None,
        };
        let columns: Vec<&[f64]> = within.x.iter().map(|x| &**x).chain([&*within.y]).collect();
        let absorbed = Absorbed::new(&within.blocks(), None);
        let (projected, _, solution) = project_and_solve(&within, absorbed, columns).ok()?;

        let mut z = ls::columns(n, d);
        let mut residuals = Vec::with_capacity(n);
        let mut left = Array1::<f64>::zeros(d);
        for (rows, piece) in projected.map(|rows, z| (rows, z)) {
            let d_star = ls::left(piece.view(), d);
            let u = &piece.column(d) - &d_star.dot(&solution.beta);
            left += &d_star.map(|x| x * x).sum_axis(Axis(0));
            residuals.extend(u);
            z.slice_axis_mut(Axis(0), Slice::from(rows)).assign(&d_star.dot(&solution.root));
        }
        let spanned = |(x, left): (&Cow<'_, [f64]>, &f64)| {
            *left <= ls::RANK * ls::sum_of_squares_about(x, true)
        };
        if within.x.iter().zip(&left).any(spanned) {
            return None;
        }

        let (factor, spanned) = Cholesky::new(&sets.products(&vec![1.0; n]), ls::RANK);
        if !spanned.is_empty() {
            return None;
        }
        let half = factor.inverse_factor().reversed_axes();
        let g = half.dot(&half.t());
        let mut moments = Array2::zeros((m, d));
        for (mut moments, x) in moments.columns_mut().into_iter().zip(&within.x) {
            moments.assign(&sets.sums(x.iter().copied()));
        }
        let shift = -g.dot(&moments).dot(&solution.root);
        let mut rest = design.y.to_vec();
        for (x, b) in within.x.iter().zip(&solution.beta) {
            rest.iter_mut().zip(&**x).for_each(|(rest, x)| *rest -= b * x);
        }
        let effects = g.dot(&sets.sums(rest));
        let all: Vec<f64> = effects.iter().chain(&solution.beta).copied().collect();
        let none = Array2::zeros((d, m));
        let bread = blocks([[&g, &shift], [&none, &solution.root]]);
        let place = &sets.place;
        let squares = |row: ndarray::ArrayView1<'_, f64>| row.dot(&row);
        let length = |&at: &usize| match at.checked_sub(m) {
            Some(d) => squares(solution.root.row(d)),
            None => g[[at, at]] + squares(shift.row(at)),
        };
        Some(Self {
            beta: place.iter().map(|&at| all[at]).collect(),
            residuals,
            z,
            lengths: place.iter().map(length).collect(),
            bread: bread.select(Axis(0), place),
        })
    }

    /// `Z' diag(w²) Z`.
    fn products(&self, sets: &Indicators<'_>, w: &[f64]) -> Array2<f64> {
        let m = sets.m;
        let mut scores = self.z.clone();
        for mut column in scores.columns_mut() {
            column.iter_mut().zip(w).for_each(|(z, w)| *z *= w);
        }
        let mut across = Array2::zeros((m, scores.ncols()));
        for (mut across, z) in across.columns_mut().into_iter().zip(scores.columns()) {
            across.assign(&sets.sums(z.iter().zip(w).map(|(z, w)| z * w)));
        }
        let own = ls::products(scores.view());
        blocks([[&sets.products(w), &across], [&across.t().to_owned(), &own]])
    }

    /// `Σ_g (Z_g'û_g)(Z_g'û_g)'`.
    fn cluster_products(&self, sets: &Indicators<'_>, group: &Factor) -> Array2<f64> {
        let (m, d) = (sets.m, self.z.ncols());
        // One number more for the levels that are left out.
        let mut scores = Array2::zeros((group.n_levels(), m + 1 + d));
        let rows = sets.rows().zip(self.z.rows());
        for ((ones, z), (u, &code)) in rows.zip(self.residuals.iter().zip(group.codes())) {
            let mut score = scores.row_mut(code as usize);
            for &a in ones {
                score[a] += u;
            }
            z.iter().enumerate().for_each(|(j, z)| score[m + 1 + j] += u * z);
        }
        let kept: Vec<usize> = (0..m).chain(m + 1..m + 1 + d).collect();
        let scores: Vec<f64> = scores.select(Axis(1), &kept).into_iter().collect();
        outer_products(&scores, kept.len())
    }
}

/// One matrix of four.
fn blocks([[a, b], [c, d]]: [[&Array2<f64>; 2]; 2]) -> Array2<f64> {
    let (m, k) = (a.nrows(), a.nrows() + d.nrows());
    let mut all = Array2::zeros((k, k));
    for (i, mut row) in all.rows_mut().into_iter().enumerate() {
        let (left, right) = if i < m { (a.row(i), b.row(i)) } else { (c.row(i - m), d.row(i - m)) };
        row.slice_axis_mut(Axis(0), Slice::from(..m)).assign(&left);
        row.slice_axis_mut(Axis(0), Slice::from(m..)).assign(&right);
    }
    all
}
