package theme_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/theme"
)

const english = `kind,theme,severity,term
# A small lexicon.
language,,,en
stopword,,,the
stopword,,,was
negation,,,not
negation,,,no
negation,,,without
contrast,,,but
strong,,,terrible
complaint,delivery,2,late
complaint,delivery,3,never ~ arrived
complaint,quality,3,broken
complaint,quality,2,not ~ working
topic,delivery,,parcel
praise,quality,,good quality
tag,delivery,,late delivery
`

const portuguese = `kind,theme,severity,term
language,,,pt
stopword,,,não
stopword,,,foi
negation,,,não
complaint,delivery,2,atras*
complaint,delivery,3,não ~ recebi
`

func lexicons(t interface{ Fatal(...any) }) []*theme.Lexicon {
	var out []*theme.Lexicon
	for _, text := range []string{english, portuguese} {
		l, err := theme.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

func TestWhatTextsComplainOf(t *testing.T) {
	all := lexicons(t)
	for _, c := range []struct {
		text, language string
		want           []theme.Mention
	}{
		{"The parcel was late", "en", []theme.Mention{{"delivery", 2}}},
		{"The parcel was here on Monday", "en", []theme.Mention{{"delivery", 0}}},
		{"It never really arrived.", "en", []theme.Mention{{"delivery", 3}}},
		{"Never again. It arrived", "en", nil},
		{"Not late", "en", nil},
		{"The box was broken, terrible!", "en", []theme.Mention{{"quality", 3}}},
		{"A terrible late parcel", "en", []theme.Mention{{"delivery", 3}}},
		{"terrible shop. late parcel", "en", []theme.Mention{{"delivery", 2}}},
		{"not good quality", "en", []theme.Mention{{"quality", 1}}},
		{"good quality", "en", nil},
		{"not cheap but good quality", "en", nil},
		{"not working late", "en", []theme.Mention{{"delivery", 2}, {"quality", 2}}},
		{"a plate, translated latest", "en", nil},
		{"Ainda NÃO o recebi", "pt-BR", []theme.Mention{{"delivery", 3}}},
		{"não atrasou", "pt", nil},
		{"chegou atrasada", "pt", []theme.Mention{{"delivery", 2}}},
		{"não foi pontual, atrasou", "", []theme.Mention{{"delivery", 2}}},
		{"atrasado", "", []theme.Mention{{"delivery", 2}}},
		{"zu spät", "de", nil},
		{"", "", nil},
	} {
		got := theme.Read(all, c.language, c.text).Mentions
		if diff := cmp.Diff(c.want, got); diff != "" && len(c.want)+len(got) > 0 {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestALanguageWithoutALexiconIsNotRead(t *testing.T) {
	if got := theme.Read(lexicons(t), "de", "late broken atrasado"); got.Language != "" || len(got.Mentions) > 0 {
		t.Errorf("%+v", got)
	}
	if got := theme.Read(lexicons(t), "", "the box was late"); got.Language != "en" {
		t.Errorf("%+v", got)
	}
}

func TestTagsStandForThemes(t *testing.T) {
	for tag, want := range map[string]string{"Late_Delivery": "delivery", "LATE-delivery": "delivery", "late": "", "other": ""} {
		got, ok := theme.Tag(lexicons(t), tag)
		if got != want || ok != (want != "") {
			t.Errorf("%q is %q", tag, got)
		}
	}
}

func TestAccentsAndCaseDoNotCount(t *testing.T) {
	if got := theme.Fold("ÀÉÎÕÜ çñ ß œ e\u0301"); got != "aeiou cn ss oe e" {
		t.Errorf("%q", got)
	}
	all := lexicons(t)
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"não", "recebi", "late", "Não", "broken", ",", "but", "ATRASADO", "x"}), 0, 12).Draw(r, "words")
		text := strings.Join(words, " ")
		want := theme.Read(all, "pt", text)
		for _, other := range []string{strings.ToUpper(text), theme.Fold(text), "  " + text + "\n", strings.ReplaceAll(text, " ", "  ")} {
			if diff := cmp.Diff(want, theme.Read(all, "pt", other)); diff != "" {
				r.Fatalf("%q and %q differ:\n%s", text, other, diff)
			}
		}
	})
}

// Clauses do not reach into each other, so texts read alone say what they say
// one after the other.
func TestSentencesAddUp(t *testing.T) {
	all := lexicons(t)
	sentence := rapid.SliceOfN(rapid.SampledFrom([]string{"not", "good", "quality", "late", "never", "arrived", "broken", "parcel", "terrible", "working"}), 0, 6)
	rapid.Check(t, func(r *rapid.T) {
		a, b := strings.Join(sentence.Draw(r, "a"), " "), strings.Join(sentence.Draw(r, "b"), " ")
		want := map[string]int{}
		for _, text := range []string{a, b} {
			for _, m := range theme.Read(all, "en", text).Mentions {
				want[m.Theme] = max(want[m.Theme], m.Severity)
			}
		}
		got := map[string]int{}
		for _, m := range theme.Read(all, "en", a+". "+b).Mentions {
			got[m.Theme] = m.Severity
		}
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("%q then %q:\n%s", a, b, diff)
		}
	})
}

func TestAnyTextIsReadWithoutPanic(t *testing.T) {
	all := lexicons(t)
	rapid.Check(t, func(r *rapid.T) {
		theme.Read(all, rapid.SampledFrom([]string{"", "en", "pt"}).Draw(r, "language"), rapid.String().Draw(r, "text"))
	})
}

func TestFaultyLexiconsAreRefusedByLine(t *testing.T) {
	head := "kind,theme,severity,term\nlanguage,,,en\n"
	for text, want := range map[string]string{
		"":                                    "no line of kind language",
		"a,b,c,d\n":                           `header "a,b,c,d"`,
		head + "complaint,delivery,4,late":    `line 3: severity "4"`,
		head + "complaint,Big Theme,1,late":   `theme "Big Theme"`,
		head + "worry,delivery,1,late":        `kind "worry"`,
		head + "negation,,,not yet":           "more than one word",
		head + "complaint,delivery,1,":        "an empty term",
		head + "complaint,delivery,1,~ late":  `"~" is not a word`,
		head + "complaint,delivery,1,so.late": `"so.late" is not a word`,
		head + "language,,,pt":                "a second language",
		head + "complaint,delivery":           "wrong number of fields",
	} {
		_, err := theme.Parse(text)
		if !errors.Is(err, theme.ErrLexicon) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want %q, got %v", text, want, err)
		}
	}
}

func BenchmarkReadOf50Words(b *testing.B) {
	all := lexicons(b)
	text := strings.Repeat("the parcel came late and the good quality was not what I know ", 4)
	b.ReportAllocs()
	for b.Loop() {
		theme.Read(all, "en", text)
	}
}
