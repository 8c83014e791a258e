//! What a paper does with its data: tables that share samples, and tables that only look as if they did.

use causal::mediation::{MediationSpec, Product, Steps, mediation};
use estimate::{Components, Constant, Convention, Link, Spec, Vcov, Weights};
use panel::Term;
use testkit::Stream;

use super::column::{self, Ask, Column, Effects, Errors, Method};
use super::data::{ENTITY, PERIOD, WINSORIZED, World};
use super::paper::{Mediation, Paper, Table};
use super::print::Style;
use super::regression::{Layout, Shown, table};

/// The choices that the tables of one paper have in common.
pub struct Study<'w> {
    pub world: &'w World,
    pub y: String,
    pub d: String,
    pub m: String,
    pub controls: Vec<String>,
    pub effects: Effects,
    pub errors: Errors,
    pub constant: Constant,
    pub layout: Layout,
    /// The rows that have every variable, if all tables are of these.
    pub common: Option<Vec<bool>>,
}

impl<'w> Study<'w> {
    pub fn draw(world: &'w World, stream: &mut Stream) -> Option<Self> {
        let mut names = world.numbers.clone();
        for at in (1..names.len()).rev() {
            names.swap(at, stream.below(at + 1));
        }
        let (y, d) = (names.pop()?, names.pop()?);
        let m = names.pop()?;
        names.truncate(stream.below(6));
        if stream.below(2) == 0 {
            names.extend(world.binary.first().cloned());
        }
        let effects = match stream.below(8) {
            _ if world.cross_section => Effects::None,
            0 => Effects::None,
            1 | 2 => Effects::Unit,
            3 => Effects::Period,
            4 => Effects::Indicators { unit: true },
            5 => Effects::Indicators { unit: false },
            _ => Effects::Both,
        };
        let errors = column::errors(stream, world, effects, &Method::Ls);
        let constant = column::constant(stream, effects);
        let layout = Layout::draw(stream);
        let mut study = Self {
            world,
            y,
            d,
            m,
            controls: names,
            effects,
            errors,
            constant,
            layout,
            common: None,
        };
        if stream.below(4) > 0 {
            study.common = Some(study.complete()?);
        }
        Some(study)
    }

    fn complete(&self) -> Option<Vec<bool>> {
        let mut all = vec![true; self.world.panel.n_rows()];
        for name in [&self.y, &self.d, &self.m].into_iter().chain(&self.controls) {
            let values = self.world.panel.values(&Term::var(name.clone())).ok()?;
            all.iter_mut().zip(values.iter()).for_each(|(all, v)| *all &= v.is_finite());
        }
        Some(all)
    }

    /// The baseline with these regressors.
    pub fn ask(&self, outcome: &str, terms: &[&str]) -> Ask {
        Ask {
            outcome: outcome.to_owned(),
            terms: terms.iter().map(|term| (*term).to_owned()).collect(),
            effects: self.effects,
            method: Method::Ls,
            errors: self.errors.clone(),
            constant: self.constant.clone(),
            among: self.common.clone(),
            weights: None,
        }
    }

    fn with_controls<'s>(&'s self, first: &[&'s str]) -> Vec<&'s str> {
        first.iter().copied().chain(self.controls.iter().map(String::as_str)).collect()
    }

    fn baseline(&self) -> Ask {
        self.ask(&self.y, &self.with_controls(&[&self.d]))
    }

    fn shown(&self, asks: Vec<Ask>) -> Vec<Shown> {
        asks.into_iter().filter_map(|ask| ask.estimate(self.world)).map(Shown::plain).collect()
    }

    /// Adds one table, of a kind that chance chooses.
    pub fn add(&self, paper: &mut Paper, stream: &mut Stream) {
        match stream.below(18) {
            0..=2 => self.nested(paper, stream),
            3 | 4 => self.mediate(paper, stream),
            5 => self.errors_beside(paper, stream),
            6 => self.methods(paper, stream),
            7 => self.outcomes(paper, stream),
            8 => self.halves(paper, stream),
            9 => self.windows(paper, stream),
            10 => self.other_rows(paper, stream),
            11 => self.lags(paper, stream),
            12 => self.one_label(paper, stream),
            13 => self.likelihoods(paper, stream),
            14 => self.effects_beside(paper, stream),
            15 => self.apart(paper, stream),
            16 => self.simple(paper, stream),
            _ => self.heckman(paper, stream),
        }
    }

    /// Regressors added one after the other, the last of them often the mediator.
    fn nested(&self, paper: &mut Paper, stream: &mut Stream) {
        let mut terms = vec![self.d.as_str()];
        let mut asks = vec![self.ask(&self.y, &terms)];
        let mut more: Vec<&str> = self.controls.iter().map(String::as_str).collect();
        if stream.below(2) == 0 {
            more.push(&self.m);
        }
        let (square, product, lag) =
            (format!("{}^2", self.d), format!("{}:{}", self.d, self.m), format!("L.{}", self.y));
        match stream.below(8) {
            0 => more.push(&square),
            1 => more.push(&product),
            2 if !self.world.cross_section => more.push(&lag),
            _ => {}
        }
        for step in more.chunks(1 + stream.below(2)) {
            terms.extend(step);
            asks.push(self.ask(&self.y, &terms));
        }
        if stream.below(3) == 0 {
            // And the same without effects.
            let last = asks.len() - 1;
            asks[last].effects = Effects::None;
        }
        if asks.len() > 3 && stream.below(4) == 0 {
            // One regressor is left out again.
            let at = 2 + stream.below(asks.len() - 2);
            asks[at].terms.remove(1);
        }
        let mut shown = self.shown(asks);
        if stream.below(5) == 0 {
            self.hide(&mut shown);
        }
        table(paper, &self.layout, stream, &shown, "nested");
    }

    /// Prints only the regressor of interest and the mediator.
    fn hide(&self, shown: &mut [Shown]) {
        for shown in shown {
            let terms = shown.column.ask.terms.iter();
            shown.hidden =
                terms.filter(|term| **term != self.d && **term != self.m).cloned().collect();
        }
    }

    /// Total, mediator, outcome; on one sample or on three.
    fn mediate(&self, paper: &mut Paper, stream: &mut Stream) {
        let treatment = self.with_controls(&[&self.d]);
        let both = self.with_controls(&[&self.d, &self.m]);
        let mut asks = [
            self.ask(&self.y, &treatment),
            self.ask(&self.m, &treatment),
            self.ask(&self.y, &both),
        ];
        let apart = self.common.is_none() || stream.below(6) == 0;
        if !apart {
            // All equations on the rows of the longest.
            let Some(complete) = self.complete() else { return };
            for ask in &mut asks {
                ask.among = Some(complete.clone());
            }
        }
        if stream.below(6) == 0 {
            asks[1].errors = column::errors(stream, self.world, self.effects, &Method::Ls);
        }
        let mut shown = self.shown(asks.to_vec());
        if shown.len() < 3 {
            return;
        }
        if stream.below(3) == 0 {
            self.hide(&mut shown);
        }
        let separate = stream.below(4) == 0;
        let (first, rest) = shown.split_at(usize::from(separate));
        let total = separate.then(|| table(paper, &self.layout, stream, first, "total"));
        let Some(id) = table(paper, &self.layout, stream, rest, "mediation") else { return };
        let offset = usize::from(separate);
        let column = |at: usize| format!("{id}/({})", at + 1 - offset);
        let total = match total {
            Some(Some(id)) => format!("{id}/(1)"),
            Some(None) => return,
            None => column(0),
        };
        let of = |at: usize, term: &str| shown[at].column.coefficient(term).map(|c| c.estimate);
        let (Some(c), Some(a), Some(direct), Some(b)) =
            (of(0, &self.d), of(1, &self.d), of(2, &self.d), of(2, &self.m))
        else {
            return;
        };
        if stream.below(2) == 0
            && let Some(table) = paper.tables.iter_mut().find(|table| table.id == id)
        {
            table.effects = Some([c, direct, a * b].map(|x| self.layout.style.number(x)));
        }
        let same = shown.iter().all(|it| it.column.rows == shown[0].column.rows);
        if same && stream.below(4) > 0 {
            paper.mediations.push(Mediation {
                mediator: self.m.clone(),
                treatment: self.d.clone(),
                effects: (paper.tables.iter().any(|it| it.id == id && it.effects.is_some()))
                    .then(|| id.clone()),
                first: column(1),
                second: column(2),
                total,
            });
        }
    }

    /// The same model with several kinds of errors.
    fn errors_beside(&self, paper: &mut Paper, stream: &mut Stream) {
        let mut asks = Vec::new();
        for _ in 0..2 + stream.below(3) {
            let mut ask = self.baseline();
            ask.errors = column::errors(stream, self.world, ask.effects, &Method::Ls);
            asks.push(ask);
        }
        let shown = self.shown(asks);
        table(paper, &self.layout, stream, &shown, "kinds of errors");
    }

    /// Estimators side by side, under the same labels.
    fn methods(&self, paper: &mut Paper, stream: &mut Stream) {
        let terms = self.with_controls(&[&self.d]);
        let longer = self.with_controls(&[&self.d, &self.m]);
        let mut asks = vec![self.ask(&self.y, &terms)];
        let random = [
            Components::SwamyArora,
            Components::SwamyAroraHarmonic,
            Components::Nerlove,
            Components::WallaceHussain,
        ];
        for _ in 0..2 + stream.below(3) {
            let mut ask = self.ask(&self.y, if stream.below(3) == 0 { &longer } else { &terms });
            match stream.below(6) {
                0 if !self.world.cross_section => {
                    ask.method = Method::Random(random[stream.below(4)]);
                    ask.effects = Effects::None;
                }
                1 => ask.method = Method::Instrument(self.m.clone()),
                2 if !self.world.cross_section => {
                    ask.method = Method::Between;
                    ask.effects = Effects::None;
                }
                3 if !self.world.cross_section => {
                    ask.method = Method::Difference;
                    ask.effects = Effects::None;
                }
                4 => {
                    let term = Term::var(self.world.weight.clone());
                    ask.weights = Some(match stream.below(2) {
                        0 => Weights::Analytic(term),
                        _ => Weights::Frequency(term),
                    });
                }
                _ => ask.effects = Effects::None,
            }
            ask.errors = column::errors(stream, self.world, ask.effects, &ask.method);
            asks.push(ask);
        }
        let shown = self.shown(asks);
        table(paper, &self.layout, stream, &shown, "estimators");
    }

    /// Several outcomes on the same regressors.
    fn outcomes(&self, paper: &mut Paper, stream: &mut Stream) {
        let terms = self.with_controls(&[&self.d]);
        let others = self.world.numbers.iter().filter(|name| !terms.contains(&name.as_str()));
        let asks = others.take(4).map(|outcome| self.ask(outcome, &terms)).collect();
        let mut shown = self.shown(asks);
        if stream.below(2) == 0 {
            self.hide(&mut shown);
        }
        table(paper, &self.layout, stream, &shown, "outcomes");
    }

    /// Two halves of the units: as many rows, if the panel is balanced, and none in common.
    fn halves(&self, paper: &mut Paper, stream: &mut Stream) {
        let codes = self.world.panel.index().entity.codes();
        let flag = |odd: u32| codes.iter().map(|code| code % 2 == odd).collect::<Vec<bool>>();
        self.subsamples(paper, stream, &[flag(0), flag(1)], "halves of the units");
    }

    /// Windows of as many periods each.
    fn windows(&self, paper: &mut Paper, stream: &mut Stream) {
        let (first, last) = self.world.periods;
        let width = (last - first + 1) / 2;
        let flag = |from: i32| {
            let inside = |t: &i32| (from..from + width).contains(t);
            self.world.panel.index().period.iter().map(inside).collect::<Vec<bool>>()
        };
        let flags = [flag(first), flag(first + 1), flag(last + 1 - width)];
        self.subsamples(paper, stream, &flags, "windows");
    }

    fn subsamples(&self, paper: &mut Paper, stream: &mut Stream, flags: &[Vec<bool>], title: &str) {
        // One of the columns may have a regressor more: it looks as if it were nested.
        let (short, long) =
            (self.with_controls(&[&self.d]), self.with_controls(&[&self.d, &self.m]));
        let nested = stream.below(2) == 0;
        let asks = flags.iter().enumerate().map(|(at, flags)| {
            let terms = if nested && at > 0 { &long } else { &short };
            let mut ask = self.ask(&self.y, terms);
            ask.among = Some(match &self.common {
                Some(common) => flags.iter().zip(common).map(|(a, b)| *a && *b).collect(),
                None => flags.clone(),
            });
            ask
        });
        let shown = self.shown(asks.collect());
        table(paper, &self.layout, stream, &shown, title);
    }

    /// As many rows in every column, and each time others: what looks like nesting is none.
    fn other_rows(&self, paper: &mut Paper, stream: &mut Stream) {
        let Some(complete) = self.complete() else { return };
        let rows: Vec<usize> = (0..complete.len()).filter(|&row| complete[row]).collect();
        let drop = 1 + stream.below(1 + rows.len() / 10);
        let mut asks = Vec::new();
        let (short, long) =
            (self.with_controls(&[&self.d]), self.with_controls(&[&self.d, &self.m]));
        for terms in [&short, &long, &short] {
            let mut among = complete.clone();
            for &at in stream.order(rows.len()).iter().take(drop) {
                among[rows[at]] = false;
            }
            let mut ask = self.ask(&self.y, terms);
            ask.among = Some(among);
            asks.push(ask);
        }
        let m = Ask { outcome: self.m.clone(), ..asks[2].clone() };
        asks[2] = m;
        let shown = self.shown(asks);
        table(paper, &self.layout, stream, &shown, "as many other rows");
    }

    /// Lags and leads: as many rows, of other years; under their own names or that of the variable.
    fn lags(&self, paper: &mut Paper, stream: &mut Stream) {
        if self.world.cross_section {
            return;
        }
        let plain = stream.below(2) == 0;
        let mut shown = Vec::new();
        for prefix in ["", "L.", "F.", "L2."] {
            let terms: Vec<String> = self
                .with_controls(&[&self.d])
                .iter()
                .map(|term| format!("{prefix}{term}"))
                .collect();
            let mut terms: Vec<&str> = terms.iter().map(String::as_str).collect();
            if prefix == "F." {
                terms.push(&self.m);
            }
            let Some(column) = self.ask(&self.y, &terms).estimate(self.world) else { continue };
            let mut shown_ = Shown::plain(column);
            if plain {
                let bare =
                    |term: &str| (term.to_owned(), term.trim_start_matches(prefix).to_owned());
                shown_.called =
                    terms.iter().filter(|_| !prefix.is_empty()).map(|t| bare(t)).collect();
                shown_.shares = prefix.is_empty();
            }
            shown.push(shown_);
        }
        table(paper, &self.layout, stream, &shown, "lags");
    }

    /// The same label for a variable and for another form of it, or for another outcome.
    fn one_label(&self, paper: &mut Paper, stream: &mut Stream) {
        let has = |name: &str| self.world.panel.columns().contains_key(name);
        let form = |name: &str, stream: &mut Stream| {
            let twin = format!("{name}{WINSORIZED}");
            if has(&twin) && stream.below(2) == 0 { twin } else { format!("{name}^2") }
        };
        let terms = self.with_controls(&[&self.d]);
        let mut shown = self.shown(vec![self.ask(&self.y, &terms)]);
        for _ in 0..=stream.below(2) {
            let (d, y) = (form(&self.d, stream), form(&self.y, stream));
            let mut longer = self.with_controls(&[&d]);
            if stream.below(2) == 0 {
                longer.push(&self.m);
            }
            let outcome = if stream.below(3) == 0 { &y } else { &self.y };
            let mut other = self.shown(vec![self.ask(outcome, &longer)]);
            for shown in &mut other {
                shown.called = vec![(d.clone(), self.d.clone()), (y.clone(), self.y.clone())];
                shown.shares = false;
            }
            shown.append(&mut other);
        }
        table(paper, &self.layout, stream, &shown, "one label for two variables");
    }

    /// Probit and logit, beside the linear probability model.
    fn likelihoods(&self, paper: &mut Paper, stream: &mut Stream) {
        let Some(outcome) = self.world.binary.last() else { return };
        let terms: Vec<&str> =
            self.with_controls(&[&self.d]).into_iter().filter(|term| term != outcome).collect();
        let mut asks = Vec::new();
        for method in [Method::Binary(Link::Probit), Method::Binary(Link::Logit), Method::Ls] {
            let mut ask = self.ask(outcome, &terms);
            ask.effects = Effects::None;
            ask.errors = column::errors(stream, self.world, Effects::None, &method);
            ask.method = method;
            asks.push(ask.clone());
            if stream.below(2) == 0 {
                ask.terms.push(self.m.clone());
                asks.push(ask);
            }
        }
        let shown = self.shown(asks);
        table(paper, &self.layout, stream, &shown, "binary outcome");
    }

    /// The same regressors with other effects.
    fn effects_beside(&self, paper: &mut Paper, stream: &mut Stream) {
        if self.world.cross_section {
            return;
        }
        let several = [
            Effects::None,
            Effects::Unit,
            Effects::Period,
            Effects::Both,
            Effects::Indicators { unit: true },
        ];
        let asks = several.map(|effects| {
            let mut ask = self.baseline();
            ask.effects = effects;
            ask.constant = column::constant(stream, effects);
            ask.errors = column::errors(stream, self.world, effects, &Method::Ls);
            ask
        });
        let shown = self.shown(asks.into_iter().skip(stream.below(2)).collect());
        table(paper, &self.layout, stream, &shown, "effects");
    }

    /// A table in another style, with a model that takes whatever rows it can.
    fn apart(&self, paper: &mut Paper, stream: &mut Stream) {
        let mut layout = self.layout.clone();
        layout.style = Style::draw(stream);
        let mut asks = Vec::new();
        for terms in [
            vec![self.d.as_str()],
            self.with_controls(&[&self.d]),
            self.with_controls(&[&self.d, &self.m]),
        ] {
            let mut ask = self.ask(&self.y, &terms);
            ask.among = None;
            asks.push(ask);
        }
        let shown = self.shown(asks);
        table(paper, &layout, stream, &shown, "rows as they come");
    }

    /// One regressor and a constant, without effects.
    fn simple(&self, paper: &mut Paper, stream: &mut Stream) {
        let asks =
            [(&self.y, &self.d), (&self.y, &self.m), (&self.m, &self.d)].map(|(outcome, of)| {
                let mut ask = self.ask(outcome, &[of]);
                ask.effects = Effects::None;
                ask.errors = column::errors(stream, self.world, Effects::None, &Method::Ls);
                ask
            });
        let shown = self.shown(asks.into());
        table(paper, &self.layout, stream, &shown, "simple regressions");
    }

    /// A probit and an equation on the rows that it selects, as `heckman, twostep` prints them.
    fn heckman(&self, paper: &mut Paper, stream: &mut Stream) {
        use causal::heckman::{Rho, TwoStepSpec, two_step};
        let Some(chosen) = self.world.binary.first() else { return };
        let terms: Vec<&str> =
            self.with_controls(&[&self.d]).into_iter().filter(|term| term != chosen).collect();
        let outcome = format!("{} ~ {}", self.y, terms.join(" + "));
        let selection = format!("{chosen} ~ {} + {}", terms.join(" + "), self.m);
        let (Ok(outcome), Ok(selection)) = (outcome.parse(), selection.parse()) else { return };
        let spec = TwoStepSpec {
            outcome,
            selection,
            information: estimate::Information::Observed,
            rho: Rho::Sigma,
        };
        let Ok(two) = two_step(&self.world.panel, &spec) else { return };
        let sound = |c: &estimate::Coefficient| c.estimate.is_finite() && c.std_error > 0.0;
        let mut ask = self.ask(&self.y, &terms);
        ask.effects = Effects::None;
        ask.errors = Errors { vcov: Vcov::Iid, like: Convention::STATA_XTREG };
        let blank = |ask: Ask, coefficients: Vec<estimate::Coefficient>| Column {
            ask,
            coefficients,
            n: two.n(),
            rows: Vec::new(),
            groups: 0,
            clusters: None,
            r2: None,
            pseudo_r2: None,
            f: None,
            chi2: None,
            log_likelihood: None,
            sigma: None,
            fit: None,
        };
        let probit =
            Ask { outcome: chosen.clone(), method: Method::Binary(Link::Probit), ..ask.clone() };
        let instrumented = Ask { method: Method::Instrument(String::new()), ..ask };
        let columns = [
            blank(probit, two.selection().coefficients()),
            blank(instrumented, two.outcome().coefficients()),
        ];
        if columns.iter().any(|column| !column.coefficients.iter().all(sound)) {
            return;
        }
        let shown: Vec<Shown> = columns
            .into_iter()
            .map(|column| Shown { shares: false, ..Shown::plain(column) })
            .collect();
        table(paper, &self.layout, stream, &shown, "Heckman");
    }

    /// Effects with Sobel's z, from the mediation of the workspace: a table of its own.
    pub fn sobel(&self, paper: &mut Paper, stream: &mut Stream) -> Option<()> {
        let model = self.baseline().model()?;
        let spec = MediationSpec {
            model,
            treatment: Term::var(self.d.clone()),
            mediators: vec![Term::var(self.m.clone())],
            steps: Steps::Three,
            variance: [Product::Sobel, Product::Aroian][stream.below(2)],
            estimation: Spec {
                vcov: self.errors.vcov.clone(),
                convention: self.errors.like.clone(),
                constant: Constant::Omit,
            },
            bootstrap: None,
        };
        let found = mediation(&self.world.panel, &spec, &|_| ()).ok()?;
        let style = self.layout.style;
        let row = |effect: &causal::mediation::Effect| {
            let number = |x: Option<f64>| {
                x.map_or_else(super::paper::Cell::blank, |x| {
                    super::paper::Cell::number(style.number(x))
                })
            };
            super::paper::Row::new(
                effect.name.clone(),
                vec![
                    number(Some(effect.estimate)),
                    number(effect.std_error),
                    number(effect.statistic),
                    number(effect.p_value),
                ],
            )
        };
        paper.tables.push(Table {
            id: (paper.tables.len() + 1).to_string(),
            kind: "descriptive",
            columns: ["effect", "estimate", "se", "z", "p"].map(str::to_owned).into(),
            stub: 1,
            rows: found.effects.iter().map(row).collect(),
            ..Table::default()
        });
        paper.about.push("effects of a mediation".to_owned());
        Some(())
    }
}

/// The names that the schema knows effects by.
pub fn effect_names() -> [&'static str; 2] {
    [ENTITY, PERIOD]
}
