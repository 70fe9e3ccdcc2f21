package model_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/churnwatch/churnwatch/model"
)

func TestEachCallerIsToldTheWayInItsOwnTerms(t *testing.T) {
	cause := errors.New("cause")
	plain := model.Errorf(model.KindInvalid, "column %d: %w", 3, cause)
	way := model.Errorf(model.KindNoData, "no scores: %s at %d: %w", model.Way{Command: "give --as-of", Service: "give as_of"}, 7, cause)
	around := model.Errorf(model.KindConflict, "retell: %w (%s)", way, "x")
	for name, tt := range map[string]struct {
		err              error
		command, service string
	}{
		"no way":          {plain, "column 3: cause", "column 3: cause"},
		"a way":           {way, "no scores: give --as-of at 7: cause", "no scores: give as_of at 7: cause"},
		"a wrapped way":   {around, "retell: no scores: give --as-of at 7: cause (x)", "retell: no scores: give as_of at 7: cause (x)"},
		"with a public":   {model.Wrap(model.KindInternal, "fault", way), "fault: no scores: give --as-of at 7: cause", "fault"},
		"beneath a plain": {fmt.Errorf("read: %w", way), "read: no scores: give --as-of at 7: cause", "no scores: give as_of at 7: cause"},
	} {
		e := (*model.Error)(nil)
		if !errors.As(tt.err, &e) || !errors.Is(tt.err, cause) {
			t.Errorf("%s: the chain is broken: %v", name, tt.err)
			continue
		}
		if tt.err.Error() != tt.command {
			t.Errorf("%s: on the command line %q, want %q", name, tt.err.Error(), tt.command)
		}
		if e.PublicText() != tt.service {
			t.Errorf("%s: over the wire %q, want %q", name, e.PublicText(), tt.service)
		}
	}
}
