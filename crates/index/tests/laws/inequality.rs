//! Laws of concentration, inequality and coupling.

use index::{
    Coupling, CouplingSpec, Inequality, InequalitySpec, coupling, herfindahl, inequality,
    location_quotient,
};
use proptest::prelude::*;
use testkit::Rows;

use super::{CLOSE, data, mapped, same};

/// The region of an entity; whole numbers group rows.
fn with_regions(rows: &Rows) -> Rows {
    rows.clone().with("region", |rows, row| f64::from(rows.id[row] % 3))
}

fn of(rows: &Rows, population: bool, region: bool) -> Vec<Inequality> {
    let spec = InequalitySpec {
        column: "x0".into(),
        population: population.then(|| "x1".into()),
        region: region.then(|| "region".into()),
    };
    inequality(&rows.panel(), &spec).unwrap()
}

proptest! {
    /// Decompositions are exact.
    #[test]
    fn parts_add_up(rows in data(), population: bool) {
        for one in of(&with_regions(&rows), population, true) {
            let ((wt, wl), (bt, bl)) = (one.theil.within.unwrap(), one.theil.between.unwrap());
            same(&[wt + bt, wl + bl], &[one.theil.t, one.theil.l], 1e-12);
            let dagum = one.gini.dagum.as_ref().unwrap();
            same(&[dagum.within + dagum.between + dagum.transvariation], &[one.gini.total], 1e-12);
            prop_assert!(dagum.transvariation >= -1e-15 && dagum.between >= -1e-15);
            let shares = one.theil.regions.iter().fold((0.0, 0.0), |(p, s), r| (p + r.population, s + r.income));
            same(&[shares.0, shares.1], &[1.0, 1.0], 1e-12);
        }
    }

    /// A Gini coefficient is the mean difference over twice the mean, Theil's the definition.
    #[test]
    fn by_definition(rows in data(), population: bool) {
        let panel = rows.panel();
        let (y, w) = (panel.values(&"x0".parse().unwrap()).unwrap(), panel.values(&"x1".parse().unwrap()).unwrap());
        for one in of(&rows, population, false) {
            let at: Vec<usize> = (0..rows.n()).filter(|&r| panel.index().period[r] == one.period).collect();
            let heads = |r: usize| if population { w[r] } else { 1.0 };
            let total: f64 = at.iter().map(|&r| heads(r)).sum();
            let p = |r: usize| heads(r) / total;
            let mean: f64 = at.iter().map(|&r| p(r) * y[r]).sum();
            let pairs = at.iter().flat_map(|&i| at.iter().map(move |&j| (i, j)));
            let difference: f64 = pairs.map(|(i, j)| p(i) * p(j) * (y[i] - y[j]).abs()).sum();
            let t: f64 = at.iter().map(|&r| p(r) * y[r] / mean * (y[r] / mean).ln()).sum();
            let l: f64 = at.iter().map(|&r| p(r) * (mean / y[r]).ln()).sum();
            same(&[one.gini.total, one.theil.t, one.theil.l], &[difference / (2.0 * mean), t, l], 1e-12);
        }
    }

    /// Neither units of measurement nor a second copy of every unit move an inequality.
    #[test]
    fn scale_and_replication(rows in data(), factor in 0.01..100.0) {
        let numbers = |all: Vec<Inequality>| -> Vec<f64> {
            let parts = |one: &Inequality| {
                let (w, b) = (one.theil.within.unwrap(), one.theil.between.unwrap());
                let dagum = one.gini.dagum.clone().unwrap();
                vec![one.theil.t, one.theil.l, one.gini.total, w.0, w.1, b.0, b.1, dagum.within, dagum.between]
            };
            all.iter().flat_map(parts).collect()
        };
        let rows = with_regions(&rows);
        let base = numbers(of(&rows, false, true));
        let mut scaled = rows.clone();
        scaled.columns.get_mut("x0").unwrap().iter_mut().for_each(|x| *x *= factor);
        same(&numbers(of(&scaled, false, true)), &base, CLOSE);
        let mut twice = rows.clone();
        let last = rows.id.iter().max().unwrap() + 1;
        twice.id.extend(rows.id.iter().map(|id| id + last));
        twice.year.extend(&rows.year);
        for column in twice.columns.values_mut() {
            column.extend_from_within(..);
        }
        same(&numbers(of(&twice, false, true)), &base, CLOSE);
        // Two heads each are one each.
        let mut heads = rows.clone();
        heads.columns.insert("x1".into(), vec![2.0; rows.n()]);
        same(&numbers(of(&heads, true, true)), &base, CLOSE);
    }

    /// The mean of location quotients with weights of the whole is one; a Herfindahl index is the
    /// mean share, weighted by itself.
    #[test]
    fn shares(rows in data()) {
        let panel = rows.panel();
        let lq = location_quotient(&panel, "x0", "x1").unwrap();
        let value = |name: &str| panel.values(&name.parse().unwrap()).unwrap().into_owned();
        let (x, y) = (value("x0"), value("x1"));
        for one in herfindahl(&panel, "x0").unwrap() {
            let at: Vec<usize> = (0..rows.n()).filter(|&r| panel.index().period[r] == one.period).collect();
            let (sx, sy): (f64, f64) = (at.iter().map(|&r| x[r]).sum(), at.iter().map(|&r| y[r]).sum());
            same(&[at.iter().map(|&r| lq[r] * y[r] / sy).sum::<f64>()], &[1.0], 1e-12);
            for &r in &at {
                same(&[lq[r]], &[(x[r] / y[r]) / (sx / sy)], 1e-12);
            }
            // H = (1 + CV²)/n, and the normalised index is CV²/(n − 1).
            let n = at.len() as f64;
            let cv2 = at.iter().map(|&r| (x[r] * n / sx - 1.0).powi(2)).sum::<f64>() / n;
            same(&[one.index, one.normalised.unwrap()], &[(1.0 + cv2) / n, cv2 / (n - 1.0)], 1e-12);
        }
    }

    /// Variants of coupling that are the same number; equal systems are fully coupled.
    #[test]
    fn coupling_variants(rows in data(), n in 2..5_usize) {
        let panel = mapped(&rows, |_, x| x / 1.2);
        let names: Vec<String> = (0..n).map(|j| format!("x{j}")).collect();
        let of = |variant| coupling(&panel, &CouplingSpec {
            systems: names.clone(), coupling: variant, weights: vec![1.0 / n as f64; n],
        }).unwrap();
        let base = of(Coupling::GeometricMean);
        same(&of(Coupling::Power(1.0 / n as f64)).coupling, &base.coupling, 1e-12);
        let scaled: Vec<f64> = of(Coupling::Uncorrected).coupling.iter().map(|c| c * n as f64).collect();
        same(&scaled, &base.coupling, 1e-12);
        for (row, c) in base.coupling.iter().enumerate() {
            prop_assert!(*c > 0.0 && *c <= 1.0 + 1e-15);
            same(&[base.coordination[row].powi(2)], &[c * base.level[row]], 1e-12);
        }
        if n == 2 {
            let (a, b) = (panel.values(&"x0".parse().unwrap()).unwrap(), panel.values(&"x1".parse().unwrap()).unwrap());
            let modified = of(Coupling::Modified);
            for row in 0..rows.n() {
                let (high, low) = (a[row].max(b[row]), a[row].min(b[row]));
                same(&[base.coupling[row]], &[2.0 * (a[row] * b[row]).sqrt() / (a[row] + b[row])], 1e-12);
                same(&[modified.coupling[row]], &[((1.0 - (high - low)) * low / high).sqrt()], 1e-12);
            }
        }
        let alike = mapped(&rows, |_, _| 0.4);
        let spec = CouplingSpec { systems: names.clone(), coupling: Coupling::GeometricMean, weights: vec![1.0 / n as f64; n] };
        let found = coupling(&alike, &spec).unwrap();
        same(&found.coupling, &vec![1.0; rows.n()], 1e-12);
        same(&found.coordination, &vec![0.4_f64.sqrt(); rows.n()], 1e-12);
    }
}
