//! The log-likelihood of a selection model with its first and second derivatives.

use estimate::{Basis, linear_index, mills};
use ndarray::{Array1, Array2, ArrayView1, Axis, ShapeBuilder};
use panel::Factor;

use super::columns::{gather, put, weigh, within};

/// `½ ln 2π`.
const HALF_LOG_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// Two equations; parameters `θ = [β, γ, a, s]`, slopes in the columns of the bases.
pub(super) struct Model<'a> {
    pub(super) first: &'a Basis<'a>,
    pub(super) second: &'a Basis<'a>,
    /// Of the selected rows, the position in the selection equation.
    pub(super) at: &'a [usize],
}

/// `ln L`, its gradient, and minus its second derivatives.
pub(super) struct Point {
    pub(super) log_likelihood: f64,
    pub(super) gradient: Array1<f64>,
    pub(super) information: Array2<f64>,
}

/// The parameters that all rows share: `cosh a`, `sinh a`, `1/σ`, `ln σ`.
#[derive(Clone, Copy)]
struct Shared {
    ch: f64,
    sh: f64,
    c: f64,
    s: f64,
}

/// A row in terms of `m = x'β`, `η = z'γ`, `a` and `s`: the log, slopes, and minus bends.
struct Row {
    log: f64,
    m: f64,
    eta: f64,
    a: f64,
    s: f64,
    mm: f64,
    m_eta: f64,
    eta_eta: f64,
    ma: f64,
    ms: f64,
    eta_a: f64,
    eta_s: f64,
    aa: f64,
    a_s: f64,
    ss: f64,
}

impl Shared {
    /// A row whose outcome is seen, `m` below it.
    fn seen(self, residual: f64, eta: f64) -> Row {
        let Self { ch, sh, c, s } = self;
        let u = residual * c;
        let q = eta * ch + u * sh;
        let p = eta * sh + u * ch;
        let at = mills(q);
        let (lambda, delta) = (at.lambda, at.delta);
        // Derivatives in u, η and a of −u²/2 + ln Φ(q).
        let f_u = lambda * sh - u;
        let f_uu = -1.0 - delta * sh * sh;
        let f_u_eta = -delta * sh * ch;
        let f_ua = lambda * ch - delta * sh * p;
        Row {
            log: at.log_cdf - 0.5 * u * u - s - HALF_LOG_TWO_PI,
            m: -c * f_u,
            eta: lambda * ch,
            a: lambda * p,
            s: -1.0 - u * f_u,
            mm: -c * c * f_uu,
            m_eta: c * f_u_eta,
            eta_eta: delta * ch * ch,
            ma: c * f_ua,
            ms: -c * (u * f_uu + f_u),
            eta_a: delta * ch * p - lambda * sh,
            eta_s: u * f_u_eta,
            aa: delta * p * p - lambda * q,
            a_s: u * f_ua,
            ss: -u * (u * f_uu + f_u),
        }
    }
}

impl Model<'_> {
    fn split<'t>(&self, theta: &'t Array1<f64>) -> (&'t [f64], &'t [f64], Shared) {
        let (slopes, ancillary) =
            theta.as_slice().unwrap_or_default().split_at(self.second.width() + self.first.width());
        let (beta, gamma) = slopes.split_at(self.second.width());
        let (a, s) = (ancillary[0], ancillary[1]);
        (beta, gamma, Shared { ch: a.cosh(), sh: a.sinh(), c: (-s).exp(), s })
    }

    /// The log-likelihood and its derivatives at `θ`.
    pub(super) fn evaluate(&self, theta: &Array1<f64>) -> Point {
        let (beta, gamma, shared) = self.split(theta);
        let (kx, kz) = (beta.len(), gamma.len());
        let y = self.second.design().response();
        let parts = self.first.map(|rows, z| {
            let eta = linear_index(&z, gamma);
            let selected = within(self.at, &rows);
            let x = self.second.piece(selected.clone());
            let fitted = linear_index(&x, beta);
            let positions = &self.at[selected.clone()];
            let mut slope = vec![0.0; eta.len()];
            let mut root = vec![0.0; eta.len()];
            let mut log = 0.0;
            let mut next = positions.iter().peekable();
            for (i, row) in rows.clone().enumerate() {
                if next.next_if_eq(&&row).is_none() {
                    let at = mills(-eta[i]);
                    log += at.log_cdf;
                    slope[i] = -at.lambda;
                    root[i] = at.delta.sqrt();
                }
            }
            let n = positions.len();
            // One column for each of the weights of the selected rows.
            let mut w = Array2::<f64>::zeros((n, 7).f());
            let (mut ancillary, mut bends) = ([0.0; 2], [0.0; 3]);
            for (j, &position) in positions.iter().enumerate() {
                let i = position - rows.start;
                let row = shared.seen(y[selected.start + j] - fitted[j], eta[i]);
                log += row.log;
                slope[i] = row.eta;
                root[i] = row.eta_eta.sqrt();
                let weights = [row.m, row.mm, row.m_eta, row.ma, row.ms, row.eta_a, row.eta_s];
                weights.into_iter().enumerate().for_each(|(k, weight)| w[[j, k]] = weight);
                ancillary[0] += row.a;
                ancillary[1] += row.s;
                bends[0] += row.aa;
                bends[1] += row.a_s;
                bends[2] += row.ss;
            }
            let mut gradient = Array1::<f64>::zeros(kx + kz + 2);
            let mut information = Array2::<f64>::zeros((kx + kz + 2, kx + kz + 2));
            let of_x = x.t().dot(&w);
            let z_selected = gather(&z, positions, rows.start);
            let of_z = z_selected.t().dot(&w);
            gradient.iter_mut().zip(of_x.column(0)).for_each(|(g, sum)| *g = *sum);
            let slope = z.t().dot(&Array1::from(slope));
            gradient.iter_mut().skip(kx).zip(&slope).for_each(|(g, sum)| *g = *sum);
            gradient[kx + kz] = ancillary[0];
            gradient[kx + kz + 1] = ancillary[1];
            let column = |k: usize| w.column(k).to_vec();
            let weighted = weigh(x.clone(), &column(1));
            put(&mut information, 0, 0, &x.t().dot(&weighted));
            let weighted = weigh(z_selected, &column(2));
            let cross = x.t().dot(&weighted);
            put(&mut information, 0, kx, &cross);
            let z = weigh(z, &root);
            put(&mut information, kx, kx, &z.t().dot(&z));
            let side = |a: ArrayView1<'_, f64>| a.to_owned().insert_axis(Axis(1));
            put(&mut information, 0, kx + kz, &side(of_x.column(3)));
            put(&mut information, 0, kx + kz + 1, &side(of_x.column(4)));
            put(&mut information, kx, kx + kz, &side(of_z.column(5)));
            put(&mut information, kx, kx + kz + 1, &side(of_z.column(6)));
            information[[kx + kz, kx + kz]] = bends[0];
            information[[kx + kz, kx + kz + 1]] = bends[1];
            information[[kx + kz + 1, kx + kz + 1]] = bends[2];
            (log, gradient, information)
        });
        let width = theta.len();
        let mut point = Point {
            log_likelihood: 0.0,
            gradient: Array1::zeros(width),
            information: Array2::zeros((width, width)),
        };
        for (log, gradient, information) in parts {
            point.log_likelihood += log;
            point.gradient += &gradient;
            point.information += &information;
        }
        for i in 0..width {
            for j in 0..i {
                point.information[[i, j]] = point.information[[j, i]];
            }
        }
        point
    }

    /// `Σ s s'` over rows, or over the sums of scores by cluster.
    pub(super) fn outer_products(
        &self,
        theta: &Array1<f64>,
        group: Option<&Factor>,
    ) -> Array2<f64> {
        let (beta, gamma, shared) = self.split(theta);
        let (kx, width) = (beta.len(), theta.len());
        let y = self.second.design().response();
        let parts = self.first.map(|rows, z| {
            let eta = linear_index(&z, gamma);
            let selected = within(self.at, &rows);
            let x = self.second.piece(selected.clone());
            let fitted = linear_index(&x, beta);
            let mut scores = Array2::<f64>::zeros((rows.len(), width));
            let mut next = selected.clone().peekable();
            for (i, mut score) in scores.rows_mut().into_iter().enumerate() {
                let seen = next.next_if(|&j| self.at[j] == rows.start + i);
                let slope = match seen {
                    Some(j) => {
                        let row = shared.seen(y[j] - fitted[j - selected.start], eta[i]);
                        let x = x.row(j - selected.start);
                        score.iter_mut().zip(x).for_each(|(score, x)| *score = row.m * x);
                        score[width - 2] = row.a;
                        score[width - 1] = row.s;
                        row.eta
                    }
                    None => -mills(-eta[i]).lambda,
                };
                score.iter_mut().skip(kx).zip(z.row(i)).for_each(|(score, z)| *score = slope * z);
            }
            match group {
                None => (scores.t().dot(&scores), Vec::new()),
                Some(group) => {
                    let mut sums: Vec<(u32, Array1<f64>)> = Vec::new();
                    for (score, &code) in scores.rows().into_iter().zip(&group.codes()[rows]) {
                        match sums.last_mut() {
                            Some((last, sum)) if *last == code => *sum += &score,
                            _ => sums.push((code, score.to_owned())),
                        }
                    }
                    (Array2::zeros((0, 0)), sums)
                }
            }
        });
        let Some(group) = group else {
            let zero = Array2::zeros((width, width));
            return parts.into_iter().fold(zero, |sum, (part, _)| sum + part);
        };
        let mut sums = Array2::<f64>::zeros((group.n_levels(), width));
        for (code, score) in parts.into_iter().flat_map(|(_, scores)| scores) {
            let mut sum = sums.row_mut(code as usize);
            sum += &score;
        }
        sums.t().dot(&sums)
    }
}
