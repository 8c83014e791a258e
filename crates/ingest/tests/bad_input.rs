//! Every way in which a file or a spec can be wrong, and what is said then.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests write files")]

mod common;

use common::{Folder, key};
use ingest::{Error, Spec, load, open};
use panel::Column;

/// Content of `d.csv`, and a part of the message with its place.
#[rustfmt::skip]
const BAD: &[(&[u8], &str)] = &[
    (b"", "d.csv: the file is empty"),
    (b"\n\n", "d.csv: the file is empty"),
    (b"id,t,x\n", "d.csv: a header and no rows"),
    (b"id,t,x", "d.csv: a header and no rows"),
    (b"id,t,x,x\na,1,2,3\n", "d.csv: columns 3 and 4 are both called `x`"),
    (b"id,t,,x\na,1,2,3\n", "d.csv: column 3 has no name"),
    (b"ID,t,x\na,1,2\n", "d.csv: no column `id`; did you mean `ID`?"),
    (b"id,year,x\na,1,2\n", "d.csv: no column `t`"),
    (b"id,t,x\na,1,2\nb,1\n", "d.csv:3: 2 cells where the header has 3"),
    (b"id,t,x\na,1,2\nb,1,2,3\n", "d.csv:3: 4 cells where the header has 3"),
    (b"id,t,x\r\na,1,2\r\n\r\nb,1\r\n", "d.csv:4: 2 cells where the header has 3"),
    (b"id,t,x\na,2O14,2\n", "d.csv:2: `t` is \"2O14\", not a whole number"),
    (b"id,t,x\na,1.5,2\n", "d.csv:2: `t` is \"1.5\", not a whole number"),
    (b"id,t,x\na,99999999999,2\n", "d.csv:2: `t` is \"99999999999\", not a whole number"),
    (b"id,t,x\na,1,2\na,,2\n", "d.csv:3: `t` is missing"),
    (b"id,t,x\na,1,2\n,1,2\n", "d.csv:3: `id` is missing"),
    (b"id,t,x\na,1,2\nb,1,2\n\n\na,1,3\n", "d.csv:2 and d.csv:6: `a` appears twice in 1"),
    (b"id,t,x\n\"a\nb\",1,2\nb,1,oops\n", "d.csv:4: `x` is \"oops\", but on line 2 it is a number"),
    (b"id,t,x\na,1,\nb,1,n.a.\nc,1,3\n", "d.csv:4: `x` is \"3\", but on line 3 it is text"),
    (b"id,t,x\na,1,inf\n", "d.csv:2: `x` is \"inf\", not a finite number"),
    (b"id,t,x\na,1,-1e999\n", "d.csv:2: `x` is \"-1e999\", not a finite number"),
    (b"id,t,x\na,1,9007199254740993\n", "d.csv:2: `x` is 9007199254740993, and whole numbers from 2^53"),
    (b"id,t,x\na,1,\"2\nb,1,3\n", "d.csv:2: a quote is opened and never closed"),
    (b"id,t,x\na,1,2\0\n", "d.csv:2: the cell 3 holds a NUL byte"),
    (b"id,t,x\na,1,\xff\n", "d.csv:2: the cell 3 is not UTF-8"),
    (b"id,\xc4\xea,x\na,1,2\n", "d.csv: no column `t`"),
    (b"\xff\xfei\0d\0", "d.csv: no column `t`"),
];

#[test]
fn bad_files_are_named_with_their_place() {
    let folder = Folder::new();
    for (content, expected) in BAD {
        let path = folder.write("d.csv", content);
        let message = open(&path, &key(), None).map(drop).unwrap_err().to_string();
        let message = message.replace(&path.display().to_string(), "d.csv");
        let shown = String::from_utf8_lossy(content);
        assert!(message.contains(expected), "{shown:?}\n  gave {message}\n  not  {expected}");
    }
}

#[test]
fn paths_that_are_not_files() {
    let folder = Folder::new();
    let says = |name: &str, expected: &str| {
        let message = open(&folder.path(name), &key(), None).map(drop).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    };
    says("none.csv", "none.csv`; paths are relative");
    says("", "is a folder");
    folder.write("d.ods", b"x");
    says("d.ods", "is none of .csv, .parquet");
    folder.write("d.parquet", b"PAR1 but not for long PAR1");
    says("d.parquet", "cannot be read as Parquet");
}

#[test]
fn good_files_in_odd_clothes() {
    let folder = Folder::new();
    #[rustfmt::skip]
    let odd: [&[u8]; 7] = [
        b"id,t,x\na,1,2\nb,1,\n",
        b"\xef\xbb\xbfid,t,x\na,1,2\nb,1,\n",
        b"id,t,x\r\na,1,2\r\nb,1,\r\n",
        b"id,t,x\na,1,2\nb,1,",
        b"\"id\",\"t\",\"x\"\n\"a\",\"1\",\"2\"\n\"b\",\"1\",\"\"",
        b"id,t,x\n\nb,1.0, \na,1, 2 \n\n",
        b"id,t,x\nb,1,NA\na,1,2e0\n",
    ];
    for content in odd {
        let (panel, _) = open(&folder.write("d.csv", content), &key(), None).unwrap();
        let x = panel.values(&panel::Term::var("x")).unwrap();
        assert!(x[0].to_bits() == 2f64.to_bits() && x[1].is_nan() && x.len() == 2);
        assert_eq!(panel.row_label(1), ("b".into(), 1));
    }
}

#[test]
fn missing_words_are_counted_and_labels_kept() {
    let folder = Folder::new();
    let content = b"id,t,x,kind\n7,1,.,2A\n10,1,na,\"a, b\nc\"\n9,1,1,NA\n9,2,NaN,2A\n";
    let (panel, account) = open(&folder.write("d.csv", content), &key(), None).unwrap();
    let shown = account.to_string();
    assert!(shown.ends_with(
        "d.csv: 4 rows read; 1 cell \".\" read as missing; 1 cell \"NA\" read as missing; \
         1 cell \"NaN\" read as missing; 1 cell \"na\" read as missing\n"
    ));
    // Entities that are whole numbers come in their order.
    assert_eq!(panel.index().entity.labels().collect::<Vec<_>>(), ["7", "9", "10"]);
    let Column::Category(kind) = &panel.columns()["kind"] else { panic!("not a category") };
    assert_eq!(kind.labels().collect::<Vec<_>>(), ["2A", "a, b\nc"]);
    assert_eq!(kind.codes(), [0, panel::Factor::MISSING, 0, 1]);
}

#[test]
fn only_the_columns_asked_for_are_read() {
    let folder = Folder::new();
    let path = folder.write("d.csv", b"id,t,x,mixed,\na,1,2,3,inf\nb,1,4,text,\n");
    let (panel, _) = open(&path, &key(), Some(&["x", "id"])).unwrap();
    assert_eq!(panel.columns().keys().collect::<Vec<_>>(), ["x"]);
    let error = open(&path, &key(), Some(&["mixd"])).unwrap_err().to_string();
    assert!(error.ends_with("no column `mixd`; did you mean `mixed`?"), "{error}");
}

#[test]
fn ten_thousand_columns() {
    let folder = Folder::new();
    let names: Vec<String> = (0..10_000).map(|i| format!("x{i}")).collect();
    let row = vec!["1.5"; 10_000].join(",");
    let content = format!("id,t,{}\na,1,{row}\na,2,{row}\n", names.join(","));
    let path = folder.write("d.csv", content.as_bytes());
    assert_eq!(open(&path, &key(), None).unwrap().0.columns().len(), 10_000);
    assert_eq!(open(&path, &key(), Some(&["x77"])).unwrap().0.columns().len(), 1);
}

#[test]
fn rows_without_a_key_are_numbered() {
    let folder = Folder::new();
    let path = folder.write("d.csv", b"id,t,x\nb,1,2\nb,1,3\na,1,4\n");
    let key = |entity: Option<&str>, period: Option<&str>| ingest::Key {
        entity: entity.map(str::to_owned),
        period: period.map(str::to_owned),
    };
    let rows = |key| {
        let (panel, _) = open(&path, &key, Some(&["x"])).unwrap();
        (0..3).map(|row| panel.row_label(row)).map(|(e, t)| format!("{e}{t}")).collect::<Vec<_>>()
    };
    assert_eq!(rows(key(Some("id"), None)), ["a1", "b1", "b2"]);
    assert_eq!(rows(key(None, Some("t"))), ["11", "21", "31"]);
    assert_eq!(rows(key(None, None)), ["11", "21", "31"]);
}

const BASE: &str = "
[panel]
entity = 'id'
period = 't'
[[source]]
file = 'a.csv'
tier = 'real'
";

/// What is added to [`BASE`], and a part of what is said.
#[rustfmt::skip]
const BAD_SPECS: &[(&str, &str)] = &[
    ("[[source]]\nfile='../a.csv'\ntier='real'", "`../a.csv` leaves the data root"),
    ("[[source]]\nfile='a.csv'\ntier='real'", "a.csv: there is a column `kind` already"),
    ("[[source]]\nfile='b.csv'\ntier='real'\nrename={zz='y'}", "b.csv: no column `zz`"),
    ("[[source]]\nfile='b.csv'\ntier='real'\nentity='id2'", "b.csv: no column `id2`; did you mean `id`?"),
    ("[[variable]]\nname='x'\nfrom='x'", "variable `x`: there is a column `x` already"),
    ("[[variable]]\nname='t'\nfrom='x'", "variable `t`: there is a column `t` already"),
    ("[[variable]]\nname='v'\nfrom='xx'", "variable `v`: no column `xx`; did you mean `x`?"),
    ("[[variable]]\nname='v'\nfrom='x'\nsteps=[{over='xx'}]", "variable `v`: no column `xx`"),
    ("[[variable]]\nname='v'\nfrom='kind'\nsteps=['log']", "`v`: log needs numbers, and `kind` holds categories"),
    ("[[variable]]\nname='v'\nfrom='x'\nsteps=[{plus='kind'}]", "variable `v`: `kind` holds categories"),
    ("[[variable]]\nname='v'\nfrom='x'\nsteps=['log']", "`v`: log is undefined for `b` in 1, where the value is 0;"),
    ("[[variable]]\nname='v'\nfrom='z'\nsteps=[{over='x'}]", "`v`: over x is undefined for `b` in 1, where the value is 1 and the other 0;"),
    ("[[variable]]\nname='v'\nfrom='z'\nsteps=[{times=1e308},{times=10}]", "`v`: times 10 is undefined for `a` in 1"),
    ("[[variable]]\nname='v'\nfrom='x'\nsteps=[{winsorize={low=0.9,high=0.1,percentiles='stata'}}]", "`v`: winsorize 0.9 0.1 stata needs 0 <= low"),
    ("[[variable]]\nname='v'\nfrom='none'\nsteps=[{winsorize={low=0.1,high=0.9,percentiles='stata'}}]", "`v`: no value to take percentiles of"),
];

#[test]
fn bad_specs_are_named() {
    let folder = Folder::new();
    folder.write("a.csv", b"id,t,x,z,kind,none\na,1,5,1,p,\nb,1,0,1,q,\n");
    folder.write("b.csv", b"id,t,y\na,1,5\n");
    let check = |text: &str, expected: &str| {
        let message = match toml::from_str::<Spec>(text) {
            Err(error) => error.to_string(),
            Ok(spec) => load(&spec, &folder.path("")).map(drop).unwrap_err().to_string(),
        };
        assert!(message.contains(expected), "{text}\n  gave {message}\n  not  {expected}");
    };
    for (added, expected) in BAD_SPECS {
        check(&format!("{BASE}{added}"), expected);
    }
    for (filter, expected) in [
        ("x >", "where `x >`: expected a value"),
        ("x 5", "where `x 5`: expected one of"),
        ("x in 5", "where `x in 5`: expected two numbers"),
        ("`x > 5", "where ``x > 5`: expected a closing backtick"),
        ("> 5", "where `> 5`: expected the name of a column"),
        ("x == \"5", "expected a closing quote"),
        ("id == aa", "where `id == aa`: `id` has no level `aa`; did you mean `a`?"),
        ("kind != w", "where `kind != w`: `kind` has no level `w`"),
        ("id > a", "where `id > a`: labels have no order"),
        ("x == a", "where `x == a`: the column holds numbers"),
        ("t == a", "where `t == a`: the column holds numbers"),
        ("w > 1", "where `w > 1`: no column `w`; did you mean"),
        ("t > 5", "a.csv: no rows are left of 2"),
        ("x > 50", "where `x > 50`: no rows are left of 2"),
    ] {
        let text = BASE.replace("period = 't'", &format!("period = 't'\nwhere = ['{filter}']"));
        check(&text, expected);
    }
    check(&BASE.replace("tier", "colour"), "unknown field `colour`");
    let none = Spec { sources: Vec::new(), ..toml::from_str(BASE).unwrap() };
    assert_eq!(load(&none, &folder.path("")), Err(Error::NoSource));
}
