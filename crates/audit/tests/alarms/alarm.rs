//! What the audit says of a paper that is right.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use audit::{Schema, Verdict, audit};
use published::Transcription;
use testkit::Stream;

use crate::made::known::Told;
use crate::made::paper::Paper;

/// An impossible finding, or a refusal, about tables that are right.
pub(crate) struct Alarm {
    pub(crate) seed: u64,
    pub(crate) told: Told,
    pub(crate) check: String,
    pub(crate) text: String,
}

/// The schema of a paper, by its seed.
pub(crate) fn schema(seed: u64, paper: &Paper, told: Told) -> String {
    paper.schema(told, &mut Stream::new(seed ^ 0x5EED))
}

/// All that the audit holds impossible.
pub(crate) fn alarms(seed: u64, paper: &Paper, told: Told) -> Vec<Alarm> {
    let alarm = |check: &str, text: String| Alarm { seed, told, check: check.to_owned(), text };
    let toml = paper.toml();
    let known = schema(seed, paper, told);
    let read = match Transcription::parse("made.toml", &toml) {
        Ok(read) => read,
        Err(error) => return vec![alarm("unreadable", error.to_string())],
    };
    let audited = Schema::parse("audit.toml", &known).and_then(|schema| audit(&read, &schema));
    match audited {
        Err(error) => vec![alarm("refused", error.to_string())],
        Ok(audited) => audited
            .findings
            .iter()
            .filter(|finding| finding.verdict == Verdict::Impossible)
            .map(|finding| {
                let cells: Vec<String> = finding.cells.iter().map(ToString::to_string).collect();
                alarm(finding.check, format!("{} [{}]", finding.explanation, cells.join(", ")))
            })
            .collect(),
    }
}

/// How many alarms a check gave, and the first few of each.
pub(crate) fn summary(alarms: &[Alarm]) -> String {
    let mut by_check = BTreeMap::<&str, Vec<&Alarm>>::new();
    for alarm in alarms {
        by_check.entry(&alarm.check).or_default().push(alarm);
    }
    let mut out = format!("{} false alarms\n", alarms.len());
    for (check, alarms) in by_check {
        let _ = writeln!(out, "{check}: {}", alarms.len());
        // One a paper: the others of it have mostly the same cause.
        let mut papers = BTreeSet::new();
        for alarm in alarms.iter().filter(|it| papers.insert(it.seed)).take(8) {
            let _ = writeln!(out, "  seed {} {:?}: {}", alarm.seed, alarm.told, alarm.text);
        }
    }
    out
}
