package theme_test

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model/theme"
)

func ExampleParse() {
	l, err := theme.Parse("kind,theme,severity,term\nlanguage,,,en\ncomplaint,delivery,2,late\n")
	fmt.Println(l.Language, err)
	_, err = theme.Parse("kind,theme,severity,term\nlanguage,,,en\ncomplaint,delivery,9,late\n")
	fmt.Println(err)
	// Output:
	// en <nil>
	// lexicon: line 3: severity "9" of "late": want 1 to 3
}

func ExampleRead() {
	l, _ := theme.Parse(`kind,theme,severity,term
language,,,en
negation,,,not
complaint,delivery,2,late
praise,quality,,good quality
`)
	r := theme.Read([]*theme.Lexicon{l}, "en-GB", "Late again, and not the good quality I know")
	fmt.Println(r.Language, r.Mentions)
	// Output: en [{delivery 2} {quality 1}]
}

func ExampleTag() {
	l, _ := theme.Parse("kind,theme,severity,term\nlanguage,,,en\ntag,delivery,,late delivery\n")
	fmt.Println(theme.Tag([]*theme.Lexicon{l}, "Late_Delivery"))
	// Output: delivery true
}

func ExampleFold() {
	fmt.Println(theme.Fold("Não É fácil"))
	// Output: nao e facil
}
