//! Equalities that hold whatever the data.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod adjoint;
mod adjusted;
mod binary;
mod covariances;
mod dense;
mod effects;
mod explain;
mod indicators;
mod instruments;
mod panels;
mod projection;
mod specification;
mod wild;

use std::collections::BTreeSet;

use dense::{Basis, Dense, dot, dummies};
use estimate::{
    Constant, Convention, Design, Error, Fit, Nested, Note, Redundant, Reference, Singletons, Spec,
    f_test, fixed_effects, pooled, r_squared,
};
use panel::{Base, Panel, Term};
use projection::orthogonal;
use proptest::prelude::*;
use testkit::{Rows, Stream, assert_close, balanced, close, rows, unbalanced};

const TOLERANCE: f64 = 1e-9;

/// `reghdfe` without dropping singletons: all factors absorbed, all rows kept.
const KEEP: Convention = Convention { singletons: Singletons::Keep, ..Convention::REGHDFE };
/// The same, and all effects counted.
const COUNTED: Convention = Convention { nested: Nested::Counted, ..KEEP };

fn fit_with(
    panel: &Panel,
    formula: &str,
    vcov: &str,
    convention: &Convention,
    constant: Constant,
) -> Result<Fit, Error> {
    let design = Design::new(panel, &formula.parse().unwrap(), convention.singletons)?;
    let spec = Spec { vcov: vcov.parse().unwrap(), convention: convention.clone(), constant };
    if formula.contains('|') { fixed_effects(&design, &spec) } else { pooled(&design, &spec) }
}

fn fit(panel: &Panel, formula: &str, vcov: &str, convention: &Convention) -> Result<Fit, Error> {
    fit_with(panel, formula, vcov, convention, Constant::Mean)
}

/// A fit, unless the data are too few for the model.
macro_rules! fit_or_skip {
    ($($argument:expr),*) => {
        match fit($($argument),*) {
            Err(Error::NoDegreesOfFreedom { .. } | Error::Empty { .. }) => return Ok(()),
            other => other.unwrap(),
        }
    };
}
pub(crate) use fit_or_skip;

/// Estimates and standard errors: the terms, then the constant.
fn table(fit: &Fit) -> Vec<(f64, f64)> {
    fit.coefficients().iter().map(|row| (row.estimate, row.std_error)).collect()
}

/// The first `k` rows of two tables agree, standard errors as they are.
#[track_caller]
fn same(a: &Fit, b: &Fit, k: usize) {
    for ((a, a_se), (b, b_se)) in table(a).into_iter().zip(table(b)).take(k) {
        assert!(close(a, b, TOLERANCE, a_se), "estimates {a} {b}");
        assert_close(a_se, b_se, TOLERANCE);
    }
}

fn column<'a>(panel: &'a Panel, name: &str) -> std::borrow::Cow<'a, [f64]> {
    panel.values(&name.parse().unwrap()).unwrap()
}

const EFFECTS: [&[&str]; 6] =
    [&["id"], &["year"], &["id", "year"], &["id", "g"], &["g", "year"], &["id", "year", "g"]];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Absorbing effects is regressing on a dummy for every level: slopes, the constant, and all
    /// their standard errors, on nearly collinear columns too.
    #[test]
    fn dense_least_squares(rows in rows(), effects in 0..EFFECTS.len(), near in any::<bool>()) {
        let panel = rows.panel();
        let names = EFFECTS[effects];
        let terms = if near { vec!["x1", "x2", "x3"] } else { vec!["x1", "x2"] };
        let formula = format!("y ~ {} | {}", terms.join(" + "), names.join(" + "));
        let factors: Vec<_> = names.iter().map(|name| panel.factor(name).unwrap()).collect();
        let x: Vec<_> = terms.iter().map(|term| column(&panel, term)).collect();
        let x: Vec<&[f64]> = x.iter().map(|x| &**x).collect();
        let basis = Basis::new(factors.iter().flat_map(|factor| dummies(factor)));
        let n = panel.n_rows();
        prop_assume!(n > basis.rank() + terms.len());
        let oracle = Dense::new(&column(&panel, "y"), &x, &basis);
        let check = |vcov: &str, errors: Vec<f64>, factor: f64| {
            let fit = fit(&panel, &formula, vcov, &COUNTED)?;
            for (((estimate, error), beta), want) in
                table(&fit).into_iter().zip(&oracle.beta).zip(errors)
            {
                assert!(close(estimate, *beta, TOLERANCE, want), "{vcov}: {estimate} {beta}");
                assert!(close(error, want * factor.sqrt(), TOLERANCE, 0.0), "{vcov}: {error} {want}");
            }
            for (u, want) in fit.residuals().iter().zip(&oracle.residuals) {
                assert!(close(*u, *want, TOLERANCE, 1.0));
            }
            Ok(fit)
        };
        let first = check("iid", oracle.iid(), 1.0);
        // A third factor's redundant levels are not all found; then σ̂² is another.
        let rank = match &first {
            Ok(fit) => fit.correction().k_all,
            Err(Error::NoDegreesOfFreedom { .. }) if names.len() > 2 => return Ok(()),
            Err(error) => panic!("{error}"),
        };
        prop_assert_eq!(rank, oracle.rank);
        check("HC0", oracle.robust(0), 1.0).unwrap();
        check("HC1", oracle.robust(0), n as f64 / (n - rank) as f64).unwrap();
        if names.len() == 1 && !oracle.fits_a_row() {
            // The constant of a model with effects has no leverage of its own to speak of.
            check("HC2", oracle.robust(1), 1.0).unwrap();
            check("HC3", oracle.robust(2), 1.0).unwrap();
        }
        for by in ["id", "year", "zone", "g"] {
            let group = panel.factor(by).unwrap();
            let g = group.n_levels() as f64;
            let factor = g / (g - 1.0) * (n as f64 - 1.0) / (n - rank) as f64;
            check(&format!("cluster {by}"), oracle.clustered(&group), factor).unwrap();
        }
    }

    /// The pooled model, with and without a constant.
    #[test]
    fn dense_pooled(rows in rows(), constant in any::<bool>()) {
        let panel = rows.panel();
        let zero = if constant { "" } else { "0 + " };
        let formula = format!("y ~ {zero}x1 + x2 + i.zone");
        let ones = vec![1.0; panel.n_rows()];
        let basis = Basis::new(constant.then_some(ones));
        let zone = panel.factor("zone").unwrap();
        let x = [column(&panel, "x1"), column(&panel, "x2")];
        let zones = dummies(&zone);
        let x: Vec<&[f64]> = x.iter().map(|x| &**x).chain(zones[1..].iter().map(|x| &**x)).collect();
        let oracle = Dense::new(&column(&panel, "y"), &x, &basis);
        let n = panel.n_rows() as f64;
        for (vcov, errors, factor) in [
            ("iid", oracle.iid(), 1.0),
            ("HC0", oracle.robust(0), 1.0),
            ("HC1", oracle.robust(0), n / (n - oracle.rank as f64)),
            ("HC2", oracle.robust(1), 1.0),
            ("HC3", oracle.robust(2), 1.0),
            ("cluster zone", oracle.clustered(&zone), 1.5 * (n - 1.0) / (n - oracle.rank as f64)),
        ] {
            let fit = fit(&panel, &formula, vcov, &Convention::STATA_XTREG).unwrap();
            prop_assert_eq!(fit.correction().k_all, oracle.rank);
            prop_assert_eq!(table(&fit).len(), x.len() + usize::from(constant));
            for (((estimate, error), beta), want) in
                table(&fit).into_iter().zip(&oracle.beta).zip(errors)
            {
                assert!(close(estimate, *beta, TOLERANCE, want));
                assert_close(error, want * factor.sqrt(), TOLERANCE);
            }
        }
    }

    /// Dummies written out are dummies absorbed: `β̂`, standard errors, `K`, dof.
    #[test]
    fn dummies_equal_absorption(rows in rows()) {
        let panel = rows.panel();
        for (written, absorbed) in [
            ("y ~ x1 + x2 + i.id", "y ~ x1 + x2 | id"),
            ("y ~ x1 + x2 + i.id + i.year", "y ~ x1 + x2 | id + year"),
        ] {
            for vcov in ["iid", "HC1", "cluster id", "cluster year"] {
                for convention in [&Convention::AREG, &COUNTED] {
                    let within = fit_or_skip!(&panel, absorbed, vcov, convention);
                    let lsdv = fit(&panel, written, vcov, &Convention::AREG).unwrap();
                    same(&within, &lsdv, 2);
                    let (a, b) = (within.correction(), lsdv.correction());
                    prop_assert_eq!((a.n, a.k_all, a.k_counted), (b.n, b.k_all, b.k_counted));
                    prop_assert_eq!(a.reference, b.reference);
                    assert_close(a.factor, b.factor, 1e-14);
                    // The constant is the average of the effects over the rows.
                    let u = lsdv.residuals();
                    let left: f64 = (0..panel.n_rows())
                        .map(|i| {
                            let slopes = lsdv.coef()[0] * column(&panel, "x1")[i]
                                + lsdv.coef()[1] * column(&panel, "x2")[i];
                            column(&panel, "y")[i] - u[i] - slopes
                        })
                        .sum::<f64>() / panel.n_rows() as f64;
                    let (constant, error) = table(&within)[2];
                    // With two factors, areg's is that of the omitted year.
                    if convention == &COUNTED {
                        prop_assert!(close(constant, left, TOLERANCE, error));
                    }
                }
            }
        }
    }

    /// Which effects count as parameters, against ranks of dummies.
    #[test]
    fn counting_parameters(rows in rows(), effects in 0..EFFECTS.len() - 1, by in 0..4_usize) {
        let panel = rows.panel();
        let by = ["id", "year", "zone", "g"][by];
        let group = panel.factor(by).unwrap();
        let formula = format!("y ~ x1 + x2 | {}", EFFECTS[effects].join(" + "));
        let clusters = dummies(&group);
        let ones = vec![1.0; panel.n_rows()];
        let factors: Vec<_> = EFFECTS[effects].iter().map(|f| panel.factor(f).unwrap()).collect();
        // A factor is nested if its clusters' dummies add nothing to its own.
        let is_nested = |f: &panel::Factor| {
            let own = dummies(f);
            Basis::new(own.clone().into_iter().chain(clusters.clone())).rank() == own.len()
        };
        let all = Basis::new(factors.iter().flat_map(|f| dummies(f))).rank();
        let free = std::iter::once(ones)
            .chain(factors.iter().filter(|f| !is_nested(f)).flat_map(|f| dummies(f)));
        let free = Basis::new(free).rank();
        for (convention, counted) in [
            (&KEEP, 2 + free),
            (&COUNTED, 2 + all),
            (&Convention::PLM, 2),
            (&Convention::PLM_SSS, 2),
            (&Convention::LINEARMODELS, if free == 1 { 3 } else { 2 + all }),
        ] {
            let fit = fit_or_skip!(&panel, &formula, &format!("cluster {by}"), convention);
            let c = fit.correction();
            prop_assert_eq!((c.k_all, c.k_counted), (2 + all, counted));
            prop_assert_eq!(c.nested, 2 + all - counted);
            let (n, g) = (c.n as f64, group.n_levels() as f64);
            prop_assert_eq!(c.n_clusters, Some(group.n_levels()));
            let left = n - counted as f64;
            let (factor, df) = match convention.name {
                "plm" => (1.0, c.n - c.k_all),
                "linearmodels" => (n / left, c.n - c.k_all),
                _ => (g / (g - 1.0) * (n - 1.0) / left, group.n_levels() - 1),
            };
            assert_close(c.factor, factor, 1e-14);
            prop_assert_eq!(c.reference, Reference::T(df));
        }
    }

    /// Frisch, Waugh and Lovell: partial `x2` out of `y` and `x1`, and `β₁` does not move.
    #[test]
    fn partialling_out_changes_nothing(rows in rows(), effects in 0..EFFECTS.len()) {
        let rows = rows.sorted();
        let panel = rows.panel();
        let absorb = EFFECTS[effects].join(" + ");
        let long = fit_or_skip!(&panel, &format!("y ~ x1 + x2 | {absorb}"), "iid", &KEEP);
        let left = |y: &str| fit(&panel, &format!("{y} ~ x2 | {absorb}"), "iid", &KEEP).unwrap();
        let (y, x1) = (left("y"), left("x1"));
        let partialled = rows
            .with("y", |_, row| y.residuals()[row])
            .with("x1", |_, row| x1.residuals()[row])
            .panel();
        let short = fit(&partialled, "y ~ 0 + x1", "HC0", &KEEP).unwrap();
        prop_assert!(close(short.coef()[0], long.coef()[0], TOLERANCE, long.stderror()[0]));
        let robust = fit(&panel, &format!("y ~ x1 + x2 | {absorb}"), "HC0", &KEEP).unwrap();
        assert_close(short.stderror()[0], robust.stderror()[0], TOLERANCE);
    }

    /// The order of rows carries no information, not even to the last bit.
    #[test]
    fn row_order_is_irrelevant(rows in rows(), seed in any::<u64>()) {
        let shuffled = rows.select(&Stream::new(seed).order(rows.n()));
        for vcov in ["iid", "HC1", "cluster id"] {
            let a = fit_or_skip!(&rows.panel(), "y ~ x1 + x2 | id + year", vcov, &KEEP);
            let b = fit(&shuffled.panel(), "y ~ x1 + x2 | id + year", vcov, &KEEP).unwrap();
            prop_assert_eq!(table(&a), table(&b));
            prop_assert_eq!(a.residuals(), b.residuals());
        }
    }

    /// Nor do the names of the entities.
    #[test]
    fn names_are_irrelevant(rows in rows(), seed in any::<u64>()) {
        let name = Stream::new(seed).order(64);
        let mut renamed = rows.clone();
        renamed.id.iter_mut().for_each(|id| {
            *id = i32::try_from(name[usize::try_from(*id).unwrap()]).unwrap() - 7;
        });
        for vcov in ["iid", "HC1", "cluster id"] {
            let a = fit_or_skip!(&rows.panel(), "y ~ x1 + x2 | id + year", vcov, &KEEP);
            same(&a, &fit(&renamed.panel(), "y ~ x1 + x2 | id + year", vcov, &KEEP).unwrap(), 3);
        }
    }

    /// Units of measurement go through: `y → a + b y`, `x → c + d x`.
    #[test]
    fn affine_units(rows in rows(), a in -9.0..9.0_f64, b in 0.01..90.0_f64, c in -9.0..9.0_f64, d in -5..=5_i32) {
        let d = 10_f64.powi(d) * 1.7;
        let moved = rows
            .clone()
            .with("y", |rows, row| a + b * rows.columns["y"][row])
            .with("x1", |rows, row| d * (c + rows.columns["x1"][row]));
        for (formula, vcov) in [
            ("y ~ x1 + x2 | id", "cluster id"),
            ("y ~ x1 + x2 | id + year", "HC1"),
            ("y ~ x1 + x2", "HC3"),
        ] {
            let old = fit_or_skip!(&rows.panel(), formula, vcov, &KEEP);
            let new = fit(&moved.panel(), formula, vcov, &KEEP).unwrap();
            let (old, new) = (table(&old), table(&new));
            prop_assert!(close(new[0].0, old[0].0 * b / d, 1e-8, new[0].1));
            assert_close(new[0].1, old[0].1 * b / d, 1e-8);
            prop_assert!(close(new[1].0, old[1].0 * b, 1e-8, new[1].1));
            let constant = a + b * old[2].0 - new[0].0 * d * c;
            prop_assert!(close(new[2].0, constant, 1e-8, new[2].1));
        }
    }

    /// Two periods: within with both effects is a regression of differences on a constant.
    #[test]
    fn two_periods_are_differences(rows in balanced(2..=2)) {
        let rows = rows.sorted();
        let panel = rows.panel();
        let difference = |name: &str| {
            let v = &rows.columns[name];
            (0..rows.n() / 2).map(|i| v[2 * i + 1] - v[2 * i]).collect::<Vec<f64>>()
        };
        let (y, x1, x2) = (difference("y"), difference("x1"), difference("x2"));
        let odd: Vec<usize> = (0..rows.n()).step_by(2).collect();
        let differenced = rows
            .select(&odd)
            .with("y", |_, row| y[row])
            .with("x1", |_, row| x1[row])
            .with("x2", |_, row| x2[row])
            .panel();
        for (within, pooled) in [("iid", "iid"), ("cluster id", "HC0")] {
            let convention = if within == "iid" { &KEEP } else { &Convention::PLM };
            let a = fit_or_skip!(&panel, "y ~ x1 + x2 | id + year", within, convention);
            let b = fit(&differenced, "y ~ x1 + x2", pooled, convention).unwrap();
            same(&a, &b, 2);
            let df = |fit: &Fit| fit.correction().n - fit.correction().k_all;
            prop_assert_eq!(df(&a), df(&b));
            assert_close(2.0 * a.sums().residual, b.sums().residual, TOLERANCE);
        }
    }

    /// An amount added to all that one entity, or one year, ever shows is its effect.
    #[test]
    fn level_constants_are_absorbed(rows in rows(), seed in any::<u64>()) {
        let shift: Vec<f64> = { let mut s = Stream::new(seed); (0..32).map(|_| 5.0 * s.normal()).collect() };
        let by = |rows: &Rows, row: usize| {
            shift[usize::try_from(rows.id[row]).unwrap()] + shift[usize::try_from(rows.year[row] - 1980).unwrap()]
        };
        let moved = rows
            .clone()
            .with("y", |rows, row| rows.columns["y"][row] + by(rows, row))
            .with("x1", |rows, row| rows.columns["x1"][row] - 2.0 * by(rows, row));
        let a = fit_or_skip!(&rows.panel(), "y ~ x1 + x2 | id + year", "HC1", &KEEP);
        same(&a, &fit(&moved.panel(), "y ~ x1 + x2 | id + year", "HC1", &KEEP).unwrap(), 2);
    }

    /// Residuals are orthogonal to every regressor and every level of every factor.
    #[test]
    fn normal_equations_hold(rows in rows(), effects in 0..EFFECTS.len()) {
        let panel = rows.panel();
        let absorb = EFFECTS[effects].join(" + ");
        let fit = fit_or_skip!(&panel, &format!("y ~ x1 + x2 | {absorb}"), "iid", &KEEP);
        orthogonal(&panel, &fit, &["x1", "x2"], EFFECTS[effects], 1e-9);
    }

    /// Clusters of one row are no clusters.
    #[test]
    fn every_row_its_own_cluster(rows in rows()) {
        let panel = rows.with("row", |_, row| row as f64).panel();
        for formula in ["y ~ x1 + x2", "y ~ x1 + x2 | id", "y ~ x1 + x2 | id + year"] {
            let a = fit_or_skip!(&panel, formula, "cluster row", &Convention::PLM);
            same(&a, &fit(&panel, formula, "HC0", &Convention::PLM).unwrap(), 3);
        }
    }

    /// Each row twice, in its own cluster: nothing is learnt, and CR0 knows.
    #[test]
    fn copies_carry_no_information(rows in rows()) {
        let once = rows.clone().with("when", |rows, row| f64::from(rows.year[row]));
        let all: Vec<usize> = (0..once.n()).chain(0..once.n()).collect();
        let mut twice = once.select(&all);
        twice.year[once.n()..].iter_mut().for_each(|year| *year += 1000);
        for formula in ["y ~ x1 + x2", "y ~ x1 + x2 | id", "y ~ x1 + x2 | id + when"] {
            for by in ["cluster id", "cluster when"] {
                let a = fit_or_skip!(&once.panel(), formula, by, &Convention::PLM);
                same(&a, &fit(&twice.panel(), formula, by, &Convention::PLM).unwrap(), 3);
            }
        }
    }

    /// Dropping singletons, and those that this makes, moves no slope and no `σ̂²`.
    #[test]
    fn singletons_explain_themselves(rows in rows(), seed in any::<u64>()) {
        let mut stream = Stream::new(seed);
        let n = rows.n();
        let h: Vec<f64> = (0..n).map(|_| stream.below(n / 2 + 1) as f64).collect();
        let panel = rows.sorted().with("h", |_, row| h[row]).panel();
        // Brute force: drop one row at a time until no level is seen once.
        let factors = [panel.factor("id").unwrap(), panel.factor("h").unwrap()];
        let mut alive: BTreeSet<usize> = (0..n).collect();
        while let Some(row) = alive.iter().copied().find(|&row| {
            factors.iter().any(|f| {
                alive.iter().filter(|&&other| f.codes()[other] == f.codes()[row]).count() == 1
            })
        }) {
            alive.remove(&row);
        }
        let formula = "y ~ x1 + x2 | id + h";
        let dropped = fit_or_skip!(&panel, formula, "iid", &Convention::REGHDFE);
        let rows: Vec<usize> = (0..dropped.sample().n()).map(|i| dropped.sample().row(i)).collect();
        prop_assert_eq!(rows, alive.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(dropped.sample().n_singletons(), n - alive.len());
        let told = dropped.notes().contains(&Note::Singletons { rows: n - alive.len() });
        prop_assert_eq!(told, alive.len() < n);
        let kept = fit(&panel, formula, "iid", &KEEP).unwrap();
        same(&dropped, &kept, 2);
        assert_close(dropped.sums().residual, kept.sums().residual, TOLERANCE);
        let df = |fit: &Fit| fit.correction().n - fit.correction().k_all;
        prop_assert_eq!(df(&dropped), df(&kept));
        let ids: BTreeSet<u32> = alive.iter().map(|&row| factors[0].codes()[row]).collect();
        prop_assert_eq!(dropped.n_entities(), ids.len());
    }

    /// A row that lacks a variable is a row that is not there, and is counted.
    #[test]
    fn missing_rows_are_left_out(rows in rows(), seed in any::<u64>()) {
        let rows = rows.sorted();
        let mut stream = Stream::new(seed);
        let mut holed = rows.clone();
        let mut complete = vec![true; rows.n()];
        for name in ["y", "x1", "g"] {
            for (x, complete) in holed.columns.get_mut(name).unwrap().iter_mut().zip(&mut complete) {
                if stream.uniform() < 0.05 {
                    (*x, *complete) = (f64::NAN, false);
                }
            }
        }
        let whole: Vec<usize> = (0..rows.n()).filter(|&row| complete[row]).collect();
        prop_assume!(whole.len() > 8);
        let without = rows.select(&whole).panel();
        for (formula, vcov) in [
            ("y ~ x1 + x2 | id + g", "iid"),
            ("y ~ x1 + x2 + i.g", "HC1"),
            ("y ~ x1 + x2 | g", "cluster id"),
        ] {
            let Ok(b) = fit(&without, formula, vcov, &Convention::REGHDFE) else { continue };
            let a = fit(&holed.panel(), formula, vcov, &Convention::REGHDFE).unwrap();
            prop_assert_eq!(table(&a), table(&b));
            prop_assert_eq!(a.n_entities(), b.n_entities());
            prop_assert_eq!(a.sample().n_missing(), rows.n() - whole.len());
            prop_assert_eq!(a.sample().n_panel(), rows.n());
            for (term, count) in a.sample().missing() {
                let name = term.columns()[0];
                let gaps = holed.columns[name].iter().filter(|x| x.is_nan()).count();
                prop_assert_eq!(*count, gaps);
            }
            let noted = a.notes().iter().any(|note| matches!(note, Note::Missing { .. }));
            prop_assert_eq!(noted, whole.len() < rows.n());
        }
    }

    /// A lag is the value one calendar year before; across a gap there is none.
    #[test]
    fn lags_know_the_calendar(rows in rows()) {
        let lagged = rows.clone().with("before", |rows, row| {
            let year = rows.year[row] - 1;
            let at = (0..rows.n()).find(|&i| rows.id[i] == rows.id[row] && rows.year[i] == year);
            at.map_or(f64::NAN, |at| rows.columns["x1"][at])
        });
        let panel = lagged.panel();
        // The first year has no lag, and so no indicator: the second is the base.
        let a = fit_or_skip!(&panel, "y ~ L.x1 + x2 + i.year | id", "cluster year", &KEEP);
        let b = fit(&panel, "y ~ before + x2 | id + year", "cluster year", &COUNTED).unwrap();
        same(&a, &b, 2);
        let a = fit_or_skip!(&panel, "y ~ L.x1 + x2 | id", "cluster id", &KEEP);
        let b = fit(&panel, "y ~ before + x2 | id", "cluster id", &KEEP).unwrap();
        prop_assert_eq!(table(&a), table(&b));
        prop_assert_eq!(a.sample().n(), lagged.columns["before"].iter().filter(|x| !x.is_nan()).count());
    }

    /// The constant beside an absorbed entity, as Stata's manual has it: regress `y − ȳ_i + ȳ` on
    /// `x − x̄_i + x̄` and a constant. Clustered by the entity, the standard errors are those too.
    #[test]
    fn the_constant_of_xtreg(rows in rows(), base in 0..3_u32) {
        let panel = rows.panel();
        let years = panel.factor("year").unwrap();
        let last = u32::try_from(years.n_levels()).unwrap() - 1;
        let (base, i_year, left_out) = [
            (Base::First, "i.year".to_owned(), 0),
            (Base::Last, "ib(last).year".to_owned(), last),
            (Base::Level(years.label(1)), format!("ib{}.year", years.label(1)), 1),
        ][base as usize].clone();
        let xtreg = Convention::STATA_XTREG;
        let formula = "y ~ x1 + x2 | id + year";
        let short = match fit_with(&panel, formula, "cluster id", &xtreg, Constant::Omitting(base.clone())) {
            Err(Error::NoDegreesOfFreedom { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        let written = fit(&panel, &format!("y ~ x1 + x2 + {i_year} | id"), "cluster id", &xtreg).unwrap();
        let (a, b) = (table(&short), table(&written));
        for (a, b) in [(a[0], b[0]), (a[1], b[1]), (a[2], b[b.len() - 1])] {
            prop_assert!(close(a.0, b.0, TOLERANCE, a.1));
            assert_close(a.1, b.1, TOLERANCE);
        }
        prop_assert_eq!(short.correction(), written.correction());
        let left_out = years.label(left_out);
        let shown = years.n_levels() - 1;
        let note = Note::Indicators { by: "year".into(), shown, base: left_out };
        prop_assert!(short.notes().contains(&note));
        let omitting = |constant| fit_with(&panel, formula, "cluster id", &KEEP, constant).unwrap();
        same(&omitting(Constant::Omitting(base)), &short, 3);

        // Demean by hand, each column about its own mean.
        let entity = panel.factor("id").unwrap();
        let centred = |values: &[f64]| {
            let basis = Basis::new(dummies(&entity));
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            basis.residual(values).into_iter().map(|x| x + mean).collect::<Vec<f64>>()
        };
        let mut transformed = rows.sorted();
        let mut terms = vec!["x1".to_owned(), "x2".to_owned()];
        for name in ["y", "x1", "x2"] {
            transformed.columns.insert(name.into(), centred(&column(&panel, name)));
        }
        for term in panel.expand(&i_year.parse().unwrap()).unwrap() {
            let Term::Level(_, label) = &term else { panic!("{term}") };
            let name = format!("d{label}");
            transformed.columns.insert(name.clone(), centred(&panel.values(&term).unwrap()));
            terms.push(name);
        }
        let by_hand = fit(&transformed.panel(), &format!("y ~ {}", terms.join(" + ")), "cluster id", &xtreg).unwrap();
        same(&by_hand, &written, terms.len() + 1);
    }

    /// A regressor that others span is named, and they are, whatever the units.
    #[test]
    fn spanned_terms_are_named(
        rows in rows(),
        scales in prop::collection::vec(-8..=8_i32, 3),
        weights in prop::collection::vec(prop_oneof![-3.0..-0.3_f64, 0.3..3.0_f64], 2),
        within in 0..3_usize,
    ) {
        let scale = |j: usize| 10_f64.powi(scales[j]);
        let panel = rows
            .with("a", |rows, row| scale(0) * rows.columns["x1"][row])
            .with("b", |rows, row| scale(1) * rows.columns["x2"][row])
            .with("c", |rows, row| {
                let columns = &rows.columns;
                scale(2) * (weights[0] * columns["x1"][row] + weights[1] * columns["x2"][row])
            })
            .with("other", |_, row| ((row * 7919) % 13) as f64)
            .panel();
        let (absorb, effects) = [("", vec![]), (" | id", vec!["id"]), (" | id + year", vec!["id", "year"])][within].clone();
        let terms = |names: &[&str]| names.iter().map(|name| Term::var(*name)).collect::<Vec<_>>();
        let effects: Vec<String> = effects.into_iter().map(str::to_owned).collect();
        for (order, last, with) in [
            ("other + a + b + c", "c", ["a", "b"]),
            ("c + a + other + b", "b", ["c", "a"]),
        ] {
            let error = fit(&panel, &format!("y ~ {order}{absorb}"), "iid", &KEEP);
            prop_assume!(!matches!(error, Err(Error::NoDegreesOfFreedom { .. })));
            let want = Error::Collinear { term: Term::var(last), with: terms(&with), effects: effects.clone() };
            prop_assert_eq!(error.unwrap_err(), want);
        }
    }

    /// The joint test is about the span of the regressors, and of one regressor it is `t²`.
    #[test]
    fn f_is_about_the_span(rows in rows(), vcov in 0..4_usize) {
        let panel = rows
            .with("sum", |rows, row| rows.columns["x1"][row] + rows.columns["x2"][row])
            .with("gap", |rows, row| rows.columns["x1"][row] - 3.0 * rows.columns["x2"][row])
            .panel();
        let vcov = ["iid", "HC1", "cluster id", "cluster year"][vcov];
        let a = fit_or_skip!(&panel, "y ~ x1 + x2 | id", vcov, &KEEP);
        let b = fit(&panel, "y ~ sum + gap | id", vcov, &KEEP).unwrap();
        let (f, again) = (f_test(&a).unwrap(), f_test(&b).unwrap());
        assert_close(f.statistic, again.statistic, 1e-8);
        prop_assert_eq!((f.df, Reference::T(f.df_residual)), (2, a.correction().reference));
        let one = fit(&panel, "y ~ x1 | id", vcov, &KEEP).unwrap();
        let (f, row) = (f_test(&one).unwrap(), &one.coefficients()[0]);
        assert_close(f.statistic, row.statistic.powi(2), 1e-10);
        assert_close(f.p_value, row.p_value, 1e-8);
        let half = row.conf_high - row.estimate;
        assert_close(one.correction().reference.two_sided(half / row.std_error), 0.05, 1e-9);
        assert_close(row.estimate - row.conf_low, half, 1e-9);
    }

    /// R² within one factor, between and overall, from their definitions.
    #[test]
    fn shares_of_variation(rows in rows()) {
        let panel = rows.panel();
        let formula = "y ~ x1 + x2 | id";
        let fit = fit_or_skip!(&panel, formula, "iid", &KEEP);
        let design = Design::new(&panel, &formula.parse().unwrap(), Singletons::Keep).unwrap();
        let r2 = r_squared(&design, &fit).unwrap();
        let (y, x1, x2) = (column(&panel, "y"), column(&panel, "x1"), column(&panel, "x2"));
        let fitted: Vec<f64> =
            x1.iter().zip(&*x2).map(|(a, b)| a * fit.coef()[0] + b * fit.coef()[1]).collect();
        let entity = panel.factor("id").unwrap();
        let means = |v: &[f64]| -> Vec<f64> {
            dummies(&entity).iter().map(|d| dot(d, v) / d.iter().sum::<f64>()).collect()
        };
        let centred = |v: &[f64]| Basis::new([vec![1.0; v.len()]]).residual(v);
        let squared = |a: &[f64], b: &[f64]| {
            let (a, b) = (centred(a), centred(b));
            dot(&a, &b).powi(2) / (dot(&a, &a) * dot(&b, &b))
        };
        assert_close(r2.overall.unwrap(), squared(&y, &fitted), 1e-9);
        assert_close(r2.between.unwrap(), squared(&means(&y), &means(&fitted)), 1e-9);
        let u = fit.residuals();
        let (total, within) = (centred(&y), Basis::new(dummies(&entity)).residual(&y));
        assert_close(1.0 - r2.r2, dot(u, u) / dot(&total, &total), 1e-9);
        assert_close(1.0 - r2.within, dot(u, u) / dot(&within, &within), 1e-9);
    }
}
