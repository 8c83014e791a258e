//! A figure of yearly series as data, as SVG and as a table: a year without a value is a gap in both.

use plotters::prelude::*;
use serde::Serialize;

use crate::table::{Table, head, number, row, table};

/// What stands for a year without a value.
pub const GAP: &str = "—";

/// Series by year.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figure {
    /// Its number in the paper.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// Unit of the values.
    pub unit: String,
    /// First year of the axis.
    pub first: i32,
    /// Last year of the axis.
    pub last: i32,
    /// What is drawn, in the order of the legend.
    pub lines: Vec<Line>,
    /// What stands under it.
    pub notes: Vec<String>,
    /// Whether a line of it is of reconstructed data.
    pub is_reconstructed: bool,
}

/// A series of a [`Figure`].
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Line {
    /// What it counts.
    pub name: String,
    /// Year and value, in the order of years; years that are not here are gaps.
    pub points: Vec<(i32, f64)>,
    /// Whether these are single statements, drawn as crosses, and no series.
    pub stated: bool,
}

impl Line {
    /// Runs of successive years: a line is drawn within each, never across a gap.
    pub fn runs(&self) -> Vec<&[(i32, f64)]> {
        self.points.chunk_by(|a, b| b.0 == a.0 + 1).collect()
    }

    fn at(&self, year: i32) -> Option<f64> {
        self.points.iter().find(|(of, _)| *of == year).map(|(_, value)| *value)
    }
}

impl Figure {
    /// The figure as a table: a row a series, a column a year, [`GAP`] where nothing is known.
    pub fn table(&self, title: &str, show: impl Fn(f64) -> String) -> Table {
        let years = || self.first..=self.last;
        let heads = std::iter::once(self.unit.clone()).chain(years().map(|year| year.to_string()));
        let line = |line: &Line| {
            let cell = |year| number(line.at(year).map_or_else(|| GAP.to_owned(), &show));
            row(line.name.as_str(), years().map(cell))
        };
        table(title).heads(heads.map(head)).rows(self.lines.iter().map(line))
    }

    /// The figure as an `<svg>` element; `None` if there is nothing to draw.
    ///
    /// Points of successive years are joined; a year without a value interrupts the line.
    pub fn svg(&self) -> Option<String> {
        let top = self.lines.iter().flat_map(|line| &line.points).map(|(_, value)| *value);
        let top = top.fold(f64::NEG_INFINITY, f64::max);
        if !top.is_finite() || top <= 0.0 || self.first > self.last {
            return None;
        }
        let mut out = String::new();
        self.draw(&mut out, top * 1.12).ok()?;
        // Alone it is a document; in a page it is an element that says what it shows.
        let label = crate::render::escape_html(&self.title);
        let role = format!("<svg role=\"img\" aria-label=\"{label}\" ");
        Some(out.replacen("<svg ", &role, 1))
    }

    fn draw(&self, out: &mut String, top: f64) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        const COLOURS: [RGBColor; 4] = [
            RGBColor(31, 78, 121),
            RGBColor(0, 105, 92),
            RGBColor(138, 82, 0),
            RGBColor(122, 47, 143),
        ];
        let area = SVGBackend::with_string(out, (720, 380)).into_drawing_area();
        area.fill(&WHITE)?;
        let text = |size: i32| ("sans-serif", size).into_font().color(&BLACK);
        let (from, to) = (f64::from(self.first) - 0.5, f64::from(self.last) + 0.5);
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(32)
            .y_label_area_size(64)
            .build_cartesian_2d(from..to, 0.0..top)?;
        let years = usize::try_from(self.last - self.first + 1).unwrap_or(1);
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .x_labels(years + 1)
            .x_label_formatter(&|x| {
                if (x - x.round()).abs() < 1e-9 { format!("{x:.0}") } else { String::new() }
            })
            .y_label_formatter(&|y| crate::format::general(*y, 6))
            .y_desc(self.unit.as_str())
            .label_style(text(14))
            .draw()?;
        for (line, colour) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            let place = |(year, value): &(i32, f64)| (f64::from(*year), *value);
            let crossed = line.stated;
            if !line.stated {
                for run in line.runs().into_iter().filter(|run| run.len() > 1) {
                    let joined: Vec<_> = run.iter().map(place).collect();
                    chart.draw_series(LineSeries::new(joined, colour.stroke_width(2)))?;
                }
            }
            let shape = move |at: (i32, i32)| -> DynElement<'static, _, (i32, i32)> {
                if crossed {
                    Cross::new(at, 6, colour.stroke_width(2)).into_dyn()
                } else {
                    Circle::new(at, 4, colour.filled()).into_dyn()
                }
            };
            let points =
                line.points.iter().map(place).map(|at| EmptyElement::at(at) + shape((0, 0)));
            chart
                .draw_series(points)?
                .label(line.name.as_str())
                .legend(move |(x, y)| EmptyElement::at((x + 10, y)) + shape((0, 0)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.9))
            .label_font(text(14))
            .draw()?;
        area.present()
    }
}
