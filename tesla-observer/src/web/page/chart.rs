//! One chart, drawn as SVG. The colours that are drawn here stand for others: the style sheet replaces
//! them, so that they fit a dark page, too.

use maud::{Markup, PreEscaped, html};
use plotters::coord::Shift;
use plotters::prelude::*;
use serde_json::json;

use super::axis::{of_times, of_values, widened, written};
use crate::history::Sample;

const WIDTH: u32 = 560;
const HEIGHT: u32 = 220;
/// The colours of the two lines, of the grid and of texts: see `style.css`.
const LINES: [RGBColor; 2] = [RGBColor(0, 0, 255), RGBColor(255, 0, 0)];
const GRID: RGBColor = RGBColor(221, 221, 221);
const TEXT: RGBColor = RGBColor(0, 0, 1);

/// One line of a chart.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) label: String,
    /// As it is shown: `km`.
    pub(super) unit: &'static str,
    /// By time, in that unit.
    pub(super) samples: Vec<Sample>,
    /// Whether it has an axis of its own, on the right.
    pub(super) right: bool,
}

/// A chart: one line or two, over the same time.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    /// What it is called in the markup.
    pub(super) id: &'static str,
    pub(super) title: String,
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
    pub(super) step_ms: i64,
    pub(super) lines: Vec<Line>,
}

impl Chart {
    fn points(&self) -> usize {
        self.lines.iter().map(|line| line.samples.len()).sum()
    }

    /// The figure with all that the script needs to say what is under the pointer.
    pub(super) fn figure(&self) -> Markup {
        let drawn = match self.points() {
            0 => None,
            _ => self.draw().ok(),
        };
        html! {
            figure.chart data-chart=(self.id) data-points=(self.points()) {
                figcaption {
                    (self.title)
                    span.zone { "UTC" }
                    @for (index, line) in self.lines.iter().enumerate().filter(|_| self.lines.len() > 1) {
                        span class=(format!("key line{index}")) { (line.label) }
                    }
                }
                @match drawn {
                    Some((svg, left, right)) => {
                        div.plot tabindex="0" role="application" aria-roledescription="chart" data-left=(left) data-right=(right)
                            data-width=(WIDTH) data-from=(self.from_ms) data-to=(self.to_ms)
                            aria-label=(self.says()) { (PreEscaped(svg)) }
                        output.hover hidden {}
                        script type="application/json" { (PreEscaped(self.data())) }
                        details { summary { "Values" } (self.table()) }
                    }
                    None => p.nothing { "Nothing is known of this time." },
                }
            }
        }
    }

    /// The chart in a sentence.
    fn says(&self) -> String {
        let lines = self.lines.iter().filter_map(|line| {
            let last = line.samples.last()?;
            let (low, high) = bounds(&line.samples)?;
            Some(format!(
                "{}: from {low:.1} to {high:.1} {}, at last {:.1}",
                line.label, line.unit, last.last
            ))
        });
        format!(
            "{}. {}. The arrow keys say values; with Shift they choose a range, and Enter shows it",
            self.title,
            lines.collect::<Vec<_>>().join(". ")
        )
    }

    /// What the script shows under the pointer. No text in it can end the element that it stands in.
    fn data(&self) -> String {
        let lines: Vec<_> = self
            .lines
            .iter()
            .map(|line| {
                let points = line.samples.iter().map(|own| (own.from_ms, rounded(own.last)));
                json!({"label": line.label, "unit": line.unit, "points": points.collect::<Vec<_>>()})
            })
            .collect();
        json!({"step": self.step_ms, "lines": lines})
            .to_string()
            .replace('<', "\\u003c")
    }

    /// A few values, for those who cannot see the picture.
    fn table(&self) -> Markup {
        const ROWS: usize = 12;
        html! {
            @for line in self.lines.iter().filter(|line| !line.samples.is_empty()) {
                table {
                    caption { (line.label) @if !line.unit.is_empty() { ", " (line.unit) } }
                    thead { tr { th { "From" } th { "Least" } th { "Mean" } th { "Most" } } }
                    tbody {
                        @for some in line.samples.chunks(line.samples.len().div_ceil(ROWS)) {
                            @if let (Some(first), Some((low, high))) = (some.first(), bounds(some)) {
                                tr {
                                    td { (super::range::moment(first.from_ms)) }
                                    td { (rounded(low)) }
                                    td { (rounded(mean(some))) }
                                    td { (rounded(high)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The picture, and from where to where its plot is, in its pixels.
    fn draw(&self) -> Result<(String, i32, i32), String> {
        let mut svg = String::new();
        let plot = {
            let area = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
            self.draw_on(&area).map_err(|error| error.to_string())?
        };
        Ok((svg, plot.0, plot.1))
    }

    fn draw_on(
        &self,
        area: &DrawingArea<SVGBackend<'_>, Shift>,
    ) -> Result<(i32, i32), Box<dyn std::error::Error>> {
        let side = |right: bool| self.lines.iter().filter(move |line| line.right == right);
        let bounds_of = |right: bool| {
            let samples: Vec<Sample> = side(right).flat_map(|line| line.samples.clone()).collect();
            widened(bounds(&samples).unwrap_or((0.0, 1.0)))
        };
        let (left, right) = (bounds_of(false), bounds_of(true));
        let has_right = side(true).any(|line| !line.samples.is_empty());
        let length = self.to_ms - self.from_ms;
        let mut chart = ChartBuilder::on(area)
            .margin(6)
            .x_label_area_size(22)
            .y_label_area_size(46)
            .right_y_label_area_size(if has_right { 46 } else { 8 })
            .build_cartesian_2d(of_times(self.from_ms, self.to_ms), of_values(left))?
            .set_secondary_coord(self.from_ms..self.to_ms, of_values(right));
        let text = ("sans-serif", 12).into_font().color(&TEXT);
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(GRID)
            .label_style(text.clone())
            .x_label_formatter(&|ms| written(*ms, length))
            .y_labels(5)
            .y_label_formatter(&|value| rounded(*value).to_string())
            .draw()?;
        if has_right {
            chart
                .configure_secondary_axes()
                .axis_style(GRID)
                .label_style(text)
                .y_labels(5)
                .y_label_formatter(&|value| rounded(*value).to_string())
                .draw()?;
        }
        for (line, color) in self.lines.iter().zip(LINES) {
            for run in runs(&line.samples, self.step_ms) {
                let band = || {
                    let high = run.iter().map(|own| (own.from_ms, own.max));
                    let low = run.iter().rev().map(|own| (own.from_ms, own.min));
                    high.chain(low).collect::<Vec<_>>()
                };
                let mean = run.iter().map(|own| (own.from_ms, own.mean));
                // A single sample is a dot, as a line of no length is nothing.
                let dots = || run.iter().filter(|_| run.len() == 1);
                let dot = |own: &Sample| Circle::new((own.from_ms, own.mean), 2, color.filled());
                let style = color.stroke_width(2);
                match line.right {
                    false => {
                        chart.draw_series([Polygon::new(band(), color.mix(0.25))])?;
                        chart.draw_series(LineSeries::new(mean, style))?;
                        chart.draw_series(dots().map(dot))?;
                    }
                    true => {
                        chart.draw_secondary_series([Polygon::new(band(), color.mix(0.25))])?;
                        chart.draw_secondary_series(LineSeries::new(mean, style))?;
                        chart.draw_secondary_series(dots().map(dot))?;
                    }
                }
            }
        }
        let (across, _) = chart.plotting_area().get_pixel_range();
        Ok((across.start, across.end))
    }
}

/// The samples without a gap between them.
fn runs(samples: &[Sample], step: i64) -> impl Iterator<Item = &[Sample]> {
    samples.chunk_by(move |one, next| next.from_ms - one.from_ms <= step)
}

fn bounds(samples: &[Sample]) -> Option<(f64, f64)> {
    // Farther apart than this is a distance that no number can be.
    const MOST: f64 = 1e300;
    let low = samples.iter().map(|own| own.min).reduce(f64::min)?;
    let high = samples.iter().map(|own| own.max).reduce(f64::max)?;
    Some((low.clamp(-MOST, MOST), high.clamp(-MOST, MOST)))
}

fn mean(samples: &[Sample]) -> f64 {
    samples.iter().map(|own| own.mean).sum::<f64>() / (samples.len().max(1) as f64)
}

/// As many digits as a line's height says something with.
fn rounded(value: f64) -> f64 {
    let digits = match value.abs() {
        100.0.. => 1,
        1.0.. => 2,
        _ => 4,
    };
    let power = 10_f64.powi(digits);
    let rounded = (value * power).round() / power;
    // Larger ones than can be multiplied are left as they are.
    if rounded.is_finite() {
        rounded + 0.0
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::axis::round_between;
    use super::*;

    fn sample(from_ms: i64, value: f64) -> Sample {
        Sample {
            from_ms,
            min: value - 1.0,
            max: value + 1.0,
            last: value,
            mean: value,
        }
    }

    fn chart(samples: Vec<Sample>) -> Chart {
        Chart {
            id: "battery",
            title: "Battery".to_owned(),
            from_ms: 0,
            to_ms: 100_000,
            step_ms: 1_000,
            lines: vec![Line {
                label: "Level".to_owned(),
                unit: "%",
                samples,
                right: false,
            }],
        }
    }

    fn markup(chart: &Chart) -> String {
        chart.figure().into_string()
    }

    #[test]
    fn a_gap_in_what_is_known_is_a_gap_in_the_line() {
        let whole: Vec<_> = (0..20).map(|index| sample(index * 1_000, 50.0)).collect();
        let mut torn = whole.clone();
        torn.drain(8..12);
        for (samples, lines) in [(whole, 1), (torn, 2)] {
            let markup = markup(&chart(samples.clone()));
            assert_eq!(
                markup
                    .matches("stroke=\"#0000FF\" stroke-width=\"2\"")
                    .count(),
                lines
            );
            assert!(markup.contains(&format!("data-points=\"{}\"", samples.len())));
        }
    }

    #[test]
    fn what_is_drawn_needs_no_style_of_its_own() {
        let markup = markup(&chart(vec![sample(1_000, 1.0), sample(2_000, 2.0)]));
        assert!(!markup.contains("style="), "{markup}");
        for color in ["#0000FF", "#DDDDDD", "#000001"] {
            assert!(markup.contains(color), "{color} is not in {markup}");
        }
    }

    #[test]
    fn nothing_known_is_said() {
        assert!(markup(&chart(Vec::new())).contains("Nothing is known of this time."));
    }

    #[test]
    fn no_label_ends_the_element_that_it_stands_in() {
        let mut chart = chart(vec![sample(1_000, 1.0)]);
        chart.lines[0].label = "</script><script>alert(1)</script>".to_owned();
        chart.title = "<b>\"x\"</b>".to_owned();
        let markup = markup(&chart);
        assert_eq!(markup.matches("</script>").count(), 1, "{markup}");
        assert!(!markup.contains("<b>"), "{markup}");
    }

    #[test]
    fn however_near_or_far_values_are_their_chart_is_drawn() {
        let next = |value: f64| f64::from_bits(value.to_bits() + 1);
        for (low, high) in [
            (f64::MIN, f64::MAX),
            (1e17, next(1e17)),
            (40_817.6, next(40_817.6)),
            (0.0, f64::MIN_POSITIVE),
            (0.0, next(0.0)),
            (-1e-9, 1e300),
        ] {
            let (from, to) = widened(bounds(&[sample(0, low), sample(1, high)]).expect("two"));
            let round = round_between(from, to);
            assert!(round.len() <= 8, "{low} to {high}: {round:?}");
            let samples = [(1_000, low), (2_000, high)].map(|(at, value)| Sample {
                from_ms: at,
                min: value,
                max: value,
                last: value,
                mean: value,
            });
            for right in [false, true] {
                let mut chart = chart(samples.to_vec());
                chart.lines[0].right = right;
                assert!(markup(&chart).contains("<svg"), "{low} to {high}");
            }
        }
    }

    proptest! {
        #[test]
        fn anything_can_be_drawn(
            values in prop::collection::vec((0_i64..100, any::<f64>()), 0..50),
            from in -1_000_000_000_000_i64..4_000_000_000_000,
            length in 1_i64..400_000_000_000,
            right: bool,
        ) {
            let mut samples: Vec<_> = values
                .into_iter()
                .filter(|(_, value)| value.is_finite())
                .map(|(at, value)| Sample {
                    from_ms: from + length * at / 100, min: value, max: value, last: value, mean: value,
                })
                .collect();
            samples.sort_by_key(|own| own.from_ms);
            let mut chart = chart(samples);
            (chart.from_ms, chart.to_ms) = (from, from + length);
            chart.lines[0].right = right;
            markup(&chart);
        }
    }
}
