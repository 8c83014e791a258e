//! Tables computed by hand: what is right, what needs an assumption, what is impossible.

mod bounds;
mod identities;

use audit::{Audit, Schema, Verdict, audit};
use published::Transcription;

pub(crate) fn audited(tables: &str, schema: &str) -> Audit {
    let head = "[paper]\nid = \"x\"\ntitle = \"X\"\nauthors = [\"X\"]\n";
    let paper = Transcription::parse("made.toml", &format!("{head}{tables}")).expect("tables");
    audit(&paper, &Schema::parse("audit.toml", schema).expect("a schema")).expect("an audit")
}

pub(crate) fn verdicts(audit: &Audit, check: &str) -> Vec<&'static str> {
    let word = |verdict: &Verdict| match verdict {
        Verdict::Consistent => "consistent",
        Verdict::NeedsAssumption(_) => "assumption",
        Verdict::Impossible => "impossible",
    };
    audit.findings.iter().filter(|it| it.check == check).map(|it| word(&it.verdict)).collect()
}

pub(crate) fn conventions(audit: &Audit, what: &str) -> Vec<String> {
    let is = |it: &&audit::Convention| it.what == what;
    audit.conventions.iter().filter(is).map(|it| format!("{}: {}", it.column, it.is)).collect()
}

pub(crate) fn table(kind: &str, columns: &[&str], rows: &[&[&str]]) -> String {
    format!(
        "[[table]]\nid = \"1\"\ntitle = \"T\"\nkind = {kind:?}\ncolumns = {columns:?}\nrows = {rows:?}\n"
    )
}
