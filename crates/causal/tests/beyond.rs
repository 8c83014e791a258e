//! Methods refuse slopes by level and instruments, which they would leave out silently.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use causal::heckman::{self, Form, LikelihoodSpec, LikelihoodVcov, MillsSpec, Rho, TwoStepSpec};
use causal::mediation::{MediationSpec, Product, Steps, mediation};
use causal::split::{Groups, Interact, SplitSpec, split};
use causal::{Error, matching, threshold};
use estimate::{BinarySpec, Constant, Convention, Information, Link, SmallSample, Spec, Vcov};
use panel::{Model, Panel, Term};
use testkit::unbalanced;

fn data() -> Panel {
    let rows = unbalanced(12, 8, 0.1, 0, 5);
    let rows = rows.with("q", |rows, row| (rows.columns["x1"][row] * 7.0).sin());
    rows.with("d", |rows, row| f64::from(rows.columns["q"][row] > 0.0)).panel()
}

fn estimation() -> Spec {
    Spec { vcov: Vcov::Iid, convention: Convention::FIXEST, constant: Constant::Omit }
}

/// Each model of a method, with slopes by level and with instruments.
fn refused<T>(method: &'static str, model: &str, run: impl Fn(Model) -> Result<T, Error>) {
    let refused = |model: String, beyond: &'static str| {
        let Err(error) = run(model.parse().unwrap()) else { panic!("{method} takes {beyond}") };
        assert_eq!(error, Error::Estimate(estimate::Error::Beyond { method, beyond }));
    };
    refused(format!("{model} | id[[x2]]"), "slopes by level");
    refused(format!("{model} | x2 ~ x3"), "instruments");
}

#[test]
fn mediation_of_plain_models() {
    let run = |model| {
        let spec = MediationSpec {
            model,
            treatment: Term::var("x1"),
            mediators: vec![Term::var("q")],
            steps: Steps::Three,
            variance: Product::Sobel,
            estimation: estimation(),
            bootstrap: None,
        };
        mediation(&data(), &spec, &|_| ())
    };
    refused("mediation", "y ~ x1", run);
}

#[test]
fn splits_of_plain_models() {
    let run = |model| {
        let spec = SplitSpec {
            model,
            groups: Groups::Category("d".into()),
            estimation: estimation(),
            of: Term::var("x1"),
            interact: Interact::All,
            permutation: None,
        };
        split(&data(), &spec, &|_| ())
    };
    refused("a split sample", "y ~ x1", run);
}

#[test]
fn thresholds_of_plain_models() {
    let run = |model| {
        let spec = threshold::Spec {
            model,
            switching: vec![Term::var("x1")],
            variable: Term::var("q"),
            thresholds: 1,
            inequality: threshold::Inequality::AtMost,
            rows: threshold::Rows::All,
            grid: threshold::Grid::All,
            trim: threshold::Trim {
                shares: vec![0.1],
                of: threshold::TrimOf::Observations,
                min_rows: 1,
            },
            search: threshold::Search::Sequential { rounds: 1 },
            f_scale: threshold::Scale::Hansen,
            lr_scale: threshold::Scale::Hansen,
            level: 0.95,
            bootstrap: None,
            slopes: estimation(),
        };
        threshold::estimate(&data(), &spec, &|_| ())
    };
    refused("a threshold model", "y ~ x1", run);
}

#[test]
fn matching_on_plain_models() {
    let run = |model| {
        let spec = matching::Spec {
            model,
            outcomes: vec![Term::var("y")],
            score: matching::Score::Given(Term::var("x1")),
            method: matching::Method::Kernel {
                kernel: matching::Kernel::Epanechnikov,
                bandwidth: 0.5,
            },
            within: vec![],
            support: matching::Support::None,
            estimand: matching::Estimand::Treated,
            errors: matching::Errors::Naive,
        };
        matching::estimate(&data(), &spec)
    };
    refused("matching", "d ~ x1", run);
}

#[test]
fn selection_by_plain_models() {
    let two_step = |outcome: &Model, selection: &Model| {
        let spec = TwoStepSpec {
            outcome: outcome.clone(),
            selection: selection.clone(),
            information: Information::Observed,
            rho: Rho::Sigma,
        };
        heckman::two_step(&data(), &spec)
    };
    let likelihood = |outcome: &Model, selection: &Model| {
        let spec = LikelihoodSpec {
            outcome: outcome.clone(),
            selection: selection.clone(),
            vcov: LikelihoodVcov::Oim,
            small_sample: SmallSample::None,
        };
        heckman::likelihood(&data(), &spec)
    };
    let (outcome, selection): (Model, Model) =
        ("y ~ x1".parse().unwrap(), "d ~ x1 + x2".parse().unwrap());
    let method = "a selection model";
    refused(method, "y ~ x1", |model| two_step(&model, &selection));
    refused(method, "d ~ x1", |model| two_step(&outcome, &model));
    refused(method, "y ~ x1", |model| likelihood(&model, &selection));
    refused(method, "d ~ x1", |model| likelihood(&outcome, &model));
    let ratio = |selection| {
        let probit = BinarySpec {
            link: Link::Probit,
            information: Information::Observed,
            vcov: Vcov::Iid,
            small_sample: SmallSample::None,
        };
        let spec = MillsSpec { selection, probit, form: Form::Everywhere, name: "m".into() };
        heckman::mills_ratio(&data(), &spec)
    };
    refused("a binary model", "d ~ x1", ratio);
}
