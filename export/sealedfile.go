package export

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// The file of an export is never readable on the disk: it has one line per part, sealed with the export's own key.

const partSize = 64 << 10

// sealedFile writes such a file.
type sealedFile struct {
	app    core.App
	export *collections.Export
	file   *os.File
	lines  *bufio.Writer
	part   []byte
	parts  int
	size   int64 // of what was written, before it was sealed
}

func create(app core.App, export *collections.Export) (*sealedFile, error) {
	path := export.Path(app)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of exports: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the file of an export: %w", err)
	}
	return &sealedFile{app: app, export: export, file: file, lines: bufio.NewWriter(file), part: make([]byte, 0, partSize)}, nil
}

// Write implements [io.Writer].
func (s *sealedFile) Write(plain []byte) (int, error) {
	written := len(plain)
	for len(plain) > 0 {
		n := min(partSize-len(s.part), len(plain))
		s.part = append(s.part, plain[:n]...)
		plain = plain[n:]
		if len(s.part) == partSize {
			if err := s.flush(false); err != nil {
				return 0, err
			}
		}
	}
	s.size += int64(written)
	return written, nil
}

func (s *sealedFile) flush(last bool) error {
	sealed, err := s.export.SealPart(s.app, s.parts, last, s.part)
	if err != nil {
		return fmt.Errorf("seal a part of an export: %w", err)
	}
	s.parts, s.part = s.parts+1, s.part[:0]
	_, err = s.lines.WriteString(sealed + "\n")
	return err
}

// finish seals the end, and waits until all of it is on the disk.
func (s *sealedFile) finish() error {
	return errors.Join(s.flush(true), s.lines.Flush(), s.file.Sync(), s.file.Close())
}

// abandon closes a file that will not be finished.
func (s *sealedFile) abandon() { _ = s.file.Close() } // it is about to be deleted

// Open opens the file of an export that is ready, to be read as it was before it was sealed.
func Open(app core.App, export *collections.Export) (io.ReadCloser, error) {
	file, err := os.Open(export.Path(app))
	if err != nil {
		return nil, fmt.Errorf("open the file of an export: %w", err)
	}
	return &opened{app: app, export: export, file: file, lines: bufio.NewReaderSize(file, 2*partSize)}, nil
}

type opened struct {
	app    core.App
	export *collections.Export
	file   *os.File
	lines  *bufio.Reader
	part   []byte
	parts  int
	ended  bool
}

// Read implements [io.Reader].
func (o *opened) Read(into []byte) (int, error) {
	for len(o.part) == 0 {
		if o.ended {
			return 0, io.EOF
		}
		if err := o.next(); err != nil {
			return 0, err
		}
	}
	n := copy(into, o.part)
	o.part = o.part[n:]
	return n, nil
}

func (o *opened) next() error {
	line, err := o.lines.ReadString('\n')
	if err != nil {
		return fmt.Errorf("read a part of an export: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	_, err = o.lines.Peek(1)
	o.ended = errors.Is(err, io.EOF)
	o.part, err = o.export.UnsealPart(o.app, o.parts, o.ended, strings.TrimSuffix(line, "\n"))
	o.parts++
	if err != nil {
		return fmt.Errorf("open a part of an export: %w", err)
	}
	return nil
}

// Close implements [io.Closer].
func (o *opened) Close() error { return o.file.Close() }
