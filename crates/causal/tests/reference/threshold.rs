//! Hansen's (1999) investment data: brute force in numpy, pyxthreg, pdR, and what they print.

#![allow(
    clippy::float_cmp,
    reason = "a threshold is one of the values of its variable, to the bit"
)]

use std::collections::BTreeMap;

use causal::threshold::{
    Bootstrap, DrawTrim, Grid, Inequality, Null, Outcome, Resample, Residuals, Rows, Scale, Search,
    Simulated, Spec, Trim, TrimOf, estimate,
};
use estimate::{Constant, Convention};
use panel::Panel;
use testkit::{Case, Record, file};

/// Relative. Reference values have 15 to 17 digits; what is lost is lost in two computations.
const TOLERANCE: f64 = 1e-9;
/// An `F` is a difference of sums of squares that agree to three digits.
const F: f64 = 1e-9;

const TERMS: [&str; 5] = ["q1", "q2", "q3", "d1", "qd1"];

fn spec(variant: &str, grid: &str, inequality: &str, thresholds: usize) -> Spec {
    let (grid, of) = match grid {
        "hansen400" => (Grid::Quantiles(400), TrimOf::Steps),
        "full" => (Grid::All, TrimOf::Observations),
        other => panic!("no grid {other}"),
    };
    let rows = if variant == "dropone" { Rows::DropLast } else { Rows::All };
    // Their script rounds the share of the outer regimes down, and that of the inner ones up.
    let inner = if grid == Grid::All { up(0.01) } else { 0.01 };
    let shares = [0.01, inner, inner][..thresholds].to_vec();
    Spec {
        model: "i ~ q1 + q2 + q3 + d1 + qd1 + c1 | id".parse().unwrap(),
        switching: vec!["c1".parse().unwrap()],
        variable: "d1".parse().unwrap(),
        thresholds,
        inequality: inequality.parse::<Inequality>().unwrap(),
        rows,
        grid,
        trim: Trim { shares, of, min_rows: 1 },
        search: Search::Sequential { rounds: 1 },
        f_scale: Scale::Hansen,
        lr_scale: Scale::Hansen,
        level: 0.95,
        bootstrap: None,
        slopes: slopes("iid", Convention::FIXEST),
    }
}

/// The share of 7910 rows whose number is the next whole one.
fn up(share: f64) -> f64 {
    (7910.0 * share).ceil() / 7910.0
}

fn slopes(vcov: &str, convention: Convention) -> estimate::Spec {
    let vcov = vcov.parse().unwrap();
    estimate::Spec { vcov, convention, constant: Constant::Omit }
}

fn pyxthreg(thresholds: usize, grid: Grid) -> Spec {
    Spec {
        grid,
        trim: Trim { shares: vec![0.01], of: TrimOf::Range, min_rows: 1 },
        f_scale: Scale::Xthreg,
        lr_scale: Scale::Residual,
        ..spec("within", "full", "le", thresholds)
    }
}

fn run(panel: &Panel, spec: &Spec) -> Outcome {
    estimate(panel, spec, &|_| ()).unwrap()
}

/// Our place of a term in the table.
fn place(term: &str) -> usize {
    TERMS.iter().position(|own| *own == term).unwrap_or_else(|| {
        let regime: usize = term.strip_prefix("c1_regime").unwrap().parse().unwrap();
        TERMS.len() + regime - 1
    })
}

fn estimates(outcome: &Outcome) -> Vec<f64> {
    outcome.thresholds().iter().map(|threshold| threshold.estimate).collect()
}

/// Numbers that say what was asked for, or how long it took.
fn settings(record: &mut Record) {
    let given: Vec<String> = record.unread().map(str::to_owned).collect();
    for field in given {
        match field.rsplit('.').next().unwrap_or_default() {
            "seconds" => record.defer(&field, "how long their program took"),
            "max_abs_diff_vs_full_lstsq" | "check_full_lstsq" => {
                record.defer(&field, "their check of their own arithmetic");
            }
            "mc_se_p" => record.defer(&field, "follows from p_value and B"),
            "trim" | "trim_between" | "B" => record.defer(&field, "an input"),
            _ => {}
        }
    }
}

fn common(record: &mut Record, outcome: &Outcome) {
    let n = outcome.linear().sample().n() as f64;
    record.compare("model_level.n_groups", outcome.linear().n_entities() as f64, 0.0);
    record.compare("model_level.n_obs", n_obs(outcome), 0.0);
    record.compare("model_level.T", n_obs(outcome) / outcome.linear().n_entities() as f64, 0.0);
    record.compare("model_level.F_scale_n_T1", outcome.f_scale().1, 0.0);
    record.compare("model_level.grid_points", outcome.n_candidates() as f64, 0.0);
    record.compare("model_level.S0", outcome.linear().sums().residual, TOLERANCE);
    assert!(n <= n_obs(outcome));
}

/// Rows before the last of every entity is dropped.
fn n_obs(outcome: &Outcome) -> f64 {
    outcome.regimes().iter().map(|regime| regime.rows).sum::<usize>() as f64
}

fn hull(record: &mut Record, field: &str, outcome: &Outcome, threshold: usize) {
    let [low, high] = outcome.thresholds()[threshold].confidence.hull();
    record.compare(&format!("model_level.{field}[0]"), low, 0.0);
    record.compare(&format!("model_level.{field}[1]"), high, 0.0);
}

/// Coefficients and four kinds of standard errors.
fn coefficient(record: &mut Record, fits: &[Outcome; 4]) {
    let j = place(record.text("term"));
    let [iid, white, cr0, stata] = fits.each_ref().map(Outcome::fit);
    record.compare("estimate", iid.coef()[j], TOLERANCE);
    record.compare("std_error", iid.stderror()[j], TOLERANCE);
    record.compare("statistic", iid.coefficients()[j].statistic, TOLERANCE);
    record.compare("model_level.se_white_hc0", white.stderror()[j], TOLERANCE);
    record.compare("model_level.se_cluster_cr0", cr0.stderror()[j], TOLERANCE);
    // Their factor counts the row that is dropped; ours is that of the rows that are left.
    let (g, n, k) = (565.0, n_obs(&fits[3]), iid.coef().len() as f64);
    let dropped = fits[3].linear().correction().n < 7910;
    let theirs = (g / (g - 1.0) * (n - 1.0) / (n - k - 1.0)).sqrt() * cr0.stderror()[j];
    let ours = if dropped { theirs } else { stata.stderror()[j] };
    record.compare("model_level.se_cluster_stata_xtreg", ours, TOLERANCE);
    record.compare("model_level.ssr", iid.sums().residual, TOLERANCE);
    for (i, gamma) in estimates(&fits[0]).into_iter().enumerate() {
        record.compare(&format!("model_level.thresholds[{i}]"), gamma, 0.0);
    }
}

#[derive(Default)]
struct Runs {
    kept: BTreeMap<String, [Outcome; 4]>,
}

impl Runs {
    /// One run for each covariance.
    fn get(&mut self, panel: &Panel, name: &str, spec: &Spec) -> &[Outcome; 4] {
        self.kept.entry(name.to_owned()).or_insert_with(|| {
            let xtreg = Convention { robust_within: true, ..Convention::STATA_XTREG };
            [
                slopes("iid", Convention::FIXEST),
                slopes("HC0", xtreg.clone()),
                slopes("cluster id", Convention::PLM),
                slopes("cluster id", xtreg),
            ]
            .map(|slopes| {
                let first = slopes.convention == Convention::FIXEST;
                let bootstrap = spec.bootstrap.clone().filter(|_| first);
                run(panel, &Spec { slopes, bootstrap, ..spec.clone() })
            })
        })
    }
}

#[test]
fn hansen1999() {
    let mut case = Case::load("hansen1999");
    let panel = case.panel().clone();
    let mut runs = Runs::default();
    for record in case.records() {
        let model = record.text("model").to_owned();
        if let Some(options) = model.strip_prefix("pyxthreg/") {
            python(record, options, &panel, &mut runs);
            settings(record);
            continue;
        }
        let parts: Vec<&str> = model.split('/').collect();
        let [kind, variant] = [parts[0], parts[1]];
        if kind == "xthreg_point" {
            point(record, &panel);
            continue;
        }
        let [grid, inequality] = [parts[2], parts[3]];
        let of = |thresholds| spec(variant, grid, inequality, thresholds);
        match kind {
            "single" => single(record, runs.get(&panel, &model, &of(1))),
            "double" => double(record, runs.get(&panel, &model, &of(2))),
            "double_joint" => {
                let outcome = run(&panel, &Spec { search: Search::Joint, ..of(2) });
                common(record, &outcome);
                for (i, gamma) in estimates(&outcome).into_iter().enumerate() {
                    record.compare(&format!("estimate[{i}]"), gamma, 0.0);
                }
                record.compare("model_level.S2_joint", outcome.tests()[1].ssr, TOLERANCE);
            }
            "triple" => triple(record, &panel, of(3)),
            bootstrap => {
                let which = ["bootstrap_single", "bootstrap_double", "bootstrap_triple"];
                let j = which.iter().position(|name| *name == bootstrap).unwrap();
                simulated(record, &panel, of(j + 1), j);
            }
        }
        settings(record);
    }
    let summary = case.finish();
    println!("hansen1999\n{summary}");
    assert_eq!((summary.compared, summary.numbers), (149, 1491));
    assert!(summary.deferred.is_empty());
}

fn single(record: &mut Record, fits: &[Outcome; 4]) {
    if record.text("term") != "gamma1" {
        return coefficient(record, fits);
    }
    let outcome = &fits[0];
    let test = &outcome.tests()[0];
    common(record, outcome);
    record.compare("estimate", estimates(outcome)[0], 0.0);
    record.compare("statistic", test.f, F);
    record.compare("model_level.S1", test.ssr, TOLERANCE);
    record.compare("model_level.F1", test.f, F);
    let f = test.ssr_null / test.ssr - 1.0;
    record.compare("model_level.F1_scaled_nT", f * n_obs(outcome), F);
    record.compare("model_level.F1_scaled_S1_over_nT_minus_n_minus_k", f * 7338.0, F);
    hull(record, "ci95", outcome, 0);
    record.compare("model_level.ci_crit", outcome.thresholds()[0].confidence.critical, TOLERANCE);
}

fn double(record: &mut Record, fits: &[Outcome; 4]) {
    if record.text("term") != "gamma1_refined,gamma2" {
        return coefficient(record, fits);
    }
    let outcome = &fits[0];
    let [first, second] = [&outcome.tests()[0], &outcome.tests()[1]];
    common(record, outcome);
    // They come in the order in which they were found.
    let found = second.alternative.iter().find(|gamma| !second.null.contains(gamma)).unwrap();
    let refined = second.refined.iter().find(|gamma| *gamma != found).unwrap();
    let place = |gamma: f64| estimates(outcome).iter().position(|own| *own == gamma).unwrap();
    record.compare("estimate[0]", *refined, 0.0);
    record.compare("estimate[1]", *found, 0.0);
    record.compare("statistic", second.f, F);
    record.compare("model_level.S1", first.ssr, TOLERANCE);
    record.compare("model_level.S2_stage2", second.ssr, TOLERANCE);
    record.compare("model_level.S2_refined", second.ssr_refined, TOLERANCE);
    record.compare("model_level.F2", second.f, F);
    record.compare("model_level.F2_refined", second.f_refined, F);
    record.compare("model_level.F2_scaled_nT", second.f / 7345.0 * 7910.0, F);
    hull(record, "ci95_gamma1r", outcome, place(*refined));
    hull(record, "ci95_gamma2", outcome, place(*found));
}

fn triple(record: &mut Record, panel: &Panel, mut spec: Spec) {
    let share = record.published("model_level.trim").unwrap();
    spec.trim.shares[2] = if spec.grid == Grid::All { up(share) } else { share };
    // They stop before the first two are searched for again: the third's path is the last step's.
    let outcome = run(panel, &spec);
    let test = &outcome.tests()[2];
    let found = test.alternative.iter().find(|gamma| !test.null.contains(gamma)).unwrap();
    common(record, &outcome);
    record.compare("estimate", *found, 0.0);
    record.compare("statistic", test.f, F);
    record.compare("model_level.S3", test.ssr, TOLERANCE);
    record.compare("model_level.F3", test.f, F);
    for (i, gamma) in test.alternative.iter().enumerate() {
        record.compare(&format!("model_level.thresholds_sorted[{i}]"), *gamma, 0.0);
    }
    let at = estimates(&outcome).iter().position(|own| own == found).unwrap();
    hull(record, "ci95", &outcome, at);
}

fn python(record: &mut Record, options: &str, panel: &Panel, runs: &mut Runs) {
    let thresholds = if options.contains("'thnum': 2") { 2 } else { 1 };
    let grid = if options.contains("'grid': 0") { Grid::All } else { Grid::Even(400) };
    let mut spec = pyxthreg(thresholds, grid);
    if options.contains("'bs': 300") {
        spec.bootstrap = Some(Bootstrap {
            resample: Resample::Rows,
            residuals: Residuals::Null,
            null: Null::Hold,
            trim: DrawTrim::Own,
            replications: 2000,
            seed: 1,
        });
    }
    let fits = runs.get(panel, options, &spec);
    let outcome = &fits[0];
    let j = place(record.text("term"));
    record.compare("estimate", outcome.fit().coef()[j], TOLERANCE);
    record.compare("std_error", outcome.fit().stderror()[j], TOLERANCE);
    let correction = outcome.fit().correction();
    record.compare("model_level.df_resid", (correction.n - correction.k_all) as f64, 0.0);
    let sums = outcome.fit().sums();
    record.compare("model_level.r2_w", 1.0 - sums.residual / sums.within, TOLERANCE);
    for (i, gamma) in estimates(outcome).into_iter().enumerate() {
        record.compare(&format!("model_level.thresholds[{i}]"), gamma, 0.0);
        hull(record, &format!("ci[{i}]"), outcome, i);
    }
    for (i, test) in outcome.tests().iter().enumerate() {
        record.compare(&format!("model_level.boot[{i}].rss"), test.ssr_refined, TOLERANCE);
        if let Some(own) = &test.simulated {
            let field = |name: &str| format!("model_level.boot[{i}].{name}");
            record.compare(&field("F_stat"), test.f, F);
            monte_carlo(record, &field("p_value"), own, Some(test.f), 300);
            for name in ["crit10", "crit5", "crit1"] {
                monte_carlo(record, &field(name), own, None, 300);
            }
        }
    }
}

fn simulated(record: &mut Record, panel: &Panel, mut spec: Spec, j: usize) {
    if j == 2 {
        spec.trim.shares[2] = 0.05;
    }
    spec.bootstrap = Some(Bootstrap {
        resample: Resample::Entities,
        residuals: Residuals::Null,
        null: Null::Search,
        trim: DrawTrim::Tested,
        replications: 2000,
        seed: 7,
    });
    let outcome = run(panel, &spec);
    let test = &outcome.tests()[j];
    let own = test.simulated.as_ref().unwrap();
    println!("{}: p {} critical {:?}", record.text("model"), own.p_value, own.critical);
    record.compare("estimate", test.f, F);
    record.compare("statistic", test.f, F);
    monte_carlo(record, "p_value", own, Some(test.f), 300);
    for name in ["crit10", "crit5", "crit1"] {
        monte_carlo(record, &format!("model_level.{name}"), own, None, 300);
    }
}

/// Their number, from `draws` draws of another generator, is one that our distribution would give.
///
/// `x` of their draws are at most their quantile (or: exceed `F`). With `u` the share of ours, `x`
/// is binomial: neither of its tails may be below one in a thousand, at a `u` within three of its
/// own standard errors.
fn monte_carlo(record: &mut Record, field: &str, own: &Simulated, f: Option<f64>, draws: u32) {
    let theirs = record.published(field).unwrap();
    let n = own.statistics.len() as f64;
    let share = |exceeds: &dyn Fn(f64) -> bool| {
        own.statistics.iter().filter(|&&drawn| exceeds(drawn)).count() as f64 / n
    };
    let (x, u) = if let Some(f) = f {
        ((theirs * f64::from(draws)).round(), share(&|drawn| drawn > f))
    } else {
        // A linear quantile lies between two draws: those up to the lower one are at most it.
        let level = match field.rsplit("crit").next().unwrap() {
            "10" => 0.9,
            "5" => 0.95,
            _ => 0.99,
        };
        ((f64::from(draws - 1) * level).floor() + 1.0, share(&|drawn| drawn <= theirs))
    };
    let error = 3.0 * (u.max(1.0 / n) * (1.0 - u).max(1.0 / n) / n).sqrt();
    let below = tail(draws, (u - error).max(0.0), |k| f64::from(k) <= x);
    let above = tail(draws, (u + error).min(1.0), |k| f64::from(k) >= x);
    println!("  {field}: theirs {theirs:.4}, u {u:.4}, x {x}, tails {below:.4} {above:.4}");
    let plausible = below.min(above) > 1e-3;
    record.compare_absolutely(field, if plausible { theirs } else { f64::NAN }, 0.0);
}

/// The probability of some outcomes of a binomial variable.
fn tail(draws: u32, u: f64, counts: impl Fn(u32) -> bool) -> f64 {
    let mut log_choose = 0.0;
    let mut sum = 0.0;
    for k in 0..=draws {
        if counts(k) {
            let power = |p: f64, k: u32| if k == 0 { 0.0 } else { f64::from(k) * p.ln() };
            sum += (log_choose + power(u, k) + power(1.0 - u, draws - k)).exp();
        }
        log_choose += (f64::from(draws - k) / f64::from(k + 1)).ln();
    }
    sum
}

/// The sum of squares at a threshold that xthreg reported, and both scalings there.
fn point(record: &mut Record, panel: &Panel) {
    let outcome = run(panel, &spec("within", "full", "le", 1));
    let least = outcome.tests()[0].ssr;
    let gamma = record.published("estimate").unwrap();
    let ratios = &outcome.thresholds()[0].confidence.ratios;
    let (at, ratio) = *ratios.iter().find(|(candidate, _)| *candidate == gamma).unwrap();
    let ssr = least * (1.0 + ratio / outcome.lr_scale().1);
    let s0 = outcome.linear().sums().residual;
    record.compare("estimate", at, 0.0);
    record.compare("model_level.S0", s0, TOLERANCE);
    record.compare("model_level.S1", ssr, TOLERANCE);
    let f = s0 / ssr - 1.0;
    record.compare("statistic", f * 7896.0, F);
    record.compare("model_level.F_scaled_T_times_Nminus1", f * 7896.0, F);
    record.compare("model_level.F_scaled_n_Tminus1", f * 7345.0, F);
}

/// What pdR prints, to its last decimal.
#[test]
fn published() {
    let case = Case::load("hansen1999");
    let text = file("hansen1999", "published.json");
    let field = |line: &str, name: &str| -> Option<String> {
        let rest = line.trim().strip_prefix(&format!("\"{name}\": "))?;
        Some(rest.trim_end_matches(',').trim_matches('"').to_owned())
    };
    let mut items: Vec<(String, f64, i32)> = Vec::new();
    for line in text.lines() {
        if let Some(quantity) = field(line, "quantity") {
            items.push((quantity, f64::NAN, 0));
        } else if let (Some(value), Some(last)) = (field(line, "published"), items.last_mut()) {
            last.1 = value.parse().unwrap();
        } else if let (Some(places), Some(last)) = (field(line, "decimals"), items.last_mut()) {
            last.2 = places.parse().unwrap();
        }
    }
    assert_eq!(items.len(), 21);
    let mut spec = spec("dropone", "hansen400", "lt", 2);
    spec.slopes = slopes("HC0", Convention::FIXEST);
    spec.f_scale = Scale::Rows;
    let double = run(case.panel(), &spec);
    spec.thresholds = 1;
    spec.trim.shares.truncate(1);
    let single = run(case.panel(), &spec);
    let slope = |term: &str| place(term);
    for (quantity, printed, decimals) in items {
        let test = &double.tests()[1];
        let ours = match quantity.strip_prefix("pdR ").unwrap() {
            "S0" => single.linear().sums().residual,
            "gamma1" => single.thresholds()[0].estimate,
            "S1" => single.fit().sums().residual,
            "CI lo" => single.thresholds()[0].confidence.hull()[0],
            "CI hi" => single.thresholds()[0].confidence.hull()[1],
            "LR F1 (scaled by nT=7910 in pdR)" => single.tests()[0].f,
            "S2" => test.ssr,
            "LR F2 (scaled nT)" => test.f,
            "gamma2" => double.thresholds()[1].estimate,
            other => {
                let term = other.rsplit(' ').next().unwrap();
                if other.contains(" SE ") {
                    double.fit().stderror()[slope(term)]
                } else {
                    double.fit().coef()[slope(term)]
                }
            }
        };
        let half = 0.5 * 10_f64.powi(-decimals);
        assert!((ours - printed).abs() <= half * (1.0 + 1e-9), "{quantity}: {ours} {printed}");
    }
}
