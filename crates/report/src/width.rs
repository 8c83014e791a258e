//! Text measured in terminal columns: padding and wrapping.

use unicode_width::UnicodeWidthStr;

/// Columns that `text` takes in a terminal; a Chinese character takes two.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// `text` on one line: control characters, which have no width and may move the cursor, are blanks.
pub(crate) fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// `n` blanks.
pub(crate) fn blanks(n: usize) -> String {
    " ".repeat(n)
}

/// `text` in the middle of `columns`; an odd blank goes to the right.
pub(crate) fn centre(text: &str, columns: usize) -> String {
    let free = columns.saturating_sub(width(text));
    format!("{}{text}{}", blanks(free / 2), blanks(free - free / 2))
}

/// `text` at the left of `columns`.
pub(crate) fn left(text: &str, columns: usize) -> String {
    format!("{text}{}", blanks(columns.saturating_sub(width(text))))
}

/// `text` at the right of `columns`.
pub(crate) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", blanks(columns.saturating_sub(width(text))))
}

/// `text` in lines of at most `columns`, broken between words, and within a word that is longer
/// than a line (Chinese has no blanks). The first line follows `lead`, the others hang below it.
pub(crate) fn wrap(lead: &str, text: &str, columns: usize) -> String {
    let hang = width(lead);
    let room = columns.saturating_sub(hang).max(2);
    let mut lines = vec![String::new()];
    let text = line(text);
    let breaks = |c: char| c.is_whitespace() && c != '\u{a0}';
    for word in text.split(breaks).filter(|word| !word.is_empty()) {
        let mut gap = !lines.last().is_none_or(String::is_empty);
        if gap && width(lines.last().map_or("", |l| l)) + 1 + width(word) > room {
            // A word that is longer than any line starts where the line stands.
            let start = if width(word) > room { " " } else { "" };
            match (start, lines.last_mut()) {
                (" ", Some(last)) => last.push(' '),
                _ => lines.push(String::new()),
            }
            gap = false;
        }
        for c in word.chars() {
            let mut with = lines.pop().unwrap_or_default();
            if gap {
                with.push(' ');
                gap = false;
            }
            let before = with.len();
            with.push(if c == '\u{a0}' { ' ' } else { c });
            if width(&with) > room && before > 0 {
                with.truncate(before);
                lines.push(with.trim_end().to_owned());
                with = c.to_string();
            }
            lines.push(with);
        }
    }
    let indent = format!("\n{}", blanks(hang));
    format!("{lead}{}", lines.join(&indent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_between_words_and_within_chinese() {
        assert_eq!(wrap("a ", "one two three", 9), "a one two\n  three");
        assert_eq!(wrap("", "农村电商", 5), "农村\n电商");
        assert_eq!(wrap("", "x 农村电商", 6), "x 农村\n电商");
        assert_eq!(wrap("- ", "", 9), "- ");
        assert_eq!(wrap("", "one r2\u{a0}within", 9), "one\nr2 within");
    }
}
