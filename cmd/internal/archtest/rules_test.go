package archtest_test

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// fieldRules is how many rules of the field ship as defaults.
const fieldRules = 33

// named matches how a test says which rules it tries: rule: "6, 21" of a
// scenario, TestRule30..., or a comment that begins with Rule 3.
var named = regexp.MustCompile(`rule: "([0-9, ]+)"|func TestRule([0-9]+)|^// Rule ([0-9]+)\b`)

// untried finds rules of the field that no test names.
func untried(fsys fs.FS) (faults []string, err error) {
	tried := map[int]bool{}
	err = fs.WalkDir(fsys, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "cmd/internal/archtest/") {
			return err
		}
		text, err := fs.ReadFile(fsys, path)
		for line := range strings.Lines(string(text)) {
			for _, match := range named.FindAllStringSubmatch(line, -1) {
				for number := range strings.SplitSeq(strings.Join(match[1:], ""), ",") {
					rule, err := strconv.Atoi(strings.TrimSpace(number))
					if err != nil || rule < 1 || rule > fieldRules {
						return fmt.Errorf("%s: %s: want rules from 1 to %d", path, strings.TrimSpace(line), fieldRules)
					}
					tried[rule] = true
				}
			}
		}
		return err
	})
	for rule := 1; rule <= fieldRules; rule++ {
		if !tried[rule] {
			faults = append(faults, fmt.Sprintf("no test names rule %d of the field", rule))
		}
	}
	return faults, err
}

func TestARuleThatNoTestNamesIsFound(t *testing.T) {
	all := make([]string, 0, fieldRules)
	for rule := 1; rule <= fieldRules; rule++ {
		if rule != 7 && rule != 30 {
			all = append(all, strconv.Itoa(rule))
		}
	}
	fsys := fstest.MapFS{
		"a/a_test.go": {Data: []byte("\t\trule: \"" + strings.Join(all, ", ") + "\", says: \"\"\n")},
		"b/b_test.go": {Data: []byte("func TestRule30Measures(t *testing.T) {\n")},
		"b/b.go":      {Data: []byte("// Rule 7 is not tried here.\n")},
	}
	faults, err := untried(fsys)
	if err != nil || len(faults) != 1 || !strings.Contains(faults[0], "rule 7 ") {
		t.Errorf("%q, %v", faults, err)
	}
}

func TestEveryRuleOfTheFieldHasATest(t *testing.T) {
	faults, err := untried(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
}
