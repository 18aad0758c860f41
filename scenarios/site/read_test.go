package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// brokenFS is a build in which one file cannot be read.
type brokenFS struct {
	fs.FS
	path string
	err  error
}

func (b brokenFS) Open(p string) (fs.File, error) {
	if p == b.path {
		return nil, &fs.PathError{Op: "open", Path: p, Err: b.err}
	}
	return b.FS.Open(p)
}

func TestReadTellsFilesApart(t *testing.T) {
	b, err := Read("1", fstest.MapFS{
		"index.html":           {Data: []byte("<!doctype html><p>hello")},
		"css/site.CSS":         {Data: []byte("p{}")},
		"about":                {Data: []byte("\ufeff <!DOCTYPE html><p>about")},
		"docs/index.html":      {Data: []byte("<html>")},
		"img/a b.png":          {Data: []byte("png")},
		"data.bin":             {Data: []byte("<html>")},
		".git/config.html":     {Data: []byte("<html>")},
		".well-known/keys.txt": {Data: []byte("k")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []File{
		{Path: ".well-known/keys.txt", URL: "/.well-known/keys.txt", MediaType: "text/plain"},
		{Path: "about", URL: "/about", MediaType: "text/html", Page: true},
		{Path: "css/site.CSS", URL: "/css/site.CSS", MediaType: "text/css"},
		{Path: "data.bin", URL: "/data.bin", MediaType: "application/octet-stream"},
		{Path: "docs/index.html", URL: "/docs/", MediaType: "text/html", Page: true},
		{Path: "img/a b.png", URL: "/img/a%20b.png", MediaType: "image/png"},
		{Path: "index.html", URL: "/", MediaType: "text/html", Page: true},
	}
	if len(b.Files) != len(want) {
		t.Fatalf("got %d files, want %d", len(b.Files), len(want))
	}
	for i, w := range want {
		f := b.Files[i]
		if f.Path != w.Path || f.URL != w.URL || f.MediaType != w.MediaType || f.Page != w.Page {
			t.Errorf("file %d: got %s %s %s page=%v, want %s %s %s page=%v", i, f.Path, f.URL, f.MediaType, f.Page, w.Path, w.URL, w.MediaType, w.Page)
		}
		body, err := b.Bytes(f)
		if err != nil || HashOf(body) != f.Hash || int64(len(body)) != f.SizeBytes {
			t.Errorf("%s: bytes %q, err %v, do not have hash and size of the file", f.Path, body, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	page := fstest.MapFS{"index.html": {Data: []byte("<html>")}, "a/x.css": {Data: []byte("p{}")}}
	rows := []struct {
		name string
		fsys fs.FS
		want []string
	}{
		{"a folder without HTML", fstest.MapFS{"src/a.js": {}}, []string{"build b", "no HTML", "index.html"}},
		{"an empty folder", fstest.MapFS{}, []string{"no HTML", "0 files"}},
		{"a file without permission", brokenFS{page, "a/x.css", fs.ErrPermission}, []string{"a/x.css", "permission", "give read permission"}},
		{"a file that vanished", brokenFS{page, "a/x.css", fs.ErrNotExist}, []string{"a/x.css", "link that leads nowhere"}},
		{"a damaged file", brokenFS{page, "a/x.css", errors.New("input/output error")}, []string{"a/x.css: input/output error", "damaged"}},
		{"a style sheet of 16 MiB and one byte", fstest.MapFS{"index.html": {}, "x.css": {Data: make([]byte, MaxSearchBytes+1)}}, []string{"x.css: too large", "16777216"}},
		{"a pipe", fstest.MapFS{"index.html": {}, "p": {Mode: fs.ModeNamedPipe}}, []string{"p: is no regular file", "remove it"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := Read("b", r.fsys)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, w := range r.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q: want %q in it", err, w)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error has more than one line: %q", err)
			}
		})
	}
	b, err := Read("b", fstest.MapFS{"index.html": {}, "x.css": {Data: make([]byte, MaxSearchBytes)}})
	if err != nil || len(b.Files) != 2 {
		t.Errorf("a style sheet of exactly 16 MiB: got %v, want it read", err)
	}
}

func TestReadDirRefusesAndReads(t *testing.T) {
	dir := t.TempDir()
	write := func(p, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(p)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, p), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("dist/index.html", "<html>")
	b, err := ReadDir(filepath.Join(dir, "dist"))
	if err != nil || b.Name != "dist" {
		t.Fatalf("got %v %v, want build dist", b, err)
	}
	if _, err := ReadDir(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "give the folder") {
		t.Errorf("absent folder: got %v", err)
	}
	if _, err := ReadDir(filepath.Join(dir, "dist/index.html")); err == nil || !strings.Contains(err.Error(), "is a file") {
		t.Errorf("a file: got %v", err)
	}
	write("latin/index.html", "<html>")
	if err := os.WriteFile(filepath.Join(dir, "latin/caf\xe9.css"), nil, 0o644); err == nil { // some systems have no such names
		if _, err := ReadDir(filepath.Join(dir, "latin")); err == nil || !strings.Contains(err.Error(), `build latin: "caf\xe9.css": its name is not UTF-8; rename it`) {
			t.Errorf("a name that is not UTF-8: got %v", err)
		}
	}
	write("other/x.css", "")
	if err := os.Symlink("../other", filepath.Join(dir, "dist/linked")); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadDir(filepath.Join(dir, "dist")); err == nil || !strings.Contains(err.Error(), "linked: is a link to a folder") {
		t.Errorf("a link to a folder: got %v", err)
	}
}

func TestBytesNoticesAChangedFile(t *testing.T) {
	fsys := fstest.MapFS{"index.html": {Data: []byte("<html>")}, "a.png": {Data: []byte("one")}}
	b, err := Read("b", fsys)
	if err != nil {
		t.Fatal(err)
	}
	fsys["a.png"] = &fstest.MapFile{Data: []byte("two")}
	f, _ := b.File("a.png")
	if _, err := b.Bytes(f); err == nil || !strings.Contains(err.Error(), "a.png has changed") {
		t.Errorf("got %v, want an error that a.png has changed", err)
	}
}

func TestBaseMustBeAPath(t *testing.T) {
	for _, base := range []string{"app/", "http://x/", "/a?b", "/a#b"} {
		if _, err := ReadWith("b", fstest.MapFS{"index.html": {}}, Options{Base: base}); err == nil {
			t.Errorf("base %q: got no error", base)
		}
	}
}

// TestReadTellsItsProgress: each file is counted once when it is read, and once when it is
// searched, by whom ever.
func TestReadTellsItsProgress(t *testing.T) {
	files := fstest.MapFS{"index.html": {Data: []byte("<html>")}, ".git/x": {Data: []byte("x")}}
	for i := range 50 {
		files[fmt.Sprintf("p/%d.html", i)] = &fstest.MapFile{Data: []byte("<html>")}
	}
	told := map[string]int{}
	last := ""
	b, err := ReadWith("1", files, Options{Progress: func(what string, done, of int) {
		if told[what]++; done != told[what] || of != 51 || what == Reading && last == Searching {
			t.Fatalf("told %s %d of %d after %d %s", what, done, of, told[what]-1, last)
		}
		last = what
	}})
	if err != nil {
		t.Fatal(err)
	}
	if told[Reading] != 51 || told[Searching] != 51 {
		t.Errorf("told %v, want 51 of each", told)
	}
	if b.options.Progress != nil {
		t.Error("the build keeps who was told")
	}
}
