package distribution

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestSameWhateverTheSource reads the files of each case of testdata/same, where the
// folder of a file tells the source: each source gives the same distributions, or the
// same mistakes. Generated ids are left out, since each source makes its own.
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
		// What Terraform made of the module of the same name. [CFG-17]
		plans, _ := filepath.Glob("testdata/terraform/" + strings.TrimSuffix(filepath.Base(name), ".txt") + "/*.json")
		for _, file := range plans {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			folder := "terraform " + strings.TrimSuffix(filepath.Base(file), ".json")
			order, sources[folder] = append(order, folder), []Source{{Name: filepath.Base(file), Data: b}}
		}
		want, wantErr := withoutIDs(sources["ours"])
		for _, folder := range order {
			t.Run(filepath.Base(name)+"/"+folder, func(t *testing.T) {
				got, err := withoutIDs(sources[folder])
				if mistakes(err) != mistakes(wantErr) {
					t.Errorf("%s has the mistakes\n%s\nours\n%s", folder, mistakes(err), mistakes(wantErr))
				}
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

// withoutIDs reads sources and takes away the ids that are made up, and the order
// where CloudFront has none.
func withoutIDs(sources []Source) ([]*Distribution, error) {
	ds, _, err := ReadSources(sources)
	if err != nil {
		return nil, err
	}
	for i, d := range ds {
		d = clone(d)
		d.ID, d.Domain = "", ""
		for i := range d.Behaviors {
			b := &d.Behaviors[i]
			b.Terms.Policy.ID, b.Terms.OriginRequest.ID = "", ""
			if b.ResponseHeaders != nil {
				b.ResponseHeaders.ID = ""
			}
		}
		orderless(d)
		ds[i] = d
	}
	return ds, nil
}

// mistakes are what is wrong and what AWS calls it, without the place, which each
// source has its own words for.
func mistakes(err error) string {
	var es Errors
	if !errors.As(err, &es) {
		return ""
	}
	var lines []string
	for _, e := range es {
		lines = append(lines, e.Code+": "+e.What)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
