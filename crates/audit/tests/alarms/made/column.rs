//! One column of a regression table, by the estimators of the workspace.

use estimate::{
    BetweenSpec, BetweenWeights, BinarySpec, Coefficient, Components, Constant, Convention, Design,
    DifferenceSpec, Effect, FTest, Fit, Gaps, Information, Link, Negative, RSquared, RandomSpec,
    Reference, SmallSample, Spec, Vcov, Weights,
};
use panel::{Base, Model};
use testkit::Stream;

use super::data::{ENTITY, PERIOD, World};

/// What is estimated.
#[derive(Debug, Clone)]
pub struct Ask {
    pub outcome: String,
    pub terms: Vec<String>,
    pub effects: Effects,
    pub method: Method,
    pub errors: Errors,
    pub constant: Constant,
    /// Rows of the panel; all if none are chosen.
    pub among: Option<Vec<bool>>,
    pub weights: Option<Weights>,
}

/// Which effects stand in the model, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effects {
    None,
    Unit,
    Period,
    Both,
    /// Indicators of the periods are among the regressors, and the units' effects may be absorbed.
    Indicators {
        unit: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    Ls,
    Random(Components),
    /// The first term, instrumented by this column.
    Instrument(String),
    Between,
    Difference,
    Binary(Link),
}

/// Kind of standard errors and whose small-sample convention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors {
    pub vcov: Vcov,
    pub like: Convention,
}

/// A column as it came out.
#[derive(Debug, Clone)]
pub struct Column {
    pub ask: Ask,
    pub coefficients: Vec<Coefficient>,
    pub n: usize,
    /// Rows of the panel.
    pub rows: Vec<usize>,
    pub groups: usize,
    pub clusters: Option<usize>,
    pub r2: Option<RSquared>,
    pub pseudo_r2: Option<f64>,
    pub f: Option<FTest>,
    pub chi2: Option<f64>,
    pub log_likelihood: Option<f64>,
    pub sigma: Option<f64>,
    pub fit: Option<Fit>,
}

impl Effects {
    fn text(self) -> String {
        match self {
            Self::Unit | Self::Indicators { unit: true } => format!(" | {ENTITY}"),
            Self::Period => format!(" | {PERIOD}"),
            Self::Both => format!(" | {ENTITY} + {PERIOD}"),
            Self::None | Self::Indicators { unit: false } => String::new(),
        }
    }

    pub fn unit(self) -> bool {
        matches!(self, Self::Unit | Self::Both | Self::Indicators { unit: true })
    }

    pub fn period(self) -> bool {
        matches!(self, Self::Period | Self::Both | Self::Indicators { .. })
    }

    fn absorbs(self) -> bool {
        !matches!(self, Self::None | Self::Indicators { unit: false })
    }
}

impl Ask {
    pub fn model(&self) -> Option<Model> {
        let mut terms = self.terms.clone();
        let mut tail = self.effects.text();
        if let Method::Instrument(by) = &self.method {
            if terms.is_empty() {
                return None;
            }
            let endogenous = terms.remove(0);
            tail.push_str(&format!(" | {endogenous} ~ {by}"));
        }
        if matches!(self.effects, Effects::Indicators { .. }) {
            terms.push(format!("i.{PERIOD}"));
        }
        if terms.is_empty() {
            terms.push("1".to_owned());
        }
        let text = format!("{} ~ {}{tail}", self.outcome, terms.join(" + "));
        text.parse().ok()
    }

    /// The column, if these data give one.
    pub fn estimate(&self, world: &World) -> Option<Column> {
        let like = &self.errors.like;
        let model = self.model()?;
        let weights = self.weights.as_ref();
        let among = self.among.as_deref();
        let design = Design::chosen(&world.panel, &model, like.singletons, weights, among).ok()?;
        let (vcov, convention) = (self.errors.vcov.clone(), like.clone());
        let spec = Spec {
            vcov: vcov.clone(),
            convention: convention.clone(),
            constant: self.constant.clone(),
        };
        let with = |design: &Design<'_>, fit: Fit, r2: Option<RSquared>, chi2: Option<f64>| {
            let correction = fit.correction();
            let left = correction.n.checked_sub(correction.k_all).filter(|left| *left > 0);
            Column {
                ask: self.clone(),
                coefficients: fit.coefficients(),
                n: correction.n,
                rows: (0..fit.sample().n()).map(|i| fit.sample().row(i)).collect(),
                groups: fit.n_entities(),
                clusters: correction.n_clusters,
                r2: r2.or_else(|| estimate::r_squared(design, &fit).ok()),
                pseudo_r2: None,
                f: estimate::f_test(&fit),
                chi2,
                log_likelihood: Some(fit.log_likelihood()),
                sigma: left.map(|left| (fit.sums().residual / left as f64).sqrt()),
                fit: Some(fit),
            }
        };
        let column = match &self.method {
            Method::Ls => {
                let fit = estimate::linear(&design, &spec).ok()?;
                with(&design, fit, None, None)
            }
            Method::Random(components) => {
                let spec = RandomSpec {
                    components: *components,
                    effect: Effect::Individual,
                    negative: Negative::Zero,
                    vcov,
                    convention,
                };
                let random = estimate::random_effects(&design, &spec).ok()?;
                let chi2 = random.wald.map(|wald| wald.statistic);
                with(&design, random.fit, Some(random.r_squared), chi2)
            }
            Method::Instrument(_) => {
                let fit = estimate::two_stage(&design, &spec).ok()?.fit;
                with(&design, fit, None, None)
            }
            Method::Between => {
                let spec = BetweenSpec {
                    effect: Effect::Individual,
                    weights: BetweenWeights::Groups,
                    vcov: Vcov::Iid,
                    convention,
                };
                let fit = estimate::between(&design, &spec).ok()?;
                let mut column = with(&design, fit, None, None);
                column.f = None;
                column
            }
            Method::Difference => {
                let spec = DifferenceSpec { gaps: Gaps::Calendar, vcov, convention };
                let fit = estimate::first_difference(&design, &spec).ok()?;
                let mut column = with(&design, fit, None, None);
                (column.r2, column.f) = (None, None);
                column
            }
            Method::Binary(link) => {
                let spec = BinarySpec {
                    link: *link,
                    information: Information::Observed,
                    vcov,
                    small_sample: SmallSample::Stata,
                };
                let fit = estimate::binary(&design, &spec).ok()?;
                Column {
                    ask: self.clone(),
                    coefficients: fit.coefficients(),
                    n: fit.n(),
                    rows: (0..fit.sample().n()).map(|i| fit.sample().row(i)).collect(),
                    groups: 0,
                    clusters: fit.n_clusters(),
                    r2: None,
                    pseudo_r2: Some(fit.pseudo_r2().mcfadden),
                    f: None,
                    chi2: fit.likelihood_ratio().map(|test| test.statistic),
                    log_likelihood: Some(fit.log_likelihood()),
                    sigma: None,
                    fit: None,
                }
            }
        };
        let sound = |c: &Coefficient| c.estimate.is_finite() && c.std_error > 0.0;
        (!column.coefficients.is_empty() && column.coefficients.iter().all(sound)).then_some(column)
    }
}

impl Column {
    pub fn coefficient(&self, term: &str) -> Option<&Coefficient> {
        self.coefficients.iter().find(|c| c.term == term)
    }

    pub fn normal(&self) -> bool {
        self.coefficients.iter().all(|c| c.reference == Reference::Normal)
    }
}

/// A kind of standard error that such a model can have.
pub fn errors(stream: &mut Stream, world: &World, effects: Effects, method: &Method) -> Errors {
    let pick = |stream: &mut Stream, from: &[&str]| -> Vcov {
        from[stream.below(from.len())].parse().unwrap()
    };
    let by_unit = format!("cluster {ENTITY}");
    let cluster = by_unit.as_str();
    let both = format!("cluster {ENTITY} + {PERIOD}");
    if world.cross_section {
        let vcov = pick(stream, &["iid", "iid", "HC0", "HC1", "HC2", "HC3"]);
        return Errors { vcov, like: Convention::STATA_XTREG };
    }
    let random = matches!(method, Method::Random(_));
    let like = match method {
        Method::Random(_) => [Convention::STATA_XTREG, Convention::PLM, Convention::LINEARMODELS],
        _ => [Convention::REGHDFE, Convention::FIXEST, Convention::STATA_XTREG],
    };
    let like = match stream.below(6) {
        at @ 0..3 => like[at].clone(),
        _ if random => like[0].clone(),
        3 => Convention::PLM_SSS,
        4 => Convention::AREG,
        _ => [Convention::LINEARMODELS, Convention::PLM][stream.below(2)].clone(),
    };
    let vcov = match method {
        Method::Binary(_) => pick(stream, &["iid", "iid", "HC1", cluster]),
        Method::Random(_) => pick(stream, &["iid", "iid", cluster]),
        Method::Between => Vcov::Iid,
        Method::Difference => pick(stream, &["iid", "HC1", cluster]),
        _ if effects.absorbs() => {
            let dk = "driscoll-kraay";
            pick(
                stream,
                &["iid", "iid", "iid", "HC1", cluster, cluster, cluster, both.as_str(), dk],
            )
        }
        _ if stream.below(12) == 0 => pick(stream, &[&format!("CR2 {ENTITY}")]),
        _ => pick(
            stream,
            &[
                "iid",
                "iid",
                "iid",
                "HC0",
                "HC1",
                "HC2",
                "HC3",
                cluster,
                cluster,
                both.as_str(),
                "newey-west 1",
            ],
        ),
    };
    Errors { vcov, like }
}

/// Whether and how the constant of a model with absorbed effects is printed.
pub fn constant(stream: &mut Stream, effects: Effects) -> Constant {
    match (effects, stream.below(4)) {
        (_, 0) => Constant::Omit,
        (Effects::Both, 1) => Constant::Omitting(Base::First),
        (Effects::Both, 2) => Constant::Omitting(Base::Last),
        _ => Constant::Mean,
    }
}
