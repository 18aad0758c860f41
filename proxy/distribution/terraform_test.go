package distribution

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTerraform reads plans and states that Terraform 1.11 made of the modules beside
// them with version 5.100 of the provider, and compares what comes out. CFG-17 to
// CFG-20, CFG-23
func TestTerraform(t *testing.T) {
	files, err := filepath.Glob("testdata/terraform/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/terraform has no cases (%v)", err)
	}
	for _, name := range files {
		short := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(name), "testdata/terraform/"), ".json")
		t.Run(short, func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := outcome(t, Options{}, []Source{{Name: filepath.Base(name), Data: b}})
			wanted := strings.TrimSuffix(name, ".json") + ".want"
			if *update {
				if err := os.WriteFile(wanted, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, _ := os.ReadFile(wanted)
			if got != string(want) {
				t.Errorf("%s\nread as\n%s\nwant\n%s", name, got, want)
			}
		})
	}
}
