package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"

	localv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/local/v1"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
)

// frames sends what a command prints; its two streams may be written at once.
type frames struct {
	mu     sync.Mutex
	stream localv1.LocalService_RunServer
}

func (f *frames) send(response *localv1.RunResponse) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stream.Send(response)
}

type stdout struct{ *frames }

// Write sends bytes for the client's standard output.
func (o stdout) Write(data []byte) (int, error) {
	return inPieces(data, func(piece []byte) error {
		return o.send(&localv1.RunResponse{Frame: &localv1.RunResponse_Stdout{Stdout: piece}})
	})
}

type stderr struct{ *frames }

// Write sends bytes for the client's standard error.
func (o stderr) Write(data []byte) (int, error) {
	return inPieces(data, func(piece []byte) error {
		return o.send(&localv1.RunResponse{Frame: &localv1.RunResponse_Stderr{Stderr: piece}})
	})
}

func inPieces(data []byte, send func([]byte) error) (int, error) {
	for at := 0; at < len(data); at += pieceBytes {
		if err := send(data[at:min(at+pieceBytes, len(data))]); err != nil {
			return at, err
		}
	}
	return len(data), nil
}

// decodeConfig reads a client's configuration. A setting that this version
// does not know is an error: the client is of another version.
func decodeConfig(data []byte) (config.Config, error) {
	var cfg config.Config
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&cfg); err != nil {
		return cfg, fmt.Errorf("client and server are of different versions: %w", err)
	}
	return cfg, cfg.Validate()
}
