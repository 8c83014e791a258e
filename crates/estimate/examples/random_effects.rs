//! Random effects, for `cargo xtask bench methods`.
//!
//! `random_effects WORK DATA.csv REPS`: `y ~ x1 + … + x7` with effects of entities, errors clustered
//! by entity, as linearmodels computes them. Coding the entities is timed. The one work is
//! `random effects`.

use std::error::Error;
use std::hint::black_box;

use estimate::{
    Components, Convention, Design, Effect, Negative, RandomSpec, Singletons, Vcov, random_effects,
};
use panel::Factor;

fn main() -> Result<(), Box<dyn Error>> {
    let bench = testkit::Bench::from_args();
    let panel = testkit::panel(&bench.data);
    let model = "y ~ x1 + x2 + x3 + x4 + x5 + x6 + x7".parse()?;
    let spec = RandomSpec {
        components: Components::SwamyAroraHarmonic,
        effect: Effect::Individual,
        negative: Negative::Zero,
        vcov: Vcov::Cluster("entity".into()),
        convention: Convention::LINEARMODELS,
    };
    let entity = panel.index().entity.codes().to_vec();
    let fit = || {
        black_box(Factor::from_numbers(black_box(&entity)));
        let design = Design::new(&panel, &model, Singletons::Keep)?;
        random_effects(&design, &spec)
    };
    bench.report(fit, |random| {
        let mut numbers: Vec<(String, f64)> = Vec::new();
        if let Some(theta) = &random.theta_entity {
            numbers.push(("least θ".to_owned(), theta.min));
            numbers.push(("largest θ".to_owned(), theta.max));
        }
        for row in random.fit.coefficients() {
            let name = row.term.replace('x', "β");
            numbers.push((name.clone(), row.estimate));
            numbers.push((format!("se({name})"), row.std_error));
        }
        numbers
    })?;
    Ok(())
}
