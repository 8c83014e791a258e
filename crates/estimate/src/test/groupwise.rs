//! One error variance an entity?

use super::{Distribution, Test, TestNote};
use crate::{Design, Error, Fit, TestError};

/// The modified Wald test that all entities have the same error variance.
///
/// With `e_it` the residuals of the fit and sums over an entity's `T_i` rows:
///
/// ```text
/// σ̂_i² = Σ_t e_it² / T_i        V_i = Σ_t (e_it² − σ̂_i²)² / (T_i (T_i − 1))
/// W = Σ_i (σ̂_i² − σ̂²)² / V_i ~ χ²(N)        σ̂² = Σ (e_it − ē)² / n
/// ```
///
/// It does not need normal errors, but many periods: with few its size is far off. An entity whose
/// squared residuals are all the same has `V_i = 0`, as every entity with two rows within entity
/// effects: those take no part, and a note counts them.
///
/// # Errors
///
/// [`TestError::TooFewEntities`] if fewer than two entities are left.
///
/// # Source
///
/// Greene (2000), p. 598; Baum (2001) for unbalanced panels. Agrees with Stata's `xttest3` after
/// `xtreg, fe` and `xtgls`.
pub fn modified_wald(design: &Design<'_>, fit: &Fit) -> Result<Test, Error> {
    design.plain("the modified Wald test")?;
    let entity = design.group(design.index_names().0)?;
    let residuals = fit.residuals();
    let n = residuals.len() as f64;
    let mean = residuals.iter().sum::<f64>() / n;
    let overall = residuals.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>() / n;
    let mut rows = vec![Vec::new(); entity.n_levels()];
    for (e, &code) in residuals.iter().zip(entity.codes()) {
        rows[code as usize].push(e * e);
    }
    let (mut statistic, mut entities) = (0.0, 0);
    for squares in &rows {
        let t = squares.len() as f64;
        let variance = squares.iter().sum::<f64>() / t;
        let about = squares.iter().map(|e| (e - variance) * (e - variance)).sum::<f64>();
        // Squares that are equal but for rounding have no variance to divide by.
        if about.sqrt() <= 1e-10 * variance.max(1e-10 * overall) {
            continue;
        }
        statistic += (variance - overall).powi(2) * t * (t - 1.0) / about;
        entities += 1;
    }
    if entities < 2 {
        return Err(TestError::TooFewEntities { entities, needed: 2 }.into());
    }
    let left_out = rows.len() - entities;
    let note = (left_out > 0).then_some(TestNote::EntitiesLeftOut {
        entities: left_out,
        why: "their squared residuals do not vary",
    });
    let test = Test::new(
        "Modified Wald test for groupwise heteroskedasticity",
        statistic,
        Distribution::ChiSquared(entities),
        "error variances that differ between entities",
    );
    Ok(test.with(note))
}
