package comment

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/theme"
)

//go:embed lexicons/*.csv
var shipped embed.FS

// shippedNames are the files of the lexicons that ship, in the order in which
// they are tried.
func shippedNames() []string { return []string{"lexicons/en.csv", "lexicons/pt.csv"} }

// codeVersion is part of the checksum: raise it when the reading of a text
// changes with the same lexicons.
const codeVersion = "1"

// Reader reads texts by its lexicons.
type Reader struct {
	lexicons []*theme.Lexicon
	checksum string
	english  *sentiment
}

// NewReader returns a reader with the lexicons that ship and the given ones,
// each the text of a file by name. Later ones replace earlier ones of the same
// language. A file that is no lexicon is KindInvalid.
func NewReader(own []Source) (*Reader, error) {
	sources := []Source{}
	for _, name := range shippedNames() {
		text, err := shipped.ReadFile(name)
		if err != nil {
			return nil, model.Wrap(model.KindInternal, "lexicon", err)
		}
		sources = append(sources, Source{Name: name, Text: string(text)})
	}
	sources = append(sources, own...)
	r := &Reader{english: newSentiment()}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", codeVersion)
	for _, s := range sources {
		l, err := theme.Parse(s.Text)
		if err != nil {
			return nil, model.Errorf(model.KindInvalid, "lexicon %s: %w", s.Name, err)
		}
		r.lexicons = slices.DeleteFunc(r.lexicons, func(have *theme.Lexicon) bool { return have.Language == l.Language })
		r.lexicons = append(r.lexicons, l)
		fmt.Fprintf(h, "%d\n%s", len(s.Text), s.Text)
	}
	r.checksum = hex.EncodeToString(h.Sum(nil)[:12])
	return r, nil
}

// Source is the text of a lexicon and where it is from.
type Source struct{ Name, Text string }

// Checksum identifies the lexicons and the way they are read.
func (r *Reader) Checksum() string { return r.checksum }

// Read reads one text.
func (r *Reader) Read(t model.Remark) model.RemarkReading {
	out := model.RemarkReading{Hash: t.Hash, Themes: []string{}, Severities: []int{}}
	if t.IsTag {
		if name, ok := theme.Tag(r.lexicons, t.Text); ok {
			out.Themes, out.Severities = []string{name}, []int{0}
		}
		return out
	}
	reading := theme.Read(r.lexicons, t.Language, t.Text)
	out.Language = reading.Language
	for _, m := range reading.Mentions {
		out.Themes, out.Severities = append(out.Themes, m.Theme), append(out.Severities, m.Severity)
	}
	if out.Language == english {
		score := r.english.score(t.Text)
		out.Sentiment = &score
	}
	return out
}
