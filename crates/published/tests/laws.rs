//! Equalities that hold for every printed cell.

use proptest::prelude::*;
use published::{Bracket, Expected, Number, Place, Printed, Transcription};

/// A way to write numbers; any value has a text in it.
#[derive(Debug, Clone)]
struct Style {
    sign: &'static str,
    wide: bool,
    zero: bool,
    comma: bool,
    decimals: usize,
    suffix: String,
}

fn style() -> impl Strategy<Value = Style> {
    let sign = prop::sample::select(vec!["", "", "-", "−", "–", "－", "+", "＋"]);
    let suffix = prop_oneof![
        4 => Just(String::new()),
        1 => Just("%".to_owned()),
        1 => Just("％".to_owned()),
        1 => (0..40i32).prop_map(|e| format!("e-{e:02}")),
        1 => (0..40i32).prop_map(|e| format!("E−{e}")),
        1 => (0..40i32).prop_map(|e| format!("e+{e}")),
    ];
    (sign, any::<bool>(), any::<bool>(), any::<bool>(), 0..9usize, suffix).prop_map(
        |(sign, wide, zero, comma, decimals, suffix)| Style {
            sign,
            wide,
            zero,
            comma,
            decimals,
            suffix,
        },
    )
}

/// The text of digits / 10^decimals.
fn write(style: &Style, digits: u64) -> String {
    let padded = format!("{digits:0>width$}", width = style.decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - style.decimals);
    let mut text = String::new();
    if style.zero || style.decimals == 0 || whole != "0" {
        for (i, digit) in whole.chars().enumerate() {
            if style.comma && i > 0 && (whole.len() - i) % 3 == 0 {
                text.push(',');
            }
            text.push(digit);
        }
    }
    if style.decimals > 0 {
        text.push('.');
        text.push_str(fraction);
    }
    if style.wide {
        text = text.chars().map(widen).collect();
    }
    format!("{}{text}{}", style.sign, style.suffix)
}

fn widen(c: char) -> char {
    // U+FF01 … U+FF5E are the full-width forms of U+0021 … U+007E.
    char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)
}

fn digits() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 0..10u64, 0..10_000u64, 0..1_000_000_000_000u64]
}

fn number_text() -> impl Strategy<Value = String> {
    (style(), digits()).prop_map(|(style, digits)| write(&style, digits))
}

fn number() -> impl Strategy<Value = Number> {
    number_text().prop_map(|text| text.parse().expect("generated numbers are numbers"))
}

/// A cell's text, and what it should be read as.
#[derive(Debug)]
struct Cell {
    text: String,
    number: String,
    stars: (u8, Option<Place>),
    uncertainty: Option<(Bracket, String)>,
}

fn cell() -> impl Strategy<Value = Cell> {
    let brackets = vec![
        ("(", ")", Bracket::Round),
        ("（", "）", Bracket::Round),
        ("[", "]", Bracket::Square),
        ("【", "】", Bracket::Square),
        ("{", "}", Bracket::Curly),
    ];
    let bracket = prop::option::of((prop::sample::select(brackets), number_text()));
    let place = prop::sample::select(vec![Place::Before, Place::After, Place::AfterBracket]);
    let glyph = prop::sample::select(vec!["*", "∗", "＊", "⁎"]);
    let gap = || prop::sample::select(vec!["", " ", "\n", "\u{a0}", "\u{3000}"]);
    (number_text(), bracket, 0..=4u8, place, glyph, gap(), gap()).prop_map(
        |(number, bracket, count, place, glyph, gap, inner)| {
            let place = match (count, &bracket) {
                (0, _) => None,
                (_, None) if place == Place::AfterBracket => Some(Place::After),
                _ => Some(place),
            };
            let stars = |here| {
                if place == Some(here) { glyph.repeat(usize::from(count)) } else { String::new() }
            };
            let mut text = format!("{}{number}{}", stars(Place::Before), stars(Place::After));
            if let Some(((open, close, _), inside)) = &bracket {
                let last = stars(Place::AfterBracket);
                text = format!("{text}{gap}{open}{inner}{inside}{inner}{close}{last}");
            }
            Cell {
                text,
                number,
                stars: (count, place),
                uncertainty: bracket.map(|((_, _, kind), inside)| (kind, inside)),
            }
        },
    )
}

/// Equal, but for the sign of a zero.
fn same(ours: &str, printed: &str) -> bool {
    let zero = |text: &str| {
        let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
        !mantissa.contains(|c: char| matches!(c, '1'..='9' | '１'..='９'))
    };
    let unsigned =
        |text: &str| text.trim_start_matches(['-', '−', '–', '－', '+', '＋']).to_owned();
    ours == printed || zero(ours) && zero(printed) && unsigned(ours) == unsigned(printed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_cell_is_read_as_what_it_was_written_from(cell in cell()) {
        let read: Printed = cell.text.parse().map_err(|e| TestCaseError::fail(format!("{e}")))?;
        let estimate = read.estimate().expect("a number");
        prop_assert_eq!(estimate.number(), &cell.number.parse().expect("a number"));
        prop_assert_eq!((estimate.stars(), estimate.place()), cell.stars);
        let uncertainty = estimate.bracket().zip(estimate.uncertainty().map(Number::to_string));
        prop_assert_eq!(uncertainty, cell.uncertainty);
        prop_assert_eq!(read.to_string(), cell.text);
    }

    #[test]
    fn the_value_is_the_decimal_of_the_text(style in style(), digits in digits()) {
        let text = write(&style, digits);
        let ascii: String = text
            .chars()
            .filter(|&c| !matches!(c, ',' | '，' | '%' | '％'))
            .map(|c| match c {
                '−' | '–' => '-',
                '！'..='～' => char::from_u32(c as u32 - 0xFEE0).expect("ASCII"),
                c => c,
            })
            .collect();
        let number: Number = text.parse().expect("a number");
        let value: f64 = ascii.parse().expect("a float");
        prop_assert!((number.value() - value).abs() <= 0.0, "{} is not {}", number.value(), value);
    }

    #[test]
    fn any_text_is_read_without_a_panic_and_prints_back(text in any::<String>()) {
        if let Ok(read) = text.parse::<Printed>() {
            prop_assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn nearly_cells_are_read_without_a_panic_and_print_back(
        text in "[-−+0-9.,eE%*∗()\\[\\]（） ０９．，]{0,12}",
    ) {
        match text.parse::<Printed>() {
            Ok(read) => {
                let again = read.to_string().parse();
                prop_assert_eq!(read.to_string(), text);
                prop_assert_eq!(again, Ok(read));
            }
            Err(published::Error::Unreadable { text: named, column, expected }) => {
                prop_assert_eq!(&named, &text);
                prop_assert!((1..=text.chars().count() + 1).contains(&column));
                prop_assert!(expected != Expected::Finite);
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn what_lies_inside_the_interval_prints_as_the_number(number in number(), t in 0.0..1.0) {
        let all = number.interval();
        let x = all.lo + t * (all.hi - all.lo);
        for x in [x, all.lo.next_up(), all.hi.next_down(), number.value()] {
            if all.lo < x && x < all.hi {
                prop_assert!(all.contains(x));
                let ours = number.format(x).expect("finite");
                prop_assert!(same(&ours, number.as_str()), "{} prints as {}", x, ours);
            }
        }
    }

    #[test]
    fn what_lies_outside_the_interval_prints_otherwise(number in number(), t in 1e-9..3.0) {
        let all = number.interval();
        let width = all.hi - all.lo;
        for x in [all.lo - t * width, all.hi + t * width] {
            if !all.contains(x) {
                let ours = number.format(x).expect("finite");
                prop_assert!(!same(&ours, number.as_str()), "{} prints as {}", x, ours);
            }
        }
    }

    #[test]
    fn the_interval_is_one_unit_of_the_last_digit_around_the_value(number in number()) {
        let all = number.interval();
        let unit = 10f64.powi(number.last());
        let rounding = 4.0 * f64::EPSILON * number.value().abs() + 1e-12 * unit;
        prop_assert!((all.hi - all.lo - unit).abs() <= rounding);
        prop_assert!((all.lo.midpoint(all.hi) - number.value()).abs() <= rounding);
    }

    #[test]
    fn what_is_printed_allows_what_was_printed(number in number(), t in -1e6..1e6, far in any::<f64>()) {
        let near = number.value() + t * 10f64.powi(number.last());
        if let Some(text) = number.format(near) {
            let again: Number = text.parse().map_err(|e| TestCaseError::fail(format!("{e}")))?;
            prop_assert_eq!(again.last(), number.last());
            prop_assert_eq!(again.is_percent(), number.is_percent());
            prop_assert!(again.interval().contains(near), "{} as {}", near, text);
        }
        prop_assert_eq!(number.format(far).is_some(), far.is_finite());
    }

    #[test]
    fn a_transcription_prints_as_the_toml_that_reads_back(
        words in prop::array::uniform4(any::<String>()),
        labels in prop::collection::hash_set(any::<String>(), 1..4),
        cells in prop::collection::vec(cell(), 8),
        stars in prop::collection::btree_set(1..1000u32, 0..4),
    ) {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let [id, title, author, column] = words.each_ref().map(|word| quoted(word));
        let stars: Vec<f64> = stars.iter().rev().map(|&p| f64::from(p) / 1000.0).collect();
        let mut text = format!(
            "paper = {{ id = {id}, title = {title}, authors = [{author}] }}\n[[table]]\nid = {id}\n\
             title = {title}\nkind = \"regression\"\nstars = {stars:?}\n\
             columns = [{column}, {}]\nrows = [\n", quoted(&format!("{}'", words[3])),
        );
        let rows = labels.iter().zip(cells.chunks(2)).map(|(label, pair)| {
            let [left, right] = [&pair[0].text, &pair[1].text].map(|cell| quoted(cell));
            format!("[{}, {left}, {right}]", quoted(label))
        });
        text += &rows.collect::<Vec<_>>().join(",\n");
        text.push(']');
        let read = Transcription::parse("f", &text)
            .map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        for ((_, cell), written) in read.cells().zip(&cells) {
            prop_assert_eq!(cell.to_string(), &*written.text);
        }
        prop_assert_eq!(read.cells().count(), 2 * labels.len());
        prop_assert_eq!(Transcription::parse("f", &read.to_string()), Ok(read));
    }
}
