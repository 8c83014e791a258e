//! The characters that typesetters put for the same thing: ASCII, typographic, full-width.

/// An ASCII or a full-width digit.
pub(crate) fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | '０'..='９')
}

/// A sign in front of a number: hyphen, minus sign, en dash, plus, and their full-width forms.
pub(crate) fn is_sign(c: char) -> bool {
    is_minus(c) || matches!(c, '+' | '＋')
}

pub(crate) fn is_minus(c: char) -> bool {
    matches!(c, '-' | '−' | '–' | '－')
}

pub(crate) fn is_point(c: char) -> bool {
    matches!(c, '.' | '．')
}

pub(crate) fn is_comma(c: char) -> bool {
    matches!(c, ',' | '，')
}

pub(crate) fn is_percent(c: char) -> bool {
    matches!(c, '%' | '％')
}

/// The ASCII form of a digit.
pub(crate) fn narrow(digit: char) -> char {
    "０１２３４５６７８９"
        .chars()
        .zip('0'..='9')
        .find(|&(wide, _)| wide == digit)
        .map_or(digit, |(_, ascii)| ascii)
}

/// The full-width form of an ASCII digit, if wanted.
pub(crate) fn widen(digit: char, wide: bool) -> char {
    ('０'..='９').find(|&c| wide && narrow(c) == digit).unwrap_or(digit)
}

/// The asterisk and the glyphs that typesetters use for it.
pub(crate) fn is_star(c: char) -> bool {
    matches!(c, '*' | '∗' | '＊' | '⁎')
}
