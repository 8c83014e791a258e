//! Papers whose tables correct software printed: a seed is a paper.
//!
//! ```text
//! data        real and generated panels, cut and scaled
//! column      one regression, by the estimators of the workspace
//! print       rounding, as programs and authors do it
//! known       what an author tells of it
//! regression  columns beside one another, printed
//! study       which columns: nested, mediated, split, lagged, and traps
//! tables      moments, thresholds, weights, tests
//! paper       tables and the truth about them, as TOML
//! errors      one error in them
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::format_push_string,
    clippy::float_cmp,
    clippy::match_same_arms,
    clippy::struct_excessive_bools,
    clippy::too_many_lines,
    unreachable_pub,
    dead_code,
    reason = "a test panics where it fails; a table is made top to bottom in one function; the property and the \
              program use different parts"
)]

pub mod column;
pub mod data;
pub mod errors;
pub mod known;
pub mod paper;
pub mod print;
pub mod regression;
pub mod study;
pub mod tables;

use testkit::Stream;

use data::World;
use paper::Paper;
use study::Study;

/// The paper of a seed; none where its data allow no study.
pub fn paper(seed: u64) -> Option<Paper> {
    let mut stream = Stream::new(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0xA0D1);
    let stream = &mut stream;
    let world = World::draw(stream);
    let mut study = Study::draw(&world, stream)?;
    study.layout.habits(&mut Stream::new(seed ^ 0x4AB1_7500));
    let mut paper = Paper {
        decimals: study.layout.style.decimals(),
        tests: study.layout.tests,
        ..Paper::default()
    };
    if world.balanced && !world.cross_section && stream.below(2) == 0 {
        paper.panel = Some((world.units, world.periods.0, world.periods.1));
    }
    if stream.below(2) == 0 {
        tables::moments(&study, &mut paper, stream);
    }
    for _ in 0..=stream.below(3) {
        study.add(&mut paper, stream);
    }
    match stream.below(18) {
        5 => drop(tables::series(&world, &mut paper, stream)),
        0 => drop(tables::thresholds(&study, &mut paper, stream)),
        1 | 2 => drop(tables::weights(&world, &mut paper, stream)),
        3 => drop(tables::hausman(&study, &mut paper)),
        4 => drop(study.sobel(&mut paper, stream)),
        _ => {}
    }
    paper.about.insert(0, world.name.to_owned());
    (!paper.tables.is_empty()).then_some(paper)
}
