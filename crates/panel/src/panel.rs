//! The long table: one row per entity and period.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::error::nearest;
use crate::{Base, Error, Factor, Name, Term};

/// Who and when, a row each: the key of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Name of the entity column.
    pub entity_name: Name,
    /// Who each row is about; no row is missing.
    pub entity: Factor,
    /// Name of the period column.
    pub period_name: Name,
    /// When each row was measured, in calendar units.
    pub period: Vec<i32>,
}

/// A measured column.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Numbers; NaN is missing.
    Number(Vec<f64>),
    /// Categories.
    Category(Factor),
}

impl Column {
    fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Category(factor) => factor.codes().len(),
        }
    }
}

/// A panel in long form, sorted by entity and then period.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    index: Index,
    columns: BTreeMap<Name, Column>,
}

impl Panel {
    /// Builds a panel; rows may come in any order.
    ///
    /// ```
    /// use panel::{Column, Factor, Index, Panel};
    ///
    /// let index = Index {
    ///     entity_name: "firm".into(),
    ///     entity: Factor::from_names([Some("b"), Some("a"), Some("a")]),
    ///     period_name: "year".into(),
    ///     period: vec![2001, 2003, 2001],
    /// };
    /// let panel = Panel::new(index, [("x".into(), Column::Number(vec![3.0, 2.0, 1.0]))])?;
    /// assert_eq!(panel.values(&"x".parse()?)?[..], [1.0, 2.0, 3.0]);
    /// // 2002 is not observed for `a`, so nothing is one year before 2003.
    /// assert!(panel.values(&"L.x".parse()?)?[1].is_nan());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if a column and the index differ in length, [`Error::Twice`] if two
    /// columns have one name, and [`Error::Duplicate`] if an entity is observed twice in a period.
    pub fn new(
        index: Index,
        columns: impl IntoIterator<Item = (Name, Column)>,
    ) -> Result<Self, Error> {
        let n = index.entity.codes().len();
        let fits = |column: &str, got| {
            if got == n {
                Ok(())
            } else {
                Err(Error::Length { column: column.into(), got, want: n })
            }
        };
        fits(&index.period_name, index.period.len())?;
        if index.entity_name == index.period_name {
            return Err(Error::Twice { column: index.entity_name });
        }

        let key = |row: usize| (index.entity.codes()[row], index.period[row]);
        let sorted = (1..n).all(|row| key(row - 1) < key(row));
        let order: Option<Vec<usize>> = (!sorted).then(|| {
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by_key(|&row| key(row));
            order
        });
        if let Some(order) = &order {
            for pair in order.windows(2) {
                let (entity, period) = key(pair[0]);
                if key(pair[1]) == (entity, period) {
                    return Err(Error::Duplicate {
                        entity: index.entity.label(entity),
                        period,
                        rows: [pair[0], pair[1]],
                    });
                }
            }
        }

        let mut named = BTreeMap::new();
        for (name, column) in columns {
            fits(&name, column.len())?;
            let column = match (&order, column) {
                (None, column) => column,
                (Some(order), Column::Number(values)) => {
                    Column::Number(order.iter().map(|&row| values[row]).collect())
                }
                (Some(order), Column::Category(factor)) => Column::Category(factor.select(order)),
            };
            let taken = name == index.entity_name || name == index.period_name;
            if taken || named.insert(name.clone(), column).is_some() {
                return Err(Error::Twice { column: name });
            }
        }
        let index = match order {
            None => index,
            Some(order) => Index {
                entity: index.entity.select(&order),
                period: order.iter().map(|&row| index.period[row]).collect(),
                ..index
            },
        };
        Ok(Self { index, columns: named })
    }

    /// The panel with one more column, its rows in the panel's order.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if there is not one value a row, [`Error::Twice`] if the name is taken.
    pub fn with_column(mut self, name: impl Into<Name>, column: Column) -> Result<Self, Error> {
        self.insert(name, column)?;
        Ok(self)
    }

    /// Adds a column in place; if that is an error, the panel is as it was.
    ///
    /// # Errors
    ///
    /// Those of [`Panel::with_column`].
    pub fn insert(&mut self, name: impl Into<Name>, column: Column) -> Result<(), Error> {
        let (name, got, want) = (name.into(), column.len(), self.n_rows());
        if got != want {
            return Err(Error::Length { column: name, got, want });
        }
        let index = [&self.index.entity_name, &self.index.period_name];
        if index.contains(&&name) || self.columns.contains_key(&name) {
            return Err(Error::Twice { column: name });
        }
        self.columns.insert(name, column);
        Ok(())
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.index.period.len()
    }

    /// Who and when.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The measured columns by name.
    pub fn columns(&self) -> &BTreeMap<Name, Column> {
        &self.columns
    }

    /// "`entity` in `period`" of a row, for messages: its two labels.
    pub fn row_label(&self, row: usize) -> (String, i32) {
        (self.index.entity.label(self.index.entity.codes()[row]), self.index.period[row])
    }

    /// The grouping of rows by a column: the entity, the period, a category, or whole numbers.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`], or [`Error::NotGroups`] if a number has a fraction.
    pub fn factor(&self, name: &str) -> Result<Cow<'_, Factor>, Error> {
        if name == self.index.entity_name {
            return Ok(Cow::Borrowed(&self.index.entity));
        }
        if name == self.index.period_name {
            return Ok(Cow::Owned(Factor::from_numbers(&self.index.period)));
        }
        match self.column(name)? {
            Column::Category(factor) => Ok(Cow::Borrowed(factor)),
            Column::Number(values) => match Factor::from_floats(values) {
                Ok(factor) => Ok(Cow::Owned(factor)),
                Err(row) => {
                    let (entity, period) = self.row_label(row);
                    let column = name.to_owned();
                    Err(Error::NotGroups { column, value: values[row], entity, period })
                }
            },
        }
    }

    /// Evaluates `term` on every row; missing values are NaN.
    ///
    /// The period is a number like any other; the entity is not.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] if a column does not exist, [`Error::NotNumeric`] if it holds
    /// categories, [`Error::Undefined`] where a logarithm meets a number that has none,
    /// [`Error::Several`] for a set of indicators (see [`Panel::expand`]).
    pub fn values(&self, term: &Term) -> Result<Cow<'_, [f64]>, Error> {
        Ok(match term {
            Term::Var(name) if *name == self.index.period_name => {
                Cow::Owned(self.index.period.iter().map(|&t| f64::from(t)).collect())
            }
            Term::Var(name) => match self.column(name)? {
                Column::Number(values) => Cow::Borrowed(values),
                Column::Category(_) => return Err(Error::NotNumeric { column: name.clone() }),
            },
            Term::Log(inner) => self.logarithm(term, inner, f64::ln, 0.0)?,
            Term::Log1p(inner) => self.logarithm(term, inner, f64::ln_1p, -1.0)?,
            Term::Power(inner, k) => {
                // Exponents are small; a wider one would overflow any value but 0 and ±1 anyway.
                let k = i32::try_from(*k).unwrap_or(i32::MAX);
                Cow::Owned(self.values(inner)?.iter().map(|x| x.powi(k)).collect())
            }
            Term::Product(factors) => {
                let mut product = vec![1.0; self.n_rows()];
                for factor in factors {
                    for (p, x) in product.iter_mut().zip(self.values(factor)?.iter()) {
                        *p *= x;
                    }
                }
                Cow::Owned(product)
            }
            Term::Lag(inner, k) => {
                let values = self.values(inner)?;
                let at = |row: usize| self.lagged(row, *k);
                Cow::Owned(
                    (0..self.n_rows())
                        .map(|row| at(row).map_or(f64::NAN, |at| values[at]))
                        .collect(),
                )
            }
            Term::Level(name, level) => {
                let factor = self.factor(name)?;
                let labels: Vec<String> = factor.labels().collect();
                Cow::Owned(indicator(&factor, &labels, name, level)?)
            }
            Term::Levels(..) => return Err(Error::Several { term: term.clone() }),
        })
    }

    /// The values of several terms, as [`Panel::values`]; what indicators of one category have in common is
    /// made once.
    ///
    /// # Errors
    ///
    /// Those of [`Panel::values`].
    pub fn all_values(&self, terms: &[Term]) -> Result<Vec<Cow<'_, [f64]>>, Error> {
        let mut last: Option<(&Name, Cow<'_, Factor>, Vec<String>)> = None;
        let mut values = Vec::with_capacity(terms.len());
        for term in terms {
            let Term::Level(name, level) = term else {
                values.push(self.values(term)?);
                continue;
            };
            if last.as_ref().is_none_or(|(own, ..)| *own != name) {
                let factor = self.factor(name)?;
                let labels = factor.labels().collect();
                last = Some((name, factor, labels));
            }
            if let Some((_, factor, labels)) = &last {
                values.push(Cow::Owned(indicator(factor, labels, name, level)?));
            }
        }
        Ok(values)
    }

    /// The terms that stand for one column each: indicators in place of `i.region`, and a
    /// slope a level in place of `i.region:x`.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] and [`Error::NotGroups`] for the category, [`Error::NoLevel`] for its base.
    pub fn expand(&self, term: &Term) -> Result<Vec<Term>, Error> {
        match term {
            Term::Levels(name, base) => {
                let factor = self.factor(name)?;
                let left_out = match base {
                    Base::First => 0,
                    Base::Last => factor.n_levels().saturating_sub(1),
                    Base::Level(level) => match position(&factor, level) {
                        Some(code) => code as usize,
                        None => return Err(no_level(name, level, &factor)),
                    },
                };
                let labels = factor.labels().enumerate().filter(|&(code, _)| code != left_out);
                Ok(labels.map(|(_, label)| Term::Level(name.clone(), label)).collect())
            }
            Term::Product(factors) => {
                let mut products: Vec<Vec<Term>> = vec![Vec::new()];
                for factor in factors {
                    let choices = match factor {
                        Term::Levels(name, _) => (self.factor(name)?.labels())
                            .map(|label| Term::Level(name.clone(), label))
                            .collect(),
                        factor => vec![factor.clone()],
                    };
                    products = products
                        .into_iter()
                        .flat_map(|product| {
                            choices.iter().map(move |choice| {
                                let mut longer = product.clone();
                                longer.push(choice.clone());
                                longer
                            })
                        })
                        .collect();
                }
                Ok(products.into_iter().map(Term::Product).collect())
            }
            term => Ok(vec![term.clone()]),
        }
    }

    fn column(&self, name: &str) -> Result<&Column, Error> {
        self.columns.get(name).ok_or_else(|| Error::Unknown {
            column: name.to_owned(),
            near: nearest(
                name,
                [&self.index.entity_name, &self.index.period_name]
                    .into_iter()
                    .chain(self.columns.keys())
                    .map(String::as_str),
            ),
        })
    }

    fn logarithm(
        &self,
        term: &Term,
        inner: &Term,
        f: fn(f64) -> f64,
        bound: f64,
    ) -> Result<Cow<'_, [f64]>, Error> {
        let values = self.values(inner)?;
        if let Some(row) = values.iter().position(|&x| x <= bound) {
            let (entity, period) = self.row_label(row);
            return Err(Error::Undefined {
                term: term.clone(),
                entity,
                period,
                value: values[row],
            });
        }
        Ok(Cow::Owned(values.iter().map(|&x| f(x)).collect()))
    }

    /// The row of the same entity `k` periods before `row`, if it was observed.
    pub(crate) fn lagged(&self, row: usize, k: i32) -> Option<usize> {
        self.find(row, self.index.period[row].checked_sub(k)?)
    }

    /// The row of the same entity as `row` in `period`, if it was observed.
    fn find(&self, row: usize, period: i32) -> Option<usize> {
        let codes = self.index.entity.codes();
        let first = codes.partition_point(|&code| code < codes[row]);
        let end = first + codes[first..].partition_point(|&code| code == codes[row]);
        self.index.period[first..end].binary_search(&period).ok().map(|at| first + at)
    }
}

fn position(factor: &Factor, level: &str) -> Option<u32> {
    factor.labels().zip(0..).find(|(label, _)| label == level).map(|(_, code)| code)
}

/// One in the rows of a level, zero in the others, and missing where the category is.
fn indicator(
    factor: &Factor,
    labels: &[String],
    name: &str,
    level: &str,
) -> Result<Vec<f64>, Error> {
    let Some((_, code)) = labels.iter().zip(0..).find(|(label, _)| *label == level) else {
        return Err(no_level(name, level, factor));
    };
    let own = |&c: &u32| if c == code { 1.0 } else { 0.0 };
    let mut values: Vec<f64> = factor.codes().iter().map(own).collect();
    if factor.codes().contains(&Factor::MISSING) {
        for (value, &c) in values.iter_mut().zip(factor.codes()) {
            if c == Factor::MISSING {
                *value = f64::NAN;
            }
        }
    }
    Ok(values)
}

fn no_level(column: &str, level: &str, factor: &Factor) -> Error {
    let labels: Vec<String> = factor.labels().collect();
    Error::NoLevel {
        column: column.to_owned(),
        level: level.to_owned(),
        near: nearest(level, labels.iter().map(String::as_str)),
    }
}
