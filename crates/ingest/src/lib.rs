//! From raw files to a documented panel: the only crate that knows file formats.
//!
//! ```text
//! Spec ──load──▶ Loaded { panel, account, tiers, files }        a file ──open──▶ (Panel, Account)
//!
//! spec      what to load, as data: sample, sources, variables, steps
//! filter    `province != Tibet`                                 parse ∘ print = identity
//! gather    the files of a source, one after the other
//! table     what all formats share: key, selection of columns, places; which format is whose
//! text      text with delimiters        parquet   Parquet, through polars
//! dta       Stata files                 workbook  one sheet as a grid, whatever the file declares
//! grid      cells and their places      shape     from a grid to rows of an entity and a period
//! entities  what labels of rows mean    provinces China's, by any of their names
//! rows      taking rows, joining files  variable  columns taken through steps
//! step      steps, as data              unit      what a column is measured in
//! changes   every cell that a step gave another value
//! account   what happened to rows and cells, in short lines; reading: what was seen of a sheet
//! write     a panel as a file, whole or not at all
//! page      a file as a person reads it: its text, or the cells of its sheets
//! trace     one number back to its cell
//! ```
//!
//! **Invariant:** a panel holds no infinite number, and NaN only where a file says missing or a
//! join finds no row. **Invariant:** no row and no cell is dropped or changed without an entry
//! in the [`Account`].

#![allow(clippy::disallowed_methods, reason = "this crate reads and writes data files")]

mod account;
mod changes;
mod dta;
mod entities;
mod error;
mod filter;
mod gather;
mod grid;
mod load;
mod page;
mod parquet;
pub mod provinces;
mod reading;
mod rows;
mod shape;
mod spec;
mod step;
mod table;
mod text;
pub mod trace;
mod unit;
mod variable;
mod workbook;
mod write;

pub use account::{Account, Bounds, Doubt, Entry, Keys, ValueLabels};
pub use changes::{Change, Changes};
pub use error::{
    CleaningError, EntityError, Error, PageError, Place, ShapeError, SheetCell, StataError,
    TextError, WorkbookError,
};
pub use filter::{Filter, Relation, Test, Value};
pub use load::{FileRecord, Loaded, load, load_watched, open, sha256, size};
pub use page::{Page, Sheet, page};
pub use reading::Reading;
pub use shape::{FailedFormulas, Proposal, Shape, propose};
pub use spec::{Entities, Key, SYNTHETIC, Sample, Source, Spec, Tier, Variable};
pub use step::{
    By, Deflate, Exchange, Extrapolate, Operand, Percentiles, Periods, PriceIndex, Rates, Step,
    Winsorize,
};
pub use text::{Decimal, Delimiter, Encoding, Thousands};
pub use unit::{Unit, UnitError};
pub use variable::pull_back;
pub use write::{Renamed, can_write, write, write_csv, write_dta, write_parquet, write_xlsx};
