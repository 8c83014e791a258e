//! Tables as they come: each shape, with its oddities, is the tidy table it stands for.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests write files")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use common::Folder;
use ingest::{Loaded, Spec, load, propose};
use panel::{Column, Term};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};

/// A sheet from rows of text: numbers are numbers, `'1` is the text 1, `=1/0` a formula, empty
/// is empty.
fn sheet(sheet: &mut Worksheet, rows: &[&[&str]]) {
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            let at = |sheet: &mut Worksheet| match *cell {
                "" => {}
                "=1/0" => {
                    drop(sheet.write(row, column, Formula::new("=1/0").set_result("#DIV/0!")));
                }
                cell => match (cell.strip_prefix('\''), cell.parse::<f64>()) {
                    (Some(text), _) => drop(sheet.write_string(row, column, text)),
                    (None, Ok(x)) => drop(sheet.write_number(row, column, x)),
                    (None, Err(_)) => drop(sheet.write_string(row, column, cell)),
                },
            };
            at(sheet);
        }
    }
}

fn book(path: &Path, rows: &[&[&str]]) {
    let mut book = Workbook::new();
    sheet(book.add_worksheet(), rows);
    book.save(path).unwrap();
}

/// Loads one source of a folder; `source` is the rest of its table.
fn source(folder: &Folder, source: &str) -> Result<Loaded, String> {
    let spec = format!("[panel]\nentity='who'\nperiod='year'\n[[source]]\ntier='real'\n{source}");
    let spec: Spec = toml::from_str(&spec).map_err(|error| error.to_string())?;
    load(&spec, &folder.path("")).map_err(|error| error.to_string())
}

/// `who year column=value …`, a line a row.
fn shown(loaded: &Loaded) -> String {
    let panel = &loaded.panel;
    let mut shown = String::new();
    for row in 0..panel.n_rows() {
        let (who, year) = panel.row_label(row);
        write!(shown, "{who} {year}").unwrap();
        for (name, column) in panel.columns() {
            match column {
                Column::Number(x) => write!(shown, " {name}={}", x[row]).unwrap(),
                Column::Category(factor) => match factor.codes()[row] {
                    panel::Factor::MISSING => write!(shown, " {name}=-").unwrap(),
                    code => write!(shown, " {name}={}", factor.label(code)).unwrap(),
                },
            }
        }
        shown.push('\n');
    }
    shown
}

#[test]
fn years_across() {
    let folder = Folder::new();
    let expected = "a 2021 gdp=1\na 2022 gdp=2.5\nb 2021 gdp=NaN\nb 2022 gdp=-3\n";
    for header in [
        "who,2022,2021",
        "who,2022年,2021年",
        "who,y2022,y2021",
        "who,2022年度,2021年末",
        "who,２０２２年,2021",
        "who,2022 [YR2022],2021 [YR2021]",
        ",2022,2021",
    ] {
        let text = format!("{header}\na,2.5,1\nb,-3,\n");
        folder.write("d.csv", text.as_bytes());
        let loaded = source(&folder, "file='d.csv'\nshape='wide-by-year'\nvalue='gdp'").unwrap();
        assert_eq!(shown(&loaded), expected, "{header}");
    }
    // Several variables by their stubs, in any order; of no period, if asked for.
    folder.write(
        "d.csv",
        "who,code,gdp_2021,pop2022,GDP 2020,gdp_2022,pop2021\na,7,1,20,9,2,10\n".as_bytes(),
    );
    let loaded = source(&folder, "file='d.csv'\nshape='wide-by-year'").unwrap();
    let expected =
        "a 2020 GDP=9 gdp=NaN pop=NaN\na 2021 GDP=NaN gdp=1 pop=10\na 2022 GDP=NaN gdp=2 pop=20\n";
    assert_eq!(shown(&loaded), expected);
    let account = loaded.account.to_string();
    assert!(account.contains("columns of no period left out: line 1 \"code\""), "{account}");
    let loaded =
        source(&folder, "file='d.csv'\nshape='wide-by-year'\ncolumns=['pop','code']").unwrap();
    assert_eq!(shown(&loaded), "a 2021 code=7 pop=10\na 2022 code=7 pop=20\n");
}

#[test]
fn entities_across_and_variables_down() {
    let folder = Folder::new();
    folder.write("d.csv", "表1\n年份,甲,乙\n2022年,1,2\n2021年,3,\n注：初步数\n".as_bytes());
    let loaded = source(&folder, "file='d.csv'\nshape='wide-by-entity'\nvalue='gdp'").unwrap();
    assert_eq!(shown(&loaded), "乙 2021 gdp=NaN\n乙 2022 gdp=2\n甲 2021 gdp=3\n甲 2022 gdp=1\n");
    let account = loaded.account.to_string();
    assert!(account.contains("header in line 2; left out above: line 1 \"表1\"; left out below: line 5 \"注：初步数\""), "{account}");

    folder.write(
        "b.csv",
        "Country Name,Code,Indicator,2021,2022\nA,a,gdp,1,2\nA,a,pop,3,4\nB,b,gdp,5,6\n".as_bytes(),
    );
    let text =
        "file='b.csv'\nshape='wide-by-variable'\nentity='Country Name'\nvariables='Indicator'";
    let loaded = source(&folder, text).unwrap();
    assert_eq!(
        shown(&loaded),
        "A 2021 gdp=1 pop=3\nA 2022 gdp=2 pop=4\nB 2021 gdp=5 pop=NaN\nB 2022 gdp=6 pop=NaN\n"
    );
    let loaded = source(&folder, &format!("{text}\ncolumns=['pop']")).unwrap();
    assert_eq!(shown(&loaded), "A 2021 pop=3\nA 2022 pop=4\n");

    // The database's export of one region.
    let export = "数据库：分省年度数据\n地区：甲\n时间：最近2年\n指标,2022年,2021年\ngdp,2,1\npop,4,3\n数据来源：国家统计局\n";
    folder.write("e.csv", export.as_bytes());
    let loaded = source(&folder, "file='e.csv'\nshape='nbs-export'").unwrap();
    assert_eq!(shown(&loaded), "甲 2021 gdp=1 pop=3\n甲 2022 gdp=2 pop=4\n");
    let by_region = "指标：gdp\n地区,2022年,2021年\n甲,2,1\n乙,4,3\n";
    folder.write("e.csv", by_region.as_bytes());
    let loaded = source(&folder, "file='e.csv'\nshape='nbs-export'").unwrap();
    assert_eq!(shown(&loaded), "乙 2021 gdp=3\n乙 2022 gdp=4\n甲 2021 gdp=1\n甲 2022 gdp=2\n");
}

#[test]
fn a_file_a_year_or_a_province() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("gdp/x")).unwrap();
    for (name, text) in [
        ("gdp/2021.csv", "who,gdp,kind\nb,1,\na,2,\n"),
        ("gdp/2020.csv", "who,gdp,kind\na,3,p\n"),
        ("gdp/x/a.csv", "year,pop\n2020,1\n2021,2\n"),
        ("gdp/x/b.csv", "year,pop\n2021,3\n"),
    ] {
        folder.write(name, text.as_bytes());
    }
    let loaded = source(&folder, "file='gdp/{year}.csv'").unwrap();
    assert_eq!(shown(&loaded), "a 2020 gdp=3 kind=p\na 2021 gdp=2 kind=-\nb 2021 gdp=1 kind=-\n");
    let account = loaded.account.to_string();
    assert!(
        account.starts_with("gdp/{year}.csv: 2 files: gdp/2020.csv, gdp/2021.csv\n"),
        "{account}"
    );
    assert_eq!(loaded.files.len(), 2);
    assert_eq!((loaded.files[1].file.as_str(), loaded.files[1].rows), ("gdp/2021.csv", 2));
    let loaded = source(&folder, "file='gdp/x/{who}.csv'").unwrap();
    assert_eq!(shown(&loaded), "a 2020 pop=1\na 2021 pop=2\nb 2021 pop=3\n");

    let says = |text: &str, expected: &str| {
        let message = source(&folder, text).unwrap_err();
        assert!(message.contains(expected), "{text}\n  gave {message}\n  not  {expected}");
    };
    says("file='gdp/{yr}.csv'", "`{yr}` is neither the entity, `{who}`, nor the period, `{year}`");
    says("file='gdp/{year}.xlsx'", "no file matches `gdp/{year}.xlsx`");
    says("file='gdp/{year}-{who}{year}.csv'", "two placeholders");
    says("file='gdp/{year.csv'", "a brace is not closed");
    says(
        "file='gdp/{year}.csv'\nshape='wide-by-year'",
        "`the placeholder` means nothing for shape `wide-by-year`",
    );
    folder.write("gdp/notes.csv", b"x");
    says(
        "file='gdp/{year}.csv'",
        "`gdp/notes.csv` matches `gdp/{year}.csv`, but \"notes\" is no period",
    );
    std::fs::remove_file(folder.path("gdp/notes.csv")).unwrap();
    folder.write("gdp/2022.csv", b"who,GDP,kind\na,3,p\n");
    says(
        "file='gdp/{year}.csv'",
        "`gdp/2022.csv` has the columns GDP, kind, but `gdp/2020.csv` has gdp, kind",
    );
    folder.write("gdp/2022.csv", b"who,gdp,kind\na,3,7\n");
    says(
        "file='gdp/{year}.csv'",
        "`gdp/2022.csv`: `kind` holds numbers, but in `gdp/2020.csv` labels",
    );
    folder.write("gdp/2022.csv", b"who,gdp,kind\na,3,\nb,4,\na,3,\n");
    says(
        "file='gdp/{year}.csv'",
        "gdp/2022.csv:2 and gdp/2022.csv:4: `a` appears twice in 2022, with the same values",
    );
}

#[test]
fn headers_of_two_lines_and_merged_cells() {
    let folder = Folder::new();
    let path = folder.path("d.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 4, "表1 主要指标", &plain).unwrap();
    sheet.merge_range(1, 0, 2, 0, "地区", &plain).unwrap();
    sheet.merge_range(1, 1, 1, 2, "2021", &plain).unwrap();
    sheet.merge_range(1, 3, 1, 4, "2022", &plain).unwrap();
    for (column, name) in (1..).zip(["gdp", "pop", "gdp", "pop"]) {
        sheet.write(2, column, name).unwrap();
    }
    for (row, (name, values)) in (3..).zip([("甲", [1, 2, 3, 4]), ("乙", [5, 6, 7, 8])]) {
        sheet.write(row, 0, name).unwrap();
        for (column, x) in (1..).zip(values) {
            sheet.write(row, column, x).unwrap();
        }
    }
    book.save(&path).unwrap();
    let loaded = source(&folder, "file='d.xlsx'\nshape='wide-by-year'").unwrap();
    let expected =
        "乙 2021 gdp=5 pop=6\n乙 2022 gdp=7 pop=8\n甲 2021 gdp=1 pop=2\n甲 2022 gdp=3 pop=4\n";
    assert_eq!(shown(&loaded), expected);
    let account = loaded.account.to_string();
    assert!(
        account.contains("header in rows 2 and 3; left out above: A1 \"表1 主要指标\""),
        "{account}"
    );

    // The other way round, years in the lower line; and tidy, with the province merged over its rows.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 1, 0, "地区", &plain).unwrap();
    sheet.merge_range(0, 1, 0, 2, "gdp", &plain).unwrap();
    sheet.merge_range(0, 3, 0, 4, "pop", &plain).unwrap();
    for (column, year) in (1..).zip(["2021年", "2022年", "2021年", "2022年"]) {
        sheet.write(1, column, year).unwrap();
    }
    for (row, (name, values)) in (2..).zip([("甲", [1, 3, 2, 4]), ("乙", [5, 7, 6, 8])]) {
        sheet.write(row, 0, name).unwrap();
        for (column, x) in (1..).zip(values) {
            sheet.write(row, column, x).unwrap();
        }
    }
    book.save(&path).unwrap();
    let loaded = source(&folder, "file='d.xlsx'\nshape='wide-by-year'").unwrap();
    assert_eq!(shown(&loaded), expected);

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(["who", "year", "gdp"]) {
        sheet.write(0, column, name).unwrap();
    }
    sheet.merge_range(1, 0, 2, 0, "甲", &plain).unwrap();
    for (row, (year, x)) in (1..).zip([("2021年", 1), ("2022年", 2)]) {
        sheet.write(row, 1, year).unwrap();
        sheet.write(row, 2, x).unwrap();
    }
    book.save(&path).unwrap();
    assert_eq!(shown(&source(&folder, "file='d.xlsx'").unwrap()), "甲 2021 gdp=1\n甲 2022 gdp=2\n");
}

#[test]
fn numbers_as_people_type_them() {
    let folder = Folder::new();
    let path = folder.path("d.xlsx");
    let rows: &[&[&str]] = &[
        &["who", "year", "x"],
        &["a", "2021", "'1,234,567.5"],
        &["b", "'２０２１", "'１２．５"],
        &["c", "2021", "' 12\u{a0}345 "],
        &["d", "2021", "'−3"],
        &["e", "2021", "7"],
        &["f", "2021", "'NA"],
    ];
    book(&path, rows);
    let loaded = source(&folder, "file='d.xlsx'").unwrap();
    let x = loaded.panel.values(&Term::var("x")).unwrap().to_vec();
    assert_eq!(x[..5], [1_234_567.5, 12.5, 12345.0, -3.0, 7.0]);
    assert!(x[5].is_nan());
    let account = loaded.account.to_string();
    assert!(account.contains("; 4 cells of text read as a number\n"), "{account}");
    assert!(account.contains("1 cell \"NA\" read as missing"), "{account}");
    for bad in ["'12,34", "'1,2345", "'12%", "'1.2.3", "'一百"] {
        book(&path, &[&["who", "year", "x"], &["a", "2021", "1"], &["b", "2021", bad]]);
        let message = source(&folder, "file='d.xlsx'").unwrap_err();
        let expected = format!(
            "d.xlsx Sheet1!C3: `x` is \"{}\", but in d.xlsx Sheet1!C2 it is a number",
            &bad[1..]
        );
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[test]
fn notes_are_left_out_by_rule_alone() {
    let folder = Folder::new();
    let path = folder.path("d.xlsx");
    let rows: &[&[&str]] = &[
        &["数据库：分省年度数据"],
        &[],
        &["地区", "2022年", "2021年"],
        &["东部地区"],
        &["甲", "1", "2"],
        &["注意县", "5", "6"],
        &["注：甲不含乙。"],
        &["Source: somebody", "", "1"],
        &["以上为初步数"],
    ];
    book(&path, rows);
    let loaded = source(&folder, "file='d.xlsx'\nshape='nbs-export'\nvalue='x'").unwrap();
    // A heading among the rows is no note: whoever names provinces will object to it.
    let expected = "东部地区 2021 x=NaN\n东部地区 2022 x=NaN\n注意县 2021 x=6\n注意县 2022 x=5\n甲 2021 x=2\n甲 2022 x=1\n";
    assert_eq!(shown(&loaded), expected);
    let account = loaded.account.to_string();
    assert!(
        account.contains(
            "left out below: A7 \"注：甲不含乙。\", A8 \"Source: somebody\", A9 \"以上为初步数\""
        ),
        "{account}"
    );
}

#[test]
#[allow(clippy::too_many_lines, reason = "a line a way to be wrong")]
fn what_is_not_of_its_shape() {
    let folder = Folder::new();
    let path = folder.path("d.xlsx");
    let says = |rows: &[&[&str]], text: &str, expected: &str| {
        book(&path, rows);
        let message = source(&folder, &format!("file='d.xlsx'\n{text}")).unwrap_err();
        assert!(message.contains(expected), "{rows:?}\n  gave {message}\n  not  {expected}");
    };
    let wide = "shape='wide-by-year'\nvalue='x'";
    says(
        &[&["a", "b"], &["c", "1"]],
        wide,
        "d.xlsx Sheet1: no row is a header of shape `wide-by-year`: years side by side",
    );
    says(
        &[&["a", "2021"], &["c", "1"]],
        "shape='wide-by-year'",
        "d.xlsx Sheet1: what the cells hold has no name; say `value = \"gdp\"`",
    );
    says(
        &[&["a", "2021", "2021年"], &["c", "1", "2"]],
        wide,
        "d.xlsx Sheet1!B1 and d.xlsx Sheet1!C1: two columns are called `x 2021`",
    );
    says(
        &[&["a", "2021"], &["c", "1"], &["d", "1"], &["c", "2"]],
        wide,
        "d.xlsx Sheet1!B2 and d.xlsx Sheet1!B4: `x` of `c` in 2021 is given twice, with different values, 1 and 2",
    );
    says(
        &[&["a", "2021"], &["c", "1"], &["c", "1"]],
        wide,
        "is given twice, with the same value; keep one",
    );
    says(
        &[&["a", "2021"], &["c", "1", "9"]],
        wide,
        "d.xlsx Sheet1!C2: the column of this cell has no name",
    );
    says(&[&["a", "2021"], &["", "1"]], wide, "d.xlsx Sheet1!A2: the cell of `a` is empty");
    says(&[&["a", "2021"]], wide, "d.xlsx Sheet1: a header in row 1 and no rows of data below it");
    says(
        &[&["a", "2021"], &["b", "=1/0"]],
        wide,
        "d.xlsx Sheet1!B2: `x` is #DIV/0!, a formula that failed; mend the formula, put the value there, or say `errors = \"missing\"`",
    );
    says(
        &[&["a", "2021"], &["b", "1"]],
        "shape='wide-by-year'\nvalue='x'\nheader=[7]",
        "row 7, which `header` names, is empty",
    );
    says(
        &[&["a", "2021"], &["b", "1"]],
        "shape='wide-by-year'\nvalue='x'\ncolumns=['y']",
        "d.xlsx Sheet1: no column `y`",
    );
    says(
        &[&["t", "A"], &["20x1", "1"], &["2022", "1"]],
        "shape='wide-by-entity'\nvalue='x'\nheader=[1]",
        "d.xlsx Sheet1!A2: \"20x1\" is no period",
    );
    says(
        &[&["v", "2021"], &["gdp", "1"]],
        "shape='wide-by-variable'",
        "neither a column nor a line `地区：` says who the figures are about; put `{who}` into",
    );
    says(
        &[&["who", "year", "x", "x"], &["a", "1", "2", "3"]],
        "",
        "d.xlsx Sheet1!C1 and d.xlsx Sheet1!D1: two columns are called `x`",
    );
    says(
        &[&["who", "year", "x"], &["a", "1", "2"], &["a", "1", "3"]],
        "",
        "d.xlsx Sheet1!C2 and d.xlsx Sheet1!C3: `a` appears twice in 1, with different values of `x`",
    );
    says(&[&["who", "jahr", "x"], &["a", "1", "2"]], "", "d.xlsx Sheet1: no column `year`");
    says(
        &[&["who", "year", "x"], &["a", "1.5", "2"]],
        "",
        "d.xlsx Sheet1!B2: \"1.5\" is no period",
    );
    says(
        &[&["who", "year", "x"], &["a", "1", "'9007199254740993"]],
        "",
        "d.xlsx Sheet1!C2: `x` is 9007199254740993, and whole numbers from 2^53",
    );
    says(
        &[&["who", "year", "x"], &["a", "1", "2"]],
        "sheet='gdp'",
        "`d.xlsx` has no sheet `gdp`; it has `Sheet1`",
    );
    says(
        &[&["who", "year", "x"], &["a", "1", "2"]],
        "cells=5",
        "d.xlsx Sheet1: more than 5 cells; raise the limit with `cells = …`",
    );
    says(
        &[&["who", "year", "x"], &["a", "1", "2"]],
        "value='gdp'",
        "`value` means nothing for shape `tidy`",
    );
    says(&[], "", "`d.xlsx`: no sheet has a cell");
    book(&path, &[&["a", "2021"], &["b", "=1/0"], &["c", "3"]]);
    let lenient = format!("file='d.xlsx'\n{wide}\nerrors='missing'");
    let loaded = source(&folder, &lenient).unwrap();
    assert_eq!(shown(&loaded), "b 2021 x=NaN\nc 2021 x=3\n");
    assert!(loaded.account.to_string().contains("1 cell of a failed formula read as missing"));
}

/// Exports of several indicators by region: a row an indicator and region, or a column an indicator
/// and year.
#[test]
fn exports_of_several_indicators_by_region() {
    let folder = Folder::new();
    let expected = "甲省 2021 人口=10 城镇=6\n甲省 2022 人口=11 城镇=7\n乙省 2021 人口=20 城镇=NaN\n乙省 2022 人口=21 城镇=15\n";
    let expected = {
        let mut lines: Vec<&str> = expected.lines().collect();
        lines.sort_unstable();
        lines.join("\n") + "\n"
    };
    let note = ["数据来源：国家统计局"];
    let rows: [&[&str]; 7] = [
        &["数据库：分省年度数据"],
        &["地区", "指标", "2022年", "2021年"],
        &["甲省", "人口", "11", "10"],
        &["甲省", "城镇", "7", "6"],
        &["乙省", "人口", "21", "20"],
        &["乙省", "城镇", "15", ""],
        &note,
    ];
    book(&folder.path("d.xlsx"), &rows);
    let loaded = source(&folder, "file='d.xlsx'\nshape='nbs-export'").unwrap();
    assert_eq!(shown(&loaded), expected);
    // The other way round, and one of them alone.
    let turned: Vec<Vec<&str>> = rows
        .iter()
        .map(|cells| match cells {
            [a, b, rest @ ..] => [&[*b, *a], rest].concat(),
            one => one.to_vec(),
        })
        .collect();
    let turned: Vec<&[&str]> = turned.iter().map(Vec::as_slice).collect();
    book(&folder.path("d.xlsx"), &turned);
    let loaded = source(&folder, "file='d.xlsx'\nshape='nbs-export'").unwrap();
    assert_eq!(shown(&loaded), expected);
    let loaded = source(&folder, "file='d.xlsx'\nshape='nbs-export'\ncolumns=['人口']").unwrap();
    assert!(shown(&loaded).contains("甲省 2021 人口=10\n"), "{}", shown(&loaded));
    // A region given twice for an indicator is an error, with both cells.
    let twice = [turned.clone(), vec![&["人口", "甲省", "1", "2"][..]]].concat();
    book(&folder.path("d.xlsx"), &twice[..]);
    let message = source(&folder, "file='d.xlsx'\nshape='nbs-export'").map(drop).unwrap_err();
    assert!(message.contains("`人口` of `甲省` in 2022 is given twice"), "{message}");
    // Two lines of header, years merged under indicators.
    let mut workbook = Workbook::new();
    let flat: [&[&str]; 5] = [
        &["数据库：分省年度数据"],
        &["地区", "", "", "", ""],
        &["", "2022年", "2021年", "2022年", "2021年"],
        &["甲省", "11", "10", "7", "6"],
        &["乙省", "21", "20", "15", ""],
    ];
    let page = workbook.add_worksheet();
    sheet(page, &flat);
    let plain = Format::new();
    page.merge_range(1, 0, 2, 0, "地区", &plain).unwrap();
    page.merge_range(1, 1, 1, 2, "人口", &plain).unwrap();
    page.merge_range(1, 3, 1, 4, "城镇", &plain).unwrap();
    workbook.save(folder.path("d.xlsx")).unwrap();
    let loaded = source(&folder, "file='d.xlsx'\nshape='nbs-export'").unwrap();
    assert_eq!(shown(&loaded), expected);
}

/// Yearbooks' marks of cells without a value are errors until a source names them.
#[test]
fn marks_of_missing_cells() {
    let folder = Folder::new();
    let rows: [&[&str]; 4] =
        [&["who", "2021年", "2022年"], &["a", "—", "1"], &["b", "…", "2"], &["c", "3", " — "]];
    book(&folder.path("d.xlsx"), &rows);
    let lines: Vec<String> = rows.iter().map(|cells| cells.join(",")).collect();
    folder.write("d.csv", lines.join("\n").as_bytes());
    folder.write("tidy.csv", "who,year,x,kind\na,1,2,p\nb,1,—,n.a.\nc,1,n.a.,q\n".as_bytes());
    let wide = "shape='wide-by-year'\nvalue='x'";
    for file in ["d.xlsx", "d.csv"] {
        // What comes first decides what the column is.
        let message = source(&folder, &format!("file='{file}'\n{wide}\nmissing=['…']"));
        let message = message.map(|loaded| shown(&loaded)).unwrap_err();
        assert!(message.contains("it is text, not a number"), "{message}");
        assert!(message.contains("name in `missing` what stands there"), "{message}");
        let loaded = source(&folder, &format!("file='{file}'\n{wide}\nmissing=['—','…']")).unwrap();
        let expected =
            "a 2021 x=NaN\na 2022 x=1\nb 2021 x=NaN\nb 2022 x=2\nc 2021 x=3\nc 2022 x=NaN\n";
        assert_eq!(shown(&loaded), expected, "{file}");
        let account = loaded.account.to_string();
        assert!(account.contains("2 cells \"—\" read as missing"), "{account}");
        assert!(account.contains("1 cell \"…\" read as missing"), "{account}");
        let proposal = propose(&folder.path(file)).unwrap();
        assert_eq!(proposal.missing, ["—", "…"]);
        assert!(proposal.toml().contains("\nmissing = [\"—\", \"…\"]\n"), "{}", proposal.toml());
    }
    let loaded = source(&folder, "file='tidy.csv'\nmissing=['—','n.a.']").unwrap();
    assert_eq!(shown(&loaded), "a 1 kind=p x=2\nb 1 kind=- x=NaN\nc 1 kind=q x=NaN\n");
    let account = loaded.account.to_string();
    assert!(account.contains("2 cells \"n.a.\" read as missing"), "{account}");
    let message = source(&folder, "file='tidy.csv'").map(drop).unwrap_err();
    let cure = "tidy.csv:3: `x` is \"—\", but on line 2 it is a number; leave missing cells empty or \
                write `NA`, say `missing = [\"—\"]` in the source if it means that, or leave the column out";
    assert_eq!(message, cure);
    let shown = propose(&folder.path("tidy.csv")).unwrap().to_string();
    assert!(shown.contains("2 cells \"n.a.\", the first D3, may stand for no value"), "{shown}");
    let message = source(&folder, "file='tidy.csv'\nmissing=['-99']").map(drop).unwrap_err();
    assert!(message.contains("`missing` names texts, and \"-99\" is a number"), "{message}");
}

/// The workbooks and files made from the real data hold what the data hold, cell for cell.
#[test]
fn real_files_in_four_shapes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let text = std::fs::read_to_string(root.join("ingest/panel.toml")).unwrap();
    let spec: Spec = toml::from_str(&text).unwrap();
    let loaded = load(&spec, &root).unwrap();
    assert_eq!(loaded.panel.n_rows(), 31 * 9);
    let names: BTreeMap<String, u32> = codes(&root).into_iter().collect();
    for (column, file, original) in [
        ("population", "nbs_population.csv", "population_10k"),
        ("urban", "nbs_population.csv", "urban_population_10k"),
        ("gdp", "nbs_gdp.csv", "gdp_100m_yuan"),
        ("gdp_per_head", "nbs_gdp.csv", "gdp_per_capita_yuan_derived"),
        ("budget", "nbs_fiscal.csv", "general_budget_expenditure_100m_yuan_csy"),
        ("agriculture", "nbs_fiscal.csv", "agri_forestry_water_expenditure_100m_yuan"),
        ("finance", "pku_dfiic.csv", "dfiic_aggregate"),
    ] {
        let original = cells(&root.join("data/china").join(file), original);
        let values = loaded.panel.values(&Term::var(column)).unwrap();
        for (row, x) in values.iter().enumerate() {
            let (who, year) = loaded.panel.row_label(row);
            assert_eq!(
                x.to_bits(),
                original[&(names[&who], year)].to_bits(),
                "{column} {who} {year}"
            );
        }
    }
    let account = loaded.account.to_string();
    let expected = "\
ingest/population.csv: nbs-export, header in line 4; left out above: line 1 \"数据库：分省年度数据\", line 2 \"指标：年末常住人口(万人)\", line 3 \"时间：2014-2022年\"; left out below: line 36 \"数据来源：国家统计局\"
ingest/population.csv: GB18030; 279 rows read
ingest/urban.xlsx: sheet `分省年度数据`; nbs-export, header in row 4; left out above: A1 \"数据库：分省年度数据\", A2 \"指标：城镇人口(万人)\", A3 \"时间：2014-2022年\"; left out below: A36 \"注：各地区数据按常住人口计算。\", A37 \"数据来源：国家统计局\"; 31 cells of text read as a number
ingest/urban.xlsx: 279 rows read
ingest/urban.xlsx: joined to 279 of 279 rows
ingest/gdp.xls: sheet `3-9`; wide-by-year, header in rows 3 and 4; left out above: A1 \"3-9 地区生产总值和人均地区生产总值\"; left out below: A37 \"注：人均数按年平均常住人口计算。\"
ingest/gdp.xls: 279 rows read
ingest/gdp.xls: joined to 279 of 279 rows
";
    assert!(account.starts_with(expected), "{account}");
}

/// Printed precision is the tolerance: mean, sd, min and max as the paper prints them, from the
/// workbooks and exports, with provinces called by their full names.
#[test]
fn published_moments_come_out_of_workbooks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let text = std::fs::read_to_string(root.join("ingest/moments.toml")).unwrap();
    let Loaded { panel, .. } = load(&toml::from_str(&text).unwrap(), &root).unwrap();
    assert_eq!(panel.n_rows(), 270);
    for (variable, printed) in [
        ("Digi-fini", ["292.0716", "71.9774", "160.45", "447.73"]),
        ("Urban", ["0.6204", "0.1101", "0.4273", "0.8930"]),
        ("Eco", ["11.0019", "0.4235", "10.2416", "12.1608"]),
        ("Fsa", ["11.4815", "3.5051", "4.2622", "18.6579"]),
    ] {
        let x = panel.values(&Term::var(variable)).unwrap();
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let sd = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let (min, max) = x.iter().fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
        for (ours, printed) in [mean, sd, min, max].into_iter().zip(printed) {
            let decimals = printed.split('.').nth(1).unwrap().len();
            assert_eq!(format!("{ours:.decimals$}"), printed, "{variable}");
        }
    }
}

/// The names that the files use, and their codes: `make.py` says which is which.
fn codes(root: &Path) -> Vec<(String, u32)> {
    let script = std::fs::read_to_string(root.join("ingest/make.py")).unwrap();
    let (_, names) = script.split_once("NAMES = {").unwrap();
    let (names, _) = names.split_once('}').unwrap();
    names
        .split(',')
        .filter_map(|pair| {
            let (code, name) = pair.split_once(':')?;
            Some((name.trim().trim_matches('"').to_owned(), code.trim().parse().unwrap()))
        })
        .collect()
}

fn cells(path: &PathBuf, column: &str) -> BTreeMap<(u32, i32), f64> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (code, year, column) = (at("adcode"), at("year"), at(column));
    let mut cells = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        if let Ok(x) = record[column].parse() {
            let code: u32 = record[code].parse().unwrap();
            cells.insert((code / 10000, record[year].parse().unwrap()), x);
        }
    }
    cells
}
