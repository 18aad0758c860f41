package site

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
)

// MaxCopyBytes is what a compressed copy may have, compressed or decompressed: 64 MiB.
// A larger one is taken for what it says it is.
const MaxCopyBytes = 64 << 20

// Copy is a compressed copy that lies beside a file: "site.css.br" beside "site.css". A
// server that has been told to gives it instead of the file to whoever takes its coding,
// without a look into either.
type Copy struct {
	File   *File  // the copy
	Of     *File  // the plain file
	Coding string // "br" or "gzip"
	Hash   Hash   // of its bytes when they are decompressed
	Err    error  // it cannot be decompressed
}

// Stale reports whether the copy gives other bytes than the file.
func (c *Copy) Stale() bool { return c.Err != nil || c.Hash != c.Of.Hash }

// suffixes are the names of compressed copies, by coding.
var suffixes = [...]struct{ suffix, coding string }{{".br", "br"}, {".gz", "gzip"}}

// Copies returns the compressed copies of a build, in order of Path. It reads and
// decompresses each of them. An error means that a file can no longer be read.
func (b *Build) Copies() ([]Copy, error) {
	var out []Copy
	for _, f := range b.Files {
		for _, s := range suffixes {
			plain, ok := strings.CutSuffix(f.Path, s.suffix)
			of := b.byPath[plain]
			if !ok || of == nil {
				continue
			}
			c, err := b.copyOf(f, of, s.coding)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// Copy returns the copy of a file that is compressed with a coding; ok is false if there
// is none.
func (b *Build) Copy(of *File, coding string) (c Copy, ok bool, err error) {
	for _, s := range suffixes {
		if f := b.byPath[of.Path+s.suffix]; f != nil && s.coding == coding {
			c, err = b.copyOf(f, of, coding)
			return c, true, err
		}
	}
	return c, false, nil
}

func (b *Build) copyOf(f, of *File, coding string) (Copy, error) {
	c := Copy{File: f, Of: of, Coding: coding, Hash: of.Hash}
	if f.SizeBytes > MaxCopyBytes || of.SizeBytes > MaxCopyBytes {
		return c, nil
	}
	text, err := b.Decompressed(&c)
	switch {
	case err == nil:
		c.Hash = HashOf(text)
	case errors.Is(err, errDamaged):
		c.Err = err
	default:
		return c, err
	}
	return c, nil
}

// errDamaged is what a copy that cannot be decompressed has.
var errDamaged = errors.New("cannot be decompressed")

// Decompressed returns the bytes that a copy stands for, at most [MaxCopyBytes].
func (b *Build) Decompressed(c *Copy) ([]byte, error) {
	body, err := b.Bytes(c.File)
	if err != nil {
		return nil, err
	}
	in := io.Reader(brotli.NewReader(bytes.NewReader(body)))
	if c.Coding == "gzip" {
		if in, err = gzip.NewReader(bytes.NewReader(body)); err != nil {
			return nil, fmt.Errorf("build %s: %s %w: %w", b.Name, c.File.Path, errDamaged, err)
		}
	}
	text, err := io.ReadAll(io.LimitReader(in, MaxCopyBytes+1))
	if err != nil {
		return nil, fmt.Errorf("build %s: %s %w: %w", b.Name, c.File.Path, errDamaged, err)
	}
	if len(text) > MaxCopyBytes {
		return nil, fmt.Errorf("build %s: %s %w: more than %d bytes, and the file has %d", b.Name, c.File.Path, errDamaged, MaxCopyBytes, c.Of.SizeBytes)
	}
	return text, nil
}
