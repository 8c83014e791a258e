//! Differences of a coefficient between groups, from one regression of all of them.

use estimate::{Constant, Design, Reference, linear, texts};
use ndarray::{Array1, Array2};
use panel::Factor;

use super::SplitSpec;
use crate::Error;

/// What has a coefficient of its own in every group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interact {
    /// Everything, the effects too: a Chow test, and with clustered errors Stata's `suest`.
    All,
    /// Only the regressor that is compared; controls and effects are common, and groups differ in
    /// level.
    Term,
}

texts!(Interact, "interaction", All = "all", Term = "term");

/// A difference of one coefficient between two groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The two groups; the difference is the first's coefficient less the second's.
    pub between: (String, String),
    /// In units of the coefficient.
    pub estimate: f64,
    /// From the joint covariance.
    pub std_error: f64,
    /// `estimate / std_error`.
    pub statistic: f64,
    /// Two-sided, by the reference distribution of the joint regression.
    pub p_value: f64,
    /// That distribution.
    pub reference: Reference,
}

pub(super) fn all(
    design: &Design<'_>,
    spec: &SplitSpec,
    name: &str,
    groups: &Factor,
) -> Result<Vec<Difference>, Error> {
    let labels: Vec<String> = groups.labels().collect();
    let joint = match spec.interact {
        Interact::All => design.by_group(name, groups),
        Interact::Term => design.slopes_by_group(&spec.of, name, groups),
    };
    let mut estimation = spec.estimation.clone();
    estimation.constant = Constant::Omit;
    // As indicators, the effects of one group would span those of another: all are absorbed, and
    // counted as the convention counts.
    estimation.convention.absorbs_first_only = false;
    let fit = linear(&joint, &estimation)?;
    let of_group = |label: &String| {
        let term = Design::term_of_group(name, label, &spec.of);
        fit.terms().iter().position(|own| *own == term)
    };
    let at: Vec<usize> = labels.iter().filter_map(of_group).collect();
    let (beta, v): (Array1<f64>, Array2<f64>) = (fit.coef().to_owned(), fit.vcov());
    let reference = fit.correction().reference;
    let mut differences = Vec::new();
    for (i, &a) in at.iter().enumerate() {
        for (j, &b) in at.iter().enumerate().skip(i + 1) {
            let estimate = beta[a] - beta[b];
            let std_error = (v[[a, a]] + v[[b, b]] - 2.0 * v[[a, b]]).sqrt();
            let statistic = estimate / std_error;
            differences.push(Difference {
                between: (labels[i].clone(), labels[j].clone()),
                estimate,
                std_error,
                statistic,
                p_value: reference.two_sided(statistic),
                reference,
            });
        }
    }
    Ok(differences)
}
