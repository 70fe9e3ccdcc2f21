package page_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/api/page"
)

func TestTheReferenceShowsEveryCallAndType(t *testing.T) {
	text := served(t)["/docs"].Body.String()
	content, err := os.ReadFile("../gen/churnwatch.swagger.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]struct {
			OperationID, Summary string
			Parameters           []struct{ Name string }
		}
		Definitions map[string]struct{ Properties map[string]any }
	}
	if err := json.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	for path, verbs := range document.Paths {
		for verb, o := range verbs {
			_, article, found := strings.Cut(text, `<article id="`+o.OperationID+`">`)
			article, _, _ = strings.Cut(article, "</article>")
			if !found || !strings.Contains(article, "<code>"+path+"</code>") || !strings.Contains(article, ">"+strings.ToUpper(verb)+"<") {
				t.Errorf("%s %s is not shown", verb, path)
			}
			for _, p := range o.Parameters {
				if !strings.Contains(article, "<code>"+p.Name+"</code>") {
					t.Errorf("%s %s: %s is not shown", verb, path, p.Name)
				}
			}
		}
	}
	for name, definition := range document.Definitions {
		_, article, found := strings.Cut(text, `<article id="`+name+`">`)
		article, _, _ = strings.Cut(article, "</article>")
		for field := range definition.Properties {
			if !strings.HasPrefix(name, "protobuf") && (!found || !strings.Contains(article, "<code>"+field+"</code>")) {
				t.Errorf("%s.%s is not shown", name, field)
			}
		}
	}
	for _, match := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, `id="`+match[1]+`"`) {
			t.Errorf("a link to #%s leads nowhere", match[1])
		}
	}
}

func TestADescriptionIsTextInTheReference(t *testing.T) {
	routes, err := page.Routes([]byte(`{"info":{"description":"<script>x</script>"},"tags":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	if body := read(routes["/docs"]); strings.Contains(body, "<script>x") || !strings.Contains(body, "&lt;script&gt;x") {
		t.Error(body)
	}
}

func TestADocumentThatCannotBeShownIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ document, says string }{
		"no JSON":        {"<", "openapi document: invalid character"},
		"no tag":         {`{"paths":{"/v1/x":{"get":{}}}}`, "GET /v1/x has no tag of the document"},
		"another schema": {`{"definitions":{"a":{"additionalProperties":1}}}`, "openapi document"},
	} {
		if _, err := page.Routes([]byte(c.document)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
