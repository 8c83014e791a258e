//! What is found in the papers, each finding recomputed here from the printed numbers in plain floats.

use std::fs::read_to_string;
use std::path::PathBuf;

use audit::{Audit, Edit, Finding, Schema, Verdict, audit};
use numbers::Reference;
use published::Transcription;

#[allow(clippy::disallowed_methods, reason = "a test reads its fixtures")]
fn fixture(key: &str, file: &str) -> Option<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/papers");
    read_to_string(root.join(key).join(file)).ok()
}

fn paper(key: &str) -> Transcription {
    let text = fixture(key, "published.toml").unwrap_or_else(|| panic!("{key} has a paper"));
    Transcription::parse(key, &text).unwrap_or_else(|error| panic!("{error}"))
}

fn audited(key: &str) -> Audit {
    let schema = fixture(key, "audit.toml")
        .map_or(Ok(Schema::default()), |text| Schema::parse("audit.toml", &text));
    let schema = schema.unwrap_or_else(|error| panic!("{error}"));
    audit(&paper(key), &schema).unwrap_or_else(|error| panic!("{error}"))
}

fn impossible(audit: &Audit) -> Vec<(&'static str, String)> {
    let is = |it: &&Finding| it.verdict == Verdict::Impossible;
    audit.findings.iter().filter(is).map(|it| (it.check, it.cells[0].to_string())).collect()
}

fn finding<'a>(audit: &'a Audit, check: &str, cell: &str) -> &'a Finding {
    let is = |it: &&Finding| it.check == check && it.cells[0].to_string() == cell;
    audit.findings.iter().find(is).unwrap_or_else(|| panic!("no {check} of {cell}"))
}

/// A printed number and half a unit of its last digit.
fn number(paper: &Transcription, table: &str, column: &str, row: &str) -> (f64, f64) {
    let cell = paper.cell(table, row, column).and_then(|it| it.number());
    let number = cell.unwrap_or_else(|| panic!("{table}/{column}/{row}"));
    (number.value(), 0.5 * 10_f64.powi(number.last()))
}

/// The number in brackets.
fn bracket(paper: &Transcription, table: &str, column: &str, row: &str) -> (f64, f64) {
    let cell = paper.cell(table, row, column).and_then(|it| it.estimate()?.uncertainty());
    let number = cell.unwrap_or_else(|| panic!("{table}/{column}/{row}"));
    (number.value(), 0.5 * 10_f64.powi(number.last()))
}

/// What `b(short) − b(long) − b_m a` is, and the most that rounding can make of it.
fn gap(paper: &Transcription, row: &str) -> (f64, f64) {
    let (short, e) = number(paper, "4", "(4)", row);
    let (long, f) = number(paper, "5", "(2)", row);
    let (m, g) = number(paper, "5", "(2)", "Ind-a");
    let (a, h) = number(paper, "5", "(1)", row);
    (short - long - m * a, e + f + m.abs() * h + a.abs() * g + g * h)
}

#[test]
fn chen_sun_has_these_impossible_findings_and_no_other() {
    let found = impossible(&audited("chen-sun"));
    let expected = [
        ("weights", "1/weight/Per capita primary industry output value/estimate"),
        ("added-regressor", "4/(4)/lnX/estimate"),
        ("total-effect", "5/effects/total/estimate"),
        ("indirect-effect", "5/effects/indirect/estimate"),
        ("stars", "4/(2)/Fis/stars"),
        ("stars", "4/(4)/Fis/stars"),
        ("stars", "5/(1)/Constant/stars"),
    ];
    assert_eq!(found, expected.map(|(check, cell)| (check, cell.to_owned())));
}

#[test]
fn chen_sun_weights_of_table_1_pass_1_by_more_than_rounding() {
    let paper = paper("chen-sun");
    let sum = |id: &str| {
        let table = paper.table(id).expect("a table");
        table.rows().iter().fold((0.0, 0.0), |(sum, room), row| {
            let (w, half) = number(&paper, id, "weight", &row.label);
            (sum + w, room + half)
        })
    };
    let (one, room) = sum("1");
    assert!((one - 1.049_145).abs() < 1e-12 && room < 7e-5, "{one} {room}");
    assert!((one - 1.0).abs() > 700.0 * room);
    let (two, room) = sum("2");
    assert!((two - 1.0).abs() <= room, "{two} {room}");
    let audit = audited("chen-sun");
    let of_table_2 = finding(&audit, "weights", "2/weight/Internet penetration rate/estimate");
    assert_eq!(of_table_2.verdict, Verdict::Consistent);
}

#[test]
fn chen_sun_adding_the_mediator_fails_for_ln_x_alone() {
    let (paper, audit) = (paper("chen-sun"), audited("chen-sun"));
    for row in ["Fis", "Dev", "Fai", "Constant"] {
        let (gap, room) = gap(&paper, row);
        assert!(gap.abs() <= room, "{row}: {gap} {room}");
        let it = finding(&audit, "added-regressor", &format!("4/(4)/{row}/estimate"));
        assert_eq!(it.verdict, Verdict::Consistent);
    }
    let (gap, room) = gap(&paper, "lnX");
    assert!(gap.abs() > 100.0 * room, "{gap} {room}");
    let it = finding(&audit, "added-regressor", "4/(4)/lnX/estimate");
    let [lo, hi] = it.implied.expect("an interval");
    let middle = 0.0932 + 0.0277 * 0.418;
    assert!(lo < middle && middle < hi && hi - lo < 2e-4 && lo > 0.0816 + 5e-5);

    // With the other sign of 5/(1) it holds: 0.0932 − 0.0277 · 0.418 = 0.08162.
    assert!((0.0932_f64 - 0.0277 * 0.418 - 0.0816).abs() < 5e-5);
    assert_eq!(it.repairs.len(), 1, "{:?}", it.repairs);
    let repair = &it.repairs[0];
    assert_eq!(
        (repair.edit, repair.cell.to_string()),
        (Edit::Sign, "5/(1)/lnX/estimate".to_owned())
    );
    assert_eq!(
        (repair.from.as_str(), repair.to.as_str()),
        ("0.418*** (5.30)", "-0.418*** (-5.30)")
    );
}

#[test]
fn chen_sun_effects_are_a_path_and_a_difference() {
    let (paper, audit) = (paper("chen-sun"), audited("chen-sun"));
    let total = number(&paper, "4", "(4)", "lnX").0;
    let path = number(&paper, "5", "(1)", "lnX").0;
    let direct = number(&paper, "5", "(2)", "lnX").0;
    let product = path * number(&paper, "5", "(2)", "Ind-a").0;
    assert!((0.418 - total).abs() > 0.3 && (0.418 - path).abs() < 1e-12);
    assert!((0.3248 - product).abs() > 0.3 && (0.3248 - (0.418 - direct)).abs() < 1e-12);
    let it = finding(&audit, "total-effect", "5/effects/total/estimate");
    assert!(it.explanation.ends_with("which is 5/(1)/lnX"), "{}", it.explanation);
    let it = finding(&audit, "indirect-effect", "5/effects/indirect/estimate");
    assert!(it.explanation.ends_with("which is 0.418 − 0.0932"), "{}", it.explanation);
    let [lo, hi] = it.implied.expect("an interval");
    assert!(lo < product && product < hi && hi < 0.0117);
}

/// The normal has the smallest tail, and under it p stays above the level of the stars.
#[test]
fn chen_sun_has_three_stars_with_p_above_a_thousandth() {
    let (paper, audit) = (paper("chen-sun"), audited("chen-sun"));
    for (table, column, row) in [("4", "(2)", "Fis"), ("4", "(4)", "Fis"), ("5", "(1)", "Constant")]
    {
        let stars = paper
            .cell(table, row, column)
            .and_then(|it| it.estimate())
            .map(published::Estimate::stars);
        assert_eq!(stars, Some(3));
        let (t, half) = bracket(&paper, table, column, row);
        let largest = t.abs() + half;
        for reference in [Reference::Normal, Reference::T(371), Reference::T(30), Reference::T(1)] {
            assert!(reference.two_sided(largest) > 0.001);
        }
        let it = finding(&audit, "stars", &format!("{table}/{column}/{row}/stars"));
        let first = &it.repairs[0];
        assert_eq!((first.edit, first.to.as_str()), (Edit::Star, "**"));
    }
}

/// One variance makes errors of columns with the same regressors proportional: by lnX and Fai the ratio
/// of 5/(1) to 4/(4) is 6.28, and by Fis it would be 6.3 with a t of −0.64.
#[test]
fn chen_sun_standard_errors_are_classical_but_for_some() {
    let (paper, audit) = (paper("chen-sun"), audited("chen-sun"));
    let error = |table: &str, column: &str, row: &str| {
        number(&paper, table, column, row).0 / bracket(&paper, table, column, row).0
    };
    let ratio = |row: &str| error("5", "(1)", row) / error("4", "(4)", row);
    assert!((ratio("lnX") / ratio("Fai") - 1.0).abs() < 0.01);
    assert!(ratio("Fis") / ratio("lnX") > 4.0);
    let with = error("5", "(1)", "Fis") / (-0.102 / -0.64);
    assert!((with / ratio("lnX") - 1.0).abs() < 0.02, "{with}");
    let it = finding(&audit, "classical-ratio", "4/(4)/Fis/uncertainty");
    assert!(matches!(it.verdict, Verdict::NeedsAssumption(_)));
    let first = &it.repairs[0];
    assert_eq!(
        (first.cell.to_string().as_str(), first.from.as_str(), first.to.as_str()),
        ("4/(4)/Fis/uncertainty", "-2.64", "-0.64")
    );
    assert!(first.mends.len() >= 3);
}

/// t(29) gives p = 0.012, the normal 0.0076: the same cell may have two stars or three.
#[test]
fn wang_chen_prints_one_constant_with_two_and_with_three_stars() {
    let (paper, audit) = (paper("wang-chen"), audited("wang-chen"));
    assert_eq!(impossible(&audit), []);
    let (b, half) = number(&paper, "6", "(3)", "Constant");
    let (s, room) = bracket(&paper, "6", "(3)", "Constant");
    let (least, most) = ((b.abs() - half) / (s + room), (b.abs() + half) / (s - room));
    assert!(Reference::Normal.two_sided(least) < 0.01);
    assert!(Reference::T(29).two_sided(most) > 0.01 && Reference::T(29).two_sided(least) < 0.05);
    let it = finding(&audit, "printed-twice", "3/(4)/Constant/stars");
    assert!(matches!(it.verdict, Verdict::NeedsAssumption(_)), "{it:?}");
    // The other cells of 3/(4) leave t(29) and exclude the normal: Eco has two stars.
    let (eco, error) = (number(&paper, "3", "(4)", "Eco"), bracket(&paper, "3", "(4)", "Eco"));
    let t = (eco.0 - eco.1) / (error.0 + error.1);
    assert!(Reference::Normal.two_sided(t) < 0.01 && Reference::T(29).two_sided(t) > 0.01);
    let convention = audit
        .conventions
        .iter()
        .find(|it| it.column == "3/(4)" && it.what == "reference")
        .expect("a convention");
    assert_eq!(convention.is, "t with 16 to 32 degrees of freedom");
}

/// |b| = √R² sd(y)/sd(x), and the constant is ȳ − b x̄.
#[test]
fn wang_chen_simple_regression_follows_from_the_moments() {
    let audit = audited("wang-chen");
    assert!((0.1673_f64.sqrt() * 0.1833 / 2.2029 - 0.0340).abs() < 5e-5);
    assert!((0.2830_f64 - 0.0340 * 2.2513 - 0.2064).abs() < 3e-4);
    for (check, cell) in
        [("simple-slope", "3/(1)/Rec/estimate"), ("constant", "3/(1)/Constant/estimate")]
    {
        assert_eq!(finding(&audit, check, cell).verdict, Verdict::Consistent);
    }
}

#[test]
fn the_other_papers_have_nothing_impossible() {
    for key in ["ji-yang", "wang-suichang", "zhou", "grunfeld", "produc", "wagepan", "petersen"] {
        assert_eq!(impossible(&audited(key)), [], "{key}");
    }
}
