package theme

import (
	"cmp"
	"slices"
	"strings"
)

// Mention is a theme that a text speaks of.
type Mention struct {
	Theme string `json:"theme"`
	// Severity of the worst complaint, 1 to 3; 0 where the theme is only named.
	Severity int `json:"severity"`
}

// Reading is what a text says.
type Reading struct {
	// Language that the text was read in; "" when no lexicon fits.
	Language string
	// Mentions, one a theme, by theme.
	Mentions []Mention
}

// Read reads a text in the lexicon of its declared language (a code such as
// "pt" or "pt-BR"), or where none is declared in the one most of whose
// stopwords it holds; with none or a tie, in the first lexicon that finds a
// complaint. A declared language without a lexicon is not read. The worst
// mention of a theme counts.
func Read(lexicons []*Lexicon, language, text string) Reading {
	if language = base(language); language != "" {
		for _, l := range lexicons {
			if l.Language == language {
				return l.read(text)
			}
		}
		return Reading{}
	}
	best, most, tied := -1, 0, false
	for i, l := range lexicons {
		switch n := l.hits(text); {
		case n > most:
			best, most, tied = i, n, false
		case n == most:
			tied = true
		}
	}
	if best >= 0 && !tied {
		return lexicons[best].read(text)
	}
	for _, l := range lexicons {
		if r := l.read(text); slices.ContainsFunc(r.Mentions, func(m Mention) bool { return m.Severity > 0 }) {
			return r
		}
	}
	return Reading{}
}

// base returns the language of a code without region or script.
func base(code string) string {
	code = strings.ToLower(strings.TrimSpace(code))
	if i := strings.IndexAny(code, "-_"); i >= 0 {
		code = code[:i]
	}
	return code
}

// hits counts the text's words that are stopwords.
func (l *Lexicon) hits(text string) (n int) {
	for _, t := range tokens(l.folder.fold(text)) {
		if l.stopwords[t.word] {
			n++
		}
	}
	return n
}

// Tag returns the theme of an imported tag or topic, and false for none. The
// first lexicon that knows the tag decides; separators count as spaces.
func Tag(lexicons []*Lexicon, tag string) (string, bool) {
	for _, l := range lexicons {
		if theme, ok := l.tags[tagKey(l.folder.fold(strings.TrimSpace(tag)))]; ok {
			return theme, true
		}
	}
	return "", false
}

// match is a term at a place.
type match struct {
	term
	from, to int
}

// scan is the reading of one text.
type scan struct {
	lexicon *Lexicon
	tokens  []token
	// taken says which words belong to a match.
	taken []bool
}

func (l *Lexicon) read(text string) Reading {
	s := scan{lexicon: l, tokens: l.clauses(tokens(l.folder.fold(text)))}
	s.taken = make([]bool, len(s.tokens))
	worst := map[string]int{}
	for _, m := range s.matches() {
		severity, said := s.severity(m)
		if !said {
			continue
		}
		worst[m.theme] = max(worst[m.theme], severity)
	}
	out := Reading{Language: l.Language, Mentions: []Mention{}}
	for theme, severity := range worst {
		out.Mentions = append(out.Mentions, Mention{theme, severity})
	}
	slices.SortFunc(out.Mentions, func(a, b Mention) int { return cmp.Compare(a.Theme, b.Theme) })
	return out
}

// clauses lets words of contrast end a clause too.
func (l *Lexicon) clauses(all []token) []token {
	shift := 0
	for i := range all {
		if l.contrasts[all[i].word] {
			shift++
		}
		all[i].clause += shift
	}
	return all
}

// matches returns the terms in the text, complaints first; a word belongs to
// at most one match of a theme, the longest one.
func (s *scan) matches() []match {
	var out []match
	used := map[string][]bool{}
	for _, k := range []kind{kindComplaint, kindPraise, kindTopic} {
		for from, t := range s.tokens {
			if len(t.word) < 2 {
				continue
			}
			for _, candidate := range s.lexicon.terms[t.word[:2]] {
				if candidate.kind != k {
					continue
				}
				to, ok := s.matchAt(from, candidate.words)
				if !ok {
					continue
				}
				if used[candidate.theme] == nil {
					used[candidate.theme] = make([]bool, len(s.tokens))
				}
				if slices.Contains(used[candidate.theme][from:to], true) {
					continue
				}
				for i := from; i < to; i++ {
					used[candidate.theme][i] = true
					s.taken[i] = s.taken[i] || k != kindTopic
				}
				out = append(out, match{candidate, from, to})
			}
		}
	}
	return out
}

// matchAt reports where the words end that begin at from, within one clause.
func (s *scan) matchAt(from int, words []string) (to int, ok bool) {
	at := from
	for i, w := range words {
		if w == gap {
			continue
		}
		reach := 0
		if i > 0 && words[i-1] == gap {
			reach = mostGap
		}
		found := false
		for skip := 0; skip <= reach && at+skip < len(s.tokens) && s.tokens[at+skip].clause == s.tokens[from].clause; skip++ {
			if sameWord(s.tokens[at+skip].word, w) {
				at, found = at+skip+1, true
				break
			}
		}
		if !found {
			return 0, false
		}
	}
	return at, true
}

func sameWord(word, pattern string) bool {
	if stem, prefix := strings.CutSuffix(pattern, "*"); prefix {
		return strings.HasPrefix(word, stem)
	}
	return word == pattern
}

// How far before a term a negation reaches, in words.
const (
	complaintReach = 2
	praiseReach    = 3
)

// severity returns what a match comes to, and false where it says nothing.
func (s *scan) severity(m match) (severity int, said bool) {
	switch m.kind {
	case kindComplaint:
		if s.negated(m, complaintReach) {
			return 0, false
		}
		severity = m.severity
	case kindPraise:
		if !s.negated(m, praiseReach) {
			return 0, false
		}
		severity = 1
	case kindTopic:
		return 0, true
	case kindLanguage, kindStopword, kindNegation, kindContrast, kindStrong, kindTag:
		return 0, false
	}
	if s.stressed(m) {
		severity++
	}
	return min(severity, MostSeverity), true
}

// negated reports whether a negation that belongs to no other match stands in
// the words before m.
func (s *scan) negated(m match, reach int) bool {
	for i := m.from - 1; i >= 0 && i >= m.from-reach; i-- {
		if s.tokens[i].clause != s.tokens[m.from].clause {
			return false
		}
		if s.lexicon.negations[s.tokens[i].word] && !s.taken[i] {
			return true
		}
	}
	return false
}

// stressed reports whether a strong word stands in m's clause.
func (s *scan) stressed(m match) bool {
	for _, t := range s.tokens {
		if t.clause == s.tokens[m.from].clause && s.lexicon.strong[t.word] {
			return true
		}
	}
	return false
}
