//! The scheme of an index beside a printed one: an indicator a row, with its dimension, sign and weight.

use index::{Composite, Direction, Indicator, Scheme};
use published::{Printed, Table};

use crate::ours::{Ours, single};
use crate::plan::Plan;
use crate::printed::{Computed, Setting, group_head};
use crate::resolve::At;
use crate::{Error, composites, study};

/// The heads of a printed scheme, and what stands under each.
const HEADS: [(&str, Of); 3] =
    [("attribute", Of::Direction), ("direction", Of::Direction), ("weight", Of::Weight)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Direction,
    Weight,
}

impl Of {
    fn headed(head: &str) -> Option<Self> {
        HEADS.iter().find(|(known, _)| *known == head).map(|(_, of)| *of)
    }
}

/// How a printed scheme is computed: every row is an indicator of the index, and the reverse.
pub(crate) fn plan(
    at: &At<'_>,
    start: usize,
    table: &study::Table,
    printed: &Table,
    schemes: &[Scheme],
) -> Result<Plan, Error> {
    let Some(name) = &table.index else {
        let what = format!("table `{}` lacks `index`, or `waits = \"…\"`", table.id);
        return at.error(start, what);
    };
    let (start, name) = (name.span().start, name.get_ref());
    let Some(scheme) = schemes.iter().find(|scheme| scheme.name == *name) else {
        return at.error(start, format!("no [[index]] is called `{name}`"));
    };
    if let Some(head) = printed.column_names().iter().find(|head| Of::headed(head).is_none()) {
        let heads = HEADS.map(|(head, _)| head).join("`, `");
        return at.error(start, format!("a scheme has no `{head}`; there are `{heads}`"));
    }
    if let Some(row) = printed.rows().iter().find(|row| indicator(scheme, &row.label).is_none()) {
        let what = format!("index `{name}` has no indicator with the label `{}`", row.label);
        return at.error(start, what);
    }
    let unprinted = |indicator: &&Indicator| printed.row(indicator.label()).is_none();
    if let Some(extra) = scheme.indicators.iter().find(unprinted) {
        let what =
            format!("indicator `{}` of `{name}` is not in table `{}`", extra.label(), table.id);
        return at.error(start, what);
    }
    Ok(Plan::Scheme(name.clone()))
}

/// Our words and weights for a printed scheme.
///
/// Words follow from the scheme alone; weights need every indicator.
pub(crate) fn table(
    printed: &Table,
    name: &str,
    setting: &Setting<'_>,
) -> Result<Computed, String> {
    let found = setting.schemes.iter().find(|scheme| scheme.name == name);
    let scheme = found.ok_or_else(|| format!("no index `{name}`"))?;
    let why = composites::gap(scheme, setting.missing);
    let why = why.or_else(|| setting.missing.get(name).cloned());
    let why = why.unwrap_or_else(|| "it was not made".to_owned());
    let mut computed = Computed::nothing(&why);
    let composite = setting.indices.get(name);
    for (row, indicator) in
        printed.rows().iter().filter_map(|row| Some((row, indicator(scheme, &row.label)?)))
    {
        if let Some(head) = group_head(printed) {
            computed.set(&row.label, head, Ours::Words(indicator.dimension.join(" / ")));
        }
        for (head, cell) in printed.column_names().iter().zip(&row.cells) {
            let ours = match (Of::headed(head), composite) {
                (Some(Of::Direction), _) => Ours::Words(sign(indicator.direction, cell)),
                (Some(Of::Weight), Some(composite)) => weight(composite, indicator, setting)?,
                _ => continue,
            };
            computed.set(&row.label, head, ours);
        }
    }
    computed.notes = match composite {
        Some(composite) => vec![composites::said(composite)],
        None => vec![format!("index {name} is not computed: {why}")],
    };
    Ok(computed)
}

fn indicator<'s>(scheme: &'s Scheme, label: &str) -> Option<&'s Indicator> {
    scheme.indicators.iter().find(|indicator| indicator.label() == label)
}

/// The direction as it is printed, if that says the same.
fn sign(direction: Direction, cell: &Printed) -> String {
    match cell {
        Printed::Text(printed)
            if printed.parse().is_ok_and(|said: Direction| said == direction) =>
        {
            printed.clone()
        }
        _ => match direction {
            Direction::Positive => "+".to_owned(),
            Direction::Negative => "-".to_owned(),
            target @ Direction::Target(_) => target.to_string(),
        },
    }
}

fn weight(
    composite: &Composite,
    indicator: &Indicator,
    setting: &Setting<'_>,
) -> Result<Ours, String> {
    let weighed = composite.indicators.iter().find(|w| w.indicator.name == indicator.name);
    match weighed.map(|weighed| weighed.weights.as_slice()) {
        Some(&[weight]) => {
            let inputs = composite.scheme.indicators.iter().map(|i| i.name.as_str());
            Ok(Ours::Numbers(single(weight, crate::ours::tier(setting.loaded()?, inputs))))
        }
        _ => Ok(Ours::None("weights differ by period, and one column is printed".to_owned())),
    }
}
