//! `panelproof test`: the specification tests that referees ask for.

use clap::Args;
use estimate::{
    Coefficient, Combination, Components, Constant, Design, Inflation, Multiplier, RandomSpec,
    Regressors, Spec, TestSpec, Vcov, lincom, linear, specification_test, variance_inflation,
};
use ingest::Account;
use panel::Model;
use report::{Cell, Row, Table, format, head, number, row, table, words};
use serde_json::{Value, json};

use super::options::{numbered, sign};
use super::{Data, Document, Format, options};
use crate::Error;

const GUIDE: &str = "\
Which test answers which question:
  question                                  --test                Stata      R
  do the units differ at all?               effects-f             xtreg's F  pFtest
  should the effects be random, or none?    lm-bp                            plmtest
    one-sided, as a variance is             lm-ghm, lm-honda      xttest0    plmtest
  fixed or random effects?                  hausman               hausman    phtest
    its contrast is not positive definite   hausman(sigmamore)    sigmamore
    errors are clustered                    hausman-robust        mundlak    phtest, aux
  are errors correlated over time?          serial-difference     xtserial   pwfdtest
    within the fixed-effects model          serial-within                    pwartest
    at higher lags                          breusch-godfrey(2)               pbgtest
  do error variances differ between units?  modified-wald         xttest3
  are units correlated with each other?     pesaran-cd            xtcsd      pcdtest
    few units, many periods                 cross-section-lm      xttest2    pcdtest
  are coefficients equal, or zero?          \"value = capital\"     test       car::lht
    several at once                         \"(x1 = 0, x2 = 0)\"    test       car::lht
  how large is a sum of coefficients?       --lincom \"x1 + x2\"    lincom     multcomp::glht
  do regressors stand for one another?      --vif raw             estat vif  car::vif
These names are understood, too: xttest0, xttest2, xttest3, xtcsd, xtserial, mundlak, pFtest,
pwartest, pwfdtest, pbgtest. A small p speaks for H1. Hypotheses and --lincom rest on the errors of
--vcov; the other tests say what they assume.

Examples:
  panelproof test fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm\" --all
  panelproof test fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm\" --vcov \"cluster firm\" \\
    --test hausman --test pesaran-cd --test \"value = capital\"
  panelproof test fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm + year\" \\
    --test \"xtserial, effects-f(year), (value = 0.1, capital = 0.3)\" --format json
  panelproof test fixtures/reference/grunfeld/data.csv --entity firm --period year \\
    --model \"inv ~ value + capital | firm\" --lincom \"value + 2*capital\" --vif raw";

/// Test the specification of a panel model: Hausman, serial correlation, dependence, hypotheses.
#[derive(Debug, Args)]
#[command(after_help = GUIDE)]
pub(crate) struct Test {
    #[command(flatten)]
    data: Data,
    /// The model, as in "y ~ x1 + x2 | id + year".
    #[arg(long)]
    model: String,
    /// A test of the list below, or several with commas; may be given again.
    #[arg(long = "test", value_name = "TEST")]
    asked: Vec<String>,
    /// What referees ask for: F of the effects, Breusch–Pagan LM, Hausman, robust Hausman, serial
    /// correlation, modified Wald and Pesaran CD; says which cannot be computed, and why.
    #[arg(long)]
    all: bool,
    /// A linear combination of coefficients, with its standard error; may be given again.
    #[arg(long, value_name = "SUM", allow_hyphen_values = true)]
    lincom: Vec<String>,
    /// Variance inflation: raw (of the columns as they are) or within (once effects are out).
    #[arg(long, value_name = "COLUMNS")]
    vif: Option<String>,
    /// The errors of hypotheses and --lincom: iid, HC1, "cluster COLUMN" and so on.
    #[arg(long, default_value = "iid")]
    vcov: String,
    /// Whose small-sample convention.
    #[arg(long, default_value = "stata-xtreg", value_name = "PROGRAM")]
    like: String,
    /// keep or drop levels of an absorbed factor that are observed once; the convention's if not
    /// given.
    #[arg(long)]
    singletons: Option<String>,
    /// Variance components of the random effects in Hausman tests: swar (plm), swar-harmonic
    /// (Stata's xtreg, re, and linearmodels), swar-stata (xtreg, re sa), walhus, amemiya or nerlove;
    /// the convention's own if not given.
    #[arg(long)]
    components: Option<String>,
    /// Random effects of Hausman tests: individual, time or twoways.
    #[arg(long, default_value = "individual")]
    effect: String,
    /// A variance component that is estimated negative: zero or error.
    #[arg(long, default_value = "zero")]
    negative: String,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A test that was run, or why it could not be.
type Outcome = (TestSpec, Result<estimate::Test, String>);

/// What was asked for, of which model, under which choices.
struct Outcomes {
    model: Model,
    spec: Spec,
    random: RandomSpec,
    tests: Vec<Outcome>,
    lincom: Vec<Coefficient>,
    vif: Option<(Regressors, Vec<Inflation>)>,
    account: Account,
}

/// Runs the tests and prints.
pub(crate) fn test(arguments: &Test) -> Result<(String, u8), Error> {
    let model: Model = arguments.model.parse()?;
    let vcov: Vcov = arguments.vcov.parse()?;
    let convention = options::convention(&arguments.like, arguments.singletons.as_deref())?;
    let components = match &arguments.components {
        Some(components) => components.parse()?,
        None if convention.name.starts_with("plm") => Components::SwamyArora,
        None => Components::SwamyAroraHarmonic,
    };
    let random = RandomSpec {
        components,
        effect: arguments.effect.parse()?,
        negative: arguments.negative.parse()?,
        vcov: Vcov::Iid,
        convention: convention.clone(),
    };
    let mut tests = Vec::new();
    for text in &arguments.asked {
        tests.extend(TestSpec::list(text)?);
    }
    let combinations: Vec<Combination> = arguments
        .lincom
        .iter()
        .map(|text| text.parse().map_err(estimate::Error::from))
        .collect::<Result<_, _>>()?;
    let inflation: Option<Regressors> = arguments.vif.as_deref().map(str::parse).transpose()?;
    if tests.is_empty() && combinations.is_empty() && inflation.is_none() && !arguments.all {
        let what = "nothing to test: say --all, --test, --lincom or --vif; `panelproof test \
                    --help` has a guide";
        return Err(Error::Usage { what: what.to_owned() });
    }

    let mut columns = model.columns();
    columns.extend(options::columns(&vcov));
    let (panel, account) = arguments.data.open(columns)?;
    let design = Design::new(&panel, &model, convention.singletons)?;
    let spec = Spec { vcov, convention, constant: Constant::Mean };

    let mut run: Vec<Outcome> = Vec::new();
    if arguments.all {
        for test in asked_for() {
            let outcome = specification_test(&design, &spec, &random, &test);
            run.push((test, outcome.map_err(|error| error.to_string())));
        }
    }
    for test in tests {
        if run.iter().any(|(other, outcome)| *other == test && outcome.is_ok()) {
            continue;
        }
        let outcome = specification_test(&design, &spec, &random, &test)?;
        run.push((test, Ok(outcome)));
    }
    let mut sums = Vec::new();
    if !combinations.is_empty() {
        let fit = linear(&design, &spec)?;
        for combination in &combinations {
            sums.push(lincom(&fit, combination)?);
        }
    }
    let vif = match inflation {
        None => None,
        Some(regressors) => Some((regressors, variance_inflation(&design, regressors)?)),
    };
    let outcomes = Outcomes { model, spec, random, tests: run, lincom: sums, vif, account };
    let mut document = Document { tables: as_tables(&outcomes), json: as_json(&outcomes) };
    let keys = arguments.data.entity.is_some() && arguments.data.period.is_some();
    if let (false, Some(last)) = (keys, document.tables.last_mut()) {
        let note = "without --entity and --period every row is an entity and a period of its own";
        last.notes.push(note.to_owned());
    }
    Ok((document.print(arguments.format), 0))
}

/// What a referee of a panel model asks for.
fn asked_for() -> [TestSpec; 7] {
    [
        TestSpec::EffectsF(Vec::new()),
        TestSpec::Multiplier(Multiplier::BreuschPagan, estimate::Effect::Individual),
        TestSpec::Hausman(estimate::Contrast::Own),
        TestSpec::HausmanAuxiliary { robust: true },
        TestSpec::SerialDifference(estimate::Difference::Stata, estimate::Null::Levels),
        TestSpec::ModifiedWald,
        TestSpec::Dependence(estimate::Dependence::PesaranCd),
    ]
}

/// Whether the random-effects model has a part in a test.
fn is_about_random(test: &TestSpec) -> bool {
    matches!(test, TestSpec::Hausman(_) | TestSpec::HausmanAuxiliary { .. })
}

fn as_tables(outcomes: &Outcomes) -> Vec<Table> {
    let mut tables = Vec::new();
    if !outcomes.tests.is_empty() {
        tables.push(tests_table(outcomes));
    }
    if !outcomes.lincom.is_empty() {
        tables.push(lincom_table(outcomes));
    }
    if let Some((regressors, inflation)) = &outcomes.vif {
        tables.push(vif_table(*regressors, inflation));
    }
    if let Some(last) = tables.last_mut() {
        last.notes.extend(options::lines(&outcomes.account));
    }
    tables
}

fn tests_table(outcomes: &Outcomes) -> Table {
    let mut notes: Vec<String> = Vec::new();
    let names = outcomes.tests.iter().filter_map(|(_, outcome)| Some(&outcome.as_ref().ok()?.name));
    let names: Vec<&String> = names.collect();
    let rows: Vec<Row> =
        outcomes.tests.iter().map(|outcome| test_row(outcome, &names, &mut notes)).collect();
    let mut shown = table(format!("Specification tests: {}", outcomes.model))
        .heads(["", "under H0", "statistic", "p"].map(head))
        .rows(rows);
    for (at, note) in notes.iter().enumerate() {
        shown = shown.note(format!("{} {note}", sign(at + 1)));
    }
    let Outcomes { spec, random, tests, .. } = outcomes;
    shown = shown.note("a small p speaks for H1");
    if tests.iter().any(|(test, _)| matches!(test, TestSpec::Wald(_))) {
        let Spec { vcov, convention, .. } = spec;
        shown = shown.note(format!("errors of hypotheses: {vcov} as {convention}"));
    }
    if tests.iter().any(|(test, _)| is_about_random(test)) {
        let RandomSpec { components, effect, negative, .. } = random;
        shown = shown.note(format!(
            "random effects: components {components}, {effect}, negative variances {negative}"
        ));
    }
    shown
}

fn test_row((spec, outcome): &Outcome, names: &[&String], notes: &mut Vec<String>) -> Row {
    match outcome {
        Ok(test) => {
            let signs: Vec<String> =
                test.notes.iter().map(|note| sign(numbered(notes, note.to_string()))).collect();
            let signs =
                if signs.is_empty() { String::new() } else { format!(" {}", signs.join(" ")) };
            // Variants of a test that share a name are told apart by what was asked for.
            let shared = names.iter().filter(|name| ***name == test.name).count() > 1;
            let name = if shared { format!("{}, {spec}", test.name) } else { test.name.clone() };
            row(
                format!("{name}{signs}\n  H1: {}", test.alternative),
                [
                    words(test.distribution.to_string()),
                    number(format::fixed(test.statistic, 4)),
                    number(format::p_value(test.p_value, 4)),
                ],
            )
        }
        Err(why) => {
            let sign = sign(numbered(notes, why.clone()));
            row(format!("{spec} {sign}"), [words("not computed"), words(""), words("")])
        }
    }
}

fn lincom_table(outcomes: &Outcomes) -> Table {
    let cells = |c: &Coefficient| -> Vec<Cell> {
        vec![
            number(format::general(c.estimate, 7)),
            number(format::general(c.std_error, 7)),
            number(format::fixed(c.statistic, 2)),
            number(format::p_value(c.p_value, 4)),
            number(format::general(c.conf_low, 7)),
            number(format::general(c.conf_high, 7)),
        ]
    };
    let statistic = match outcomes.lincom.first().and_then(|c| c.reference.df()) {
        Some(_) => "t",
        None => "z",
    };
    let heads = ["", "estimate", "std. error", statistic, "p", "95 % from", "to"];
    let Spec { vcov, convention, .. } = &outcomes.spec;
    table(format!("Linear combinations: {}", outcomes.model))
        .heads(heads.map(head))
        .rows(outcomes.lincom.iter().map(|c| row(c.term.clone(), cells(c))))
        .note(format!("errors: {vcov} as {convention}"))
}

fn vif_table(regressors: Regressors, inflation: &[Inflation]) -> Table {
    let mean = inflation.iter().map(|i| i.vif).sum::<f64>() / inflation.len() as f64;
    let what = match regressors {
        Regressors::Raw => "the columns as they are, with a constant",
        Regressors::Within => "once the effects of the model are projected out",
    };
    let cells =
        |i: &Inflation| [number(format::fixed(i.vif, 4)), number(format::fixed(i.tolerance, 6))];
    table(format!("Variance inflation: {what}"))
        .heads(["", "VIF", "1/VIF"].map(head))
        .rows(inflation.iter().map(|i| row(i.term.to_string(), cells(i))))
        .note(format!("mean VIF {}", format::fixed(mean, 4)))
}

fn as_json(outcomes: &Outcomes) -> Value {
    let Outcomes { model, spec, random, tests, lincom, vif, account } = outcomes;
    let tests: Vec<Value> = tests
        .iter()
        .map(|(spec, outcome)| match outcome {
            Ok(test) => json!({
                "test": spec.to_string(), "name": test.name, "alternative": test.alternative,
                "distribution": test.distribution.to_string(), "df": test.distribution.df(),
                "statistic": test.statistic, "p_value": test.p_value,
                "notes": test.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            }),
            Err(why) => json!({ "test": spec.to_string(), "not_computed": why }),
        })
        .collect();
    let lincom: Vec<Value> = lincom
        .iter()
        .map(|c| {
            json!({
                "combination": c.term, "estimate": c.estimate, "std_error": c.std_error,
                "statistic": c.statistic, "p_value": c.p_value, "df": c.reference.df(),
                "conf_low": c.conf_low, "conf_high": c.conf_high,
            })
        })
        .collect();
    let vif = vif.as_ref().map(|(regressors, inflation)| {
        let terms: Vec<Value> = inflation
            .iter()
            .map(|i| json!({ "term": i.term.to_string(), "vif": i.vif, "tolerance": i.tolerance }))
            .collect();
        json!({ "columns": regressors.to_string(), "terms": terms })
    });
    json!({
        "model": model.to_string(),
        "vcov": spec.vcov.to_string(),
        "like": spec.convention.name,
        "random": {
            "components": random.components.to_string(),
            "effect": random.effect.to_string(),
            "negative": random.negative.to_string(),
        },
        "tests": tests,
        "lincom": lincom,
        "vif": vif,
        "account": options::lines(account),
    })
}
