package distribution

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"staleproof/cachepolicy"
)

// Every switch is described, and nothing is that is none.
func TestEverySwitchIsDescribed(t *testing.T) {
	doc, err := os.ReadFile("../../docs/EMULATION.md")
	if err != nil {
		t.Fatal(err)
	}
	var described []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllSubmatch(doc, -1) {
		described = append(described, string(m[1]))
	}
	fields := reflect.TypeFor[cachepolicy.Emulation]()
	var known []string
	for i := range fields.NumField() {
		known = append(known, switchName(fields.Field(i).Name))
	}
	for _, name := range known {
		if !slices.Contains(described, name) {
			t.Errorf("docs/EMULATION.md does not describe %s", name)
		}
	}
	for _, name := range described {
		if !slices.Contains(known, name) {
			t.Errorf("docs/EMULATION.md describes %s, which is no switch", name)
		}
	}
}

// Every dispute has a switch, or the document says why not.
func TestEveryDisputeIsAnswered(t *testing.T) {
	doc, err := os.ReadFile("../../docs/EMULATION.md")
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := os.ReadFile("../../docs/cloudfront/caching.md")
	if err != nil {
		t.Fatal(err)
	}
	disputes := regexp.MustCompile(`(?m)^\| (D-\d+) `).FindAllSubmatch(ledger, -1)
	if len(disputes) != 18 {
		t.Errorf("%d disputes read, want 18", len(disputes))
	}
	for _, m := range disputes {
		if !regexp.MustCompile(string(m[1]) + `\b`).Match(doc) {
			t.Errorf("docs/EMULATION.md says nothing of %s", m[1])
		}
	}
}
