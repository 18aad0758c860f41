package bucket

import (
	"crypto/md5"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTypes(t *testing.T) {
	for key, want := range map[string]string{
		"a.html": "text/html", "a/b.CSS": "text/css", "x.js": "text/javascript", "x.json": "application/json", "x.svg": "image/svg+xml", "x.svgz": "image/svg+xml",
		"x.js.gz": "text/javascript", "x.js.br": "text/javascript", "x.tar.gz": "application/x-tar", "x.tgz": "application/x-tar", "x.gz": unknownType,
		"x.woff2": "font/woff2", "favicon.ico": "image/vnd.microsoft.icon", "x": unknownType, ".html": unknownType, "..js": unknownType, "x.map": unknownType,
		"a.html/x": unknownType, "x.": unknownType,
	} {
		if got := typeOf(key); got != want {
			t.Errorf("S3-28: %s is %s, want %s", key, got, want)
		}
	}
}

// zeros are as many as wanted, without their memory.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) { clear(p); return len(p), nil }

// TestETags has values of S3's for zeros, worked out with md5sum as S3-27 says.
func TestETags(t *testing.T) {
	sum := func(n int64) []byte {
		h := md5.New()
		io.CopyN(h, io.NewSectionReader(zeros{}, 0, n), n)
		return h.Sum(nil)
	}
	quoted := func(b []byte, parts string) string { return `"` + hex.EncodeToString(b) + parts + `"` }
	of := func(sums ...[]byte) []byte {
		h := md5.New()
		for _, s := range sums {
			h.Write(s)
		}
		return h.Sum(nil)
	}
	for size, want := range map[int64]string{
		0:                   `"d41d8cd98f00b204e9800998ecf8427e"`,
		partBytes - 1:       quoted(sum(partBytes-1), ""),
		partBytes:           quoted(of(sum(partBytes)), "-1"),
		2*partBytes + 1<<20: quoted(of(sum(partBytes), sum(partBytes), sum(1<<20)), "-3"),
	} {
		if got, err := etagOf(zeros{}, size); err != nil || got != want {
			t.Errorf("S3-27: %d bytes: %s %v, want %s", size, got, err, want)
		}
	}
	if _, err := etagOf(strings.NewReader("short"), 10); err == nil {
		t.Error("a file that has become shorter has an ETag")
	}
	for size, want := range map[int64]int64{partBytes * maxParts: partBytes, partBytes*maxParts + 1: 2 * partBytes, 5 << 40: 1 << 30} {
		if got := partOf(size); got != want {
			t.Errorf("S3-27: parts of %d bytes are %d, want %d", size, got, want)
		}
	}
}

func TestETagsAreBounded(t *testing.T) {
	var e etags
	for i := range maxETags + 10 {
		e.keep(strings.Repeat("a", i%100)+string(rune('0'+i)), kept{})
	}
	if len(e.kept) > maxETags {
		t.Errorf("%d are kept", len(e.kept))
	}
}

// TestRangesStayInside: a range has bytes of the object only, and at least one.
func TestRangesStayInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.StringMatching(`bytes=[0-9]{0,4}-[0-9]{0,4}`), rapid.String()).Draw(t, "range")
		size := rapid.Int64Range(0, 2000).Draw(t, "size")
		r, ok := parseRange(text, size)
		switch {
		case !r.asked && (!ok || r.from != 0 || r.length != size):
			t.Fatalf("not asked: %+v %v", r, ok)
		case r.asked && ok && (r.from < 0 || r.length < 1 || r.from+r.length > size):
			t.Fatalf("outside: %+v", r)
		}
	})
}

// FuzzKeys: whatever a path is, its file is inside.
func FuzzKeys(f *testing.F) {
	for _, seed := range []string{"/", "/a", "/../a", "/a/../../b", "/%2e%2e/x", `/..\x`, "//a", "/C:/x", "/a%00", "/_headers"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		key, p := keyOf(path)
		if p != nil {
			return
		}
		for part := range strings.SplitSeq(fileOf(key), "/") {
			if part == ".." || part == "." || strings.ContainsRune(part, 0) {
				t.Errorf("%q is the file %q", path, fileOf(key))
			}
		}
	})
}
