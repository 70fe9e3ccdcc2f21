package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Accepted is a batch that was promised to be loaded: it lies in a folder of the
// spool, on the disk, until it is. Whoever starts on the database after the end of
// the program finds it there.
type Accepted struct {
	// ID is that of the operation that loads it.
	ID        string            `json:"operation_id"`
	StartedAt time.Time         `json:"started_at"`
	Kind      model.FactKind    `json:"kind"`
	Format    model.BatchFormat `json:"format"`
	DryRun    bool              `json:"dry_run"`
	// Key is the client's name for the request, "" without, and Hash tells the
	// request from others.
	Key  string `json:"key"`
	Hash string `json:"hash"`
	// KeyID and KeyName are those of the API key by which it came.
	KeyID   string `json:"key_id"`
	KeyName string `json:"key_name"`

	dir string
}

const (
	// acceptedPrefix is what the folders of accepted batches begin with; the id
	// follows.
	acceptedPrefix = "accepted-"
	acceptedNote   = "accepted.json"
	// BatchFile is what the text of a batch is called in its folder.
	BatchFile = "batch"
)

// Accept keeps a batch from now on, whose text lies alone in a folder of the
// spool: it takes that folder. All of it is on the disk when it returns.
func Accept(spool, folder string, a Accepted) (Accepted, error) {
	a.dir = filepath.Join(spool, acceptedPrefix+a.ID)
	note, err := json.Marshal(a)
	if err != nil {
		return a, fmt.Errorf("accept a batch: %w", err)
	}
	path := filepath.Join(folder, acceptedNote)
	if err = os.WriteFile(path, note, 0o600); err == nil {
		err = errors.Join(synced(path), synced(filepath.Join(folder, BatchFile)), synced(folder))
	}
	if err == nil {
		err = os.Rename(folder, a.dir) // From here on it is accepted.
	}
	if err == nil {
		err = synced(spool)
	}
	if err != nil {
		return a, fmt.Errorf("accept a batch: %w", errors.Join(err, os.RemoveAll(a.dir)))
	}
	return a, nil
}

// AcceptedIn returns the batches that a spool holds.
func AcceptedIn(spool string) (out []Accepted, err error) {
	entries, err := os.ReadDir(spool)
	if err != nil {
		return nil, fmt.Errorf("accepted batches: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), acceptedPrefix) {
			continue
		}
		a := Accepted{dir: filepath.Join(spool, e.Name())}
		note, err := os.ReadFile(filepath.Join(a.dir, acceptedNote))
		if errors.Is(err, fs.ErrNotExist) { // Its removal was cut short.
			err = os.RemoveAll(a.dir)
		} else if err == nil {
			err = json.Unmarshal(note, &a)
			out = append(out, a)
		}
		if err != nil {
			return nil, fmt.Errorf("accepted batches: %w", err)
		}
	}
	return out, nil
}

// Job is the operation that loads it, as it begins.
func (a Accepted) Job() model.Job {
	return model.Job{ID: a.ID, Kind: model.JobImport, Status: model.JobRunning, Steps: []string{}, StartedAt: a.StartedAt}
}

// Path is where its text lies.
func (a Accepted) Path() string { return filepath.Join(a.dir, BatchFile) }

// Forget removes it for good: the note first, so that a removal that is cut short
// leaves nothing that would be loaded.
func (a Accepted) Forget() error {
	err := os.Remove(filepath.Join(a.dir, acceptedNote))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err = errors.Join(err, os.RemoveAll(a.dir)); err != nil {
		return fmt.Errorf("forget an accepted batch: %w", err)
	}
	return nil
}

// synced makes sure that a file, or the names in a folder, are on the disk.
func synced(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
