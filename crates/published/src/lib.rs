//! Printed numbers and transcribed tables: what a paper says, at the precision at which it says it.
//!
//! ```text
//! Transcription        one published.toml: the facts of a paper, as printed
//! ├── Paper            id, title, authors, panel
//! ├── Table            id, kind, columns, what the brackets hold, star thresholds
//! │   └── Row          label, cells
//! │       └── Printed  blank | text | Estimate                      parse ∘ print = identity
//! │           └── Number   digits · 10^last  ──interval──▶  Interval    ──contains──▶  ours?
//! ├── Series           what a figure's caption or the text states of it
//! └── Claim            a statement of the text that carries a number
//! ```
//!
//! A printed number is exact decimal data, not a float: `0.0088` is 88 · 10⁻⁴, and whatever
//! rounds to it lies in [0.00875, 0.00885]. That interval is the only tolerance there is.
//!
//! **Invariant:** everything that parses prints back as it was, character for character.
//! **Invariant:** this crate does no IO; it is given text and the name to call it by in errors.
//!
//! ```
//! use published::Transcription;
//!
//! let toml = r#"
//! [paper]
//! id = "wang-chen"
//! title = "Rural E-Commerce"
//! authors = ["Ge Wang", "Hao Chen"]
//!
//! [[table]]
//! id = "3"
//! title = "Baseline regression results"
//! kind = "regression"
//! uncertainty = "standard error"
//! columns = ["(1)", "(2)"]
//! rows = [
//!   ["Rec", "0.0340*** (0.0041)", "0.0088*** (0.0031)"],
//! ]
//! "#;
//! let paper = Transcription::parse("published.toml", toml)?;
//! let rec = paper.cell("3", "Rec", "(2)").and_then(|cell| cell.estimate()).expect("printed");
//! assert_eq!(rec.stars(), 3);
//! assert!(rec.number().interval().contains(0.008_843_1));
//! assert_eq!(rec.number().format(0.009_266).as_deref(), Some("0.0093"));
//! # Ok::<(), published::Error>(())
//! ```

mod error;
mod glyph;
mod interval;
mod number;
mod paper;
mod pasted;
mod printed;
mod read;
mod scan;
mod stars;
mod table;
mod write;

pub use error::{Error, Expected, Location};
pub use interval::Interval;
pub use number::Number;
pub use paper::{Claim, PanelFacts, Paper, Series, SeriesValue};
pub use pasted::{Grid, GridRow, PasteError, Pasted};
pub use printed::{Bracket, Estimate, Place, Printed};
pub use stars::stars_for;
pub use table::{Address, Effects, Kind, Row, Table, Threshold, Transcription, Uncertainty};
