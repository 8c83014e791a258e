//! A panel threshold, for `cargo xtask bench methods`.
//!
//! `threshold WORK DATA.csv REPS` times one of two works: `threshold grid`, a grid of 300 with 1000
//! draws, or `threshold all`, all distinct values with 300. The data have columns
//! `entity, time, y, q, x, z1, z2, z3, z4`.

use std::error::Error;

use causal::threshold::{
    Bootstrap, DrawTrim, Grid, Inequality, Null, Resample, Residuals, Rows, Scale, Search, Spec,
    Trim, TrimOf, estimate,
};
use estimate::{Constant, Convention};

fn main() -> Result<(), Box<dyn Error>> {
    let bench = testkit::Bench::from_args();
    let panel = testkit::panel(&bench.data);
    let (grid, replications) = match bench.work.as_str() {
        "threshold grid" => (Grid::Even(300), 1000),
        "threshold all" => (Grid::All, 300),
        other => return Err(format!("no work `{other}`: `threshold grid`, `threshold all`").into()),
    };
    let spec = Spec {
        model: "y ~ z1 + z2 + z3 + z4 + x | entity".parse()?,
        switching: vec!["x".parse()?],
        variable: "q".parse()?,
        thresholds: 1,
        inequality: Inequality::AtMost,
        rows: Rows::All,
        grid,
        trim: Trim { shares: vec![0.05], of: TrimOf::Range, min_rows: 1 },
        search: Search::Sequential { rounds: 1 },
        f_scale: Scale::Hansen,
        lr_scale: Scale::Hansen,
        level: 0.95,
        bootstrap: Some(Bootstrap {
            resample: Resample::Entities,
            residuals: Residuals::Alternative,
            null: Null::Search,
            trim: DrawTrim::Own,
            replications,
            seed: 1,
        }),
        slopes: estimate::Spec {
            vcov: "cluster entity".parse()?,
            convention: Convention::STATA_XTREG,
            constant: Constant::Mean,
        },
    };
    bench.report(
        || estimate(&panel, &spec, &|_| ()),
        |outcome| {
            vec![
                ("γ".to_owned(), outcome.thresholds()[0].estimate),
                ("F".to_owned(), outcome.tests()[0].f),
            ]
        },
    )?;
    Ok(())
}
