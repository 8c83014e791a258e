//! Laws of interval arithmetic, and of single equations on tables made in the test.

use audit::{Audit, Finding, Interval, Schema, Verdict, audit};
use proptest::prelude::*;
use published::Transcription;

/// Both ends of an operation enclose the exact result: exact as an error-free transformation shows it.
mod exact {
    /// x · y and its error.
    pub(crate) fn product(x: f64, y: f64) -> (f64, f64) {
        let p = x * y;
        (p, x.mul_add(y, -p))
    }

    /// x + y and its error (Knuth).
    pub(crate) fn sum(x: f64, y: f64) -> (f64, f64) {
        let s = x + y;
        let b = s - x;
        (s, (x - (s - b)) + (y - b))
    }

    /// Whether the exact value s + e is at least x, for |e| at most half an ulp of s.
    pub(crate) fn at_least(value: (f64, f64), x: f64) -> bool {
        value.0 > x || (value.0 >= x && value.1 >= 0.0)
    }

    /// Whether the exact value s + e is at most x.
    pub(crate) fn at_most(value: (f64, f64), x: f64) -> bool {
        value.0 < x || (value.0 <= x && value.1 <= 0.0)
    }
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1e3..1e3,
        -1.0..1.0,
        -1e-6..1e-6,
        Just(0.0),
        Just(1.0),
        (1_i32..99).prop_map(f64::from)
    ]
}

fn interval() -> impl Strategy<Value = (Interval, f64)> {
    (number(), number(), 0.0..=1.0).prop_map(|(a, b, at): (f64, f64, f64)| {
        let (lo, hi) = (a.min(b), a.max(b));
        (Interval::between(a, b), (lo + at * (hi - lo)).clamp(lo, hi))
    })
}

fn holds(it: Interval, value: (f64, f64)) -> bool {
    exact::at_least(value, it.lo()) && exact::at_most(value, it.hi())
}

proptest! {
    #[test]
    fn operations_enclose_what_they_are_of((a, x) in interval(), (b, y) in interval()) {
        prop_assert!(holds(a + b, exact::sum(x, y)));
        prop_assert!(holds(a - b, exact::sum(x, -y)));
        prop_assert!(holds(a * b, exact::product(x, y)));
        prop_assert!(holds(a.square(), exact::product(x, x)));
        prop_assert!(a.abs().contains(x.abs()));
        prop_assert!((-a).contains(-x));
        prop_assert!(a.hull(b).contains(x) && a.hull(b).contains(y));
        if a.contains(y) {
            prop_assert!(a.intersect(b).is_some_and(|both| both.contains(y)));
        }
    }

    /// q = x/y lies in the quotient if no number beyond its ends, times y, could be x.
    #[test]
    fn quotients_enclose((a, x) in interval(), (b, y) in interval()) {
        let q = a.over(b);
        if b.contains(0.0) {
            prop_assert_eq!(q, Interval::ALL);
        } else {
            let side = y.signum();
            let below = exact::product(q.lo(), y * side);
            let above = exact::product(q.hi(), y * side);
            prop_assert!(exact::at_most(below, x * side) || exact::at_least(below, f64::INFINITY));
            prop_assert!(exact::at_least(above, x * side));
        }
    }

    /// Single numbers leave no room: only outward rounding encloses what a float cannot hold.
    #[test]
    fn operations_on_single_numbers_enclose_them(x in number(), y in number()) {
        let (p, q) = (Interval::point(x), Interval::point(y));
        prop_assert!(holds(p + q, exact::sum(x, y)));
        prop_assert!(holds(p - q, exact::sum(x, -y)));
        prop_assert!(holds(p * q, exact::product(x, y)));
        prop_assert!(holds(p.square(), exact::product(x, x)));
    }

    #[test]
    fn roots_enclose((a, x) in interval()) {
        if let Some(root) = a.sqrt() {
            let x = x.max(0.0);
            if a.contains(x) {
                prop_assert!(exact::at_most(exact::product(root.lo(), root.lo()), x));
                prop_assert!(exact::at_least(exact::product(root.hi(), root.hi()), x));
            }
        } else {
            prop_assert!(a.hi() < 0.0);
        }
    }

    #[test]
    fn a_part_of_an_interval_gives_a_part_of_the_result((a, x) in interval(), (b, y) in interval()) {
        let (p, q) = (Interval::point(x), Interval::point(y));
        for (part, whole) in [(p + q, a + b), (p - q, a - b), (p * q, a * b), (p.square(), a.square())] {
            prop_assert!(whole.hull(part) == whole, "{part:?} {whole:?}");
        }
    }
}

fn paper(tables: &str) -> Transcription {
    let head = "[paper]\nid = \"x\"\ntitle = \"X\"\nauthors = [\"X\"]\n";
    Transcription::parse("made.toml", &format!("{head}{tables}")).expect("tables")
}

fn audited(tables: &str, schema: &str) -> Audit {
    let schema = Schema::parse("audit.toml", schema).expect("a schema");
    audit(&paper(tables), &schema).expect("an audit")
}

fn of<'a>(audit: &'a Audit, check: &str) -> Vec<&'a Finding> {
    audit.findings.iter().filter(|it| it.check == check).collect()
}

fn verdicts(audit: &Audit, check: &str) -> Vec<&'static str> {
    let word = |it: &&Finding| match it.verdict {
        Verdict::Consistent => "consistent",
        Verdict::NeedsAssumption(_) => "assumption",
        Verdict::Impossible => "impossible",
    };
    of(audit, check).iter().map(word).collect()
}

/// Mean, standard deviation with n − 1, least and greatest.
fn moments(values: &[f64]) -> [f64; 4] {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    let fold = |f: fn(f64, f64) -> f64| values.iter().copied().reduce(f).unwrap_or(0.0);
    [mean, (squares / (n - 1.0)).sqrt(), fold(f64::min), fold(f64::max)]
}

proptest! {
    /// Moments of any numbers are possible, with few decimals or many; and their standard deviation is not
    /// once it passes its bounds.
    #[test]
    fn moments_of_numbers_are_possible(
        values in prop::collection::vec(-50_i32..50, 3..40),
        decimals in 1_usize..6,
    ) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let [mean, sd, min, max] = moments(&values);
        let n = values.len();
        let table = |sd: f64| {
            let row = [mean, sd, min, max].map(|x| format!("\"{x:.decimals$}\"")).join(", ");
            format!(
                "[[table]]\nid = \"1\"\ntitle = \"T\"\nkind = \"descriptive\"\n\
                 columns = [\"variable\", \"N\", \"mean\", \"sd\", \"min\", \"max\"]\n\
                 rows = [[\"x\", \"{n}\", {row}]]\n"
            )
        };
        let schema = "[[variable]]\nname = \"x\"\ninteger = true\n";
        let right = audited(&table(sd), schema);
        prop_assert_eq!(right.counts.impossible, 0, "{:?}", right.findings);
        prop_assert!(!of(&right, "grim").is_empty());
        // The bounds themselves, from their formulas in plain floats, with room for rounding.
        let room = 10_f64.powi(1 - i32::try_from(decimals).expect("few")) * (n as f64).sqrt();
        let least = ((min - mean).powi(2) + (max - mean).powi(2)) / n as f64;
        let most = n as f64 / (n as f64 - 1.0) * (mean - min) * (max - mean);
        let wide = audited(&table(most.sqrt() + room + 1.0), "");
        prop_assert_eq!(verdicts(&wide, "bhatia-davis"), ["impossible"]);
        if least.sqrt() > room + 0.5 {
            let narrow = audited(&table((least.sqrt() - room - 0.5).max(0.0)), "");
            prop_assert_eq!(verdicts(&narrow, "sd-lower-bound"), ["impossible"]);
        }
    }

    /// Weights that are rounded from shares of 1 are possible; with one tenth more they are not.
    #[test]
    fn weights_add_up_within_rounding(
        raw in prop::collection::vec(0.05_f64..1.0, 2..30),
        decimals in 2_usize..7,
    ) {
        let total: f64 = raw.iter().sum();
        let table = |extra: f64| {
            let weight = |(i, w): (usize, &f64)| {
                let w = w / total + if i == 0 { extra } else { 0.0 };
                format!("[\"d\", \"i{i}\", \"{w:.decimals$}\"]")
            };
            let rows: Vec<String> = raw.iter().enumerate().map(weight).collect();
            format!(
                "[[table]]\nid = \"1\"\ntitle = \"T\"\nkind = \"weights\"\n\
                 columns = [\"dimension\", \"indicator\", \"weight\"]\nrows = [{}]\n",
                rows.join(", ")
            )
        };
        prop_assert_eq!(verdicts(&audited(&table(0.0), ""), "weights"), ["consistent"]);
        let room = raw.len() as f64 * 10_f64.powi(-i32::try_from(decimals).expect("few"));
        prop_assert_eq!(verdicts(&audited(&table(0.1 + room), ""), "weights"), ["impossible"]);
    }

    /// Stars by any t distribution are possible; more than the normal allows are not.
    #[test]
    fn stars_by_any_distribution_are_possible(
        ts in prop::collection::vec(-6.0_f64..6.0, 1..8),
        df in 1_usize..400,
    ) {
        use numbers::Reference;
        let legend = [0.1, 0.05, 0.01];
        let rows = |more: bool| {
            let row = |(i, t): (usize, &f64)| {
                let p = Reference::T(df).two_sided(*t);
                let stars = published::stars_for(p, &legend);
                let stars = if more { 3 } else { usize::from(stars) };
                format!("[\"x{i}\", \"{:.5}{} (0.25000)\"]", t * 0.25, "*".repeat(stars))
            };
            let rows: Vec<String> = ts.iter().enumerate().map(row).collect();
            format!(
                "[[table]]\nid = \"1\"\ntitle = \"T\"\nkind = \"regression\"\n\
                 uncertainty = \"standard error\"\nstars = [0.10, 0.05, 0.01]\n\
                 columns = [\"(1)\"]\nrows = [{}]\n",
                rows.join(", ")
            )
        };
        let right = audited(&rows(false), "errors = \"iid\"\n");
        prop_assert_eq!(right.counts.impossible, 0, "{:?}", right.findings);
        let wrong = audited(&rows(true), "tests = \"two-sided\"\n");
        let too_many = ts.iter().filter(|t| t.abs() < 2.57).count();
        let found = verdicts(&wrong, "stars").iter().filter(|it| **it == "impossible").count();
        prop_assert!(found >= too_many, "{found} of {too_many}");
        prop_assert!(found <= ts.iter().filter(|t| t.abs() < 2.58).count());
    }
}

/// Least squares of y on a constant and two regressors, by hand.
fn regress(y: &[f64], xs: &[&[f64]]) -> Vec<f64> {
    let k = xs.len() + 1;
    let mut a = vec![vec![0.0; k + 1]; k];
    for (i, &y) in y.iter().enumerate() {
        let row: Vec<f64> =
            std::iter::once(1.0).chain(xs.iter().map(|x| x[i])).chain([y]).collect();
        for (sums, x) in a.iter_mut().zip(&row) {
            sums.iter_mut().zip(&row).for_each(|(sum, z)| *sum += x * z);
        }
    }
    for p in 0..k {
        let pivot = a[p].clone();
        for (_, row) in a.iter_mut().enumerate().filter(|it| it.0 != p) {
            let factor = row[p] / pivot[p];
            row.iter_mut().zip(&pivot).skip(p).for_each(|(it, by)| *it -= factor * by);
        }
    }
    (0..k).map(|j| a[j][k] / a[j][j]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The added regressor's identity holds in any data; one flipped sign of the auxiliary regression
    /// is found, and flipping it back is the first repair.
    #[test]
    fn a_flipped_sign_is_found_and_flipped_back(
        raw in prop::collection::vec((-1.0_f64..1.0, -1.0_f64..1.0, -1.0_f64..1.0), 20..40),
    ) {
        let x: Vec<f64> = raw.iter().map(|r| r.0).collect();
        let m: Vec<f64> = raw.iter().map(|r| 0.8 * r.0 + r.1 + 0.3).collect();
        let y: Vec<f64> = raw.iter().map(|r| r.0 + 0.9 * (0.8 * r.0 + r.1) + 0.5 * r.2 - 0.2).collect();
        let (short, aux) = (regress(&y, &[&x]), regress(&m, &[&x]));
        let long = regress(&y, &[&x, &m]);
        prop_assume!((aux[1] * long[2]).abs() > 0.01 && aux[1].abs() > 0.01);
        let table = |a: f64| format!(
            "[[table]]\nid = \"1\"\ntitle = \"T\"\nkind = \"regression\"\n\
             columns = [\"(1)\", \"(2)\", \"(3)\"]\ndependent = [\"y\", \"m\", \"y\"]\nrows = [\n\
             [\"x\", \"{:.4}\", \"{a:.4}\", \"{:.4}\"],\n[\"m\", \"\", \"\", \"{:.4}\"],\n\
             [\"Constant\", \"{:.4}\", \"{:.4}\", \"{:.4}\"],\n]\n",
            short[1], long[1], long[2], short[0], aux[0], long[0]
        );
        let schema = "estimator = \"ls\"\n\
            [[column]]\nid = \"1/(1)\"\nabsorbs = []\n[[column]]\nid = \"1/(2)\"\nabsorbs = []\n\
            [[column]]\nid = \"1/(3)\"\nabsorbs = []\n\
            [[mediation]]\nmediator = \"m\"\nfirst = \"1/(2)\"\nsecond = \"1/(3)\"\ntotal = \"1/(1)\"\n";
        let right = audited(&table(aux[1]), schema);
        prop_assert_eq!(verdicts(&right, "added-regressor"), ["consistent", "consistent"]);
        let wrong = audited(&table(-aux[1]), schema);
        prop_assert_eq!(verdicts(&wrong, "added-regressor"), ["impossible", "consistent"]);
        let repair = &of(&wrong, "added-regressor")[0].repairs[0];
        prop_assert_eq!((repair.cell.to_string(), repair.edit), ("1/(2)/x/estimate".to_owned(), audit::Edit::Sign));
        // Without the schema's word for least squares it proves nothing.
        prop_assert_eq!(verdicts(&audited(&table(-aux[1]), ""), "added-regressor"), ["assumption", "consistent"]);
    }
}
