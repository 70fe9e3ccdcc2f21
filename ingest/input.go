package ingest

import (
	"errors"
	"io"

	"github.com/churnwatch/churnwatch/ingest/source"
	"github.com/churnwatch/churnwatch/model"
)

// File returns the input of a path.
func File(path string) Input {
	return Input{
		Name: path, Again: true,
		Open: func(opts source.Options) (*source.Reader, error) { return source.Open(path, opts) },
	}
}

// Stream returns the input of a reader, such as standard input. A name that
// ends like a file's (.parquet, .ndjson) tells its form.
func Stream(name string, from io.Reader) Input {
	return Input{
		Name: name,
		Open: func(opts source.Options) (*source.Reader, error) { return source.New(from, name, opts) },
	}
}

// invalid gives the faults of a source the kind of bad input.
func invalid(err error) error {
	for _, fault := range []error{source.ErrEmpty, source.ErrHeader, source.ErrFormat, source.ErrParquet, source.ErrMissing} {
		if errors.Is(err, fault) {
			return model.Errorf(model.KindInvalid, "%w", err)
		}
	}
	return err
}
