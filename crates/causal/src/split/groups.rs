//! Which row belongs to which group.

use estimate::Design;
use panel::{Factor, Name, Panel};

use super::{Cut, Groups};
use crate::Error;

/// The name of the grouping, and the group of every row of a design.
///
/// # Errors
///
/// [`Error::NoGroup`] for a row without a group, [`Error::SingleGroup`], [`Error::TiedEntities`].
pub fn assign(
    panel: &Panel,
    design: &Design<'_>,
    groups: &Groups,
) -> Result<(Name, Factor), Error> {
    let (name, factor) = match groups {
        Groups::Category(name) => {
            let factor = design.group(name)?.into_owned();
            if let Some(i) = factor.codes().iter().position(|&code| code == Factor::MISSING) {
                let (entity, period) = design.row_label(i);
                return Err(Error::NoGroup { by: name.clone(), entity, period });
            }
            (name.clone(), factor)
        }
        Groups::Quantiles { of, groups, cut } => {
            let entity = design.group(&panel.index().entity_name)?;
            let values = panel.values(of).map_err(estimate::Error::from)?;
            let (mut sums, mut sizes) =
                (vec![0.0; entity.n_levels()], vec![0.0; entity.n_levels()]);
            for (i, &code) in entity.codes().iter().enumerate() {
                let value = values[design.sample().row(i)];
                if !value.is_finite() {
                    let (entity, period) = design.row_label(i);
                    return Err(Error::NoGroup { by: of.to_string(), entity, period });
                }
                sums[code as usize] += value;
                sizes[code as usize] += 1.0;
            }
            let means: Vec<f64> = sums.iter().zip(&sizes).map(|(sum, size)| sum / size).collect();
            let group_of = quantile_groups(&means, *groups, *cut)
                .map_err(|value| Error::TiedEntities { of: of.clone(), value })?;
            let labels: Vec<String> = (1..=*groups).map(|g| format!("{g} of {groups}")).collect();
            let row = |&code: &u32| Some(labels[group_of[code as usize]].as_str());
            (format!("{groups} groups"), Factor::from_names(entity.codes().iter().map(row)))
        }
    };
    match factor.n_levels() {
        n @ ..2 => Err(Error::SingleGroup { by: name, n }),
        _ => Ok((name, factor)),
    }
}

/// The group of every value, from zero; a value that ties across a cut is an error by rank.
fn quantile_groups(values: &[f64], groups: usize, cut: Cut) -> Result<Vec<usize>, f64> {
    let m = values.len();
    let mut sorted: Vec<f64> = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match cut {
        Cut::Xtile => {
            let bound = |j: usize| {
                let p = m * j;
                if p.is_multiple_of(groups) {
                    0.5 * (sorted[p / groups - 1] + sorted[(p / groups).min(m - 1)])
                } else {
                    sorted[p / groups]
                }
            };
            let bounds: Vec<f64> =
                if m < groups { sorted.clone() } else { (1..groups).map(bound).collect() };
            Ok(values.iter().map(|v| bounds.iter().filter(|bound| v > bound).count()).collect())
        }
        Cut::Rank => {
            let group = |rank: usize| rank * groups / m;
            if let Some(r) = (1..m)
                .find(|&r| group(r) != group(r - 1) && sorted[r].total_cmp(&sorted[r - 1]).is_eq())
            {
                return Err(sorted[r]);
            }
            let rank = |v: &f64| sorted.partition_point(|other| other.total_cmp(v).is_lt());
            Ok(values.iter().map(|v| group(rank(v))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_units_make_three_tens() {
        let values: Vec<f64> = (0..30).map(|i| f64::from(i * 7 % 30)).collect();
        for cut in [Cut::Xtile, Cut::Rank] {
            let groups = quantile_groups(&values, 3, cut).unwrap();
            for (v, g) in values.iter().zip(&groups) {
                let tens = [10.0, 20.0].iter().filter(|from| v >= from).count();
                assert_eq!(*g, tens, "{cut}: {v}");
            }
        }
    }

    #[test]
    fn xtile_puts_ties_low_and_rank_refuses_them() {
        let values = [1.0, 2.0, 2.0, 3.0];
        assert_eq!(quantile_groups(&values, 2, Cut::Xtile), Ok(vec![0, 0, 0, 1]));
        assert_eq!(quantile_groups(&values, 2, Cut::Rank), Err(2.0));
        // 31 values in three: the percentile of P = 31/3 is the eleventh value.
        let values: Vec<f64> = (1..=31).map(f64::from).collect();
        let groups = quantile_groups(&values, 3, Cut::Xtile).unwrap();
        assert_eq!(
            (0..3).map(|g| groups.iter().filter(|&&x| x == g).count()).collect::<Vec<_>>(),
            [11, 10, 10]
        );
    }
}
