//! Pooled models with sets of indicators: effects that are absorbed and found after are those of
//! columns of zeros and ones.

use estimate::{Design, Error, Fit, Spec, Weights, pooled};
use panel::{Model, Panel};
use proptest::prelude::*;
use testkit::{assert_close, rows};

use super::{Constant, KEEP, TOLERANCE, same};

const FORMULAS: [&str; 8] = [
    "y ~ x1 + x2 + i.year",
    "y ~ i.id + x1 + i.year + x2",
    "y ~ x1 + x2 + i.zone + ib1992.year",
    "y ~ x1 + x1:x2 + i.id + L.x2",
    "y ~ x1 + i.g + i.id",
    "y ~ x1 + x2 + x3 + i.g",
    "y ~ x1 + x2 + year::1992 + i.id",
    "y ~ x1 + year::1992 + year::1993",
];
const VCOVS: [&str; 5] = ["iid", "HC0", "HC1", "cluster id", "cluster year"];

/// With weights of one, indicators stay columns.
fn both(panel: &Panel, formula: &str, vcov: &str) -> [Result<Fit, Error>; 2] {
    let model: Model = formula.parse().unwrap();
    let ones: Weights = "aweight one".parse().unwrap();
    let spec = Spec { vcov: vcov.parse().unwrap(), convention: KEEP, constant: Constant::Omit };
    [None, Some(&ones)].map(|weights| {
        let design = Design::chosen(panel, &model, KEEP.singletons, weights, None)?;
        pooled(&design, &spec)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Estimates, the whole covariance, residuals, sums and counts agree; so do refusals.
    #[test]
    fn absorbed_or_not(rows in rows(), formula in 0..FORMULAS.len(), vcov in 0..VCOVS.len()) {
        let panel = rows.with("one", |_, _| 1.0).panel();
        let [sparse, dense] = both(&panel, FORMULAS[formula], VCOVS[vcov]);
        let (sparse, dense) = match (sparse, dense) {
            (Ok(sparse), Ok(dense)) => (sparse, dense),
            (Err(sparse), Err(dense)) => {
                prop_assert_eq!(sparse.to_string(), dense.to_string());
                return Ok(());
            }
            (sparse, dense) => panic!("{:?} {:?}", sparse.err(), dense.err()),
        };
        let k = sparse.terms().len();
        same(&sparse, &dense, k + 1);
        let (a, b) = (sparse.vcov(), dense.vcov());
        for i in 0..k {
            for j in 0..k {
                let scale = (b[[i, i]] * b[[j, j]]).sqrt();
                prop_assert!((a[[i, j]] - b[[i, j]]).abs() <= TOLERANCE * scale);
            }
        }
        let largest = dense.residuals().iter().fold(0.0, |most: f64, u| most.max(u.abs()));
        for (a, b) in sparse.residuals().iter().zip(dense.residuals()) {
            prop_assert!((a - b).abs() <= TOLERANCE * largest);
        }
        assert_close(sparse.sums().residual, dense.sums().residual, TOLERANCE);
        assert_close(sparse.sums().total, dense.sums().total, TOLERANCE);
        assert_close(sparse.sums().within, dense.sums().within, TOLERANCE);
        prop_assert_eq!(sparse.correction(), dense.correction());
    }
}
