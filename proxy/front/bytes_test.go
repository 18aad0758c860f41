package front

import (
	"net/http"
	"strings"
	"testing"
)

// TestHasControl: looking at eight bytes at a time finds what looking at each
// finds, wherever it stands.
func TestHasControl(t *testing.T) {
	for _, fill := range []byte{' ', '\t', '~', 0x80, 0xff} {
		for c := range 256 {
			for at := range 20 {
				b := []byte(strings.Repeat(string([]byte{fill}), 20))
				b[at] = byte(c)
				if got, want := hasControl(b), c < 0x20 && c != '\t' || c == 0x7f; got != want {
					t.Fatalf("%q: got %v, want %v", b, got, want)
				}
			}
		}
	}
}

// TestCanonical: names become what net/http makes of them.
func TestCanonical(t *testing.T) {
	for _, name := range []string{"a", "A", "x-a", "X-A", "x--y", "-", "ETAG", "dnt", "a_b-c!d", "1a-2B", "X-Amz-Cf-ID"} {
		var f fields
		if fault := f.read([]byte(name + ": v\r\n")); fault != nil {
			t.Fatalf("%q: %s", name, fault.Reason)
		}
		if want := http.CanonicalHeaderKey(name); f.header.Get(want) != "v" || len(f.header[want]) != 1 {
			t.Errorf("%q: got %v, want %q", name, f.header, want)
		}
	}
}
