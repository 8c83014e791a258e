//! Tables as programs write them, pasted: what each says, and what is wrong with those that are no
//! tables.

use proptest::prelude::*;
use published::{Kind, PasteError, Pasted, Printed, Transcription, Uncertainty};

fn read(name: &str, text: &str) -> Pasted {
    Transcription::pasted(name, text).unwrap_or_else(|error| panic!("{error}"))
}

/// The cells of a row as they are printed.
fn row(pasted: &Pasted, table: &str, label: &str) -> Vec<String> {
    let table = pasted.transcription.table(table).unwrap_or_else(|| panic!("no table {table}"));
    let row = table.row(label).unwrap_or_else(|| panic!("no row {label} in {:?}", table.rows()));
    row.cells.iter().map(Printed::to_string).collect()
}

/// What was read comes back from its TOML.
fn reads_back(pasted: &Pasted) {
    let toml = pasted.transcription.to_string();
    let again = Transcription::parse("published.toml", &toml);
    assert_eq!(again.as_ref(), Ok(&pasted.transcription), "{toml}");
}

/// The table that four programs print in their own ways below.
fn is_the_table(pasted: &Pasted, rows: [&str; 3], brackets: Uncertainty) {
    let [x, constant, n] = rows;
    let table = &pasted.transcription.tables()[0];
    let id = table.id();
    assert_eq!(table.kind(), Kind::Regression);
    assert_eq!(table.column_names(), ["(1)", "(2)"], "{:?}", pasted.remarks);
    assert_eq!(table.uncertainty(), Some(brackets));
    assert_eq!(row(pasted, id, x), ["0.110*** (0.0126)", "0.0816** (0.0317)"]);
    assert_eq!(row(pasted, id, constant), ["-1.027*** (0.0265)", "-3.252*** (0.397)"]);
    assert_eq!(row(pasted, id, n), ["372", "372"]);
    reads_back(pasted);
}

#[test]
fn stata_esttab_csv() {
    let text = "\"\",\"(1)\",\"(2)\"\n\"\",\"lnY\",\"lnY\"\n\
        \"lnX\",=\"0.110***\",=\"0.0816**\"\n\"\",=\"(0.0126)\",=\"(0.0317)\"\n\
        \"_cons\",=\"-1.027***\",=\"-3.252***\"\n\"\",=\"(0.0265)\",=\"(0.397)\"\n\
        \"N\",\"372\",\"372\"\n\"R-sq\",\"0.99\",\"0.99\"\n\
        \"Standard errors in parentheses\"\n\"* p<0.05, ** p<0.01, *** p<0.001\"\n";
    let pasted = read("table.csv", text);
    is_the_table(&pasted, ["lnX", "_cons", "N"], Uncertainty::StandardError);
    assert_eq!(pasted.transcription.tables()[0].stars(), [0.05, 0.01, 0.001]);
    assert_eq!(pasted.transcription.tables()[0].dependent(), ["lnY", "lnY"]);
    assert_eq!(pasted.remarks, ["table.csv:2: taken for the dependent variables: lnY, lnY"]);
}

#[test]
fn stata_esttab_latex() {
    let text = r"
\begin{table}[htbp]\centering
\def\sym#1{\ifmmode^{#1}\else\(^{#1}\)\fi}
\caption{Baseline}
\begin{tabular}{l*{2}{c}}
\hline\hline
            &\multicolumn{1}{c}{(1)}&\multicolumn{1}{c}{(2)}\\
            &\multicolumn{1}{c}{lnY}&\multicolumn{1}{c}{lnY}\\
\hline
lnX         &       0.110\sym{***}&      0.0816\sym{**} \\
            &    (0.0126)         &    (0.0317)         \\
[1em]
\_cons      &      -1.027\sym{***}&      -3.252\sym{***}\\
            &    (0.0265)         &     (0.397)         \\
\hline
\(N\)       &         372         &         372         \\ % rows
\hline\hline
\multicolumn{3}{l}{\footnotesize Standard errors in parentheses}\\
\multicolumn{3}{l}{\footnotesize \sym{*} \(p<0.05\), \sym{**} \(p<0.01\), \sym{***} \(p<0.001\)}\\
\end{tabular}
\end{table}
";
    let pasted = read("table.tex", text);
    is_the_table(&pasted, ["lnX", "_cons", "N"], Uncertainty::StandardError);
    let table = &pasted.transcription.tables()[0];
    assert_eq!((table.title(), table.stars()), ("Baseline", &[0.05, 0.01, 0.001][..]));
    assert_eq!(pasted.remarks, ["table.tex:8: taken for the dependent variables: lnY, lnY"]);
}

#[test]
fn stata_outreg2() {
    let text = "\t(1)\t(2)\nVARIABLES\tlnY\tlnY\n\t\t\n\
        lnX\t0.110***\t0.0816**\n\t(0.0126)\t(0.0317)\n\
        Constant\t-1.027***\t-3.252***\n\t(0.0265)\t(0.397)\n\t\t\n\
        Observations\t372\t372\nR-squared\t0.990\t0.990\nProvince FE\tYES\tYES\n\
        Robust standard errors in parentheses\t\t\n*** p<0.01, ** p<0.05, * p<0.1\t\t\n";
    let pasted = read("table.txt", text);
    is_the_table(&pasted, ["lnX", "Constant", "Observations"], Uncertainty::StandardError);
    assert_eq!(pasted.transcription.tables()[0].stars(), [0.1, 0.05, 0.01]);
    assert_eq!(row(&pasted, "1", "Province FE"), ["YES", "YES"]);
}

#[test]
fn r_stargazer_latex() {
    let text = r"
% Table created by stargazer v.5.2.3
\begin{table}[!htbp] \centering
  \caption{Baseline}
  \label{}
\begin{tabular}{@{\extracolsep{5pt}}lcc}
\\[-1.8ex]\hline
\hline \\[-1.8ex]
 & \multicolumn{2}{c}{\textit{Dependent variable:}} \\
\cline{2-3}
\\[-1.8ex] & \multicolumn{2}{c}{lnY} \\
\\[-1.8ex] & (1) & (2)\\
\hline \\[-1.8ex]
 lnX & 0.110$^{***}$ & 0.0816$^{**}$ \\
  & (0.0126) & (0.0317) \\
  & & \\
 Constant & $-$1.027$^{***}$ & $-$3.252$^{***}$ \\
  & (0.0265) & (0.397) \\
  & & \\
\hline \\[-1.8ex]
Observations & 372 & 372 \\
Residual Std. Error & 0.05 (df = 370) & 0.04 (df = 366) \\
\hline
\hline \\[-1.8ex]
\textit{Note:}  & \multicolumn{2}{r}{$^{*}$p$<$0.1; $^{**}$p$<$0.05; $^{***}$p$<$0.01} \\
\end{tabular}
\end{table}
";
    let pasted = read("stargazer.tex", text);
    let table = &pasted.transcription.tables()[0];
    assert_eq!(table.column_names(), ["(1)", "(2)"]);
    assert_eq!(table.dependent(), ["lnY", "lnY"]);
    assert_eq!(table.stars(), [0.1, 0.05, 0.01]);
    // The note says nothing of the brackets.
    assert_eq!(table.uncertainty(), None);
    assert_eq!(row(&pasted, "1", "Constant"), ["-1.027*** (0.0265)", "-3.252*** (0.397)"]);
    assert_eq!(
        pasted.remarks,
        ["stargazer.tex:22: degrees of freedom behind a number are not used"]
    );
    reads_back(&pasted);
}

#[test]
fn r_etable_and_modelsummary_markdown() {
    let etable = "\
|                  | model 1           | model 2            |
|:-----------------|:------------------|:-------------------|
| Dependent Var.:  | lnY               | lnY                |
|                  |                   |                    |
| lnX              | 0.110*** (0.0126) | 0.0816** (0.0317)  |
| Constant         | -1.027*** (0.0265)| -3.252*** (0.397)  |
| Fixed-Effects:   | ----------------- | -----------------  |
| province         | Yes               | Yes                |
| S.E.: Clustered  | by: province      | by: province       |
| Observations     | 372               | 372                |

Signif. codes: 0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1
";
    let pasted = read("etable.md", etable);
    let table = &pasted.transcription.tables()[0];
    assert_eq!(
        (table.column_names(), table.dependent()),
        (&["(1)".to_owned(), "(2)".to_owned()][..], &["lnY".to_owned(), "lnY".to_owned()][..])
    );
    assert_eq!(table.stars(), [0.05, 0.01, 0.001]);
    assert_eq!(row(&pasted, "1", "lnX"), ["0.110*** (0.0126)", "0.0816** (0.0317)"]);

    let modelsummary = "\
+--------------+-----------+-----------+
|              | (1)       | (2)       |
+==============+===========+===========+
| lnX          | 0.110***  | 0.0816**  |
+--------------+-----------+-----------+
|              | (0.0126)  | (0.0317)  |
+--------------+-----------+-----------+
| (Intercept)  | -1.027*** | -3.252*** |
+--------------+-----------+-----------+
|              | (0.0265)  | (0.397)   |
+--------------+-----------+-----------+
| Num.Obs.     | 372       | 372       |
+==============+===========+===========+
| + p \\< 0.1, * p \\< 0.05, ** p \\< 0.01, *** p \\< 0.001 |
+==============+===========+===========+
Standard errors in parentheses
";
    let pasted = read("modelsummary.md", modelsummary);
    is_the_table(&pasted, ["lnX", "(Intercept)", "Num.Obs."], Uncertainty::StandardError);
    assert_eq!(pasted.transcription.tables()[0].stars(), [0.05, 0.01, 0.001]);
}

#[test]
fn columns_of_their_own_for_estimate_and_error() {
    let text = "term,estimate,std.error,statistic,p.value\nlnX,0.110,0.0126,8.73,0.000\n_cons,-1.027,0.0265,-38.8,0.000\n";
    let pasted = read("broom.csv", text);
    let table = &pasted.transcription.tables()[0];
    assert_eq!(
        (table.column_names(), table.uncertainty()),
        (&["(1)".to_owned()][..], Some(Uncertainty::StandardError))
    );
    assert_eq!(row(&pasted, "1", "lnX"), ["0.110 (0.0126)"]);
    assert_eq!(row(&pasted, "1", "lnX: t"), ["8.73"]);
    assert_eq!(row(&pasted, "1", "lnX: p"), ["0.000"]);
    assert_eq!(pasted.remarks, [""; 0]);
    let two = ",Full,,Urban,\n,Coef.,t,Coef.,t\nlnX,0.110***,8.76,0.082**,2.58\n";
    let pasted = read("two.csv", two);
    assert_eq!(pasted.transcription.tables()[0].column_names(), ["Full", "Urban"]);
    assert_eq!(row(&pasted, "1", "lnX"), ["0.110*** (8.76)", "0.082** (2.58)"]);
    assert_eq!(pasted.transcription.tables()[0].uncertainty(), Some(Uncertainty::T));
}

#[test]
fn moments_weights_and_threshold_tests_are_known_by_their_headers() {
    let text = "Table 2. Moments, of all\nVariable,Obs,Mean,Std. Dev.,Min,Max\nlnY,372,-0.897,0.287,-1.567,-0.570\nFis,372,0.115,—,0.004,0.204a\n\n\
        Table 1. Weights\nDimension,Indicator,Attribute,Weight\nProsperity,Grain,+,0.2097\n,Irrigation,+,0.063\nLivability,Forest,-,0.7273\n\n\
        Table 6. Threshold tests\nThreshold,F,10%,5%,1%\nSingle,38.47*,25.56,31.03,44.60\nDouble,16.24,21.66,25.76,36.03\n* p<0.1\n";
    let pasted = read("tables.csv", text);
    let tables = pasted.transcription.tables();
    let ids: Vec<(&str, Kind, &str)> =
        tables.iter().map(|t| (t.id(), t.kind(), t.title())).collect();
    assert_eq!(
        ids,
        [
            ("2", Kind::Descriptive, "Moments, of all"),
            ("1", Kind::Weights, "Weights"),
            ("6", Kind::ThresholdTest, "Threshold tests")
        ]
    );
    assert_eq!(tables[0].column_names(), ["N", "mean", "sd", "min", "max"]);
    assert_eq!(row(&pasted, "2", "Fis"), ["372", "0.115", "—", "0.004", "0.204a"]);
    assert!(tables[0].cell("Fis", "max").is_some_and(|cell| cell.number().is_none()));
    assert_eq!(
        (tables[1].stub(), tables[1].column_names()),
        (
            &["Dimension".to_owned(), "Indicator".to_owned()][..],
            &["Attribute".to_owned(), "weight".to_owned()][..]
        )
    );
    assert_eq!(
        tables[1].row("Irrigation").and_then(|row| row.group.as_deref()),
        Some("Prosperity")
    );
    assert_eq!(
        tables[2].column_names(),
        ["F", "10% critical value", "5% critical value", "1% critical value"]
    );
    assert_eq!(tables[2].stars(), [0.1]);
    assert_eq!(pasted.remarks.len(), 1, "{:?}", pasted.remarks);
    assert!(pasted.remarks[0].starts_with(
        "tables.csv:4, column `max`: not read as a number: `0.204a`: character 6: expected"
    ));
    reads_back(&pasted);
}

#[test]
fn correlations_are_said_to_be_none_of_our_business() {
    let pasted = read("r.csv", ",lnY,lnX,Fis\nlnY,1,,\nlnX,0.24***,1.000,\nFis,-0.1,0.2,1\n");
    assert_eq!(pasted.transcription.tables()[0].kind(), Kind::Resources);
    assert_eq!(pasted.remarks, ["table 1: correlations; nothing is checked in it"]);
    reads_back(&pasted);
}

#[test]
fn panels_are_tables_of_their_own() {
    let text = "| | (1) | (2) |\n|---|---|---|\n| Panel A: men | | |\n| x | 0.1** (0.04) | 0.2 (0.2) |\n| N | 10 | 10 |\n\
        | **Panel B: women** | | |\n| x | 0.3 (0.2) | |\n| N | 12 | |\n";
    let pasted = read("t.md", text);
    let ids: Vec<(&str, &str)> =
        pasted.transcription.tables().iter().map(|t| (t.id(), t.title())).collect();
    assert_eq!(ids, [("1 Panel A", "Panel A: men"), ("1 Panel B", "Panel B: women")]);
    assert_eq!(row(&pasted, "1 Panel B", "N"), ["12", ""]);
    assert_eq!(pasted.remarks, ["table 1: no line says what the stars mean; they are not checked"]);
}

#[test]
fn what_is_no_number_is_words_and_said() {
    let text = ",(1),(2),(3)\nx,0.10†,0.20+,—\n,(0.05),(0.15),\nz,0.5b (0.1),0.3 (.),n.a.\nN,100,100,\nStandard errors in parentheses; + p<0.1; * p<0.05\n";
    let pasted = read("t.csv", text);
    assert_eq!(row(&pasted, "1", "x"), ["0.10†", "0.20 (0.15)", "—"]);
    assert_eq!(row(&pasted, "1", "z"), ["0.5b (0.1)", "0.3 (.)", "n.a."]);
    let begins = [
        "t.csv:2, column `(1)`: `0.10† (0.05)` is not a number with one in brackets",
        "t.csv:2, column `(1)`: not read as a number: `0.10†`",
        "t.csv:2, column `(2)`: the plus of `0.20+` is not checked",
        "t.csv:4, column `(1)`: not read as a number: `0.5b (0.1)`",
        "t.csv:4, column `(2)`: not read as a number: `0.3 (.)`",
    ];
    assert_eq!(pasted.remarks.len(), begins.len(), "{:?}", pasted.remarks);
    for (remark, begin) in pasted.remarks.iter().zip(begins) {
        assert!(remark.starts_with(begin), "{remark}");
    }
    reads_back(&pasted);
}

#[test]
fn what_is_no_table_says_where_and_what_would_mend_it() {
    let says = |text: &str| {
        Transcription::pasted("t.csv", text).map(drop).map_err(|error| error.to_string())
    };
    let error = |text: &str, wanted: &str| {
        let said = says(text);
        assert!(said.as_ref().is_err_and(|said| said.contains(wanted)), "{text}: {said:?}");
    };
    error("", "t.csv: no table with numbers; separate columns by tabs or commas");
    error("We thank the editor.", "t.csv: no table with numbers");
    error("a,b\nc,d\n", "t.csv: no table with numbers");
    error(
        ",(1)\nx,0.1\n,0.05\n",
        "t.csv:3, column `(1)`: `0.05` stands in a row without a label and in no brackets; write `(0.05)`",
    );
    error(
        ",(1),(2)\nx,0.1,\n,(0.05),(0.1)\n",
        "t.csv:3, column `(2)`: `(0.1)` belongs to no estimate",
    );
    error(",(1)\n,(0.1)\nx,0.1\n", "t.csv:2, column `(1)`: `(0.1)` belongs to no estimate");
    error(",(1)\nx,0.1\nx,0.2\n", "t.csv:3: a second row `x` in one table");
    error("0.1,0.2\n0.3,0.4\n", "t.csv:1: the first column holds numbers");
    error(",(1),(2)\nx,0.1,0.2\nN,1,372,1,372\n", "t.csv:3: 5 cells where the rows above have 3");
    error(",(1)\nx,\"0.1\n", "t.csv:2: a quotation mark is opened and never closed");
    error(
        "\\begin{tabular}{lc}\nx & 0.1 \\\\\n",
        "t.csv:1: `\\begin{tabular}` is opened and never closed",
    );
    let line = format!("x{}\n", ",0.1".repeat(1000));
    let large = Transcription::pasted("t.csv", &line.repeat(10_000)).map(drop);
    assert!(matches!(large, Err(PasteError::Large { rows: 2_000, columns: 200, .. })));
    let spans = "\\multicolumn{200}{c}{0.1} & ".repeat(1_000);
    let large =
        Transcription::pasted("t.tex", &format!("\\begin{{tabular}}{{l}}{spans}\\end{{tabular}}"));
    assert!(matches!(large, Err(PasteError::Large { .. })));
}

/// Pieces that tables are made of, and that could break a reader.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        ",",
        "\t",
        "|",
        "&",
        "\\\\",
        "\n",
        "\n\n",
        "\"",
        "=\"",
        " ",
        "(1)",
        "(2)",
        "lnX",
        "x",
        "N",
        "R2",
        "Table 1",
        "Panel A",
        "0.110***",
        "(0.013)",
        "[2.31]",
        "0.5",
        "372",
        "1,234",
        "—",
        "a",
        "*",
        "***",
        "* p<0.1, ** p<0.05",
        "Standard errors in parentheses",
        "mean",
        "sd",
        "min",
        "weight",
        "|---|---|",
        "\\begin{tabular}{lc}",
        "\\end{tabular}",
        "\\multicolumn{2}{c}{",
        "}",
        "{",
        "\\sym{",
        "$",
        "^",
        "\\caption{",
        "%",
        "<br>",
        "**",
        "+--+",
        "==",
        "é",
        "表",
        "年",
        "．",
        "−",
        "'",
        ".",
        "%1",
        "5 percent",
        "*1",
        "Dependent variable:",
        "NaN",
        "[1em]",
    ];
    prop_oneof![4 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,3}"]
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader_and_what_is_read_reads_back(pieces in prop::collection::vec(piece(), 0..80)) {
        if let Ok(pasted) = Transcription::pasted("t", &pieces.concat()) {
            let toml = pasted.transcription.to_string();
            prop_assert_eq!(Transcription::parse("t.toml", &toml), Ok(pasted.transcription));
        }
    }
}
