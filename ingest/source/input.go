package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// headBytes is how much of an input is looked at to recognise it.
const headBytes = 64 << 10

// counter counts the bytes of an input and remembers its own failure, so that
// a broken disk can be told from broken compressed data.
type counter struct {
	src  io.Reader
	read atomic.Int64
	err  error // never io.EOF
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.read.Add(int64(n))
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// damage is the end of a compressed input that is cut or broken. What was
// unpacked before it is good.
type damage struct {
	err   error
	whole bool // all data came out; only what follows the stream is not understood
}

func (d *damage) Error() string {
	if d.whole {
		return "what follows the compressed data is not understood and was not read: " + d.err.Error()
	}
	return "the compressed data is cut or damaged, what follows is lost: " + d.err.Error()
}

func (d *damage) Unwrap() error { return d.err }

// unpacker turns the decompressor's errors into damage, unless the input
// itself failed.
type unpacker struct {
	src   io.Reader
	input *counter
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.src.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case u.input.err != nil:
		return n, u.input.err
	default:
		whole := errors.Is(err, gzip.ErrHeader) || errors.Is(err, zstd.ErrMagicMismatch)
		return n, &damage{err: err, whole: whole}
	}
}

// unpack returns the decompressed bytes of input. The caller calls close.
func unpack(input *counter) (io.Reader, Compression, func(), error) {
	head := peek(input, headBytes)
	compression := compressionOf(head.head)
	nothing := func() {}
	switch compression {
	case Gzip:
		r, err := gzip.NewReader(bufio.NewReaderSize(head, 256<<10))
		if err != nil {
			return nil, compression, nothing, fmt.Errorf("%w: gzip: %w", ErrFormat, err)
		}
		return &unpacker{src: r, input: input}, compression, nothing, nil
	case Zstd:
		r, err := zstd.NewReader(head, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, compression, nothing, fmt.Errorf("%w: zstd: %w", ErrFormat, err)
		}
		return &unpacker{src: r, input: input}, compression, r.Close, nil
	case Plain:
	}
	return head, compression, nothing, nil
}

// peeked is a reader whose first bytes are known.
type peeked struct {
	head []byte
	src  io.Reader
	err  error // what ended the head early; comes after the head
}

// peek reads the first n bytes of src, fewer if it ends before.
func peek(src io.Reader, n int) *peeked {
	p := &peeked{head: make([]byte, n), src: src}
	filled := 0
	for filled < n && p.err == nil {
		var k int
		k, p.err = src.Read(p.head[filled:])
		filled += k
	}
	p.head = p.head[:filled]
	return p
}

func (p *peeked) Read(b []byte) (int, error) {
	if len(p.head) > 0 {
		n := copy(b, p.head)
		p.head = p.head[n:]
		return n, nil
	}
	if p.err != nil {
		return 0, p.err
	}
	return p.src.Read(b)
}
