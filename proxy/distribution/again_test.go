package distribution

import (
	"crypto/sha256"
	"testing"
)

// TestReadAgain: what is read again is the same distribution, unless it says
// otherwise.
func TestReadAgain(t *testing.T) {
	const one = "origins: {web: http://localhost:1}\ndefaultCacheBehavior: {policy: CachingOptimized}\n"
	read := func(o Options, text string) *Distribution {
		t.Helper()
		ds, _, err := o.ReadSources([]Source{{Name: "site.yaml", Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		return ds[0]
	}
	again := Options{First: map[string][sha256.Size]byte{}}
	first := read(again, one)
	for _, tt := range []struct {
		name    string
		options Options
		text    string
		same    bool
	}{
		{"the same text", Options{}, one, true},
		{"another text, read for itself", Options{}, one + "comment: new\n", false},
		{"another text, read again", again, one + "comment: new\n", true},
		{"and again", again, one + "comment: newer\n", true},
		{"an id of its own", again, one + "id: E1A2B3C4D5E6F7\n", false},
	} {
		d := read(tt.options, tt.text)
		if (d.ID == first.ID) != tt.same {
			t.Errorf("%s: id %s after %s", tt.name, d.ID, first.ID)
		}
		if d.Domain == first.Domain != tt.same && tt.name != "an id of its own" {
			t.Errorf("%s: domain %s after %s", tt.name, d.Domain, first.Domain)
		}
	}
}
