package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	localv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/local/v1"
	"github.com/churnwatch/churnwatch/model"
)

// pieceBytes is how much of an input goes into one frame.
const pieceBytes = 256 << 10

// requests is the client's half of a call.
type requests interface {
	Send(request *localv1.RunRequest) error
	Context() context.Context
}

// sendInput streams a file, or with "-" the standard input.
func sendInput(stream requests, name string, stdin io.Reader) (err error) {
	if name == StandardInput {
		return sendStandardInput(stream, stdin)
	}
	file, err := os.Open(name)
	if err != nil {
		return model.Wrap(model.KindInvalid, "read input", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := sendPiece(stream, name, nil); err != nil { // An empty file is one too.
		return err
	}
	buffer := make([]byte, pieceBytes)
	for {
		n, err := io.ReadFull(file, buffer)
		if n > 0 {
			if err := sendPiece(stream, name, buffer[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return model.Errorf(model.KindInvalid, "read input %s: %w", name, err)
		}
	}
}

// sendStandardInput streams what comes, as it comes. Reading can't be
// interrupted: when the call ends first, the reader stays behind until the
// input ends or, as in a command line, the process does.
func sendStandardInput(stream requests, stdin io.Reader) error {
	if stdin == nil {
		return model.Errorf(model.KindInvalid, "read input: there is no standard input")
	}
	type piece struct {
		data []byte
		err  error
	}
	pieces := make(chan piece)
	go func() {
		for {
			buffer := make([]byte, pieceBytes)
			n, err := stdin.Read(buffer)
			select {
			case pieces <- piece{buffer[:n], err}:
			case <-stream.Context().Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	if err := sendPiece(stream, StandardInput, nil); err != nil {
		return err
	}
	for {
		select {
		case <-stream.Context().Done():
			return io.EOF
		case p := <-pieces:
			if err := sendPiece(stream, StandardInput, p.data); err != nil {
				return err
			}
			if errors.Is(p.err, io.EOF) {
				return nil
			}
			if p.err != nil {
				return fmt.Errorf("read standard input: %w", p.err)
			}
		}
	}
}

func sendPiece(stream requests, name string, data []byte) error {
	return stream.Send(&localv1.RunRequest{Frame: &localv1.RunRequest_Piece{Piece: &localv1.Piece{Name: &name, Data: data}}})
}
