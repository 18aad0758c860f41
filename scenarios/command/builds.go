package command

import (
	"fmt"
	"strings"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

// maxClashes is how many clashes are printed one by one.
const maxClashes = 20

// same reports whether two builds are the same files.
func same(a, b *site.Build) bool {
	if len(a.Files) != len(b.Files) {
		return false
	}
	for i := range a.Files {
		if a.Files[i].Path != b.Files[i].Path || a.Files[i].Hash != b.Files[i].Hash {
			return false
		}
	}
	return true
}

// strategyOf is the prover's name for how most assets are versioned, with what
// makes it weaker: references inside assets that are bare, and versioned URLs that
// stand for two files.
func strategyOf(assets []site.Asset, t *site.Table, after *site.Build) prove.Strategy {
	prevailing := site.Prevailing(assets)
	version := map[site.Strategy]prove.VersionIn{
		site.Plain: prove.InNothing, site.QueryRelease: prove.InQuery, site.QueryHash: prove.InQueryHash,
		site.DirectoryRewritten: prove.InRewrittenDir, site.Directory: prove.InDir, site.HashedName: prove.InName,
	}[prevailing]
	s := prove.Strategy{Version: version, NestedBare: version != prove.InNothing && bareInside(after)}
	if version != prove.InNothing && version != prove.InQuery && version != prove.InQueryHash {
		s.SameID = len(t.Clashes()) > 0 && !s.NestedBare
	}
	for _, known := range prove.Strategies() {
		if known.Version == s.Version && known.NestedBare == s.NestedBare && known.SameID == s.SameID {
			return known
		}
	}
	s.Name = string(prevailing)
	if s.NestedBare {
		s.Name += ", nested bare"
	}
	if s.SameID {
		s.Name += ", one URL for two files"
	}
	return s
}

// bareInside reports whether an asset refers to another one without its version.
func bareInside(b *site.Build) bool {
	for _, r := range b.References() {
		from, ok := b.File(r.From)
		if ok && !from.Page && r.Reachable && r.Target != "" && (r.Class == site.Bare || r.Class == site.Escaping) {
			return true
		}
	}
	return false
}

// describe says how the site versions its assets, and which URLs stand for two
// files.
func describe(assets []site.Asset, t *site.Table, s prove.Strategy) string {
	counts := map[site.Strategy]int{}
	for _, a := range assets {
		counts[a.Strategy]++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s:", plural(len(assets), "asset"))
	for _, k := range site.Strategies() {
		if counts[k] > 0 {
			fmt.Fprintf(&b, " %d %s,", counts[k], k)
		}
	}
	text := strings.TrimSuffix(b.String(), ",") + fmt.Sprintf("; proved as “%s”.\n", s.Name)
	clashes := t.Clashes()
	if len(clashes) == 0 {
		return text + "No URL stands for two files.\n"
	}
	which := fmt.Sprintf("%d URLs stand for two files each", len(clashes))
	if len(clashes) == 1 {
		which = "1 URL stands for two files"
	}
	text += which + ", so that whoever cached one shows the wrong one:\n"
	for i, c := range clashes {
		if i == maxClashes {
			text += fmt.Sprintf("  … and %d more\n", len(clashes)-i)
			break
		}
		text += "  " + c.String() + "\n"
	}
	return text
}
