package archtest_test

import (
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const root = "../../.."

// checks are the rules that hold for every file.
var checks = map[string]func(fs.FS) (faults []string, err error){
	"imports follow the architecture":        imports,
	"SQL lives in files":                     sqlInGo,
	"SQL files live with their engine":       strayed,
	"queries take their time as an argument": clockInSQL,
	"every package says what it is":          undocumented,
	"no file is too long to oversee":         overlong,
}

func TestArchitecture(t *testing.T) {
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults, err := check(os.DirFS(root))
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range faults {
				t.Error(fault)
			}
		})
	}
}

// The rules would pass if they saw nothing at all.
func TestTheRepositoryIsSeen(t *testing.T) {
	var names []string
	err := eachFile(os.DirFS(root), func(name string) error {
		names = append(names, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := "\n" + strings.Join(names, "\n") + "\n"
	for _, want := range []string{"\ngo.mod\n", "\nmodel/doc.go\n", "\ncmd/internal/archtest/doc.go\n", ".sql\n"} {
		if !strings.Contains(all, want) {
			t.Errorf("no file %q among the %d that were seen", strings.TrimSpace(want), len(names))
		}
	}
}

func TestTheTopHoldsOnlyWhatBelongsThere(t *testing.T) {
	if _, err := os.Stat(root + "/.git"); err != nil {
		t.Skipf("NOT CHECKED, no clone of the repository: %v", err)
	}
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range misplaced(strings.Split(strings.Trim(string(out), "\x00"), "\x00")) {
		t.Error(fault)
	}
}
