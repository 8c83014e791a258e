//! What must hold before there is anything to search.

use estimate::Design;
use panel::{Absorb, Factor, Name, Panel, Term};

use super::effects::Effects;
use super::slopes::Data;
use super::spec::{Rows, Search, Spec};
use crate::Error;

/// Levels of a second absorbed factor up to which its normal equations are factored densely.
const LEVELS: usize = 4096;

/// Whether the choices go together.
pub(super) fn check(spec: &Spec) -> Result<(), Error> {
    if spec.thresholds == 0 {
        return Err(Error::NoThresholds);
    }
    if spec.switching.is_empty() {
        return Err(Error::NothingSwitches);
    }
    if !(spec.level > 0.0 && spec.level < 1.0) {
        return Err(Error::Level { level: spec.level });
    }
    if spec.search == Search::Joint && spec.thresholds != 2 {
        return Err(Error::JointSearch { thresholds: spec.thresholds });
    }
    if spec.rows == Rows::DropLast && spec.model.absorb.len() > 1 {
        return Err(Error::DropLastTwoWay { absorb: absorbed(spec) });
    }
    if spec.bootstrap.as_ref().is_some_and(|bootstrap| bootstrap.replications == 0) {
        return Err(Error::NoReplications);
    }
    Ok(())
}

/// The columns that the spec names, on the rows where all are observed.
pub(super) fn data<'p>(panel: &'p Panel, spec: &Spec) -> Result<Data<'p>, Error> {
    let mut model = spec.model.clone();
    // A row without a threshold variable has no regime.
    let appended = !model.terms.contains(&spec.variable);
    if appended {
        model.terms.push(spec.variable.clone());
    }
    let design = Design::new(panel, &model, spec.slopes.convention.singletons)?;
    design.plain("a threshold model")?;
    let place = |term: &Term| design.terms().iter().position(|other| other == term);
    let mut switching = Vec::new();
    for written in &spec.switching {
        for term in panel.expand(written).map_err(estimate::Error::from)? {
            let missing = || Error::NotARegressor {
                term: term.clone(),
                regressors: spec.model.terms.clone(),
            };
            let own_variable = appended && term == spec.variable;
            let j = place(&term).filter(|_| !own_variable).ok_or_else(missing)?;
            if switching.contains(&j) {
                return Err(Error::SwitchesTwice { term });
            }
            switching.push(j);
        }
    }
    let last = design.terms().len() - usize::from(appended);
    let at = if appended { last } else { place(&spec.variable).unwrap_or(0) };
    let q = design.column(at).to_vec();
    let common = (0..last).filter(|j| !switching.contains(j)).collect();
    Ok(Data { panel, design, common, switching, q })
}

/// What the model absorbs, as it is called in messages.
fn absorbed(spec: &Spec) -> Vec<Name> {
    spec.model.absorb.iter().map(Absorb::levels).collect()
}

/// The effects, and how many periods are observed.
pub(super) fn effects(data: &Data<'_>, spec: &Spec) -> Result<(Effects, usize), Error> {
    let index = data.panel.index();
    let absorb = absorbed(spec);
    let others: Vec<&Name> = absorb.iter().filter(|by| **by != index.entity_name).collect();
    let slopes = spec.model.absorb.iter().any(|absorb| !absorb.slopes.is_empty());
    if slopes || others.len() + 1 != absorb.len() || others.len() > 1 {
        return Err(Error::ThresholdEffects { entity: index.entity_name.clone(), absorb });
    }
    let unit = data.design.group(&index.entity_name)?;
    let other = others.first().map(|by| data.design.group(by)).transpose()?;
    if let (Some(factor), Some(by)) = (&other, others.first())
        && factor.n_levels() > LEVELS
    {
        return Err(Error::ManyLevels {
            by: (*by).clone(),
            levels: factor.n_levels(),
            most: LEVELS,
        });
    }
    let periods = data.design.group(&index.period_name)?.n_levels();
    let other = other
        .as_ref()
        .map(|factor: &std::borrow::Cow<'_, Factor>| (factor.codes(), factor.n_levels()));
    Ok((Effects::new(unit.codes(), other), periods))
}

/// Whether the threshold variable can split the panel.
pub(super) fn check_variable(data: &Data<'_>, effects: &Effects, spec: &Spec) -> Result<(), Error> {
    let (q, regimes) = (&data.q, spec.thresholds + 1);
    if effects.n_units() < regimes {
        return Err(Error::FewUnits { units: effects.n_units(), regimes });
    }
    let mut distinct = q.clone();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let term = || spec.variable.clone();
    // With as many values as regimes there is one split, and nothing to search for.
    match distinct.len() {
        1 => return Err(Error::ConstantVariable { term: term() }),
        values if values <= regimes => {
            return Err(Error::FewValues { term: term(), values, regimes });
        }
        _ => {}
    }
    let varies = |q: &[f64]| q.iter().any(|x| x.total_cmp(&q[0]).is_ne());
    if !effects.start.windows(2).any(|run| varies(&q[run[0]..run[1]])) {
        return Err(Error::TimeInvariant { term: term() });
    }
    Ok(())
}
