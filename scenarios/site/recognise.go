package site

import (
	"path"
	"sort"
	"strings"
)

// AssetURL is an asset as one build asks for it.
type AssetURL struct {
	Build string
	Index int // position of the build among those compared, from 0
	URL   string
	Path  string
	Hash  Hash
}

// Asset is one thing that pages ask for, over several builds.
type Asset struct {
	Name     string // its URL without what the strategy adds; * where a version stands
	Strategy Strategy
	Evidence string     // why this strategy
	URLs     []AssetURL // in order of builds, then of URL
}

// Recognise says of every asset that pages of the builds lead to how it is versioned.
// With several builds it also sees versions that only a comparison shows: the same
// asset, one part of its URL exchanged.
func Recognise(builds ...*Build) []Asset {
	var all []*seen
	for i, b := range builds {
		all = append(all, assetsOf(i, b)...)
	}
	pairDirectories(all)
	pairNames(all)
	byKey := map[string]*Asset{}
	var keys []string
	for _, s := range all {
		key := s.name + "\x00" + string(s.strategy)
		a := byKey[key]
		if a == nil {
			a = &Asset{Name: s.name, Strategy: s.strategy, Evidence: s.evidence}
			byKey[key] = a
			keys = append(keys, key)
		}
		a.URLs = append(a.URLs, s.at)
	}
	sort.Strings(keys)
	assets := make([]Asset, 0, len(keys))
	for _, k := range keys {
		assets = append(assets, *byKey[k])
	}
	return assets
}

// Prevailing returns the strategy that most assets have; on a tie the weaker one.
func Prevailing(assets []Asset) Strategy {
	count := map[Strategy]int{}
	for _, a := range assets {
		count[a.Strategy]++
	}
	best := Plain
	for _, s := range Strategies() {
		if count[s] > count[best] {
			best = s
		}
	}
	return best
}

// seen is one asset URL of one build, while its naming is still being worked out.
type seen struct {
	naming
	at AssetURL
}

// assetsOf lists what a browser can come to from the pages of b, in order of URL.
func assetsOf(index int, b *Build) []*seen {
	byURL := map[string]*File{}
	for _, r := range b.References() {
		if f := b.byPath[r.Target]; f != nil && r.Reachable && !f.Page {
			byURL[r.URL] = f
		}
	}
	list := make([]*seen, 0, len(byURL))
	for u, f := range byURL {
		list = append(list, &seen{naming: b.name(u, f), at: AssetURL{Build: b.Name, Index: index, URL: u, Path: f.Path, Hash: f.Hash}})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].at.URL < list[j].at.URL })
	return list
}

// alone returns the assets without a version whose URL not every build has.
func alone(all []*seen) []*seen {
	builds, having := map[int]bool{}, map[string]int{}
	for _, s := range all {
		builds[s.at.Index] = true
		having[s.at.URL]++
	}
	var list []*seen
	for _, s := range all {
		if s.strategy == Plain && having[s.at.URL] < len(builds) {
			list = append(list, s)
		}
	}
	return list
}

// directoryIn is a path segment as one build has it.
type directoryIn struct {
	segment string
	index   int
}

// pairDirectories finds a path segment that is another one in each build while the
// rest of the URL stays, for two assets at least.
func pairDirectories(all []*seen) {
	rest := alone(all)
	type spot struct {
		prefix string
		depth  int
	}
	values, shared := map[string]map[directoryIn]bool{}, map[spot]int{}
	each := func(do func(s *seen, at spot, pattern, segment string)) {
		for _, s := range rest {
			segments := strings.Split(s.at.URL, "/")
			for i := 1; i < len(segments)-1; i++ {
				at := spot{prefix: strings.Join(segments[:i], "/"), depth: i}
				pattern := at.prefix + "/*/" + strings.Join(segments[i+1:], "/")
				do(s, at, pattern, segments[i])
			}
		}
	}
	each(func(s *seen, _ spot, pattern, segment string) {
		if values[pattern] == nil {
			values[pattern] = map[directoryIn]bool{}
		}
		values[pattern][directoryIn{segment, s.at.Index}] = true
	})
	counted := map[string]bool{}
	each(func(_ *seen, at spot, pattern, _ string) {
		if len(values[pattern]) > 1 && !counted[pattern] {
			counted[pattern] = true
			shared[at]++
		}
	})
	each(func(s *seen, at spot, pattern, segment string) {
		if s.strategy == Plain && shared[at] >= 2 && len(values[pattern]) > 1 {
			s.naming = naming{strategy: Directory, token: segment, name: pattern, evidence: "in a directory that has another name in each build: " + segment}
			if !strings.HasSuffix("/"+s.at.Path, s.at.URL[strings.Index(s.at.URL, "/"+segment+"/"):]) {
				s.strategy = DirectoryRewritten
			}
		}
	})
}

// pairNames finds file names that differ between builds in one part only, where the
// part is six characters at least, with a digit or a capital within, and the file is found in no build twice.
func pairNames(all []*seen) {
	rest := alone(all)
	pattern := func(s *seen) []string {
		dir, base := path.Split(s.at.URL)
		parts := strings.FieldsFunc(base, func(r rune) bool { return strings.ContainsRune(".-_~", r) })
		var list []string
		for _, p := range parts[:max(0, len(parts)-1)] {
			if len(p) >= 6 && (anyDigit().MatchString(p) || strings.ToLower(p[1:]) != p[1:]) {
				list = append(list, dir+strings.Replace(base, p, "*", 1)+"\x00"+p)
			}
		}
		return list
	}
	builds := map[string]map[int]bool{}
	for _, s := range rest {
		for _, p := range pattern(s) {
			name, _, _ := strings.Cut(p, "\x00")
			if builds[name] == nil {
				builds[name] = map[int]bool{}
			}
			builds[name][s.at.Index] = true
		}
	}
	for _, s := range rest {
		for _, p := range pattern(s) {
			if name, token, _ := strings.Cut(p, "\x00"); s.strategy == Plain && len(builds[name]) > 1 {
				s.naming = naming{strategy: HashedName, token: token, name: name, evidence: "a part of its name is another one in each build: " + token}
			}
		}
	}
}
