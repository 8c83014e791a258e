//! Numbers in explanations.

use crate::Interval;
use crate::Part;
use crate::sheet::{Sheet, Slot};

/// A number to five significant digits, without zeros that say nothing.
pub(crate) fn short(x: f64) -> String {
    if x.abs() < 1e-300 {
        return "0".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "∞".to_owned() } else { "−∞".to_owned() };
    }
    let size = x.abs().log10().floor();
    if !(-5.0..9.0).contains(&size) {
        return format!("{x:.4e}");
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 9")]
    let decimals = (4.0 - size).max(0.0) as usize;
    let text = format!("{x:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// An interval, its ends to five digits.
pub(crate) fn range(it: Interval) -> String {
    format!("[{}, {}]", short(it.lo()), short(it.hi()))
}

/// A number as printed.
pub(crate) fn printed<'s>(sheet: &'s Sheet<'_>, slot: Slot) -> &'s str {
    let entry = &sheet.entries[slot.entry];
    match slot.part {
        Part::Estimate => entry.number.as_str(),
        Part::Uncertainty => entry.bracket.map_or("", published::Number::as_str),
        Part::Stars => &"****"[..usize::from(entry.stars.min(4))],
    }
}

/// A column and a row, as `4/(4)/Fis`.
pub(crate) fn place(sheet: &Sheet<'_>, entry: usize) -> String {
    let it = &sheet.entries[entry];
    format!("{}/{}/{}", it.table, it.column, it.row)
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn five_digits_are_shown() {
        for (x, shown) in [
            (0.0, "0"),
            (0.104_785, "0.10479"),
            (372.0, "372"),
            (-3.25, "-3.25"),
            (19193.25, "19193"),
            (-0.000_002_83, "-2.8300e-6"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(short(x), shown);
        }
    }
}
