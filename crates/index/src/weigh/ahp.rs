//! Weights from comparisons of pairs: the analytic hierarchy process.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::AhpError;
use crate::choice::choice;

/// Saaty's random indices for 1 to 15 parts (1980).
const RANDOM_INDEX: [f64; 15] =
    [0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59];

/// Comparison matrices and how priorities follow from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Comparisons {
    /// How priorities follow from a matrix.
    pub priorities: Priorities,
    /// One of all indicators, or level by level one for every node with several parts.
    pub matrices: Vec<Comparison>,
}

/// How priorities follow from a comparison matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priorities {
    /// The principal eigenvector: Saaty's.
    Eigenvector,
    /// Geometric means of the rows (Crawford and Williams 1985).
    GeometricMean,
}
choice!(
    Priorities,
    "way to priorities",
    Eigenvector = "eigenvector",
    GeometricMean = "geometric-mean",
);

/// One matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Comparison {
    /// The dimension whose parts are compared, with those above it; empty for the index itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// By how much the part of the row outweighs that of the column; parts in the order of the scheme.
    pub matrix: Vec<Vec<Ratio>>,
}

/// A positive number, or a text `1/3`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio(pub f64);

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let inverse = 1.0 / self.0;
        if self.0 < 1.0 && (1.0 / inverse.round() - self.0).abs() < f64::EPSILON * self.0 {
            write!(f, "1/{}", inverse.round())
        } else {
            write!(f, "{}", self.0)
        }
    }
}

impl FromStr for Ratio {
    type Err = numbers::UnknownChoice;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
        let read = match text.split_once('/') {
            Some((above, below)) => number(above).zip(number(below)).map(|(a, b)| a / b),
            None => number(text),
        };
        read.filter(|x| x.is_finite()).map(Self).ok_or_else(|| numbers::UnknownChoice {
            what: "comparison",
            text: text.to_owned(),
            known: vec!["3", "0.5", "1/3"],
        })
    }
}

impl Serialize for Ratio {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.0)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Ratio;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a number, or a text \"1/3\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Ratio, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_f64<E>(self, x: f64) -> Result<Ratio, E> {
                Ok(Ratio(x))
            }

            fn visit_i64<E>(self, x: i64) -> Result<Ratio, E> {
                Ok(Ratio(x as f64))
            }

            fn visit_u64<E>(self, x: u64) -> Result<Ratio, E> {
                Ok(Ratio(x as f64))
            }
        }
        from.deserialize_any(Visitor)
    }
}

/// How far comparisons are from being consistent.
#[derive(Debug, Clone, PartialEq)]
pub struct Consistency {
    /// The dimension whose parts are compared; empty for the index itself.
    pub node: String,
    /// Parts compared.
    pub n: usize,
    /// The largest eigenvalue; for geometric means the mean of `(A w)ᵢ/wᵢ`.
    pub lambda_max: f64,
    /// `CI = (λ − n)/(n − 1)`.
    pub index: f64,
    /// `CR = CI/RI`, with Saaty's random index (1980); 0 for two parts. Up to 0.1 is accepted.
    pub ratio: f64,
}

impl Comparisons {
    /// The weights of `n` parts, and how consistent they are.
    pub(super) fn weights(
        &self,
        node: &str,
        path: &[String],
        n: usize,
    ) -> Result<(Vec<f64>, Option<Consistency>), AhpError> {
        let node = node.to_owned();
        let Some(found) = self.matrices.iter().find(|matrix| matrix.of == path) else {
            return Err(AhpError::Missing { node, n });
        };
        let a = read(&node, &found.matrix, n)?;
        let w = match self.priorities {
            Priorities::Eigenvector => principal(&node, &a)?,
            Priorities::GeometricMean => geometric(&a),
        };
        let product = |i: usize| a[i].iter().zip(&w).map(|(a, w)| a * w).sum::<f64>();
        let lambda_max = (0..n).map(|i| product(i) / w[i]).sum::<f64>() / n as f64;
        let index = (lambda_max - n as f64) / (n as f64 - 1.0);
        let ratio = if n > 2 { index / RANDOM_INDEX[n - 1] } else { 0.0 };
        Ok((w, Some(Consistency { node, n, lambda_max, index, ratio })))
    }
}

fn read(node: &str, matrix: &[Vec<Ratio>], n: usize) -> Result<Vec<Vec<f64>>, AhpError> {
    let node = || node.to_owned();
    let rows = matrix.len();
    let columns = matrix.iter().map(Vec::len).find(|&columns| columns != n).unwrap_or(n);
    if rows != n || columns != n {
        return Err(AhpError::Shape { node: node(), rows, columns, n });
    }
    if n > RANDOM_INDEX.len() {
        return Err(AhpError::TooLarge { node: node(), n, most: RANDOM_INDEX.len() });
    }
    let a: Vec<Vec<f64>> = matrix.iter().map(|row| row.iter().map(|x| x.0).collect()).collect();
    for (i, entries) in a.iter().enumerate() {
        for (j, &value) in entries.iter().enumerate() {
            let (row, column, mirror) = (i + 1, j + 1, a[j][i]);
            if !(value > 0.0 && value.is_finite()) {
                return Err(AhpError::NotPositive { node: node(), row, column, value });
            }
            // Entries that were typed as decimals are reciprocal to their digits.
            if j >= i && (value * mirror - 1.0).abs() > 5e-3 {
                return Err(AhpError::NotReciprocal { node: node(), row, column, value, mirror });
            }
        }
    }
    Ok(a)
}

/// The positive eigenvector of a positive matrix, by powers: it sums to one.
fn principal(node: &str, a: &[Vec<f64>]) -> Result<Vec<f64>, AhpError> {
    const MOST: usize = 100_000;
    let mut w = geometric(a);
    let mut moved = f64::INFINITY;
    for _ in 0..MOST {
        let product: Vec<f64> =
            a.iter().map(|row| row.iter().zip(&w).map(|(a, w)| a * w).sum()).collect();
        let total: f64 = product.iter().sum();
        let next: Vec<f64> = product.iter().map(|x| x / total).collect();
        let step = next.iter().zip(&w).map(|(a, b)| (a - b).abs() / a).fold(0.0, f64::max);
        w = next;
        // At the limit of rounding steps no longer shrink.
        if step <= 1e-15 || (step < 1e-13 && step >= moved) {
            return Ok(w);
        }
        moved = step;
    }
    Err(AhpError::NotConverged { node: node.to_owned(), iterations: MOST, moved })
}

fn geometric(a: &[Vec<f64>]) -> Vec<f64> {
    let n = a.len() as f64;
    let means: Vec<f64> =
        a.iter().map(|row| (row.iter().map(|x| x.ln()).sum::<f64>() / n).exp()).collect();
    let total: f64 = means.iter().sum();
    means.iter().map(|x| x / total).collect()
}
