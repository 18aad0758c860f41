package store

import (
	"container/list"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// shelf knows the body files of stored responses and keeps them within a bound:
// when there is no room, the oldest go.
//
// It is in a temporary directory, made when first needed and removed by close, or
// in a lasting one. There a file may be named by the hash of the key it belongs
// to, and then it is found again after a restart.
type shelf struct {
	limit   int64
	lasting bool

	mu    sync.Mutex // protects all below
	dir   string
	bytes int64
	taken int64                    // put since full last said so
	order *list.List               // of *shelved, oldest first
	byKey map[string]*list.Element // by hash of the key
}

type shelved struct {
	hash string
	key  string // "": not asked for since the start
	size int64
	name *fileName
}

// ours is a body file that a value behind names: hash of the key, and a part that
// tells versions apart, so that no head ever meets another version's body.
var ours = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9a-f]{64})-[0-9a-f]{16}\.body$`) })

const growing = "spool-*.part"

// openShelf opens a shelf in dir, or in a temporary directory if that is "". Files
// of an earlier run are kept if keep is set.
func openShelf(dir string, limit int64, keep bool) (*shelf, error) {
	s := &shelf{limit: limit, lasting: dir != "", dir: dir, order: list.New(), byKey: map[string]*list.Element{}}
	if dir == "" {
		return s, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("directory of body files: %w", err)
	}
	files, err := s.scan()
	if err != nil {
		return nil, fmt.Errorf("directory of body files: %w", err)
	}
	for _, f := range files {
		e := &shelved{hash: f.Name()[:64], size: f.Size(), name: &fileName{path: filepath.Join(dir, f.Name()), keep: true}}
		if keep {
			s.push(e)
		} else {
			e.name.release()
		}
	}
	s.makeRoom()
	return s, nil
}

// scan lists the files an earlier run named, oldest first, and removes those it
// was still writing.
func (s *shelf) scan() ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var files []fs.FileInfo
	for _, e := range entries {
		if cut, _ := filepath.Match(growing, e.Name()); cut {
			os.Remove(filepath.Join(s.dir, e.Name()))
		}
		if !ours().MatchString(e.Name()) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		if c := a.ModTime().Compare(b.ModTime()); c != 0 {
			return c
		}
		return strings.Compare(a.Name(), b.Name())
	})
	return files, nil
}

// directory is where body files are made.
func (s *shelf) directory() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "staleproof-")
		if err != nil {
			return "", fmt.Errorf("directory of body files: %w", err)
		}
		s.dir = dir
	}
	return s.dir, nil
}

// put takes in the body of the response with this key, in place of an earlier one,
// and returns what had to go for it. It takes in nothing larger than its limit.
func (s *shelf) put(hash, key string, b *fileBody) (gone []*shelved, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.size > s.limit {
		return nil, false
	}
	if e, ok := s.byKey[hash]; ok && e.Value.(*shelved).name == b.name {
		return nil, true // the head was refreshed
	}
	s.taken += b.size
	s.push(&shelved{hash: hash, key: key, size: b.size, name: b.name})
	return s.makeRoom(), true
}

// label names a file so that a value behind can hold the name and it lasts, and
// returns that, or "" when it cannot.
func (s *shelf) label(hash string, b *fileBody) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lasting {
		return ""
	}
	name := b.name.kept(hash)
	if name == "" {
		name = newName(hash)
		if b.name.rename(filepath.Join(s.dir, name)) != nil {
			return ""
		}
	}
	return name
}

func newName(hash string) string {
	var version [8]byte
	rand.Read(version[:])
	return hash + "-" + hex.EncodeToString(version[:]) + ".body"
}

// full reports whether a quarter of the limit was put since it last did. As much
// may still be taken by files without a name, which the garbage collector closes.
func (s *shelf) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken <= s.limit/4 {
		return false
	}
	s.taken = 0
	return true
}

// open finds the body a value behind names. The name is foreign bytes: it opens
// nothing, but is compared with that of the file which is known for the key.
func (s *shelf) open(hash, key, file string, size int64) (*fileBody, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byKey[hash]
	if !ok || e.Value.(*shelved).name.kept(hash) != file {
		return nil, fmt.Errorf("body file %q: %w", file, os.ErrNotExist)
	}
	known := e.Value.(*shelved)
	f, err := known.name.open()
	if err != nil {
		return nil, fmt.Errorf("body file: %w", err)
	}
	info, err := f.Stat()
	if err != nil || info.Size() != size {
		f.Close()
		return nil, fmt.Errorf("body file %s: not %d bytes long", file, size)
	}
	known.key = key
	return newFileBody(f, known.name, size), nil
}

// empty reports whether there is no file.
func (s *shelf) empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byKey) == 0
}

// remove drops the body file of a key, if there is one.
func (s *shelf) remove(hash string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(hash)
}

// clear drops all.
func (s *shelf) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.order.Len() > 0 {
		s.drop(s.order.Front().Value.(*shelved).hash)
	}
}

// left is told that memory does not hold b any more.
func (s *shelf) left(hash string, b *fileBody) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.byKey[hash]; ok && e.Value.(*shelved).name == b.name && b.name.gone() {
		s.drop(hash)
	}
}

// close removes what does not last.
func (s *shelf) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lasting || s.dir == "" {
		return nil
	}
	return os.RemoveAll(s.dir)
}

func (s *shelf) push(e *shelved) {
	s.drop(e.hash)
	s.byKey[e.hash] = s.order.PushBack(e)
	s.bytes += e.size
}

func (s *shelf) drop(hash string) {
	e, ok := s.byKey[hash]
	if !ok {
		return
	}
	delete(s.byKey, hash)
	s.order.Remove(e)
	s.bytes -= e.Value.(*shelved).size
	e.Value.(*shelved).name.release()
}

func (s *shelf) makeRoom() (gone []*shelved) {
	for s.bytes > s.limit {
		oldest := s.order.Front().Value.(*shelved)
		gone = append(gone, oldest)
		s.drop(oldest.hash)
	}
	return gone
}
