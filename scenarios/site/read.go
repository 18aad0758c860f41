package site

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"unicode/utf8"
)

// Limits of what [Read] takes. They are far above real sites and far below what
// would fill a machine: only text that is searched for references stays in memory.
const (
	MaxFiles       = 100_000  // files in one build
	MaxFileBytes   = 1 << 30  // one file: 1 GiB
	MaxBuildBytes  = 16 << 30 // all files of a build: 16 GiB
	MaxSearchBytes = 16 << 20 // one page, css, script, svg or manifest: 16 MiB
	MaxTextBytes   = 1 << 30  // all text kept in memory for one build: 1 GiB
)

// Read reads the build called name from the root of fsys, which is served at the
// root of its host. Version control folders (.git, .hg, .svn) are left out.
func Read(name string, fsys fs.FS) (*Build, error) { return ReadWith(name, fsys, Options{}) }

// ReadDir reads the build in the folder dir and calls it by the folder's name.
func ReadDir(dir string) (*Build, error) { return ReadDirWith(dir, Options{}) }

// ReadDirWith is ReadDir for a folder whose files become URLs as o says.
func ReadDirWith(dir string, o Options) (*Build, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w; give the folder that is published", dir, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("build %s: is a file; give the folder that is published", dir)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", dir, err)
	}
	return ReadWith(filepath.Base(abs), os.DirFS(dir), o)
}

// ReadWith reads the build called name from the root of fsys, whose files become
// URLs as o says.
func ReadWith(name string, fsys fs.FS, o Options) (*Build, error) {
	r := reader{fsys: fsys}
	if err := fs.WalkDir(fsys, ".", r.visit); err != nil {
		return nil, fmt.Errorf("build %s: %w", name, err)
	}
	for i, p := range r.paths {
		f, err := r.read(p)
		if err != nil {
			return nil, fmt.Errorf("build %s: %w", name, err)
		}
		r.files = append(r.files, f)
		o.progress(Reading, i+1, len(r.paths))
	}
	return assemble(name, o, r.files, func(p string) ([]byte, error) { return fs.ReadFile(fsys, p) })
}

// reader gathers the files of one build.
type reader struct {
	fsys  fs.FS
	paths []string // what is there
	files []*File
	bytes int64
	text  int64
}

// visit finds a file.
func (r *reader) visit(p string, d fs.DirEntry, err error) error {
	if err != nil {
		return hinted(p, err)
	}
	if d.IsDir() {
		switch path.Base(p) {
		case ".git", ".hg", ".svn":
			return fs.SkipDir
		}
		return nil
	}
	if !utf8.ValidString(p) {
		return fmt.Errorf("%q: its name is not UTF-8; rename it", p)
	}
	info, err := fs.Stat(r.fsys, p) // follows a link to a file
	switch {
	case err != nil:
		return hinted(p, err)
	case info.IsDir():
		return fmt.Errorf("%s: is a link to a folder; copy the folder, links are not followed", p)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is no regular file; remove it from what is published", p)
	case len(r.paths) == MaxFiles:
		return fmt.Errorf("%s: more than %d files; give the folder that is published, not the one with the sources", p, MaxFiles)
	}
	r.paths = append(r.paths, p)
	return nil
}

func (r *reader) read(p string) (*File, error) {
	in, err := r.fsys.Open(p)
	if err != nil {
		return nil, hinted(p, err)
	}
	defer in.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, hinted(p, err)
	}
	head = head[:n]
	f := &File{Path: p, MediaType: MediaTypeOf(p, head)}
	f.Page = isPage(f.MediaType)
	limit := int64(MaxFileBytes)
	if searched(f.MediaType) {
		limit = MaxSearchBytes
	}
	limit = min(limit, MaxBuildBytes-r.bytes)
	sum := sha256.New()
	var text bytes.Buffer
	var to io.Writer = sum
	if searched(f.MediaType) {
		to = io.MultiWriter(sum, &text)
	}
	f.SizeBytes, err = io.Copy(to, io.LimitReader(io.MultiReader(bytes.NewReader(head), in), limit+1))
	if err != nil {
		return nil, hinted(p, err)
	}
	if f.SizeBytes > limit {
		return nil, fmt.Errorf("%s: too large: a file may have %d bytes, a page, css or script %d, a build %d in all; leave it out of the comparison or split it",
			p, int64(MaxFileBytes), int64(MaxSearchBytes), int64(MaxBuildBytes))
	}
	if r.text += int64(text.Len()); r.text > MaxTextBytes {
		return nil, fmt.Errorf("%s: too large: the pages, css and scripts of a build may have %d bytes in all; give a smaller part of the site", p, int64(MaxTextBytes))
	}
	r.bytes += f.SizeBytes
	sum.Sum(f.Hash[:0])
	if searched(f.MediaType) {
		f.text = append([]byte{}, text.Bytes()...) // never nil: nil means "not kept"
	}
	return f, nil
}

// hinted says what to do about a file that cannot be read.
func hinted(p string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err // the path stands before it already
	}
	hint := "is the file damaged?"
	switch {
	case errors.Is(err, fs.ErrPermission):
		hint = "give read permission to it"
	case errors.Is(err, fs.ErrNotExist):
		hint = "a link that leads nowhere, or a build still being written"
	}
	return fmt.Errorf("%s: %w; %s", p, err, hint)
}
