package duckdb

import "sync"

// shown counts the changes that a reader of a customer's score may see.
type shown struct {
	mu sync.RWMutex
	// all counts those that may be about anybody, of those about one since then.
	all uint64
	of  map[string]uint64
}

// changesOfOne is how many changes about one customer count before one about
// everybody: more of them make one.
const changesOfOne = 1 << 24

func (s *shown) everybody() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all, s.of = s.all+1, nil
}

// customers notes a change about some, and about everybody where it failed: what
// has become of a commit is not always known.
func (s *shown) customers(ids []string, err error) {
	if err != nil {
		s.everybody()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]uint64{}
	}
	for _, id := range ids {
		if s.of[id]++; s.of[id] == changesOfOne {
			s.all, s.of = s.all+1, map[string]uint64{}
		}
	}
}

// Shown implements model.ScoreStore.
func (s *Store) Shown(customer string) uint64 {
	s.shown.mu.RLock()
	defer s.shown.mu.RUnlock()
	return s.shown.all*changesOfOne + s.shown.of[customer]
}
