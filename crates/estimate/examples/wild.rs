//! The wild cluster bootstrap, for `cargo xtask bench methods`.
//!
//! `wild WORK DATA.csv REPS`: `y ~ x1 + … + x7 | entity + time`, clustered by entity, Rademacher
//! weights, the null imposed, the fit included. The works: `wild`, 9999 draws; `wild interval`, with
//! the interval that inverts the test.

use std::error::Error;

use estimate::{Convention, Design, Singletons, Tail, Ties, WildSpec, WildWeights, wild_bootstrap};

fn main() -> Result<(), Box<dyn Error>> {
    let bench = testkit::Bench::from_args();
    let panel = testkit::panel(&bench.data);
    let interval = match bench.work.as_str() {
        "wild" => false,
        "wild interval" => true,
        other => return Err(format!("no work `{other}`: `wild`, `wild interval`").into()),
    };
    let model = "y ~ x1 + x2 + x3 + x4 + x5 + x6 + x7 | entity + time".parse()?;
    let spec = WildSpec {
        term: "x1".parse()?,
        null: 0.0,
        impose: true,
        weights: WildWeights::Rademacher,
        by: "entity".into(),
        draw_by: None,
        // The wildboottest behind pyfixest counts all effects.
        convention: Convention::AREG,
        tail: Tail::Symmetric,
        ties: Ties::Strict,
        level: 0.05,
        interval,
        replications: 9999,
        seed: 1,
    };
    let test = || {
        let design = Design::new(&panel, &model, Singletons::Keep)?;
        wild_bootstrap(&design, &spec, &|_| ())
    };
    bench.report(test, |wild| {
        vec![("t".to_owned(), wild.statistic()), ("p".to_owned(), wild.p_value())]
    })?;
    Ok(())
}
