//! `panelproof ingest`: from raw files to one panel file, with a manifest beside it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use ingest::{Loaded, SYNTHETIC, Spec, Tier};
use panel::{Column, Name, Panel};
use serde_json::{Value, json};

use super::progress;
use super::tables::usage;
use crate::Error;
use crate::study::Written;

/// Turn raw files into one panel, as the data sections of a study file say.
///
/// A study file for this needs three sections: `[panel]`, which rows there are; a `[[source]]` for
/// every file; and a `[[variable]]` for everything that is made of their columns. The rest of a
/// study may be there as well, and is passed over.
///
/// The panel goes to the file that `-o` names, in the format of its ending. Beside it goes a
/// manifest, `panel.manifest.json` for `panel.csv`: the SHA-256 of every file that was read, the
/// study file's text, and what was done. The account of it is printed as well. A file is there
/// whole or not at all; one of an earlier run is replaced.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Ingest {
    /// The study file.
    #[arg(value_name = "STUDY", required_unless_present = "propose")]
    study: Option<PathBuf>,
    /// Where the panel goes: a file that ends in .csv, .parquet, .dta or .xlsx. Without it nothing
    /// is written, and the account says what would be.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The folder that paths in the study start from; if not given, the one the study is in.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Also write every cell that cleaning gave another value to this .csv file: variable, entity,
    /// period, step, before, after.
    #[arg(long, value_name = "FILE")]
    changes: Option<PathBuf>,
    /// Look at a raw file instead, say what it seems to be, and print a `[[source]]` to begin with.
    #[arg(long, value_name = "DATA", conflicts_with_all = ["study", "out", "root", "changes"])]
    propose: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  panelproof ingest --propose fixtures/data/china/nbs_gdp.csv
  panelproof ingest fixtures/ingest/cleaning.toml --root fixtures
  panelproof ingest fixtures/ingest/cleaning.toml --root fixtures -o target/panel.csv \\
    --changes target/changes.csv

A study file of ten lines:
  [panel]
  entity = \"province\"
  period = \"year\"
  entities = \"china-provinces\"    # 北京市, 北京 and 110000 are Beijing
  names = \"english\"

  [[source]]
  file = \"gdp.csv\"
  tier = \"real\"
  units = { gdp = \"亿元\" }

  [[variable]]
  name = \"gdp_filled\"
  from = \"gdp\"
  steps = [\"interpolate\", { winsorize = { low = 0.01, high = 0.99, percentiles = \"linear\" } }]

Steps, in the order in which they are written:
  log, log1p                    over, plus, minus, times = a number or a column
  lag, lead, difference, growth = periods
  interpolate                   extrapolate = nearest | linear        fill = a number
  winsorize = { low, high, percentiles = linear | stata, by = period }
  deflate = { by = a price index, base = a period, index = chained | fixed }
  unit, convert = a unit        exchange = { rates = a column or a table, unit }
  region = east-central-west | east-central-west-northeast

Nothing is filled, dropped or converted that the study does not ask for.
docs/ingest.md has provinces, units and every step in full; `panelproof trace` follows one number
back to the cell it comes from.";

/// The data sections of a study file, its text, and the folder that its paths start from.
pub(super) fn data(study: &Path, root: Option<&PathBuf>) -> Result<(Spec, String, PathBuf), Error> {
    let text = std::fs::read_to_string(study)
        .map_err(|error| Error::Io { path: study.to_owned(), reason: error.to_string() })?;
    let file = study.display().to_string();
    let written = Written::parse(&file, &text)?;
    let Some(panel) = written.panel else {
        return usage(format!("{file}: no [panel]; add one with `entity` and `period`"));
    };
    let spec = Spec { panel, sources: written.sources, variables: written.variables };
    let parent = study.parent().filter(|parent| !parent.as_os_str().is_empty());
    let own = || parent.unwrap_or(Path::new(".")).to_owned();
    Ok((spec, text, root.cloned().unwrap_or_else(own)))
}

pub(crate) fn ingest(arguments: &Ingest) -> Result<(String, u8), Error> {
    if let Some(file) = &arguments.propose {
        let proposal = ingest::propose(file)?;
        return Ok((crate::cli::ended(proposal.to_string()), 0));
    }
    let Some(study) = &arguments.study else { return usage("name a study file") };
    let ending =
        |path: &Path| path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if let Some(out) = &arguments.out
        && !["csv", "parquet", "dta", "xlsx"].contains(&ending(out).as_str())
    {
        let out = out.display();
        return usage(format!(
            "-o `{out}`: name a file that ends in .csv, .parquet, .dta or .xlsx"
        ));
    }
    if let Some(changes) = &arguments.changes
        && ending(changes) != "csv"
    {
        return usage(format!("--changes `{}`: name a file that ends in .csv", changes.display()));
    }
    let (spec, text, root) = data(study, arguments.root.as_ref())?;
    let bytes = usize::try_from(ingest::size(&spec, &root)).unwrap_or(usize::MAX);
    let loaded = progress::bar("reading, bytes", bytes, |tick| {
        let watch = |read: u64| tick(usize::try_from(read).unwrap_or(0));
        ingest::load_watched(&spec, &root, &watch)
    })?;

    let mut said = loaded.account.to_string();
    let counted =
        |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    let _ = writeln!(
        said,
        "{} of {}, {}, {} changed by cleaning",
        counted(loaded.panel.n_rows(), "row", "rows"),
        counted(loaded.panel.index().entity.n_levels(), "entity", "entities"),
        counted(loaded.panel.columns().len(), "column", "columns"),
        counted(loaded.changes.len(), "cell", "cells"),
    );
    if let Some(changes) = &arguments.changes {
        loaded.changes.write_csv(&loaded.panel, changes)?;
        let _ = writeln!(said, "changes written to {}", changes.display());
    }
    if let Some(out) = &arguments.out {
        let (panel, synthetic) = labelled(&loaded)?;
        let renamed = progress::busy("writing", || ingest::write(&panel, &loaded.account, out))?;
        if !synthetic.is_empty() {
            let synthetic = synthetic.join(", ");
            let _ = writeln!(said, "solved for, and called so in the file: {synthetic}");
        }
        for name in renamed {
            let (column, name) = (name.column, name.name);
            let _ = writeln!(said, "{column}: called {name} in the file, as names there go");
        }
        let manifest = out.with_extension("manifest.json");
        let json = manifest_of(&spec, &loaded, study, &text, out)?;
        whole(
            &manifest,
            &crate::cli::ended(serde_json::to_string_pretty(&json).unwrap_or_default()),
        )?;
        let _ = writeln!(said, "panel written to {}, and {}", out.display(), manifest.display());
    }
    Ok((said, 0))
}

/// All that is needed to make the panel again and to see that it is the same.
fn manifest_of(
    spec: &Spec,
    loaded: &Loaded,
    study: &Path,
    text: &str,
    out: &Path,
) -> Result<Value, Error> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let sources: Vec<Value> = (loaded.files.iter())
        .map(|file| {
            json!({
                "file": file.file, "sha256": file.sha256, "rows": file.rows,
                "columns": file.columns, "tier": file.tier.to_string(),
                "provenance": file.provenance,
            })
        })
        .collect();
    let columns: Vec<Value> = (loaded.panel.columns().iter())
        .map(|(name, column)| {
            let made = spec.variables.iter().find(|variable| variable.name == *name);
            let steps = made.map(|variable| {
                variable.steps.iter().map(ToString::to_string).collect::<Vec<String>>()
            });
            let missing = match column {
                Column::Number(values) => values.iter().filter(|x| x.is_nan()).count(),
                Column::Category(factor) => {
                    factor.codes().iter().filter(|&&code| code == panel::Factor::MISSING).count()
                }
            };
            let changed = loaded.changes.iter().filter(|change| change.variable == name).count();
            json!({
                "name": called(loaded, name), "from": made.map(|variable| &variable.from), "steps": steps,
                "unit": loaded.units.get(name).map(ToString::to_string),
                "tier": loaded.tiers.get(name).map(ToString::to_string),
                "missing": missing, "changed": changed,
            })
        })
        .collect();
    let index = loaded.panel.index();
    Ok(json!({
        "program": { "name": "panelproof", "version": env!("CARGO_PKG_VERSION") },
        "panel": {
            "file": name(out), "sha256": ingest::sha256(out)?,
            "rows": loaded.panel.n_rows(), "entities": index.entity.n_levels(),
            "periods": [index.period.iter().min(), index.period.iter().max()],
        },
        "study": { "file": name(study), "sha256": ingest::sha256(study)?, "text": text },
        "sources": sources,
        "columns": columns,
        "changed": loaded.changes.len(),
        "account": super::tables::lines(&loaded.account),
    }))
}

/// Writes beside the file and renames.
fn whole(path: &Path, text: &str) -> Result<(), Error> {
    let mut part = path.file_name().unwrap_or_default().to_owned();
    part.push(".part");
    let part = path.with_file_name(part);
    std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, path)).map_err(|error| {
        let _ = std::fs::remove_file(&part);
        Error::Io { path: path.to_owned(), reason: error.to_string() }
    })
}

/// The panel with the label of columns that were solved for, or made of such ones, in their names; and these.
fn labelled(loaded: &Loaded) -> Result<(Panel, Vec<Name>), Error> {
    let columns = loaded.panel.columns();
    let is_synthetic = |name: &&Name| called(loaded, name) != **name;
    let synthetic: Vec<Name> = columns.keys().filter(is_synthetic).cloned().collect();
    let all = columns.iter().map(|(name, column)| (called(loaded, name), column.clone()));
    Ok((Panel::new(loaded.panel.index().clone(), all)?, synthetic))
}

/// What a column is called in a file.
fn called(loaded: &Loaded, name: &Name) -> Name {
    let is_synthetic = loaded.tiers.get(name) == Some(&Tier::Reconstructed);
    format!("{name}{}", if is_synthetic { SYNTHETIC } else { "" })
}
