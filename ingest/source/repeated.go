package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// longestKeyShown is how much of a key a fault names, in bytes.
const longestKeyShown = 64

// repeatedKeys finds keys that stand twice in an object within a nested value.
type repeatedKeys struct {
	keys [][]byte // of all objects that are open, one object's together
	open []int    // where the keys of each begin; -1 is an array
}

// find returns a key that an object within value, which is valid JSON, has
// twice; nil where none does. Keys are compared as what they mean, not as they
// are written. It takes n log n steps, however many keys an object has.
func (r *repeatedKeys) find(value []byte) []byte {
	r.keys, r.open = r.keys[:0], r.open[:0]
	key := false // comes next
	for at := 0; at < len(value); at++ {
		switch value[at] {
		case '{':
			r.open = append(r.open, len(r.keys))
			key = true
		case '[':
			r.open = append(r.open, -1)
			key = false
		case ',':
			key = r.open[len(r.open)-1] >= 0
		case '}', ']':
			if twice := r.close(); twice != nil {
				return twice
			}
		case quote:
			end := stringEnd(value, at)
			if key {
				r.keys = append(r.keys, meant(value[at:end]))
			}
			at, key = end-1, false
		}
	}
	return nil
}

// close ends the innermost object or array and returns a key that it has twice.
func (r *repeatedKeys) close() []byte {
	start := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	if start < 0 {
		return nil
	}
	keys := r.keys[start:]
	r.keys = r.keys[:start]
	slices.SortFunc(keys, bytes.Compare)
	for i := 1; i < len(keys); i++ {
		if bytes.Equal(keys[i-1], keys[i]) {
			return keys[i]
		}
	}
	return nil
}

// stringEnd returns where the string that begins at start is over.
func stringEnd(value []byte, start int) int {
	for at := start + 1; at < len(value); at++ {
		switch value[at] {
		case '\\':
			at++
		case quote:
			return at + 1
		}
	}
	return len(value)
}

// meant returns the text of a string as it stands in JSON, which is never nil.
func meant(written []byte) []byte {
	if bytes.IndexByte(written, '\\') < 0 {
		return written[1 : len(written)-1]
	}
	var text string
	if json.Unmarshal(written, &text) != nil {
		return written // Valid JSON can't fail.
	}
	return []byte(text)
}

// standsTwice says which key an object has twice.
func standsTwice(key []byte) string {
	return fmt.Sprintf("the key %q stands twice", key[:min(len(key), longestKeyShown)])
}
