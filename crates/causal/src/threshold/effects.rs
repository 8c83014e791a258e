//! Projecting out an entity's effects, alone or with those of one smaller factor.

/// `M = I − D(D'D)⁻D'` for the entity and up to one more factor; rows are sorted by entity.
///
/// ```text
/// M = M₀ − M₀D S⁻ D'M₀      M₀ takes deviations from the entity's mean,   S = D'M₀D = L L'
/// ```
///
/// Means eliminate the entity exactly; `S` has a row a level of the other factor and is factored
/// once.
#[derive(Debug)]
pub(super) struct Effects {
    /// The entity of a row, counted from zero without gaps.
    pub(super) unit: Vec<u32>,
    /// The rows of an entity are `start[e]..start[e + 1]`.
    pub(super) start: Vec<usize>,
    other: Option<Other>,
}

#[derive(Debug)]
struct Other {
    code: Vec<u32>,
    n_levels: usize,
    /// `L`, row by row; zero in the rows of levels that the levels before them determine.
    l: Vec<f64>,
}

/// A level that the levels before it leave no freedom.
const NULL: f64 = 1e-11;

impl Effects {
    /// `unit` is sorted; `other` is the code of each row and the number of levels.
    pub(super) fn new(unit: &[u32], other: Option<(&[u32], usize)>) -> Self {
        let mut start: Vec<usize> =
            (0..unit.len()).filter(|&i| i == 0 || unit[i] != unit[i - 1]).collect();
        start.push(unit.len());
        let mut dense = Vec::with_capacity(unit.len());
        for (e, run) in (0_u32..).zip(start.windows(2)) {
            dense.resize(dense.len() + run[1] - run[0], e);
        }
        let other = other.map(|(code, n_levels)| {
            let l = factor(&start, code, n_levels);
            Other { code: code.to_vec(), n_levels, l }
        });
        Self { unit: dense, start, other }
    }

    pub(super) fn n(&self) -> usize {
        self.unit.len()
    }

    pub(super) fn n_units(&self) -> usize {
        self.start.len() - 1
    }

    pub(super) fn two_way(&self) -> bool {
        self.other.is_some()
    }

    /// Rows of an entity.
    pub(super) fn size(&self, e: usize) -> f64 {
        (self.start[e + 1] - self.start[e]) as f64
    }

    /// `v ← M v`.
    pub(super) fn project(&self, v: &mut [f64]) {
        for run in self.start.windows(2) {
            let v = &mut v[run[0]..run[1]];
            let mean = v.iter().sum::<f64>() / v.len() as f64;
            for v in v {
                *v -= mean;
            }
        }
        let Some(other) = &self.other else { return };
        let mut delta = vec![0.0; other.n_levels];
        for (v, &t) in v.iter().zip(&other.code) {
            delta[t as usize] += v;
        }
        other.forward(&mut delta);
        other.backward(&mut delta);
        for run in self.start.windows(2) {
            let codes = &other.code[run[0]..run[1]];
            let mean = codes.iter().map(|&t| delta[t as usize]).sum::<f64>() / codes.len() as f64;
            for (v, &t) in v[run[0]..run[1]].iter_mut().zip(codes) {
                *v -= delta[t as usize] - mean;
            }
        }
    }

    /// `L⁻¹D'M₀ e_i` for every row `i`, in one vector: what a row adds to `L⁻¹D'M₀ z`; and its
    /// length. Empty without a second factor.
    pub(super) fn loadings(&self) -> (Vec<f64>, usize) {
        let Some(other) = &self.other else { return (Vec::new(), 0) };
        let levels = other.n_levels;
        let mut columns = vec![0.0; levels * levels];
        for (t, column) in columns.chunks_exact_mut(levels).enumerate() {
            column[t] = 1.0;
            other.forward(column);
        }
        let column = |t: u32| &columns[t as usize * levels..(t as usize + 1) * levels];
        let mut loadings = Vec::with_capacity(self.n() * levels);
        let mut mean = vec![0.0; levels];
        for run in self.start.windows(2) {
            let codes = &other.code[run[0]..run[1]];
            mean.fill(0.0);
            for &t in codes {
                mean.iter_mut().zip(column(t)).for_each(|(sum, x)| *sum += x);
            }
            for sum in &mut mean {
                *sum /= codes.len() as f64;
            }
            for &t in codes {
                loadings.extend(column(t).iter().zip(&mean).map(|(x, mean)| x - mean));
            }
        }
        (loadings, levels)
    }
}

impl Other {
    /// `b ← L⁻¹ b`.
    fn forward(&self, b: &mut [f64]) {
        for i in 0..self.n_levels {
            let row = &self.l[i * self.n_levels..=i * self.n_levels + i];
            let dot: f64 = row[..i].iter().zip(&*b).map(|(l, b)| l * b).sum();
            b[i] = if row[i] > 0.0 { (b[i] - dot) / row[i] } else { 0.0 };
        }
    }

    /// `b ← L'⁻¹ b`.
    fn backward(&self, b: &mut [f64]) {
        for i in (0..self.n_levels).rev() {
            let row = &self.l[i * self.n_levels..=i * self.n_levels + i];
            b[i] = if row[i] > 0.0 { b[i] / row[i] } else { 0.0 };
            let solved = b[i];
            b[..i].iter_mut().zip(row).for_each(|(b, l)| *b -= l * solved);
        }
    }
}

/// The Cholesky factor of `S = D'M₀D`.
fn factor(start: &[usize], code: &[u32], levels: usize) -> Vec<f64> {
    let mut s = vec![0.0; levels * levels];
    for run in start.windows(2) {
        let codes = &code[run[0]..run[1]];
        let share = 1.0 / codes.len() as f64;
        for &a in codes {
            s[a as usize * levels + a as usize] += 1.0;
            for &b in codes {
                s[a as usize * levels + b as usize] -= share;
            }
        }
    }
    for j in 0..levels {
        let whole = s[j * levels + j];
        for i in 0..=j {
            let (before, row) = s.split_at_mut(j * levels);
            let other = if i < j { &before[i * levels..=i * levels + i] } else { &row[..=j] };
            let dot: f64 = row[..i].iter().zip(other).map(|(a, b)| a * b).sum();
            let pivot = other[i];
            let left = if i < j { row[i] } else { whole } - dot;
            row[i] = if i < j && pivot > 0.0 {
                left / pivot
            } else if i == j && left > NULL * whole {
                left.sqrt()
            } else {
                0.0
            };
        }
        let row = &mut s[j * levels..(j + 1) * levels];
        if row[j] == 0.0 {
            row[..j].fill(0.0);
        }
    }
    s
}

#[cfg(test)]
mod tests {
    use super::Effects;

    /// Rows of three entities in two, three and two periods.
    const UNIT: [u32; 7] = [0, 0, 2, 2, 2, 5, 5];
    const TIME: [u32; 7] = [0, 1, 0, 1, 2, 1, 2];

    fn both() -> Effects {
        Effects::new(&UNIT, Some((&TIME, 3)))
    }

    #[test]
    fn nothing_is_left_of_an_effect() {
        let effects = both();
        assert_eq!((effects.n_units(), effects.n()), (3, 7));
        let mut v: Vec<f64> = UNIT
            .iter()
            .zip(TIME)
            .map(|(&e, t)| 3.0 * f64::from(e) - 2.0 * f64::from(t * t) + 1.0)
            .collect();
        effects.project(&mut v);
        assert!(v.iter().all(|v| v.abs() < 1e-13), "{v:?}");
    }

    #[test]
    fn loadings_make_the_quadratic_form() {
        let effects = both();
        let z = [0.3, -1.0, 2.0, 0.7, 0.0, 1.5, -0.4];
        let mut projected = z;
        effects.project(&mut projected);
        let want: f64 = projected.iter().map(|v| v * v).sum();
        let mut one_way = z;
        Effects::new(&UNIT, None).project(&mut one_way);
        let (loadings, levels) = effects.loadings();
        let mut sums = vec![0.0; levels];
        for (row, z) in loadings.chunks_exact(levels).zip(z) {
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x * z);
        }
        let total = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>();
        assert!((total(&one_way) - total(&sums) - want).abs() < 1e-13);
    }
}
