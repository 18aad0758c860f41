package store

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// Body is the whole body of a stored response: bytes in memory or a file. It is
// shared by all who answer with it and never written to.
type Body interface {
	// Len is the length in bytes.
	Len() int64
	// Bytes is the body when it is in memory, and nil when it is in a file. Not to
	// be modified.
	Bytes() []byte
	// Open reads the body from its start, independently of other readers. It works
	// for as long as the Body is held, evicted and deleted or not.
	Open() (io.ReadSeekCloser, error)
}

// BytesBody is a body in memory. The caller gives b away: it must not be written
// to any more.
func BytesBody(b []byte) Body {
	if b == nil {
		b = []byte{}
	}
	m := memoryBody(b)
	return &m
}

type memoryBody []byte

func (m *memoryBody) Len() int64    { return int64(len(*m)) }
func (m *memoryBody) Bytes() []byte { return *m }
func (m *memoryBody) Open() (io.ReadSeekCloser, error) {
	return memoryReader{bytes.NewReader(*m)}, nil
}

type memoryReader struct{ *bytes.Reader }

func (memoryReader) Close() error { return nil }

// fileBody is a body in a file.
//
// Two things are kept apart: the file, which stays open for as long as anyone can
// reach the body, so that a reader can always begin; and its name, which is
// removed as soon as no store uses the body (see fileName). So a response that was
// evicted while a viewer was about to read it is still readable, and nothing is
// left on the disk.
type fileBody struct {
	file *os.File
	name *fileName
	size int64
}

func newFileBody(f *os.File, name *fileName, size int64) *fileBody {
	b := &fileBody{file: f, name: name, size: size}
	// A body that was never stored has nobody else to remove its name.
	runtime.AddCleanup(b, (*fileName).removeUnused, name)
	return b
}

func (b *fileBody) Len() int64    { return b.size }
func (b *fileBody) Bytes() []byte { return nil }

// Open gives a reader its own descriptor while the file has a name, since sendfile
// needs one with its own offset.
func (b *fileBody) Open() (io.ReadSeekCloser, error) {
	if f, err := b.name.open(); err == nil {
		return f, nil
	}
	return sectionReader{io.NewSectionReader(b.file, 0, b.size)}, nil
}

type sectionReader struct{ *io.SectionReader }

func (sectionReader) Close() error { return nil }

// fileName is the name of a body's file and who needs it.
type fileName struct {
	mu   sync.Mutex
	path string // "": removed
	uses int    // responses in memory with this body
	keep bool   // a value behind names the file
}

func (n *fileName) open() (*os.File, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.path == "" {
		return nil, os.ErrNotExist
	}
	return os.Open(n.path)
}

func (n *fileName) use() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.uses++
}

func (n *fileName) unuse() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.uses--
	n.removeIfUnused()
}

// release says that no value behind names the file any more.
func (n *fileName) release() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keep = false
	n.removeIfUnused()
}

func (n *fileName) removeUnused() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.removeIfUnused()
}

func (n *fileName) removeIfUnused() {
	if n.uses > 0 || n.keep || n.path == "" {
		return
	}
	// Windows refuses while the file is open; there it goes with its directory.
	os.Remove(n.path)
	n.path = ""
}

// gone reports whether the name has been removed.
func (n *fileName) gone() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.path == ""
}

// kept is the file's name if it is one that a value for hash may hold, or "".
func (n *fileName) kept(hash string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if name := filepath.Base(n.path); n.keep && strings.HasPrefix(name, hash) {
		return name
	}
	return ""
}

// rename moves the file to path and keeps it there until it is released.
func (n *fileName) rename(path string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.path == "" {
		return os.ErrNotExist
	}
	if err := os.Rename(n.path, path); err != nil {
		return err
	}
	n.path, n.keep = path, true
	return nil
}

var (
	_ Body = (*memoryBody)(nil)
	_ Body = (*fileBody)(nil)
)
