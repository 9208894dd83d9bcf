//! Boxes, arrows and words as SVG, in the colours of the plots. The press replaces these colours by those
//! of the page's theme, and gives the words the page's typeface.

use std::fmt::Write;

/// A position in pixels.
pub type Place = (f64, f64);

/// A colour of the plots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Colour {
    Ink,
    Quiet,
    Blue,
    Orange,
    Green,
    Purple,
}

impl Colour {
    fn code(self) -> &'static str {
        match self {
            Self::Ink => "#222222",
            Self::Quiet => "#646464",
            Self::Blue => "#0067A5",
            Self::Orange => "#C44E00",
            Self::Green => "#007A5A",
            Self::Purple => "#7B3FA0",
        }
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    pub colour: Colour,
    pub width: f64,
    pub dashed: bool,
}

/// A thin line.
pub const THIN: Pen = Pen::new(Colour::Ink, 1.6);

impl Pen {
    pub const fn new(colour: Colour, width: f64) -> Self {
        Self {
            colour,
            width,
            dashed: false,
        }
    }

    pub const fn dashed(self) -> Self {
        Self {
            dashed: true,
            ..self
        }
    }
}

/// Where a text stands beside its place.
#[derive(Clone, Copy, Debug)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing that grows by its methods.
#[derive(Clone, Debug)]
pub struct Sketch {
    size: Place,
    body: String,
    letters: f64,
}

impl Sketch {
    /// An empty drawing, with letters of 17 pixels.
    pub fn new(width: f64, height: f64) -> Self {
        Self {
            size: (width, height),
            body: String::new(),
            letters: 17.0,
        }
    }

    /// The size of the letters that follow.
    pub fn letters(&mut self, size: f64) {
        self.letters = size;
    }

    /// A line through some points.
    pub fn line(&mut self, points: &[Place], pen: Pen) {
        let points: Vec<_> = points.iter().map(|&place| pair(place)).collect();
        let d = format!("M{}", points.join(" L"));
        self.stroke("path", &format!("d=\"{d}\""), pen);
    }

    /// A line with a head at its last point.
    pub fn arrow(&mut self, points: &[Place], pen: Pen) {
        let [.., from, to] = points else {
            return self.line(points, pen);
        };
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        let (ux, uy) = (dx / length, dy / length);
        let long = 7.0 + 1.6 * pen.width;
        let broad = 0.42 * long;
        let back = (to.0 - long * ux, to.1 - long * uy);
        let side = |sign: f64| (back.0 - sign * broad * uy, back.1 + sign * broad * ux);
        let mut shaft = points.to_vec();
        // The shaft ends within the head, whose tip is sharp.
        *shaft.last_mut().expect("two points") = (to.0 - 0.8 * long * ux, to.1 - 0.8 * long * uy);
        self.line(&shaft, pen);
        let [left, right] = [1.0, -1.0].map(|sign| pair(side(sign)));
        let (tip, code) = (pair(*to), pen.colour.code());
        self.put(&format!(
            "<path d=\"M{left} L{tip} L{right} z\" fill=\"{code}\"/>"
        ));
    }

    /// A circle.
    pub fn circle(&mut self, centre: Place, radius: f64, pen: Pen) {
        let (x, y, r) = (short(centre.0), short(centre.1), short(radius));
        self.stroke("circle", &format!("cx=\"{x}\" cy=\"{y}\" r=\"{r}\""), pen);
    }

    /// A box with round corners.
    pub fn block(&mut self, at: Place, size: Place, pen: Pen) {
        let [x, y, width, height] = [at.0, at.1, size.0, size.1].map(short);
        let place = format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"7\"");
        self.stroke("rect", &place, pen);
    }

    /// A light ground below what is drawn later.
    pub fn shade(&mut self, at: Place, size: Place, colour: Colour) {
        let [x, y, width, height] = [at.0, at.1, size.0, size.1].map(short);
        let d = format!("M{x} {y} h{width} v{height} h-{width} z");
        let code = colour.code();
        self.put(&format!(
            "<path d=\"{d}\" fill=\"{code}\" fill-opacity=\"0.16\"/>"
        ));
    }

    /// A filled area.
    pub fn fill(&mut self, at: Place, size: Place, colour: Colour) {
        let [x, y, width, height] = [at.0, at.1, size.0, size.1].map(short);
        let d = format!("M{x} {y} h{width} v{height} h-{width} z");
        self.put(&format!("<path d=\"{d}\" fill=\"{}\"/>", colour.code()));
    }

    /// A text whose baseline is at `at`. `c_t` and `h_{t−1}` have what is lower, `a^k` what is higher.
    pub fn write(&mut self, text: &str, at: Place, anchor: Anchor, colour: Colour) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, size) = (short(at.0), short(at.1), short(self.letters));
        let code = colour.code();
        let runs = runs(text, self.letters);
        self.put(&format!(
            "<text x=\"{x}\" y=\"{y}\" font-family=\"sans-serif\" font-size=\"{size}\" \
             text-anchor=\"{anchor}\" fill=\"{code}\">{runs}</text>"
        ));
    }

    /// A text in the middle of `at`, in ink.
    pub fn label(&mut self, text: &str, at: Place) {
        let middle = (at.0, at.1 + 0.33 * self.letters);
        self.write(text, middle, Anchor::Middle, Colour::Ink);
    }

    /// The whole SVG. Screen readers read `title`.
    pub fn finish(self, title: &str) -> String {
        let (width, height) = (short(self.size.0), short(self.size.1));
        format!(
            "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             xmlns=\"http://www.w3.org/2000/svg\">\n<title>{}</title>\n\
             <rect x=\"0\" y=\"0\" width=\"{width}\" height=\"{height}\" fill=\"#FBFAF7\" \
             stroke=\"none\"/>\n{}</svg>\n",
            escape(title),
            self.body
        )
    }

    fn stroke(&mut self, shape: &str, place: &str, pen: Pen) {
        let (code, width) = (pen.colour.code(), short(pen.width));
        let dashes = if pen.dashed {
            " stroke-dasharray=\"6 5\""
        } else {
            ""
        };
        self.put(&format!(
            "<{shape} {place} fill=\"none\" stroke=\"{code}\" stroke-width=\"{width}\"{dashes}/>"
        ));
    }

    fn put(&mut self, element: &str) {
        writeln!(self.body, "{element}").expect("a String takes everything");
    }
}

/// A text as runs on three lines. A space at the edge of a run becomes a gap, since the press trims texts.
fn runs(text: &str, size: f64) -> String {
    let (mut out, mut rest, mut level) = (String::new(), text, 0.0);
    while !rest.is_empty() {
        let (run, lift, after) = match rest.chars().next() {
            Some('_') => script(&rest[1..], -0.24),
            Some('^') => script(&rest[1..], 0.36),
            _ => {
                let end = rest.find(['_', '^']).unwrap_or(rest.len());
                (&rest[..end], 0.0, &rest[end..])
            }
        };
        let small = if lift == 0.0 { 1.0 } else { 0.72 };
        let gap = if run.starts_with(' ') && !out.is_empty() {
            0.3 * size
        } else {
            0.0
        };
        let (dx, dy) = (short(gap), short((level - lift) * size));
        let height = short(small * size);
        let run = escape(run.trim());
        write!(
            out,
            "<tspan dx=\"{dx}\" dy=\"{dy}\" font-size=\"{height}\">{run}</tspan>"
        )
        .expect("a String takes everything");
        (rest, level) = (after, lift);
    }
    out
}

/// What stands higher or lower: one character, or what is in braces; and what follows.
fn script(rest: &str, lift: f64) -> (&str, f64, &str) {
    if let Some((inside, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
        return (inside, lift, after);
    }
    let end = rest.chars().next().map_or(0, char::len_utf8);
    (&rest[..end], lift, &rest[end..])
}

fn pair((x, y): Place) -> String {
    format!("{} {}", short(x), short(y))
}

/// A number with at most one decimal.
fn short(v: f64) -> String {
    let text = format!("{v:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscript_is_smaller_and_lower_and_what_follows_is_back_on_the_line() {
        assert_eq!(
            runs("h_{t−1} = 1", 10.0),
            "<tspan dx=\"0\" dy=\"0\" font-size=\"10\">h</tspan>\
             <tspan dx=\"0\" dy=\"2.4\" font-size=\"7.2\">t−1</tspan>\
             <tspan dx=\"3\" dy=\"-2.4\" font-size=\"10\">= 1</tspan>"
        );
    }

    #[test]
    fn an_arrow_ends_where_it_points() {
        let mut sketch = Sketch::new(100.0, 50.0);
        sketch.arrow(&[(0.0, 10.0), (50.0, 10.0)], THIN);
        assert!(sketch.finish("x").contains("L50 10 L"));
    }
}
