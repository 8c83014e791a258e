//! The statistics of a whole fit: one list, for the table, the JSON and the studies.

use std::collections::BTreeMap;

use estimate::{
    BinaryFit, ChiSquared, Correlated, Design, Error, FTest, Fit, RSquared, Random, Reference,
    Theta, TwoStage, WaldTest, f_test, r_squared,
};

/// How a statistic is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Count,
    Number,
    P,
}

use Kind::{Count, Number, P};

/// A statistic: its name in a study, how it is written, and the line under a table that has it.
///
/// In JSON its name is lower case with underscores.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) line: Option<usize>,
}

impl Known {
    pub(crate) fn key(&self) -> String {
        self.name.to_lowercase().replace(' ', "_")
    }
}

const fn known(name: &'static str, kind: Kind, line: usize) -> Known {
    Known { name, kind, line: if line == 0 { None } else { Some(line) } }
}

/// All statistics, in the order in which they are shown.
pub(crate) const ALL: [Known; 61] = [
    known("n", Count, 1),
    known("n ones", Count, 1),
    known("n entities", Count, 1),
    known("n clusters", Count, 1),
    known("df", Count, 1),
    known("df residual", Count, 1),
    known("k", Count, 0),
    known("r2", Number, 1),
    known("r2 adjusted", Number, 1),
    known("r2 within", Number, 1),
    known("r2 within adjusted", Number, 0),
    known("r2 between", Number, 1),
    known("r2 overall", Number, 1),
    known("F", Number, 1),
    known("F p value", P, 0),
    known("sigma", Number, 1),
    known("ssr", Number, 0),
    known("log likelihood", Number, 1),
    known("log likelihood null", Number, 1),
    known("sigma u", Number, 2),
    known("sigma lambda", Number, 2),
    known("sigma e", Number, 2),
    known("rho", Number, 2),
    known("theta", Number, 2),
    known("theta min", Number, 2),
    known("theta max", Number, 2),
    known("theta period", Number, 2),
    known("theta total", Number, 2),
    known("lr chi2", Number, 3),
    known("lr df", Count, 3),
    known("lr p value", P, 3),
    known("wald chi2", Number, 3),
    known("wald df", Count, 3),
    known("wald p value", P, 3),
    known("mundlak chi2", Number, 4),
    known("mundlak df", Count, 4),
    known("mundlak p value", P, 4),
    known("mcfadden", Number, 4),
    known("mcfadden adjusted", Number, 0),
    known("cox snell", Number, 0),
    known("nagelkerke", Number, 0),
    known("efron", Number, 0),
    known("mckelvey zavoina", Number, 0),
    known("correctly classified", Number, 4),
    known("aic", Number, 4),
    known("bic", Number, 4),
    known("cragg donald F", Number, 4),
    known("stock yogo 10%", Number, 4),
    known("kleibergen paap F", Number, 4),
    known("underidentification chi2", Number, 5),
    known("underidentification p value", P, 5),
    known("sargan", Number, 6),
    known("sargan p value", P, 6),
    known("hansen j", Number, 6),
    known("hansen j p value", P, 6),
    known("overidentification df", Count, 6),
    known("wu hausman F", Number, 7),
    known("wu hausman p value", P, 7),
    known("durbin chi2", Number, 7),
    known("durbin p value", P, 7),
    known("iterations", Count, 0),
];

/// The statistic of a name.
pub(crate) fn find(name: &str) -> Option<&'static Known> {
    ALL.iter().find(|known| known.name == name)
}

/// The statistics of one fit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statistics {
    /// By place in the list; `None` where it is not defined.
    values: BTreeMap<usize, Option<f64>>,
}

impl Statistics {
    fn set(&mut self, name: &str, value: impl Into<Option<f64>>) {
        let at = ALL.iter().position(|known| known.name == name);
        debug_assert!(at.is_some(), "`{name}` is in the list");
        let value = value.into().filter(|value| value.is_finite());
        self.values.extend(at.map(|at| (at, value)));
    }

    /// A statistic that the fit has.
    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        self.iter().find(|(known, _)| known.name == name)?.1
    }

    /// What the fit has or lacks, in the order of the list.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static Known, Option<f64>)> {
        self.values.iter().map(|(at, value)| (&ALL[*at], *value))
    }

    /// The statistics of least squares.
    pub(crate) fn of_fit(design: &Design<'_>, fit: &Fit) -> Result<Self, Error> {
        Ok(Self::of_squares(fit, r_squared(design, fit)?))
    }

    /// The statistics of the slopes in the regimes of a threshold regression.
    ///
    /// All of them take the thresholds as given.
    pub(crate) fn of_regimes(fit: &Fit) -> Self {
        let mut all = Self::default();
        let (sums, correction) = (fit.sums(), fit.correction());
        all.set("n", correction.n as f64);
        all.set("n entities", fit.n_entities() as f64);
        all.set("n clusters", correction.n_clusters.map(|n| n as f64));
        all.set("df residual", (correction.n - correction.k_all) as f64);
        all.set("ssr", sums.residual);
        all.set("r2", 1.0 - sums.residual / sums.total);
        all.set("r2 within", 1.0 - sums.residual / sums.within);
        all
    }

    fn of_squares(fit: &Fit, r2: RSquared) -> Self {
        let mut all = Self::default();
        let (sums, correction) = (fit.sums(), fit.correction());
        let residual = (correction.n - correction.k_all) as f64;
        all.set("n", correction.n as f64);
        all.set("n entities", fit.n_entities() as f64);
        all.set("n clusters", correction.n_clusters.map(|n| n as f64));
        all.set(
            "df",
            match correction.reference {
                Reference::T(df) => Some(df as f64),
                Reference::Normal | Reference::Satterthwaite(_) => None,
            },
        );
        all.set("df residual", residual);
        all.set("k", correction.k_counted as f64);
        all.set("r2", r2.r2);
        all.set("r2 adjusted", r2.adjusted);
        let test = f_test(fit).filter(|_| correction.reference != Reference::Normal);
        all.f("F", test);
        all.set("sigma", (sums.residual / residual).sqrt());
        all.set("ssr", sums.residual);
        all.set("log likelihood", fit.log_likelihood());
        all
    }

    /// The R² that tell variation within from that between.
    pub(crate) fn decomposed(mut self, r2: RSquared) -> Self {
        self.set("r2 within", r2.within);
        self.set("r2 within adjusted", r2.within_adjusted);
        self.set("r2 between", r2.between);
        self.set("r2 overall", r2.overall);
        self
    }

    pub(crate) fn of_random(random: &Random) -> Self {
        let mut all = Self::of_squares(&random.fit, random.r_squared).decomposed(random.r_squared);
        let root = |variance: Option<f64>| variance.map(f64::sqrt);
        if random.entity.is_some() {
            all.set("sigma u", root(random.entity));
        }
        if random.period.is_some() {
            all.set("sigma lambda", root(random.period));
        }
        all.set("sigma e", random.idiosyncratic.sqrt());
        all.set("rho", random.rho());
        let own = random.theta_entity.or(random.theta_period);
        if let Some(Theta { min, median, max }) = own {
            all.set("theta", median);
            if min < max {
                all.set("theta min", min);
                all.set("theta max", max);
            }
        }
        if random.theta_entity.is_some() && random.theta_period.is_some() {
            all.set("theta period", random.theta_period.map(|theta| theta.median));
            all.set("theta total", random.theta_total);
        }
        all.wald(random.wald);
        all
    }

    pub(crate) fn of_correlated(fit: &Correlated) -> Self {
        let mut all = Self::of_random(&fit.random);
        all.set("mundlak chi2", fit.test.map(|test| test.statistic));
        all.set("mundlak df", fit.test.map(|test| test.df as f64));
        all.set("mundlak p value", fit.test.map(|test| test.p_value));
        all
    }

    pub(crate) fn of_two_stage(design: &Design<'_>, fit: &TwoStage) -> Result<Self, Error> {
        let mut all = Self::of_fit(design, &fit.fit)?;
        all.set("cragg donald F", fit.cragg_donald);
        all.set("stock yogo 10%", fit.stock_yogo);
        all.set("kleibergen paap F", fit.kleibergen_paap);
        all.chi2(
            "underidentification chi2",
            "underidentification p value",
            fit.under_identification,
        );
        all.chi2("sargan", "sargan p value", fit.sargan);
        all.chi2("hansen j", "hansen j p value", fit.hansen);
        all.set("overidentification df", fit.sargan.map(|test| test.df as f64));
        all.f("wu hausman F", fit.wu_hausman);
        all.chi2("durbin chi2", "durbin p value", fit.durbin);
        Ok(all)
    }

    pub(crate) fn of_binary(fit: &BinaryFit) -> Self {
        let mut all = Self::default();
        let r2 = fit.pseudo_r2();
        all.set("n", fit.n() as f64);
        all.set("n ones", fit.n_ones() as f64);
        all.set("n clusters", fit.n_clusters().map(|n| n as f64));
        all.set("log likelihood", fit.log_likelihood());
        all.set("log likelihood null", fit.null_log_likelihood());
        let ratio = fit.likelihood_ratio();
        all.chi2("lr chi2", "lr p value", ratio);
        all.set("lr df", ratio.map(|test| test.df as f64));
        let wald = fit.wald();
        all.chi2("wald chi2", "wald p value", wald);
        all.set("wald df", wald.map(|test| test.df as f64));
        all.set("mcfadden", r2.mcfadden);
        all.set("mcfadden adjusted", r2.mcfadden_adjusted);
        all.set("cox snell", r2.cox_snell);
        all.set("nagelkerke", r2.nagelkerke);
        all.set("efron", r2.efron);
        all.set("mckelvey zavoina", r2.mckelvey_zavoina);
        all.set("correctly classified", r2.count);
        all.set("aic", fit.aic());
        all.set("bic", fit.bic());
        all.set("iterations", fit.iterations() as f64);
        all
    }

    fn wald(&mut self, test: Option<WaldTest>) {
        self.set("wald chi2", test.map(|test| test.statistic));
        self.set("wald df", test.map(|test| test.df as f64));
        self.set("wald p value", test.map(|test| test.p_value));
    }

    fn f(&mut self, name: &str, test: Option<FTest>) {
        let p_value = format!("{} p value", name.strip_suffix(" F").unwrap_or(name));
        self.set(name, test.map(|test| test.statistic));
        self.set(&p_value, test.map(|test| test.p_value));
    }

    fn chi2(&mut self, name: &str, p_value: &str, test: Option<ChiSquared>) {
        self.set(name, test.map(|test| test.statistic));
        self.set(p_value, test.map(|test| test.p_value));
    }
}
