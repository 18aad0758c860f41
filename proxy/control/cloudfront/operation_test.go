package cloudfront

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestWhatIsNotEmulatedSaysSo: in AWS's shape, under the operation's name.
func TestWhatIsNotEmulatedSaysSo(t *testing.T) {
	w := open(t, nil)
	for _, o := range unemulated() {
		a := w.call(o.method, strings.NewReplacer("{id}", "x", "{invalidation}", "y").Replace(o.path), "")
		if a.status != 400 || a.value("Code") != "UnsupportedOperation" || !strings.HasPrefix(a.value("Message"), o.name+" is not emulated") {
			t.Errorf("API-211: %s: got %d %s", o.name, a.status, a.body)
		}
	}
	for _, path := range []string{"/nothing", "/distribution/E1/nothing"} {
		if a := w.must(400, "GET", path, ""); a.value("Code") != "InvalidURI" || a.value("Message") != "Could not parse the specified URI." {
			t.Errorf("API-28: got %s", a.body)
		}
	}
	id := w.created("d").value("Id")
	if a := w.must(404, "GET", "/distributions/"+id+"/monitoring-subscription", ""); a.value("Code") != "NoSuchMonitoringSubscription" {
		t.Errorf("API-190: got %s", a.body)
	}
}

// TestTheDocumentNamesEveryOperation compares docs/CONTROL.md with what there is.
func TestTheDocumentNamesEveryOperation(t *testing.T) {
	b, err := os.ReadFile("../../../docs/CONTROL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(b), "## CloudFront's own API")
	emulated, not, _ := strings.Cut(section, "### Not emulated")
	names := func(text string) map[string]bool {
		all := map[string]bool{}
		for _, name := range regexp.MustCompile("`([A-Z][A-Za-z]+)`").FindAllStringSubmatch(text, -1) {
			all[name[1]] = true
		}
		return all
	}
	for _, row := range []struct {
		named      map[string]bool
		operations []operation
	}{{names(emulated), operations()}, {names(not), unemulated()}} {
		for _, o := range row.operations {
			if !row.named[o.name] {
				t.Errorf("docs/CONTROL.md does not name %s in its place", o.name)
			}
		}
	}
}

// TestEveryOperationOfTheModel: there are 167 in the API's model, and each is
// answered. Three share a path with another one.
func TestEveryOperationOfTheModel(t *testing.T) {
	n := len(operations()) + len(unemulated()) + len([]string{"CreateDistributionWithTags", "UntagResource", "CreateStreamingDistributionWithTags"})
	if n != 167 {
		t.Errorf("got %d operations, want 167", n)
	}
}
