package site

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestClashesNameBothFiles(t *testing.T) {
	one := site(t, "1", Options{}, "index.html", "<link rel=stylesheet href=/s.css>\n<p>1", "s.css", "a{}", "manifest.json", "1", "same.png", "p")
	two := site(t, "2", Options{}, "index.html", "<p>2\n<link rel=stylesheet href=/s.css>", "s.css", "b{}", "manifest.json", "2", "same.png", "p")
	table := Bind(one, two)
	clashes := table.Clashes()
	if len(clashes) != 1 {
		t.Fatalf("got clashes %v, want one: pages and unreachable files do not count", clashes)
	}
	c := clashes[0]
	if c.URL != "/s.css" || c.First.Build != "1" || c.First.From != "index.html:1" || c.Second.Build != "2" || c.Second.From != "index.html:2" || c.First.Hash == c.Second.Hash {
		t.Errorf("got %+v, want /s.css of builds 1 and 2 with where each names it", c)
	}
	if s := c.String(); !strings.Contains(s, c.First.Hash.Short()) || !strings.Contains(s, "s.css of build 2") || !strings.Contains(s, "index.html:2") {
		t.Errorf("text %q does not name both files", s)
	}
	if notes := table.Unreachable(); len(notes) != 1 || notes[0].URL != "/manifest.json" {
		t.Errorf("got unreachable clashes %v, want /manifest.json", notes)
	}
}

func TestProvenanceIsDetectedFromBytes(t *testing.T) {
	one := site(t, "old", Options{}, "index.html", "1", "a.js", "same", "a2.js", "same", "b.js", "x")
	two := site(t, "new", Options{}, "index.html", "2", "moved.js", "same", "b.js", "y")
	table := Bind(one, two)
	rows := []struct {
		bytes string
		want  []string
	}{{"1", []string{"old"}}, {"2", []string{"new"}}, {"same", []string{"old", "new"}}, {"torn", nil}}
	for _, r := range rows {
		if got := table.Lookup(HashOf([]byte(r.bytes))); !reflect.DeepEqual(got, r.want) {
			t.Errorf("bytes %q: got builds %v, want %v", r.bytes, got, r.want)
		}
	}
	if got := fmt.Sprint(len(table.Files(HashOf([]byte("same"))))); got != "3" {
		t.Errorf("got %s files with the same bytes, want 3", got)
	}
}

func TestBuildsOfOneNameStayApart(t *testing.T) {
	one := site(t, "dist", Options{}, "index.html", "<script src=a.js></script>", "a.js", "1")
	two := site(t, "dist", Options{}, "index.html", "<script src=a.js></script>", "a.js", "2")
	if n := len(Bind(one, two).Clashes()); n != 1 {
		t.Errorf("got %d clashes, want 1", n)
	}
	if n := Compare(one, two).Counts[Rebound]; n != 1 {
		t.Errorf("got %d rebound, want 1", n)
	}
}

// What each strategy binds, and what a server with another build would answer: the
// static half of the matrix.
func TestDemoBindings(t *testing.T) {
	rows := []struct {
		strategy         Strategy
		inner            Inner
		clashes, rebound int
	}{
		{Plain, InnerRewritten, 4, 4},
		{QueryRelease, InnerRewritten, 0, 12},
		{QueryRelease, InnerBare, 2, 11},
		{QueryHash, InnerRewritten, 0, 10},
		{QueryHash, InnerBare, 2, 9},
		{DirectoryRewritten, InnerRewritten, 0, 12},
		{Directory, InnerRewritten, 0, 0},
		{Directory, InnerBare, 0, 0}, // its references are relative and follow the URL
		{HashedName, InnerRewritten, 0, 0},
		{HashedName, InnerBare, 2, 2},
	}
	for _, r := range rows {
		t.Run(string(r.strategy)+" "+string(r.inner), func(t *testing.T) {
			table := Bind(demo(t, r.strategy, r.inner)...)
			if got := len(table.Clashes()); got != r.clashes {
				t.Errorf("got %d clashes, want %d: %v", got, r.clashes, table.Clashes())
			}
			if got := len(table.Rebound()); got != r.rebound {
				t.Errorf("got %d rebound, want %d: %v", got, r.rebound, table.Rebound())
			}
		})
	}
}

func demo(t testing.TB, s Strategy, inner Inner) []*Build {
	t.Helper()
	builds, err := Demo(s, inner)
	if err != nil {
		t.Fatal(err)
	}
	return builds
}
