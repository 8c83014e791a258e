//! Panel-corrected errors: one covariance between entities, the same in all periods.

use ndarray::Array2;

use super::kernel::Calendar;
use super::outer_products;
use super::scores::Scores;
use crate::{Error, Note};

/// Pairs of entities are written down up to this many entities.
const MOST_ENTITIES: usize = 4096;

/// The meat of Beck and Katz (1995), `Σ_t X_t'Σ̂ X_t`.
///
/// `entities` numbers the entities that occur from zero.
///
/// `Σ̂_ij = Σ_s û_is û_js / S`. Casewise the sum is over the `S` periods in which every entity is
/// observed; nothing as large as `Σ̂` is formed, because `X_t'Σ̂ X_t = Σ_s m_ts m_ts' / S` with
/// `m_ts = Σ_i x_it û_is`. Pairwise it is over the periods that two entities share.
pub(crate) fn meat(
    calendar: &Calendar,
    entities: &[u32],
    n_entities: usize,
    pairwise: bool,
    scores: &Scores<'_>,
) -> Result<(Array2<f64>, Option<Note>), Error> {
    let (width, n_periods) = (scores.width(), calendar.n_observed());
    let periods = calendar.codes();
    let x = scores.regressors();
    let x = |row: usize| &x[row * width..(row + 1) * width];
    // Residuals by period, then entity; a row that is not there is none.
    let mut row_of = vec![None; n_periods * n_entities];
    for (row, (&t, &i)) in periods.iter().zip(entities).enumerate() {
        row_of[t as usize * n_entities + i as usize] = Some(row);
    }
    let of_period = |t: usize| &row_of[t * n_entities..(t + 1) * n_entities];
    let complete: Vec<usize> =
        (0..n_periods).filter(|&t| of_period(t).iter().all(Option::is_some)).collect();
    let present = |t: usize| -> Vec<(usize, usize)> {
        of_period(t).iter().enumerate().filter_map(|(i, row)| Some((i, (*row)?))).collect()
    };

    if !pairwise {
        if complete.is_empty() {
            return Err(Error::NoCommonPeriod { n_entities });
        }
        let mut meat = Array2::zeros((width, width));
        let mut moments = vec![0.0; complete.len() * width];
        for t in 0..n_periods {
            moments.fill(0.0);
            for (i, row) in present(t) {
                for (moment, &s) in moments.chunks_exact_mut(width.max(1)).zip(&complete) {
                    let u = of_period(s)[i].map_or(0.0, |row| scores.residuals[row]);
                    moment.iter_mut().zip(x(row)).for_each(|(sum, x)| *sum += x * u);
                }
            }
            meat += &outer_products(&moments, width);
        }
        let note = (complete.len() < n_periods)
            .then_some(Note::CommonPeriods { common: complete.len(), n_periods });
        return Ok((meat / complete.len() as f64, note));
    }

    if n_entities > MOST_ENTITIES {
        return Err(Error::TooManyEntities { n_entities, most: MOST_ENTITIES });
    }
    let mut products = Array2::<f64>::zeros((n_entities, n_entities));
    let mut shared = Array2::<f64>::zeros((n_entities, n_entities));
    for t in 0..n_periods {
        let present = present(t);
        for &(i, row) in &present {
            for &(j, other) in &present {
                products[[i, j]] += scores.residuals[row] * scores.residuals[other];
                shared[[i, j]] += 1.0;
            }
        }
    }
    let mut meat = Array2::zeros((width, width));
    for t in 0..n_periods {
        let present = present(t);
        for &(i, row) in &present {
            // Σ_j σ_ij x_jt
            let mut sum = vec![0.0; width];
            for &(j, other) in &present {
                let covariance = products[[i, j]] / shared[[i, j]];
                sum.iter_mut().zip(x(other)).for_each(|(sum, x)| *sum += covariance * x);
            }
            for (a, x) in x(row).iter().enumerate() {
                for (b, sum) in sum.iter().enumerate() {
                    meat[[a, b]] += x * sum;
                }
            }
        }
    }
    Ok((meat, None))
}
