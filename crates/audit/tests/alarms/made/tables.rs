//! Tables that are no regressions: moments, thresholds, weights, tests.

use causal::threshold::{
    self, Bootstrap, DrawTrim, Grid, Inequality, Null, Resample, Residuals, Rows, Scale, Search,
    Spec, Trim, TrimOf,
};
use estimate::{
    Components, Constant, Contrast, Convention, Effect, Negative, RandomSpec, TestError, Vcov,
};
use panel::Term;
use testkit::Stream;

use super::column::Effects;
use super::data::{ENTITY, World};
use super::paper::{Cell, Paper, Row, Table};
use super::print::{Digits, Style};
use super::study::Study;

/// Moments of the variables, of all rows or of those that the regressions have.
pub fn moments(study: &Study<'_>, paper: &mut Paper, stream: &mut Stream) {
    let world = study.world;
    let style = if stream.below(2) == 0 { study.layout.style } else { Style::draw(stream) };
    let all = stream.below(3) == 0;
    let population = stream.below(10) == 0;
    let median = stream.below(3) == 0;
    let levels = stream.below(8) == 0;
    let common = study.common.as_ref().filter(|_| !all);
    let inside = |row: usize| common.is_none_or(|common| common[row]);
    let mut names: Vec<&String> = vec![&study.y, &study.d, &study.m];
    names.extend(&study.controls);
    let mut rows = Vec::new();
    let mut of: Vec<Vec<usize>> = Vec::new();
    for name in names {
        let Ok(values) = world.panel.values(&Term::var(name.clone())) else { continue };
        // A table may describe the level of what the regressions have in logarithms.
        let value = |v: f64| if levels && v.abs() < 50.0 { v.exp() } else { v };
        let used: Vec<usize> =
            (0..values.len()).filter(|&row| inside(row) && values[row].is_finite()).collect();
        let column: Vec<f64> = used.iter().map(|&row| value(values[row])).collect();
        let Some(d) = numbers::describe(&column) else { continue };
        if !levels {
            let integer = column.iter().all(|v| v.fract() == 0.0);
            paper.variables.push((name.clone(), integer, [d.min, d.max]));
        }
        let n = d.n as f64;
        let sd = if population { d.sd * ((n - 1.0) / n).sqrt() } else { d.sd };
        let mut cells = vec![Cell::number(style.count(d.n))];
        let shown = if median {
            vec![d.mean, sd, d.min, d.median, d.max]
        } else {
            vec![d.mean, sd, d.min, d.max]
        };
        cells.extend(shown.into_iter().map(|x| Cell::number(style.number(x))));
        rows.push(Row::new(name.clone(), cells));
        of.push(used);
    }
    let id = (paper.tables.len() + 1).to_string();
    let names = [
        ["variable", "N", "mean", "sd", "min", "max"],
        ["Variable", "Obs", "Mean", "Std. Dev.", "Min", "Max"],
        ["Variable", "Observations", "Mean", "SD", "Minimum", "Maximum"],
    ][stream.below(3)];
    let mut columns: Vec<String> = names.map(str::to_owned).into();
    if median {
        columns.insert(5, ["median", "Median", "p50"][stream.below(3)].to_owned());
    }
    let same = of.windows(2).all(|pair| pair[0] == pair[1]);
    if same
        && !levels
        && !population
        && let Some(used) = of.pop()
    {
        paper.moments.push((id.clone(), used));
    }
    paper.tables.push(Table {
        id,
        kind: "descriptive",
        columns,
        stub: 1,
        rows,
        ..Table::default()
    });
    paper.about.push("moments".to_owned());
}

/// A threshold, its test, and the regression given it.
pub fn thresholds(study: &Study<'_>, paper: &mut Paper, stream: &mut Stream) -> Option<()> {
    if study.world.cross_section || study.world.panel.n_rows() > 500 {
        return None;
    }
    let terms: Vec<&str> = std::iter::once(study.d.as_str())
        .chain(study.controls.iter().map(String::as_str))
        .collect();
    let mut ask = study.ask(&study.y, &terms);
    ask.effects = if stream.below(2) == 0 { Effects::Unit } else { Effects::Both };
    let two = 1 + stream.below(2);
    let scale = [Scale::Hansen, Scale::Xthreg, Scale::Rows, Scale::Residual][stream.below(4)];
    let spec = Spec {
        model: ask.model()?,
        switching: vec![Term::var(study.d.clone())],
        variable: Term::var(study.m.clone()),
        thresholds: two,
        inequality: Inequality::AtMost,
        rows: Rows::All,
        grid: Grid::All,
        trim: Trim { shares: vec![0.1; two], of: TrimOf::Observations, min_rows: 5 },
        search: Search::Sequential { rounds: 1 },
        f_scale: scale,
        lr_scale: scale,
        level: 0.95,
        bootstrap: Some(Bootstrap {
            resample: Resample::Rows,
            residuals: Residuals::Null,
            null: Null::Search,
            trim: DrawTrim::Own,
            replications: 40 + stream.below(60),
            seed: stream.bits(),
        }),
        slopes: estimate::Spec {
            vcov: [Vcov::Iid, Vcov::Cluster(ENTITY.to_owned())][stream.below(2)].clone(),
            convention: Convention::STATA_XTREG,
            constant: Constant::Mean,
        },
    };
    let found = threshold::estimate(&study.world.panel, &spec, &|_| ()).ok()?;
    let layout = &study.layout;
    let style = layout.style.with(Digits::Fixed(2 + stream.below(3)));
    let p_shown = stream.below(2) == 0;
    // By the bootstrap's seed, so that no other draw of the stream changes.
    let squares_shown = spec.bootstrap.as_ref().is_some_and(|it| it.seed.is_multiple_of(2));
    let mut rows = Vec::new();
    for (test, name) in found.tests().iter().zip(["Single", "Double"]) {
        let simulated = test.simulated.as_ref()?;
        let stars = usize::from(published::stars_for(simulated.p_value, &layout.stars));
        let mut cells =
            vec![Cell::Number { estimate: style.number(test.f), stars, uncertainty: None }];
        if p_shown {
            cells.push(Cell::number(style.number(simulated.p_value)));
        }
        if squares_shown {
            cells.extend([test.ssr_null, test.ssr].map(|it| Cell::number(style.number(it))));
        }
        cells.extend(simulated.critical.map(|value| Cell::number(style.number(value))));
        rows.push(Row::new(name, cells));
    }
    let mut columns = vec!["threshold", "F"];
    columns.extend(p_shown.then_some("p value"));
    columns.extend(squares_shown.then_some(["SSR0", "SSR1"]).into_iter().flatten());
    columns.extend(if stream.below(2) == 0 {
        ["10% critical value", "5% critical value", "1% critical value"]
    } else {
        ["10%", "5%", "1%"]
    });
    paper.tables.push(Table {
        id: (paper.tables.len() + 1).to_string(),
        kind: "threshold test",
        stars: layout.stars.clone(),
        columns: columns.into_iter().map(str::to_owned).collect(),
        stub: 1,
        rows,
        ..Table::default()
    });
    let gammas: Vec<String> = found
        .thresholds()
        .iter()
        .map(|threshold| layout.style.number(threshold.estimate))
        .collect();
    let q = &study.m;
    let label = |term: &str| {
        let Some((name, regime)) = term.split_once(":regime::") else {
            return if term == "Constant" { layout.constant.to_owned() } else { term.to_owned() };
        };
        match (regime, gammas.len()) {
            ("1", _) => format!("{name} ({q} <= {})", gammas[0]),
            (last, count) if last == (count + 1).to_string() => {
                format!("{name} ({q} > {})", gammas[count - 1])
            }
            _ => format!("{name} ({} < {q} <= {})", gammas[0], gammas[1]),
        }
    };
    let mut rows: Vec<Row> = Vec::new();
    for c in found.fit().coefficients() {
        let label = label(&c.term);
        if !c.term.starts_with("year::") && !rows.iter().any(|row| row.label() == label) {
            rows.push(Row::slopes(label, vec![layout.cell(&c)]));
        }
    }
    let n = found.fit().correction().n;
    if let Some(label) = layout.n {
        rows.push(Row::new(label, vec![Cell::number(layout.style.count(n))]));
    }
    if stream.below(2) == 0 {
        for (at, regime) in found.regimes().iter().enumerate() {
            let count = Cell::number(layout.style.count(regime.rows));
            rows.push(Row::new(format!("N in regime {}", at + 1), vec![count]));
        }
    }
    paper.tables.push(Table {
        id: (paper.tables.len() + 1).to_string(),
        kind: "threshold regression",
        uncertainty: uncertainty(study),
        stars: layout.stars.clone(),
        columns: vec!["(1)".to_owned()],
        rows,
        threshold: (gammas.len() == 1).then(|| (q.clone(), gammas[0].clone())),
        ..Table::default()
    });
    paper.about.push("thresholds".to_owned());
    Some(())
}

fn uncertainty(study: &Study<'_>) -> Option<&'static str> {
    use super::regression::Brackets;
    match study.layout.brackets {
        _ if !study.layout.note => None,
        Brackets::Se => Some("standard error"),
        Brackets::T => Some("t statistic"),
        Brackets::Z => Some("z statistic"),
        Brackets::P => Some("p value"),
        Brackets::None => None,
    }
}

/// An index of the world's positive variables, and the weights of its indicators.
pub fn weights(world: &World, paper: &mut Paper, stream: &mut Stream) -> Option<()> {
    let positive = |name: &&String| {
        let values = world.panel.values(&Term::var((*name).clone()));
        values.is_ok_and(|values| values.iter().all(|v| v.is_finite() && *v >= 0.0))
    };
    let names: Vec<&String> = world.numbers.iter().filter(positive).collect();
    if names.len() < 3 {
        return None;
    }
    let dimensions = ["Inputs", "Outputs", "Environment"];
    let mut scheme = format!(
        "name = \"index\"\nnormalise = \"min-max\"\nnormalise-over = \"pooled\"\nshift = 0.0001\n\
         shift-in = \"weights\"\nweights = \"{}\"\nweights-over = \"pooled\"\nlevels = \"{}\"\n\
         aggregate = \"linear\"\n",
        ["entropy", "entropy", "critic", "standard-deviation", "equal"][stream.below(5)],
        ["indicators", "indicators", "level-by-level"][stream.below(3)],
    );
    for (at, name) in names.iter().enumerate() {
        let direction = ["positive", "negative"][stream.below(2)];
        let dimension = dimensions[at * 3 / names.len()];
        scheme.push_str(&format!(
            "[[indicators]]\nname = {name:?}\ndirection = {direction:?}\ndimension = {dimension:?}\n"
        ));
    }
    let composite = index::composite(&world.panel, &toml::from_str(&scheme).ok()?).ok()?;
    let style = Style::draw(stream);
    let scale = [1.0, 1.0, 100.0][stream.below(3)];
    let percent = scale > 1.0 && stream.below(2) == 0;
    let local = stream.below(4) == 0;
    let weight = |w: f64| {
        let text = style.number(w * scale);
        Cell::number(if percent { format!("{text}%") } else { text })
    };
    let rows = composite.indicators.iter().map(|weighed| {
        let direction = Cell::Words(["+", "-"][stream.below(2)].to_owned());
        let mut cells = vec![direction];
        if local {
            cells.push(weight(weighed.local[0]));
        } else {
            cells.push(weight(weighed.weights[0]));
        }
        let dimension = weighed.indicator.dimension.first().cloned().unwrap_or_default();
        let labels = vec![dimension, weighed.indicator.label().to_owned()];
        Row { labels, cells, slopes: false }
    });
    let rows = rows.collect();
    let header = if local {
        "weight within its dimension"
    } else {
        ["weight", "Weight", "weight (%)"][if scale > 1.0 { 2 } else { stream.below(2) }]
    };
    let id = (paper.tables.len() + 1).to_string();
    if !local {
        let cell = |weighed: &index::Weighed| {
            format!("{id}/{header}/{}/estimate", weighed.indicator.label())
        };
        paper.sums.push((composite.indicators.iter().map(cell).collect(), scale));
    }
    paper.tables.push(Table {
        id,
        kind: "weights",
        columns: ["dimension", "indicator", "attribute", header].map(str::to_owned).into(),
        stub: 2,
        rows,
        ..Table::default()
    });
    paper.about.push("weights".to_owned());
    Some(())
}

/// Hausman's test of the baseline, which Stata prints even where it is negative.
pub fn hausman(study: &Study<'_>, paper: &mut Paper) -> Option<()> {
    if study.world.cross_section {
        return None;
    }
    let terms: Vec<&str> = std::iter::once(study.d.as_str())
        .chain(study.controls.iter().map(String::as_str))
        .collect();
    let mut ask = study.ask(&study.y, &terms);
    ask.effects = Effects::Unit;
    ask.errors.vcov = Vcov::Iid;
    ask.errors.like = Convention::STATA_XTREG;
    let within = ask.estimate(study.world)?.fit?;
    ask.effects = Effects::None;
    let design = estimate::Design::chosen(
        &study.world.panel,
        &ask.model()?,
        estimate::Singletons::Keep,
        None,
        ask.among.as_deref(),
    )
    .ok()?;
    let spec = RandomSpec {
        components: Components::SwamyAroraHarmonic,
        effect: Effect::Individual,
        negative: Negative::Zero,
        vcov: Vcov::Iid,
        convention: Convention::STATA_XTREG,
    };
    let random = estimate::random_effects(&design, &spec).ok()?.fit;
    let style = study.layout.style;
    let number = |x: f64| Cell::number(style.number(x));
    let cells = match estimate::hausman(&within, &random, Contrast::Own) {
        Ok(test) => vec![number(test.statistic), number(test.p_value)],
        Err(estimate::Error::Test(TestError::NegativeHausman { statistic, .. })) => {
            vec![number(statistic), Cell::blank()]
        }
        Err(_) => return None,
    };
    paper.tables.push(Table {
        id: (paper.tables.len() + 1).to_string(),
        kind: "descriptive",
        columns: ["test", "statistic", "p value"].map(str::to_owned).into(),
        stub: 1,
        rows: vec![Row::new("Hausman", cells)],
        ..Table::default()
    });
    paper.about.push("Hausman".to_owned());
    Some(())
}

/// Totals by year, and their growth: of what was rounded, not of what it was rounded to.
pub fn series(world: &World, paper: &mut Paper, stream: &mut Stream) -> Option<()> {
    let name = world.numbers.first()?;
    let values = world.panel.values(&Term::var(name.clone())).ok()?;
    let mut totals = std::collections::BTreeMap::<i32, f64>::new();
    for (year, value) in world.panel.index().period.iter().zip(values.iter()) {
        *totals.entry(*year).or_default() += value;
    }
    if totals.len() < 3 || totals.values().any(|total| !total.is_finite() || *total <= 0.0) {
        return None;
    }
    let (style, percent) = (Style::draw(stream), Style::fixed(1 + stream.below(2)));
    for (year, total) in &totals {
        let before = totals.get(&(year - 1)).filter(|_| stream.below(5) > 0);
        let growth = before.map(|before| 100.0 * (total / before - 1.0));
        let growth = growth.map(|growth| format!("{}%", percent.number(growth)));
        if stream.below(6) > 0 {
            paper.series.push((*year, style.number(*total), growth));
        }
    }
    paper.about.push("series".to_owned());
    Some(())
}
