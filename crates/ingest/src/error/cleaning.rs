//! Why a variable cannot be cleaned as asked.

use panel::Name;

use crate::Unit;

/// Why a step in time, of prices or of units is not defined.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are what the message says they are")]
pub enum CleaningError {
    /// A lag of no periods, or of a negative number of them.
    #[error("`{variable}`: {step} needs a whole number of periods from 1")]
    Periods { variable: Name, step: String },
    /// A number that is not finite among the choices.
    #[error("`{variable}`: {step} needs a finite number")]
    NotFinite { variable: Name, step: String },
    /// Prices without those of the base.
    #[error("`{variable}`: {step}: `{entity}` has no `{by}` for {base}; choose a base in the sample{}, or mend the index", if *.chained { " or one period before it" } else { "" })]
    NoBase { variable: Name, step: String, entity: String, by: Name, base: i32, chained: bool },
    /// A price index of nothing but zeros.
    #[error("`{variable}`: {step}: `{by}` is zero in every row; it is no price index")]
    AllZero { variable: Name, step: String, by: Name },
    /// Steps on numbers met a category.
    #[error(
        "`{variable}`: {step} needs numbers, and `{from}` holds categories; `region` is the step for provinces"
    )]
    Category { variable: Name, step: String, from: Name },
    /// The region of something that is no province.
    #[error(
        "`{variable}`: {step} needs a column of provinces, and `{from}` holds numbers; use `from` = the entity"
    )]
    NoProvinces { variable: Name, step: String, from: Name },
    /// Units that cannot be added.
    #[error(
        "`{variable}`: {step}: one is in {own} and `{other}` in {theirs}; `convert` one of them first"
    )]
    Added { variable: Name, step: String, own: Unit, other: Name, theirs: Unit },
    /// A unit is declared where there is another.
    #[error(
        "`{variable}`: {step}: it is in {own} by now; `convert` changes units, `unit` names them"
    )]
    Declared { variable: Name, step: String, own: Unit },
    /// A conversion from no unit.
    #[error(
        "`{variable}`: {step}: nothing says what the numbers are in; give the source `units = {{ {from} = \"…\" }}`, or a step `unit` before this one"
    )]
    NoUnit { variable: Name, step: String, from: Name },
    /// A conversion between units of different things.
    #[error("`{variable}`: {step}: {from} and {to} measure different things{}", if *.currency { "; take currencies to each other by `exchange`, with rates" } else { "" })]
    Incompatible { variable: Name, step: String, from: Unit, to: Unit, currency: bool },
    /// Rates without a unit.
    #[error(
        "`{variable}`: {step}: nothing says what the rates are in; write `exchange = {{ rates = …, unit = \"元/美元\" }}`"
    )]
    NoRateUnit { variable: Name, step: String },
    /// Rates of other currencies than the variable's.
    #[error(
        "`{variable}`: {step}: the variable is in {own} and the rates are in {rate}; rates are one currency over the other, such as 元/美元"
    )]
    Rate { variable: Name, step: String, own: Unit, rate: Unit },
    /// No rate for a period.
    #[error(
        "`{variable}`: {step}: no rate for {period}, in which `{entity}` has a value; add it to the table"
    )]
    NoRate { variable: Name, step: String, entity: String, period: i32 },
    /// A unit for a column that is not there.
    #[error(
        "{file}: `units` names `{column}`, and no such column is loaded; it goes by the name in the panel"
    )]
    UnitOfNothing { file: String, column: Name },
    /// A cell of a row that is not there.
    #[error("`{entity}` has no row for {period}; there are rows from {} to {}", .range.0, .range.1)]
    NoCell { entity: String, period: i32, range: (i32, i32) },
    /// A step that derivatives cannot be taken back through.
    #[error(
        "`{variable}`: {step}: nothing can be solved for behind this step; let the unknown column be the variable itself"
    )]
    NoReverse { variable: Name, step: String },
    /// Cells that a balanced panel would have.
    #[error("the panel is not balanced: {count} of {entities} × {periods} rows are not there ({}); leave those entities out, add the rows, or set `balanced = false`", .first.join(", "))]
    Holes { count: usize, entities: usize, periods: usize, first: Vec<String> },
}
