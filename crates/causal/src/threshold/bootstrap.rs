//! The distribution of `F` when there is no further threshold, by drawing residuals.

use estimate::Draws;
use rayon::prelude::*;

use super::scan::{Factors, Layer, Scan, dot, subtract};
use super::search::{Step, TIED, layers, pairs, residual, share};
use super::spec::{Bootstrap, DrawTrim, Null, Resample, Residuals, Search, Spec};

/// What every draw of a test reuses.
struct Test<'s> {
    scan: &'s Scan,
    spec: &'s Spec,
    bootstrap: &'s Bootstrap,
    /// Thresholds under the null model.
    n_null: usize,
    /// What the thresholds of the null model explain: the part of `y*` that is not drawn.
    fitted: Option<Vec<f64>>,
    residuals: Vec<f64>,
    /// Entities with as many rows as one, and where it is among them.
    strata: Vec<Vec<u32>>,
    stratum: Vec<u32>,
    /// Thresholds that are held, and factors of `C` given them.
    held: Vec<Layer>,
    factors: Factors,
    allowed: Vec<bool>,
}

/// What a thread keeps between draws.
#[derive(Default)]
struct Room {
    y: Vec<f64>,
    v: Vec<f64>,
    a: Vec<f64>,
    /// The sum of squares of what `y*` is made of, before effects are projected out.
    whole: f64,
}

/// A null model that leaves less than this share of a draw explains it wholly: in a balanced panel
/// every entity may draw the same residuals, which are period effects then.
const EXACT: f64 = 1e-12;

/// `F*` of every draw, in the order of the draws.
///
/// A draw costs the running sums of `y*`, a pass over the rows, and `m²` operations a candidate:
/// `C⁻¹` is at hand. Thresholds of the null model that are searched for again cost a factor of
/// every `C` each.
pub(super) fn draws(
    scan: &Scan,
    y: &[f64],
    step: &Step,
    spec: &Spec,
    bootstrap: &Bootstrap,
    tick: &(dyn Fn(usize) + Sync),
) -> Vec<f64> {
    let test = Test::new(scan, y, step, spec, bootstrap);
    if spec.search == Search::Joint && test.n_null == 1 {
        return test.joint(tick);
    }
    (0..bootstrap.replications)
        .into_par_iter()
        .map_init(Room::default, |room, replication| {
            let ratio = test.draw(replication, room);
            tick(1);
            ratio
        })
        .collect()
}

impl<'s> Test<'s> {
    fn new(
        scan: &'s Scan,
        y: &[f64],
        step: &Step,
        spec: &'s Spec,
        bootstrap: &'s Bootstrap,
    ) -> Self {
        let null = layers(scan, &step.null);
        let under_null = residual(scan, y, &null);
        let hold = bootstrap.null == Null::Hold || step.null.is_empty();
        // Thresholds that are held explain it wholly; a pair that is searched for need not.
        let matters = !step.null.is_empty() && (!hold || spec.search == Search::Joint);
        let fitted = matters.then(|| {
            let whole = residual(scan, y, &[]);
            whole.iter().zip(&under_null).map(|(r, u)| r - u).collect()
        });
        let residuals = match bootstrap.residuals {
            Residuals::Null => under_null,
            Residuals::Alternative => residual(scan, y, &layers(scan, &step.alternative)),
        };
        let effects = &scan.effects;
        let rows = |e: usize| effects.start[e + 1] - effects.start[e];
        let most = (0..effects.n_units()).map(rows).max().unwrap_or(0);
        let mut strata = vec![Vec::new(); most + 1];
        for (e, unit) in (0_u32..).zip(0..effects.n_units()) {
            strata[rows(unit)].push(e);
        }
        #[allow(clippy::cast_possible_truncation)] // Rows are counted in `u32`.
        let stratum = (0..effects.n_units()).map(|e| rows(e) as u32).collect();
        let share = share(spec, step.null.len());
        let (held, given) = if hold { (null, &*step.null) } else { (Vec::new(), &[][..]) };
        let factors = scan.factors(&held.iter().collect::<Vec<_>>());
        let allowed = scan.candidates.apart(given, share);
        let n_null = step.null.len();
        Self {
            scan,
            spec,
            bootstrap,
            n_null,
            fitted,
            residuals,
            strata,
            stratum,
            held,
            factors,
            allowed,
        }
    }

    /// `y*`, transformed, into `room.y`.
    fn response(&self, replication: usize, room: &mut Room) {
        let mut draws = Draws::new(self.bootstrap.seed, stream(self.n_null, replication));
        let effects = &self.scan.effects;
        let (y, u) = (&mut room.y, &self.residuals);
        y.clear();
        match self.bootstrap.resample {
            Resample::Entities => {
                for &stratum in &self.stratum {
                    let peers = &self.strata[stratum as usize];
                    let e = peers[draws.below(peers.len())] as usize;
                    y.extend_from_slice(&u[effects.start[e]..effects.start[e + 1]]);
                }
            }
            Resample::EntitySigns => {
                for run in effects.start.windows(2) {
                    let sign = if draws.below(2) == 0 { 1.0 } else { -1.0 };
                    y.extend(u[run[0]..run[1]].iter().map(|u| sign * u));
                }
            }
            Resample::Rows => {
                let mut normal = Normal(None);
                y.extend(u.iter().map(|u| u * normal.next(&mut draws)));
            }
        }
        room.whole = dot(y, y) + self.fitted.as_ref().map_or(0.0, |fitted| dot(fitted, fitted));
        // Least squares on all rows sees a response without its effects.
        let effects_again = effects.two_way() || self.bootstrap.resample == Resample::Rows;
        if effects_again && !self.scan.drop_last {
            effects.project(y);
        }
        if let Some(fitted) = &self.fitted {
            y.iter_mut().zip(fitted).for_each(|(y, fitted)| *y += fitted);
        }
    }

    /// The sum of squares of `y*` off the base, and its running sums in `room.a`.
    fn start(&self, replication: usize, room: &mut Room) -> f64 {
        self.response(replication, room);
        let Room { y, v, a, .. } = room;
        let weights: Vec<f64> = self.scan.base.basis.iter().map(|q| dot(q, y)).collect();
        if self.scan.drop_last {
            v.clone_from(y);
            self.scan.adjoint(v);
            self.scan.running_sums(v, a);
        } else {
            self.scan.running_sums(y, a);
        }
        subtract(a, &self.scan.base, &weights);
        dot(y, y) - dot(&weights, &weights)
    }

    /// The trimming share of the `j`-th threshold that a draw searches for.
    fn share(&self, j: usize) -> f64 {
        match self.bootstrap.trim {
            DrawTrim::Own => share(self.spec, j),
            DrawTrim::Tested => share(self.spec, self.n_null),
        }
    }

    /// `S₀*/S₁* − 1`.
    fn draw(&self, replication: usize, room: &mut Room) -> f64 {
        let mut ssr = self.start(replication, room);
        for layer in &self.held {
            let weights: Vec<f64> = layer.basis.iter().map(|q| dot(q, &room.y)).collect();
            subtract(&mut room.a, layer, &weights);
            ssr -= dot(&weights, &weights);
        }
        let to_search = self.n_null - self.held.len();
        let mut given: Vec<usize> = Vec::new();
        let mut found: Vec<Layer> = Vec::new();
        let mut factors = None;
        for j in 0..to_search {
            let current = factors.as_ref().unwrap_or(&self.factors);
            let apart = self.scan.candidates.apart(&given, self.share(j));
            let Some((c, gain)) = self.scan.best(current, &room.a, TIED * ssr, |c| apart[c]) else {
                return 0.0;
            };
            let weights = self.scan.weights(current, c, &room.a);
            let layer = self.scan.threshold(c, &found.iter().collect::<Vec<_>>());
            subtract(&mut room.a, &layer, &weights);
            ssr -= gain;
            found.push(layer);
            given.push(c);
            factors = Some(self.scan.factors(&found.iter().collect::<Vec<_>>()));
        }
        if ssr <= EXACT * room.whole {
            return 0.0;
        }
        let again = (!given.is_empty())
            .then(|| self.scan.candidates.apart(&given, share(self.spec, self.n_null)));
        let allowed = again.as_ref().unwrap_or(&self.allowed);
        let factors = factors.as_ref().unwrap_or(&self.factors);
        match self.scan.best(factors, &room.a, 0.0, |c| allowed[c]) {
            Some((_, gain)) => gain / (ssr - gain),
            None => 0.0, // No room for a further threshold is no gain from one.
        }
    }

    /// One threshold against two, which are searched for at once.
    fn joint(&self, tick: &(dyn Fn(usize) + Sync)) -> Vec<f64> {
        let started: Vec<([f64; 2], Vec<f64>)> = (0..self.bootstrap.replications)
            .into_par_iter()
            .map_init(Room::default, |room, replication| {
                let ssr = self.start(replication, room);
                ([ssr, room.whole], room.a.clone())
            })
            .collect();
        let (squares, a): (Vec<[f64; 2]>, Vec<Vec<f64>>) = started.into_iter().unzip();
        let both = pairs(self.scan, &a, share(self.spec, 1));
        tick(self.bootstrap.replications);
        let null = |(i, a): (usize, &Vec<f64>)| {
            let mut gain = 0.0;
            for layer in &self.held {
                let weights = self.held_weights(i, layer);
                gain += dot(&weights, &weights);
            }
            if self.held.is_empty() {
                gain =
                    self.scan.best(&self.factors, a, 0.0, |_| true).map_or(0.0, |(_, gain)| gain);
            }
            gain
        };
        let gains: Vec<f64> = a.iter().enumerate().map(null).collect();
        let rows = squares.iter().zip(&gains).zip(both);
        rows.map(|(([ssr, whole], one), two)| match two {
            Some((two, _)) if ssr - one > EXACT * whole => (two - one).max(0.0) / (ssr - two),
            _ => 0.0,
        })
        .collect()
    }

    /// `Q'y*` of a threshold that is held.
    fn held_weights(&self, replication: usize, layer: &Layer) -> Vec<f64> {
        let mut room = Room::default();
        self.response(replication, &mut room);
        layer.basis.iter().map(|q| dot(q, &room.y)).collect()
    }
}

/// Each test has streams of its own.
fn stream(n_null: usize, replication: usize) -> u64 {
    ((n_null as u64) << 32) + replication as u64
}

/// Standard normal numbers by Marsaglia's polar method, which makes two at a time.
struct Normal(Option<f64>);

impl Normal {
    fn next(&mut self, draws: &mut Draws) -> f64 {
        if let Some(second) = self.0.take() {
            return second;
        }
        loop {
            let (u, v) = (2.0 * draws.unit() - 1.0, 2.0 * draws.unit() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                let scale = (-2.0 * s.ln() / s).sqrt();
                self.0 = Some(v * scale);
                return u * scale;
            }
        }
    }
}
