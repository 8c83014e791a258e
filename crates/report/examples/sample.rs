//! The sample of the tests, to look at: `cargo run -p report --example sample html > page.html`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example reads its command line and shows something"
)]

#[path = "../tests/sample/mod.rs"]
mod sample;

use report::render::Style;
use report::replication::{html, json, markdown, text};

fn main() {
    let replication = sample::replication();
    let page = match std::env::args().nth(1).as_deref() {
        Some("html") => html(&replication),
        Some("markdown") => markdown(&replication),
        Some("json") => json(&replication),
        Some("colour") => text(&replication, Style::Ansi),
        _ => text(&replication, Style::Plain),
    };
    print!("{page}");
}
