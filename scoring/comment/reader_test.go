package comment_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/comment"
)

func reader(tb testing.TB, own ...comment.Source) *comment.Reader {
	tb.Helper()
	r, err := comment.NewReader(own)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestTheLexiconsThatShipReadCommonComplaints(t *testing.T) {
	r := reader(t)
	for _, c := range []struct {
		language, text string
		want           []string
	}{
		{"en", "My parcel never arrived and nobody replied to my emails", []string{"delivery", "support"}},
		{"en", "Too expensive for such poor quality", []string{"pricing", "quality"}},
		{"en", "The jacket doesn't fit", []string{"fit"}},
		{"en", "The app keeps crashing, very confusing", []string{"usability"}},
		{"en", "There is no option to export, missing feature", []string{"features"}},
		{"en", "Great shop, thank you", nil},
		{"en", "It was not late and nothing was broken", nil},
		{"pt", "Ainda não recebi o produto", []string{"delivery"}},
		{"pt", "Veio com defeito e ninguém responde", []string{"quality", "support"}},
		{"pt", "Produto errado, veio outra cor", []string{"fit"}},
		{"pt", "Achei muito caro", []string{"pricing"}},
		{"pt", "Ótimo, chegou antes do prazo", nil},
		{"pt", "Chegou sem atraso", nil},
	} {
		got := r.Read(model.Remark{Language: c.language, Text: c.text})
		var complaints []string
		for i, name := range got.Themes {
			if got.Severities[i] > 0 {
				complaints = append(complaints, name)
			}
		}
		if diff := cmp.Diff(c.want, complaints); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestOnlyEnglishIsScoredForItsSentiment(t *testing.T) {
	r := reader(t)
	good, bad := r.Read(model.Remark{Text: "the shop is great, I love it"}), r.Read(model.Remark{Language: "en", Text: "The worst shop, I hate it"})
	if good.Sentiment == nil || *good.Sentiment <= 0.3 || bad.Sentiment == nil || *bad.Sentiment >= -0.3 {
		t.Errorf("good %v, bad %v", good.Sentiment, bad.Sentiment)
	}
	for _, text := range []model.Remark{{Language: "pt", Text: "péssimo, odiei"}, {Text: "não gostei do produto"}, {Language: "de", Text: "terrible"}, {IsTag: true, Text: "shipping"}} {
		if got := r.Read(text); got.Sentiment != nil {
			t.Errorf("%q is scored %v", text.Text, *got.Sentiment)
		}
	}
}

func TestAnOwnLexiconAddsALanguageOrTakesTheShippedOnesPlace(t *testing.T) {
	german := comment.Source{Name: "de.csv", Text: "kind,theme,severity,term\nlanguage,,,de\ncomplaint,delivery,2,zu spät\n"}
	plain, own := reader(t), reader(t, german)
	if got := own.Read(model.Remark{Language: "de", Text: "Zu spaet? Zu spät!"}); got.Language != "de" || len(got.Themes) != 1 {
		t.Errorf("%+v", got)
	}
	if plain.Checksum() == own.Checksum() {
		t.Error("the checksum does not follow the lexicons")
	}
	if other := reader(t); plain.Checksum() != other.Checksum() {
		t.Error("the checksum differs for the same lexicons")
	}
	_, err := comment.NewReader([]comment.Source{{Name: "bad.csv", Text: "x"}})
	if model.KindOf(err) != model.KindInvalid {
		t.Errorf("a faulty lexicon gives %v", err)
	}
}

func TestTagsAndTopicsNameThemes(t *testing.T) {
	r := reader(t)
	for tag, want := range map[string][]string{"Billing": {"pricing"}, "shipping": {"delivery"}, "Entrega": {"delivery"}, "account": {}} {
		if diff := cmp.Diff(want, r.Read(model.Remark{IsTag: true, Text: tag}).Themes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tag, diff)
		}
	}
}

func BenchmarkRead_CommentOf20Words(b *testing.B) {
	r := reader(b)
	remark := model.Remark{Language: "pt", Text: "comprei dois produtos e só recebi um até agora não chegou o outro e ninguém responde quero meu dinheiro de volta"}
	b.ReportAllocs()
	for b.Loop() {
		r.Read(remark)
	}
}
