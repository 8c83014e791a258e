//! A progress bar for long work: on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs `work` with a function that is told how many steps were finished since its last call.
///
/// The bar is drawn on standard error if that is a terminal, and wiped when the work is done.
pub(crate) fn bar<T>(
    what: &str,
    steps: usize,
    work: impl FnOnce(&(dyn Fn(usize) + Sync)) -> T,
) -> T {
    // Not a terminal: the target draws nothing.
    let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    let outcome = work(&|finished| bar.inc(finished as u64));
    bar.finish_and_clear();
    outcome
}

/// Runs `work` of unknown length; on a terminal, the time that it has taken is shown after a while.
pub(crate) fn busy<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        spinner.set_style(style);
    }
    spinner.set_message(what.to_owned());
    spinner.enable_steady_tick(std::time::Duration::from_millis(200));
    let outcome = work();
    spinner.finish_and_clear();
    outcome
}
