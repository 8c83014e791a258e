//! `cargo xtask bench ingest`: a file read, winsorized and interpolated, beside polars and pandas.

use super::Options;
use super::runner::{Heat, Place, Turn};

const SET: &str = "ingest_1m_20";
const SMALL: &str = "ingest_100k_20";
const PEERS: [&str; 2] = ["polars", "pandas"];
/// Timed runs a process.
const REPS: u32 = 5;

/// Whether ours ran and found what the peers found.
pub(super) fn run(options: &Options) -> Result<bool, String> {
    let set = if options.quick { SMALL } else { SET };
    let file = format!("{set}.csv");
    let place = Place::prepare(&["ingest"], &[&file])?;
    let (data, reps) = (place.data(&file), options.reps.unwrap_or(REPS).to_string());
    let mut command = place.example("ingest");
    command.arg(&data).arg(&reps);
    let mut turns = vec![Turn { tool: "panelproof".into(), ours: true, rounds: 2, command }];
    for peer in PEERS {
        let mut command = place.script("ingest.py");
        command.arg(peer).arg(&data).arg(&reps);
        turns.push(Turn { tool: peer.into(), ours: false, rounds: 2, command });
    }
    let heat = Heat { work: "ingest".into(), set: set.into(), turns };
    place.race("ingest", &mut [heat], "ingest_table.py")
}
