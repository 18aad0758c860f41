package distribution

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// FuzzRead reads anything: no panic; an error is an Errors that names the file;
// what is read passes its own check, is read the same again, and is the same when
// written and read.
func FuzzRead(f *testing.F) {
	cases, _ := filepath.Glob("testdata/corpus/*.txt")
	for _, name := range cases {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		_, ps := parts(b)
		for _, p := range ps {
			f.Add([]byte(p.text))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<14 {
			return // what is large is bounded by rows, not by chance
		}
		ds, _, err := ReadSources([]Source{{Name: "in", Data: b}})
		if err != nil {
			var es Errors
			if !errors.As(err, &es) || len(es) == 0 || len(es) > maxErrors || es[0].File != "in" || strings.Contains(es[0].Error(), "\n") {
				t.Fatalf("%q: the error %v is not an Errors that names the file", b, err)
			}
			return
		}
		again, _, _ := ReadSources([]Source{{Name: "in", Data: b}})
		if !reflect.DeepEqual(ds, again) {
			t.Fatalf("%q: read twice, it differs", b)
		}
		for _, d := range ds {
			if err := d.Check(); err != nil {
				t.Fatalf("%q: read, but %v", b, err)
			}
			text := d.YAML()
			if same, _, err := Read("written", text); err != nil || !reflect.DeepEqual(same, d) {
				t.Fatalf("%q: written as\n%s\nread as %+v, %v\nwant %+v", b, text, same, err, d)
			}
			d.Behavior("/a//b/../%2e")
			Find(ds, "www.example.com")
		}
	})
}
