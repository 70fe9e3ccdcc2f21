package access

import (
	"path/filepath"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// Grant is a key that is to hold before anything listens. Its text is in a file,
// or comes to be there: so a container gets its first key, and whoever reads the
// file has it too.
type Grant struct {
	Request

	File string
}

// ReadGrants reads lines such as "prometheus metrics:read /keys/prometheus": a
// name, scopes joined by +, and a file, which may hold blanks.
func ReadGrants(lines []string) (out []Grant, err error) {
	files := map[string]bool{}
	for _, line := range lines {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		scopes, file, _ := strings.Cut(strings.TrimSpace(rest), " ")
		g := Grant{Request: Request{Name: name}, File: strings.TrimSpace(file)}
		if g.File == "" {
			return nil, model.Errorf(model.KindInvalid, "key %q: want a name, scopes joined by +, and a file", line)
		}
		for scope := range strings.SplitSeq(scopes, "+") {
			g.Scopes = append(g.Scopes, model.Scope(scope))
		}
		if err := checkRequest(g.Request); err != nil {
			return nil, err
		}
		if files[filepath.Clean(g.File)] {
			return nil, model.Errorf(model.KindInvalid, "key file %s is named twice: each key has one of its own", g.File)
		}
		files[filepath.Clean(g.File)] = true
		out = append(out, g)
	}
	return out, nil
}
