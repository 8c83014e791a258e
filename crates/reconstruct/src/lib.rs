//! Solving for data: columns on which given functions take values that print as given numbers.
//!
//! ```text
//! Unknown   a column to be found: its start, what its values may be, which cells are fixed
//! Target    what a number may be: the interval that rounds to what was printed
//! Problem   from columns to numbers, and their derivatives; the caller's, for it knows estimators
//! solve     Gauss–Newton steps of least norm until every target holds: Solution
//! elastic   the fewest targets to release where they cannot all hold: Elastic, and Reach of each
//! whole     counts become whole numbers, and the rest is solved again
//! ```
//!
//! There are fewer targets than cells of data, so there is no one answer but a surface of them. A
//! step of least norm goes from the start to a near point of it; another start ends elsewhere.
//!
//! **Invariant:** this crate knows no estimator, and computes no number that is compared with a
//! printed one: it asks its [`Problem`].
//! **Invariant:** the same problem and start give the same bits, whatever the number of threads.

mod elastic;
mod problem;
mod solve;
mod target;
mod unknown;
mod whole;

pub use elastic::{Elastic, Reach, elastic, is_small};
pub use problem::Problem;
pub use solve::{Progress, Settings, Solution, solve};
pub use target::Target;
pub use unknown::{Unknown, Values};
pub use whole::whole;
