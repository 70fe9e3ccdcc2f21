package retention_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// A trigger that came after the backup that was restored is withdrawn with the
// fact that it was about, and made again when that comes again.
func TestWhatARestoreWithdrewIsMadeAgainWithItsCause(t *testing.T) {
	dir := t.TempDir()
	s := newShopIn(t, filepath.Join(dir, "shop.duckdb"), only(t, "passive"))
	s.now = at("-60 00:00")
	s.take(model.Customers, customers)
	s.take(model.Orders, orders)
	s.run(monday)
	copied := filepath.Join(dir, "copy.duckdb")
	file, err := os.Create(copied)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Backup(t.Context(), file, copied, s.now); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	expect := func(when, want string) {
		t.Helper()
		if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(s.told())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	answered := func(then string) {
		t.Helper()
		s.now = at(then)
		s.take(model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,ann,@0 10:00,nps,7`)
		s.run(at(then))
	}
	answered("0 11:00")
	expect("before the restore", `
ann passive/good_news scheduled for 7 10:00
ann passive/what_is_missing open opened 0 10:00 due 2 10:00 low email marketing passive_comparison`)
	if _, err := s.store.Restore(t.Context(), copied, s.now); err != nil {
		t.Fatal(err)
	}
	s.run(at("0 12:00"))
	expect("after it", "ann passive/what_is_missing suppressed withdrawn")
	answered("0 13:00")
	expect("with the answer again", `
ann passive/good_news scheduled for 7 10:00
ann passive/what_is_missing open opened 0 12:00 due 2 10:00 low email marketing passive_comparison`)
}
