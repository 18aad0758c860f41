package distribution

import (
	"io/fs"
	"os"
	"reflect"
	"testing"

	"staleproof/cachepolicy"
)

// TestWhatCDKWrites reads what cdk synth (aws-cdk 2.1148, aws-cdk-lib 2.276) made of
// a static site: a bucket with OAC, pages that are not cached, assets with a hash in
// their names, and styles with ?v= in the key. [CFG-14], [CFG-15], [CFG-26]
func TestWhatCDKWrites(t *testing.T) {
	open := func(name string) (fs.File, error) { return os.Open("testdata/" + name) }
	read := func(names ...string) (*Distribution, []Note) {
		sources, err := Load(open, names...)
		if err != nil {
			t.Fatal(err)
		}
		ds, notes, err := ReadSources(sources)
		if err != nil || len(ds) != 1 {
			t.Fatalf("%v is read as %d distributions: %v", names, len(ds), err)
		}
		return ds[0], notes
	}
	d, notes := read("cdk.out")
	if alone, _ := read("cdk.out/StaticSite.template.json"); !reflect.DeepEqual(alone, d) {
		t.Errorf("the template alone is read as\n%s\nthe folder as\n%s", alone.YAML(), d.YAML())
	}
	if len(notes) != 4 {
		t.Errorf("the notes are %v, want those of other resources, OAC, HTTP version and IPv6", notes)
	}
	o := d.Origins[0]
	if o.Domain != "staticsite-bucket83908e77-r99gyje8n4c3.s3.us-east-1.amazonaws.com" || !o.S3 || !hostName(o.Domain) {
		t.Errorf("the origin is %+v, want a bucket", o)
	}
	versioned := cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"v"}}
	for i, want := range []struct {
		pattern, policy string
		queries         cachepolicy.Selection
	}{{"/assets/*", "CachingOptimized", cachepolicy.Selection{}}, {"/css/*", "by-version", versioned}, {"*", "CachingDisabled", cachepolicy.Selection{}}} {
		b := d.Behaviors[i]
		if b.PathPattern != want.pattern || b.Terms.Policy.Name != want.policy || !reflect.DeepEqual(b.Terms.Policy.QueryStrings, want.queries) || !b.Terms.S3 {
			t.Errorf("behavior %d is %s with %+v, want %+v", i, b.PathPattern, b.Terms.Policy, want)
		}
	}
}
