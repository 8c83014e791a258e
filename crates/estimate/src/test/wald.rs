//! Wald tests of linear hypotheses, and linear combinations of coefficients.

use ndarray::{Array1, Array2};

use super::{Combination, Distribution, Hypothesis, Test, TestNote};
use crate::cholesky::Cholesky;
use crate::{Coefficient, Error, Fit, Reference, TestError};

/// Below this share of its own length a restriction is spanned by the ones before it.
const SPANNED: f64 = 1e-10;

/// The Wald test of a linear hypothesis `R β = r`, with the covariance of the fit.
///
/// ```text
/// W = (R β̂ − r)' (R V̂ R')⁻¹ (R β̂ − r)
/// ```
///
/// `W/q ~ F(q, df)` with the degrees of freedom of the fit's t statistics, and `W ~ χ²(q)` where
/// those are normal. Restrictions that others imply are dropped, with a note.
///
/// # Errors
///
/// [`TestError::NotInModel`] names a term that has no coefficient, [`TestError::Contradiction`]
/// restrictions that cannot hold together, [`TestError::NotTestable`] a covariance of too little rank,
/// as with fewer clusters than restrictions.
///
/// # Source
///
/// Greene (2012), §5.4. Agrees with Stata's `test` and R's `car::linearHypothesis`.
pub fn wald(fit: &Fit, hypothesis: &Hypothesis) -> Result<Test, Error> {
    let mut rows = Vec::with_capacity(hypothesis.n());
    for combination in &hypothesis.zero {
        rows.push((weights(fit, combination)?, combination));
    }
    // In units of standard errors, so that the units of a regressor do not matter.
    let se = fit.vcov.diag().mapv(f64::sqrt);
    let scaled: Vec<Array1<f64>> = rows
        .iter()
        .map(|(row, _)| {
            let row = row * &se;
            let length = row.dot(&row).sqrt();
            row / length
        })
        .collect();
    let gram = products(&scaled);
    let (_, spanned) = Cholesky::new(&gram, SPANNED);
    let kept: Vec<usize> = (0..rows.len()).filter(|j| !spanned.contains(j)).collect();
    let length = |j: usize| (&rows[j].0 * &se).mapv(|v| v * v).sum().sqrt();
    let gap = |j: usize| (rows[j].0.dot(&fit.beta) + rows[j].1.offset) / length(j);
    let value = |j: usize| rows[j].1.offset / length(j);

    let at = |of: &dyn Fn(usize) -> f64, which: &[usize]| -> Array1<f64> {
        which.iter().map(|&j| of(j)).collect()
    };
    let basis: Vec<Array1<f64>> = kept.iter().map(|&j| scaled[j].clone()).collect();
    let (factor, _) = Cholesky::new(&products(&basis), 0.0);
    for &j in &spanned {
        let onto: Array1<f64> = basis.iter().map(|row| row.dot(&scaled[j])).collect();
        let implied = factor.solve(onto.view()).dot(&at(&value, &kept));
        let size = implied.abs().max(value(j).abs());
        if (implied - value(j)).abs() > 1e-8 * size {
            return Err(TestError::Contradiction { restriction: restriction(rows[j].1) }.into());
        }
    }

    let half: Vec<Array1<f64>> = kept.iter().map(|&j| &rows[j].0 / length(j)).collect();
    let q = kept.len();
    let middle = Array2::from_shape_fn((q, q), |(i, j)| half[i].dot(&fit.vcov.dot(&half[j])));
    let scale: Array1<f64> = middle.diag().mapv(f64::sqrt);
    let correlation =
        Array2::from_shape_fn((q, q), |(i, j)| middle[[i, j]] / (scale[i] * scale[j]));
    let (factor, dependent) = Cholesky::new(&correlation, SPANNED);
    if !dependent.is_empty() || scale.iter().any(|s| !(s.is_finite() && *s > 0.0)) {
        let (vcov, _) = fit.spec();
        return Err(TestError::NotTestable {
            restrictions: q,
            rank: q - dependent.len(),
            vcov: vcov.to_string(),
        }
        .into());
    }
    let t = at(&gap, &kept) / &scale;
    let form = t.dot(&factor.solve(t.view()));
    let (statistic, distribution) = match fit.correction().reference {
        Reference::T(df) => (form / q as f64, Distribution::F(q, df)),
        Reference::Normal | Reference::Satterthwaite(_) => (form, Distribution::ChiSquared(q)),
    };
    let test = Test::new(
        format!("Wald test of {hypothesis}"),
        statistic,
        distribution,
        "a restriction does not hold",
    );
    let dropped = spanned.len();
    Ok(test.with((dropped > 0).then_some(TestNote::Redundant { dropped })))
}

/// A linear combination of coefficients, as a row of a coefficient table.
///
/// ```text
/// w'β̂ + c        se = √(w'V̂w)
/// ```
///
/// # Errors
///
/// [`TestError::NotInModel`] names a term that has no coefficient, [`TestError::NotTestable`] if the
/// combination has no variance.
///
/// # Source
///
/// Agrees with Stata's `lincom`.
pub fn lincom(fit: &Fit, combination: &Combination) -> Result<Coefficient, Error> {
    let row = weights(fit, combination)?;
    let estimate = row.dot(&fit.beta) + combination.offset;
    let variance = row.dot(&fit.vcov.dot(&row));
    let length: f64 = row.iter().zip(fit.vcov.diag()).map(|(w, v)| w * w * v).sum();
    if !(variance.is_finite() && variance > SPANNED * SPANNED * length) {
        let (vcov, _) = fit.spec();
        return Err(
            TestError::NotTestable { restrictions: 1, rank: 0, vcov: vcov.to_string() }.into()
        );
    }
    let std_error = variance.sqrt();
    // One coefficient has the degrees of freedom of its own, several those of joint tests.
    let mut weighted = (0..row.len()).filter(|&j| row[j] != 0.0);
    let reference = match (weighted.next(), weighted.next()) {
        (Some(j), None) => fit.reference(j),
        _ => fit.correction().reference,
    };
    let margin = reference.two_sided_quantile(0.05);
    let statistic = estimate / std_error;
    Ok(Coefficient {
        term: combination.to_string(),
        estimate,
        std_error,
        statistic,
        p_value: reference.two_sided(statistic),
        conf_low: estimate - margin * std_error,
        conf_high: estimate + margin * std_error,
        reference,
    })
}

/// The weights of the fit's coefficients, the constant's last.
fn weights(fit: &Fit, combination: &Combination) -> Result<Array1<f64>, Error> {
    let mut row = Array1::zeros(fit.beta.len());
    for (term, weight) in &combination.weights {
        let at = match term {
            Some(term) => fit.terms.iter().position(|own| own == term),
            None => fit.constant.then(|| fit.beta.len() - 1),
        };
        let Some(at) = at else {
            let name = term.as_ref().map_or(Fit::CONSTANT.to_owned(), ToString::to_string);
            return Err(TestError::NotInModel { name, terms: fit.terms().to_vec() }.into());
        };
        row[at] += weight;
    }
    Ok(row)
}

fn products(rows: &[Array1<f64>]) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), rows.len()), |(i, j)| rows[i].dot(&rows[j]))
}

fn restriction(combination: &Combination) -> String {
    Hypothesis { zero: vec![combination.clone()] }.to_string()
}
