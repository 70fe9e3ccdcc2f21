package api_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/model"
)

// cellBorder is a border of a table's cells: as Markdown reads it, also in code.
var cellBorder = regexp.MustCompile(`(?:^|[^\\])\|`)

func TestRowsOfTablesInTheDocsHaveTheCellsOfTheirHeader(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		header := 0
		for i, line := range strings.Split(string(text), "\n") {
			if !strings.HasPrefix(line, "|") {
				header = 0
				continue
			}
			cells := len(cellBorder.FindAllString(line, -1)) - 1
			if header == 0 {
				header = cells
			}
			if cells != header {
				t.Errorf("%s:%d: %d cells below a header of %d: %s", page, i+1, cells, header, line)
			}
		}
	}
}

func TestTheDocsTellWhatAKeyMayAndHowAServerIsWatched(t *testing.T) {
	text, err := os.ReadFile("docs/service.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range model.Scopes() {
		if n := strings.Count(string(text), "\n| `"+string(scope)+"` | "); n != 1 {
			t.Errorf("the scope %s has %d rows", scope, n)
		}
	}
	if !strings.Contains(string(text), "\n| `ingest:write` | `POST /v1/{kind}:import` |\n") {
		t.Error("what ingest:write allows is not what it is asked for")
	}
	for _, word := range []string{"`/healthz`", "`/readyz`", "`churnwatch health`", "`telemetry.endpoint`", "`telemetry.share`", "`server.admin_address`", "`server.drain`"} {
		if !strings.Contains(string(text), word) {
			t.Errorf("nothing is said of %s", word)
		}
	}
}
