package site

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	"github.com/andybalholm/brotli"
)

// compressed is text in a content coding.
func compressed(t *testing.T, coding, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = brotli.NewWriter(&b)
	if coding == "gzip" {
		w = gzip.NewWriter(&b)
	}
	io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCopies finds compressed copies, and what is in them.
func TestCopies(t *testing.T) {
	whole := compressed(t, "gzip", "b{}")
	b, err := FromFiles("2", map[string][]byte{
		"index.html": []byte("<!doctype html>"), "a.css": []byte("a{}"), "a.css.br": compressed(t, "br", "a{}"), "a.css.gz": compressed(t, "gzip", "old{}"),
		"b.css": []byte("b{}"), "b.css.gz": whole[:len(whole)-9], "b.css.br": []byte("b{}"), "lonely.css.br": compressed(t, "br", "a{}"),
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	copies, err := b.Copies()
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		path, of, coding string
		stale, damaged   bool
	}{{"a.css.br", "a.css", "br", false, false}, {"a.css.gz", "a.css", "gzip", true, false}, {"b.css.br", "b.css", "br", true, true}, {"b.css.gz", "b.css", "gzip", true, true}}
	if len(copies) != len(want) {
		t.Fatalf("got %d copies, want %d: %+v", len(copies), len(want), copies)
	}
	for i, w := range want {
		c := &copies[i]
		if c.File.Path != w.path || c.Of.Path != w.of || c.Coding != w.coding || c.Stale() != w.stale || (c.Err != nil) != w.damaged {
			t.Errorf("got %s of %s (%s), stale %v, error %v; want %+v", c.File.Path, c.Of.Path, c.Coding, c.Stale(), c.Err, w)
		}
	}
}

// TestCopiesAreBounded has a copy that decompresses to more than a copy may have.
func TestCopiesAreBounded(t *testing.T) {
	b, err := FromFiles("2", map[string][]byte{
		"index.html": []byte("<!doctype html>"), "a.css": []byte("a{}"), "a.css.gz": compressed(t, "gzip", string(make([]byte, MaxCopyBytes+1))),
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	copies, err := b.Copies()
	if err != nil || len(copies) != 1 || copies[0].Err == nil {
		t.Errorf("got %+v, %v; want one copy that cannot be decompressed", copies, err)
	}
}
