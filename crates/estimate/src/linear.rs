//! Pooled least squares and the within estimator.

use std::borrow::Cow;

use ndarray::{Array1, Array2};
use panel::{Base, Factor, Term};
use rayon::prelude::*;

use crate::absorbed::{Absorbed, Block};
use crate::ls::{self, CHUNK, Solution};
use crate::vcov::{
    Counted, Inference, Part, Sandwich, check_variances, cluster_part, leverage, meat, robust_part,
    with_constant,
};
use crate::within::Projected;
use crate::{Convention, Design, Error, Estimator, Fit, Note, Sums, Vcov, indicators};

/// The choices of an estimator that move a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The covariance estimator.
    pub vcov: Vcov,
    /// Whose small-sample convention.
    pub convention: Convention,
    /// Whether and how a model with absorbed effects reports a constant.
    pub constant: Constant,
}

/// The constant of a model with absorbed effects: a normalisation, not an estimate of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constant {
    /// None is reported.
    Omit,
    /// `ȳ − x̄'β̂`: the effects average zero over the rows. As `xtreg, fe`, `areg`, `reghdfe`.
    Mean,
    /// The factors after the first are indicators without this level, and the effects of the
    /// first average zero: the `_cons` of `xtreg y x i.year, fe`, which depends on the level.
    Omitting(Base),
}

/// Pooled least squares.
///
/// ```text
/// y_it = c + x_it'β + u_it        β̂ = (X'X)⁻¹ X'y
/// ```
///
/// # Errors
///
/// [`Error::NotPooled`] if the model absorbs effects; else as [`fixed_effects`].
///
/// # Source
///
/// Agrees with Stata's `regress`, R's `lm` with sandwich, linearmodels' `PooledOLS`.
pub fn pooled(design: &Design<'_>, spec: &Spec) -> Result<Fit, Error> {
    no_instruments(design)?;
    if design.absorbs() {
        return Err(Error::NotPooled { effects: design.effects() });
    }
    if design.terms.is_empty() && !design.constant {
        return Err(Error::NoRegressors);
    }
    match indicators::fit(design, spec)? {
        Some(fit) => Ok(fit),
        None => fit(design, spec, 0, &[]),
    }
}

/// [`fixed_effects`] if the model absorbs effects, else [`pooled`].
///
/// # Errors
///
/// As theirs.
pub fn linear(design: &Design<'_>, spec: &Spec) -> Result<Fit, Error> {
    if design.absorbs() { fixed_effects(design, spec) } else { pooled(design, spec) }
}

/// The within estimator of a linear model with fixed effects.
///
/// ```text
/// y_it = x_it'β + α_i + γ_t + … + u_it        β̂ = (X'M_D X)⁻¹ X'M_D y
/// ```
///
/// # Shapes
///
/// `n` usable rows and `k` terms give `k` coefficients and a `k × k` covariance.
///
/// # Units
///
/// `β̂_j` is in units of the response per unit of term `j`.
///
/// # Example
///
/// Two entities whose levels differ by 10 and whose slope is 2, up to two errors of ±1:
///
/// ```
/// use estimate::{Constant, Convention, Design, Singletons, Spec, Vcov, fixed_effects};
/// use panel::{Column, Factor, Index, Panel};
///
/// let index = Index {
///     entity_name: "id".into(),
///     entity: Factor::from_numbers(&[1, 1, 1, 1, 2, 2, 2]),
///     period_name: "t".into(),
///     period: vec![1, 2, 3, 4, 1, 2, 3],
/// };
/// let panel = Panel::new(
///     index,
///     [
///         ("x".into(), Column::Number(vec![0.0, 1.0, 2.0, 3.0, 5.0, 3.0, 4.0])),
///         ("y".into(), Column::Number(vec![1.0, 1.0, 3.0, 7.0, 20.0, 16.0, 18.0])),
///     ],
/// )?;
/// let design = Design::new(&panel, &"y ~ x | id".parse()?, Singletons::Keep)?;
/// let spec = Spec {
///     vcov: Vcov::Iid,
///     convention: Convention::STATA_XTREG,
///     constant: Constant::Mean,
/// };
/// let fit = fixed_effects(&design, &spec)?;
/// assert!((fit.coef()[0] - 2.0).abs() < 1e-12);
/// assert_eq!(fit.correction().k_all, 3); // one slope, two entities
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Absorbed`] and [`Error::Collinear`] name a regressor that is not identified and what
/// spans it; [`Error::NoDegreesOfFreedom`], [`Error::TooFewClusters`], [`Error::PerfectFit`] and
/// [`Error::NotConverged`] as they say.
///
/// # Source
///
/// Wooldridge (2010), *Econometric Analysis of Cross Section and Panel Data*, §10.5. Agrees with
/// `xtreg, fe`, `areg`, `reghdfe`, fixest, plm and linearmodels, each under its [`Convention`].
pub fn fixed_effects(design: &Design<'_>, spec: &Spec) -> Result<Fit, Error> {
    no_instruments(design)?;
    if !design.absorbs() {
        let model = format!("{} ~ …", design.response);
        return Err(Error::NothingAbsorbed { model });
    }
    if design.terms.is_empty() {
        return Err(Error::NoRegressors);
    }
    estimate(design, spec, &[])
}

/// Chooses what enters as indicators, and estimates.
///
/// The first regressors are `errors.len()` first-stage fits; `errors` is what their actual values
/// add to them.
pub(crate) fn estimate(design: &Design<'_>, spec: &Spec, errors: &[&[f64]]) -> Result<Fit, Error> {
    let several = design.absorb.len() > 1;
    if matches!(spec.constant, Constant::Omitting(_)) && !several {
        return Err(Error::NothingToOmit { effects: design.effects() });
    }
    match &spec.constant {
        Constant::Omitting(base) if several => with_indicators(design, spec, base, errors),
        _ if several && spec.convention.absorbs_first_only => {
            with_indicators(design, spec, &Base::First, errors)
        }
        _ => fit(design, spec, 0, errors),
    }
}

fn no_instruments(design: &Design<'_>) -> Result<(), Error> {
    if design.instruments.is_some() {
        return Err(Error::Beyond { method: "least squares", beyond: "instruments" });
    }
    Ok(())
}

/// The same model with the factors after the first written as indicators.
fn with_indicators(
    design: &Design<'_>,
    spec: &Spec,
    base: &Base,
    errors: &[&[f64]],
) -> Result<Fit, Error> {
    let mut longer = design.clone();
    let mut notes = Vec::new();
    for (name, factor) in longer.absorb.split_off(1) {
        let labels: Vec<String> = factor.labels().collect();
        let left_out = match base {
            Base::First => 0,
            Base::Last => labels.len() - 1,
            Base::Level(level) => {
                labels.iter().position(|label| label == level).ok_or_else(|| {
                    panel::Error::NoLevel {
                        column: name.clone(),
                        level: level.clone(),
                        near: labels.clone(),
                    }
                })?
            }
        };
        for (code, label) in (0_u32..).zip(&labels).filter(|(code, _)| *code as usize != left_out) {
            longer.terms.push(Term::Level(name.clone(), label.clone()));
            let indicator = |&c: &u32| f64::from(u8::from(c == code));
            longer.x.push(Cow::Owned(factor.codes().iter().map(indicator).collect()));
        }
        let base = labels[left_out].clone();
        notes.push(Note::Indicators { by: name, shown: labels.len() - 1, base });
    }
    let mut fit = fit(&longer, spec, longer.terms.len() - design.terms.len(), errors)?;
    fit.notes.extend(notes);
    Ok(fit)
}

/// What the convention does not have.
fn refuse(design: &Design<'_>, spec: &Spec) -> Result<(), Error> {
    let (vcov, convention) = (&spec.vcov, &spec.convention);
    if !design.slopes.is_empty() && convention.absorbs_first_only {
        return Err(Error::NotInConvention {
            convention: convention.name,
            vcov: "slopes by level".to_owned(),
            instead: "write them as regressors, `i.id:x`, or use another convention",
        });
    }
    if design.absorbs() && matches!(vcov, Vcov::Robust(_)) && !convention.robust_within {
        return Err(Error::NotInConvention {
            convention: convention.name,
            vcov: vcov.to_string(),
            instead: "its `vce(robust)` is clustered by the entity: ask for `cluster`, or for \
                      another convention",
        });
    }
    Ok(())
}

pub(crate) fn fit(
    design: &Design<'_>,
    spec: &Spec,
    n_indicators: usize,
    errors: &[&[f64]],
) -> Result<Fit, Error> {
    let (n, k) = (design.sample.n_observations(), design.terms.len());
    let (vcov, convention) = (&spec.vcov, &spec.convention);
    let within = design.absorbs();
    refuse(design, spec)?;
    let everyone = everyone(design);
    let factors: Vec<&Factor> =
        design.absorb.iter().map(|(_, factor)| &**factor).chain(&everyone).collect();
    let mut blocks = design.blocks();
    let all = |factor| Block { factor, intercept: true, slopes: Vec::new() };
    blocks.extend(everyone.as_ref().map(all));
    let absorbed = Absorbed::new(&blocks, design.root.as_deref());

    let counted = Counted::new(design, spec, &factors, absorbed.n_slopes())?;
    if let (Vcov::Robust(hc), true) = (vcov, blocks.len() > 1)
        && hc.needs_leverage()
    {
        let by = design.absorb.last().map(|(by, _)| by.clone());
        let by = by.unwrap_or_else(|| design.slopes[0].by.clone());
        return Err(Error::Leverage { vcov: vcov.to_string(), by });
    }
    let columns: Vec<Cow<'_, [f64]>> = design
        .x
        .par_iter()
        .map(|x| &**x)
        .chain(rayon::iter::once(&*design.y))
        .map(|column| design.scaled(column))
        .collect();
    let columns: Vec<&[f64]> = columns.iter().map(|column| &**column).collect();
    let (projected, tss, solution) = project_and_solve(design, absorbed, columns)?;
    // Where all have slopes and none an effect, the constant is one more parameter among them.
    let constant = match (within, design.absorb.is_empty()) {
        (false, _) => design.constant,
        (true, slopes_only) => spec.constant != Constant::Omit && !slopes_only,
    };
    let meat_of = MeatOf { vcov, counted: &counted, constant, design, errors };
    let (mut residuals, parts) = residuals(&projected, &solution, &meat_of);
    let ssr: f64 = parts.iter().map(|(ssr, _)| ssr).sum();
    if k > 0 && ssr <= EXACT * EXACT * tss {
        return Err(Error::PerfectFit { response: design.response.clone() });
    }

    // β̂ = A Z'y with Z = X and A = (X'X)⁻¹, or Z = X W and A = W where products of X lose digits.
    let root = &solution.root;
    let mean = |column: &[f64]| design.mean(column);
    let means: Option<Array1<f64>> =
        constant.then(|| design.x.par_iter().map(|column| mean(column)).collect::<Vec<_>>().into());
    let n_ = n as f64;
    let sandwich = Sandwich {
        design,
        spec,
        factors: &factors,
        counted: &counted,
        projected: &projected,
        solution: &solution,
        residuals: &residuals,
        means: means.as_ref(),
    };
    let estimated = sandwich.covariance(errors)?;
    let (covariance, inference, mut notes) = if let Some(estimated) = estimated {
        estimated
    } else if *vcov == Vcov::Iid {
        let half = with_constant(root, means.as_ref(), 1.0 / n_.sqrt());
        let sigma2 = ssr / (n - counted.correction.k_all) as f64;
        (half.dot(&half.t()) * sigma2, Inference::default(), Vec::new())
    } else {
        let n_clusters = counted.correction.n_clusters.unwrap_or(0);
        let parts = parts.into_iter().map(|(_, part)| part);
        let meat = meat(parts, k + usize::from(constant), n_clusters);
        let a = if solution.ill_conditioned { root.clone() } else { root.dot(&root.t()) };
        let half = with_constant(&a, means.as_ref(), 1.0 / n_);
        let covariance = half.dot(&meat).dot(&half.t()) * counted.correction.factor;
        (covariance, Inference::default(), Vec::new())
    };
    let lengths: Vec<f64> = root.rows().into_iter().map(|row| row.dot(&row)).collect();
    check_variances(design, vcov, &covariance, &lengths, ssr / n_)?;
    let mut beta = solution.beta.to_vec();
    if let Some(means) = &means {
        beta.push(mean(&design.y) - means.dot(&solution.beta));
    }
    let total = design.sum_of_squares_about(&design.y, within || design.constant);
    if let Some(root) = &design.root {
        residuals.iter_mut().zip(&**root).for_each(|(u, root)| *u /= root);
    }

    notes.extend(Note::of_sample(&design.sample));
    notes.extend(counted.few_clusters(vcov));
    Ok(Fit {
        response: design.response.clone(),
        terms: design.terms.clone(),
        n_indicators,
        beta: beta.into(),
        vcov: covariance,
        constant,
        sums: Sums { residual: ssr, within: tss, total },
        correction: counted.correction,
        inference,
        spec: (vcov.clone(), convention.name),
        log_jacobian: 0.0,
        estimator: if within { Estimator::FixedEffects } else { Estimator::Pooled },
        n_entities: design.n_entities(),
        sample: design.sample.clone(),
        residuals,
        notes,
    })
}

/// The factors whose effects are projected out: for a pooled model one that all rows share.
pub(crate) fn everyone(design: &Design<'_>) -> Option<Factor> {
    let pooled = design.absorb.is_empty() && design.constant;
    pooled.then(|| Factor::from_numbers(&vec![0; design.n()]))
}

/// What the projection leaves of a column that it wipes out is noise of this share of its
/// variation,
const NOISE: f64 = 1e-10;
/// or of this share of its level.
pub(crate) const ROUNDING: f64 = 1e-14;
/// Sums of squares below this have lost digits to underflow.
const SMALLEST: f64 = 1e-280;
/// Residuals of this share of the response are rounding noise.
pub(crate) const EXACT: f64 = 1e-12;

/// `[M_D X, M_D y]`, the sum of squares of its last column, and what least squares makes of it.
pub(crate) fn project_and_solve<'d>(
    design: &Design<'_>,
    absorbed: Absorbed<'d>,
    columns: Vec<&'d [f64]>,
) -> Result<(Projected<'d>, f64, Solution), Error> {
    let k = design.terms.len();
    let lengths: Vec<f64> = columns
        .par_iter()
        .with_min_len(ls::grain(design.n()))
        .map(|column| ls::dot(column, column))
        .collect();
    for (j, length) in lengths.iter().enumerate() {
        let lost = *length < SMALLEST && columns[j].iter().any(|v| *v != 0.0);
        if lost || !length.is_finite() {
            let term = design.terms.get(j).unwrap_or(&design.response).clone();
            return Err(Error::OutOfRange { term });
        }
    }
    let mut projected = Projected::new(absorbed, columns.clone());
    let gram = projected.gram()?;

    let effects = design.effects();
    let wiped_out = |j: usize| {
        let (left, length) = (gram[[j, j]], lengths[j]);
        left <= ROUNDING * ROUNDING * length
            || left <= NOISE * NOISE * length
                && left <= NOISE * NOISE * ls::sum_of_squares_about(columns[j], true)
    };
    if let Some(j) = (0..k).find(|&j| wiped_out(j)) {
        return Err(Error::Absorbed { term: design.terms[j].clone(), effects });
    }
    if wiped_out(k) {
        return Err(Error::NoVariation { term: design.response.clone(), effects });
    }
    let turned = |w: &Array2<f64>| {
        let parts = projected.map(|_, mut z| {
            ls::turn(&mut z, w);
            ls::products(z.view())
        });
        parts.into_iter().fold(Array2::zeros((k + 1, k + 1)), |sum, part| sum + part)
    };
    let solution = ls::solve(&gram, turned).map_err(|spanned| Error::Collinear {
        term: design.terms[spanned.column].clone(),
        with: spanned.by.into_iter().map(|j| design.terms[j].clone()).collect(),
        effects,
    })?;
    Ok((projected, gram[[k, k]], solution))
}

/// What the meat is made of, besides scores.
struct MeatOf<'f> {
    vcov: &'f Vcov,
    counted: &'f Counted<'f>,
    constant: bool,
    design: &'f Design<'f>,
    errors: &'f [&'f [f64]],
}

/// `û`, times `√w` if rows have weights, and by piece of rows `û'û` with the part of the meat.
fn residuals(
    projected: &Projected<'_>,
    solution: &Solution,
    meat_of: &MeatOf<'_>,
) -> (Vec<f64>, Vec<(f64, Part)>) {
    let &MeatOf { vcov, counted, constant, design, errors } = meat_of;
    let Solution { beta, root, ill_conditioned } = solution;
    let k = beta.len();
    let gram_inverse = if *ill_conditioned { Array2::eye(k) } else { root.dot(&root.t()) };
    let needs_leverage = matches!(vcov, Vcov::Robust(hc) if hc.needs_leverage());
    let mean_leverage = counted.correction.k_all as f64 / counted.correction.n as f64;
    // A frequency's rows share its residual and its leverage.
    let times = design.root.as_deref().filter(|_| {
        design.sample.weights.as_ref().is_some_and(|weights| weights.frequency().is_some())
    });
    let mut residuals = vec![0.0; projected.n()];
    let piece = |(at, u): (usize, &mut [f64])| {
        let rows = at * CHUNK..at * CHUNK + u.len();
        let mut z = projected.piece(rows.clone());
        u.copy_from_slice(z.column(k).to_slice().unwrap_or_default());
        for (j, b) in beta.iter().enumerate() {
            let column = z.column(j);
            for (u, x) in u.iter_mut().zip(column.to_slice().unwrap_or_default()) {
                *u -= b * x;
            }
        }
        for (b, error) in beta.iter().zip(errors) {
            let error = &error[rows.clone()];
            match design.root.as_deref() {
                None => u.iter_mut().zip(error).for_each(|(u, v)| *u -= b * v),
                Some(root) => {
                    let scaled = error.iter().zip(&root[rows.clone()]);
                    u.iter_mut().zip(scaled).for_each(|(u, (v, root))| *u -= b * root * v);
                }
            }
        }
        let ssr = ls::dot(u, u);
        if !matches!(vcov, Vcov::Robust(_) | Vcov::Cluster(_)) {
            return (ssr, Part::None);
        }
        // The column of the response becomes the ones of the constant, or goes unused.
        match design.root.as_deref() {
            None => z.column_mut(k).fill(1.0),
            Some(root) => {
                let ones = z.column_mut(k).into_slice().unwrap_or_default();
                ones.copy_from_slice(&root[rows.clone()]);
            }
        }
        if *ill_conditioned {
            ls::turn(&mut z, root);
        }
        let x = ls::left(z.view(), k);
        let leverage = needs_leverage.then(|| {
            let effects = projected.leverage(rows.clone());
            let mut h = leverage(effects.into_iter(), x, &gram_inverse);
            if let Some(times) = times {
                h.iter_mut().zip(&times[rows.clone()]).for_each(|(h, root)| *h /= root * root);
            }
            h
        });
        let leverage = leverage.as_deref().map(|h| (h, mean_leverage));
        let x = ls::left(z.view(), k + usize::from(constant));
        let part = match (vcov, counted.groups.first()) {
            (Vcov::Cluster(_), Some(group)) => cluster_part(x, u, &group.codes()[rows]),
            (Vcov::Robust(hc), _) => match times {
                None => robust_part(x, u, *hc, leverage),
                Some(times) => {
                    let one: Vec<f64> = u.iter().zip(&times[rows]).map(|(u, r)| u / r).collect();
                    robust_part(x, &one, *hc, leverage)
                }
            },
            _ => Part::None,
        };
        (ssr, part)
    };
    let parts = residuals
        .par_chunks_mut(CHUNK)
        .with_min_len(ls::grain(CHUNK))
        .enumerate()
        .map(piece)
        .collect();
    (residuals, parts)
}
