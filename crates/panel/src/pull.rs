//! From what depends on a term to what depends on the columns that it reads.

use std::borrow::Cow;

use crate::{Error, Name, Panel, Term};

impl Panel {
    /// The reverse of [`Panel::values`]: `∂s/∂term`, one number a row, becomes `∂s/∂column` for
    /// every column that the term reads.
    ///
    /// ```text
    /// log(x)   c/x        log1p(x)   c/(1 + x)        x^k   k x^(k−1) c
    /// x:z      z c for x, x c for z                   L.x   c, moved to the row it came from
    /// ```
    ///
    /// Rows whose number is zero pass nothing on, whether the term is missing there or not. An
    /// indicator and the period are constants and have no entry; a column that is read twice has one.
    ///
    /// ```
    /// use panel::{Column, Factor, Index, Panel};
    /// # let index = Index {
    /// #     entity_name: "firm".into(),
    /// #     entity: Factor::from_numbers(&[1, 1, 1]),
    /// #     period_name: "year".into(),
    /// #     period: vec![2001, 2002, 2003],
    /// # };
    /// # let panel = Panel::new(index, [("x".into(), Column::Number(vec![2.0, 4.0, 5.0]))])?;
    /// // The sum of `L.log(x)` over 2002 and 2003, by `x` in the years before.
    /// let pulled = panel.pull_back(&"L.log(x)".parse()?, &[0.0, 1.0, 1.0])?;
    /// assert_eq!(pulled, [("x".to_owned(), vec![0.5, 0.25, 0.0])]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Panel::values`], and [`Error::Length`] if there is not one number a row.
    pub fn pull_back(&self, term: &Term, by_term: &[f64]) -> Result<Vec<(Name, Vec<f64>)>, Error> {
        let (got, want) = (by_term.len(), self.n_rows());
        if got != want {
            return Err(Error::Length { column: term.to_string(), got, want });
        }
        let mut columns = Vec::new();
        self.pull(term, Cow::Borrowed(by_term), &mut columns)?;
        Ok(columns)
    }

    fn pull(
        &self,
        term: &Term,
        by_term: Cow<'_, [f64]>,
        columns: &mut Vec<(Name, Vec<f64>)>,
    ) -> Result<(), Error> {
        // A number times a slope, where there is a number.
        let times = |slope: &dyn Fn(usize) -> f64| -> Cow<'_, [f64]> {
            let row = |(row, c): (usize, &f64)| if *c == 0.0 { 0.0 } else { c * slope(row) };
            by_term.iter().enumerate().map(row).collect()
        };
        match term {
            Term::Var(name) if *name == self.index().period_name => Ok(()),
            Term::Var(name) => {
                self.values(term)?;
                if let Some((_, sum)) = columns.iter_mut().find(|(column, _)| column == name) {
                    sum.iter_mut().zip(&*by_term).for_each(|(sum, c)| *sum += c);
                } else {
                    columns.push((name.clone(), by_term.into_owned()));
                }
                Ok(())
            }
            Term::Log(inner) => {
                let x = self.values(inner)?;
                self.pull(inner, times(&|row| 1.0 / x[row]), columns)
            }
            Term::Log1p(inner) => {
                let x = self.values(inner)?;
                self.pull(inner, times(&|row| 1.0 / (1.0 + x[row])), columns)
            }
            Term::Power(inner, k) => {
                let x = self.values(inner)?;
                let less = i32::try_from(k.saturating_sub(1)).unwrap_or(i32::MAX);
                let slope = |row: usize| f64::from(*k) * x[row].powi(less);
                self.pull(inner, times(&slope), columns)
            }
            Term::Product(factors) => {
                let values: Vec<Cow<'_, [f64]>> =
                    factors.iter().map(|factor| self.values(factor)).collect::<Result<_, _>>()?;
                for (at, factor) in factors.iter().enumerate() {
                    let others = |row: usize| {
                        let others = values.iter().enumerate().filter(|(other, _)| *other != at);
                        others.map(|(_, x)| x[row]).product()
                    };
                    self.pull(factor, times(&others), columns)?;
                }
                Ok(())
            }
            Term::Lag(inner, k) => {
                let mut earlier = vec![0.0; self.n_rows()];
                for (row, c) in by_term.iter().enumerate().filter(|(_, c)| **c != 0.0) {
                    if let Some(at) = self.lagged(row, *k) {
                        earlier[at] += c;
                    }
                }
                self.pull(inner, Cow::Owned(earlier), columns)
            }
            Term::Level(..) | Term::Levels(..) => self.values(term).map(|_| ()),
        }
    }
}
