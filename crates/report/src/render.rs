//! A [`Table`](crate::Table) as text, Markdown and HTML.

mod html;
mod markdown;
mod text;

pub(crate) use html::escape as escape_html;
pub use html::html;
pub(crate) use markdown::escape as escape_markdown;
pub use markdown::markdown;
pub use text::{Style, styled, text};
pub(crate) use text::{paint, width};

/// The style that all pages begin with.
pub(crate) const PAGE: &str = include_str!("page.css");
