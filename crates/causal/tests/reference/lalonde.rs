//! A training programme (`LaLonde` 1986): `MatchIt` and `Matching`, R.
#![allow(clippy::float_cmp, reason = "what is equal is equal to the last bit")]

use causal::matching::{
    self, Balance, Caliper, Errors, Estimand, Matching, Means, Method, Order, Reuse, Scale, Score,
    Spec, Support, Target, Ties, Unit, balance,
};
use estimate::{
    BinarySpec, Constant, Convention, Design, Hc, Information, Link, Reference, SmallSample, Vcov,
    binary, pooled,
};
use panel::{Column, Panel, Term};
use testkit::{Case, Record, assert_close, cross_section, file};

use crate::TOLERANCE;
use crate::weighted::{Covariance, Weighted};

const COVARIATES: [&str; 8] =
    ["age", "educ", "race::hispan", "race::white", "married", "nodegree", "re74", "re75"];
const MODEL: &str = "treat ~ age + educ + i.race + married + nodegree + re74 + re75";
/// R's `glm` was told to stop when the deviance moves by a share of 1e-14. The deviance is flat at
/// its minimum, so that coefficients are then right to about its root; standard errors are those of
/// the step before.
const GLM: f64 = 2e-7;
const SUBCLASS: &str = "subclassification: not offered; matching and weighting are";

fn term(text: &str) -> Term {
    text.parse().unwrap()
}

fn values(panel: &Panel, text: &str) -> Vec<f64> {
    panel.values(&term(text)).unwrap().into_owned()
}

fn nearest(k: usize, reuse: &str, caliper: Option<Caliper>) -> Method {
    Method::Nearest { k, reuse: reuse.parse().unwrap(), ties: Ties::Places, caliper }
}

fn spec(score: Score, method: Method) -> Spec {
    Spec {
        model: MODEL.parse().unwrap(),
        outcomes: vec![term("re78")],
        score,
        method,
        within: vec![],
        support: Support::None,
        estimand: Estimand::Treated,
        errors: Errors::Naive,
    }
}

/// What `MatchIt` was asked for, and the file of its pairs.
fn matchit(name: &str) -> Option<(Spec, &'static str)> {
    let logit = Score::Logit(Scale::Probability);
    let caliper = |width, unit| Some(Caliper { width, unit });
    let (score, method, pairs) = match name {
        "nn1_noreplace" => (logit, nearest(1, "once largest", None), "nn1_noreplace"),
        "nn1_noreplace_order_data" => {
            (logit, nearest(1, "once data", None), "nn1_noreplace_order_data")
        }
        "nn1_noreplace_order_smallest" => {
            (logit, nearest(1, "once smallest", None), "nn1_noreplace_order_smallest")
        }
        "nn1_replace" => (logit, nearest(1, "replacement", None), "nn1_replace"),
        "nn1_linearPS" => {
            (Score::Logit(Scale::Index), nearest(1, "once largest", None), "nn1_linearps")
        }
        "nn1_caliper.2sd" => {
            (logit, nearest(1, "once largest", caliper(0.2, Unit::Sd)), "nn1_caliper_2sd")
        }
        "nn1_caliper_abs.01" => {
            (logit, nearest(1, "once largest", caliper(0.01, Unit::Distance)), "nn1_caliper_abs_01")
        }
        "nn2_noreplace" => (logit, nearest(2, "once largest", None), "nn2_noreplace"),
        "nn3_replace" => (logit, nearest(3, "replacement", None), "nn3_replace"),
        "nn1_probit" => {
            (Score::Probit(Scale::Probability), nearest(1, "once largest", None), "nn1_probit")
        }
        _ => return None,
    };
    Some((spec(score, method), pairs))
}

/// A matched sample as R's `match.data` has it.
struct Sample<'a> {
    panel: &'a Panel,
    matching: &'a Matching,
    rows: Vec<usize>,
    weights: Vec<f64>,
    /// Without replacement, the matched set of each row.
    subclass: Option<Vec<usize>>,
}

impl<'a> Sample<'a> {
    fn new(panel: &'a Panel, matching: &'a Matching) -> Self {
        let all = matching.weights();
        let rows: Vec<usize> = (0..matching.n()).filter(|&i| all[i] > 0.0).collect();
        let controls: Vec<usize> =
            rows.iter().copied().filter(|&i| !matching.treated()[i]).collect();
        // Weights of the controls sum to their number.
        let total: f64 = controls.iter().map(|&i| all[i]).sum();
        let factor = controls.len() as f64 / total;
        let weight = |&i: &usize| if matching.treated()[i] { all[i] } else { all[i] * factor };
        let weights = rows.iter().map(weight).collect();
        let once = matches!(matching.spec().method, Method::Nearest { reuse: Reuse::Once(_), .. });
        let mut set_of = vec![usize::MAX; matching.n()];
        for (at, set) in matching.sets().enumerate() {
            set_of[set.row] = at;
            set.matches().for_each(|j| set_of[j] = at);
        }
        let subclass = once.then(|| rows.iter().map(|&i| set_of[i]).collect());
        Self { panel, matching, rows, weights, subclass }
    }

    fn column(&self, text: &str) -> Vec<f64> {
        let all = values(self.panel, text);
        self.rows.iter().map(|&i| all[self.matching.row(i)]).collect()
    }

    fn covariance(&self) -> Covariance<'_> {
        match &self.subclass {
            Some(of) => Covariance::Cluster(of),
            None => Covariance::Robust(2, 1.0),
        }
    }

    /// `re78 ~ 1 + treat`, with covariates, with their products with treatment.
    fn fit(&self, covariates: bool, interactions: bool) -> Weighted {
        let treat = self.column("treat");
        let mut x = vec![vec![1.0; treat.len()], treat.clone()];
        if covariates {
            x.extend(COVARIATES.map(|c| self.column(c)));
        }
        if interactions {
            let product = |c: &str| self.column(c).iter().zip(&treat).map(|(a, b)| a * b).collect();
            x.extend(COVARIATES.map(product));
        }
        Weighted::new(&self.column("re78"), &x, &self.weights)
    }
}

fn check(record: &mut Record, estimate: f64, error: f64, reference: Reference) {
    check_within(record, estimate, error, reference, TOLERANCE);
}

/// p moves by up to `t²` times as much as t.
fn check_within(
    record: &mut Record,
    estimate: f64,
    error: f64,
    reference: Reference,
    tolerance: f64,
) {
    let t = estimate / error;
    record.compare("estimate", estimate, tolerance);
    record.compare("std_error", error, tolerance);
    record.compare("statistic", t, tolerance);
    if record.published("p_value").is_some() {
        record.compare("p_value", reference.two_sided(t), tolerance * (t * t).max(1.0));
    }
}

fn unit(k: usize, at: usize) -> Vec<f64> {
    (0..k).map(|i| f64::from(u8::from(i == at))).collect()
}

fn check_effect(record: &mut Record, panel: &Panel, matching: &Matching, variant: &str) {
    let sample = Sample::new(panel, matching);
    match variant {
        "" => {
            let fit = sample.fit(false, false);
            let classical = record.text("vcov") == "classical WLS";
            let (covariance, reference) = if classical {
                (Covariance::Classical, Reference::T(fit.df()))
            } else {
                (sample.covariance(), Reference::Normal)
            };
            let att = &matching.effects()[1];
            assert_close(fit.beta[1], att.estimate, 1e-11);
            check(record, att.estimate, fit.error(&unit(2, 1), &covariance), reference);
            if classical {
                let (treated, control) = (matching.counts(true), matching.counts(false));
                record.compare("model_level.n_matched_treated", treated.matched as f64, 0.0);
                record.compare("model_level.n_matched_control", control.matched as f64, 0.0);
                record.compare("model_level.mean_treated", att.treated, TOLERANCE);
                record.compare("model_level.mean_control_w", att.untreated, TOLERANCE);
                for (column, group) in [false, true].into_iter().enumerate() {
                    let w: Vec<f64> = (0..matching.n())
                        .filter(|&i| matching.treated()[i] == group)
                        .map(|i| matching.weights()[i])
                        .collect();
                    let n = w.len() as f64;
                    let squares: f64 = w.iter().map(|w| w * w).sum();
                    let effective = w.iter().sum::<f64>().powi(2) / squares;
                    let counts = matching.counts(group);
                    let rows = [
                        n,
                        n,
                        effective,
                        counts.matched as f64,
                        counts.unmatched as f64,
                        counts.off_support as f64,
                    ];
                    for (row, ours) in rows.into_iter().enumerate() {
                        record.compare(
                            &format!("model_level.nn[{row}][{column}]"),
                            ours,
                            TOLERANCE,
                        );
                    }
                }
            }
        }
        "covadj" => {
            let fit = sample.fit(true, false);
            let error = fit.error(&unit(10, 1), &sample.covariance());
            check(record, fit.beta[1], error, Reference::Normal);
        }
        "gcomp" => {
            let fit = sample.fit(true, true);
            let treated: Vec<usize> =
                (0..sample.rows.len()).filter(|&i| matching.treated()[sample.rows[i]]).collect();
            let mut gradient = vec![0.0; 18];
            gradient[1] = 1.0;
            for (j, covariate) in COVARIATES.iter().enumerate() {
                let x = sample.column(covariate);
                let mean = treated.iter().map(|&i| x[i]).sum::<f64>() / treated.len() as f64;
                gradient[10 + j] = mean;
            }
            let estimate: f64 = gradient.iter().zip(&fit.beta).map(|(g, b)| g * b).sum();
            let error = fit.error(&gradient, &sample.covariance());
            check(record, estimate, error, Reference::Normal);
        }
        other => panic!("{other}"),
    }
}

fn check_balance(record: &mut Record, balance: &Balance, after: bool) {
    let name = match record.text("model_level.covariate") {
        "distance" => "score".to_owned(),
        name => name.strip_prefix("race").map_or(name.to_owned(), |race| format!("race::{race}")),
    };
    let covariate =
        balance.covariates.iter().chain([&balance.score]).find(|c| c.name == name).unwrap();
    let means: &Means = if after { &covariate.after } else { &covariate.before };
    // A difference of two means is right to the precision of the means.
    let size = means.treated.abs().max(means.untreated.abs());
    let fields = [
        ("Means Treated", Some(means.treated), 0.0),
        ("Means Control", Some(means.untreated), 0.0),
        (
            "Std. Mean Diff.",
            means.std_difference,
            size * means.std_difference.unwrap_or(0.0) / (means.treated - means.untreated),
        ),
        ("Var. Ratio", means.reliability_ratio, 0.0),
        ("eCDF Mean", Some(means.ecdf_mean), 1e-5),
        ("eCDF Max", Some(means.ecdf_max), 1e-5),
        ("Std. Pair Dist.", covariate.pair_distance.filter(|_| after), 0.0),
    ];
    for (field, ours, scale) in fields {
        let field = format!("model_level.{field}");
        match (record.published(&field), ours) {
            (None, None) => {}
            (Some(theirs), Some(ours)) if (ours - theirs).abs() <= TOLERANCE * scale => {
                record.compare_absolutely(&field, ours, TOLERANCE * scale);
            }
            (Some(_), Some(ours)) => record.compare(&field, ours, TOLERANCE),
            (theirs, ours) => panic!("{record}: {field} {theirs:?} {ours:?}"),
        }
    }
}

/// The pairs that `MatchIt` wrote down.
fn check_pairs(matching: &Matching, file_name: &str) -> usize {
    let ids: Vec<String> = file("lalonde", "data.csv")
        .lines()
        .skip(1)
        .map(|l| l.split(',').next().unwrap().replace('"', ""))
        .collect();
    let text = file("lalonde", &format!("matches_matchit_lalonde_{file_name}.csv"));
    let mut ours: Vec<Vec<String>> = Vec::new();
    for set in matching.sets() {
        let members = std::iter::once(set.row).chain(set.matches());
        ours.push(members.map(|i| ids[matching.row(i)].clone()).collect());
    }
    let mut theirs: Vec<Vec<String>> = text
        .lines()
        .skip(1)
        .map(|line| {
            line.replace('"', "").split(',').filter(|id| *id != "NA").map(str::to_owned).collect()
        })
        .filter(|set: &Vec<String>| set.len() > 1)
        .collect();
    // `MatchIt` lists matches as it finds them.
    for sets in [&mut ours, &mut theirs] {
        for set in sets.iter_mut() {
            set[1..].sort();
        }
    }
    assert_eq!(ours, theirs, "{file_name}");
    ours.len()
}

fn check_score_model(record: &mut Record, panel: &Panel, model: &str, link: Link) {
    let design = Design::new(panel, &model.parse().unwrap(), estimate::Singletons::Keep).unwrap();
    let spec = BinarySpec {
        link,
        information: Information::Expected,
        vcov: Vcov::Iid,
        small_sample: SmallSample::None,
    };
    let fit = binary(&design, &spec).unwrap();
    let name = match record.text("term") {
        "(Intercept)" => None,
        name => Some(ours(name)),
    };
    let table = fit.coefficients();
    let at = match &name {
        None => table.len() - 1,
        Some(name) => fit.terms().iter().position(|t| t.to_string() == *name).unwrap(),
    };
    let row = &table[at];
    check_within(record, row.estimate, row.std_error, Reference::Normal, GLM);
    record.compare("model_level.n", fit.n() as f64, 0.0);
    record.compare("model_level.logLik", fit.log_likelihood(), TOLERANCE);
    for (field, group) in [("mean_ps_treated", 1.0), ("mean_ps_control", 0.0)] {
        let field = format!("model_level.{field}");
        if record.published(&field).is_some() {
            let of_group = fit.probabilities().into_iter().zip(design.response().to_vec());
            let of_group: Vec<f64> =
                of_group.filter(|(_, d)| *d == group).map(|(p, _)| p).collect();
            record.compare(&field, of_group.iter().sum::<f64>() / of_group.len() as f64, GLM);
        }
    }
}

/// R's name of a term, ours.
fn ours(name: &str) -> String {
    if let Some(inner) = name.strip_prefix("I(").and_then(|n| n.strip_suffix(')')) {
        return inner.replace(" * ", ":");
    }
    name.strip_prefix("race").map_or(name.to_owned(), |race| format!("race::{race}"))
}

/// A regression by least squares, a record a coefficient.
fn check_regression(record: &mut Record, panel: &Panel, model: &str) {
    let design = Design::new(panel, &model.parse().unwrap(), estimate::Singletons::Keep).unwrap();
    let neyman = record.text("vcov") == "HC2 Neyman";
    let spec = estimate::Spec {
        vcov: if neyman { Vcov::Robust(Hc::Hc2) } else { Vcov::Iid },
        convention: Convention::FIXEST,
        constant: Constant::Mean,
    };
    let fit = pooled(&design, &spec).unwrap();
    let table = fit.coefficients();
    let at = match record.text("term") {
        "(Intercept)" => table.len() - 1,
        name => fit.terms().iter().position(|t| t.to_string() == ours(name)).unwrap(),
    };
    let row = &table[at];
    let t = row.estimate / row.std_error;
    for (field, value) in
        [("estimate", row.estimate), ("std_error", row.std_error), ("statistic", t)]
    {
        record.compare(field, value, TOLERANCE);
    }
    let df = fit.correction().n - fit.correction().k_all;
    let reference = if neyman { Reference::Normal } else { Reference::T(df) };
    if record.published("p_value") == Some(0.0) {
        record.compare_absolutely("p_value", reference.two_sided(t), 1e-300);
    } else {
        record.compare("p_value", reference.two_sided(t), (TOLERANCE * t * t).max(TOLERANCE));
    }
    let treated = values(panel, "treat").iter().sum();
    for (field, value) in [
        ("n", fit.correction().n as f64),
        ("n_treated", treated),
        ("r_squared", estimate::r_squared(&design, &fit).unwrap().r2),
    ] {
        let field = format!("model_level.{field}");
        if record.published(&field).is_some() {
            record.compare(&field, value, TOLERANCE);
        }
    }
}

/// The panel with `MatchIt`'s score in a column `theirs`: Fisher scoring from `(y + ½)/2` until the
/// deviance moves by a share of less than 1e-8, which is `glm`'s default.
fn stopped(panel: &Panel, score: &Score) -> Panel {
    let (link, scale) = match score {
        Score::Logit(scale) => (Link::Logit, *scale),
        Score::Probit(scale) => (Link::Probit, *scale),
        Score::Given(_) => unreachable!(),
    };
    let y = values(panel, "treat");
    let x: Vec<Vec<f64>> =
        std::iter::once(vec![1.0; y.len()]).chain(COVARIATES.map(|c| values(panel, c))).collect();
    // The quantile of ¾ is where both groups start.
    let start = match link {
        Link::Logit => 3_f64.ln(),
        Link::Probit => Reference::Normal.two_sided_quantile(0.5),
    };
    let mut eta: Vec<f64> = y.iter().map(|&y| if y > 0.5 { start } else { -start }).collect();
    let mut last = f64::INFINITY;
    loop {
        let mu: Vec<f64> = eta.iter().map(|&eta| link.probability(eta)).collect();
        let mu_of = |(mu, y): (&f64, &f64)| if *y > 0.5 { mu.ln() } else { (1.0 - mu).ln() };
        let deviance: f64 = -2.0 * mu.iter().zip(&y).map(mu_of).sum::<f64>();
        if (deviance - last).abs() / (deviance.abs() + 0.1) < 1e-8 {
            let values = match scale {
                Scale::Index => eta,
                Scale::Probability => mu,
            };
            let mut columns = panel.columns().clone();
            columns.insert("theirs".into(), Column::Number(values));
            return Panel::new(panel.index().clone(), columns).unwrap();
        }
        last = deviance;
        let slope: Vec<f64> = eta.iter().map(|&eta| link.density(eta)).collect();
        let weights: Vec<f64> =
            slope.iter().zip(&mu).map(|(f, mu)| f * f / (mu * (1.0 - mu))).collect();
        let working: Vec<f64> = (0..y.len()).map(|i| eta[i] + (y[i] - mu[i]) / slope[i]).collect();
        let fit = Weighted::new(&working, &x, &weights);
        let index = |i: usize| x.iter().zip(&fit.beta).map(|(x, b)| x[i] * b).sum();
        eta = (0..y.len()).map(index).collect();
    }
}

/// Hajek weights from the odds.
fn check_weighting(record: &mut Record, panel: &Panel, score: &[f64]) {
    let treat = values(panel, "treat");
    let w: Vec<f64> =
        treat.iter().zip(score).map(|(&d, p)| if d > 0.5 { 1.0 } else { p / (1.0 - p) }).collect();
    let fit = Weighted::new(&values(panel, "re78"), &[vec![1.0; w.len()], treat], &w);
    let factor = w.len() as f64 / fit.df() as f64;
    let error = fit.error(&[0.0, 1.0], &Covariance::Robust(0, factor));
    check(record, fit.beta[1], error, Reference::Normal);
}

/// The model, and `Matching::Match` on its score: ties within its tolerance, one variance.
fn matching_r(panel: &Panel, model: &str, k: usize) -> Matching {
    let method = Method::Nearest {
        k,
        reuse: Reuse::Replacement,
        ties: Ties::AverageWithin(1e-5),
        caliper: None,
    };
    let spec = Spec {
        model: model.parse().unwrap(),
        errors: Errors::AbadieImbens { neighbours: 0, target: Target::Population },
        ..spec(Score::Logit(Scale::Probability), method)
    };
    matching::estimate(panel, &spec).unwrap()
}

fn check_matching_r(record: &mut Record, matching: &Matching) {
    let att = &matching.effects()[1];
    check(record, att.estimate, att.std_error.unwrap(), Reference::Normal);
    // `se.standard`: the standard error of the mean of pairwise differences, weighted.
    let y = values_of_rows(matching);
    let (mut sum, mut total, mut squares, mut pairs) = (0.0, 0.0, 0.0, 0);
    for set in matching.sets() {
        let share = 1.0 / set.matches().len() as f64;
        for j in set.matches() {
            let gap = y[set.row] - y[j] - att.estimate;
            sum += share * gap * gap;
            total += share;
            squares += share * share;
            pairs += 1;
        }
    }
    let _ = squares;
    record.compare("model_level.se_standard", (sum / (total * total)).sqrt(), TOLERANCE);
    let n = matching.n() as f64;
    let treated = matching.counts(true);
    for (field, value) in [
        ("nobs", n),
        ("n_treated", (treated.matched + treated.unmatched) as f64),
        ("n_matched", total),
        ("n_unweighted", f64::from(pairs)),
    ] {
        let field = format!("model_level.{field}");
        if record.published(&field).is_some() {
            record.compare(&field, value, TOLERANCE);
        }
    }
    let field = "model_level.n_control_in_support";
    if record.published(field).is_some() {
        let least = (0..matching.n()).filter(|&i| matching.treated()[i]);
        let least = least.map(|i| matching.score()[i]).fold(f64::INFINITY, f64::min);
        let within = |&i: &usize| !matching.treated()[i] && matching.score()[i] >= least;
        record.compare(field, (0..matching.n()).filter(within).count() as f64, 0.0);
    }
}

thread_local! {
    static OUTCOME: std::cell::RefCell<Vec<f64>> = const { std::cell::RefCell::new(Vec::new()) };
}

fn values_of_rows(matching: &Matching) -> Vec<f64> {
    OUTCOME.with_borrow(|all| (0..matching.n()).map(|i| all[matching.row(i)]).collect())
}

/// A data set with indicators of no earnings.
fn with_zeros(name: &str) -> Panel {
    let panel = cross_section(&file("lalonde", name));
    let zero = |of: &str| {
        let flags = values(&panel, of).iter().map(|&v| f64::from(u8::from(v == 0.0))).collect();
        Column::Number(flags)
    };
    let mut columns = panel.columns().clone();
    columns.insert("u74".into(), zero("re74"));
    columns.insert("u75".into(), zero("re75"));
    Panel::new(panel.index().clone(), columns).unwrap()
}

const DW: &str = "treat ~ age + age^2 + educ + educ^2 + black + hisp + married + nodegr + re74 + \
                  re74^2 + re75 + re75^2 + u74 + u75";
const DW_PSID: &str = "treat ~ age + age^2 + educ + educ^2 + married + nodegree + black + hispanic \
                       + re74 + re75 + re74^2 + re75^2 + u74:black";
const DW_CPS: &str = "treat ~ age + age^2 + age^3 + educ + educ^2 + married + nodegree + black + \
                      hispanic + re74 + re75 + u74 + u75 + educ:re74";

#[test]
fn lalonde() {
    let mut case = Case::load_rows("lalonde");
    let panel = case.panel().clone();
    let terms: Vec<Term> = [
        "age",
        "educ",
        "race::black",
        "race::hispan",
        "race::white",
        "married",
        "nodegree",
        "re74",
        "re75",
    ]
    .map(term)
    .to_vec();
    let others = [
        ("nsw_dw445", "data_nsw_dw445.csv", DW),
        ("nsw_cps", "data_nsw_cps.csv", DW_CPS),
        ("nsw_psid", "data_nsw_psid.csv", DW_PSID),
    ]
    .map(|(name, file, model)| (name, with_zeros(file), model));
    let mut held: Option<(String, Matching, Balance)> = None;
    for record in case.records() {
        let model = record.text("model").to_owned();
        let (data, what) = model.split_once('/').unwrap();
        let (name, variant) = what.split_once(['/', '+']).unwrap_or((what, ""));
        if data != "matchit_lalonde" && data != "matching_lalonde614" {
            let (_, panel, model) = others.iter().find(|(name, ..)| *name == data).unwrap();
            OUTCOME.set(values(panel, "re78"));
            match name {
                "raw_diff" => check_regression(record, panel, "re78 ~ treat"),
                "ols_adj" => check_regression(
                    record,
                    panel,
                    "re78 ~ treat + age + educ + black + hisp + married + nodegr + re74 + re75",
                ),
                "ps_logit_DW" => check_score_model(record, panel, model, Link::Logit),
                "nn1_replace_DW" | "matching_example" => {
                    check_matching_r(record, &matching_r(panel, model, 1));
                }
                "ipw_att_DW" => check_weighting(record, panel, matching_r(panel, model, 1).score()),
                other => panic!("{other}"),
            }
            continue;
        }
        OUTCOME.set(values(&panel, "re78"));
        match name {
            "ps_logit" => check_score_model(record, &panel, MODEL, Link::Logit),
            "ps_probit" => check_score_model(record, &panel, MODEL, Link::Probit),
            "raw_diff" => check_regression(record, &panel, "re78 ~ treat"),
            "ols" => {
                check_regression(record, &panel, &format!("re78 ~ {}", MODEL.replace(" ~", " +")));
            }
            "nn1_replace_ties" => check_matching_r(record, &matching_r(&panel, MODEL, 1)),
            "nn3_replace_ties" => check_matching_r(record, &matching_r(&panel, MODEL, 3)),
            "ipw_att" => check_weighting(record, &panel, matching_r(&panel, MODEL, 1).score()),
            "subclass6" => record.defer_all(SUBCLASS),
            _ => {
                if held.as_ref().is_none_or(|(held, ..)| held != name) {
                    // Before matching, any matching will do.
                    let known = if name == "unmatched" { "nn1_noreplace" } else { name };
                    let (spec, pairs) = matchit(known).unwrap();
                    let own = matching::estimate(&panel, &spec).unwrap();
                    assert!(check_pairs(&own, pairs) > 100);
                    // Its scores are those of a search that stopped early: see [`stopped`].
                    let given = Spec { score: Score::Given(term("theirs")), ..spec.clone() };
                    let theirs = stopped(&panel, &spec.score);
                    let matching = matching::estimate(&theirs, &given).unwrap();
                    check_pairs(&matching, pairs);
                    for (own, theirs) in own.distance().iter().zip(matching.distance()) {
                        assert!((own - theirs).abs() < 1e-5);
                    }
                    assert_close(own.effects()[1].estimate, matching.effects()[1].estimate, 1e-13);
                    let balance = balance(&panel, &terms, &matching).unwrap();
                    held = Some((name.to_owned(), matching, balance));
                }
                let (_, matching, balance) = held.as_ref().unwrap();
                match variant {
                    "balance" => check_balance(record, balance, name != "unmatched"),
                    variant => check_effect(record, &panel, matching, variant),
                }
            }
        }
    }
    let summary = case.finish();
    println!("lalonde: {summary}");
    assert_eq!((summary.compared, summary.numbers), (235, 1536));
    assert_eq!(summary.deferred.into_iter().collect::<Vec<_>>(), [(SUBCLASS.to_owned(), 4)]);
    assert!(summary.deferred_numbers.is_empty());
}

/// `MatchIt`'s vignette, `summary(m.out1)` and `summary(m.out0)`, and the example of
/// `Matching::Match`, as printed.
#[test]
fn published() {
    let panel = cross_section(&file("lalonde", "data.csv"));
    let (spec, _) = matchit("nn1_noreplace").unwrap();
    let matching = matching::estimate(&panel, &spec).unwrap();
    let terms = ["age", "educ", "race::black", "married", "nodegree", "re74", "re75"].map(term);
    let balance = balance(&panel, &terms, &matching).unwrap();
    let all: Vec<_> = std::iter::once(&balance.score).chain(&balance.covariates).collect();
    let printed = |ours: f64, theirs: &str| {
        let decimals = theirs.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        assert_eq!(format!("{ours:.decimals$}"), theirs);
    };
    for (covariate, mean, difference) in [
        (0, "0.3629", "0.9739"),
        (1, "25.3027", "0.0718"),
        (2, "10.6054", "-0.1290"),
        (3, "0.4703", "1.0259"),
        (4, "0.2108", "-0.0552"),
        (5, "0.6378", "0.1546"),
        (6, "2342.1076", "-0.0505"),
        (7, "1614.7451", "-0.0257"),
    ] {
        printed(all[covariate].after.untreated, mean);
        printed(all[covariate].after.std_difference.unwrap(), difference);
    }
    for (covariate, mean, difference) in [
        (0, "0.1822", "1.7941"),
        (1, "28.0303", "-0.3094"),
        (6, "5619.2365", "-0.7211"),
        (7, "2466.4844", "-0.2903"),
    ] {
        printed(all[covariate].before.untreated, mean);
        printed(all[covariate].before.std_difference.unwrap(), difference);
    }
    let example = matching_r(&with_zeros("data_nsw_dw445.csv"), DW, 1);
    printed(example.effects()[1].estimate, "2153.3");
    printed(example.effects()[1].std_error.unwrap(), "825.4");
}

/// Tie rules move the effect. Direct searches in numpy, over all distances, found the first
/// in the file and the average of exact ties; `MatchIt` found the other.
#[test]
fn ties_move_the_effect() {
    let panel = cross_section(&file("lalonde", "data.csv"));
    for (k, ties, controls, estimate) in [
        (1, Ties::First, 80, 1_967.939_684_324_325_8),
        (3, Ties::First, 153, 1_587.037_759_063_064_2),
        (1, Ties::Places, 82, 1_991.615_273_513_52),
        (1, Ties::Average, 88, 1_968.799_715_855_855_5),
    ] {
        let method = Method::Nearest { k, reuse: Reuse::Replacement, ties, caliper: None };
        let spec = spec(Score::Logit(Scale::Probability), method);
        let matching = matching::estimate(&panel, &spec).unwrap();
        let att = &matching.effects()[1];
        assert_close(att.estimate, estimate, 1e-12);
        assert_eq!(att.n_untreated, controls, "{ties}");
    }
}

/// Who chooses first has a name; the order of the file is the order of the panel.
#[test]
fn orders_have_names() {
    for (text, order) in [
        ("once largest", Order::Largest),
        ("once smallest", Order::Smallest),
        ("once data", Order::Data),
        ("once random 7", Order::Random { seed: 7 }),
    ] {
        assert_eq!(text.parse(), Ok(Reuse::Once(order)));
        assert_eq!(Reuse::Once(order).to_string(), text);
    }
}
