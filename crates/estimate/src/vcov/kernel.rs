//! Autocovariances under Bartlett's kernel: Driscoll–Kraay and Newey–West.

use ndarray::Array2;
use rayon::prelude::*;

use super::scores::Scores;
use crate::{Design, Error, Note, Spec};

/// The periods of the rows in use.
pub(crate) struct Calendar {
    /// Of every row.
    period: Vec<i32>,
    /// Those observed, increasing.
    observed: Vec<i32>,
}

impl Calendar {
    /// # Errors
    ///
    /// [`Error::TooFewPeriods`] if there are fewer than two.
    pub(crate) fn new(design: &Design<'_>) -> Result<Self, Error> {
        let all = &design.panel.index().period;
        let period: Vec<i32> = (0..design.n()).map(|i| all[design.sample.row(i)]).collect();
        let mut observed = period.clone();
        observed.sort_unstable();
        observed.dedup();
        match observed.len() {
            n_periods @ ..2 => Err(Error::TooFewPeriods { n_periods }),
            _ => Ok(Self { period, observed }),
        }
    }

    /// Periods observed.
    pub(crate) fn n_observed(&self) -> usize {
        self.observed.len()
    }

    /// The position among the observed periods of every row.
    pub(crate) fn codes(&self) -> Vec<u32> {
        let at = |period| self.observed.partition_point(|&observed| observed < period);
        #[allow(clippy::cast_possible_truncation)] // There are no more periods than `i32` numbers.
        self.period.iter().map(|&period| at(period) as u32).collect()
    }

    /// The lags that are asked for, or the convention's.
    pub(crate) fn lag(&self, asked: Option<usize>, spec: &Spec) -> Result<(usize, Note), Error> {
        let n_periods = self.n_observed();
        let lag = asked.unwrap_or_else(|| spec.convention.lag.of(n_periods).min(n_periods - 1));
        if lag >= n_periods {
            return Err(Error::TooManyLags { lag, n_periods });
        }
        Ok((lag, Note::Lags { lag, n_periods }))
    }
}

/// `Σ_l w_l Σ_t (s_t s_t₋l' + s_t₋l s_t')` of one series in the order of time, `w_0 = ½`.
///
/// A lag is a distance in the calendar: a period that is absent is one whose scores are zero.
fn autocovariances(meat: &mut Array2<f64>, periods: &[i32], scores: &[f64], lag: usize) {
    let width = meat.nrows();
    let score = |t: usize| &scores[t * width..(t + 1) * width];
    let mut smooth = vec![0.0; width];
    for t in 0..periods.len() {
        smooth.iter_mut().zip(score(t)).for_each(|(sum, s)| *sum = 0.5 * s);
        for before in (0..t).rev() {
            let gap = i64::from(periods[t]) - i64::from(periods[before]);
            let weight = 1.0 - gap as f64 / (lag as f64 + 1.0);
            if weight <= 0.0 {
                break;
            }
            smooth.iter_mut().zip(score(before)).for_each(|(sum, s)| *sum += weight * s);
        }
        for (i, s) in score(t).iter().enumerate() {
            for (j, smooth) in smooth.iter().enumerate() {
                meat[[i, j]] += s * smooth;
            }
        }
    }
}

/// The meat of Driscoll and Kraay (1998): autocovariances of the periods' sums of scores.
pub(crate) fn driscoll_kraay(calendar: &Calendar, lag: usize, scores: &Scores<'_>) -> Array2<f64> {
    let sums = scores.sums(&calendar.codes(), calendar.n_observed());
    let mut meat = Array2::zeros((scores.width(), scores.width()));
    autocovariances(&mut meat, &calendar.observed, &sums, lag);
    &meat + &meat.t()
}

/// The meat of Newey and West (1987), summed over entities: autocovariances of their scores.
///
/// `entities` are the codes of the rows, which a panel keeps together and in the order of time.
pub(crate) fn newey_west(
    calendar: &Calendar,
    entities: &[u32],
    lag: usize,
    scores: &Scores<'_>,
) -> Array2<f64> {
    /// Entities that are summed at once, whatever the number of threads.
    const AT_ONCE: usize = 256;
    let width = scores.width();
    let rows = scores.rows();
    let mut starts: Vec<usize> = vec![0];
    starts.extend((1..entities.len()).filter(|&i| entities[i] != entities[i - 1]));
    starts.push(entities.len());
    let runs: Vec<(usize, usize)> = starts.windows(2).map(|run| (run[0], run[1])).collect();
    let parts: Vec<Array2<f64>> = runs
        .par_chunks(AT_ONCE)
        .map(|runs| {
            let mut meat = Array2::zeros((width, width));
            for &(from, to) in runs {
                let scores = &rows[from * width..to * width];
                autocovariances(&mut meat, &calendar.period[from..to], scores, lag);
            }
            meat
        })
        .collect();
    let meat = parts.into_iter().fold(Array2::zeros((width, width)), |sum, part| sum + part);
    &meat + &meat.t()
}
