package export

import (
	"strconv"

	"github.com/churnwatch/churnwatch/model"
)

// cardView is a scorecard as the template reads it.
type cardView struct {
	Base, Slope, Intercept, BaseLogOdds float64
	Terms                               []termView
	Pairs                               []pairView
	// Names are the columns of all parts, Outputs what they are called in the
	// end.
	Names   []string
	Outputs []outputView

	backslashes bool
}

type outputView struct{ Name, As string }

// termView is one feature's part. Columns have names of their own, since in
// some engines a name that is made hides the one that it is made from.
type termView struct {
	Feature, Name string
	Words         bool
	Levels        []levelView
	Other         float64
	Missing       float64
	// Lowest is the first knot, First and Final the values of the outer ones,
	// Pieces the lines between knots.
	Lowest, First, Final float64
	Pieces               []pieceView
}

// pieceView is the line from one knot to the next.
type pieceView struct{ From, To, Width, Low, Rise float64 }

// levelView is one word and what it stands for.
type levelView struct {
	Name  textView
	Value float64
	Cell  int
}

// textView is a text in the dialect.
type textView struct {
	Text        string
	Backslashes bool
}

// pairView is what two features say together: the number of a cell is that of
// the first times Columns plus that of the second.
type pairView struct {
	Name, Cell    string
	First, Second axisView
	Columns       int
	Values        []float64
}

type axisView struct {
	Feature       string
	Words         bool
	Cuts          []float64
	Levels        []levelView
	Rest, Missing int
}

func (v *cardView) addTerm(t model.ScorecardTerm) error {
	places := len(t.Knots)
	if t.IsLevels() {
		places = len(t.Levels)
	}
	if places != len(t.Values) || (!t.IsLevels() && places == 0) {
		return model.Errorf(model.KindInvalid, "export: term %s has %d places and %d values", t.Feature, places, len(t.Values))
	}
	out := termView{Feature: t.Feature, Name: "part_" + t.Feature, Words: t.IsLevels(), Other: t.Other, Missing: t.Missing}
	for i, level := range t.Levels {
		out.Levels = append(out.Levels, levelView{Name: v.text(level), Value: t.Values[i]})
	}
	if !out.Words {
		out.Lowest, out.First, out.Final = t.Knots[0], t.Values[0], t.Values[places-1]
	}
	for i := 1; i < len(t.Knots); i++ {
		out.Pieces = append(out.Pieces, pieceView{
			From: t.Knots[i-1], To: t.Knots[i], Width: t.Knots[i] - t.Knots[i-1],
			Low: t.Values[i-1], Rise: t.Values[i] - t.Values[i-1],
		})
	}
	v.Terms = append(v.Terms, out)
	v.output(out.Name, t.Feature)
	return nil
}

func (v *cardView) addPair(p model.ScorecardPair, words map[string]bool) error {
	number := strconv.Itoa(len(v.Pairs) + 1)
	out := pairView{
		Name: "pair_" + number, Cell: "cell_" + number, Columns: p.Second.Cells(),
		First: v.axis(p.First, words), Second: v.axis(p.Second, words),
	}
	for _, row := range p.Values {
		if len(row) != p.Second.Cells() {
			return model.Errorf(model.KindInvalid, "export: pair %s and %s has a row of %d cells", p.First.Feature, p.Second.Feature, len(row))
		}
		out.Values = append(out.Values, row...)
	}
	if len(p.Values) != p.First.Cells() {
		return model.Errorf(model.KindInvalid, "export: pair %s and %s has %d rows", p.First.Feature, p.Second.Feature, len(p.Values))
	}
	v.Pairs = append(v.Pairs, out)
	v.output(out.Name, p.First.Feature+"_with_"+p.Second.Feature)
	return nil
}

func (v *cardView) axis(a model.ScorecardAxis, words map[string]bool) axisView {
	out := axisView{Feature: a.Feature, Words: words[a.Feature], Cuts: a.Cuts, Rest: a.Cells() - 2, Missing: a.Cells() - 1}
	for i, level := range a.Levels {
		out.Levels = append(out.Levels, levelView{Name: v.text(level), Cell: i})
	}
	return out
}

func (v *cardView) text(s string) textView { return textView{Text: s, Backslashes: v.backslashes} }

func (v *cardView) output(name, feature string) {
	v.Names = append(v.Names, name)
	v.Outputs = append(v.Outputs, outputView{Name: name, As: "log_odds_of_" + feature})
}
