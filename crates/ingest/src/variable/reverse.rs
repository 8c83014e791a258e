//! Derivatives through steps, backwards.

use std::collections::BTreeMap;

use panel::{Column, Name, Panel};

use crate::error::CleaningError;
use crate::step::Operand;
use crate::{Error, Percentiles, Step, Variable, Winsorize};

/// From a scalar's derivatives by a variable to its derivatives by the columns that it is made of.
///
/// ```text
/// ln x   g / x        ln(1 + x)   g / (1 + x)       x + a   g, g      x − a   g, −g
/// x · a  g a, g x     x / a       g / a, −g x / a²
/// winsorize   a value that is kept: g;  one that is replaced: to the order statistics x₍ₖ₎ and
///             x₍ₖ₊₁₎ that the percentile lies between, by the weights that it gives them
/// ```
///
/// A cell without a number (a missing one) has no derivative: zero.
///
/// # Errors
///
/// [`CleaningError::NoReverse`] for a step in time, of prices or of gaps, and for percentiles within
/// periods or as Stata has them: none of the others is written; [`Error::Panel`] for a column that
/// is not there or holds categories.
pub fn pull_back(
    panel: &Panel,
    variable: &Variable,
    gradient: &[f64],
) -> Result<BTreeMap<Name, Vec<f64>>, Error> {
    let at = || format!("variable `{}`", variable.name);
    let numbers = |name: &Name| match panel.columns().get(name) {
        Some(Column::Number(values)) => Ok(values.as_slice()),
        Some(Column::Category(_)) => {
            let error = panel::Error::NotNumeric { column: name.clone() };
            Err(Error::Panel { at: at(), error })
        }
        None => {
            let names = panel.columns().keys().map(String::as_str);
            Err(crate::error::unknown(&at(), name, names))
        }
    };
    let other = |operand: &Operand| match operand {
        Operand::Number(a) => Ok(vec![*a; panel.n_rows()]),
        Operand::Column(name) => numbers(name).map(<[f64]>::to_vec),
    };
    // The values before each step.
    let mut before = vec![numbers(&variable.from)?.to_vec()];
    let mut x = before[0].clone();
    for step in &variable.steps {
        let by = |f: fn(f64, f64) -> f64, operand: &Operand| -> Result<Vec<f64>, Error> {
            Ok(x.iter().zip(other(operand)?).map(|(&x, a)| f(x, a)).collect())
        };
        x = match step {
            Step::Log => x.iter().map(|x| x.ln()).collect(),
            Step::Log1p => x.iter().map(|x| x.ln_1p()).collect(),
            Step::Over(a) => by(|x, a| x / a, a)?,
            Step::Plus(a) => by(|x, a| x + a, a)?,
            Step::Minus(a) => by(|x, a| x - a, a)?,
            Step::Times(a) => by(|x, a| x * a, a)?,
            Step::Unit(_) => x,
            Step::Winsorize(spec) => match Clip::of(&x, spec) {
                Some(clip) => x.iter().map(|&x| clip.value(x)).collect(),
                None => return Err(refused(variable, step)),
            },
            _ => return Err(refused(variable, step)),
        };
        before.push(x.clone());
    }
    let mut back: BTreeMap<Name, Vec<f64>> = BTreeMap::new();
    let mut add = |name: &Name, part: Vec<f64>| match back.get_mut(name) {
        Some(sum) => sum.iter_mut().zip(part).for_each(|(sum, g)| *sum += g),
        None => drop(back.insert(name.clone(), part)),
    };
    let there = |(&g, x): (&f64, &f64)| if x.is_nan() { 0.0 } else { g };
    let mut g: Vec<f64> = gradient.iter().zip(&x).map(there).collect();
    for (step, x) in variable.steps.iter().zip(&before).rev() {
        let (own, theirs): (Slope, Slope) = match step {
            Step::Log => (|x, _| 1.0 / x, |_, _| 0.0),
            Step::Log1p => (|x, _| 1.0 / (1.0 + x), |_, _| 0.0),
            Step::Over(_) => (|_, a| 1.0 / a, |x, a| -x / (a * a)),
            Step::Plus(_) => (|_, _| 1.0, |_, _| 1.0),
            Step::Minus(_) => (|_, _| 1.0, |_, _| -1.0),
            Step::Times(_) => (|_, a| a, |x, _| x),
            Step::Winsorize(spec) => {
                g = Clip::of(x, spec).map_or_else(|| g.clone(), |clip| clip.pull_back(x, &g));
                continue;
            }
            _ => continue,
        };
        let a = match step {
            Step::Over(a) | Step::Plus(a) | Step::Minus(a) | Step::Times(a) => other(a)?,
            _ => vec![1.0; x.len()],
        };
        if let Some(name) = step.reads() {
            let part = |((g, x), a): ((&f64, &f64), &f64)| times(*g, theirs(*x, *a));
            add(name, g.iter().zip(x).zip(&a).map(part).collect());
        }
        for ((g, x), a) in g.iter_mut().zip(x).zip(&a) {
            *g = times(*g, own(*x, *a));
        }
    }
    add(&variable.from, g);
    Ok(back)
}

fn refused(variable: &Variable, step: &Step) -> Error {
    let (variable, step) = (variable.name.clone(), step.to_string());
    CleaningError::NoReverse { variable, step }.into()
}

/// The derivative of a step at a value and the other side's value.
type Slope = fn(f64, f64) -> f64;

/// A product in which a zero derivative stays zero, whatever the other side is.
fn times(g: f64, slope: f64) -> f64 {
    if g == 0.0 || slope.is_nan() { 0.0 } else { g * slope }
}

/// Two percentiles of a sample, and what they are made of.
struct Clip {
    low: End,
    high: End,
}

/// A percentile: `(1 − w) x₍ₖ₎ + w x₍ₖ₊₁₎`, by the rows that hold these two.
struct End {
    value: f64,
    parts: [(usize, f64); 2],
}

impl Clip {
    fn of(x: &[f64], spec: &Winsorize) -> Option<Self> {
        if spec.percentiles != Percentiles::Linear || spec.by.is_some() {
            return None;
        }
        let mut order: Vec<usize> = (0..x.len()).filter(|&i| !x[i].is_nan()).collect();
        order.sort_by(|&i, &j| x[i].total_cmp(&x[j]));
        let last = order.len().checked_sub(1)?;
        let end = |p: f64| {
            let h = last as f64 * p;
            // Exact: a place in the order.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let k = (h.floor() as usize).min(last);
            let (below, above) = (order[k], order[(k + 1).min(last)]);
            let w = h.fract();
            End {
                value: x[below] + w * (x[above] - x[below]),
                parts: [(below, 1.0 - w), (above, w)],
            }
        };
        Some(Self { low: end(spec.low), high: end(spec.high) })
    }

    fn replaced(&self, x: f64) -> Option<&End> {
        if x < self.low.value {
            Some(&self.low)
        } else if x > self.high.value {
            Some(&self.high)
        } else {
            None
        }
    }

    fn value(&self, x: f64) -> f64 {
        self.replaced(x).map_or(x, |end| end.value)
    }

    fn pull_back(&self, x: &[f64], gradient: &[f64]) -> Vec<f64> {
        let mut back = vec![0.0; x.len()];
        for (i, (&x, &g)) in x.iter().zip(gradient).enumerate() {
            match self.replaced(x) {
                None => back[i] += g,
                Some(end) => end.parts.iter().for_each(|&(row, weight)| back[row] += weight * g),
            }
        }
        back
    }
}
