//! What the examples share that `cargo xtask bench methods` times.

use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Map, Value, json};

/// A command line `WORK DATA.csv REPS`, read.
pub struct Bench {
    /// What to compute.
    pub work: String,
    /// The text of the data file.
    pub data: String,
    file: PathBuf,
    reps: usize,
}

impl Bench {
    /// Reads the command line, and the file that it names.
    pub fn from_args() -> Self {
        let usage = "usage: EXAMPLE WORK DATA.csv REPS";
        let [work, file, reps] =
            <[String; 3]>::try_from(std::env::args().skip(1).collect::<Vec<_>>())
                .unwrap_or_else(|_| panic!("{usage}"));
        let data = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}"));
        let reps = reps.parse().unwrap_or_else(|_| panic!("{usage}: `{reps}` is no number"));
        Self { work, data, file: file.into(), reps }
    }

    /// Runs once to warm up and then on the clock; prints a line of JSON, with what was found.
    ///
    /// # Errors
    ///
    /// Those of `run`.
    pub fn report<T, E>(
        &self,
        mut run: impl FnMut() -> Result<T, E>,
        numbers: impl Fn(&T) -> Vec<(String, f64)>,
    ) -> Result<(), E> {
        let mut timed = || {
            let start = Instant::now();
            let found = run()?;
            Ok((start.elapsed().as_secs_f64(), found))
        };
        let (first, found) = timed()?;
        let mut seconds = Vec::new();
        for _ in 0..self.reps {
            seconds.push(timed()?.0);
        }
        seconds.sort_by(f64::total_cmp);
        let numbers: Map<String, Value> =
            numbers(&found).into_iter().map(|(name, number)| (name, number.into())).collect();
        println!(
            "{}",
            json!({
                "tool": "panelproof", "work": self.work, "n": self.reps, "first": first,
                "ds": self.file.file_stem().unwrap_or_default().to_string_lossy(),
                "median": seconds.get(self.reps / 2), "min": seconds.first(), "max": seconds.last(),
                "numbers": numbers,
            })
        );
        Ok(())
    }
}
