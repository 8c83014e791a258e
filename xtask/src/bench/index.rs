//! `cargo xtask bench index`: an entropy index of 18 indicators, beside polars, pandas and numpy.

use super::Options;
use super::runner::{Heat, Place, Turn};

const SET: &str = "entropy_1m_18";
const SMALL: &str = "entropy_100k_18";
const PEERS: [&str; 3] = ["polars", "pandas", "numpy"];
/// Timed runs a process.
const REPS: u32 = 7;

/// Whether ours ran and found what the peers found.
pub(super) fn run(options: &Options) -> Result<bool, String> {
    let set = if options.quick { SMALL } else { SET };
    let file = format!("{set}.parquet");
    let place = Place::prepare(&["index"], &[&file])?;
    let (data, reps) = (place.data(&file), options.reps.unwrap_or(REPS).to_string());
    let mut command = place.example("index");
    command.arg(&data).arg(&reps);
    let mut turns = vec![Turn { tool: "panelproof".into(), ours: true, rounds: 2, command }];
    for peer in PEERS {
        let mut command = place.script("index.py");
        command.arg(peer).arg(&data).arg(&reps);
        turns.push(Turn { tool: peer.into(), ours: false, rounds: 2, command });
    }
    let heat = Heat { work: "index".into(), set: set.into(), turns };
    place.race("index", &mut [heat], "ingest_table.py")
}
