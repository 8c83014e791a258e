//! Numbers and years as yearbooks write them.

use crate::text::Dialect;

/// A number that stands as text.
pub(crate) struct Parsed {
    pub(crate) value: f64,
    /// Whether it is digits alone, so that its value should be exact.
    pub(crate) digits: bool,
}

/// Full-width digits, signs and points as ASCII; blanks of any width as spaces.
pub(crate) fn narrow(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{2212}' => '-',
        '\u{200B}' | '\u{FEFF}' => ' ',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    text.chars().map(narrow).collect::<String>().trim().to_owned()
}

fn digits(text: &str) -> bool {
    text.strip_prefix(['+', '-']).unwrap_or(text).bytes().all(|b| b.is_ascii_digit())
}

/// A number as a text file writes it.
pub(crate) fn of(dialect: Dialect, text: &str) -> Option<Parsed> {
    let plain = text.trim();
    dialect.number(plain).map(|value| Parsed { value, digits: digits(plain) })
}

/// A number, with separators of thousands if they stand at every third digit.
pub(crate) fn read(text: &str) -> Option<Parsed> {
    let plain = text.trim();
    let number = |text: &str| text.parse::<f64>().ok().filter(|x| !x.is_nan());
    if let Some(value) = number(plain) {
        return Some(Parsed { value, digits: digits(plain) });
    }
    let narrow = narrow(plain);
    let joined = [',', ' ', '\''].into_iter().find_map(|separator| join(&narrow, separator));
    let joined = joined.unwrap_or(narrow);
    // `inf` and `nan` in full width are words like any other.
    let starts = joined.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let value = number(&joined).filter(|_| starts)?;
    Some(Parsed { value, digits: digits(&joined) })
}

/// `12,345.6` without its separators.
fn join(text: &str, separator: char) -> Option<String> {
    let (sign, rest) = text.split_at(usize::from(text.starts_with(['+', '-'])));
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let groups: Vec<&str> = groups.collect();
    let fits = !groups.is_empty()
        && (1..=3).contains(&first.len())
        && all(first)
        && groups.iter().all(|group| group.len() == 3 && all(group))
        && all(fraction);
    let point = if rest.contains('.') { "." } else { "" };
    fits.then(|| format!("{sign}{}{point}{fraction}", whole.replace(separator, "")))
}

/// The years that a header may name.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2199;

/// `2022`, `2022年`, `2022年度`, `2022年末`, `2014 [YR2014]`.
pub(crate) fn year(text: &str) -> Option<i32> {
    let text = narrow(text);
    let (digits, rest) = text.split_at_checked(4)?;
    let year: i32 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
    let rest = rest.trim();
    let ends =
        ["", "年", "年度", "年末", "年底"].contains(&rest) || rest == format!("[YR{digits}]");
    (ends && YEARS.contains(&year)).then_some(year)
}

/// A header such as `gdp_2022`, `y2022`, `2022年` or `2022年 / 地区生产总值`: what and when.
pub(crate) fn stub(header: &str) -> Option<(String, i32)> {
    let header = narrow(header);
    if let Some(year) = year(&header) {
        return Some((String::new(), year));
    }
    if header.contains(JOINED) {
        let parts: Vec<&str> = header.split(JOINED).collect();
        let at = parts.iter().position(|part| year(part).is_some())?;
        let rest: Vec<&str> =
            (0..parts.len()).filter(|&part| part != at).map(|part| parts[part]).collect();
        return Some((rest.join(JOINED), year(parts[at])?));
    }
    let between = |c: char| c == ' ' || "_-.".contains(c);
    // The year comes last.
    let body = ["年度", "年末", "年底", "年"].iter().find_map(|end| header.strip_suffix(end));
    let body = body.unwrap_or(&header);
    if let Some((what, digits)) = body.len().checked_sub(4).and_then(|at| body.split_at_checked(at))
        && let Some(year) = year(digits)
        && !what.ends_with(|c: char| c.is_ascii_digit())
    {
        let what = what.trim_end_matches(between);
        let plain = ["y", "yr", "year", ""].iter().any(|word| what.eq_ignore_ascii_case(word));
        return Some((if plain { String::new() } else { what.to_owned() }, year));
    }
    // The year comes first.
    let (digits, rest) = header.split_at_checked(4)?;
    let year = year(digits)?;
    let apart = rest.starts_with('年') || rest.starts_with(between);
    let what = rest.trim_start_matches('年').trim_matches(between);
    // `2024.0` is a number.
    (apart && what.contains(char::is_alphabetic)).then(|| (what.to_owned(), year))
}

/// What stands between the lines of a header that has several.
pub(crate) const JOINED: &str = " / ";
