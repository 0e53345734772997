//! A table and a drawing of how time grows.

use std::fmt::Write;

/// What is varied, with the seconds and operations at each value.
pub struct Panel {
    pub name: &'static str,
    pub points: Vec<(usize, f64, f64)>,
}

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 300.0;
const MARGIN: f64 = 46.0;

impl Panel {
    pub fn print(&self) {
        println!("{}", self.name);
        for (x, seconds, operations) in &self.points {
            let speed = 1e-9 * operations / seconds;
            println!("{x:>10} {:>12.4} ms {speed:>8.1} GFLOP/s", 1e3 * seconds);
        }
    }

    /// The seconds that the arithmetic predicts, at the best speed of all points.
    fn predicted(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        let speed = self.points.iter().map(|(_, seconds, operations)| operations / seconds);
        let best = speed.fold(0.0, f64::max);
        self.points.iter().map(move |&(x, _, operations)| (x, operations / best))
    }

    fn draw(&self, svg: &mut String) -> std::fmt::Result {
        let measured = || self.points.iter().map(|&(x, seconds, _)| (x, seconds));
        let all: Vec<_> = measured().chain(self.predicted()).collect();
        let across = range(all.iter().map(|point| point.0 as f64));
        let up = range(all.iter().map(|point| point.1));
        let place = |(x, seconds): (usize, f64)| {
            let x = MARGIN + (WIDTH - 2.0 * MARGIN) * share(x as f64, across);
            let y = HEIGHT - MARGIN - (HEIGHT - 2.0 * MARGIN) * share(seconds, up);
            format!("{x:.1},{y:.1}")
        };
        let line = |points: &mut dyn Iterator<Item = (usize, f64)>| -> String {
            points.map(|point| place(point) + " ").collect()
        };
        writeln!(svg, r#"<text x="{MARGIN}" y="24" font-size="12">{}</text>"#, self.name)?;
        let predicted = line(&mut self.predicted());
        writeln!(svg, r#"<polyline points="{predicted}" class="predicted"/>"#)?;
        writeln!(svg, r#"<polyline points="{}" class="measured"/>"#, line(&mut measured()))?;
        for (x, seconds) in measured() {
            let at = place((x, seconds));
            let (left, top) = at.split_once(',').unwrap_or_default();
            writeln!(svg, r#"<circle cx="{left}" cy="{top}" r="2.5"/>"#)?;
            let below = HEIGHT - MARGIN + 16.0;
            writeln!(svg, r#"<text x="{left}" y="{below}" class="number">{x}</text>"#)?;
        }
        for seconds in [up.0, up.1] {
            let (_, top) = place((self.points[0].0, seconds))
                .split_once(',')
                .map_or_else(Default::default, |(left, top)| (left.to_owned(), top.to_owned()));
            let text = format!("{:.3} ms", 1e3 * seconds);
            writeln!(svg, r#"<text x="2" y="{top}" font-size="9">{text}</text>"#)?;
        }
        Ok(())
    }
}

/// All panels, two beside each other, both axes logarithmic.
pub fn draw(panels: &[Panel]) -> String {
    let rows = panels.len().div_ceil(2) as f64;
    let (width, height) = (2.0 * WIDTH, rows * HEIGHT);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">
<style>polyline {{ fill: none; stroke-width: 1.5 }} .measured {{ stroke: #06c }} .predicted {{ stroke: #999; stroke-dasharray: 4 3 }}
circle {{ fill: #06c }} .number {{ font-size: 9px; text-anchor: middle }}</style>
<rect width="{width}" height="{height}" fill="white"/>
"#
    );
    for (i, panel) in panels.iter().enumerate() {
        let (left, top) = ((i % 2) as f64 * WIDTH, (i / 2) as f64 * HEIGHT);
        let _ = writeln!(svg, r#"<g transform="translate({left},{top})">"#);
        let _ = panel.draw(&mut svg);
        svg.push_str("</g>\n");
    }
    svg + "</svg>\n"
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, 0.0), |(low, high), x| (low.min(x), high.max(x)))
}

/// Where a number lies between two, on a logarithmic scale.
fn share(x: f64, (low, high): (f64, f64)) -> f64 {
    if high > low { (x / low).ln() / (high / low).ln() } else { 0.5 }
}
