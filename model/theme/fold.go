package theme

import (
	"strings"
	"unicode"
)

// plain holds letters with accents, each before the letters that stand for it.
const plain = "àaáaâaãaäaåaāaăaąaæaeçcćcčcďdèeéeêeëeēeęeěeìiíiîiïiīiñnńnňnòoóoôoõoöoøoœoeřrśsšsßssťtùuúuûuüuūuůuýyÿyźzżzžz"

// accents maps an accented letter to its plain ones.
func accents() map[rune]string {
	out := map[rune]string{}
	var last rune
	for _, r := range plain {
		if r > unicode.MaxASCII {
			last, out[r] = r, ""
			continue
		}
		out[last] += string(r)
	}
	return out
}

// folder folds text; it is made once a lexicon.
type folder struct{ accents map[rune]string }

func newFolder() folder { return folder{accents()} }

// fold returns text in lower case and without accents; marks that combine are
// dropped.
func (f folder) fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		r = unicode.ToLower(r)
		switch plain, ok := f.accents[r]; {
		case ok:
			b.WriteString(plain)
		case unicode.Is(unicode.Mn, r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Fold returns text as terms are compared: in lower case, without accents
// ("Não É" is "nao e").
func Fold(text string) string { return newFolder().fold(text) }

// token is a word with the number of its clause.
type token struct {
	word   string
	clause int
}

// tokens splits folded text into words of letters and digits. An apostrophe
// within a word is dropped ("didn't" is one word), and any other punctuation
// than a hyphen ends the clause.
func tokens(folded string) []token {
	var out []token
	var word strings.Builder
	clause := 0
	end := func() {
		if word.Len() > 0 {
			out = append(out, token{word.String(), clause})
			word.Reset()
		}
	}
	for _, r := range folded {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			word.WriteRune(r)
		case r == '\'' || r == '’':
		case unicode.IsSpace(r) && r != '\n' || r == '-' || r == '/':
			end()
		default:
			end()
			clause++
		}
	}
	end()
	return out
}
