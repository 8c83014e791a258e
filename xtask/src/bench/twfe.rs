//! `cargo xtask bench twfe`: our two-way fixed effects beside fereg and pyfixest.

use super::Options;
use super::runner::{Heat, Place, Turn};

/// A data set that `benches/gen.py` knows by this name.
struct Set {
    name: &'static str,
    /// Timed fits a process.
    reps: u32,
    /// Small enough for `--quick`.
    quick: bool,
    /// Small enough for pyfixest.
    pyfixest: bool,
}

const SETS: [Set; 5] = [
    Set { name: "twfe_i_270", reps: 21, quick: true, pyfixest: true },
    Set { name: "twfe_ii_100k", reps: 7, quick: true, pyfixest: true },
    Set { name: "twfe_iii_1m", reps: 5, quick: false, pyfixest: true },
    Set { name: "twfe_iv_10m", reps: 3, quick: false, pyfixest: false },
    Set { name: "akm_v_1m", reps: 3, quick: false, pyfixest: true },
];

/// Whether all of our fits ran.
pub(super) fn run(options: &Options) -> Result<bool, String> {
    let sets: Vec<&Set> = SETS.iter().filter(|set| set.quick || !options.quick).collect();
    let files: Vec<String> = sets.iter().map(|set| format!("{}.parquet", set.name)).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let place = Place::prepare(&["twfe"], &files)?;
    let mut heats: Vec<Heat> = sets.iter().map(|set| heat(&place, set, options)).collect();
    place.race("twfe", &mut heats, "table.py")
}

/// The turns on one data set: ours, in its own mode and in named ones, then the Python packages that
/// have pyfixest's `feols`.
fn heat(place: &Place, set: &Set, options: &Options) -> Heat {
    let reps = options.reps.unwrap_or(set.reps).to_string();
    let data = place.data(&format!("{}.parquet", set.name));
    let ours = |mode: Option<&String>| {
        let mut command = place.example("twfe");
        command.arg(&data).arg(&reps).args(mode);
        let tool = mode.map_or("panelproof".into(), |mode| format!("panelproof {mode}"));
        Turn { tool, ours: true, rounds: u32::MAX, command }
    };
    let mut turns = vec![ours(None)];
    turns.extend(options.modes.iter().map(|mode| ours(Some(mode))));
    let peers = if set.pyfixest { &["fereg", "pyfixest"][..] } else { &["fereg"] };
    turns.extend(peers.iter().map(|&peer| {
        let mut command = place.script("twfe.py");
        command.arg(peer).arg(&data).arg(&reps);
        Turn { tool: peer.into(), ours: false, rounds: u32::MAX, command }
    }));
    Heat { work: "twfe".into(), set: set.name.into(), turns }
}
