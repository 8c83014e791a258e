//! Clusters in several ways, lags, and correlation between entities.

use estimate::{Indefinite, Intersection, Kernel, Lag, Multiway, Vcov};

use super::*;

/// No factor at all, and intersections as clusters.
const PLAIN: Convention = Convention { intersection: Intersection::Clusters, ..Convention::PLM };

const MODELS: [(&str, &[&str]); 4] = [
    ("y ~ x1 + x2", &[]),
    ("y ~ x1 + x2 | id", &["id"]),
    ("y ~ x1 + x2 | id + year", &["id", "year"]),
    ("y ~ x1 + x3 + x2 | g", &["g"]),
];

/// The model again, with a dummy for every level.
fn oracle(panel: &Panel, model: usize) -> (Dense, Basis) {
    let (formula, effects) = MODELS[model];
    let factors: Vec<_> = effects.iter().map(|name| panel.factor(name).unwrap()).collect();
    let basis = match effects {
        [] => Basis::new([vec![1.0; panel.n_rows()]]),
        _ => Basis::new(factors.iter().flat_map(|factor| dummies(factor))),
    };
    let parsed: panel::Model = formula.parse().unwrap();
    let x: Vec<_> = parsed.terms.iter().map(|term| panel.values(term).unwrap()).collect();
    let x: Vec<&[f64]> = x.iter().map(|x| &**x).collect();
    (Dense::new(&column(panel, "y"), &x, &basis), basis)
}

fn codes(panel: &Panel, by: &str) -> Vec<u32> {
    panel.factor(by).unwrap().codes().to_vec()
}

/// Standard errors agree; where a variance vanishes both are noise.
#[track_caller]
fn agree(fit: &Fit, want: &[f64], what: &str) {
    let scale = want.iter().copied().fold(0.0, f64::max);
    for ((_, error), want) in table(fit).into_iter().zip(want) {
        assert!(close(error, *want, 1e-8, 1e-6 * scale), "{what}: {error} {want}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Inclusion and exclusion count each pair of rows that share some cluster once.
    #[test]
    fn pairs_that_share_a_cluster(rows in rows(), model in 0..MODELS.len(), ways in 0..4_usize) {
        let panel = rows.panel();
        let names: &[&str] = [&["id", "year"][..], &["year", "g"], &["id", "year", "g"], &["zone", "g", "year"]][ways];
        let by: Vec<Vec<u32>> = names.iter().map(|name| codes(&panel, name)).collect();
        let vcov = format!("cluster {}", names.join(" + "));
        let fit = match fit(&panel, MODELS[model].0, &vcov, &PLAIN) {
            Err(Error::NoDegreesOfFreedom { .. } | Error::NotPositive { .. } | Error::Degenerate { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        let shares = |i: usize, j: usize| f64::from(u8::from(by.iter().any(|codes| codes[i] == codes[j])));
        let want = oracle(&panel, model).0.weighted(shares);
        // The constant's variance may be negative: no error is claimed for it.
        prop_assume!(want.iter().all(|x| x.is_finite()));
        agree(&fit, &want, &vcov);
        // Once more from the terms, and the names in another order.
        prop_assert_eq!(fit.cluster_terms().len(), (1 << names.len()) - 1);
        let reversed: Vec<&str> = names.iter().rev().copied().collect();
        let again = super::fit(&panel, MODELS[model].0, &format!("cluster {}", reversed.join("+")), &PLAIN).unwrap();
        agree(&again, &want, "reversed");
    }

    /// The published small-sample variants, each from the uncorrected terms.
    #[test]
    fn factors_of_terms(rows in rows(), model in 0..MODELS.len()) {
        let panel = rows.panel();
        let names = ["id", "year", "g"];
        let sets: [&[usize]; 7] = [&[0], &[1], &[2], &[0, 1], &[0, 2], &[1, 2], &[0, 1, 2]];
        let by: Vec<Vec<u32>> = names.iter().map(|name| codes(&panel, name)).collect();
        let (dense, _) = oracle(&panel, model);
        let n = panel.n_rows();
        // Variances of each term without a factor, and its clusters.
        let terms: Vec<(f64, Vec<f64>, usize)> = sets.iter().map(|set| {
            let key = |i: usize| set.iter().map(|&s| by[s][i]).collect::<Vec<u32>>();
            let together = |i: usize, j: usize| {
                let u = dense.residuals[i] * dense.residuals[j];
                if key(i) == key(j) { u } else { 0.0 }
            };
            let n_clusters = (0..n).map(key).collect::<BTreeSet<_>>().len();
            (if set.len() == 2 { -1.0 } else { 1.0 }, dense.variances(together), n_clusters)
        }).collect();
        let smallest = terms[..3].iter().map(|term| term.2).min().unwrap();
        let white = dense.variances(|i, j| if i == j { dense.residuals[i].powi(2) } else { 0.0 });
        for (multiway, intersection) in [
            (Multiway::Own, Intersection::Clusters),
            (Multiway::Smallest, Intersection::Clusters),
            (Multiway::Own, Intersection::Rows),
            (Multiway::Smallest, Intersection::Rows),
        ] {
            let convention = Convention { multiway, intersection, indefinite: Indefinite::Keep, ..COUNTED };
            let fit = match fit(&panel, MODELS[model].0, "cluster id + year + g", &convention) {
                Err(Error::NoDegreesOfFreedom { .. } | Error::NotPositive { .. } | Error::Degenerate { .. }) => return Ok(()),
                other => other.unwrap(),
            };
            let k = fit.correction().k_all as f64;
            prop_assert_eq!(fit.correction().reference, Reference::T(smallest - 1));
            prop_assert_eq!(fit.correction().n_clusters, Some(smallest));
            let rows = (n as f64 - 1.0) / (n as f64 - k);
            let mut want = vec![0.0; dense.beta.len()];
            for (set, (sign, variances, own)) in terms.iter().enumerate() {
                let last = set == 6 && intersection == Intersection::Rows;
                let g = if multiway == Multiway::Own { *own } else { smallest } as f64;
                let factor = if last { 1.0 } else { rows * g / (g - 1.0) };
                let term = &fit.cluster_terms()[set];
                assert_close(term.factor, sign * factor, 1e-13);
                prop_assert_eq!(term.n_clusters, if last { n } else { *own });
                let variances = if last { &white } else { variances };
                want.iter_mut().zip(variances).for_each(|(sum, v)| *sum += sign * factor * v);
            }
            prop_assume!(want.iter().all(|v| *v > 0.0));
            agree(&fit, &want.iter().map(|v| v.sqrt()).collect::<Vec<_>>(), "factors");
        }
    }

    /// Clustering twice by the same is clustering by it; so is adding what lies within it.
    #[test]
    fn nothing_new(rows in rows(), model in 0..MODELS.len()) {
        let panel = rows.with("row", |_, row| row as f64).panel();
        let formula = MODELS[model].0;
        for convention in [&PLAIN, &COUNTED] {
            for by in ["id", "zone"] {
                let want = fit_or_skip!(&panel, formula, &format!("cluster {by}"), convention);
                let twice = fit(&panel, formula, &format!("cluster {by} + {by}"), convention).unwrap();
                same(&want, &twice, 4);
                prop_assert_eq!(want.correction(), twice.correction());
            }
        }
        let zone = fit_or_skip!(&panel, formula, "cluster zone", &PLAIN);
        for more in ["id", "row"] {
            same(&zone, &fit(&panel, formula, &format!("cluster zone + {more}"), &PLAIN).unwrap(), 4);
        }
    }

    /// An effect is nested if its levels lie within clusters of some clustering.
    #[test]
    fn nested_in_one_of_several(rows in rows()) {
        let panel = rows.panel();
        let k = |formula: &str, vcov: &str, convention: &Convention| -> Result<usize, Error> {
            Ok(fit(&panel, formula, vcov, convention)?.correction().k_counted)
        };
        let convention = Convention { indefinite: Indefinite::Repair, ..KEEP };
        let (n_ids, n_years) = (panel.factor("id").unwrap().n_levels(), panel.factor("year").unwrap().n_levels());
        for (formula, vcov, want) in [
            ("y ~ x1 + x2 | id", "cluster zone + g", 3),
            ("y ~ x1 + x2 | id", "cluster year + g", 2 + n_ids),
            ("y ~ x1 + x2 | id + year", "cluster id + year", 3),
            ("y ~ x1 + x2 | id + year", "cluster id + g", 3 + n_years - 1),
            ("y ~ x1 + x2 | id + year", "cluster year + g", 3 + n_ids - 1),
        ] {
            match k(formula, vcov, &convention) {
                Ok(k) => prop_assert_eq!(k, want, "{} {}", formula, vcov),
                Err(Error::NoDegreesOfFreedom { .. } | Error::Degenerate { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        // linearmodels wants them within clusters of every clustering.
        match k("y ~ x1 + x2 | id", "cluster id + g", &Convention::LINEARMODELS) {
            Ok(k) => prop_assert_eq!(k, 2 + n_ids),
            Err(Error::NoDegreesOfFreedom { .. } | Error::Degenerate { .. } | Error::NotPositive { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Negative eigenvalues become zero, of the slopes alone; and it is told.
    #[test]
    fn repairs(seed in any::<u64>(), ways in 0..2_usize) {
        let panel = unbalanced(7, 5, 0.2, 0, seed).panel();
        let vcov = ["cluster zone + g", "cluster g + year"][ways];
        let fit = |indefinite, constant| {
            fit_with(&panel, "y ~ x1 + x2 | id", vcov, &Convention { indefinite, ..COUNTED }, constant)
        };
        let repaired = match fit(Indefinite::Repair, Constant::Omit) {
            Err(Error::Degenerate { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        let told = |fit: &Fit| fit.notes().iter().find_map(|note| match note {
            Note::Indefinite { smallest, repaired } => Some((*smallest, *repaired)),
            _ => None,
        });
        let v = repaired.vcov();
        let with_constant = fit(Indefinite::Repair, Constant::Mean).unwrap().vcov();
        for (a, b) in v.iter().zip(&with_constant) {
            prop_assert!(close(*a, *b, 1e-9, 1e-9 * v[[0, 0]].max(v[[1, 1]])));
        }
        match fit(Indefinite::Keep, Constant::Omit) {
            Err(Error::NotPositive { .. }) => {
                prop_assert!(told(&repaired).unwrap().1);
                let by_variance = fit(Indefinite::RepairVariances, Constant::Omit).unwrap();
                prop_assert_eq!(by_variance.vcov(), v);
            }
            kept => {
                let kept = kept.unwrap();
                let (a, b, c) = { let v = kept.vcov(); (v[[0, 0]], v[[0, 1]], v[[1, 1]]) };
                let half = ((a - c).powi(2) / 4.0 + b * b).sqrt();
                let middle = f64::midpoint(a, c);
                let (low, high) = (middle - half, middle + half);
                prop_assume!(low.abs() > 1e-9 * high);
                prop_assert_eq!(told(&kept).map(|(_, done)| done), (low < 0.0).then_some(false));
                prop_assert_eq!(told(&repaired).map(|(_, done)| done), (low < 0.0).then_some(true));
                let by_variance = fit(Indefinite::RepairVariances, Constant::Omit).unwrap();
                prop_assert_eq!(by_variance.vcov(), kept.vcov());
                // The part of the larger eigenvalue: V + (−low)(I − P) with P = (V − low)/(high − low).
                let gap = if low < 0.0 { low / (high - low) } else { 0.0 };
                for (i, j, whole, one) in [(0, 0, a, 1.0), (0, 1, b, 0.0), (1, 1, c, 1.0)] {
                    let want = if low < 0.0 { whole - low * one + gap * (whole - low * one) } else { whole };
                    prop_assert!(close(v[[i, j]], want, 1e-9, high), "{} {}", v[[i, j]], want);
                }
            }
        }
    }

    /// Bartlett's weights on pairs of rows, by their distance in the calendar.
    #[test]
    fn pairs_within_lags(rows in rows(), model in 0..MODELS.len(), lag in 0..4_usize, gap in any::<bool>()) {
        // A year in which nobody is observed is still a year.
        let seen: Vec<usize> = (0..rows.n()).filter(|&row| !gap || rows.year[row] != 1992).collect();
        let panel = rows.select(&seen).panel();
        let year: Vec<f64> = panel.index().period.iter().map(|&year| f64::from(year)).collect();
        let id = panel.index().entity.codes().to_vec();
        let weight = |i: usize, j: usize| f64::max(0.0, 1.0 - (year[i] - year[j]).abs() / (lag as f64 + 1.0));
        let within = |i: usize, j: usize| if id[i] == id[j] { weight(i, j) } else { 0.0 };
        let (formula, vcov) = (MODELS[model].0, format!("driscoll-kraay {lag}"));
        let dk = match fit(&panel, formula, &vcov, &PLAIN) {
            Err(Error::NoDegreesOfFreedom { .. } | Error::Degenerate { .. } | Error::TooManyLags { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        let (dense, _) = oracle(&panel, model);
        agree(&dk, &dense.weighted(weight), "driscoll-kraay");
        let nw = fit(&panel, formula, &format!("newey-west {lag}"), &PLAIN).unwrap();
        agree(&nw, &dense.weighted(within), "newey-west");
    }

    /// Without lags: clusters by period, and White's. Entities that never meet are on their own.
    #[test]
    fn no_lags(rows in rows(), model in 0..MODELS.len(), lag in 0..4_usize) {
        let apart = rows.clone().with("when", |rows, row| f64::from(rows.year[row]));
        let panel = apart.panel();
        let mut apart = apart;
        for (year, id) in apart.year.iter_mut().zip(&apart.id) {
            *year += 100 * id;
        }
        let formula = MODELS[model].0;
        let white = fit_or_skip!(&panel, formula, "HC0", &PLAIN);
        same(&white, &fit(&panel, formula, "newey-west 0", &PLAIN).unwrap(), 4);
        if let Ok(by_year) = fit(&panel, formula, "cluster year", &PLAIN) {
            same(&by_year, &fit(&panel, formula, "driscoll-kraay 0", &PLAIN).unwrap(), 4);
        }
        let formula = formula.replace("year", "when");
        let nw = fit(&panel, &formula, &format!("newey-west {lag}"), &PLAIN).unwrap();
        let dk = fit(&apart.panel(), &formula, &format!("driscoll-kraay {lag}"), &PLAIN).unwrap();
        same(&nw, &dk, 4);
    }

    /// Factors and degrees of freedom of the conventions, from the plain errors.
    #[test]
    fn factors_over_periods(rows in rows()) {
        let panel = rows.panel();
        let formula = "y ~ x1 + x2 | id";
        let plain = fit_or_skip!(&panel, formula, "driscoll-kraay 1", &PLAIN);
        let (n, t) = (panel.n_rows() as f64, panel.factor("year").unwrap().n_levels());
        let k_all = plain.correction().k_all;
        let periods = t as f64 / (t as f64 - 1.0);
        let all = (n - 1.0) / (n - k_all as f64);
        let groups = Reference::T(t - 1);
        let residual = Reference::T(panel.n_rows() - k_all);
        for (convention, dk, dk_df, nw, nw_df) in [
            (Convention::STATA_XTREG, periods * (n - 1.0) / (n - 3.0), groups, n / (n - k_all as f64), residual),
            (Convention::AREG, periods * all, groups, n / (n - k_all as f64), residual),
            (KEEP, periods * all, groups, n / (n - k_all as f64), residual),
            (Convention::FIXEST, periods * all, groups, periods * all, groups),
            (Convention::PLM, 1.0, residual, 1.0, residual),
            (Convention::PLM_SSS, periods * (n - 1.0) / (n - 2.0), groups, periods * (n - 1.0) / (n - 2.0), groups),
            (Convention::LINEARMODELS, n / (n - k_all as f64), residual, n / (n - k_all as f64), residual),
        ] {
            for (vcov, factor, df) in [("driscoll-kraay 1", dk, dk_df), ("newey-west 1", nw, nw_df)] {
                let plain = fit(&panel, formula, vcov, &PLAIN).unwrap();
                let fit = fit(&panel, formula, vcov, &convention).unwrap();
                assert_close(fit.correction().factor, factor, 1e-13);
                prop_assert_eq!(fit.correction().reference, df);
                assert_close(fit.vcov()[[0, 0]], factor * plain.vcov()[[0, 0]], 1e-12);
                let row = &fit.coefficients()[1];
                prop_assert_eq!(row.reference, df);
                assert_close(row.p_value, df.two_sided(row.statistic), 1e-14);
                let told = Note::Lags { lag: 1, n_periods: t };
                prop_assert!(fit.notes().contains(&told));
            }
        }
    }

    /// One covariance between entities, put together pair by pair.
    #[test]
    fn correlated_entities(rows in rows(), full in balanced(5..=8), model in 0..MODELS.len()) {
        for (rows, whole) in [(rows, false), (full, true)] {
            let panel = rows.panel();
            let years = panel.factor("year").unwrap();
            let (id, year) = (panel.index().entity.codes(), years.codes());
            let (n_ids, n_years) = (panel.index().entity.n_levels(), years.n_levels());
            let formula = MODELS[model].0;
            let pairwise = fit(&panel, formula, "pcse pairwise", &PLAIN);
            if let Err(Error::NoDegreesOfFreedom { .. }) = pairwise {
                return Ok(());
            }
            let (dense, _) = oracle(&panel, model);
            let mut u = vec![vec![None; n_years]; n_ids];
            for (row, (&id, &year)) in id.iter().zip(year).enumerate() {
                u[id as usize][year as usize] = Some(dense.residuals[row]);
            }
            let complete: Vec<usize> =
                (0..n_years).filter(|&t| u.iter().all(|u| u[t].is_some())).collect();
            let covariance = |i: usize, j: usize, years: &mut dyn Iterator<Item = usize>| {
                let products: Vec<f64> = years.filter_map(|t| Some(u[i][t]? * u[j][t]?)).collect();
                products.iter().sum::<f64>() / products.len() as f64
            };
            let within = |covariance: &dyn Fn(usize, usize) -> f64| {
                dense.variances(|i, j| {
                    if year[i] == year[j] { covariance(id[i] as usize, id[j] as usize) } else { 0.0 }
                })
            };
            let check = |ours: Result<Fit, Error>, want: Vec<f64>| match ours {
                Err(Error::NotPositive { .. } | Error::Degenerate { .. }) => {}
                ours if want.iter().all(|v| *v > 0.0) => {
                    agree(&ours.unwrap(), &want.iter().map(|v| v.sqrt()).collect::<Vec<_>>(), "pcse");
                }
                _ => {}
            };
            check(pairwise, within(&|i, j| covariance(i, j, &mut (0..n_years))));
            let casewise = fit(&panel, formula, "pcse", &PLAIN);
            if complete.is_empty() {
                prop_assert_eq!(casewise.unwrap_err(), Error::NoCommonPeriod { n_entities: n_ids });
                continue;
            }
            let note = Note::CommonPeriods { common: complete.len(), n_periods: n_years };
            if let Ok(fit) = &casewise {
                prop_assert_eq!(fit.notes().contains(&note), complete.len() < n_years);
            }
            check(casewise, within(&|i, j| covariance(i, j, &mut complete.iter().copied())));
            prop_assert!(!whole || complete.len() == n_years);
        }
    }

    /// The order of rows, and the names of levels, are nothing.
    #[test]
    fn labels_do_not_matter(rows in rows(), model in 0..MODELS.len()) {
        let renamed = {
            let mut rows = rows.sorted();
            rows.id.iter_mut().for_each(|id| *id = 50 - *id);
            rows.with("g", |rows, row| (rows.columns["g"][row] * 7.0) % 5.0)
        };
        for vcov in ["cluster id + g", "cluster id + year + g", "driscoll-kraay 2", "newey-west 2", "pcse pairwise", "CR2 id", "CR3 g", "HC4"] {
            let formula = MODELS[model].0;
            match fit(&rows.panel(), formula, vcov, &Convention::FIXEST) {
                Ok(a) => {
                    let shuffled = fit(&rows.sorted().panel(), formula, vcov, &Convention::FIXEST).unwrap();
                    prop_assert_eq!(table(&a), table(&shuffled));
                    if a.notes().iter().any(|note| matches!(note, Note::Indefinite { .. })) {
                        continue;
                    }
                    let b = fit(&renamed.panel(), formula, vcov, &Convention::FIXEST).unwrap();
                    agree(&b, &table(&a).iter().map(|row| row.1).collect::<Vec<_>>(), vcov);
                }
                Err(error) => prop_assert_eq!(error, fit(&rows.sorted().panel(), formula, vcov, &Convention::FIXEST).unwrap_err()),
            }
        }
    }
}

/// A covariance matrix is symmetric, off its diagonal too.
#[test]
fn symmetric() {
    let panel = unbalanced(8, 8, 0.2, 1, 9).panel();
    for vcov in [
        "cluster id + year",
        "driscoll-kraay 2",
        "newey-west 2",
        "pcse pairwise",
        "CR2 g",
        "CR3 id",
    ] {
        let v = fit(&panel, "y ~ x1 + x2 + x3 | id", vcov, &KEEP).unwrap().vcov();
        for (a, b) in v.iter().zip(v.t()) {
            assert!(close(*a, *b, 1e-9, 1e-9 * v[[0, 0]]), "{vcov}: {a} {b}");
        }
    }
}

/// The constant, too, can have a negative variance: there is an error, and no NaN.
#[test]
fn constants_without_a_variance() {
    let mut negative = 0;
    for seed in 0..60 {
        let panel = unbalanced(6, 5, 0.2, 0, seed).panel();
        for vcov in ["cluster zone + g", "cluster g + year"] {
            match fit(&panel, "y ~ x1 | id", vcov, &PLAIN) {
                Err(Error::NotPositive { term, .. }) => {
                    negative += usize::from(term == Term::var(Fit::CONSTANT));
                }
                Err(Error::Degenerate { .. }) => {}
                fit => {
                    let whole = |row: estimate::Coefficient| {
                        row.std_error.is_finite() && row.p_value.is_finite()
                    };
                    assert!(fit.unwrap().coefficients().into_iter().all(whole));
                }
            }
        }
    }
    assert!(negative > 0);
}

/// What programs take where no number is given.
#[test]
fn lags_by_default() {
    let rows = unbalanced(6, 20, 0.1, 0, 3);
    let panel = rows.panel();
    for (convention, lag) in [
        (Convention::STATA_XTREG, 2),
        (Convention::LINEARMODELS, 2),
        (Convention::PLM, 2),
        (Convention::FIXEST, 2),
    ] {
        for vcov in ["driscoll-kraay", "newey-west"] {
            let fit = fit(&panel, "y ~ x1 + x2 | id", vcov, &convention).unwrap();
            assert!(fit.notes().contains(&Note::Lags { lag, n_periods: 20 }));
        }
    }
    let counts = |lag: Lag| [2, 10, 15, 16, 81, 99, 100, 256].map(|t| lag.of(t));
    assert_eq!(counts(Lag::TwoNinths), [1, 2, 2, 2, 3, 3, 4, 4]);
    assert_eq!(counts(Lag::FourthRoot), [1, 1, 1, 2, 3, 3, 3, 4]);
}

#[test]
fn texts() {
    for text in [
        "iid",
        "HC0",
        "HC1",
        "HC2",
        "HC3",
        "HC4",
        "cluster id",
        "cluster id + year",
        "cluster a + b + c",
        "CR2 id",
        "CR3 id",
        "driscoll-kraay",
        "driscoll-kraay 3",
        "newey-west",
        "newey-west 0",
        "pcse",
        "pcse pairwise",
    ] {
        assert_eq!(text.parse::<Vcov>().unwrap().to_string(), text);
    }
    assert_eq!("cluster a+b".parse::<Vcov>(), "cluster  a +  b ".parse());
    assert_eq!("robust".parse::<Vcov>().unwrap().to_string(), "HC1");
    let nine = (0..9).map(|i| i.to_string()).collect::<Vec<_>>().join(" + ");
    for text in [
        "",
        "cluster",
        "cluster ",
        "cluster a +",
        "cluster + a",
        "CR2",
        "CR4 id",
        "driscoll-kraay two",
        "driscoll-kraay -1",
        "newey-west 1.5",
        "pcse all",
        "HC2 id",
        "iid id",
        &format!("cluster {nine}"),
    ] {
        assert_eq!(
            text.parse::<Vcov>(),
            Err(Error::UnknownVcov { text: text.to_owned() }),
            "{text}"
        );
    }
}

/// The same bits on any number of threads.
#[test]
fn threads_change_no_bit() {
    let rows = unbalanced(400, 12, 0.2, 20, 5)
        .with("f", |rows, row| f64::from((rows.id[row] * 7 + rows.year[row]) % 90));
    let panel = rows.panel();
    for vcov in [
        "cluster id + year",
        "cluster id + f + g",
        "driscoll-kraay 2",
        "newey-west 2",
        "pcse pairwise",
        "CR2 id",
        "CR3 f",
    ] {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                fit(&panel, "y ~ x1 + x2 | id + year", vcov, &Convention::REGHDFE).unwrap()
            })
        };
        let one = on(1);
        for threads in [2, 5] {
            let many = on(threads);
            assert_eq!(table(&one), table(&many), "{vcov}");
            assert_eq!(one.vcov(), many.vcov(), "{vcov}");
            assert_eq!(one.coefficients(), many.coefficients(), "{vcov}");
        }
    }
}

mod refused {
    use super::*;

    #[test]
    fn time_that_does_not_pass() {
        let rows = unbalanced(12, 5, 0.0, 0, 8);
        let once: Vec<usize> = (0..rows.n()).filter(|&row| rows.year[row] == 1992).collect();
        let panel = rows.select(&once).panel();
        for vcov in ["driscoll-kraay 0", "newey-west", "pcse"] {
            let error = fit(&panel, "y ~ x1 + x2", vcov, &KEEP).unwrap_err();
            assert_eq!(error, Error::TooFewPeriods { n_periods: 1 });
        }
        let panel = rows.panel();
        for vcov in ["driscoll-kraay 5", "newey-west 99"] {
            let error = fit(&panel, "y ~ x1 + x2", vcov, &KEEP).unwrap_err();
            assert!(matches!(error, Error::TooManyLags { n_periods: 5, .. }), "{error}");
        }
        assert!(fit(&panel, "y ~ x1 + x2", "driscoll-kraay 4", &KEEP).is_ok());
    }

    #[test]
    fn clusters_that_are_not_there() {
        let panel = unbalanced(6, 6, 0.1, 0, 21).with("one", |_, _| 1.0).panel();
        let want = Error::TooFewClusters { by: "one".into(), n_clusters: 1 };
        for vcov in ["cluster id + one", "cluster one + id", "CR2 one", "CR3 one"] {
            assert_eq!(fit(&panel, "y ~ x1", vcov, &KEEP).unwrap_err(), want);
        }
        let design = Design::new(&panel, &"y ~ x1".parse().unwrap(), Singletons::Keep).unwrap();
        let spec =
            Spec { vcov: Vcov::Multiway(vec![]), convention: KEEP, constant: Constant::Omit };
        assert!(matches!(pooled(&design, &spec).unwrap_err(), Error::UnknownVcov { .. }));
    }

    /// What would outgrow memory says so.
    #[test]
    fn too_much_to_write_down() {
        let panel = unbalanced(4100, 2, 0.0, 0, 1).panel();
        let error = fit(&panel, "y ~ x1 | id", "CR2 year", &KEEP).unwrap_err();
        let want = Error::TooManyLevels {
            vcov: "CR2 year".into(),
            by: "year".into(),
            levels: 4100,
            most: 2048,
        };
        assert_eq!(error, want);
        let error = fit(&panel, "y ~ x1", "pcse pairwise", &KEEP).unwrap_err();
        assert_eq!(error, Error::TooManyEntities { n_entities: 4100, most: 4096 });
        assert!(fit(&panel, "y ~ x1 | id", "CR2 id", &KEEP).is_ok());
        assert!(fit(&panel, "y ~ x1", "pcse", &KEEP).is_ok());
    }
}

/// Kernels are plain data.
#[test]
fn a_kernel_of_ones_own() {
    let kernel = Kernel { periods: true, ..Convention::PLM.newey_west };
    let convention = Convention { newey_west: kernel, ..Convention::PLM };
    let panel = unbalanced(6, 6, 0.1, 0, 2).panel();
    let fit =
        |convention| fit(&panel, "y ~ x1", "newey-west 1", convention).unwrap().vcov()[[0, 0]];
    assert_close(fit(&convention), 1.2 * fit(&Convention::PLM), 1e-13);
}
