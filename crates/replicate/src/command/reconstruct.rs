//! `panelproof reconstruct`: a panel on which a study's own tables print as published.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use estimate::Reference;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::Account;
use panel::{Column, Panel};
use reconstruct::{Progress, Settings};
use report::replication::PartKind;
use report::{Table, format, head, number, render, row, table, words};

use crate::cli::ended;
use crate::solving::{
    Change, Found, How, Likeness, STARTS, Wanted, is_source, labelled, reconstruct as solve, stored,
};
use crate::{Error, run};

/// Solve for the columns that nobody has, until the study prints what was published.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[allow(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct Reconstruct {
    /// A paper by its key, or the path of a folder with study.toml and published.toml.
    #[arg(value_name = "KEY|DIR")]
    study: String,
    /// Where the start is drawn from; the study's own seed if not given.
    #[arg(long)]
    seed: Option<u64>,
    /// Steps at most, each time that groups are formed.
    #[arg(long, default_value_t = 150)]
    steps: usize,
    /// Keep what a file has of an unknown column.
    #[arg(long = "fix", value_name = "COLUMN=FILE", value_parser = fixed)]
    fixed: Vec<(String, PathBuf)>,
    /// Try other conventions than the study's, one start each; several say every combination.
    #[arg(long = "try", value_name = "CONVENTION=A,B", value_parser = tried, conflicts_with_all = ["out", "check"])]
    tried: Vec<Tried>,
    /// If the numbers cannot hold together, give up as few as can be, and say what the others leave them.
    #[arg(long)]
    elastic: bool,
    /// Ask for printed extremes like for other numbers, in place of holding cells there; counts keep theirs.
    #[arg(long)]
    free_ends: bool,
    /// Ask for all numbers as printed, those too that the study declares to differ.
    #[arg(long)]
    as_printed: bool,
    /// Write the columns that were found to a .csv, .parquet, .dta or .xlsx file.
    #[arg(short, long, value_name = "FILE", conflicts_with = "check")]
    out: Option<PathBuf>,
    /// Compare what is found with the file that the study names.
    #[arg(long)]
    check: bool,
    /// The folder that holds `papers/` and the data; found upwards from here if not given.
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  panelproof reconstruct wang-chen --seed 2 -o panel.csv
  panelproof reconstruct wang-chen --check
  panelproof reconstruct wang-chen --fix rev=figures.csv -o panel.csv
  panelproof reconstruct wang-chen --try omitted-year=first,last --try vcov='cluster province,HC1'
  panelproof reconstruct chen-sun --as-printed --elastic --try vcov=HC1,iid

What is solved for is synthetic, and the names of its columns say so. A panel that is found shows
that the printed numbers can hold together under the conventions of the study, and nothing else:
docs/reconstruction.md. The study says in [[unknown]] what is unknown and how every table is
computed; `panelproof replicate` then prints the tables from the file that it names.

Exit status: 0 every number that is asked for holds, but those given up with --elastic, or with --try those of
one combination; 1 some do not, or the file differs; 2 bad input.";

/// What one `--try` says: the values of one convention.
type Tried = Vec<Change>;

fn tried(text: &str) -> Result<Tried, String> {
    let (key, values) = text.split_once('=').unwrap_or((text, ""));
    values.split(',').map(|value| format!("{key}={}", value.trim()).parse()).collect()
}

fn fixed(text: &str) -> Result<(String, PathBuf), String> {
    let (column, file) = text.split_once('=').ok_or("say COLUMN=FILE")?;
    Ok((column.to_owned(), PathBuf::from(file)))
}

/// Every combination of one value each.
fn combinations(tried: &[Tried]) -> Vec<Vec<Change>> {
    tried.iter().fold(vec![Vec::new()], |all, values| {
        let with = |one: &Vec<Change>, value: &Change| {
            one.iter().chain([value]).cloned().collect::<Vec<Change>>()
        };
        all.iter().flat_map(|one| values.iter().map(move |value| with(one, value))).collect()
    })
}

/// Solves under each combination of conventions, and says how far it came.
fn compare(
    place: &run::Place,
    how: &How,
    tried: &[Tried],
    watch: &mut (dyn FnMut(&Progress, &str) + Send),
) -> Result<(String, u8), Error> {
    let heads = ["", "hold", "of", "given up", "first that does not"];
    let mut shown = table("Conventions that were tried").heads(heads.map(head));
    let mut none = true;
    let mut below = String::new();
    let (mut failed, mut last) = (0, None);
    let combinations = combinations(tried);
    let all_of_them = combinations.len();
    for changes in combinations {
        let name = changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let found = match solve(place, &How { changes, ..how.clone() }, watch) {
            Ok(found) => found,
            // What one combination lacks says nothing of the others.
            Err(error) => {
                failed += 1;
                let _ = writeln!(below, "\n{name}: {error}");
                shown.rows.push(row(&name, [words(""), words(""), words(""), words("not tried")]));
                last = Some(error);
                continue;
            }
        };
        let (all, off) = (found.wanted.len(), found.solution.unsatisfied.len());
        none &= off > 0 || found.folded.is_some();
        if let Some(what) = &found.folded {
            let _ = writeln!(below, "\n{name}: {what}");
        }
        let lines = given_up(&found);
        if !lines.is_empty() {
            let _ = writeln!(below, "\n{name}:\n{lines}");
        }
        let given = found.released.len();
        let worst =
            found.solution.unsatisfied.first().map(|&i| found.wanted[i].address(&found.printed));
        let cells = [
            number((all - off - given).to_string()),
            number(all.to_string()),
            number(given.to_string()),
            words(worst.unwrap_or_default()),
        ];
        shown.rows.push(row(&name, cells));
    }
    if let Some(error) = last.filter(|_| failed == all_of_them) {
        return Err(error);
    }
    shown.notes.push(
        "Where all hold, or all that were not given up, a panel was found under these conventions. \
         Where some do not, none was found by a local search: that proves nothing."
            .to_owned(),
    );
    Ok((ended(render::text(&shown) + &below), u8::from(none)))
}

/// Solves and prints.
pub(crate) fn reconstruct(arguments: &Reconstruct) -> Result<(String, u8), Error> {
    let place = run::find(arguments.fixtures.as_deref(), &arguments.study)?;
    let settings = Settings { steps: arguments.steps, ..Settings::default() };
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    let mut watch = |now: &Progress, worst: &str| {
        let Progress { step, off, unsatisfied, .. } = now;
        bar.set_message(format!(
            "step {step}: {unsatisfied} unsatisfied, worst {worst} by {off:.1}"
        ));
        bar.tick();
    };
    let how = How {
        seed: arguments.seed,
        settings,
        elastic: arguments.elastic,
        free_ends: arguments.free_ends,
        as_printed: arguments.as_printed,
        starts: if arguments.tried.is_empty() || arguments.elastic { STARTS } else { 1 },
        changes: Vec::new(),
        fixed: arguments.fixed.clone(),
    };
    let mut seen = BTreeSet::new();
    for key in arguments.tried.iter().filter_map(|values| values.first()).map(Change::key) {
        if let Some(key) = seen.replace(key) {
            let what = format!("`--try {key}` is said twice; say its values at once, with commas");
            return Err(Error::Usage { what });
        }
    }
    if !arguments.tried.is_empty() {
        let compared = compare(&place, &how, &arguments.tried, &mut watch);
        bar.finish_and_clear();
        return compared;
    }
    // Before anything is solved for that would be lost.
    if let Some(out) = &arguments.out {
        ingest::can_write(out)?;
        if is_source(&place, out)? {
            let what = format!("`{}` is a source of the study: name another file", out.display());
            return Err(Error::Usage { what });
        }
    }
    let stored = if arguments.check { Some(Stored::read(&place)?) } else { None };
    let found = solve(&place, &how, &mut watch);
    bar.finish_and_clear();
    let found = found?;
    let mut text = said(&found);
    if !found.solution.unsatisfied.is_empty() && !arguments.elastic {
        let hint = "`--elastic` looks for the fewest numbers to give up so that the others hold.";
        let _ = writeln!(text, "{hint}");
    }
    if let Some(out) = &arguments.out {
        ingest::write(&found.panel, &Account::default(), out)?;
        let _ = writeln!(text, "written to {}", out.display());
    }
    let mut status = u8::from(!found.solution.unsatisfied.is_empty() || found.folded.is_some());
    if let Some(stored) = stored {
        let same = stored.is_same(&found);
        status |= u8::from(!same);
        let verdict = if same { "the same columns as in" } else { "other columns than in" };
        let _ = writeln!(text, "{verdict} {}", stored.file.display());
    }
    Ok((ended(text), status))
}

/// How far apart columns may be that differ only by how a machine rounds logarithms, as a share of the largest
/// value.
const ROUNDING: f64 = 1e-6;

/// What the file of a study holds.
struct Stored {
    file: PathBuf,
    panel: Panel,
    account: Account,
}

impl Stored {
    fn read(place: &run::Place) -> Result<Self, Error> {
        let run::Opened { study, .. } = run::open(place)?;
        let panel = study.data.map(|data| data.panel);
        let (entity, period) = panel.map(|key| (key.entity, key.period)).unzip();
        let key = ingest::Key { entity, period };
        let file = stored(place)?;
        let (panel, account) = ingest::open(&file, &key, None)?;
        Ok(Self { file, panel, account })
    }

    /// Whether it is what was found.
    fn is_same(&self, found: &Found) -> bool {
        let same = |(name, ours): (&String, &Column)| {
            let pair = (ours, labelled(&self.panel, &self.account, name));
            let (Column::Number(ours), Some(Column::Number(theirs))) = pair else { return false };
            let scale = ours.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            let close = |(a, b): (&f64, &f64)| (a - b).abs() <= ROUNDING * scale;
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(close)
        };
        let n = found.panel.n_rows();
        let row = |at: usize| self.panel.row_label(at) == found.panel.row_label(at);
        self.panel.n_rows() == n && (0..n).all(row) && found.panel.columns().iter().all(same)
    }
}

/// A line a number that was given up.
fn given_up(found: &Found) -> String {
    let mut text = String::new();
    for reach in &found.released {
        let wanted = &found.wanted[reach.target];
        let seven = |x: f64| format::general(x, 7);
        // Stars are solved for as normal deviates, and said as p values.
        let of_stars = wanted.part == PartKind::Stars;
        let told = |x: f64| if of_stars { Reference::Normal.two_sided(x) } else { x };
        let (near, far) = (told(reach.nearest), told(reach.farthest));
        let with = if of_stars { "with p =" } else { "with it at" };
        let open = if reach.is_open { ", or farther" } else { "" };
        let address = wanted.address(&found.printed);
        let printed = as_printed(wanted);
        if !found.solution.unsatisfied.is_empty() {
            let of_stars = if of_stars { "p = " } else { "" };
            let _ = writeln!(
                text,
                "{address}: {printed}, given up; {of_stars}{} here, and no interval was measured, \
                 since others are off",
                seven(near)
            );
            continue;
        }
        let _ = writeln!(
            text,
            "{address}: {printed}, given up; the others hold {with} {} and {with} {}{open}",
            seven(near.min(far)),
            seven(near.max(far)),
        );
    }
    if !text.is_empty() && found.solution.unsatisfied.is_empty() {
        text.push_str(
            "Each was moved from this panel by a local search, counts as they are (weights of an index with \
             the other weights alone): it may go farther.\n",
        );
    }
    if !text.is_empty() && !found.at_ends.is_empty() {
        let _ = writeln!(
            text,
            "Cells are held at the printed extremes of {}, which are not given up; `--free-ends` asks for \
             extremes like for other numbers, but for those of counts.",
            found.at_ends.join(", ")
        );
    }
    text
}

/// What was asked for.
fn as_printed(wanted: &Wanted) -> String {
    match wanted.text.as_str() {
        "" => "printed no stars".to_owned(),
        text if wanted.is_declared => format!("declared to be {text}"),
        text => format!("printed {text}"),
    }
}

fn said(found: &Found) -> String {
    let Found { printed, wanted, solution, released, seed, likeness, kept, .. } = found;
    let mut text = String::new();
    for line in kept {
        let _ = writeln!(text, "{line}");
    }
    if let Some(what) = &found.folded {
        let _ = writeln!(text, "{what}");
    }
    match found.drawn {
        0 => {}
        n => {
            let _ =
                writeln!(text, "{n} printed numbers rest on draws, and nothing is asked of them");
        }
    }
    for name in &found.idle {
        let _ = writeln!(text, "{name}: no printed number moves with it, so it is as it started");
    }
    for &i in &solution.unsatisfied {
        let address = wanted[i].address(printed);
        let ours = match wanted[i].part {
            PartKind::Stars => {
                format!(
                    "p = {}",
                    format::general(Reference::Normal.two_sided(solution.numbers[i]), 7)
                )
            }
            _ => solution.numbers[i].to_string(),
        };
        let _ = writeln!(text, "{address}: {}, ours {ours}", as_printed(&wanted[i]));
    }
    text.push_str(&given_up(found));
    let (all, off) = (wanted.len(), solution.unsatisfied.len());
    let given_up = match released.len() {
        0 => String::new(),
        1 => ", 1 was given up".to_owned(),
        n => format!(", {n} were given up"),
    };
    let hold = all - off - released.len();
    let _ = writeln!(text, "{hold} of {all} printed numbers hold{given_up}; seed {seed}\n");
    let real = likeness.iter().any(|of| of.is_real);
    for shown in std::iter::once(beside(likeness)).chain(real.then(|| correlations(likeness))) {
        let _ = writeln!(text, "{}\n", render::text(&shown).trim_end());
    }
    text
}

/// Of all variables with the real ones.
fn correlations(likeness: &[Likeness]) -> Table {
    let real = likeness.iter().filter(|of| of.is_real).count();
    let numbered = (1..=real).map(|i| format!("({i})"));
    let heads: Vec<String> = ["", ""].map(str::to_owned).into_iter().chain(numbered).collect();
    let mut shown = table("How they go together").heads(heads.iter().map(head));
    for (i, of) in likeness.iter().enumerate() {
        let kind = if of.is_real { format!("({}) real", i + 1) } else { "synthetic".to_owned() };
        // Of two real ones once.
        let known = of.correlations.iter().take(if of.is_real { i } else { real });
        let cells = known.map(|r| number(r.map_or_else(String::new, |r| format!("{r:.2}"))));
        let rest = (0..real).map(|_| number(String::new()));
        let cells: Vec<_> =
            std::iter::once(words(kind)).chain(cells.chain(rest).take(real)).collect();
        shown.rows.push(row(&of.name, cells));
    }
    shown.notes.push("correlations with the real variables".to_owned());
    shown
}

/// Synthetic variables beside real ones.
fn beside(likeness: &[Likeness]) -> Table {
    let shown = |x: Option<f64>| number(x.map_or_else(String::new, |x| format!("{x:.3}")));
    let line = |of: &Likeness| {
        let kind = if of.is_real { "real" } else { "synthetic" };
        row(&of.name, [words(kind), shown(of.persistence), shown(of.between), shown(of.trend)])
    };
    let heads = ["", "", "persistence", "between", "trend"];
    let mut shown = table("How the variables move").heads(heads.map(head));
    shown.rows.extend(likeness.iter().map(line));
    shown.notes.push(
        "persistence: correlation with the period before; between: share of the variance between \
         entities; trend: average change a period, in standard deviations."
            .to_owned(),
    );
    shown
}
