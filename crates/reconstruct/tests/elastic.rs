//! Targets that cannot hold together.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ndarray::Array2;
use reconstruct::{Problem, Settings, Target, Unknown, Values, elastic};

/// Sums of the cells of one column, each with weights of its own: no two panels differ in what they allow.
struct Sums(Array2<f64>);

impl Problem for Sums {
    fn numbers(&self, columns: &[Vec<f64>]) -> Option<Vec<f64>> {
        Some(self.0.dot(&ndarray::aview1(&columns[0])).to_vec())
    }

    fn derivatives(&self, columns: &[Vec<f64>]) -> Option<(Vec<f64>, Array2<f64>)> {
        Some((self.numbers(columns)?, self.0.clone()))
    }
}

/// Six cells; the third number is the sum of the first two, and the fourth is on its own.
fn sums() -> Sums {
    Sums(ndarray::array![
        [1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 1.0, 0.0, 0.0],
        [1.0, 1.0, 1.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, 1.0, 2.0],
    ])
}

fn unknown() -> Vec<Unknown> {
    let start = vec![1.0, -1.0, 0.5, 2.0, 0.0, 1.0];
    let fixed = vec![false; 6];
    let (values, name) = (Values::Real, "x".to_owned());
    vec![Unknown { name, values, start, fixed, pace: 1.0, fences: Vec::new() }]
}

fn about(x: f64) -> Target {
    Target::between(x - 0.05, x + 0.05)
}

#[test]
fn nothing_is_given_up_where_all_can_hold() {
    let targets = [about(2.0), about(3.0), about(5.0), about(-1.0)];
    let settings = Settings::default();
    let found = elastic(&sums(), &unknown(), &targets, &settings, &mut |_| ()).unwrap();
    assert_eq!(found.released, Vec::<usize>::new());
    assert!(targets.iter().zip(&found.solution.numbers).all(|(target, x)| target.holds(*x)));
}

/// One of the three is enough, and what the other two imply for it is exact: 5 ± 0.1, or 4 ± 0.1 and 3 ± 0.1.
#[test]
fn one_of_three_is_given_up_and_the_others_say_what_it_is() {
    let targets = [about(2.0), about(3.0), about(6.0), about(-1.0)];
    let settings = Settings::default();
    let (sums, unknown) = (sums(), unknown());
    let found = elastic(&sums, &unknown, &targets, &settings, &mut |_| ()).unwrap();
    let [released] = found.released[..] else { panic!("{:?}", found.released) };
    let implied = [(2.9, 3.1), (3.9, 4.1), (4.9, 5.1)];
    let (low, high) = implied[released];
    for (i, (target, x)) in targets.iter().zip(&found.solution.numbers).enumerate() {
        assert!(i == released || target.holds(*x), "{i}: {x}");
    }
    let reaches = found.reaches(&sums, &unknown, &targets, &settings, &mut |_| ()).unwrap();
    let [reach] = reaches[..] else { panic!("{reaches:?}") };
    assert_eq!(reach.target, released);
    assert!(!reach.is_open);
    let (near, far) = (reach.nearest.min(reach.farthest), reach.nearest.max(reach.farthest));
    // No farther than arithmetic allows, and most of the way.
    assert!(low <= near && far <= high, "{reach:?}");
    assert!(far - near > 0.8 * (high - low), "{reach:?}");
}

/// A target that nothing else touches is given up if no value of the columns meets it.
#[test]
fn a_number_out_of_reach_is_given_up_alone() {
    let mut unknown = unknown();
    unknown[0].values = Values::Between(-3.0, 3.0);
    let targets = [about(2.0), about(3.0), about(5.0), about(40.0)];
    let settings = Settings::default();
    let found = elastic(&sums(), &unknown, &targets, &settings, &mut |_| ()).unwrap();
    assert_eq!(found.released, [3]);
}

/// Cells behind a fence stay there, and the others do not.
#[test]
fn fences_hold_their_cells() {
    let mut unknown = unknown();
    unknown[0].values = Values::Between(-10.0, 10.0);
    let free = (f64::NEG_INFINITY, f64::INFINITY);
    unknown[0].fences = vec![(0.5, 1.5), free, free, free, free, free];
    let targets = [about(9.0), about(3.0), about(12.0), about(-1.0)];
    let found = reconstruct::solve(&sums(), &unknown, &targets, &Settings::default(), &mut |_| ());
    let found = found.unwrap();
    assert_eq!(found.unsatisfied, Vec::<usize>::new());
    let x = &found.columns[0];
    assert!((0.5..=1.5).contains(&x[0]) && x[1] > 7.0, "{x:?}");
}

/// A cell shut in by its fences keeps its value to the last bit.
#[test]
fn a_shut_cell_stays() {
    let mut unknown = unknown();
    unknown[0].values = Values::Between(-10.0, 10.0);
    let (start, free) = (unknown[0].start[0], (f64::NEG_INFINITY, f64::INFINITY));
    unknown[0].fences = vec![(start, start), free, free, free, free, free];
    let targets = [about(9.0), about(3.0), about(12.0), about(-1.0)];
    let found = reconstruct::solve(&sums(), &unknown, &targets, &Settings::default(), &mut |_| ());
    let found = found.unwrap();
    assert_eq!(found.unsatisfied, Vec::<usize>::new());
    assert_eq!(found.columns[0][0].to_bits(), start.to_bits());
}

/// Where nothing moves what is off, no step is taken.
#[test]
fn what_nothing_moves_is_not_waited_for() {
    let mut unknown = unknown();
    unknown[0].fixed.fill(true);
    let targets = [about(9.0), about(3.0), about(12.0), about(-1.0)];
    let found = reconstruct::solve(&sums(), &unknown, &targets, &Settings::default(), &mut |_| ());
    let found = found.unwrap();
    assert_eq!(found.steps, 0);
    assert!(!found.unsatisfied.is_empty());
}

/// A damping to begin with is a matter of steps, not of what holds; and it is said which was best.
#[test]
fn any_damping_may_come_first() {
    let targets = [about(9.0), about(3.0), about(12.0), about(-1.0)];
    for damping in [None, Some(0.0), Some(1e-5), Some(7.0)] {
        let settings = Settings { damping, ..Settings::default() };
        let found = reconstruct::solve(&sums(), &unknown(), &targets, &settings, &mut |_| ());
        let found = found.unwrap();
        assert_eq!(found.unsatisfied, Vec::<usize>::new(), "{damping:?}");
        assert!(found.damping.is_some());
    }
}
