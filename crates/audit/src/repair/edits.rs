//! The edits that people make, on the text of a cell.

use published::{Number, Uncertainty, stars_for};

use crate::facts::Facts;
use crate::reading;
use crate::sheet::{Entry, Quantity, Sheet, Slot};
use crate::{Edit, Interval};

/// What becomes of a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) entry: usize,
    estimate: Quantity,
    uncertainty: Option<Quantity>,
    stars: u8,
}

impl Change {
    fn of(at: usize, entry: &Entry<'_>) -> Self {
        let &Entry { estimate, uncertainty, stars, .. } = entry;
        Self { entry: at, estimate, uncertainty, stars }
    }

    pub(super) fn apply(&self, sheet: &mut Sheet<'_>) {
        let entry = &mut sheet.entries[self.entry];
        entry.estimate = self.estimate;
        entry.uncertainty = self.uncertainty;
        entry.stars = self.stars;
    }
}

/// An edit that may be tried.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) edit: Edit,
    pub(super) changes: Vec<Change>,
    pub(super) slot: Slot,
    pub(super) with: Option<Slot>,
    pub(super) from: String,
    pub(super) to: String,
}

/// What edits depend on besides the cell.
pub(super) struct Setting {
    /// Whether the brackets of an entry hold a statistic with the sign of the estimate.
    signed: Vec<bool>,
    /// The most stars of an entry's legend; 0 if it has none.
    stars: Vec<u8>,
    /// The stars of its t statistic by the distribution of the column's others.
    earned: Vec<Option<u8>>,
}

impl Setting {
    pub(super) fn new(facts: &Facts<'_>, sheet: &Sheet<'_>) -> Self {
        let count = sheet.entries.len();
        let mut setting =
            Self { signed: vec![false; count], stars: vec![3; count], earned: vec![None; count] };
        for column in &facts.columns {
            let signed = matches!(column.reading.brackets, Some(Uncertainty::T | Uncertainty::Z));
            for entry in column.estimates() {
                setting.signed[entry] = signed;
                setting.earned[entry] = column.reading.brackets.and_then(|holds| {
                    let t = reading::t(&sheet.entries[entry], holds)?.middle();
                    let df = column.reading.degrees.map_or(f64::INFINITY, Interval::hi);
                    t.is_finite().then(|| stars_for(reading::tail(t, df), column.legend))
                });
                setting.stars[entry] = u8::try_from(column.legend.len()).unwrap_or(3);
            }
        }
        setting
    }

    /// Every edit of some entries.
    pub(super) fn edits(&self, entries: &[usize], sheet: &Sheet<'_>) -> Vec<Candidate> {
        let mut all = Vec::new();
        for &at in entries {
            self.signs(at, sheet, &mut all);
            numbers(at, sheet, &mut all);
            self.stars(at, sheet, &mut all);
            brackets(at, sheet, &mut all);
            swaps(at, entries, sheet, &mut all);
        }
        all
    }

    fn signs(&self, at: usize, sheet: &Sheet<'_>, all: &mut Vec<Candidate>) {
        let entry = &sheet.entries[at];
        let flip = |change: &mut Change, part: [bool; 2]| {
            if part[0] {
                change.estimate = change.estimate.negated();
            }
            if part[1] {
                change.uncertainty = change.uncertainty.map(Quantity::negated);
            }
        };
        let both = self.signed[at] && entry.bracket.is_some();
        let negative = entry.uncertainty.is_some_and(|it| it.value < 0.0);
        let parts: &[[bool; 2]] = match (both, negative) {
            (true, _) => &[[true, true], [true, false], [false, true]],
            (false, true) => &[[true, false], [false, true]],
            (false, false) => &[[true, false]],
        };
        for &part in parts {
            let mut change = Change::of(at, entry);
            flip(&mut change, part);
            let of = |flipped: bool, number: &Number| {
                if flipped { negated(number.as_str()) } else { number.as_str().to_owned() }
            };
            let estimate = of(part[0], entry.number);
            let (slot, from, to) = match (part, entry.bracket) {
                ([true, true], Some(bracket)) => {
                    let to = cell(&estimate, entry.stars, Some(&of(true, bracket)));
                    (Slot::estimate(at), entry.text, to)
                }
                ([false, true], Some(bracket)) => {
                    (Slot::uncertainty(at), bracket.as_str(), of(true, bracket))
                }
                _ => (Slot::estimate(at), entry.number.as_str(), estimate),
            };
            all.push(candidate(Edit::Sign, change, slot, from, to));
        }
    }

    fn stars(&self, at: usize, sheet: &Sheet<'_>, all: &mut Vec<Candidate>) {
        let entry = &sheet.entries[at];
        if entry.bracket.is_none() && entry.stars == 0 {
            return;
        }
        // First what the t statistic earns, then the nearest to it.
        let earned = self.earned[at].unwrap_or(entry.stars);
        let mut others: Vec<u8> = (0..=self.stars[at]).filter(|&it| it != entry.stars).collect();
        others.sort_by_key(|it| it.abs_diff(earned));
        for stars in others {
            let change = Change { stars, ..Change::of(at, entry) };
            let text = |stars: u8| "*".repeat(usize::from(stars));
            let from = text(entry.stars);
            all.push(candidate(Edit::Star, change, Slot::stars(at), &from, text(stars)));
        }
    }
}

/// Digits and points of both numbers of a cell.
fn numbers(at: usize, sheet: &Sheet<'_>, all: &mut Vec<Candidate>) {
    let entry = &sheet.entries[at];
    for (number, slot) in
        [(Some(entry.number), Slot::estimate(at)), (entry.bracket, Slot::uncertainty(at))]
    {
        let Some(number) = number else { continue };
        let mut push = |edit: Edit, text: String| {
            if let Ok(new) = text.parse::<Number>() {
                let quantity = Quantity::from(&new);
                let mut change = Change::of(at, entry);
                match slot.part {
                    crate::Part::Estimate => change.estimate = quantity,
                    _ => change.uncertainty = Some(quantity),
                }
                all.push(candidate(edit, change, slot, number.as_str(), text));
            }
        };
        for text in digits(number.as_str()) {
            push(Edit::Digit, text);
        }
        for text in points(number.as_str()) {
            push(Edit::Point, text);
        }
    }
}

fn brackets(at: usize, sheet: &Sheet<'_>, all: &mut Vec<Candidate>) {
    let entry = &sheet.entries[at];
    if let (Some(bracket), Some(uncertainty)) = (entry.bracket, entry.uncertainty) {
        let mut change = Change::of(at, entry);
        (change.estimate, change.uncertainty) = (uncertainty, Some(entry.estimate));
        let to = cell(bracket.as_str(), entry.stars, Some(entry.number.as_str()));
        all.push(candidate(Edit::Brackets, change, Slot::estimate(at), entry.text, to));
    }
}

/// Swaps with the cells above, below, left and right; one of two within the equation is enough.
fn swaps(at: usize, entries: &[usize], sheet: &Sheet<'_>, all: &mut Vec<Candidate>) {
    let entry = &sheet.entries[at];
    let Some([table, row, column]) = entry.place else { return };
    let places = [
        (Some(row), column.checked_add(1)),
        (row.checked_add(1), Some(column)),
        (Some(row), column.checked_sub(1)),
        (row.checked_sub(1), Some(column)),
    ];
    for (i, j) in places {
        let (Some(i), Some(j)) = (i, j) else { continue };
        let Some(other) = sheet.at(table, i, j) else { continue };
        if other < at && entries.contains(&other) {
            continue;
        }
        let neighbour = &sheet.entries[other];
        if neighbour.text == entry.text {
            continue;
        }
        let moved = Change { entry: at, ..Change::of(other, neighbour) };
        let back = Change { entry: other, ..Change::of(at, entry) };
        all.push(Candidate {
            edit: Edit::Swap,
            changes: vec![moved, back],
            slot: Slot::estimate(at),
            with: Some(Slot::estimate(other)),
            from: entry.text.to_owned(),
            to: neighbour.text.to_owned(),
        });
    }
}

fn candidate(edit: Edit, change: Change, slot: Slot, from: &str, to: String) -> Candidate {
    Candidate { edit, changes: vec![change], slot, with: None, from: from.to_owned(), to }
}

/// A cell as it would be printed.
fn cell(estimate: &str, stars: u8, bracket: Option<&str>) -> String {
    let stars = "*".repeat(usize::from(stars));
    match bracket {
        Some(bracket) => format!("{estimate}{stars} ({bracket})"),
        None => format!("{estimate}{stars}"),
    }
}

/// A number with the other sign.
fn negated(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some('-' | '−' | '–' | '－') => rest.collect(),
        Some('+' | '＋') => format!("-{}", rest.as_str()),
        _ => format!("-{text}"),
    }
}

/// A number with one digit another; digits of an exponent stay.
fn digits(text: &str) -> impl Iterator<Item = String> + '_ {
    let mantissa = text.find(['e', 'E']).unwrap_or(text.len());
    let places = text[..mantissa].char_indices().filter(|(_, it)| it.is_ascii_digit());
    places.flat_map(move |(at, old)| {
        ('0'..='9').filter(move |&it| it != old).map(move |new| {
            let mut edited = text.to_owned();
            edited.replace_range(at..=at, new.encode_utf8(&mut [0; 4]));
            edited
        })
    })
}

/// A number with its point one or two places further left or right.
fn points(text: &str) -> Vec<String> {
    let sign = text.starts_with(['-', '−', '–']);
    let body: String = text.chars().filter(|it| it.is_ascii_digit() || *it == '.').collect();
    let known = text.chars().all(|it| it.is_ascii_digit() || ".,-−–".contains(it));
    if !known || body.is_empty() {
        return Vec::new();
    }
    let decimals = body.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let digits: String = body.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Vec::new();
    }
    let moved = |decimals: usize| {
        let padded = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = padded.split_at(padded.len() - decimals);
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{}{whole}{point}{fraction}", if sign { "-" } else { "" })
    };
    let left = [1, 2].map(|by| Some(decimals + by));
    let right = [1, 2].map(|by| decimals.checked_sub(by));
    let mut all: Vec<String> = left.into_iter().chain(right).flatten().map(moved).collect();
    // Where there are no decimals to give, zeros are added.
    for by in (decimals + 1)..=2 {
        all.push(format!("{}{digits}{}", if sign { "-" } else { "" }, "0".repeat(by - decimals)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{digits, negated, points};

    #[test]
    fn points_move_two_places_either_way() {
        assert_eq!(points("0.418"), ["0.0418", "0.00418", "4.18", "41.8"]);
        assert_eq!(points("-2.64"), ["-0.264", "-0.0264", "-26.4", "-264"]);
        assert_eq!(points("270"), ["27.0", "2.70", "2700", "27000"]);
        assert_eq!(points("1,234.5"), ["123.45", "12.345", "12345", "123450"]);
        assert_eq!(points("0.000"), [""; 0]);
        assert_eq!(points("4.42e-10"), [""; 0]);
    }

    #[test]
    fn every_digit_becomes_nine_others() {
        let all: Vec<String> = digits("-2.6").collect();
        assert_eq!(all.len(), 18);
        assert!(all.contains(&"-0.6".to_owned()) && all.contains(&"-2.0".to_owned()));
        assert_eq!(digits("4e-10").count(), 9);
    }

    #[test]
    fn a_sign_flips_twice_to_itself() {
        assert_eq!(negated("0.418"), "-0.418");
        assert_eq!(negated("−2.64"), "2.64");
        assert_eq!(negated("+1"), "-1");
    }
}
