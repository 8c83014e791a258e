//! Columns that are made of the panel as a whole: groups of entities, indicators of a cut, means
//! over neighbours, location quotients, coupling, the inverse Mills ratio, the weights of a matched sample.
//!
//! They come after the variables of `ingest` and before any table, each from columns there are by
//! then, so that a subsample is `where` on a column and a second stage is a model with a column.

use std::collections::BTreeMap;

use causal::heckman::{MillsSpec, mills_cotangent, mills_ratio};
use causal::matching::{self, Estimand, Method};
use causal::split::{Groups, assign};
use estimate::{Adjoint, BinarySpec, Design, Link, Singletons, binary};
use index::{CouplingSpec, coupling, location_quotient};
use ingest::{Loaded, Tier};
use panel::{Absorb, Column, Factor, Model, Name, Panel, Term};
use serde::Deserialize;

use crate::space::{self, Borders};

/// A derived column as a study writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Derived {
    pub(crate) name: String,
    /// How it is made.
    pub(crate) by: How,
}

/// How a column is made.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum How {
    /// The mean of a column over the provinces that a province borders on, in the same period.
    Neighbours(Near),
    /// The share of a part in its period over the share of the whole.
    LocationQuotient(Quotient),
    /// The degree of coupling of several columns from 0 to 1.
    Coupling(CouplingSpec),
    /// Their degree of coupling coordination.
    Coordination(CouplingSpec),
    /// A category of entities: `1 of 3`, `2 of 3`, …, by their averages of a column.
    Quantiles(Quantiles),
    /// 1 where a column exceeds its median over all rows, else 0.
    AboveMedian(String),
    /// The inverse Mills ratio of a probit.
    Mills(Mills),
    /// The weight of each row in a matched sample; 0 outside it.
    Matched(Matched),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Quantiles {
    pub(crate) of: String,
    pub(crate) groups: usize,
    /// `xtile` or `rank`.
    pub(crate) cut: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Quotient {
    /// The part: primary employment.
    pub(crate) of: String,
    /// The whole: employment.
    pub(crate) over: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Near {
    pub(crate) of: String,
    /// `island` or `guangdong`: what Hainan borders on.
    pub(crate) hainan: Borders,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Mills {
    /// `d ~ z + i.year`, its response 0 or 1.
    pub(crate) selection: String,
    /// `selected`, `everywhere` or `treatment`.
    pub(crate) form: String,
    /// `observed` or `expected`: of the probit's covariance, which does not move the ratio.
    pub(crate) information: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Matched {
    /// `d ~ z1 + z2`: who is treated, and the covariates of the score.
    pub(crate) treatment: String,
    pub(crate) score: String,
    pub(crate) neighbours: usize,
    pub(crate) reuse: String,
    pub(crate) ties: String,
    pub(crate) caliper: Option<String>,
    /// Only within levels of these columns.
    #[serde(default)]
    pub(crate) within: Vec<String>,
    pub(crate) support: String,
}

impl Derived {
    /// The columns that it is made of.
    fn columns(&self) -> Result<Vec<String>, String> {
        let of_term = |text: &str| Ok(owned(term(text)?.columns()));
        match &self.by {
            How::Neighbours(near) => Ok(vec![near.of.clone()]),
            How::LocationQuotient(Quotient { of, over }) => Ok(vec![of.clone(), over.clone()]),
            How::Coupling(spec) | How::Coordination(spec) => Ok(spec.systems.clone()),
            How::Quantiles(quantiles) => of_term(&quantiles.of),
            How::AboveMedian(of) => of_term(of),
            How::Mills(mills) => Ok(owned(model(&mills.selection)?.columns())),
            How::Matched(matched) => {
                let mut columns = owned(model(&matched.treatment)?.columns());
                columns.extend(matched.within.clone());
                Ok(columns)
            }
        }
    }

    /// Whether it jumps where its inputs move a little: who is in which group.
    pub(crate) fn is_discrete(&self) -> bool {
        matches!(self.by, How::Quantiles(_) | How::AboveMedian(_) | How::Matched(_))
    }

    /// From derivatives by the column to derivatives by what it is made of; none through groups, which
    /// are held.
    pub(crate) fn pull_back(
        &self,
        panel: &Panel,
        gradient: &[f64],
    ) -> Result<BTreeMap<Name, Vec<f64>>, String> {
        match &self.by {
            How::Mills(mills) => mills.pull_back(panel, gradient),
            _ if self.is_discrete() => Ok(BTreeMap::new()),
            _ => Err(format!(
                "derived `{}`: it rests on columns that are solved for, and there are no derivatives of \
                 means over neighbours, location quotients and degrees of coupling: make the column an \
                 `[[unknown]]` of its own",
                self.name
            )),
        }
    }

    fn make(&self, panel: &Panel) -> Result<Column, String> {
        match &self.by {
            How::Neighbours(near) => {
                let graph = space::graph(panel, near.hainan)?;
                graph.lag(panel, &near.of).map(Column::Number).map_err(text)
            }
            How::LocationQuotient(Quotient { of, over }) => {
                location_quotient(panel, of, over).map(Column::Number).map_err(text)
            }
            How::Coupling(spec) => {
                coupling(panel, spec).map(|found| Column::Number(found.coupling)).map_err(text)
            }
            How::Coordination(spec) => {
                coupling(panel, spec).map(|found| Column::Number(found.coordination)).map_err(text)
            }
            How::Quantiles(quantiles) => quantiles.make(panel),
            How::AboveMedian(of) => {
                let values = panel.values(&term(of)?).map_err(text)?;
                let mut sorted: Vec<f64> =
                    values.iter().copied().filter(|value| !value.is_nan()).collect();
                sorted.sort_by(f64::total_cmp);
                if sorted.is_empty() {
                    return Err(format!("`{of}` has no value"));
                }
                let median = estimate::quantile(&sorted, 0.5);
                let above = |&x: &f64| if x.is_nan() { x } else { f64::from(u8::from(x > median)) };
                Ok(Column::Number(values.iter().map(above).collect()))
            }
            How::Mills(mills) => mills.make(panel, &self.name),
            How::Matched(matched) => matched.make(panel),
        }
    }
}

/// Adds the derived columns to what was loaded; one that rests on a missing variable is missing,
/// and one that is held keeps the values it has there.
pub(crate) fn add(
    loaded: &mut Loaded,
    derived: &[Derived],
    held: &BTreeMap<Name, Column>,
    missing: &mut BTreeMap<String, String>,
) -> Result<Vec<String>, String> {
    let mut account = Vec::new();
    for column in derived {
        let name = &column.name;
        let named = |what: String| format!("derived `{name}`: {what}");
        let inputs = column.columns().map_err(named)?;
        if let Some((input, why)) = inputs.iter().find_map(|c| Some((c, missing.get(c)?))) {
            missing.insert(name.clone(), format!("rests on {input}: {why}"));
            continue;
        }
        let values = match held.get(name) {
            Some(values) => values.clone(),
            None => column.make(&loaded.panel).map_err(named)?,
        };
        account.push(said(name, &column.by, &values));
        // The panel is replaced whole: adding a column takes it by value.
        loaded.panel = loaded
            .panel
            .clone()
            .with_column(name.clone(), values)
            .map_err(|error| named(error.to_string()))?;
        let tier = inputs.iter().filter_map(|input| loaded.tiers.get(input).copied()).max();
        loaded.tiers.insert(name.clone(), tier.unwrap_or(Tier::Real));
    }
    Ok(account)
}

/// A line of the account: how a column was made, and in how many rows it is missing.
fn said(name: &str, how: &How, column: &Column) -> String {
    let how = match how {
        How::Neighbours(near) => {
            let hainan = match near.hainan {
                Borders::Island => "an island",
                Borders::Guangdong => "a neighbour of Guangdong",
            };
            format!("mean of {} over provinces with a common border, Hainan {hainan}", near.of)
        }
        How::LocationQuotient(Quotient { of, over }) => {
            format!("location quotient of {of} in {over}, by period")
        }
        How::Coupling(CouplingSpec { systems, coupling, .. }) => {
            format!("degree of coupling of {} ({coupling})", systems.join(", "))
        }
        How::Coordination(CouplingSpec { systems, coupling, weights }) => {
            let weights: Vec<String> = weights.iter().map(ToString::to_string).collect();
            format!(
                "degree of coupling coordination of {} ({coupling}; weights {})",
                systems.join(", "),
                weights.join(", ")
            )
        }
        How::Quantiles(Quantiles { of, groups, cut }) => {
            format!("{groups} groups of entities by their mean {of}, cut {cut}")
        }
        How::AboveMedian(of) => format!("1 where {of} exceeds its median, else 0"),
        How::Mills(Mills { selection, form, .. }) => {
            format!("inverse Mills ratio ({form}) of the probit {selection}")
        }
        How::Matched(m) => {
            let within = match m.within.as_slice() {
                [] => String::new(),
                by => format!(", within {}", by.join(" and ")),
            };
            let caliper = m.caliper.as_ref().map_or(String::new(), |c| format!(", caliper {c}"));
            format!(
                "weight after matching {} with {} neighbour(s) on {}, reuse {}, ties {}, support \
                 {}{within}{caliper}",
                m.treatment, m.neighbours, m.score, m.reuse, m.ties, m.support
            )
        }
    };
    let n = match column {
        Column::Number(values) => values.iter().filter(|value| value.is_nan()).count(),
        Column::Category(factor) => {
            factor.codes().iter().filter(|&&code| code == Factor::MISSING).count()
        }
    };
    let missing = match n {
        0 => String::new(),
        1 => "; missing in 1 row".to_owned(),
        n => format!("; missing in {n} rows"),
    };
    format!("{name}: {how}{missing}")
}

fn owned(columns: Vec<&str>) -> Vec<String> {
    columns.into_iter().map(str::to_owned).collect()
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

fn term(of: &str) -> Result<Term, String> {
    of.parse().map_err(|error: panel::SyntaxError| error.to_string())
}

fn model(of: &str) -> Result<Model, String> {
    of.parse().map_err(|error: panel::SyntaxError| error.to_string())
}

/// A text of one of several, said with the key that it stands under.
fn choice<T: std::str::FromStr<Err = estimate::Error>>(key: &str, of: &str) -> Result<T, String> {
    of.parse().map_err(|error: estimate::Error| format!("`{key}`: {error}"))
}

impl Quantiles {
    fn make(&self, panel: &Panel) -> Result<Column, String> {
        let of = term(&self.of)?;
        // The rows where the column is known, as a model with nothing else in it has them.
        let alone = Model {
            response: of.clone(),
            terms: Vec::new(),
            constant: true,
            absorb: Vec::<Absorb>::new(),
            instruments: None,
        };
        let design = Design::new(panel, &alone, Singletons::Keep).map_err(text)?;
        let cut = choice("cut", &self.cut)?;
        let (_, factor) =
            assign(panel, &design, &Groups::Quantiles { of, groups: self.groups, cut })
                .map_err(text)?;
        // An entity's group holds for all its rows.
        let entity = &panel.index().entity;
        let mut of_entity = vec![None; entity.n_levels()];
        for (i, &code) in factor.codes().iter().enumerate() {
            of_entity[entity.codes()[design.sample().row(i)] as usize] = Some(factor.label(code));
        }
        let row = |&code: &u32| of_entity[code as usize].as_deref();
        Ok(Column::Category(Factor::from_names(entity.codes().iter().map(row))))
    }
}

impl Mills {
    fn probit(&self) -> Result<BinarySpec, String> {
        Ok(BinarySpec {
            link: Link::Probit,
            information: choice("information", &self.information)?,
            // Neither moves the ratio.
            vcov: estimate::Vcov::Iid,
            small_sample: estimate::SmallSample::None,
        })
    }

    /// From derivatives by the ratio to derivatives by the columns of the probit.
    fn pull_back(
        &self,
        panel: &Panel,
        gradient: &[f64],
    ) -> Result<BTreeMap<Name, Vec<f64>>, String> {
        let design =
            Design::new(panel, &model(&self.selection)?, Singletons::Keep).map_err(text)?;
        let first = binary(&design, &self.probit()?).map_err(text)?;
        let form = choice("form", &self.form)?;
        let cotangent = mills_cotangent(&design, &first, form, gradient).map_err(text)?;
        let adjoint = Adjoint::binary(&design, &first).map_err(text)?;
        adjoint.pull(&cotangent).and_then(|found| found.by_column(panel)).map_err(text)
    }

    fn make(&self, panel: &Panel, name: &str) -> Result<Column, String> {
        let probit = self.probit()?;
        let spec = MillsSpec {
            selection: model(&self.selection)?,
            probit,
            form: choice("form", &self.form)?,
            name: name.to_owned(),
        };
        let ratio = mills_ratio(panel, &spec).map_err(text)?;
        match ratio.panel.columns().get(name) {
            Some(column) => Ok(column.clone()),
            None => Err("the probit made no ratio".to_owned()),
        }
    }
}

impl Matched {
    fn make(&self, panel: &Panel) -> Result<Column, String> {
        let spec = matching::Spec {
            model: model(&self.treatment)?,
            outcomes: Vec::new(),
            score: choice("score", &self.score)?,
            method: Method::Nearest {
                k: self.neighbours,
                reuse: choice("reuse", &self.reuse)?,
                ties: choice("ties", &self.ties)?,
                caliper: self.caliper.as_deref().map(|c| choice("caliper", c)).transpose()?,
            },
            within: self.within.clone(),
            support: choice("support", &self.support)?,
            estimand: Estimand::Treated,
            errors: matching::Errors::Naive,
        };
        let found = matching::estimate(panel, &spec).map_err(text)?;
        let mut weights = vec![f64::NAN; panel.n_rows()];
        for (i, &weight) in found.weights().iter().enumerate() {
            weights[found.row(i)] = weight;
        }
        Ok(Column::Number(weights))
    }
}
