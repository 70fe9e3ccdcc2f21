package local

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"

	"github.com/churnwatch/churnwatch/model"
)

// longestAddress is the most bytes that the path of a socket can have.
const longestAddress = 107

// addresses returns where the socket of a database may stand, the likeliest
// first: one beside the database, or else those in the folders for sockets.
func addresses(database string) ([]string, error) {
	resolved, err := resolve(database)
	if err != nil {
		return nil, model.Errorf(model.KindInvalid, "database %s: %w", database, err)
	}
	if beside := resolved + ".sock"; len(beside) <= longestAddress {
		return []string{beside}, nil
	}
	sum := sha256.Sum256([]byte(resolved))
	name := "churnwatch-" + hex.EncodeToString(sum[:8]) + ".sock"
	var out []string
	for _, folder := range []string{os.Getenv("XDG_RUNTIME_DIR"), privateFolder()} {
		if path := filepath.Join(folder, name); filepath.IsAbs(folder) && len(path) <= longestAddress {
			out = append(out, path)
		}
	}
	if len(out) == 0 {
		return nil, model.Errorf(model.KindInvalid,
			"the path of %s is too long for a socket beside it, and so are those of $XDG_RUNTIME_DIR and $TMPDIR", database)
	}
	return out, nil
}

// privateFolder is where sockets go that fit nowhere else.
func privateFolder() string {
	return filepath.Join(os.TempDir(), "churnwatch-"+strconv.Itoa(os.Geteuid()))
}

// resolve returns the absolute path of a database without symbolic links. The
// file itself need not exist.
func resolve(database string) (string, error) {
	path, err := filepath.Abs(database)
	if err != nil {
		return "", err
	}
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved, nil
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return path, nil //nolint:nilerr // No such folder: nothing can stand there, and opening the database says so.
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}
