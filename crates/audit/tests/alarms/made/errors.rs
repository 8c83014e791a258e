//! One error in a paper that is right: the slips of typing, and two of thought.

use testkit::Stream;

use super::paper::{Cell, Paper};

/// A kind of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The sign of an estimate, and of its t statistic if that is what the brackets hold.
    Sign,
    /// One digit of an estimate or of what stands in brackets.
    Digit,
    /// The decimal point of an estimate or of what stands in brackets, by one place.
    Point,
    /// Two neighbouring cells, with all that is in them.
    Swap,
    /// A star more or less.
    Star,
    /// One digit of the number of observations.
    N,
    /// The indirect effect as a coefficient less the direct effect, though the outcomes differ.
    Indirect,
    /// One digit of a weight.
    Weights,
}

pub const KINDS: [Kind; 8] = [
    Kind::Sign,
    Kind::Digit,
    Kind::Point,
    Kind::Swap,
    Kind::Star,
    Kind::N,
    Kind::Indirect,
    Kind::Weights,
];

/// What was changed: the part's path, and what stood there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// `table/column/row/part`.
    pub path: String,
    /// The other cell of a swap.
    pub with: Option<String>,
    /// The number, or the cell, as it was.
    pub was: String,
    pub is: String,
}

/// The paper with one error of a kind; none if it has no place for it.
pub fn slip(paper: &Paper, kind: Kind, stream: &mut Stream) -> Option<(Paper, Slip)> {
    let mut wrong = paper.clone();
    let slip = match kind {
        Kind::Sign | Kind::Digit | Kind::Point | Kind::Star => cell(&mut wrong, kind, stream),
        Kind::Swap => swap(&mut wrong, stream),
        Kind::N => observations(&mut wrong, stream),
        Kind::Indirect => indirect(&mut wrong),
        Kind::Weights => weight(&mut wrong, stream),
    }?;
    (wrong.toml() != paper.toml()).then_some((wrong, slip))
}

fn chosen<T>(from: Vec<T>, stream: &mut Stream) -> Option<T> {
    let at = (!from.is_empty()).then(|| stream.below(from.len()))?;
    from.into_iter().nth(at)
}

/// Table, row and column of every printed coefficient.
fn coefficients(paper: &Paper) -> Vec<[usize; 3]> {
    let mut places = Vec::new();
    for (t, table) in paper.tables.iter().enumerate() {
        for (r, row) in table.rows.iter().enumerate().filter(|(_, row)| row.slopes) {
            for (c, cell) in row.cells.iter().enumerate() {
                if matches!(cell, Cell::Number { .. }) {
                    places.push([t, r, c]);
                }
            }
        }
    }
    places
}

fn path(paper: &Paper, [t, r, c]: [usize; 3], part: &str) -> String {
    let table = &paper.tables[t];
    format!("{}/{}/{}/{part}", table.id, table.headers()[c], table.rows[r].label())
}

fn cell(paper: &mut Paper, kind: Kind, stream: &mut Stream) -> Option<Slip> {
    let at = chosen(coefficients(paper), stream)?;
    let ratio = paper.tables[at[0]].signed();
    let levels = paper.tables[at[0]].stars.len();
    let place = |part: &str| path(paper, at, part);
    let (of_estimate, of_bracket, of_stars) =
        (place("estimate"), place("uncertainty"), place("stars"));
    let Cell::Number { estimate, stars, uncertainty } =
        &mut paper.tables[at[0]].rows[at[1]].cells[at[2]]
    else {
        return None;
    };
    let was = estimate.clone();
    match kind {
        Kind::Sign => {
            *estimate = flipped(estimate);
            if let Some(inside) = uncertainty.as_mut().filter(|_| ratio) {
                *inside = flipped(inside);
            }
            Some(Slip { path: of_estimate, with: None, was, is: estimate.clone() })
        }
        Kind::Star => {
            let was = *stars;
            let up = stream.below(2) == 0;
            *stars = if (up && was < levels) || was == 0 { was + 1 } else { was - 1 };
            if levels == 0 || *stars > levels {
                return None;
            }
            let [was, is] = [was, *stars].map(|stars| "*".repeat(stars));
            Some(Slip { path: of_stars, with: None, was, is })
        }
        _ => {
            let (text, path) = match uncertainty {
                Some(inside) if stream.below(5) < 2 => (inside, of_bracket),
                _ => (estimate, of_estimate),
            };
            let was = text.clone();
            *text = if kind == Kind::Digit { digit(&was, stream)? } else { point(&was, stream)? };
            Some(Slip { path, with: None, was, is: text.clone() })
        }
    }
}

fn flipped(text: &str) -> String {
    match text.strip_prefix(['-', '−']) {
        Some(rest) => rest.to_owned(),
        None => format!("-{text}"),
    }
}

/// Another digit in the place of one.
fn digit(text: &str, stream: &mut Stream) -> Option<String> {
    let end = text.find('e').unwrap_or(text.len());
    let places: Vec<usize> =
        text[..end].char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
    let first = *places.first()?;
    // A number does not begin with a zero that is not before the point.
    let whole = text[first..end].chars().take_while(|c| *c != '.').count();
    let at = places[stream.below(places.len())];
    let old = text.as_bytes()[at];
    let new = b'0' + u8::try_from(stream.below(10)).ok()?;
    let leads = at == first && whole > 1;
    (new != old && !(leads && new == b'0'))
        .then(|| format!("{}{}{}", &text[..at], char::from(new), &text[at + 1..]))
}

/// The decimal point one place to the left or to the right.
fn point(text: &str, stream: &mut Stream) -> Option<String> {
    if text.contains(['e', ',', '%']) {
        return None;
    }
    let negative = text.starts_with(['-', '−']);
    let sign: String = text.chars().take(usize::from(negative)).collect();
    let (whole, fraction) = text[sign.len()..].split_once('.')?;
    let digits = format!("{whole}{fraction}");
    let left = stream.below(2) == 0;
    let at = if left { whole.len().checked_sub(1)? } else { whole.len() + 1 };
    if at > digits.len() {
        return None;
    }
    let (whole, fraction) = digits.split_at(at);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

fn swap(paper: &mut Paper, stream: &mut Stream) -> Option<Slip> {
    let places = coefficients(paper);
    let [t, r, c] = chosen(places.clone(), stream)?;
    let other = if stream.below(2) == 0 { [t, r, c + 1] } else { [t, r + 1, c] };
    if !places.contains(&other) {
        return None;
    }
    let (one_path, other_path) =
        (path(paper, [t, r, c], "estimate"), path(paper, other, "estimate"));
    let rows = &mut paper.tables[t].rows;
    let (one, two) = (rows[r].cells[c].clone(), rows[other[1]].cells[other[2]].clone());
    rows[r].cells[c] = two.clone();
    rows[other[1]].cells[other[2]] = one.clone();
    Some(Slip { path: one_path, with: Some(other_path), was: one.text(), is: two.text() })
}

fn observations(paper: &mut Paper, stream: &mut Stream) -> Option<Slip> {
    let mut places = Vec::new();
    for (t, table) in
        paper.tables.iter().enumerate().filter(|(_, table)| table.kind == "regression")
    {
        for (r, row) in table.rows.iter().enumerate() {
            let label = row.label();
            if label == "N" || label.starts_with("Obs") || label == "Number of observations" {
                places.extend((0..row.cells.len()).map(|c| [t, r, c]));
            }
        }
    }
    let at = chosen(places, stream)?;
    let place = path(paper, at, "estimate");
    let Cell::Number { estimate, .. } = &mut paper.tables[at[0]].rows[at[1]].cells[at[2]] else {
        return None;
    };
    let was = estimate.clone();
    *estimate = digit(&was, stream)?;
    Some(Slip { path: place, with: None, was, is: estimate.clone() })
}

/// The indirect effect as the treatment's effect on the mediator less the direct effect.
fn indirect(paper: &mut Paper) -> Option<Slip> {
    let table = paper.tables.iter_mut().find(|table| table.effects.is_some())?;
    let mediation =
        paper.mediations.iter().find(|it| it.second.starts_with(&format!("{}/", table.id)))?;
    let number = |text: &str| text.replace('−', "-").replace(',', "").parse::<f64>().ok();
    let column = mediation.first.split_once('/')?.1;
    let at = table.headers().iter().position(|header| header == column)?;
    let Cell::Number { estimate: a, .. } = table.rows.first()?.cells.get(at)?.clone() else {
        return None;
    };
    let id = table.id.clone();
    let [_, direct, indirect] = table.effects.as_mut()?;
    let decimals = a.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let was = indirect.clone();
    *indirect = format!("{:.decimals$}", number(&a)? - number(direct)?);
    Some(Slip {
        path: format!("{id}/effects/indirect/estimate"),
        with: None,
        was,
        is: indirect.clone(),
    })
}

fn weight(paper: &mut Paper, stream: &mut Stream) -> Option<Slip> {
    let t = paper.tables.iter().position(|table| table.kind == "weights")?;
    let table = &paper.tables[t];
    let (r, c) = (stream.below(table.rows.len()), table.headers().len() - 1);
    let place = path(paper, [t, r, c], "estimate");
    let Cell::Number { estimate, .. } = &mut paper.tables[t].rows[r].cells[c] else { return None };
    let was = estimate.clone();
    *estimate = digit(&was, stream)?;
    Some(Slip { path: place, with: None, was, is: estimate.clone() })
}
