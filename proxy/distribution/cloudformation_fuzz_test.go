package distribution

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// FuzzTemplate reads anything as a template, beside another that exports: no panic;
// an error is an Errors, each on a line; what is read passes its own check, is read
// the same again, and is the same when written and read; it takes no longer than the
// bounds allow.
func FuzzTemplate(f *testing.F) {
	for _, glob := range []string{"testdata/cloudformation/*.txt", "testdata/same/*.txt"} {
		cases, _ := filepath.Glob(glob)
		for _, name := range cases {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			_, ps := parts(b)
			for _, p := range ps {
				f.Add([]byte(p.text), "Stage", "prod")
			}
		}
	}
	beside := Source{Name: "beside.json", Data: []byte(`{"Resources": {"Site": {"Type": "AWS::S3::Bucket"}},
	  "Outputs": {"O": {"Value": {"Fn::GetAtt": ["Site", "DomainName"]}, "Export": {"Name": "host"}}}}`)}
	f.Fuzz(func(t *testing.T, b []byte, parameter, value string) {
		if len(b) > 1<<14 {
			return // what is large is bounded by rows, not by chance
		}
		options := Options{Imports: Imports{"imported": "imported.example.com"}}
		if strings.Contains(string(b), parameter) && parameter != "" {
			options.Parameters = Parameters{parameter: value}
		}
		sources := []Source{{Name: "in", Data: b}, beside}
		began := time.Now()
		ds, notes, err := options.ReadSources(sources)
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("%q: took %v", b, took)
		}
		if err != nil {
			var es Errors
			if !errors.As(err, &es) || len(es) == 0 || len(es) > maxErrors || es[0].File == "" || strings.Contains(es[0].Error(), "\n") {
				t.Fatalf("%q: the error %v is not an Errors that names the file", b, err)
			}
			return
		}
		again, notesAgain, _ := options.ReadSources(sources)
		if !reflect.DeepEqual(ds, again) || !reflect.DeepEqual(notes, notesAgain) {
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
		}
	})
}
