//! Pieces of TeX, and what a reader sees of them.

/// A text in tokens: a command, an escaped character, or a character.
pub(super) struct Tex<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tex<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token and where it begins.
    pub(super) fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let mut length = first.len_utf8();
        if first == '\\' {
            let letters = rest[1..].bytes().take_while(u8::is_ascii_alphabetic).count();
            length += if letters > 0 {
                letters
            } else {
                rest[1..].chars().next().map_or(0, char::len_utf8)
            };
        }
        let from = self.at;
        self.at += length;
        Some((from, &rest[..length]))
    }

    /// Where the next row begins: behind `*` and `[2pt]`, for which TeX looks on the next line, too.
    pub(super) fn after_break(&mut self) -> usize {
        let rest = &self.text[self.at..];
        let starred = rest.strip_prefix('*').unwrap_or(rest);
        let length = starred.trim_start();
        if let Some(inside) = argument(length, '[') {
            self.at += rest.len() - length.len() + inside.len() + 2;
        } else {
            self.at += rest.len() - starred.len();
        }
        self.at
    }
}

/// What stands within the brackets that a text begins with.
pub(super) fn argument(text: &str, open: char) -> Option<&str> {
    let close = match open {
        '[' => ']',
        '(' => ')',
        _ => '}',
    };
    let mut depth = 0_usize;
    let mut tokens = Tex::new(text);
    if !text.starts_with(open) {
        return None;
    }
    while let Some((at, token)) = tokens.next() {
        if token.chars().eq([open]) {
            depth += 1;
        } else if token.chars().eq([close]) {
            depth -= 1;
            if depth == 0 {
                return Some(&text[1..at]);
            }
        }
    }
    None
}

/// Commands whose argument nobody sees.
const UNSEEN: [&str; 14] = [
    "\\label",
    "\\hspace",
    "\\vspace",
    "\\rule",
    "\\begin",
    "\\end",
    "\\cite",
    "\\ref",
    "\\textcolor",
    "\\color",
    "\\rowcolor",
    "\\cellcolor",
    "\\arraystretch",
    "\\setlength",
];

/// Commands that stand for a character.
const CHARACTERS: [(&str, &str); 33] = [
    ("\\&", "&"),
    ("\\%", "%"),
    ("\\_", "_"),
    ("\\#", "#"),
    ("\\$", "$"),
    ("\\{", "{"),
    ("\\}", "}"),
    ("\\,", ""),
    ("\\;", " "),
    ("\\:", " "),
    ("\\!", ""),
    ("\\ ", " "),
    ("\\\\", " "),
    ("\\(", ""),
    ("\\)", ""),
    ("\\-", ""),
    ("\\/", ""),
    ("\\quad", " "),
    ("\\qquad", " "),
    ("\\ast", "*"),
    ("\\star", "*"),
    ("\\textasteriskcentered", "*"),
    ("\\dagger", "†"),
    ("\\dag", "†"),
    ("\\ddagger", "‡"),
    ("\\textless", "<"),
    ("\\textgreater", ">"),
    ("\\leq", "≤"),
    ("\\times", "×"),
    ("\\textminus", "-"),
    ("\\checkmark", "YES"),
    ("\\textemdash", "—"),
    ("\\textendash", "–"),
];

/// What a reader sees: commands that only set type are gone, their arguments stay.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut tokens = Tex::new(text);
    while let Some((at, token)) = tokens.next() {
        match token {
            // `_` is a subscript of a formula; in text it has a backslash.
            "{" | "}" | "$" | "^" | "_" => {}
            "~" | "\n" | "&" => out.push(' '),
            "\\multirow" => tokens.at = after_arguments(text, at + token.len(), 2),
            _ if UNSEEN.contains(&token) => tokens.at = after_arguments(text, at + token.len(), 1),
            _ if token.starts_with('\\') => {
                let known = CHARACTERS.iter().find(|(command, _)| *command == token);
                out.push_str(known.map_or_else(|| greek(token), |(_, seen)| seen));
            }
            _ => out.push_str(token),
        }
    }
    out.replace("---", "—").replace("--", "–").replace("``", "\"").replace("''", "\"")
}

/// A Greek letter by its name, anything else is a command without a text.
fn greek(token: &str) -> &str {
    let name = &token[1..];
    let letters = [
        "alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "rho", "sigma",
        "tau", "phi", "chi", "omega", "Delta", "Sigma", "ln", "log",
    ];
    if letters.contains(&name) { name } else { "" }
}

/// Where the text goes on behind so many arguments, optional ones among them.
fn after_arguments(text: &str, mut at: usize, count: usize) -> usize {
    let mut left = count;
    loop {
        let rest = &text[at..];
        let rest = rest.strip_prefix('*').unwrap_or(rest);
        let start = at + (text.len() - at - rest.len());
        if let Some(inside) = argument(rest, '[') {
            at = start + inside.len() + 2;
        } else if let Some(inside) = argument(rest, '{').filter(|_| left > 0) {
            at = start + inside.len() + 2;
            left -= 1;
        } else {
            return start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_sees() {
        for (tex, seen) in [
            ("0.110$^{***}$", "0.110***"),
            ("0.110\\sym{***}", "0.110***"),
            ("0.110\\textsuperscript{**}", "0.110**"),
            ("0.110^{\\ast\\ast}", "0.110**"),
            ("$-$0.105", "-0.105"),
            ("-0.105 [0.01]", "-0.105 [0.01]"),
            ("\\textbf{ln\\_Y} \\& $R^2$", "ln_Y & R2"),
            ("\\multirow{2}{*}{lnX}", "lnX"),
            ("\\hspace{1em}Urban", "Urban"),
            ("10\\%", "10%"),
            ("\\textit{t} statistics", "t statistics"),
            ("\\begin{tablenotes}\\small\\item x\\end{tablenotes}", " x"),
            ("---", "—"),
            ("{\\footnotesize (0.013)}", " (0.013)"),
            ("$\\beta_{1}$", "beta1"),
        ] {
            assert_eq!(plain(tex), seen, "{tex}");
        }
        assert_eq!(argument("{a{b}\\}c}d", '{'), Some("a{b}\\}c"));
        assert_eq!(argument("{a", '{'), None);
    }
}
