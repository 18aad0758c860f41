package distribution

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// What Terraform prints may be larger than other JSON, and is not read without end.
func TestLoadPlans(t *testing.T) {
	head := `{ "format_version": "1.2", "a": "`
	files := fstest.MapFS{
		"large.json":  {Data: []byte(head + strings.Repeat("b", 8<<20) + `"}`)},
		"larger.json": {Data: []byte(head + strings.Repeat("b", 40<<20) + `"}`)},
		"other.json":  {Data: []byte(`{"a": "` + strings.Repeat("b", 8<<20) + `"}`)},
	}
	open := func(name string) (fs.File, error) { return files.Open(name) }
	for _, row := range []struct{ file, want string }{
		{"large.json", ""},
		{"larger.json", "larger.json: larger than the 32 MiB that are read of a file"},
		{"other.json", "other.json: larger than the 4 MiB that are read of a file"},
	} {
		sources, err := Load(open, row.file)
		if row.want != "" {
			if err == nil || err.Error() != row.want {
				t.Errorf("%s: the error is %v, want %s", row.file, err, row.want)
			}
		} else if err != nil || len(sources) != 1 || len(sources[0].Data) != len(files[row.file].Data) {
			t.Errorf("%s: %d sources, %v", row.file, len(sources), err)
		}
	}
}
