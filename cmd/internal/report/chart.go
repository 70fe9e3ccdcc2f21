package report

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The colours of the charts: dark enough for paper, apart for the colour-blind
// (Okabe and Ito 2008).
func ink() color.Color    { return color.RGBA{R: 0x1f, G: 0x29, B: 0x33, A: 0xff} }
func faint() color.Color  { return color.RGBA{R: 0x9a, G: 0xa5, B: 0xb1, A: 0xff} }
func grid() color.Color   { return color.RGBA{R: 0xe4, G: 0xe7, B: 0xeb, A: 0xff} }
func ours() color.Color   { return color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff} }
func band() color.Color   { return color.RGBA{R: 0xcc, G: 0xe3, B: 0xf0, A: 0xff} }
func theirs() color.Color { return color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff} }

// dashed is the stroke of what is compared with.
func dashed() []vg.Length { return []vg.Length{vg.Points(4), vg.Points(3)} }

// size of a chart.
type size struct{ width, height vg.Length }

func wide() size  { return size{width: 15 * vg.Centimeter, height: 9 * vg.Centimeter} }
func small() size { return size{width: 9 * vg.Centimeter, height: 6 * vg.Centimeter} }

// newChart returns an empty chart in the page's style.
func newChart(x, y string) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = x, y
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.LineStyle.Color, axis.Tick.LineStyle.Color = faint(), faint()
		axis.Label.TextStyle.Color, axis.Tick.Label.Color = ink(), ink()
		axis.Label.TextStyle.Font, axis.Tick.Label.Font = face(9), face(8)
		axis.Tick.Marker = plain{}
	}
	p.Legend.TextStyle.Font, p.Legend.TextStyle.Color = face(8), ink()
	p.Legend.Padding, p.Legend.ThumbnailWidth = vg.Points(4), vg.Points(20)
	lines := plotter.NewGrid()
	lines.Horizontal.Color, lines.Vertical.Color = grid(), grid()
	p.Add(lines)
	return p
}

func face(points float64) font.Font {
	f := plot.DefaultFont
	f.Variant, f.Size = "Sans", vg.Points(points)
	return f
}

// plain labels an axis by numbers as short as they can be.
type plain struct{}

// Ticks implements plot.Ticker.
func (plain) Ticks(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = strconv.FormatFloat(ticks[i].Value, 'g', 4, 64)
		}
	}
	return ticks
}

// percent labels an axis of shares.
type percent struct{}

// Ticks implements plot.Ticker.
func (percent) Ticks(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = fmt.Sprintf("%.0f %%", 100*ticks[i].Value)
		}
	}
	return ticks
}

// line is a stroke through points.
func line(points plotter.XYs, c color.Color, width float64, dashes []vg.Length) (*plotter.Line, error) {
	l, err := plotter.NewLine(points)
	if err != nil {
		return nil, err
	}
	l.Color, l.Width, l.Dashes = c, vg.Points(width), dashes
	return l, nil
}

// ranged are points with an interval of the vertical value.
type ranged struct {
	plotter.XYs
	plotter.YErrors
}

// add appends a point; low and high are the interval's bounds.
func (r *ranged) add(x, y, low, high float64) {
	r.XYs = append(r.XYs, plotter.XY{X: x, Y: y})
	r.YErrors = append(r.YErrors, struct{ Low, High float64 }{Low: y - low, High: high - y})
}

// plotters draws the points as dots on whiskers.
func (r *ranged) plotters(c color.Color) ([]plot.Plotter, error) {
	bars, err := plotter.NewYErrorBars(r)
	if err != nil {
		return nil, err
	}
	bars.Color, bars.Width, bars.CapWidth = c, vg.Points(1), vg.Points(4)
	dots, err := plotter.NewScatter(r.XYs)
	if err != nil {
		return nil, err
	}
	dots.GlyphStyle = draw.GlyphStyle{Color: c, Radius: vg.Points(2.6), Shape: draw.CircleGlyph{}}
	return []plot.Plotter{bars, dots}, nil
}

// render draws the chart as an SVG element with a name that a screen reader
// reads.
func render(p *plot.Plot, s size, name string) (template.HTML, error) {
	canvas := vgsvg.New(s.width, s.height)
	// The margin is for the half of the last label that stands beyond the axis.
	p.Draw(draw.Crop(draw.New(canvas), 0, -vg.Points(14), 0, -vg.Points(4)))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", fmt.Errorf("draw %s: %w", name, err)
	}
	text := b.String()
	at := strings.Index(text, "<svg")
	if at < 0 {
		return "", fmt.Errorf("draw %s: no svg element", name)
	}
	label := template.HTMLEscapeString(name)
	svg := strings.Replace(text[at:], "<svg", `<svg role="img" aria-label="`+label+`"`, 1)
	return template.HTML(svg), nil //nolint:gosec // the library escapes the texts within it, and the name was escaped here
}
