package audit

import (
	"fmt"
	"strings"

	"staleproof/scenarios/site"
)

// maxNamed is how many files one finding names; it counts the rest.
const maxNamed = 5

// bindings finds URLs that stand for other bytes in another build.
func (a *auditor) bindings() []Finding {
	var out []Finding
	for _, c := range a.table.Clashes() {
		out = append(out, Finding{
			Class: Binding, Build: c.Second.Build, URL: c.URL, Where: c.Second.From,
			What: fmt.Sprintf("one URL, two files: %s in %s, %s in %s",
				c.First.Hash.Short(), c.First.Build, c.Second.Hash.Short(), c.Second.Build),
			Repair: bindingRepair(a.strategy(c.URL)), Diff: a.diff(c),
		})
	}
	for _, c := range a.rebound() {
		if !strings.Contains(c.URL, "?") {
			out = append(out, Finding{
				Class: Binding, Build: c.First.Build, URL: c.URL, Where: c.First.From,
				What:   fmt.Sprintf("a server with %s answers this URL of %s with other bytes", c.Second.Build, c.First.Build),
				Repair: bindingRepair(site.DirectoryRewritten), Diff: a.diff(c),
			})
		}
	}
	if rest := a.table.Unreachable(); len(rest) > 0 {
		var names []string
		for _, c := range rest {
			names = append(names, c.URL)
		}
		out = append(out, Finding{
			Class: Binding, Note: true, Build: rest[0].Second.Build, URL: rest[0].URL,
			What: "other bytes under one URL, to which no page leads: " + some(names),
		})
	}
	return out
}

// bindingRepair is what makes one URL one byte string, by how it is versioned now.
func bindingRepair(s site.Strategy) string {
	switch s {
	case site.Plain:
		return "give it a URL with a version: a hash of its bytes in its name"
	case site.QueryRelease:
		return "give every release a version of its own"
	case site.QueryHash:
		return "make the hash from the bytes that are published"
	case site.DirectoryRewritten:
		return "make the server answer 404 with no-store to a version that it does not have"
	case site.Directory:
		return "publish every release under an id that was never used"
	case site.HashedName:
		return "make the hash after the last step that changes the file: it was made before"
	}
	return ""
}

// rebound is what a server with another build would answer otherwise, without what
// clashes anyway.
func (a *auditor) rebound() []site.Clash {
	told := map[string]bool{}
	for _, c := range a.table.Clashes() {
		told[c.URL] = true
	}
	var out []site.Clash
	for _, c := range a.table.Rebound() {
		if !told[c.URL] {
			out = append(out, c)
		}
	}
	return out
}

// diff is how the two files of a clash differ.
func (a *auditor) diff(c site.Clash) []string {
	read := func(x site.Bound) []byte {
		f, ok := a.builds[x.Index].File(x.Path)
		if !ok || f.SizeBytes > maxDiffBytes {
			return nil
		}
		b, err := a.builds[x.Index].Bytes(f)
		if err != nil {
			return nil // the finding stands without
		}
		return b
	}
	return difference(read(c.First), read(c.Second))
}

// some lists the first few names and counts the others.
func some(names []string) string {
	if len(names) <= maxNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), len(names)-maxNamed)
}
