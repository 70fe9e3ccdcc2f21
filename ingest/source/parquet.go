package source

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// parquetEnds is the size of the magic bytes at the head, and of the footer's
// length and the magic bytes at the tail.
const parquetEnds = 4 + 8

// openParquet checks a file in place; what comes from a stream is checked once
// it was spooled.
func (r *Reader) openParquet(head *peeked) error {
	if string(head.head[:min(4, len(head.head))]) != parquetMagic {
		return fmt.Errorf("%s: %w: it does not begin with %s", r.name, ErrParquet, parquetMagic)
	}
	r.rest = head
	if r.compression != Plain {
		r.path = ""
	}
	if r.path == "" {
		return nil
	}
	return r.checkParquet(r.path)
}

// checkParquet tells whether a Parquet file is whole: its magic bytes stand at
// both ends and its footer fits between them.
func (r *Reader) checkParquet(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < parquetEnds {
		return fmt.Errorf("%s: %w: %d bytes", r.name, ErrParquet, info.Size())
	}
	tail := make([]byte, 8)
	if _, err := file.ReadAt(tail, info.Size()-8); err != nil {
		return err
	}
	if string(tail[4:]) != parquetMagic {
		return fmt.Errorf("%s: %w: it does not end with %s, so it was cut or is still being written", r.name, ErrParquet, parquetMagic)
	}
	if footer := int64(binary.LittleEndian.Uint32(tail)); footer > info.Size()-parquetEnds {
		return fmt.Errorf("%s: %w: a footer of %d bytes in a file of %d", r.name, ErrParquet, footer, info.Size())
	}
	return nil
}

// passParquet puts the file into the spool directory, as a link where the
// file system allows, and passes it on as a chunk.
func (r *Reader) passParquet(to *spooler) error {
	path, size, err := r.placeParquet(to.dir)
	if err != nil {
		return err
	}
	chunk := &Chunk{Source: r.name, Path: path, Format: Parquet, Records: -1, Bytes: size}
	if err := r.checkParquet(path); err != nil {
		return errors.Join(err, chunk.remove())
	}
	to.result.Bytes, to.result.Chunks = size, 1
	if !to.send(event{chunk: chunk}) {
		return chunk.remove()
	}
	return nil
}

// placeParquet returns the path and size of the source in dir.
func (r *Reader) placeParquet(dir string) (string, int64, error) {
	file, err := newSpoolFile(dir, "chunk-*.parquet")
	if err != nil {
		return "", 0, err
	}
	name := file.file.Name()
	if r.path != "" {
		link := name + ".link"
		target, err := filepath.EvalSymlinks(r.path)
		if err == nil && os.Link(target, link) == nil {
			_ = file.close()
			return name, r.size, os.Rename(link, name)
		}
	}
	_, err = io.Copy(file.to, r.rest)
	if broken, is := errors.AsType[*damage](err); is {
		err = fmt.Errorf("%w: %w", ErrParquet, broken)
	}
	if info := file.close(); err == nil {
		err = info
	}
	if err != nil {
		file.discard()
		return "", 0, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", 0, err
	}
	return name, info.Size(), nil
}
