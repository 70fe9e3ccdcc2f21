package theme

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// kind says what a term does.
type kind string

const (
	kindLanguage  kind = "language"
	kindStopword  kind = "stopword"
	kindNegation  kind = "negation"
	kindContrast  kind = "contrast"
	kindStrong    kind = "strong"
	kindComplaint kind = "complaint"
	kindTopic     kind = "topic"
	kindPraise    kind = "praise"
	kindTag       kind = "tag"
)

// MostSeverity is the severity of the worst complaints; 1 is the least.
const MostSeverity = 3

// gap stands for up to mostGap words of any kind.
const (
	gap     = "~"
	mostGap = 3
)

// Lexicon is the vocabulary of one language.
type Lexicon struct {
	// Language is a code of ISO 639, such as "pt".
	Language string

	folder    folder
	stopwords map[string]bool
	negations map[string]bool
	contrasts map[string]bool
	strong    map[string]bool
	tags      map[string]string
	// terms by the first two letters of their first word, longest terms first.
	terms map[string][]term
}

// term is a sequence of words that names a theme.
type term struct {
	kind     kind
	theme    string
	severity int
	words    []string
}

// Parse reads a lexicon from CSV with the columns kind, theme, severity, term.
//
//	kind       term is
//	language   the language's code; exactly one
//	stopword   a frequent word by which the language is told
//	negation   a word that turns what follows
//	contrast   a word that ends a clause
//	strong     a word that makes a complaint of its clause one step worse
//	complaint  of theme, severity 1 to 3
//	topic      of theme
//	praise     of theme
//	tag        an imported tag or topic that stands for theme
//
// Lines that begin with # are comments. Themes are lower-case words. Errors
// are [ErrLexicon] with the line.
func Parse(text string) (*Lexicon, error) {
	l := &Lexicon{
		folder: newFolder(), stopwords: map[string]bool{}, negations: map[string]bool{}, contrasts: map[string]bool{},
		strong: map[string]bool{}, tags: map[string]string{}, terms: map[string][]term{},
	}
	rows := csv.NewReader(strings.NewReader(text))
	rows.Comment, rows.FieldsPerRecord, rows.TrimLeadingSpace = '#', 4, true
	header := true
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := rows.FieldPos(0)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrLexicon, err)
		}
		if header {
			if got := strings.Join(row, ","); got != "kind,theme,severity,term" {
				return nil, fmt.Errorf("%w: line %d: header %q, want kind,theme,severity,term", ErrLexicon, line, got)
			}
			header = false
			continue
		}
		if err := l.add(kind(row[0]), row[1], row[2], row[3]); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrLexicon, line, err)
		}
	}
	if l.Language == "" {
		return nil, fmt.Errorf("%w: no line of kind language", ErrLexicon)
	}
	for _, terms := range l.terms {
		slices.SortStableFunc(terms, func(a, b term) int { return cmp.Compare(len(b.words), len(a.words)) })
	}
	return l, nil
}

// add takes in one line.
func (l *Lexicon) add(k kind, theme, severity, text string) error {
	folded := l.folder.fold(strings.TrimSpace(text))
	words := strings.Fields(folded)
	if len(words) == 0 {
		return errors.New("an empty term")
	}
	single := map[kind]map[string]bool{
		kindStopword: l.stopwords, kindNegation: l.negations, kindContrast: l.contrasts, kindStrong: l.strong,
	}
	if set, ok := single[k]; ok {
		if len(words) > 1 {
			return fmt.Errorf("%s %q is more than one word", k, text)
		}
		set[words[0]] = true
		return nil
	}
	if k == kindLanguage {
		if l.Language != "" {
			return fmt.Errorf("a second language %q", text)
		}
		l.Language = folded
		return nil
	}
	if theme == "" || strings.Trim(theme, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return fmt.Errorf("theme %q: want a lower-case word", theme)
	}
	switch k {
	case kindTag:
		l.tags[tagKey(folded)] = theme
	case kindComplaint, kindTopic, kindPraise:
		return l.addTerm(term{kind: k, theme: theme, words: words}, severity, text)
	case kindLanguage, kindStopword, kindNegation, kindContrast, kindStrong:
	default:
		return fmt.Errorf("kind %q", k)
	}
	return nil
}

func (l *Lexicon) addTerm(t term, severity, text string) error {
	if t.kind == kindComplaint {
		n, err := strconv.Atoi(severity)
		if err != nil || n < 1 || n > MostSeverity {
			return fmt.Errorf("severity %q of %q: want 1 to %d", severity, text, MostSeverity)
		}
		t.severity = n
	}
	for i, w := range t.words {
		stem := strings.TrimSuffix(w, "*")
		if w == gap && i > 0 && i < len(t.words)-1 {
			continue
		}
		if got := tokens(stem); len(got) != 1 || got[0].word != stem || (i == 0 && len(stem) < 2) {
			return fmt.Errorf("term %q: %q is not a word", text, w)
		}
	}
	key := t.words[0][:2]
	l.terms[key] = append(l.terms[key], t)
	return nil
}

// tagKey takes separators in a tag for spaces.
func tagKey(folded string) string {
	return strings.Join(strings.FieldsFunc(folded, func(r rune) bool { return strings.ContainsRune(" _-/.", r) }), " ")
}
