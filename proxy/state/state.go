// Package state keeps what was created through the control door over a restart.
//
// Each record is a file of its own, written whole under another name, synced and
// then renamed, so that a program that is killed at any moment leaves every record
// either as it was or as it was to become. What [Dir.Keep] has returned from is
// there after a crash of the machine, too.
package state

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// MaxBytes is the largest record that is kept or read.
const MaxBytes = 16 << 20

const (
	suffix    = ".json"
	temporary = ".part"
)

// Dir is a directory of records. It is one program's at a time. Its methods are not
// for several goroutines at once.
type Dir struct {
	path string
	lock *flock.Flock
}

// file is how a record stands in its file.
type file struct {
	Kind   string          `json:"kind"`
	ID     string          `json:"id"`
	Record json.RawMessage `json:"record"`
}

// Open takes a directory, makes it if it is not there, and removes what a program
// that was killed left half-written. It is an error if another program has it.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	d := &Dir{path, flock.New(filepath.Join(path, "lock"))}
	free, err := d.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !free {
		return nil, fmt.Errorf("%s is in use by another program", path)
	}
	parts, err := d.files(temporary)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	for _, part := range parts {
		if err := os.Remove(part); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	return d, nil
}

// Close gives the directory back.
func (d *Dir) Close() error { return d.lock.Unlock() }

// name is the file of a record: no part of it is anybody's words.
func (d *Dir) name(kind, id string) string {
	sum := sha256.Sum256([]byte(kind + "\n" + id))
	return filepath.Join(d.path, hex.EncodeToString(sum[:16])+suffix)
}

// files are the files whose names end so. The path is anybody's words, and no
// pattern.
func (d *Dir) files(end string) (names []string, err error) {
	entries, err := os.ReadDir(d.path)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), end) {
			names = append(names, filepath.Join(d.path, e.Name()))
		}
	}
	return names, err
}

// Keep makes a record last before it returns; nil removes it. With an error the
// record is as it was.
func (d *Dir) Keep(kind, id string, record []byte) error {
	name := d.name(kind, id)
	if record == nil {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return d.sync()
	}
	b, err := json.Marshal(file{kind, id, record})
	if err != nil {
		return fmt.Errorf("%s %s: %w", kind, id, err)
	}
	if len(b) > MaxBytes {
		return fmt.Errorf("%s %s: %d bytes are more than the %d that are kept", kind, id, len(b), MaxBytes)
	}
	part := name + "." + rand.Text() + temporary
	if err := write(part, b); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, name); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return d.sync()
}

// write writes a new file and waits until it is on the disk.
func write(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// sync waits until the names in the directory are on the disk, where the system can.
func (d *Dir) sync() error {
	f, err := os.Open(d.path)
	if err != nil {
		return err
	}
	f.Sync() // not every file system lets a directory be synced; the rename is whole all the same
	return f.Close()
}

// Kept tells all records, in no particular order. The error names the file that
// cannot be read.
func (d *Dir) Kept(tell func(kind, id string, record []byte) error) error {
	names, err := d.files(suffix)
	if err != nil {
		return err
	}
	for _, name := range names {
		f, err := read(name)
		if err != nil {
			return err
		}
		if want := d.name(f.Kind, f.ID); want != name {
			return fmt.Errorf("%s: is the record %s %s, which belongs into %s", name, f.Kind, f.ID, filepath.Base(want))
		}
		if err := tell(f.Kind, f.ID, f.Record); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func read(name string) (f file, err error) {
	r, err := os.Open(name)
	if err != nil {
		return f, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	switch {
	case err != nil:
		return f, err
	case len(b) > MaxBytes:
		return f, fmt.Errorf("%s: is more than %d bytes", name, MaxBytes)
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return f, fmt.Errorf("%s: no record of staleproof's: %w", name, err)
	}
	return f, nil
}
