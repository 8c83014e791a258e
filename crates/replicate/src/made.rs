//! What is made of a panel once its files are loaded: indices, the variables that rest on them or on
//! what is solved for, derived columns.

use std::collections::{BTreeMap, BTreeSet};

use index::{Composite, Scheme};
use ingest::{Loaded, Spec, Step, Variable};
use panel::{Column, Name};

use crate::resolve::Study;
use crate::{composites, derive, indices};

/// What was made.
pub(crate) struct Made {
    pub(crate) indices: BTreeMap<String, Composite>,
    /// A line a derived column: how it was made.
    pub(crate) derived: Vec<String>,
}

/// What can be loaded at once, and the variables that wait: those that rest on an index, or on what
/// is missing.
pub(crate) fn split(
    mut spec: Spec,
    schemes: &[Scheme],
    missing: &BTreeMap<String, String>,
) -> (Spec, Vec<Variable>) {
    let mut names: BTreeSet<Name> = schemes.iter().flat_map(indices::names).collect();
    names.extend(missing.keys().cloned());
    let mut after = Vec::new();
    for variable in std::mem::take(&mut spec.variables) {
        if reads(&variable).any(|name| names.contains(name)) {
            names.insert(variable.name.clone());
            after.push(variable);
        } else {
            spec.variables.push(variable);
        }
    }
    (spec, after)
}

/// The columns that a variable is made of.
pub(crate) fn reads(variable: &Variable) -> impl Iterator<Item = &Name> {
    std::iter::once(&variable.from).chain(variable.steps.iter().filter_map(Step::reads))
}

/// Makes all that waits; what rests on something missing is missing, and derived columns that are
/// held are not made again.
pub(crate) fn complete(
    loaded: &mut Loaded,
    study: &Study,
    after: &[Variable],
    held: &BTreeMap<Name, Column>,
    missing: &mut BTreeMap<String, String>,
) -> Result<Made, String> {
    let (early, late) = around(after, &study.indices);
    variables(loaded, &early, missing)?;
    let indices = composites::add(loaded, &study.indices, missing)?;
    variables(loaded, &late, missing)?;
    let derived = derive::add(loaded, &study.derived, held, missing)?;
    Ok(Made { indices, derived })
}

/// The variables that indices may be made of, and those that are made of indices.
pub(crate) fn around<'a>(
    after: &'a [Variable],
    schemes: &[Scheme],
) -> (Vec<&'a Variable>, Vec<&'a Variable>) {
    let mut late: BTreeSet<Name> = schemes.iter().flat_map(indices::names).collect();
    after.iter().partition(|variable| {
        let waits = reads(variable).any(|name| late.contains(name));
        if waits {
            late.insert(variable.name.clone());
        }
        !waits
    })
}

fn variables(
    loaded: &mut Loaded,
    variables: &[&Variable],
    missing: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    for variable in variables {
        let gap = reads(variable).find_map(|name| Some((name, missing.get(name)?)));
        if let Some((name, why)) = gap {
            let because = format!("rests on {name}: {why}");
            missing.insert(variable.name.clone(), because);
        } else {
            let made = loaded.make(std::slice::from_ref(*variable));
            made.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}
