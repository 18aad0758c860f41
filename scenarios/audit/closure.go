package audit

import (
	"fmt"
	"slices"

	"staleproof/scenarios/site"
)

// closure finds references that leave the release they stand in. What several
// builds have is told once, of the newest.
func (a *auditor) closure() []Finding {
	var out []Finding
	told := map[string]bool{}
	for _, b := range slices.Backward(a.builds) {
		for _, r := range b.References() {
			f, ok := a.leaves(b, r)
			key := string(f.Class) + "\x00" + a.name(r.FromURL) + "\x00" + a.name(r.URL)
			if ok && !told[key] {
				told[key] = true
				out = append(out, f)
			}
		}
	}
	return out
}

// leaves says how a reference leaves its release, if it does.
func (a *auditor) leaves(b *site.Build, r site.Reference) (Finding, bool) {
	if !r.Reachable || r.Target == "" || r.Via == site.ViaSourceMap {
		return Finding{}, false
	}
	f := Finding{Build: b.Name, URL: r.URL, Where: fmt.Sprintf("%s:%d", r.From, r.Line)}
	from, ok := b.File(r.From)
	page := !ok || from.Page
	switch {
	case r.Class == site.Escaping:
		f.Class = Escape
		f.What = fmt.Sprintf("%s %q leaves the versioned directory", r.Via, r.Raw)
		f.Repair = "write it relative to the file it stands in"
	case r.Class == site.VersionedOther:
		f.Class = Escape
		f.What = fmt.Sprintf("%s %q has another version than the rest of the build", r.Via, r.Raw)
		f.Repair = "refer to it everywhere by the version of this release"
		return f, true
	case r.Class == site.Bare && !page && a.strategy(r.FromURL) != site.Plain && a.strategy(r.URL) == site.Plain:
		f.Class = Bare
		f.What = fmt.Sprintf("%s %q has no version, in a file that has one", r.Via, r.Raw)
		f.Repair = "let the build tool rewrite references inside style sheets and scripts, too"
	default:
		return f, false
	}
	if f.Note = a.unchanged(r.URL); f.Note {
		f.What += "; so far every build has the same bytes there"
	}
	return f, true
}

// unchanged reports whether several builds have the file that a URL names, and all
// the same bytes.
func (a *auditor) unchanged(url string) bool {
	have := 0
	var first site.Hash
	for _, b := range a.builds {
		f, ok := b.Locate(url)
		if !ok {
			continue
		}
		if have == 0 {
			first = f.Hash
		}
		have++
		if f.Hash != first {
			return false
		}
	}
	return have > 1
}
