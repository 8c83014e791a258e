//! Laws of the renderers of a [`Table`].

use proptest::prelude::*;
use report::format::{fixed, general, p_value};
use report::{
    Align, Cell, Row, Table, Tone, group, head, number, render, row, spanning, table, words,
};
use unicode_width::UnicodeWidthStr;

/// Text with everything that renderers must survive.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z(]{0,3}-?[0-9]{0,4}(\\.[0-9]{0,5})?[*]{0,3}",
        "[农村电商产业 a-z]{0,8}",
        "[|*_`<>&\"'\\\\\\[\\]\n\t\u{1b}a0.,-]{0,10}",
        any::<String>(),
    ]
}

fn any_cell() -> impl Strategy<Value = Cell> {
    let align = prop_oneof![
        Just(Align::Left),
        Just(Align::Centre),
        Just(Align::Right),
        Just(Align::Decimal)
    ];
    (any_text(), align, prop::option::of("[=≈✗·†¹]{1,3}")).prop_map(|(text, align, sign)| {
        let cell = Cell { align, ..words(text) };
        match sign {
            Some(sign) => cell.marked(sign, Tone::Bad),
            None => cell,
        }
    })
}

fn any_row() -> impl Strategy<Value = Row> {
    prop_oneof![
        6 => (any_text(), prop::collection::vec(any_cell(), 0..5))
            .prop_map(|(label, cells)| row(label, cells)),
        1 => any_text().prop_map(group),
        1 => Just(Row::Rule),
    ]
}

prop_compose! {
    fn any_table()(
        title in any_text(),
        heads in prop::collection::vec(
            prop::collection::vec((any_text(), 1..4_usize), 0..4), 0..3),
        rows in prop::collection::vec(any_row(), 0..7),
        notes in prop::collection::vec(any_text(), 0..3),
    ) -> Table {
        let heads = heads.into_iter().map(|row| {
            row.into_iter().map(|(text, span)| spanning(text, span)).collect()
        });
        Table { title, caption: None, heads: heads.collect(), rows, notes }
    }
}

/// Cells of a line of a GitHub table: bars that are not escaped part them.
fn cells(line: &str) -> usize {
    let (mut bars, mut escaped) = (0_usize, false);
    for c in line.chars() {
        bars += usize::from(c == '|' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    bars - 1
}

proptest! {
    #[test]
    fn lines_of_text_are_equally_wide(table in any_table()) {
        let bare = Table { title: String::new(), notes: Vec::new(), ..table };
        let text = render::text(&bare);
        let widths: Vec<_> = text.lines().map(UnicodeWidthStr::width).collect();
        prop_assert!(widths.iter().all(|&w| w == widths[0]), "{widths:?}\n{text}");
    }

    #[test]
    fn colour_changes_no_text(table in any_table()) {
        let mut plain = render::styled(&table, render::Style::Ansi);
        for code in ["\u{1b}[1;31m", "\u{1b}[0m"] {
            plain = plain.replace(code, "");
        }
        prop_assert_eq!(plain, render::text(&table));
    }

    #[test]
    fn every_line_of_markdown_has_every_cell(table in any_table()) {
        let columns = table.columns();
        let bare = Table { title: String::new(), notes: Vec::new(), ..table };
        let markdown = render::markdown(&bare);
        let rows = bare.rows.iter().filter(|row| **row != Row::Rule).count();
        prop_assert_eq!(markdown.lines().count(), rows + 2);
        for line in markdown.lines() {
            prop_assert_eq!(cells(line), columns, "{}", line);
        }
    }

    #[test]
    fn html_has_no_markup_of_the_data(table in any_table()) {
        let html = render::html(&table);
        let known = ["table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "span", "p", "br"];
        for tag in html.split('<').skip(1) {
            let name: String = tag.trim_start_matches('/').chars()
                .take_while(char::is_ascii_alphanumeric).collect();
            prop_assert!(known.contains(&name.as_str()), "{html}");
            let (attributes, text) = tag.split_once('>').expect("a tag is closed");
            prop_assert_eq!(attributes.matches('"').count() % 2, 0);
            prop_assert!(!text.contains(['>', '"', '\'']), "{text}");
        }
    }

    #[test]
    fn html_rows_are_complete(table in any_table()) {
        let columns = table.columns();
        for row in render::html(&table).split("<tr>").skip(1) {
            let row = row.split("</tr>").next().expect("a row ends");
            let single = row.matches("<td").count() + row.matches("<th").count();
            let more: usize = row.split("colspan=\"").skip(1)
                .filter_map(|rest| rest.split('"').next()?.parse::<usize>().ok())
                .map(|span| span - 1).sum();
            prop_assert_eq!(single + more, columns, "{}", row);
        }
    }

    #[test]
    fn numbers_never_print_nan(x in prop::num::f64::ANY, digits in 0..20_usize) {
        for text in [fixed(x, digits), general(x, digits), p_value(x, digits)] {
            let missing = text == ".";
            let number = text.trim_start_matches('<').parse::<f64>().is_ok_and(f64::is_finite);
            prop_assert!(missing || number, "{text}");
            prop_assert!(!missing || !x.is_finite() || !(0.0..=1.0).contains(&x), "{x} is missing");
        }
    }

    #[test]
    fn general_keeps_its_digits(x in -1e9..1e9_f64) {
        let back: f64 = general(x, 17).parse().expect("a number");
        prop_assert_eq!(back.to_bits(), x.to_bits());
        let seven: f64 = general(x, 7).parse().expect("a number");
        prop_assert!((seven - x).abs() <= x.abs() * 0.5e-6);
    }
}

#[test]
fn what_is_not_finite_is_missing() {
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!([fixed(x, 3), general(x, 7), p_value(x, 3)], [".", ".", "."]);
    }
}

fn three_lines() -> Table {
    let cell = |v: &str, s: &str| number(format!("{v}\n{s}"));
    table("表 3. 基准回归 | Baseline <b>")
        .heads([head(""), spanning("Outcome: Rir", 2), head("")])
        .heads([head("Variable"), head("(1)"), head("(2)"), head("N")])
        .rows([
            group("Panel A"),
            row(
                "电商",
                [cell("0.0340***", "(0.0041)"), cell("-10.25", "(3.5)").marked("✗", Tone::Bad)],
            ),
            row("Eco", [words(""), cell("0.2411**", "(0.0879)"), number("1,270")]),
            Row::Rule,
            row("FE", [number("NO"), number("YES"), number(".")]),
        ])
        .note("* p < 0.10")
}

#[test]
fn a_table_as_text() {
    insta::assert_snapshot!(render::text(&three_lines()));
}

#[test]
fn a_table_as_markdown() {
    insta::assert_snapshot!(render::markdown(&three_lines()));
}

#[test]
fn a_table_as_html() {
    insta::assert_snapshot!(render::html(&three_lines()));
}
