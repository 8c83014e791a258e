//! Dense integer codes for a categorical column.

use std::collections::BTreeMap;

/// A categorical column: one dense code a row, and a label for every code.
///
/// **Invariant:** every code in `0..n_levels` occurs at least once, so `n_levels` is the number
/// of groups *observed*, never the number declared. Levels are sorted: equal data, equal codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    codes: Vec<u32>,
    levels: Levels,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Levels {
    Numbers(Vec<i64>),
    Names(Vec<String>),
}

impl Factor {
    /// The code of a row whose category is not known.
    pub const MISSING: u32 = u32::MAX;

    /// Codes text labels in sorted order; `None` is missing.
    ///
    /// ```
    /// let region = panel::Factor::from_names([Some("west"), Some("east"), Some("west")]);
    /// assert_eq!(region.codes(), [1, 0, 1]);
    /// assert_eq!(region.n_levels(), 2);
    /// assert_eq!(region.label(1), "west");
    /// ```
    pub fn from_names<'a>(labels: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut code: BTreeMap<&str, u32> = BTreeMap::new();
        let mut order: Vec<&str> = Vec::new();
        let first_seen: Vec<u32> = labels
            .into_iter()
            .map(|label| {
                label.map_or(Self::MISSING, |label| {
                    *code.entry(label).or_insert_with(|| {
                        order.push(label);
                        narrow(order.len() - 1)
                    })
                })
            })
            .collect();
        let mut sorted = vec![0; order.len()];
        for (rank, &seen) in code.values().enumerate() {
            sorted[seen as usize] = narrow(rank);
        }
        let codes = first_seen
            .into_iter()
            .map(|seen| sorted.get(seen as usize).copied().unwrap_or(Self::MISSING))
            .collect();
        Self { codes, levels: Levels::Names(code.into_keys().map(str::to_owned).collect()) }
    }

    /// Codes whole numbers in increasing order.
    ///
    /// ```
    /// let year = panel::Factor::from_numbers(&[2016, 2014, 2016]);
    /// assert_eq!(year.codes(), [1, 0, 1]);
    /// assert_eq!(year.label(0), "2014");
    /// ```
    pub fn from_numbers<T: Copy + Into<i64>>(values: &[T]) -> Self {
        let numbers = values.iter().map(|&value| value.into());
        let range = numbers
            .clone()
            .fold((i64::MAX, i64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        Self::from_range(numbers, values.len(), range)
    }

    /// Codes `n` whole numbers in increasing order; they lie in `low..=high`.
    fn from_range(
        values: impl Iterator<Item = i64> + Clone,
        n: usize,
        (low, high): (i64, i64),
    ) -> Self {
        // A table over the range is one pass; it must not be much larger than the data.
        let span = i128::from(high) - i128::from(low) + 1;
        if span <= 4 * n as i128 + 1024 {
            let at = |value: i64| usize::try_from(value - low).unwrap_or_default();
            let mut table = vec![Self::MISSING; usize::try_from(span.max(0)).unwrap_or_default()];
            for value in values.clone() {
                table[at(value)] = 0;
            }
            let mut levels = Vec::new();
            for (slot, value) in table.iter_mut().zip(low..).filter(|(slot, _)| **slot == 0) {
                *slot = narrow(levels.len());
                levels.push(value);
            }
            let codes = values.map(|value| table[at(value)]).collect();
            return Self { codes, levels: Levels::Numbers(levels) };
        }
        let mut levels: Vec<i64> = values.clone().collect();
        levels.sort_unstable();
        levels.dedup();
        let code = |value: i64| narrow(levels.partition_point(|&level| level < value));
        let codes = values.map(code).collect();
        Self { codes, levels: Levels::Numbers(levels) }
    }

    /// Codes whole numbers held as `f64`, NaN being missing.
    ///
    /// # Errors
    ///
    /// The first row that is not a whole number below 2⁵³.
    pub(crate) fn from_floats(values: &[f64]) -> Result<Self, usize> {
        /// Beyond this, neighbouring whole numbers are one `f64`.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        // Below 2⁵³ a cast to `i64` is exact, and undone by the cast back.
        #[allow(clippy::cast_possible_truncation, clippy::float_cmp)]
        let whole = |x: f64| (x.abs() < EXACT && (x as i64) as f64 == x).then_some(x as i64);
        // The usual column has no gaps: one pass says so and finds the range.
        let (mut low, mut high, mut clean) = (i64::MAX, i64::MIN, true);
        for &x in values {
            let number = whole(x);
            clean &= number.is_some();
            let number = number.unwrap_or_default();
            (low, high) = (low.min(number), high.max(number));
        }
        if clean {
            let numbers = values.iter().map(|&x| whole(x).unwrap_or_default());
            return Ok(Self::from_range(numbers, values.len(), (low, high)));
        }
        if let Some(row) = values.iter().position(|&x| !x.is_nan() && whole(x).is_none()) {
            return Err(row);
        }
        let numbers: Vec<i64> = values.iter().filter_map(|&x| whole(x)).collect();
        let present: Vec<bool> = values.iter().map(|x| !x.is_nan()).collect();
        Ok(Self::from_numbers(&numbers).spread(&present))
    }

    /// Puts the rows of this factor where `present` says, and missing ones between them.
    pub(crate) fn spread(self, present: &[bool]) -> Self {
        let mut known = self.codes.into_iter();
        let code = |&present: &bool| if present { known.next() } else { None };
        let codes = present.iter().map(code).map(|code| code.unwrap_or(Self::MISSING)).collect();
        Self { codes, levels: self.levels }
    }

    /// The codes, one a row; [`Factor::MISSING`] where the category is not known.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// How many groups are observed.
    pub fn n_levels(&self) -> usize {
        match &self.levels {
            Levels::Numbers(levels) => levels.len(),
            Levels::Names(levels) => levels.len(),
        }
    }

    /// The label of a code; empty if there is no such code.
    pub fn label(&self, code: u32) -> String {
        let at = code as usize;
        match &self.levels {
            Levels::Numbers(levels) => levels.get(at).map(i64::to_string),
            Levels::Names(levels) => levels.get(at).cloned(),
        }
        .unwrap_or_default()
    }

    /// All labels, in the order of their codes.
    pub fn labels(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.n_levels()).map(|code| self.label(narrow(code)))
    }

    /// The factor whose levels are the pairs of levels that occur; missing where either is.
    ///
    /// ```
    /// use panel::Factor;
    /// let (a, b) = (Factor::from_numbers(&[1, 2, 1]), Factor::from_numbers(&[7, 5, 5]));
    /// let pairs = a.cross(&b);
    /// assert_eq!(pairs.codes(), [1, 2, 0]);
    /// assert_eq!(pairs.label(0), "1^5");
    /// ```
    #[must_use]
    pub fn cross(&self, other: &Self) -> Self {
        let pair = |(&a, &b): (&u32, &u32)| match (a, b) {
            (Self::MISSING, _) | (_, Self::MISSING) => None,
            (a, b) => Some((u64::from(a) << 32) | u64::from(b)),
        };
        let pairs: Vec<Option<u64>> = self.codes.iter().zip(&other.codes).map(pair).collect();
        let mut levels: Vec<u64> = pairs.iter().copied().flatten().collect();
        levels.sort_unstable();
        levels.dedup();
        let code = |pair: u64| narrow(levels.partition_point(|&level| level < pair));
        let codes = pairs.iter().map(|pair| pair.map_or(Self::MISSING, code)).collect();
        #[allow(clippy::cast_possible_truncation)] // The two halves that were put together above.
        let label = |&pair: &u64| {
            format!("{}^{}", self.label((pair >> 32) as u32), other.label(pair as u32))
        };
        Self { codes, levels: Levels::Names(levels.iter().map(label).collect()) }
    }

    /// The factor on a subset of rows, recoded so that it is dense again.
    ///
    /// All rows in order return an equal factor; a shuffle permutes the codes.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let mut used = vec![false; self.n_levels()];
        for &row in rows {
            if let Some(slot) = used.get_mut(self.codes[row] as usize) {
                *slot = true;
            }
        }
        let mut next = 0;
        let recode: Vec<u32> = used
            .iter()
            .map(|&used| {
                let code = next;
                next += u32::from(used);
                code
            })
            .collect();
        let codes = rows
            .iter()
            .map(|&row| recode.get(self.codes[row] as usize).copied().unwrap_or(Self::MISSING))
            .collect();
        let levels = match &self.levels {
            Levels::Numbers(levels) => Levels::Numbers(keep(levels, &used)),
            Levels::Names(levels) => Levels::Names(keep(levels, &used)),
        };
        Self { codes, levels }
    }
}

fn keep<T: Clone>(levels: &[T], used: &[bool]) -> Vec<T> {
    levels.iter().zip(used).filter(|(_, used)| **used).map(|(level, _)| level.clone()).collect()
}

/// A count of levels as a code. No data that fits in memory has 2³² distinct labels.
fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(Factor::MISSING)
}
