package distribution

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestSameWhateverTheSource reads the files of each case of testdata/same, where the
// folder of a file tells the source: each source gives the same distributions.
// Generated ids are left out, since each source makes its own.
func TestSameWhateverTheSource(t *testing.T) {
	cases, err := filepath.Glob("testdata/same/*.txt")
	if err != nil || len(cases) == 0 {
		t.Fatalf("testdata/same has no cases (%v)", err)
	}
	for _, name := range cases {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, ps := parts(b)
		var order []string
		sources := map[string][]Source{}
		for _, p := range ps {
			folder, file, _ := strings.Cut(p.name, "/")
			if sources[folder] == nil {
				order = append(order, folder)
			}
			sources[folder] = append(sources[folder], Source{Name: file, Data: []byte(p.text)})
		}
		want := withoutIDs(t, sources["ours"])
		for _, folder := range order {
			t.Run(filepath.Base(name)+"/"+folder, func(t *testing.T) {
				got := withoutIDs(t, sources[folder])
				if !reflect.DeepEqual(got, want) {
					for i := range min(len(got), len(want)) {
						t.Errorf("%s is read as\n%s\nwant what ours is\n%s", folder, got[i].YAML(), want[i].YAML())
					}
					t.Errorf("%s has %d distributions, ours %d", folder, len(got), len(want))
				}
			})
		}
	}
}

// withoutIDs reads sources and takes away the ids that are made up.
func withoutIDs(t *testing.T, sources []Source) []*Distribution {
	t.Helper()
	ds, _, err := ReadSources(sources)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ds {
		d.ID, d.Domain = "", ""
		for i := range d.Behaviors {
			b := &d.Behaviors[i]
			b.Terms.Policy.ID, b.Terms.OriginRequest.ID = "", ""
			if b.ResponseHeaders != nil {
				p := *b.ResponseHeaders
				p.ID = ""
				b.ResponseHeaders = &p
			}
		}
	}
	return ds
}
