package access_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/api/access"
	"github.com/churnwatch/churnwatch/model"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// chest keeps keys in memory.
type chest struct{ keys []model.APIKey }

func (c *chest) SaveKey(_ context.Context, k model.APIKey) error {
	c.keys = append(c.keys, k)
	return nil
}

func (c *chest) EndKey(_ context.Context, id string, end model.KeyEnd, at time.Time) error {
	for i := range c.keys {
		if k := &c.keys[i]; k.ID == id && (k.EndsAt == nil || at.Before(*k.EndsAt)) {
			k.EndsAt, k.End = &at, end
		}
	}
	return nil
}

func (c *chest) RotateKey(ctx context.Context, id string, at time.Time, successor model.APIKey) error {
	for i := range c.keys {
		if c.keys[i].ID == id {
			c.keys[i].Successor = successor.ID
		}
	}
	return errors.Join(c.SaveKey(ctx, successor), c.EndKey(ctx, id, model.KeyRotated, at))
}

func (c *chest) Keys(context.Context) ([]model.APIKey, error) {
	return append([]model.APIKey{}, c.keys...), nil
}

// ring is a keyring at an instant that the test moves.
func ring(t *testing.T) (keys *access.Keyring, kept *chest, now *time.Time) {
	t.Helper()
	at := noon
	kept = &chest{}
	keys, err := access.Open(t.Context(), kept, func() time.Time { return at }, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keys, kept, &at
}

func codeOf(t *testing.T, keys *access.Keyring, text string) string {
	t.Helper()
	_, err := keys.Identify(text)
	var refusal *access.RefusalError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &refusal):
		return refusal.Code
	}
	t.Fatalf("no refusal: %v", err)
	return ""
}

func TestAKeyHoldsUntilItsEnd(t *testing.T) {
	keys, kept, now := ring(t)
	if keys.Any() {
		t.Error("there are keys before the first")
	}
	issued, err := keys.Create(t.Context(), access.Request{Name: "tool", Scopes: []model.Scope{model.ScopeScoresRead}, Lasts: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(fmt.Sprintf("%+v", kept.keys), issued.Text) {
		t.Error("the text of a key is kept")
	}
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{0, "ok"}, {time.Hour - time.Microsecond, "ok"}, {time.Hour, "key_expired"}, {1000 * time.Hour, "key_expired"}} {
		*now = noon.Add(step.after)
		if got := codeOf(t, keys, issued.Text); got != step.want {
			t.Errorf("after %v: %s, want %s", step.after, got, step.want)
		}
	}
	if keys.Holds() || !keys.Any() {
		t.Error("an expired key holds, or has never been")
	}
}

func TestARevokedKeyIsRefusedAtOnceAndForEver(t *testing.T) {
	keys, _, _ := ring(t)
	issued, err := keys.Create(t.Context(), access.Request{Name: "tool", Scopes: []model.Scope{model.ScopeAdmin}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := keys.Revoke(t.Context(), issued.Key.ID)
		if err != nil || got.End != model.KeyRevoked {
			t.Fatalf("revoke: %+v, %v", got, err)
		}
		if code := codeOf(t, keys, issued.Text); code != "key_revoked" {
			t.Errorf("after the revocation: %s", code)
		}
	}
	if _, err := keys.Revoke(t.Context(), "none"); model.KindOf(err) != model.KindNotFound {
		t.Errorf("revoke an unknown key: %v", err)
	}
	if _, err := keys.Rotate(t.Context(), issued.Key.ID, time.Hour); model.KindOf(err) != model.KindConflict {
		t.Errorf("rotate a revoked key: %v", err)
	}
	if !keys.Any() {
		t.Error("a revoked last key opens the door to all")
	}
}

func TestARotatedKeyHoldsForTheOverlap(t *testing.T) {
	keys, _, now := ring(t)
	first, err := keys.Create(t.Context(), access.Request{Name: "tool", Scopes: []model.Scope{model.ScopeIngestWrite}, Lasts: 100 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	*now = noon.Add(10 * time.Hour)
	second, err := keys.Rotate(t.Context(), first.Key.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	want := first.Key
	want.ID, want.Hash, want.CreatedAt, want.EndsAt = second.Key.ID, second.Key.Hash, *now, new(now.Add(100*time.Hour))
	if diff := cmp.Diff(want, second.Key); diff != "" {
		t.Errorf("successor (-want +got):\n%s", diff)
	}
	if got := codeOf(t, keys, first.Text) + codeOf(t, keys, second.Text); got != "okok" {
		t.Errorf("in the overlap: %s", got)
	}
	*now = now.Add(time.Hour)
	if got := codeOf(t, keys, first.Text) + " " + codeOf(t, keys, second.Text); got != "key_expired ok" {
		t.Errorf("after the overlap: %s", got)
	}
	if _, err := keys.Rotate(t.Context(), first.Key.ID, 0); model.KindOf(err) != model.KindConflict {
		t.Errorf("rotate twice: %v", err)
	}
}

func TestATokenIsTypedAndChecked(t *testing.T) {
	shape := regexp.MustCompile(`^cw_[0-9A-Za-z]{49}$`)
	keys, _, _ := ring(t)
	seen := map[string]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		issued, err := keys.Create(t.Context(), access.Request{Name: "n", Scopes: []model.Scope{model.ScopeAdmin}})
		if err != nil {
			rt.Fatal(err)
		}
		if !shape.MatchString(issued.Text) || seen[issued.Text] {
			rt.Fatalf("%q: want cw_ and 49 letters and digits, never twice", issued.Text)
		}
		seen[issued.Text] = true
		// Any other letter anywhere makes another key, which is none.
		at := rapid.IntRange(0, len(issued.Text)-1).Draw(rt, "at")
		letter := rapid.SampledFrom([]byte("aZ09_")).Draw(rt, "letter")
		other := issued.Text[:at] + string(letter) + issued.Text[at+1:]
		if got := codeOf(t, keys, other); other != issued.Text && got != "key_unknown" {
			rt.Fatalf("%q for %q: %s", other, issued.Text, got)
		}
	})
	// The checksum, computed apart: CRC-32 of what stands before it, in base 62 of digits, small and capital letters.
	issued, err := keys.Create(t.Context(), access.Request{Name: "n", Scopes: []model.Scope{model.ScopeAdmin}})
	if err != nil {
		t.Fatal(err)
	}
	const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	sum, want := crc32.ChecksumIEEE([]byte(issued.Text[:46])), ""
	for range 6 {
		want = string(letters[sum%62]) + want
		sum /= 62
	}
	if got := issued.Text[46:]; got != want {
		t.Errorf("checksum %s, want %s", got, want)
	}
}

func TestAKeySaysWhoAndWhat(t *testing.T) {
	keys, _, _ := ring(t)
	some := []model.Scope{model.ScopeScoresRead}
	for name, r := range map[string]access.Request{
		"no name":         {Scopes: some},
		"a long name":     {Name: strings.Repeat("n", 101), Scopes: some},
		"a control":       {Name: "a\nb", Scopes: some},
		"a key as a name": {Name: "cw_abc", Scopes: some},
		"no scope":        {Name: "a"},
		"unknown scope":   {Name: "a", Scopes: []model.Scope{"all"}},
		"scope twice":     {Name: "a", Scopes: []model.Scope{"admin", "admin"}},
		"ended":           {Name: "a", Scopes: some, Lasts: -1},
	} {
		if _, err := keys.Create(t.Context(), r); model.KindOf(err) != model.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAdminHoldsEveryScopeAndNoOtherDoes(t *testing.T) {
	for _, held := range model.Scopes() {
		for _, needed := range model.Scopes() {
			err := access.Check(model.APIKey{Scopes: []model.Scope{held}}, needed)
			if want := held == needed || held == model.ScopeAdmin; (err == nil) != want {
				t.Errorf("%s for %s: %v", held, needed, err)
			}
		}
	}
}
