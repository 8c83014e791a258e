//! `cargo xtask bench methods`: thresholds, matching, selection, the wild bootstrap and random effects,
//! each beside the software that people use for it.

use super::Options;
use super::runner::{Heat, Place, Turn};

/// Something to compute, by a name that the example, `benches/methods.py` and
/// `benches/methods_table.py` share.
struct Work {
    name: &'static str,
    /// Our example.
    example: &'static str,
    /// A data set that `benches/gen.py` knows by this name, and a smaller one for `--quick`.
    set: &'static str,
    small: &'static str,
    /// Timed runs of ours a process.
    reps: u32,
    peers: &'static [Peer],
}

/// A Python package.
struct Peer {
    tool: &'static str,
    /// Timed runs a process.
    reps: u32,
    rounds: u32,
}

const WORKS: [Work; 6] = [
    Work {
        name: "threshold grid",
        example: "threshold",
        set: "thr_565x15",
        small: "thr_31x12",
        reps: 7,
        peers: &[
            Peer { tool: "pyxthreg", reps: 3, rounds: 2 },
            Peer { tool: "refit", reps: 1, rounds: 2 },
        ],
    },
    Work {
        name: "threshold all",
        example: "threshold",
        set: "thr_565x15",
        small: "thr_31x12",
        reps: 5,
        peers: &[Peer { tool: "refit", reps: 1, rounds: 1 }],
    },
    Work {
        name: "matching",
        example: "matching",
        set: "psm_1m",
        small: "psm_100k",
        reps: 5,
        peers: &[Peer { tool: "statspai", reps: 1, rounds: 2 }],
    },
    Work {
        name: "heckman",
        example: "heckman",
        set: "heckman_1m",
        small: "heckman_100k",
        reps: 5,
        peers: &[Peer { tool: "statspai", reps: 2, rounds: 2 }],
    },
    Work {
        name: "wild",
        example: "wild",
        set: "twfe_i_270",
        small: "twfe_i_270",
        reps: 21,
        peers: &[Peer { tool: "pyfixest", reps: 7, rounds: 2 }],
    },
    Work {
        name: "random effects",
        example: "random_effects",
        set: "twfe_iii_1m",
        small: "twfe_ii_100k",
        reps: 5,
        peers: &[Peer { tool: "linearmodels", reps: 1, rounds: 2 }],
    },
];

/// Whether all of ours ran and found what the peers found.
pub(super) fn run(options: &Options) -> Result<bool, String> {
    let set = |work: &Work| if options.quick { work.small } else { work.set };
    let mut files: Vec<String> = WORKS.iter().map(|work| format!("{}.csv", set(work))).collect();
    files.sort();
    files.dedup();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let mut examples = WORKS.map(|work| work.example).to_vec();
    examples.dedup();
    let place = Place::prepare(&examples, &files)?;
    let heat = |work| heat(&place, work, set(work), options);
    let mut heats: Vec<Heat> = WORKS.iter().map(heat).collect();
    place.race("methods", &mut heats, "methods_table.py")
}

/// The turns at one work: ours, then the peers.
fn heat(place: &Place, work: &Work, set: &str, options: &Options) -> Heat {
    let data = place.data(&format!("{set}.csv"));
    let reps = |own: u32| options.reps.unwrap_or(own).to_string();
    let mut command = place.example(work.example);
    command.arg(work.name).arg(&data).arg(reps(work.reps));
    let mut turns = vec![Turn { tool: "panelproof".into(), ours: true, rounds: 2, command }];
    for peer in work.peers {
        let mut command = place.script("methods.py");
        command.arg(peer.tool).arg(work.name).arg(&data).arg(reps(peer.reps));
        turns.push(Turn { tool: peer.tool.into(), ours: false, rounds: peer.rounds, command });
    }
    Heat { work: work.name.into(), set: set.into(), turns }
}
