//! A scheme applied to a panel.

mod outcome;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use panel::Panel;

pub use outcome::{Composite, Dimension, Note, Weighed};

use crate::Error;
use crate::aggregate::{Weighted, aggregate};
use crate::frame::Frame;
use crate::normalise::{Normal, normalise};
use crate::scheme::{Aggregate, Levels, Scheme, ShiftIn, Weighting};
use crate::source::Source;
use crate::tree::{Child, Node};
use crate::weigh::{Consistency, Parts, Weights};

/// The index of a scheme: scores, sub-indices, and weights at every level.
///
/// ```text
/// zᵢⱼ  normalised in its group, + shift          wⱼ  weights of the indicators, Σw = 1
/// Sᵢ = Σⱼ wⱼ zᵢⱼ                                 or Π zᵢⱼ^wⱼ, or D⁻/(D⁺ + D⁻)
/// Sᵢ(d) = Σ_{j in d} (wⱼ/w_d) zᵢⱼ,  w_d = Σ_{j in d} wⱼ      so that Sᵢ = Σ_d w_d Sᵢ(d)
/// ```
///
/// A row without some indicator has no score (NaN in the column of scores) and stands in
/// [`Note::LeftOut`]; nothing is imputed.
///
/// ```
/// use index::{composite, Scheme};
/// let panel = testkit::panel("id,year,a,b\n1,1,0,1\n2,1,5,0\n3,1,10,0.5\n");
/// let scheme: Scheme = toml::from_str(r#"
///     name = "both"
///     indicators = [
///         { name = "a", direction = "positive" },
///         { name = "b", direction = "negative" },
///     ]
///     normalise = "min-max"
///     normalise-over = "pooled"
///     shift = 0
///     weights = "equal"
///     weights-over = "pooled"
///     levels = "indicators"
///     aggregate = "linear"
/// "#)?;
/// assert_eq!(composite(&panel, &scheme)?.scores, [0.0, 0.75, 0.75]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// What the scheme asks for and the data do not allow, with column, unit and period: see [`Error`].
///
/// # Agrees with
///
/// pymcdm 1.4.0: `entropy_weights`, `critic_weights`, `standard_deviation_weights`,
/// `variance_weights` and `TOPSIS`; numpy for the variants that normalise first.
pub fn composite(panel: &Panel, scheme: &Scheme) -> Result<Composite, Error> {
    let prepared = Prepared::new(panel, scheme)?;
    let frame = &prepared.frame;
    let (mapped, raw) = (prepared.sources(prepared.shift), prepared.raw());
    let scored = prepared.sources(prepared.scored());
    let root = Node::new(&scheme.indicators);
    let ones = vec![vec![1.0; frame.weigh.rows.len()]; scheme.indicators.len()];
    let mut weighing = Weighing {
        prepared: &prepared,
        sources: &mapped,
        scored: &scored,
        raw: &raw,
        weights: ones.clone(),
        local: ones,
        entropy: vec![None; scheme.indicators.len()],
        dimensions: BTreeMap::new(),
        consistency: Vec::new(),
        notes: prepared.left_out(),
    };
    match scheme.levels {
        Levels::Indicators => weighing.indicators(&root)?,
        Levels::LevelByLevel => weighing.level(&root)?,
    }
    weighing.finish(&root)
}

/// What each indicator adds to the score of each row: by indicator, rows as in the panel.
///
/// `wⱼ zᵢⱼ`, which sum to the score; for a geometric mean `wⱼ ln zᵢⱼ`, which sum to its logarithm.
///
/// # Errors
///
/// [`Error::NotAdditive`] for TOPSIS; [`Error::OtherScheme`] if the composite is not of this panel.
pub fn contributions(panel: &Panel, composite: &Composite) -> Result<Vec<Vec<f64>>, Error> {
    let scheme = &composite.scheme;
    if scheme.aggregate == Aggregate::Topsis {
        return Err(Error::NotAdditive);
    }
    if composite.scores.len() != panel.n_rows() {
        return Err(Error::OtherScheme { index: scheme.name.clone() });
    }
    let prepared = Prepared::new(panel, scheme)?;
    let frame = &prepared.frame;
    let sources = prepared.sources(prepared.scored());
    if frame.weigh.periods.as_deref() != composite.periods.as_deref() {
        return Err(Error::OtherScheme { index: scheme.name.clone() });
    }
    let column = |(source, weighed): (&Source, &Weighed)| {
        frame.spread(frame.fill(|piece, out| {
            let mut z = Vec::new();
            source.values(piece, &mut z);
            let w = weighed.weights[piece.weigh];
            for (out, z) in out.iter_mut().zip(z) {
                *out = match scheme.aggregate {
                    Aggregate::Geometric if w > 0.0 => w * z.ln(),
                    Aggregate::Geometric => 0.0,
                    _ => w * z,
                };
            }
        }))
    };
    Ok(sources.iter().zip(&composite.indicators).map(column).collect())
}

/// A scheme and the rows and maps that it comes to on a panel.
struct Prepared<'p> {
    scheme: &'p Scheme,
    frame: Frame<'p>,
    normals: Vec<Normal>,
    shift: f64,
}

impl<'p> Prepared<'p> {
    fn new(panel: &'p Panel, scheme: &'p Scheme) -> Result<Self, Error> {
        check(scheme)?;
        let names = scheme.indicators.iter().map(|indicator| indicator.name.clone()).collect();
        let (normal, weigh) = (scheme.normalise_over, scheme.weights_over);
        let frame = Frame::new(panel, &scheme.name, names, normal, weigh)?;
        let normals = normalise(&frame, &scheme.name, &scheme.indicators, scheme.normalise)?;
        Ok(Self { scheme, frame, normals, shift: scheme.shift })
    }

    /// What is added in scores.
    fn scored(&self) -> f64 {
        if self.scheme.shift_in == Some(ShiftIn::Both) { self.shift } else { 0.0 }
    }

    fn sources(&self, add: f64) -> Vec<Source<'_>> {
        let columns = self.frame.columns.iter().zip(&self.normals);
        columns
            .map(|(x, normal)| Source::Mapped {
                x,
                transform: normal.transform,
                maps: &normal.maps,
                add,
            })
            .collect()
    }

    /// The columns as they came.
    fn raw(&self) -> Vec<Source<'_>> {
        self.frame.columns.iter().map(|x| Source::Plain(Cow::Borrowed(x))).collect()
    }

    /// The note of rows left out, if there are any.
    fn left_out(&self) -> Vec<Note> {
        let frame = &self.frame;
        let row = |(row, lacks): &(usize, Vec<usize>)| {
            let (entity, period) = frame.panel().row_label(*row);
            (entity, period, lacks.iter().map(|&j| frame.names[j].clone()).collect())
        };
        let rows: Vec<_> = frame.left_out.iter().map(row).collect();
        if rows.is_empty() { Vec::new() } else { vec![Note::LeftOut { rows }] }
    }
}

/// What is wrong with a scheme on its own.
fn check(scheme: &Scheme) -> Result<(), Error> {
    let index = || scheme.name.clone();
    if scheme.indicators.is_empty() {
        return Err(Error::NoIndicators { index: index() });
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = scheme.indicators.iter().find(|one| !seen.insert(&one.name)) {
        return Err(Error::Twice { index: index(), indicator: twice.name.clone() });
    }
    if !(scheme.shift >= 0.0 && scheme.shift.is_finite()) {
        let (value, bounds) = (scheme.shift.to_string(), "0 or more");
        return Err(Error::OutOfBounds { what: "shift", value, bounds });
    }
    if scheme.shift > 0.0 && scheme.shift_in.is_none() {
        return Err(Error::ShiftWhere { shift: scheme.shift });
    }
    if let Weighting::Given(given) = &scheme.weights {
        if scheme.levels == Levels::LevelByLevel {
            return Err(Error::GivenByLevel);
        }
        if let Some(name) = given.keys().find(|name| !seen.contains(name)) {
            let near = panel::nearest(name, seen.iter().map(|name| name.as_str()));
            return Err(Error::WeightOfNone { name: name.clone(), near });
        }
        if let Some((name, weight)) = given.iter().find(|(_, w)| !(**w >= 0.0 && w.is_finite())) {
            let (value, bounds) = (format!("{weight} for `{name}`"), "0 or more");
            return Err(Error::OutOfBounds { what: "weights", value, bounds });
        }
        // Printed weights are rounded.
        let sum: f64 = given.values().sum();
        if (sum - 1.0).abs() > 1e-5 {
            return Err(Error::WeightsSum { sum });
        }
    }
    if let Weighting::Ahp(comparisons) = &scheme.weights {
        let root = Node::new(&scheme.indicators);
        let known = |of: &[String]| match scheme.levels {
            Levels::Indicators => of.is_empty(),
            Levels::LevelByLevel => {
                of.is_empty() || root.dimensions().iter().any(|node| node.path == of)
            }
        };
        if let Some(one) = comparisons.matrices.iter().find(|matrix| !known(&matrix.of)) {
            return Err(crate::AhpError::Unknown { node: one.of.join(" / ") }.into());
        }
    }
    Ok(())
}

/// Weights on their way.
struct Weighing<'a, 'p> {
    prepared: &'a Prepared<'p>,
    /// What weights are computed from.
    sources: &'a [Source<'a>],
    /// What scores are computed from.
    scored: &'a [Source<'a>],
    raw: &'a [Source<'a>],
    /// Weights of indicators, by group: all of them, or so far those within a dimension.
    weights: Vec<Vec<f64>>,
    /// Weights among siblings.
    local: Vec<Vec<f64>>,
    entropy: Vec<Option<Vec<f64>>>,
    /// Weights among siblings and entropies of dimensions, by path.
    dimensions: BTreeMap<Vec<String>, Part>,
    consistency: Vec<Consistency>,
    notes: Vec<Note>,
}

/// What is known of a dimension among its siblings.
#[derive(Debug, Clone, Default)]
struct Part {
    local: Vec<f64>,
    entropy: Option<Vec<f64>>,
}

impl Weighing<'_, '_> {
    /// All indicators against one another.
    fn indicators(&mut self, root: &Node) -> Result<(), Error> {
        let leaves: Vec<usize> = (0..self.sources.len()).collect();
        let parts = Parts {
            frame: &self.prepared.frame,
            node: String::new(),
            path: &[],
            names: self.prepared.frame.names.clone(),
            sources: leaves.iter().map(|&j| &self.sources[j]).collect(),
            raw: leaves.iter().map(|&j| &self.raw[j]).collect(),
        };
        let found = parts.weigh(&self.prepared.scheme.weights)?;
        self.weights.clone_from(&found.shares);
        for j in leaves {
            self.entropy[j] = found.entropy.as_ref().map(|entropy| entropy[j].clone());
        }
        self.note("", &found);
        self.among(root, None);
        Ok(())
    }

    /// Weights among siblings from weights of indicators.
    fn among(&mut self, node: &Node, above: Option<&[f64]>) {
        let share = |w: &[f64]| match above {
            None => w.to_vec(),
            // A dimension without weight has parts without any.
            Some(above) => {
                w.iter().zip(above).map(|(w, a)| if *a > 0.0 { w / a } else { 0.0 }).collect()
            }
        };
        for child in &node.children {
            match child {
                Child::Leaf(j) => self.local[*j] = share(&self.weights[*j]),
                Child::Node(node) => {
                    let sums = self.total(node);
                    let part = Part { local: share(&sums), entropy: None };
                    self.dimensions.insert(node.path.clone(), part);
                    self.among(node, Some(&sums));
                }
            }
        }
    }

    /// The sum of the weights of a node's indicators, by group.
    fn total(&self, node: &Node) -> Vec<f64> {
        let leaves = node.leaves();
        let groups = self.prepared.frame.weigh.rows.len();
        (0..groups).map(|g| leaves.iter().map(|&j| self.weights[j][g]).sum()).collect()
    }

    /// Parts of a node against one another, from the innermost on.
    fn level(&mut self, node: &Node) -> Result<(), Error> {
        let frame = &self.prepared.frame;
        let mut scores = Vec::new();
        for child in &node.children {
            if let Child::Node(inner) = child {
                self.level(inner)?;
                scores.push(Source::Plain(Cow::Owned(self.scores(inner, None)?)));
            }
        }
        let (mut names, mut sources, mut raw) = (Vec::new(), Vec::new(), Vec::new());
        let mut ready = scores.iter();
        for child in &node.children {
            match child {
                Child::Leaf(j) => {
                    names.push(frame.names[*j].clone());
                    sources.push(&self.sources[*j]);
                    raw.push(&self.raw[*j]);
                }
                Child::Node(inner) => {
                    names.push(inner.name());
                    let scores = ready.next();
                    sources.extend(scores);
                    raw.extend(scores);
                }
            }
        }
        let parts = Parts { frame, node: node.name(), path: &node.path, names, sources, raw };
        let found = parts.weigh(&self.prepared.scheme.weights)?;
        for (at, child) in node.children.iter().enumerate() {
            let local = &found.shares[at];
            let entropy = found.entropy.as_ref().map(|entropy| entropy[at].clone());
            match child {
                Child::Leaf(j) => {
                    self.weights[*j].clone_from(local);
                    self.local[*j].clone_from(local);
                    self.entropy[*j] = entropy;
                }
                Child::Node(inner) => {
                    for j in inner.leaves() {
                        self.weights[j].iter_mut().zip(local).for_each(|(w, local)| *w *= local);
                    }
                    let part = Part { local: local.clone(), entropy };
                    self.dimensions.insert(inner.path.clone(), part);
                }
            }
        }
        self.note(&node.name(), &found);
        Ok(())
    }

    fn note(&mut self, node: &str, found: &Weights) {
        if let Some(consistency) = &found.consistency {
            self.consistency.push(consistency.clone());
            if consistency.ratio > 0.1 {
                self.notes.push(Note::Inconsistent(consistency.clone()));
            }
        }
        for (group, kept) in found.components.iter().enumerate() {
            let period = self.prepared.frame.weigh.period(group);
            let (kept, of, share) = (kept.count, kept.of, kept.share);
            self.notes.push(Note::Components { node: node.to_owned(), period, kept, of, share });
        }
    }

    /// The scores of a node, its weights taken relative to `total` where that is given.
    fn scores(&self, node: &Node, total: Option<&[f64]>) -> Result<Vec<f64>, Error> {
        let columns: Vec<Weighted> = node
            .leaves()
            .into_iter()
            .map(|j| Weighted {
                source: &self.scored[j],
                name: &self.prepared.frame.names[j],
                weights: match total {
                    None => self.weights[j].clone(),
                    Some(total) => self.weights[j].iter().zip(total).map(|(w, t)| w / t).collect(),
                },
            })
            .collect();
        aggregate(&self.prepared.frame, &columns, self.prepared.scheme.aggregate)
    }

    fn finish(self, root: &Node) -> Result<Composite, Error> {
        let (scheme, frame) = (self.prepared.scheme, &self.prepared.frame);
        let mut dimensions = Vec::new();
        for node in root.dimensions() {
            let weights = self.total(node);
            if let Some(group) = weights.iter().position(|&w| w <= 0.0) {
                let (method, period) = ("the scheme", frame.weigh.period(group));
                let why = "all indicators of a dimension have weight zero; leave it out";
                return Err(Error::NoWeights { method, why, period });
            }
            let scores = frame.spread(self.scores(node, Some(&weights))?);
            let part = self.dimensions.get(&node.path).cloned().unwrap_or_default();
            dimensions.push(Dimension {
                path: node.path.clone(),
                weights,
                local: part.local,
                entropy: part.entropy,
                scores,
            });
        }
        let scores = frame.spread(self.scores(root, None)?);
        let weighed = |(j, indicator): (usize, &crate::Indicator)| Weighed {
            indicator: indicator.clone(),
            weights: self.weights[j].clone(),
            local: self.local[j].clone(),
            entropy: self.entropy[j].clone(),
        };
        Ok(Composite {
            scheme: scheme.clone(),
            scores,
            n: frame.n,
            indicators: scheme.indicators.iter().enumerate().map(weighed).collect(),
            dimensions,
            periods: frame.weigh.periods.clone(),
            consistency: self.consistency,
            notes: self.notes,
        })
    }
}
