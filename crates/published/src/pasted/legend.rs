//! What the lines around a table say of its brackets and stars.

use crate::{Bracket, Uncertainty, glyph::is_star};

/// What the brackets hold, if a line says so: `Standard errors in parentheses`.
///
/// A line that speaks of two kinds of brackets gives each the words that stand nearest to it;
/// `used` says which of them the table has.
pub(super) fn uncertainty(lines: &[String], used: Option<Bracket>) -> Option<Uncertainty> {
    let mut found: Vec<(Option<Bracket>, Uncertainty)> = Vec::new();
    for line in lines {
        let line = line.to_lowercase();
        let kinds = places(&line, KINDS);
        for (at, end, bracket) in places(&line, BRACKETS) {
            // Words of another clause are further away than any of this one.
            let away = |&(from, to, _): &(usize, usize, Uncertainty)| {
                let between = if from >= end { &line[end..from] } else { &line[to.min(at)..at] };
                let clauses = between.matches([',', ';', '，', '；', '。', '、']).count();
                clauses * line.len() + between.len()
            };
            if let Some((_, _, kind)) = kinds.iter().min_by_key(|place| away(place)) {
                found.push((bracket, *kind));
            }
        }
    }
    let agreed = |mut kinds: Vec<Uncertainty>| {
        kinds.dedup();
        if let [only] = kinds.as_slice() { Some(*only) } else { None }
    };
    // Some say "brackets" for round ones: what all lines agree on needs no shape.
    agreed(found.iter().map(|(_, kind)| *kind).collect()).or_else(|| {
        let shaped = found.iter().filter(|(bracket, _)| bracket.is_some() && *bracket == used);
        agreed(shaped.map(|(_, kind)| *kind).collect())
    })
}

const KINDS: &[(&str, Uncertainty)] = &[
    ("standard error", Uncertainty::StandardError),
    ("std. err", Uncertainty::StandardError),
    ("std err", Uncertainty::StandardError),
    ("s.e.", Uncertainty::StandardError),
    ("标准误", Uncertainty::StandardError),
    ("t statistic", Uncertainty::T),
    ("t-statistic", Uncertainty::T),
    ("t-stat", Uncertainty::T),
    ("t stat", Uncertainty::T),
    ("t value", Uncertainty::T),
    ("t-value", Uncertainty::T),
    ("t ratio", Uncertainty::T),
    ("t-ratio", Uncertainty::T),
    ("t值", Uncertainty::T),
    ("t 值", Uncertainty::T),
    ("t统计量", Uncertainty::T),
    ("t 统计量", Uncertainty::T),
    ("z statistic", Uncertainty::Z),
    ("z-statistic", Uncertainty::Z),
    ("z-stat", Uncertainty::Z),
    ("z value", Uncertainty::Z),
    ("z-value", Uncertainty::Z),
    ("z值", Uncertainty::Z),
    ("z 值", Uncertainty::Z),
    ("p value", Uncertainty::P),
    ("p-value", Uncertainty::P),
    ("p值", Uncertainty::P),
    ("p 值", Uncertainty::P),
];

const BRACKETS: &[(&str, Option<Bracket>)] = &[
    ("parenthes", Some(Bracket::Round)),
    ("square bracket", Some(Bracket::Square)),
    ("bracket", Some(Bracket::Square)),
    ("brace", Some(Bracket::Curly)),
    ("方括号", Some(Bracket::Square)),
    ("圆括号", Some(Bracket::Round)),
    ("括号", None),
    ("括弧", None),
];

/// Where some words stand in a text: from, to and what they mean; of two at one place, the first.
fn places<T: Copy>(text: &str, words: &[(&str, T)]) -> Vec<(usize, usize, T)> {
    let mut found: Vec<(usize, usize, T)> = Vec::new();
    for (word, means) in words {
        for (at, _) in text.match_indices(word) {
            let end = at + word.len();
            let inside = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
            let taken = found.iter().any(|&(from, to, _)| at < to && from < end);
            if !taken && !inside {
                found.push((at, end, *means));
            }
        }
    }
    found
}

/// Why stars do not come from two-sided tests by what the brackets hold, if a line says so.
pub(super) fn other(lines: &[String]) -> Option<&'static str> {
    let says = |words: &[&str]| {
        let mut lines = lines.iter().map(|line| line.to_lowercase());
        lines.any(|line| words.iter().any(|word| line.contains(word)))
    };
    let one_sided = ["one-sided", "one sided", "one-tailed", "one tailed", "单侧", "单尾"];
    let bootstrap = [
        "bootstrap p",
        "bootstrapped p",
        "wild bootstrap",
        "wild cluster bootstrap",
        "randomization inference",
    ];
    let standardised = [
        "standardized beta",
        "standardised beta",
        "standardized coefficient",
        "standardised coefficient",
        "标准化系数",
    ];
    let ratios = [
        "exponentiated",
        "odds ratio",
        "hazard ratio",
        "incidence rate ratio",
        "incidence-rate ratio",
    ];
    if says(&one_sided) {
        Some("a line speaks of one-sided tests")
    } else if says(&bootstrap) {
        Some("a line speaks of p values by a bootstrap")
    } else if says(&standardised) {
        Some("the estimates are standardised, and brackets are often of those that are not")
    } else if says(&ratios) {
        Some("the estimates are exponentiated, and tests are of their logarithms")
    } else {
        None
    }
}

/// What a legend says of stars.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Legend {
    /// No line speaks of stars.
    None,
    /// A line does, in a way that is not understood.
    Unclear(String),
    /// The probabilities below which one star, two stars, … are printed.
    Levels(Vec<f64>),
}

/// The star legend: `*** p<0.01, ** p<0.05, * p<0.1` in any order and wording, also
/// `***, ** and * denote significance at the 1%, 5% and 10% levels`.
pub(super) fn stars(lines: &[String]) -> Legend {
    let speaks = |line: &&String| line.chars().any(is_star) && line.contains(is_digit);
    let text = lines.iter().filter(speaks).map(|line| without_bullet(line)).collect::<Vec<_>>();
    let text = text.join(" ; ");
    let tokens = tokens(&text);
    let counts: Vec<usize> = tokens
        .iter()
        .filter_map(|token| if let Token::Stars(n) = token { Some(*n) } else { None })
        .collect();
    if counts.is_empty() {
        return Legend::None;
    }
    let after = tokens.windows(2).filter_map(|pair| match pair {
        [Token::Stars(n), Token::Level(p)] => Some((*n, *p)),
        _ => None,
    });
    let before = tokens.windows(2).filter_map(|pair| match pair {
        [Token::Level(p), Token::Stars(n)] => Some((*n, *p)),
        _ => None,
    });
    let levels =
        tokens.iter().filter_map(|token| if let Token::Level(p) = token { Some(*p) } else { None });
    let listed = counts.iter().copied().zip(levels);
    [after.collect::<Vec<_>>(), before.collect(), listed.collect()]
        .into_iter()
        .find_map(|pairs| falling(&pairs, &counts))
        .map_or(Legend::Unclear(text), Legend::Levels)
}

/// A line without the star that only makes it an item of a list.
fn without_bullet(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("* ") else { return line };
    let word: String =
        rest.chars().take_while(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
    let means = ["p", "significan", "denote", "indicate", "represent", "mean", "statistical"];
    if word.is_empty() || means.iter().any(|w| word.starts_with(w)) { line } else { rest }
}

/// Levels for one star, two, …: every count that occurs has one, and they fall.
fn falling(pairs: &[(usize, f64)], counts: &[usize]) -> Option<Vec<f64>> {
    let most = counts.iter().copied().max()?;
    let level = |n: usize| {
        let mut of = pairs.iter().filter(|(stars, _)| *stars == n).map(|(_, p)| *p);
        let first = of.next()?;
        of.all(|other| other.to_bits() == first.to_bits()).then_some(first)
    };
    let levels: Vec<f64> = (1..=most).map(level).collect::<Option<_>>()?;
    if pairs.len() != counts.len() {
        return None;
    }
    levels.is_sorted_by(|a, b| a > b).then_some(levels)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token {
    Stars(usize),
    Level(f64),
}

/// Runs of one to four stars, and numbers that may be levels of significance.
fn tokens(text: &str) -> Vec<Token> {
    let lower = text.to_lowercase();
    let percents = lower.contains("percent") || lower.contains("per cent") || lower.contains('%');
    let mut found = Vec::new();
    let mut rest = lower.as_str();
    while let Some(c) = rest.chars().next() {
        if is_star(c) {
            let run = rest.chars().take_while(|&c| is_star(c)).count();
            if run <= 4 {
                found.push(Token::Stars(run));
            }
            rest = rest.trim_start_matches(is_star);
        } else if is_digit(c) || c == '.' && rest[1..].starts_with(is_digit) {
            let end = rest.find(|c| !is_digit(c) && c != '.').unwrap_or(rest.len());
            let number = rest[..end].trim_end_matches('.').parse::<f64>().ok();
            rest = &rest[end..];
            let after = rest.trim_start();
            let percent = ["%", "％", "percent", "per cent"].iter().any(|w| after.starts_with(w));
            // "the 1, 5 and 10 percent levels": the word stands once.
            let percent = percent || percents && number.is_some_and(|x| x >= 0.5);
            let level = number.map(|x| if percent { x / 100.0 } else { x });
            found.extend(level.filter(|p| (0.0..=0.2).contains(p) && *p > 0.0).map(Token::Level));
        } else {
            rest = &rest[c.len_utf8()..];
        }
    }
    found
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(line: &str) -> Legend {
        stars(&[line.to_owned()])
    }

    #[test]
    fn legends_in_any_order_and_wording() {
        let usual = Legend::Levels(vec![0.1, 0.05, 0.01]);
        for line in [
            "*** p<0.01, ** p<0.05, * p<0.1",
            "* p<0.10, ** p<0.05, *** p<0.01",
            "* p < .1; ** p < .05; *** p < .01",
            "p<0.01 ***, p<0.05 **, p<0.1 *",
            "***, ** and * denote significance at the 1%, 5% and 10% levels",
            "*, **, *** significant at the 10, 5 and 1 percent level, respectively",
            "***、**、*分别表示在1%、5%、10%的水平上显著",
            "* 0.10 ** 0.05 *** 0.01",
            "Note: 31 clusters. ∗∗∗p<0.01, ∗∗p<0.05, ∗p<0.1",
        ] {
            assert_eq!(levels(line), usual, "{line}");
        }
        assert_eq!(
            levels("Signif. codes: 0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1"),
            Legend::Levels(vec![0.05, 0.01, 0.001])
        );
        let lines = ["* p<0.1".to_owned(), "** p<0.05".to_owned()];
        assert_eq!(stars(&lines), Legend::Levels(vec![0.1, 0.05]));
    }

    #[test]
    fn what_is_no_legend() {
        assert_eq!(levels("* The sample ends in 2014"), Legend::None);
        assert_eq!(levels("Standard errors in parentheses"), Legend::None);
        for line in
            ["** p<0.05", "* p<0.01, ** p<0.05", "* p<0.1, * p<0.05", "***, **, * at 1%, 5%"]
        {
            assert!(matches!(levels(line), Legend::Unclear(_)), "{line}");
        }
    }

    #[test]
    fn what_brackets_hold() {
        let says = |line: &str, used| uncertainty(&[line.to_owned()], used);
        let round = Some(Bracket::Round);
        let square = Some(Bracket::Square);
        assert_eq!(
            says("Robust standard errors in parentheses", round),
            Some(Uncertainty::StandardError)
        );
        assert_eq!(says("t statistics in brackets; errors clustered", round), Some(Uncertainty::T));
        assert_eq!(says("Values in parentheses are t-values.", round), Some(Uncertainty::T));
        assert_eq!(says("括号内为t值", round), Some(Uncertainty::T));
        let both = "Standard errors in parentheses, p-values in brackets";
        assert_eq!(says(both, round), Some(Uncertainty::StandardError));
        assert_eq!(says(both, square), Some(Uncertainty::P));
        assert_eq!(says("Standard errors are clustered by province", round), None);
        assert_eq!(says("p values in parentheses, t statistics in parentheses", round), None);
        assert_eq!(says("The test statistic is in parentheses", round), None);
    }
}
