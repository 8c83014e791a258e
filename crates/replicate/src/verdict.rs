//! A printed cell against ours: at the precision at which it was printed, and no other.

use published::{Number, Printed, stars_for};
use report::replication::{ComparedCell, Part, PartKind, Tier, Verdict};

use crate::deviation::Deviations;
use crate::ours::{Numbers, Ours};

/// Takes a printed cell apart and judges each part.
pub(crate) fn judge(
    address: [&str; 3],
    printed: &Printed,
    ours: &Ours,
    thresholds: &[f64],
    deviations: &mut Deviations,
) -> ComparedCell {
    let mut cell = ComparedCell { printed: printed.to_string(), parts: Vec::new() };
    let Some(estimate) = printed.estimate() else {
        if let (Printed::Text(printed), Ours::Words(words)) = (printed, ours) {
            let agrees = printed == words;
            let (verdict, because) = deviations.judge(address, PartKind::Words, agrees, None);
            let (printed, ours) = (printed.clone(), Some(words.clone()));
            let (part, interval, exact, tier) = (PartKind::Words, None, None, None);
            cell.parts.push(Part { part, printed, interval, ours, exact, verdict, tier, because });
        }
        return cell;
    };
    let starred = match ours {
        // Stars that nothing of ours could earn are off.
        Ours::Numbers(Numbers { p_value, .. }) => {
            !thresholds.is_empty() && (p_value.is_some() || estimate.stars() > 0)
        }
        _ => estimate.stars() > 0,
    };
    let mut number = |kind: PartKind,
                      number: &Number,
                      ours: &Ours,
                      pick: fn(&Numbers) -> Option<f64>| {
        let exact = match ours {
            Ours::Numbers(numbers) => pick(numbers).filter(|x| x.is_finite()),
            _ => None,
        };
        let interval = number.interval();
        let agrees = exact.is_some_and(|x| interval.contains(x));
        let shown = exact.and_then(|x| number.format(x));
        let verdict = verdict(address, kind, ours, exact, agrees, deviations);
        part(kind, number.as_str(), Some([interval.lo, interval.hi]), shown, exact, verdict, ours)
    };
    cell.parts.push(number(PartKind::Value, estimate.number(), ours, |n| Some(n.value)));
    let brackets = estimate
        .uncertainty()
        .map(|uncertainty| number(PartKind::Uncertainty, uncertainty, ours, |n| n.uncertainty));
    if starred {
        let p_value = match ours {
            Ours::Numbers(numbers) => numbers.p_value,
            _ => None,
        };
        let count = p_value.map(|p| stars_for(p, thresholds));
        let agrees = count == Some(estimate.stars());
        let shown = count.map(|count| "*".repeat(usize::from(count)));
        let printed = "*".repeat(usize::from(estimate.stars()));
        let kind = PartKind::Stars;
        let verdict = verdict(address, kind, ours, p_value, agrees, deviations);
        cell.parts.push(part(kind, &printed, None, shown, p_value, verdict, ours));
    }
    cell.parts.extend(brackets);
    cell
}

fn verdict(
    address: [&str; 3],
    kind: PartKind,
    ours: &Ours,
    exact: Option<f64>,
    agrees: bool,
    deviations: &mut Deviations,
) -> (Verdict, Option<String>) {
    match ours {
        Ours::None(why) => (Verdict::NotComputed, Some(why.clone())),
        Ours::Numbers(_) | Ours::Words(_) if exact.is_none() => {
            let (verdict, because) = deviations.judge(address, kind, false, None);
            (verdict, because.or_else(|| Some("ours is not a number".to_owned())))
        }
        Ours::Numbers(_) | Ours::Words(_) => deviations.judge(address, kind, agrees, exact),
        Ours::Failed(why) => {
            let (verdict, because) = deviations.judge(address, kind, false, None);
            (verdict, because.or_else(|| Some(why.clone())))
        }
    }
}

fn part(
    part: PartKind,
    printed: &str,
    interval: Option<[f64; 2]>,
    shown: Option<String>,
    exact: Option<f64>,
    (verdict, because): (Verdict, Option<String>),
    ours: &Ours,
) -> Part {
    let tier = match ours {
        Ours::Numbers(numbers) if exact.is_some() => Some(match numbers.tier {
            ingest::Tier::Real => Tier::Real,
            ingest::Tier::Reconstructed => Tier::Reconstructed,
        }),
        _ => None,
    };
    Part { part, printed: printed.to_owned(), interval, ours: shown, exact, verdict, tier, because }
}
