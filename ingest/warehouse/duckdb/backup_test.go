package duckdb_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// Receipts list the copies that there are: not what was removed, nor what a newer
// one took the place of, also after a restore of a copy that knew them.
func TestReceiptsListTheCopiesThatThereAre(t *testing.T) {
	s := openShelter(t)
	copied := func(name string, hours int) {
		t.Helper()
		if err := s.store.Backup(t.Context(), new(bytes.Buffer), name, noon.Add(time.Duration(hours)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	copied("/b/removed", 0)
	copied("/b/nightly", 0)
	copied("-", 0)
	path := s.backup(t)
	copied("/b/nightly", 1)
	copied("-", 1)
	if err := s.store.RemoveBackup(t.Context(), "/b/removed", noon.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.store.RemoveBackup(t.Context(), "/b/removed", noon); model.KindOf(err) != model.KindNotFound {
		t.Errorf("removed twice: %v", err)
	}
	later := noon.Add(time.Hour)
	want := []model.Backup{{Path: "-", MadeAt: noon}, {Path: path, MadeAt: noon}, {Path: "-", MadeAt: later}, {Path: "/b/nightly", MadeAt: later}}
	for _, when := range []string{"before a restore", "after it"} {
		receipt, err := s.store.EraseCustomer(t.Context(), "ann", noon)
		if diff := cmp.Diff(want, receipt.Backups); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", when, err, diff)
		}
		s.restore(t, path)
	}
}
