//! The sum of squares at every candidate, without a regression at any.

use super::candidates::Candidates;
use super::effects::Effects;

/// What the data contribute to the search, once and for all responses.
///
/// With `T` the transformation (`M`, or rows of it), `s` the switching regressors, `Z_γ =
/// T s·1(q ≤ γ)` and `X` all regressors transformed, the model with a threshold spans `[X, Z_γ]`:
///
/// ```text
/// SSR(γ) = SSR − a'C⁻¹a      a = Z_γ'M_X y      C = Z_γ'M_X Z_γ
/// ```
///
/// `Z_γ'v = Σ s_i (T'v)_i` over the lower regime, for any `v`: running sums over sorted rows. So
/// are `Z_γ'X`; and `Z_γ'Z_γ`, by sums an entity.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) effects: Effects,
    pub(super) candidates: Candidates,
    /// Switching regressors.
    pub(super) m: usize,
    /// `s`, a row of `m` for every observation.
    s: Vec<f64>,
    /// The last row of every entity is left out of sums of squares.
    pub(super) drop_last: bool,
    /// An orthonormal basis of `X`.
    pub(super) base: Layer,
    /// `C`, an `m × m` block a candidate.
    c: Vec<f64>,
    /// The diagonal of `Z_γ'Z_γ`: what a pivot of `C` is a share of.
    own: Vec<f64>,
}

/// Directions that are projected out of the response, orthonormal, and `Z_γ'` of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub(super) basis: Vec<Vec<f64>>,
    /// `Z_γ'Q`: for every candidate, `m` rows of as many as the basis has.
    sums: Vec<f64>,
}

/// `L⁻¹` with `C = L L'`, for every candidate; and whether there is one.
#[derive(Debug, Clone)]
pub(super) struct Factors {
    inverse: Vec<f64>,
    pub(super) regular: Vec<bool>,
}

/// A pivot of `C` below this share of `Z_γ'Z_γ` is rounding noise.
const RANK: f64 = 1e-11;

impl Scan {
    pub(super) fn new(
        effects: Effects,
        candidates: Candidates,
        switching: &[&[f64]],
        regressors: &[&[f64]],
        drop_last: bool,
    ) -> Self {
        let (n, m) = (effects.n(), switching.len());
        let mut s = vec![0.0; n * m];
        for (l, column) in switching.iter().enumerate() {
            for (i, x) in column.iter().enumerate() {
                s[i * m + l] = *x;
            }
        }
        let empty = Layer::default();
        let mut scan = Self {
            effects,
            candidates,
            m,
            s,
            drop_last,
            base: empty,
            c: Vec::new(),
            own: Vec::new(),
        };
        let mut basis = Vec::with_capacity(regressors.len());
        for x in regressors {
            let mut x = x.to_vec();
            scan.transform(&mut x);
            orthonormalise(&mut x, &[], &mut basis);
        }
        scan.base = scan.layer(basis);
        scan.c = scan.products();
        let blocks = scan.c.chunks_exact(m * m);
        scan.own = blocks.flat_map(|c| (0..m).map(|l| c[l * m + l])).collect();
        let mut c = std::mem::take(&mut scan.c);
        scan.reduce(&mut c, &scan.base);
        scan.c = c;
        scan
    }

    /// `v ← T v`.
    pub(super) fn transform(&self, v: &mut [f64]) {
        self.effects.project(v);
        self.drop(v);
    }

    /// Zero in the rows that are left out.
    pub(super) fn drop(&self, v: &mut [f64]) {
        if self.drop_last {
            self.effects.start[1..].iter().for_each(|&end| v[end - 1] = 0.0);
        }
    }

    /// `v ← T'v` of a `v` that is in the range of `T`.
    pub(super) fn adjoint(&self, v: &mut [f64]) {
        if self.drop_last {
            self.effects.project(v);
        }
    }

    /// `Σ s_i v_i` over the lower regime of every candidate, `m` numbers each.
    pub(super) fn running_sums(&self, v: &[f64], sums: &mut Vec<f64>) {
        let (m, n_candidates) = (self.m, self.candidates.len());
        sums.clear();
        sums.resize((n_candidates + 1) * m, 0.0);
        if m == 1 {
            for ((&bin, s), v) in self.candidates.bin.iter().zip(&self.s).zip(v) {
                sums[bin as usize] += s * v;
            }
        } else {
            let rows = self.candidates.bin.iter().zip(self.s.chunks_exact(m)).zip(v);
            for ((&bin, s), v) in rows {
                let at = bin as usize * m;
                sums[at..at + m].iter_mut().zip(s).for_each(|(sum, s)| *sum += s * v);
            }
        }
        sums.truncate(n_candidates * m);
        for at in m..sums.len() {
            sums[at] += sums[at - m];
        }
    }

    /// A layer from orthonormal columns in the range of `T`.
    fn layer(&self, basis: Vec<Vec<f64>>) -> Layer {
        let (width, rows) = (basis.len(), self.candidates.len() * self.m);
        let mut sums = vec![0.0; rows * width];
        let (mut v, mut running) = (Vec::new(), Vec::new());
        for (j, q) in basis.iter().enumerate() {
            v.clone_from(q);
            self.adjoint(&mut v);
            self.running_sums(&v, &mut running);
            for (row, sum) in running.iter().enumerate() {
                sums[row * width + j] = *sum;
            }
        }
        Layer { basis, sums }
    }

    /// What a threshold adds to the base and to thresholds given before it.
    pub(super) fn threshold(&self, candidate: usize, before: &[&Layer]) -> Layer {
        let mut basis = Vec::with_capacity(self.m);
        for l in 0..self.m {
            let rows = self.candidates.bin.iter().zip(self.s.iter().skip(l).step_by(self.m));
            let in_lower = |bin: u32| (bin as usize) <= candidate;
            let mut z: Vec<f64> =
                rows.map(|(&bin, s)| if in_lower(bin) { *s } else { 0.0 }).collect();
            self.transform(&mut z);
            let mut all = vec![&self.base];
            all.extend_from_slice(before);
            orthonormalise(&mut z, &all, &mut basis);
        }
        self.layer(basis)
    }

    /// `C ← C − Z_γ'Q Q'Z_γ`.
    fn reduce(&self, c: &mut [f64], layer: &Layer) {
        let (m, width) = (self.m, layer.basis.len());
        if width == 0 {
            return;
        }
        for (c, sums) in c.chunks_exact_mut(m * m).zip(layer.sums.chunks_exact(m * width)) {
            for (l, a) in sums.chunks_exact(width).enumerate() {
                for (k, b) in sums.chunks_exact(width).enumerate() {
                    c[l * m + k] -= a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                }
            }
        }
    }

    /// Factors of `C` once the layers are projected out too.
    pub(super) fn factors(&self, layers: &[&Layer]) -> Factors {
        let m = self.m;
        let mut inverse = self.c.clone();
        for layer in layers {
            self.reduce(&mut inverse, layer);
        }
        let blocks = inverse.chunks_exact_mut(m * m).zip(self.own.chunks_exact(m));
        let regular = blocks.map(|(c, own)| invert_factor(c, own)).collect();
        Factors { inverse, regular }
    }

    /// `a'C⁻¹a` of a candidate.
    pub(super) fn gain(&self, factors: &Factors, candidate: usize, a: &[f64]) -> f64 {
        let m = self.m;
        let inverse = &factors.inverse[candidate * m * m..(candidate + 1) * m * m];
        let a = &a[candidate * m..(candidate + 1) * m];
        let row = |l: usize| -> f64 {
            inverse[l * m..=l * m + l].iter().zip(a).map(|(w, a)| w * a).sum()
        };
        (0..m).map(|l| row(l) * row(l)).sum()
    }

    /// `Q'y` of the directions that a candidate adds, from its `a`.
    pub(super) fn weights(&self, factors: &Factors, candidate: usize, a: &[f64]) -> Vec<f64> {
        let m = self.m;
        let inverse = &factors.inverse[candidate * m * m..(candidate + 1) * m * m];
        let a = &a[candidate * m..(candidate + 1) * m];
        (0..m).map(|l| inverse[l * m..=l * m + l].iter().zip(a).map(|(w, a)| w * a).sum()).collect()
    }

    /// The largest gain, and where: the first candidate, if others beat it by no more than `tied`.
    pub(super) fn best(
        &self,
        factors: &Factors,
        a: &[f64],
        tied: f64,
        allowed: impl Fn(usize) -> bool,
    ) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        for c in (0..self.candidates.len()).filter(|&c| factors.regular[c] && allowed(c)) {
            let gain = self.gain(factors, c, a);
            if best.is_none_or(|(_, most)| gain > most + tied) {
                best = Some((c, gain));
            }
        }
        best
    }

    /// `Z_γ'Z_γ` for every candidate: one pass over the rows in the order of `q`.
    fn products(&self) -> Vec<f64> {
        let m = self.m;
        let bins = &self.candidates.bin;
        let mut order: Vec<usize> = (0..self.effects.n()).collect();
        order.sort_by_key(|&i| bins[i]);
        let (loadings, levels) = self.effects.loadings();
        // Sums over the lower regime: of an entity, and of D'M₀ s through the factor of S.
        let mut units = vec![0.0; self.effects.n_units() * m];
        let mut others = vec![0.0; levels * m];
        // The last row of an entity, once it is in the lower regime.
        let mut last = vec![0.0; if self.drop_last { units.len() } else { 0 }];
        let mut sum = vec![0.0; m * m];
        let mut products = Vec::with_capacity(self.candidates.len() * m * m);
        let mut rows = order.into_iter().peekable();
        for candidate in 0..self.candidates.len() {
            while let Some(i) = rows.next_if(|&i| bins[i] as usize <= candidate) {
                let e = self.effects.unit[i] as usize;
                let s = &self.s[i * m..(i + 1) * m];
                let unit = &mut units[e * m..(e + 1) * m];
                let size = self.effects.size(e);
                let is_last = self.drop_last && i + 1 == self.effects.start[e + 1];
                if self.drop_last {
                    let last = &last[e * m..(e + 1) * m];
                    outer(&mut sum, m, 1.0, |l| last[l] - unit[l] / size);
                }
                for l in 0..m {
                    for k in 0..m {
                        sum[l * m + k] +=
                            s[l] * s[k] - (unit[l] * s[k] + s[l] * unit[k] + s[l] * s[k]) / size;
                    }
                }
                unit.iter_mut().zip(s).for_each(|(unit, s)| *unit += s);
                if self.drop_last {
                    let last = &mut last[e * m..(e + 1) * m];
                    if is_last {
                        last.copy_from_slice(s);
                    }
                    outer(&mut sum, m, -1.0, |l| last[l] - unit[l] / size);
                }
                if levels > 0 {
                    let loading = &loadings[i * levels..(i + 1) * levels];
                    for (l, s) in s.iter().enumerate() {
                        let others = &mut others[l * levels..(l + 1) * levels];
                        others.iter_mut().zip(loading).for_each(|(sum, x)| *sum += s * x);
                    }
                }
            }
            products.extend_from_slice(&sum);
            if levels > 0 {
                let at = products.len() - m * m;
                let row = |l: usize| &others[l * levels..(l + 1) * levels];
                for l in 0..m {
                    for k in 0..m {
                        products[at + l * m + k] -= dot(row(l), row(k));
                    }
                }
            }
        }
        products
    }
}

/// `a ← a − Z_γ'Q b`.
pub(super) fn subtract(a: &mut [f64], layer: &Layer, b: &[f64]) {
    if b.is_empty() {
        return;
    }
    for (a, row) in a.iter_mut().zip(layer.sums.chunks_exact(b.len())) {
        *a -= row.iter().zip(b).map(|(x, b)| x * b).sum::<f64>();
    }
}

/// `sum ← sum + sign · h h'`.
fn outer(sum: &mut [f64], m: usize, sign: f64, h: impl Fn(usize) -> f64) {
    for l in 0..m {
        for k in 0..m {
            sum[l * m + k] += sign * h(l) * h(k);
        }
    }
}

/// Replaces `C` by `L⁻¹`; false if a pivot is noise.
fn invert_factor(c: &mut [f64], own: &[f64]) -> bool {
    let m = own.len();
    for j in 0..m {
        for i in 0..=j {
            let dot: f64 = (0..i).map(|k| c[j * m + k] * c[i * m + k]).sum();
            let left = c[j * m + i] - dot;
            if i < j {
                c[j * m + i] = left / c[i * m + i];
            } else if left > RANK * own[j] {
                c[j * m + j] = left.sqrt();
            } else {
                return false;
            }
        }
    }
    for j in 0..m {
        for i in j..m {
            let dot: f64 = (j..i).map(|k| c[i * m + k] * c[k * m + j]).sum();
            let pivot = c[i * m + i];
            c[i * m + j] = if i == j { 1.0 / pivot } else { -dot / pivot };
        }
    }
    true
}

/// Subtracts what layers and a basis span, twice, and joins the basis if anything is left.
fn orthonormalise(v: &mut Vec<f64>, layers: &[&Layer], basis: &mut Vec<Vec<f64>>) {
    let before = dot(v, v).sqrt();
    for _ in 0..2 {
        for q in layers.iter().flat_map(|layer| &layer.basis).chain(basis.iter()) {
            let weight = dot(q, v);
            v.iter_mut().zip(q).for_each(|(v, q)| *v -= weight * q);
        }
    }
    let after = dot(v, v).sqrt();
    if after > RANK * before {
        for v in v.iter_mut() {
            *v /= after;
        }
        basis.push(std::mem::take(v));
    }
}

/// `a'b` in eight interleaved sums, which the compiler can keep in vector registers.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (x, y) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = x.remainder().iter().zip(y.remainder()).map(|(a, b)| a * b).sum();
    let mut lanes = [0.0; 8];
    for (x, y) in x.zip(y) {
        for i in 0..8 {
            lanes[i] += x[i] * y[i];
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// The first candidate whose sum of squares is within `tied` of the smallest.
pub(super) fn argmin(ssr: &[Option<f64>], tied: f64) -> Option<usize> {
    let least = ssr.iter().flatten().copied().min_by(f64::total_cmp)?;
    ssr.iter().position(|ssr| ssr.is_some_and(|ssr| ssr <= least + tied))
}
